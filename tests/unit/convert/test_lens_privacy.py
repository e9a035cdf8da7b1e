"""What never leaves, byte by byte: busy-only types, private calendars, guests (D3, E, G)."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.convert.activity import activity_to_object, object_to_activity
from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.convert.lens import GoogleLens
from bridge.convert.people import has_strangers
from bridge.domain.activity import STOCK_TYPES, Attendee, Reply
from bridge.domain.sync_settings import IncomingVisibility, PrivateEvents
from bridge.domain.view import Visibility
from bridge.ical.calendar_object import CalendarObject

ME = "me@acme.example"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
SECRETS = [
    "CATEGORIES:Call", "SUMMARY:✓ S1", "LOCATION:S2", "DESCRIPTION:S3", "URL:https://crm/S4",
    "ATTENDEE;CN=S5:mailto:S6@x.example", "CONFERENCE;VALUE=URI:https://meet.example/S7",
    "X-CRM-PERSON;X-CRM-ID=1:S8", "CONTACT:S9", "X-CRM-DONE:TRUE", "X-S:S10",
    "BEGIN:VALARM", "ACTION:EMAIL", "TRIGGER:-PT33M", "DESCRIPTION:S11", "END:VALARM",
]  # fmt: skip
NOTHING = {"summary": "Busy", "transparency": "opaque"}


@pytest.fixture
def lens(settings):
    """Return a function that makes the lens of a connection with changed settings."""

    def make(**changes):
        return GoogleLens(
            settings=settings(**changes),
            types=STOCK_TYPES,
            calendar_zone="Europe/Prague",
            own_addresses=[ME, "ME@home.example"],
        )

    return make


@pytest.fixture
def item(object_text):
    """Return a function that makes an object with these lines."""
    return lambda *lines: CalendarObject.parse(object_text(*lines))


def google(**fields):
    """Return Google's item of a timed event with these fields."""
    event = {
        "id": "e1",
        "summary": "Doctor",
        "start": {"dateTime": "2026-03-10T10:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-10T10:30:00Z", "timeZone": "UTC"},
    }
    return event_to_object([event | fields], uid="g-1", calendar_zone="Europe/Prague")


COPY = {"extendedProperties": {"private": {"crmdavUid": "o-1"}}}


def told(body):
    """Return what a body says besides times."""
    return {name: value for name, value in body.items() if name not in ("start", "end")}


def test_a_busy_only_copy_is_time_and_busy_and_nothing_else(lens, item):
    """G4, threats 3.11: of a new event, of a changed one, and of one that was whole before."""
    options = {
        "contact_information": True,
        "guests_out": True,
        "title_template": "{subject} {type}",
    }
    whole, bare = lens(**options), lens(**options, busy_only_types=frozenset({"call"}))
    secret = item(*SECRETS)
    body = object_to_events(bare.new_for_google(secret)).master
    assert told(body) == NOTHING
    there = bare.new_for_google(secret)
    changed = item(*(re.sub(r"S(\d)", r"T\1", line) for line in SECRETS))
    assert bare.put_google(bare.calendar_view(changed), there) is there
    before = whole.new_for_google(secret)
    assert "S10" not in before.text
    reduced = bare.put_google(bare.calendar_view(secret), before)
    assert told(object_to_events(reduced).master) == NOTHING
    assert not re.search(r"S\d", json.dumps(event_patches(before, reduced).master))


def test_of_an_edited_busy_only_copy_only_the_time_comes_back(lens, item):
    """What stands in the CRM is not replaced by `Busy`."""
    bare = lens(busy_only_types=frozenset({"call"}))
    secret = item(*SECRETS)
    view = bare.calendar_view(secret)
    edit = replace(view, title="Hi", description="", busy=False, done=False, reminders=(1,))
    changed = bare.put_calendar(edit, secret)
    assert bare.calendar_view(changed) == replace(view, busy=False)
    assert changed.head().text("SUMMARY") == "✓ S1"
    assert changed.head().value("TRANSP") == "TRANSPARENT"
    assert "TRIGGER:-PT33M" in changed.text


def test_an_event_of_googles_own_keeps_its_details_whatever_its_type_here(lens):
    """It was never ours to reduce; its edits still come in."""
    bare = lens(busy_only_types=frozenset({"meeting"}))
    there = google(location="Ward")
    _, made = bare.new_for_calendar(there, uid="new")
    view = bare.calendar_view(made)
    assert (view.title, view.location) == ("Busy", "")
    assert bare.put_google(view, there) is there
    renamed = replace(view, title="Dentist")
    assert bare.put_calendar(renamed, made).head().text("SUMMARY") == "Dentist"


def test_a_private_activity_of_a_busy_only_type_stays_private(lens, item):
    """Visibility is no detail."""
    bare = lens(busy_only_types=frozenset({"call"}))
    body = object_to_events(bare.new_for_google(item(*SECRETS, "CLASS:PRIVATE"))).master
    assert told(body) == NOTHING | {"visibility": "private"}


def test_what_leaves_visibility_open_is_private_in_a_private_calendar(lens):
    """G1: under each option as if the event said so itself."""
    private = {"calendar_is_private": True}
    assert lens(**private).google_view(google()).visibility is Visibility.PRIVATE
    _, made = lens(**private).new_for_calendar(google(), uid="new")
    assert made.head().value("CLASS") == "PRIVATE"
    hiding = lens(**private, private_events=PrivateEvents.DO_NOT_SYNC)
    assert hiding.google_view(google()).title == "Busy"
    opening = lens(**private, private_events=PrivateEvents.SAVE_AS_PUBLIC)
    _, made = opening.new_for_calendar(google(), uid="new")
    assert made.head().value("CLASS") == ""
    assert opening.put_google(opening.calendar_view(made), google()) == google()


def test_our_own_copies_in_a_private_calendar_are_as_private_as_their_activities(lens, item):
    """Else each of them would come back private, or not be synced at all."""
    hiding = lens(calendar_is_private=True, private_events=PrivateEvents.DO_NOT_SYNC)
    there = hiding.new_for_google(item("SUMMARY:Call"))
    assert hiding.google_view(there) == hiding.calendar_view(item("SUMMARY:Call"))
    assert hiding.google_view(google(**COPY)).title == "Doctor"


def test_new_events_can_come_in_for_their_owner_only(lens):
    """G3: nothing changes at Google, and an event that says more is as it says."""
    chosen = lens(incoming_visibility=IncomingVisibility.ONLY_ME)
    for visibility, in_crm in (
        ("default", "PRIVATE"),
        ("public", "PUBLIC"),
        ("private", "PRIVATE"),
    ):
        there = google(visibility=visibility)
        _, made = chosen.new_for_calendar(there, uid="new")
        assert made.head().value("CLASS") == in_crm
        assert chosen.put_google(chosen.calendar_view(made), there) is there
    _, made = chosen.new_for_calendar(google(), uid="new")
    opened = CalendarObject.parse(made.text.replace("CLASS:PRIVATE\r\n", ""))
    assert chosen.calendar_view(opened) == chosen.calendar_view(made)
    hidden = replace(chosen.calendar_view(made), visibility=Visibility.PRIVATE)
    assert chosen.calendar_view(chosen.put_calendar(hidden, made)) == hidden


CONTACT = ["DESCRIPTION:Text", "X-CRM-PERSON;X-CRM-ID=1:Ada", "CONTACT:Ada\\, +1 2"]


@pytest.mark.parametrize(
    ("guests", "withheld"),
    [
        ([], False),
        ([f"mailto:{ME}", "mailto:Bea@ACME.example"], False),
        (["mailto:room@resource.calendar.google.com"], False),
        (["mailto:bea@other.example"], True),
        (["urn:uuid:1"], True),
    ],
)
def test_linked_contacts_stay_here_once_strangers_take_part(lens, item, guests, withheld):
    """D3, said by the lens for the pages."""
    chosen = lens(contact_information=True)
    call = item(*CONTACT, *(f"ATTENDEE:{guest}" for guest in guests))
    assert ("+1 2" not in chosen.calendar_view(call).description) is withheld
    assert chosen.withholds_contacts(call) is withheld
    assert not lens().withholds_contacts(call)


def test_linked_contacts_never_reach_an_event_whose_guests_are_strangers(lens, item):
    """D3, also before the calendar knows of the guests."""
    chosen = lens(contact_information=True)
    view = chosen.calendar_view(item(*CONTACT))
    assert "+1 2" in view.description
    for fields in ({"attendees": [{"email": "x@other.example"}]}, {"attendeesOmitted": True}):
        assert "+1 2" not in chosen.put_google(view, google(**fields)).text


def test_at_a_mail_provider_for_everybody_everybody_is_a_stranger(item):
    """A domain like Gmail's is nobody's own."""
    call = item("ATTENDEE:mailto:b@gmail.com")
    assert has_strangers(call.head(), ["a@gmail.com"])
    assert has_strangers(item("ATTENDEE:mailto:b@outlook.com").head(), ["a@outlook.com"])
    assert not has_strangers(item("ATTENDEE:mailto:b@x.y").head(), ["a@x.y"])


def test_special_events_come_in_read_only(lens):
    """B7: as what they are, and only Google changes them."""
    for event_type in ("birthday", "focusTime", "outOfOffice", "workingLocation", "fromGmail"):
        facts = lens().google_facts(google(eventType=event_type))
        assert (facts.event_type, facts.read_only) == (event_type, True)
    assert not lens().google_facts(google()).read_only


GUESTS = [
    {"email": "boss@x.example", "organizer": True, "responseStatus": "accepted"},
    {"email": ME, "self": True, "responseStatus": "tentative", "comment": "late", "optional": True},
    {"email": "b@x.example", "displayName": "Bea", "additionalGuests": 2},
    {"email": "room@resource.calendar.google.com", "resource": True},
]


def test_an_invitation_comes_in_so_that_programs_can_answer_it(lens):
    """E1 and E3: organizer, guests with their answers, and the own one."""
    _, made = lens().new_for_calendar(
        google(organizer={"email": "boss@x.example"}, attendees=GUESTS), uid="new"
    )
    head = made.head()
    assert head.value("ORGANIZER") == "mailto:boss@x.example"
    own = [line for line in head.all("ATTENDEE") if line.parameter("X-CRM-SELF")]
    assert [(line.value, line.parameter("PARTSTAT")) for line in own] == [
        (f"mailto:{ME}", "TENTATIVE")
    ]
    view = lens().calendar_view(made)
    assert view.reply is Reply.TENTATIVE
    assert [guest.email for guest in view.attendees] == [
        "b@x.example", "boss@x.example", "room@resource.calendar.google.com",
    ]  # fmt: skip


def test_an_organizer_that_is_only_a_calendar_is_nobody(lens):
    """Google facts, section 9: on a secondary calendar."""
    organizer = {"email": "c_1@group.calendar.google.com", "self": True}
    there = google(organizer=organizer, attendees=[{"email": "b@x.example"}])
    _, made = lens().new_for_calendar(there, uid="new")
    assert made.head().first("ORGANIZER") is None
    assert lens().calendar_view(made).reply is None


def test_the_own_answer_alone_is_sent_without_the_list(lens):
    """E3: else the others would be uninvited."""
    there = google(attendees=GUESTS)
    view = replace(lens().google_view(there), reply=Reply.DECLINED)
    assert event_patches(there, lens().put_google(view, there)).master == {
        "attendees": [{"email": ME, "responseStatus": "declined"}],
        "attendeesOmitted": True,
    }


def test_guests_are_sent_as_a_whole_list_with_all_that_was_said_of_them(lens):
    """E2: Google replaces the list."""
    chosen = lens(guests_out=True)
    there = google(attendees=GUESTS)
    view = chosen.google_view(there)
    more = replace(view, attendees=(*view.attendees, Attendee(email="new@x.example", name="N")))
    sent = event_patches(there, chosen.put_google(more, there)).master
    assert sorted(sent) == ["attendees"]
    assert {entry["email"]: entry for entry in sent["attendees"]} == {
        "boss@x.example": {"email": "boss@x.example", "responseStatus": "accepted"},
        ME: {k: v for k, v in GUESTS[1].items() if k != "self"},
        "b@x.example": GUESTS[2] | {"responseStatus": "needsAction"},
        "room@resource.calendar.google.com": GUESTS[3] | {"responseStatus": "needsAction"},
        "new@x.example": {
            "email": "new@x.example", "displayName": "N", "responseStatus": "needsAction",
        },
    }  # fmt: skip


def test_a_list_google_did_not_tell_whole_is_never_written(lens):
    """E2: it would uninvite those we do not know of."""
    chosen = lens(guests_out=True)
    there = google(attendees=GUESTS[:2], attendeesOmitted=True)
    assert chosen.put_google(replace(chosen.google_view(there), attendees=()), there) is there


def test_hiding_an_event_uninvites_nobody(lens):
    """G5: reduced to a block, guests and answers are as they were."""
    chosen = lens(private_events=PrivateEvents.DO_NOT_SYNC, guests_out=True)
    there = google(attendees=GUESTS, hangoutLink="https://meet.example/g")
    view = replace(chosen.google_view(there), visibility=Visibility.PRIVATE)
    sent = event_patches(there, chosen.put_google(view, there)).master
    assert sent == {"summary": "Busy", "visibility": "private"}


def test_the_owners_entry_is_no_guest_of_the_activity(lens, item, call):
    """CRM attendees are others; the own entry stays in the text when they change."""
    _, made = lens().new_for_calendar(google(attendees=GUESTS), uid="new")
    activity = object_to_activity(
        made, base=call(), previous=None, types=STOCK_TYPES, collection=None, floating_zone="UTC"
    )
    assert ME not in {guest.email for guest in activity.attendees}
    changed = activity_to_object(
        replace(activity, attendees=()), uid="new", type_=STOCK_TYPES[0], now=NOW, base=made
    )
    assert [line.value for line in changed.head().all("ATTENDEE")] == [f"mailto:{ME}"]
