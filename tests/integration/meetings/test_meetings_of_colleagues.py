"""Colleagues who attend one meeting, from Google's page to the activities and back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.domain.activity import Activity
from bridge.domain.spans import TimedSpan


def shares(office, *names):
    """Return how many activities each has of a meeting, and how many copies."""
    told = {}
    for name in names:
        objects = office.objects(name)
        own = sum(1 for each in objects if each.activity_id is not None)
        told[name] = (own, sum(1 for each in objects if each.shared_id is not None))
    return told


def test_a_meeting_of_colleagues_is_one_activity(joined):
    """The organizer's, if his came first; both have it in their calendars and on their pages."""
    office = joined("anna", "ben")
    office.invite("anna", "ben")
    office.run("anna", "ben")
    assert shares(office, "anna", "ben") == {"anna": (1, 0), "ben": (0, 1)}
    assert [each.subject for each in office.activities("anna", "ben")] == ["Kick-off"]
    assert office.titles("anna") == office.titles("ben") == ["Kick-off"]


def test_whoever_comes_first_keeps_it_and_one_invited_later_shares_it(joined):
    """A guest may keep it, and an event that had no guests at first is shared as well."""
    office = joined("anna", "ben", "cyril")
    event = office.invite("anna", "ben")
    alone = office.invite("anna", summary="Alone")
    office.run("ben", "anna")
    guests = [{"email": "ben@example.com"}, {"email": "cyril@example.com"}]
    for each in (event, alone):
        office.act("anna", "edit", event=each, fields={"attendees": guests})
    office.run("cyril", "ben", "anna")
    assert shares(office, "anna", "ben", "cyril") == {
        "anna": (1, 1),
        "ben": (1, 1),
        "cyril": (0, 2),
    }
    kept = {each.subject: each.owner_id for each in office.activities("anna", "ben", "cyril")}
    assert kept == {
        "Kick-off": office.user("ben").id,
        "Alone": office.user("anna").id,
    }


def test_a_new_time_reaches_both_and_one_activity(joined):
    """Each connection tells its own calendar; the keeper's tells the activity, too."""
    office = joined("anna", "ben")
    event = office.invite("anna", "ben")
    office.run("anna", "ben")
    later = office.tomorrow + timedelta(hours=3)
    office.act("anna", "move", event=event, to=f"{later:%Y-%m-%dT%H:%M:%S}")
    office.act("anna", "edit", event=event, fields={"summary": "Kick-off, moved"})
    office.run("ben")
    (activity,) = office.activities("anna", "ben")
    assert activity.subject == "Kick-off"
    assert office.titles("ben") == ["Kick-off, moved"]
    office.run("anna")
    (activity,) = office.activities("anna", "ben")
    assert activity.subject == "Kick-off, moved"
    starts = {name: office.objects(name)[0].first_utc for name in ("anna", "ben")}
    assert starts["anna"] == starts["ben"] == activity.span.start_utc


def test_an_answer_of_a_colleague_is_the_colleagues_own(joined):
    """It goes to Google and round to the keeper, and shares no less than before."""
    office = joined("anna", "ben")
    event = office.invite("anna", "ben")
    office.run("anna", "ben")
    office.act("ben", "reply", event=event, reply="accepted")
    office.run("ben", "anna")
    assert "PARTSTAT=ACCEPTED" in office.objects("ben")[0].text
    (activity,) = office.activities("anna", "ben")
    assert [str(guest.reply) for guest in activity.attendees] == ["accepted"]
    assert shares(office, "anna", "ben") == {"anna": (1, 0), "ben": (0, 1)}


def test_when_the_keeper_deletes_it_at_google_a_guest_keeps_it(joined):
    """A guest's copy that goes is one guest's; the meeting is on."""
    office = joined("anna", "ben", "cyril")
    event = office.invite("cyril", "anna", "ben")
    office.run("anna", "ben", "cyril")
    assert shares(office, "anna", "ben", "cyril")["anna"] == (1, 0)
    office.act("anna", "delete", event=event)
    office.run("anna", "ben", "cyril")
    assert shares(office, "anna", "ben", "cyril") == {
        "anna": (0, 0),
        "ben": (1, 0),
        "cyril": (0, 1),
    }
    assert [each.owner_id for each in office.activities("anna", "ben", "cyril")] == [
        office.user("ben").id
    ]
    office.act("cyril", "edit", event=event, fields={"summary": "Still on"})
    office.run("ben", "cyril")
    assert [each.subject for each in office.activities("ben")] == ["Still on"]


def test_when_a_guest_leaves_the_keepers_activity_stays(joined):
    """Only the share goes."""
    office = joined("anna", "ben")
    event = office.invite("anna", "ben")
    office.run("anna", "ben")
    office.act("ben", "delete", event=event)
    office.run("ben", "anna")
    assert shares(office, "anna", "ben") == {"anna": (1, 0), "ben": (0, 0)}


def test_a_meeting_that_is_called_off_is_gone_for_all(joined):
    """In whatever order the connections hear of it; nothing comes back."""
    office = joined("anna", "ben")
    event = office.invite("anna", "ben")
    office.run("anna", "ben")
    office.act("anna", "delete", event=event)
    office.run("anna", "ben", "anna", "ben")
    assert shares(office, "anna", "ben") == {"anna": (0, 0), "ben": (0, 0)}
    assert office.activities("anna", "ben") == []


def test_workers_that_bring_it_at_once_make_one_activity(joined):
    """Whoever comes second shares."""
    office = joined("anna", "ben", "cyril")
    for number in range(3):
        office.invite("anna", "ben", "cyril", summary=f"Meeting {number}")
    office.run_together("anna", "ben", "cyril")
    office.run("anna", "ben", "cyril")
    assert len(office.activities("anna", "ben", "cyril")) == 3
    for name in ("anna", "ben", "cyril"):
        assert len(office.objects(name)) == 3


def test_a_sync_that_ends_with_a_farewell_passes_its_meetings_on(joined):
    """What came from Google is taken away here, and is the colleague's from then on."""
    office = joined("anna", "ben", "cyril")
    office.invite("cyril", "anna", "ben")
    office.run("anna", "ben")
    office.farewell("anna")
    assert shares(office, "anna", "ben") == {"anna": (0, 0), "ben": (1, 0)}


def test_a_reconnected_colleague_still_shares(joined):
    """The object that was kept is taken for the same one."""
    office = joined("anna", "ben")
    office.invite("anna", "ben")
    office.run("anna", "ben")
    office.core.connecting.disconnect(office.syncs["ben"])
    office.connect(office.user("ben"), "ben@example.com")
    office.run("ben", "anna")
    assert shares(office, "anna", "ben") == {"anna": (1, 0), "ben": (0, 1)}
    assert len(office.activities("anna", "ben")) == 1


def made_in_the_crm(office, name, *guests):
    """Let the CRM make an activity, which goes to Google, and invite colleagues there."""
    user = office.user(name)
    span = TimedSpan(start=office.tomorrow, end=office.tomorrow + timedelta(hours=1))
    activity = Activity(
        company_id=user.company_id,
        owner_id=user.id,
        type_key="meeting",
        subject="Made here",
        note="Ours",
        span=span,
    )
    with office.core.database.write([user.id]) as work:
        work.activities.add(activity, now=office.core.clock.now())
    office.run(name)
    (event,) = (one for one in office.events(name) if one["summary"] == "Made here")
    attendees = [{"email": f"{guest}@example.com"} for guest in guests]
    office.act(name, "edit", event=event["id"], fields={"attendees": attendees})
    return event["id"]


def test_a_meeting_made_in_the_crm_is_shared_with_invited_colleagues(joined):
    """Its UID here is another one than that of the guests' copies; the event is the same."""
    office = joined("anna", "ben", "cyril")
    event = made_in_the_crm(office, "anna", "ben", "cyril")
    office.run("ben", "anna", "cyril")
    assert shares(office, "anna", "ben", "cyril") == {
        "anna": (1, 0),
        "ben": (0, 1),
        "cyril": (0, 1),
    }
    office.act("anna", "edit", event=event, fields={"summary": "Renamed"})
    office.run("anna", "ben")
    assert [each.subject for each in office.activities("anna", "ben", "cyril")] == ["Renamed"]
    assert office.titles("ben") == ["Renamed"]


def test_a_meeting_made_in_the_crm_passes_on_when_its_record_goes(joined):
    """The colleague's own copy carries it until Google has called the meeting off."""
    office = joined("anna", "ben")
    event = made_in_the_crm(office, "anna", "ben")
    office.run("ben", "anna")
    (kept,) = office.activities("anna", "ben")
    with office.core.database.write([kept.owner_id]) as work:
        work.activities.delete(kept.id, now=office.core.clock.now())
    (inherited,) = office.activities("anna", "ben")
    assert (inherited.id, inherited.note) == (kept.id, "Ours")
    assert inherited.owner_id == office.user("ben").id
    assert shares(office, "anna", "ben") == {"anna": (0, 0), "ben": (1, 0)}
    office.act("anna", "delete", event=event)
    office.run("anna", "ben")
    assert office.activities("anna", "ben") == []


def test_a_series_is_shared_as_a_whole(joined):
    """With its single dates, each in one's own copy."""
    office = joined("anna", "ben")
    weekly = {"timeZone": "Europe/Prague"}
    start = {"dateTime": f"{office.tomorrow:%Y-%m-%dT%H:%M:%S}", **weekly}
    end = {"dateTime": f"{office.tomorrow + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}", **weekly}
    office.invite("anna", "ben", start=start, end=end, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    office.run("anna", "ben")
    assert shares(office, "anna", "ben") == {"anna": (1, 0), "ben": (0, 1)}
    assert office.titles("ben") == ["Kick-off"] * 3


def test_other_companies_have_activities_of_their_own(joined):
    """Even of one meeting."""
    office = joined("anna")
    joined("ben", company="Globex")
    office.invite("anna", "ben")
    office.run("anna", "ben")
    assert shares(office, "anna", "ben") == {"anna": (1, 0), "ben": (1, 0)}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_title_that_a_guest_may_not_change_is_put_back_in_the_guests_copy(joined):
    """The activity never had it."""
    office = joined("anna", "ben")
    office.invite("anna", "ben")
    office.run("anna", "ben")
    ben = office.user("ben").id
    with office.core.database.write([ben]) as work:
        calendar = work.calendars.calendar(ben, "activities")
        (stored,) = work.calendars.objects(calendar)
        item = type(stored.object).parse(stored.text.replace("Kick-off", "Mine"))
        work.calendars.put(
            calendar, stored.href, item, origin="client", now=office.core.clock.now()
        )
    office.run("ben", "anna")
    assert office.titles("ben") == ["Kick-off"]
    assert [each.subject for each in office.activities("anna", "ben")] == ["Kick-off"]
    assert shares(office, "anna", "ben") == {"anna": (1, 0), "ben": (0, 1)}
