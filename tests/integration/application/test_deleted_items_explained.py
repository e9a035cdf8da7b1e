"""What is deleted is explained by every name it had, over both databases."""

import pytest
import sqlalchemy as sa

from bridge.application.explain import Standing, explain
from bridge.domain.identifiers import Href
from bridge.errors import NotFound
from bridge.ical.calendar_object import CalendarObject
from bridge.store.journal_compaction import JOURNAL_KEPT
from bridge.sync.model import JournalState


@pytest.fixture
def sync(runner, connection, clock):
    """Return a function that runs the connection; time passes."""

    def run():
        clock.advance(seconds=1)
        return runner.run(connection.id)

    return run


@pytest.fixture
def told(database, connection):
    """Return a function that explains an item."""
    return lambda name: explain(database, connection, name)


@pytest.fixture
def item(sides, event_text):
    """Return an event, and one of its weekly kind."""

    def make(uid, *lines):
        text = event_text(uid).replace("END:VEVENT", "\r\n".join([*lines, "END:VEVENT"]))
        return CalendarObject.parse(text)

    return make


@pytest.fixture
def in_crm(database, user, now):
    """Return functions that store and delete an object of the user's own calendar."""

    class Calendar:
        def put(self, href, item):
            with database.write([user.id]) as work:
                calendar = work.calendars.calendar(user.id, "activities")
                work.calendars.put(calendar, Href(href), item, origin="client", now=now)

        def delete(self, href):
            with database.write([user.id]) as work:
                calendar = work.calendars.calendar(user.id, "activities")
                work.calendars.delete(calendar, Href(href), origin="client", now=now)

    return Calendar()


def test_what_somebody_deleted_in_the_crm_is_found_by_all_its_names(
    told, sync, item, sides, in_crm
):
    """UID, event id, id of a date, iCalUID, href and address; it says who, when, and until when."""
    weekly = item("one", "RRULE:FREQ=WEEKLY;COUNT=3")
    sides.activities.put("one.ics", weekly)
    in_crm.put("one.ics", weekly)
    sync()
    (event_id,) = told("one").google_event_ids
    in_crm.delete("one.ics")
    sides.activities.remove("one.ics")
    run = sync()
    (entry,) = run.entries
    names = (
        event_id,
        f"{event_id}_20260312T100000Z",
        f"{event_id}@google.com",
        "one.ics",
        "/dav/anna/activities/one.ics",
        "https://crm.example/dav/anna/activities/one%2Eics",
    )
    answer = told("one")
    assert {each: told(each) == answer for each in names} == dict.fromkeys(names, True)
    assert (answer.standing, answer.title) == (Standing.REMOVED, "A title")
    assert answer.sentence.startswith(
        "It is on neither side any more; somebody deleted it in the CRM or in a calendar program"
    )
    assert "it is in the trash until 2026-" in answer.sentence
    assert answer.trash_until == entry.at + JOURNAL_KEPT
    assert answer.last_write.id == entry.id
    assert answer.google_event_ids == ()


def test_what_somebody_deleted_at_google_says_so(told, sync, item, sides):
    """Before and after the run that has noticed that it is gone from the calendar, too."""
    sides.google.put("theirs123", item("theirs@google.com"))
    sync()
    uid = told("theirs123").uid
    sides.google.remove("theirs123")
    (entry,) = sync().entries
    for _ in range(2):
        answer = told("theirs123")
        assert (answer.uid, answer.standing) == (uid, Standing.REMOVED)
        assert "somebody deleted it at Google, which the sync saw on 2026-" in answer.sentence
        assert answer.last_write.id == entry.id
        assert answer.trash_until is not None
        sync()


def test_what_came_from_google_is_found_in_a_journal_without_names(
    database, told, sync, item, sides
):
    """As versions before wrote it; the UID was made from the event's id."""
    sides.google.put("theirs123", item("theirs@google.com"))
    sync()
    sides.google.remove("theirs123")
    sync()
    sync()
    with database.write() as work:
        work.connection.execute(sa.text("UPDATE journal SET event_id = '', href = ''"))
    assert told("theirs123").standing is Standing.REMOVED
    assert told("theirs123_20260305T100000Z").standing is Standing.REMOVED


def test_what_people_deleted_on_both_sides_is_not_in_the_trash(told, sync, item, sides):
    """No run deleted it, so that none can bring it back."""
    sides.activities.put("one.ics", item("one"))
    sync()
    (event_id,) = told("one").google_event_ids
    sides.activities.remove("one.ics")
    sides.google.remove(event_id)
    assert sync().entries == ()
    answer = told(event_id)
    assert (answer.standing, answer.trash_until) == (Standing.REMOVED, None)
    assert answer.sentence.startswith("It is on neither side any more; it is not in the trash; ")
    assert answer.last_write.state is JournalState.DONE


@pytest.mark.parametrize("name", ["one", "one.ics"])
def test_what_no_run_ever_met_is_known_by_its_deletion(told, in_crm, item, name):
    """Calendar programs are told of it for 90 days, and so are people."""
    in_crm.put("one.ics", item("one"))
    assert told(name).standing is Standing.NEW
    in_crm.delete("one.ics")
    answer = told(name)
    assert (answer.uid, answer.standing, answer.last_write) == ("one", Standing.REMOVED, None)
    assert answer.sentence == (
        "It is on neither side any more; somebody deleted it in the CRM or in a calendar program "
        "on 2026-03-02 09:00 UTC; it is not in the trash."
    )


def test_what_was_deleted_and_came_back_is_explained_as_it_is_now(told, sync, item, sides):
    """By its old names as well."""
    sides.activities.put("one.ics", item("one"))
    sync()
    (event_id,) = told("one").google_event_ids
    sides.activities.remove("one.ics")
    sync()
    sides.activities.put("one.ics", item("one"))
    sync()
    assert told(event_id).standing is Standing.AGREED
    assert told("one.ics").standing is Standing.AGREED


def test_a_single_date_that_is_cancelled_says_so(told, sync, item, sides):
    """Asked for by the id that Google gives the date; other dates say nothing of it."""
    series = item("one", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20260312T100000Z")
    sides.activities.put("one.ics", series)
    sync()
    event_id = told("one").google_event_ids[0]
    assert "; this one date of it is cancelled on both sides; " in (
        told(f"{event_id}_20260312T100000Z").sentence
    )
    assert "cancelled" not in told(f"{event_id}_20260319T100000Z").sentence


def test_a_name_that_nobody_knows_stays_unknown(told, sync, item, sides):
    """Whatever it looks like."""
    sides.activities.put("one.ics", item("one"))
    sync()
    for name in ("", "/", "nothing", "/dav/anna/activities/", "_x", "two@google.com", "%"):
        with pytest.raises(NotFound):
            told(name)
