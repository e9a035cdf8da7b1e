"""Guests and the own answer between both sides, with the lens of the real sync."""

from dataclasses import replace

import pytest

from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES, Attendee, Reply
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Side

ME = "me@example.com"
BOSS = {"email": "boss@example.com", "organizer": True, "responseStatus": "accepted"}
SELF = {"email": ME, "self": True, "responseStatus": "needsAction"}
INVITATION = {"organizer": {"email": "boss@example.com"}, "attendees": [BOSS, SELF]}


@pytest.fixture
def people(world):
    """Return a world that shows what the real lens shows, to change its options and its events."""
    return People(world)


class People:
    """A world with the real lens."""

    def __init__(self, world):
        self.world = world
        self.choose()

    def choose(self, **options):
        """Change options."""
        self.world.choose(**options)
        self.world.lens = GoogleLens(
            settings=self.world.settings,
            types=STOCK_TYPES,
            calendar_zone="UTC",
            own_addresses=[ME],
        )

    def event(self, **fields):
        """Put an event at Google, run, and return its UID in the calendar."""
        told = {
            "id": "event",
            "summary": "Talk",
            "start": {"dateTime": "2026-03-10T10:00:00Z", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-10T11:00:00Z", "timeZone": "UTC"},
        }
        item = event_to_object([told | fields], uid="event@google.com", calendar_zone="UTC")
        self.world.google.put("event", item)
        self.world.run()
        return self.world.ids.uid("event")

    def activity(self, *lines):
        """Put an activity into the calendar."""
        text = "\r\n".join(
            ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:u1",
             "DTSTAMP:20260101T000000Z", "DTSTART:20260310T100000Z", "CATEGORIES:Call",
             "X-CRM-ACTIVITY-TYPE:call", *lines, "END:VEVENT", "END:VCALENDAR", ""]
        )  # fmt: skip
        self.world.activities.put("u1.ics", CalendarObject.parse(text))

    def in_calendar(self, uid, **fields):
        """Edit an activity as a client does."""
        collection, name = self.world.place(uid)
        item = collection.objects()[name]
        view = replace(self.world.lens.calendar_view(item), **fields)
        collection.put(name, self.world.lens.put_calendar(view, item))


def test_the_own_answer_goes_out_to_an_event_one_may_only_read_and_nothing_else(people):
    """E3 and E4: what Google would refuse is put back and kept in the journal."""
    uid = people.event(**INVITATION)
    before = people.world.google.objects()["event"]
    people.in_calendar(uid, reply=Reply.ACCEPTED, title="Mine", busy=False)
    report = people.world.run()
    after = people.world.google.objects()["event"]
    assert event_patches(before, after).master == {
        "attendees": [{"email": ME, "responseStatus": "accepted"}],
        "attendeesOmitted": True,
    }
    assert people.world.crm(uid).title == "Talk"
    assert not people.world.crm(uid).busy
    assert any("title of calendar not kept: Mine" in entry.detail for entry in report.entries)
    assert people.world.run().entries == ()


def test_a_change_google_does_not_allow_is_put_back_at_once(people, schedule):
    """E4, without anything sent to Google."""
    uid = people.event(**INVITATION)
    before = people.world.crm(uid)
    people.in_calendar(uid, schedule=schedule(12), location="Elsewhere", done=True)
    report = people.world.run()
    assert {entry.side for entry in report.entries} == {Side.CALENDAR}
    assert people.world.crm(uid) == replace(before, done=True)
    assert people.world.run().entries == ()


def test_guests_and_their_answers_come_in(people):
    """E1: also later changes; unknown people stay addresses."""
    uid = people.event(attendees=[SELF, {"email": "B@example.com", "displayName": "Bea"}])
    bea = Attendee(email="b@example.com", name="Bea")
    assert people.world.crm(uid).attendees == (bea,)
    people.world.edit_google("event", attendees=(replace(bea, reply=Reply.DECLINED),))
    view = people.world.lens.google_view(people.world.google.objects()["event"])
    assert view.attendees == (bea,), "the lens lets nothing out"
    people.event(attendees=[SELF, {"email": "b@example.com", "responseStatus": "declined"}])
    assert people.world.crm(uid).attendees == (
        Attendee(email="b@example.com", reply=Reply.DECLINED),
    )


@pytest.mark.parametrize("out", [False, True])
def test_guests_go_out_only_where_the_user_wants_it(people, out):
    """E2: neither with a new event nor with a changed one."""
    people.choose(guests_out=out)
    people.activity("SUMMARY:Talk", "ATTENDEE;CN=Bea:mailto:b@example.com")
    people.world.run()
    name = people.world.own("u1")
    shown = people.world.google.objects()[name]
    assert ("b@example.com" in shown.text) is out
    more = (Attendee(email="a@example.com"), Attendee(email="b@example.com", name="Bea"))
    people.in_calendar("u1", attendees=more, title="Talk 2")
    people.world.run()
    view = people.world.event(name)
    assert view.title == "Talk 2"
    assert view.attendees == (more if out else ())
    assert people.world.run().entries == ()
    assert people.world.crm("u1").attendees == more


def test_guests_changed_on_both_sides_are_those_of_google(people):
    """Decision record 14: whom Google invited is a fact."""
    uid = people.event(attendees=[{"email": "b@example.com"}])
    people.choose(guests_out=True)
    people.in_calendar(uid, attendees=())
    people.event(attendees=[{"email": "b@example.com"}, {"email": "c@example.com"}])
    both = (Attendee(email="b@example.com"), Attendee(email="c@example.com"))
    assert people.world.crm(uid).attendees == people.world.event("event").attendees == both
