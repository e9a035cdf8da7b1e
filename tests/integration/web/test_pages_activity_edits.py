"""Adding, editing, finishing and deleting an activity on its pages."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.activity import STOCK_TYPES, Activity, Attendee, Reply
from bridge.domain.identifiers import ActivityId
from bridge.domain.spans import AllDaySpan, TimedSpan

NEW = "/activities/new"
CALL = {"type": "call", "subject": "Call Eva", "date": "2026-03-10", "time": "10:00"}


@pytest.fixture
def anna(browser):
    """A browser in which Anna is signed in."""
    browser.sign_in()
    return browser


@pytest.fixture
def stored(database, user):
    """Return a function that reads Anna's living activities, or one of them by its number."""

    def read(number=None):
        with database.read() as work:
            if number is not None:
                return work.activities.get(ActivityId(number))
            return list(work.activities.list(user.id))

    return read


@pytest.fixture
def object_of(database):
    """Return a function that reads the text of an activity's calendar object."""

    def read(number):
        with database.read() as work:
            found = work.activities.object_of(ActivityId(number))
        return "" if found is None else found.text

    return read


@pytest.fixture
def add(anna, stored):
    """Return a function that adds an activity by the form and returns it as stored."""

    def added(**more):
        answer = anna.post(NEW, **{**CALL, **more})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return stored()[-1]

    return added


def _form(page):
    """Return the fields of the form of an activity as a browser would send them."""
    part = re.search(r'<form class="card activity".*?</form>', page, re.DOTALL)[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", part):
        name, value = (re.search(rf' {key}="([^"]*)"', tag) for key in ("name", "value"))
        ticked = not re.search(r'type="(checkbox|radio)"', tag) or " checked" in tag
        if name and ticked:
            fields.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
    for name, inner in re.findall(
        r'<select id="\w+" name="(\w+)".*?>(.*?)</select>', part, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        fields[name] = [chosen[1] if chosen else ""]
    for name, text in re.findall(
        r'<textarea id="\w+" name="(\w+)"[^>]*>\n(.*?)</textarea>', part, re.DOTALL
    ):
        fields[name] = [html.unescape(text)]
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}


def _edited(anna, number, drop=(), **changes):
    """Open an activity, change fields, send the form."""
    fields = {**_form(anna.text(f"/activities/{number}")), **changes}
    return anna.post(f"/activities/{number}", **{k: v for k, v in fields.items() if k not in drop})


def test_a_quick_call_is_stored_with_its_object(add, object_of, anna):
    """Four fields are enough; the time is Anna's, and the sheet of that day comes next."""
    made = add()
    start = datetime(2026, 3, 10, 9, tzinfo=UTC)
    assert made.span == TimedSpan(
        start=start, end=start + timedelta(minutes=30), zone="Europe/Prague"
    )
    assert "SUMMARY:Call Eva" in object_of(made.id)
    page = anna.get("/activities?on=2026-03-10").get_data(as_text=True)
    assert "“Call Eva” is added." in page


def test_a_very_long_subject_is_told_in_part(add, anna):
    """Notices travel in a cookie, and browsers drop large ones."""
    made = add(subject="ž" * 1000)
    assert made.subject == "ž" * 1000
    assert f"“{'ž' * 80}…” is added." in anna.text("/activities?on=2026-03-10")


def test_everything_that_can_be_entered_is_stored_and_shown_again(anna, add, database, user, now):
    """A form sent back as it came changes nothing, not even the revision."""
    with database.write() as work:
        work.contacts.add_person(user.company_id, "Eva Malá", email="eva@acme.example", now=now)
        work.contacts.add_organization(user.company_id, "Acme", now=now)
        work.contacts.add_deal(user.company_id, "Big one", now=now)
    made = add(
        type="meeting", minutes="45", repeat="WEEKLY", interval="2", weekdays=["1", "3"],
        ends="until", until="2026-06-30", busy="free", private="1", person="Eva Malá",
        organization="Acme", deal="Big one", location="Hall", description="\n a <b>\r\nc",
        note="secret",
    )  # fmt: skip
    assert made.recurrence == ("RRULE:FREQ=WEEKLY;UNTIL=20260630T215959Z;INTERVAL=2;BYDAY=TH,TU",)
    assert (made.busy, made.private, made.note) == (False, True, "secret")
    assert (made.person.email, made.organization.name, made.deal.title) == (
        "eva@acme.example",
        "Acme",
        "Big one",
    )
    assert made.public_description == "\n a <b>\nc"
    with database.read() as work:
        before = work.activities.object_of(made.id)
    assert _edited(anna, made.id).status_code == 302
    with database.read() as work:
        assert work.activities.object_of(made.id) == before
        assert work.activities.get(made.id) == made


def test_an_edit_follows_into_the_calendar(anna, add, stored, object_of):
    """Moved, made all-day, turned into a task: the object is where the type says."""
    made = add()
    assert _edited(anna, made.id, time="11:30", minutes="60").status_code == 302
    assert "DTSTART;TZID=Europe/Prague:20260310T113000" in object_of(made.id)
    assert _edited(anna, made.id, all_day="1", last_date="2026-03-11").status_code == 302
    expected = AllDaySpan(start=date(2026, 3, 10), end=date(2026, 3, 12))
    assert stored(made.id).span == expected
    assert _edited(anna, made.id, drop=["all_day"], type="task", time="16:00").status_code == 302
    text = object_of(made.id)
    assert "BEGIN:VTODO" in text
    assert "DUE;TZID=Europe/Prague:20260310T160000" in text
    assert _edited(anna, made.id, date="", drop=["time"]).status_code == 302
    assert stored(made.id).span is None
    assert _edited(anna, made.id, date="2026-03-10", time="16:00").status_code == 302
    assert "DUE;TZID=Europe/Prague:20260310T160000" in object_of(made.id)


def test_a_time_that_the_clock_skips_is_told(anna, add):
    """On 29 March 2026 clocks in Prague go from 02:00 to 03:00."""
    made = add(date="2026-03-29", time="02:30")
    assert made.span.start_utc == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    page = anna.text("/activities?on=2026-03-29")
    assert "There is no 02:30 on that day, as clocks are set forward: it is 03:30." in page


def test_a_stale_form_stores_nothing_and_shows_both_versions(anna, add, stored, database, now):
    """What was entered stands in the form; sent again, it is stored knowingly."""
    made = add()
    fields = _form(anna.text(f"/activities/{made.id}"))
    with database.write([made.owner_id]) as work:
        work.activities.update(replace(made, subject="Call <i>Eve</i>", done=True), now=now)
    mine = {**fields, "subject": "Call Eva at home", "location": "Her house"}
    answer = anna.post(f"/activities/{made.id}", **mine)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert stored(made.id).subject == "Call <i>Eve</i>"
    assert '<td data-of="Yours">Call Eva at home</td>' in page
    assert '<td data-of="Stored now">Call &lt;i&gt;Eve&lt;/i&gt;</td>' in page
    assert '<td data-of="Yours">no</td><td data-of="Stored now">yes</td>' in page
    again = _form(page)
    assert (again["subject"], again["location"]) == ("Call Eva at home", "Her house")
    assert anna.post(f"/activities/{made.id}", **again).status_code == 302
    assert (stored(made.id).subject, stored(made.id).done) == ("Call Eva at home", False)


def test_a_stale_and_refused_form_is_still_stale_when_it_is_mended(
    anna, add, stored, database, now
):
    """A refusal in between is no look at what is stored."""
    made = add()
    fields = _form(anna.text(f"/activities/{made.id}"))
    with database.write([made.owner_id]) as work:
        work.activities.update(replace(made, subject="Theirs"), now=now)
    refused = anna.post(f"/activities/{made.id}", **{**fields, "subject": "Mine", "minutes": "x"})
    assert refused.status_code == 400
    mended = {**_form(refused.get_data(as_text=True)), "minutes": "30"}
    assert anna.post(f"/activities/{made.id}", **mended).status_code == 409
    assert stored(made.id).subject == "Theirs"


def test_a_change_by_another_program_makes_a_form_stale(anna, add, stored, database):
    """Also before anybody reconciled it."""
    from sqlalchemy import text  # noqa: PLC0415 - another program's statement

    made = add()
    fields = _form(anna.text(f"/activities/{made.id}"))
    with database.write() as work:
        work.connection.execute(
            text("UPDATE activities SET subject = 'Theirs' WHERE id = :id"), {"id": made.id}
        )
    answer = anna.post(f"/activities/{made.id}", **{**fields, "subject": "Mine"})
    assert answer.status_code == 409
    assert stored(made.id).subject == "Theirs"


def test_an_edit_of_what_was_deleted_meanwhile_can_be_kept_as_a_new_one(
    anna, add, stored, database, now
):
    """Nothing that was entered is lost."""
    made = add()
    fields = _form(anna.text(f"/activities/{made.id}"))
    with database.write([made.owner_id]) as work:
        work.activities.delete(made.id, now=now)
    answer = anna.post(f"/activities/{made.id}", **{**fields, "subject": "Still mine"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "was deleted while you wrote" in page
    assert f'action="{NEW}"' in page
    assert anna.post(NEW, **_form(page)).status_code == 302
    assert [each.subject for each in stored()] == ["Still mine"]


def test_a_refused_form_comes_back_as_it_was_sent(anna, stored):
    """With the reason, at the field it is about."""
    answer = anna.post(NEW, **{**CALL, "subject": "Mine", "repeat": "WEEKLY", "weekdays": ["4"]})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "The first date is a Tuesday, which is not one of the days of the series." in page
    assert re.search(r'<fieldset class="weekdays" aria-describedby="refusal', page)
    fields = _form(page)
    assert (fields["subject"], fields["repeat"], fields["weekdays"]) == ("Mine", "WEEKLY", "4")
    assert stored() == []


def test_guests_are_told_with_their_answers_and_as_the_persons_they_are(anna, add, database, now):
    """By the address; who is nobody stays as the calendar names them."""
    made = add()
    guests = (
        Attendee(email="EVA@acme.example", name="eva m", reply=Reply.ACCEPTED),
        Attendee(email="jan@acme.example"),
    )
    with database.write([made.owner_id]) as work:
        work.activities.update(replace(made, attendees=guests), now=now)
        work.contacts.add_person(made.company_id, "Eva <Malá>", email="eva@acme.example", now=now)
    page = anna.text(f"/activities/{made.id}")
    assert "Eva &lt;Malá&gt; (accepted, in the CRM), jan@acme.example (needs action)" in page


def test_contacts_are_named_and_a_shared_name_needs_its_number(anna, add, stored, database, now):
    """Those of another company do not exist."""
    with database.write() as work:
        user = work.users.by_login("anna")
        first = work.contacts.add_person(user.company_id, "Jan Novák", now=now)
        work.contacts.add_person(user.company_id, "Jan Novák", now=now)
        other = work.companies.add("Other", now)
        work.contacts.add_person(other.id, "Of the other company", now=now)
    page = anna.text(NEW)
    assert f'<option value="Jan Novák #{first.id}">' in page
    assert "Of the other company" not in page
    for name, said in (("Jan Novák", "2 persons are named"), ("Of the other company", "no person")):
        answer = anna.post(NEW, **CALL, person=name)
        assert answer.status_code == 400
        assert said in answer.get_data(as_text=True)
    made = add(person=f"Jan Novák #{first.id}")
    assert made.person.id == first.id
    # The name that the form shows means the person that is linked.
    assert _edited(anna, made.id, subject="Other").status_code == 302
    assert stored(made.id).person.id == first.id
    assert _edited(anna, made.id, person="").status_code == 302
    assert stored(made.id).person is None


def test_done_is_one_press_and_touches_nothing_else(anna, add, stored):
    """From a list, there and back; the list is shown again."""
    made = add(note="n")
    path = f"/activities/{made.id}/done"
    answer = anna.post(path, done="1", view="list", on="2026-03-10", show="open")
    assert answer.headers["Location"] == "/activities?view=list&on=2026-03-10&show=open"
    done = stored(made.id)
    assert done.done
    assert done.done_at is not None
    assert anna.post(path, done="0").status_code == 302
    again = stored(made.id)
    assert replace(again, updated_at=made.updated_at) == made


def test_a_series_is_not_done_as_a_whole(anna, add, stored):
    """Done belongs to the instance (contract section 6)."""
    made = add(repeat="DAILY")
    assert anna.post(f"/activities/{made.id}/done", done="1").status_code == 400
    answer = _edited(anna, made.id, done="1")
    assert answer.status_code == 400
    assert "A series is done date by date, not as a whole." in answer.get_data(as_text=True)
    assert not stored(made.id).done


def test_an_own_rule_and_single_changes_survive_an_edit(anna, database, user, now, stored):
    """The form cannot show such a rule; it says so and leaves it."""
    start = datetime(2026, 3, 10, 9, tzinfo=UTC)
    with database.write([user.id]) as work:
        made = work.activities.add(
            Activity(
                company_id=user.company_id, owner_id=user.id, type_key="call", subject="x",
                span=TimedSpan(
                    start=start, end=start + timedelta(hours=1), zone="America/New_York"
                ),
                recurrence=("RRULE:FREQ=MONTHLY;BYDAY=2TU",),
            ),
            now=now,
        )  # fmt: skip
    page = anna.text(f"/activities/{made.id}")
    assert '<option value="own" selected>' in page
    assert "It keeps time by America/New_York, where it is 05:00." in page
    assert _edited(anna, made.id, subject="y", time="11:00").status_code == 302
    assert stored(made.id).recurrence == made.recurrence
    later = start + timedelta(hours=1)
    assert stored(made.id).span == replace(made.span, start=later, end=later + timedelta(hours=1))


def test_after_an_edit_the_sheet_goes_on_where_the_activity_is(anna, add):
    """A single one where it was moved to, a series where it was looked at."""
    made = add()
    moved = _edited(anna, made.id, date="2026-05-06", view="week", on="2026-03-10")
    assert moved.headers["Location"] == "/activities?view=week&on=2026-05-06"
    _edited(anna, made.id, repeat="WEEKLY")
    series = _edited(anna, made.id, subject="Other", view="month", on="2026-08-01")
    assert series.headers["Location"] == "/activities?view=month&on=2026-08-01"


def test_a_type_that_is_none_is_shown_and_not_replaced_unseen(anna, add, database, stored):
    """Another program wrote it; somebody has to choose one that there is."""
    from sqlalchemy import text  # noqa: PLC0415 - another program's statement

    made = add()
    with database.write() as work:
        work.connection.execute(
            text("UPDATE activities SET type_key = 'odd', crmdav_revision = 99")
        )
    answer = _edited(anna, made.id, subject="Other")
    assert answer.status_code == 400
    assert "There is no such activity type." in answer.get_data(as_text=True)
    assert stored(made.id).type_key == "odd"


def test_a_deletion_is_of_what_was_seen(anna, add, stored, database, now):
    """Changed meanwhile, it stays and is shown as it is now; then it goes."""
    made = add()
    page = anna.text(f"/activities/{made.id}")
    version = _form(page)["version"]
    with database.write([made.owner_id]) as work:
        work.activities.update(replace(made, note="important"), now=now)
    answer = anna.post(f"/activities/{made.id}/delete", version=version)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "it was not deleted" in page
    assert "important</textarea>" in page
    assert stored(made.id).deleted_at is None
    version = _form(page)["version"]
    answer = anna.post(
        f"/activities/{made.id}/delete", version=version, view="week", on="2026-03-10"
    )
    assert answer.headers["Location"] == "/activities?view=week&on=2026-03-10"
    assert stored() == []
    assert anna.get(f"/activities/{made.id}").status_code == 404
    assert anna.post(f"/activities/{made.id}/delete", version=version).status_code == 302


def test_state_changes_need_the_sessions_token(anna, add, stored):
    """S15: neither without it, nor by GET."""
    made = add()
    for path in (
        NEW,
        f"/activities/{made.id}",
        f"/activities/{made.id}/done",
        f"/activities/{made.id}/delete",
    ):
        assert anna.post(path, csrf_token="forged", **CALL).status_code == 403
    assert anna.get(f"/activities/{made.id}/delete").status_code == 405
    assert anna.get(f"/activities/{made.id}/done").status_code == 405
    assert stored() == [made]


def test_inactive_types_are_offered_only_where_they_are_used(anna, add, database, user):
    """An admin took one out of use; what has it can still be edited."""
    made = add(type="lunch")
    lunch = next(each for each in STOCK_TYPES if each.key == "lunch")
    with database.write() as work:
        work.types.save(user.company_id, replace(lunch, active=False))
    assert 'value="lunch"' not in anna.text(NEW)
    assert 'value="lunch" checked' in anna.text(f"/activities/{made.id}")


def test_a_long_description_is_not_cut(anna, add, stored, database, now):
    """It came from elsewhere; an edit of another field leaves it."""
    made = add()
    with database.write([made.owner_id]) as work:
        work.activities.update(replace(made, public_description="x" * 60_000), now=now)
    page = anna.text(f"/activities/{made.id}")
    assert "Too long for this page; it stays as it is." in page
    assert len(page) < 60_000
    assert _edited(anna, made.id, subject="Other").status_code == 302
    assert len(stored(made.id).public_description) == 60_000
    assert anna.post(NEW, **CALL, note="ž" * 20_000).status_code == 302


def test_one_activity_can_be_kept_out_of_the_sync_and_let_in_again(anna, add, stored, object_of):
    """The switch is on the form, in the store and in the object that the sync reads."""
    made = add(do_not_sync="1")
    assert made.do_not_sync
    assert "X-CRM-SYNC:FALSE" in object_of(made.id)
    assert _form(anna.text(f"/activities/{made.id}"))["do_not_sync"] == "1"
    _edited(anna, made.id, subject="Call Eva again")
    assert stored(made.id).do_not_sync
    _edited(anna, made.id, drop=("do_not_sync",))
    assert not stored(made.id).do_not_sync
    assert "X-CRM-SYNC" not in object_of(made.id)
