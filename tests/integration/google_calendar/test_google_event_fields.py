"""Reminders, guests, answers, conferences and texts, on their way to Google and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import quote

import pytest

from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES, Attendee, Reply
from bridge.domain.sync_settings import SyncSettings
from bridge.google_calendar.collection import GoogleCollection
from bridge.ical.calendar_object import CalendarObject

INSTALL_KEY = bytes(range(32))
SETTINGS = SyncSettings(
    incoming_type="meeting", outgoing_types=frozenset({"call"}), sync_from=date(2026, 1, 1)
)
TIMES = {
    "start": {"dateTime": "2026-03-10T10:00:00Z"},
    "end": {"dateTime": "2026-03-10T11:00:00Z"},
}
BOSS = "boss@elsewhere.example"


@pytest.fixture
def lens(google):
    """Return a function that makes the account's lens with changed settings."""

    def make(**changes):
        return GoogleLens(
            settings=replace(SETTINGS, **changes),
            types=STOCK_TYPES,
            calendar_zone="Europe/Berlin",
            own_addresses=[google.account.email],
        )

    return make


@pytest.fixture
def activity():
    """Return a function that makes a calendar object with these lines."""

    def make(*lines):
        text = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:u1",
            "DTSTAMP:20260101T000000Z", "DTSTART:20260310T100000Z", "DURATION:PT1H",
        ]  # fmt: skip
        return CalendarObject.parse("\r\n".join([*text, *lines, "END:VEVENT", "END:VCALENDAR", ""]))

    return make


@pytest.fixture
def own_calendar(google, google_session):
    """Return the collection over the account's own calendar, where invitations arrive."""
    calendar = google_session.calendar(google.account.email)
    return GoogleCollection(google_session, calendar, install_key=INSTALL_KEY)


def written(collection, item, changed):
    """Write an item over the version that was read."""
    return collection.update(
        item.name, changed, base=item.object, if_match=item.etag, parts=item.parts
    )


def stored(google, collection, name):
    """Return the event as its owner sees it."""
    return google.user("GET", f"calendars/{quote(collection.id, safe='')}/events/{name}")


ALARMS = [
    line
    for minutes in (10, 1440, 30, 5, 60, 90)
    for line in ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-PT{minutes}M", "END:VALARM")
]


def test_all_that_an_activity_says_is_taken_by_google_and_read_as_the_same(
    google_collection, google, lens, activity
):
    """Nothing is refused, nothing is read back as another thing."""
    chosen = lens(guests_out=True, title_template="{subject} · {organization}")
    item = activity(
        "SUMMARY:✓ Call", "X-CRM-ORGANIZATION:Acme", "URL:https://crm.example/9", *ALARMS,
        "CONFERENCE;VALUE=URI:https://zoom.example/j/1?a=1&b=2", "DESCRIPTION:Bring <b>cake</b>",
        "ATTENDEE;CN=Bea;ROLE=OPT-PARTICIPANT:mailto:Bea@Other.example",
    )  # fmt: skip
    made = google_collection.insert(google_collection.name_for("u1"), chosen.new_for_google(item))
    assert chosen.google_view(made.object) == chosen.calendar_view(item)
    event = stored(google, google_collection, made.name)
    assert event["source"] == {"title": "CRM", "url": "https://crm.example/9"}
    assert event["summary"] == "✓ Call · Acme"
    minutes = sorted(each["minutes"] for each in event["reminders"]["overrides"])
    assert minutes == [5, 10, 30, 60, 90]
    assert google.control("GET", "mail") == []


def test_reminders_lead_to_each_other_in_every_direction(google_collection, lens, activity):
    """Google refuses default and own reminders at once; a patch never says both."""
    chosen = lens()
    item = google_collection.insert(
        google_collection.name_for("u1"), chosen.new_for_google(activity())
    )
    for wanted in ((10, 20), (), None, (1, 2, 3, 4, 40320), None, ()):
        view = replace(chosen.google_view(item.object), reminders=wanted)
        item = written(google_collection, item, chosen.put_google(view, item.object))
        assert chosen.google_view(item.object).reminders == wanted


def test_a_conference_of_googles_survives_every_edit_of_ours(
    google_collection, google, lens, activity
):
    """No write of ours says anything of conferences."""
    chosen = lens()
    made = google_collection.insert(
        google_collection.name_for("u1"), chosen.new_for_google(activity("SUMMARY:Call"))
    )
    path = f"calendars/{quote(google_collection.id, safe='')}/events/{made.name}"
    request = {"requestId": "1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    google.user(
        "PATCH", f"{path}?conferenceDataVersion=1", {"conferenceData": {"createRequest": request}}
    )
    google.control("POST", "clock", advance_seconds=10)
    (item,) = google_collection.changes(None).items
    meet = chosen.google_view(item.object).conference
    assert meet.startswith("https://meet.google.com/")
    for link in ("https://zoom.example/1", "", meet):
        view = replace(chosen.google_view(item.object), conference=link, title=f"Call {link}")
        item = written(google_collection, item, chosen.put_google(view, item.object))
        assert stored(google, google_collection, made.name)["hangoutLink"] == meet
        assert chosen.google_view(item.object).conference == (link or meet)


def test_an_invitation_is_answered_without_touching_the_other_guests(own_calendar, google, lens):
    """E3: the account may say nothing else of it, and the organizer hears."""
    guests = [{"email": google.account.email}, {"email": "bea@elsewhere.example"}]
    google.control(
        "POST",
        "invitations",
        organizer=BOSS,
        event={"summary": "Talk", **TIMES, "attendees": guests},
    )
    (item,) = own_calendar.changes(None).items
    chosen = lens()
    view = chosen.google_view(item.object)
    assert chosen.google_facts(item.object).read_only
    assert view.reply is Reply.NEEDS_ACTION
    assert Attendee(email="bea@elsewhere.example") in view.attendees
    answered = chosen.put_google(replace(view, reply=Reply.TENTATIVE), item.object)
    item = written(own_calendar, item, answered)
    assert chosen.google_view(item.object) == replace(view, reply=Reply.TENTATIVE)
    event = stored(google, own_calendar, item.name)
    replies = {each["email"]: each["responseStatus"] for each in event["attendees"]}
    assert replies[google.account.email] == "tentative"
    assert replies["bea@elsewhere.example"] == "needsAction"


def test_guests_come_and_go_as_a_whole_list(google_collection, google, lens, activity):
    """E2: answers that are there stay, nobody is mailed."""
    chosen = lens(guests_out=True)
    made = google_collection.insert(
        google_collection.name_for("u1"),
        chosen.new_for_google(activity("ATTENDEE:mailto:a@other.example")),
    )
    view = chosen.google_view(made.object)
    more = replace(view, attendees=(*view.attendees, Attendee(email="b@other.example", name="B")))
    item = written(google_collection, made, chosen.put_google(more, made.object))
    assert chosen.google_view(item.object).attendees == more.attendees
    none = replace(view, attendees=())
    item = written(google_collection, item, chosen.put_google(none, item.object))
    assert "attendees" not in stored(google, google_collection, item.name)
    assert google.control("GET", "mail") == []
