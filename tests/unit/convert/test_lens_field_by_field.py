"""What each field of a view becomes on either side, line by line, and that nothing else moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.convert import long_text, views
from bridge.convert.google_event import event_to_object
from bridge.convert.lens import GoogleLens
from bridge.convert.showing import Showing
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.sync_settings import PrivateEvents
from bridge.domain.view import Schedule, View, Visibility
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject

ZONE = "America/New_York"
NINE = datetime(2026, 3, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = Schedule(span=TimedSpan(start=NINE + HOUR, end=NINE + 3 * HOUR))
DAY = Schedule(span=AllDaySpan(start=date(2026, 3, 12), end=date(2026, 3, 13)))
EVENT_LINES = (
    "DTEND:20260310T100000Z", "SUMMARY;LANGUAGE=de:Call", "LOCATION;LANGUAGE=de:Here",
    "DESCRIPTION;LANGUAGE=de:Text", "SEQUENCE:4", "X-KEPT:yes",
)  # fmt: skip
TODO_LINES = (
    "DUE:20260310T090000Z", "SUMMARY:Call", "LOCATION:Here", "DESCRIPTION:Text",
    "STATUS:NEEDS-ACTION", "SEQUENCE:4", "X-KEPT:yes",
)  # fmt: skip


@pytest.fixture
def lens(settings):
    """Return a function that makes the lens of a connection with changed settings."""

    def make(**changes):
        return GoogleLens(settings=settings(**changes), types=STOCK_TYPES, calendar_zone=ZONE)

    return make


@pytest.fixture
def event(object_text):
    """Return a function that makes a calendar's event of an hour from nine."""

    def make(*lines):
        return CalendarObject.parse(object_text(*(lines or EVENT_LINES)))

    return make


@pytest.fixture
def todo(object_text):
    """Return a function that makes a calendar's to-do."""

    def make(*lines):
        return CalendarObject.parse(object_text(*(lines or TODO_LINES), component="VTODO"))

    return make


def google(**fields):
    """Return Google's item of an hour from nine."""
    told = {
        "id": "e1",
        "summary": "Call",
        "location": "Here",
        "description": "Text",
        "start": {"dateTime": "2026-03-10T09:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-10T10:00:00Z", "timeZone": "UTC"},
    }
    return event_to_object([told | fields], uid="g-1", calendar_zone=ZONE)


def inner(item):
    """Return the lines of the one component, as a set."""
    head = "VTODO" if item.component == "VTODO" else "VEVENT"
    text = item.text.replace("\r\n ", "")
    body = text.split(f"BEGIN:{head}\r\n")[1].split(f"END:{head}")[0]
    return set(body.split("\r\n")) - {""}


def moved(before, after):
    """Return the lines that went and those that came."""
    return inner(before) - inner(after), inner(after) - inner(before)


# The calendar's side.


@pytest.mark.parametrize(
    ("change", "gone", "come"),
    [
        ({"title": "New"}, {"SUMMARY;LANGUAGE=de:Call"}, {"SUMMARY;LANGUAGE=de:New"}),
        (
            {"done": True},
            {"SUMMARY;LANGUAGE=de:Call"},
            {"SUMMARY;LANGUAGE=de:✓ Call", "X-CRM-DONE:TRUE"},
        ),
        ({"location": "There"}, {"LOCATION;LANGUAGE=de:Here"}, {"LOCATION;LANGUAGE=de:There"}),
        ({"location": ""}, {"LOCATION;LANGUAGE=de:Here"}, set()),
        (
            {"description": "Other"},
            {"DESCRIPTION;LANGUAGE=de:Text"},
            {"DESCRIPTION;LANGUAGE=de:Other"},
        ),
        ({"busy": False}, set(), {"TRANSP:TRANSPARENT"}),
        ({"visibility": Visibility.PRIVATE}, set(), {"CLASS:PRIVATE"}),
        ({"visibility": Visibility.PUBLIC}, set(), {"CLASS:PUBLIC"}),
        (
            {"schedule": LATER},
            {"DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", "SEQUENCE:4"},
            {"DTSTART:20260310T100000Z", "DTEND:20260310T120000Z", "SEQUENCE:5"},
        ),
        (
            {"schedule": DAY},
            {"DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", "SEQUENCE:4"},
            {"DTSTART;VALUE=DATE:20260312", "DTEND;VALUE=DATE:20260313", "SEQUENCE:5"},
        ),
    ],
)
def test_an_event_here_changes_in_just_the_lines_of_the_field(change, gone, come, lens, event):
    """Parameters stay, SEQUENCE is raised by a new time only (RFC 5545 section 3.8.7.4)."""
    item = event()
    view = lens().calendar_view(item)
    after = lens().put_calendar(replace(view, **change), item)
    assert moved(item, after) == (gone, come)
    assert lens().calendar_view(after) == replace(view, **change)


@pytest.mark.parametrize(
    ("change", "gone", "come"),
    [
        ({"title": "New"}, {"SUMMARY:Call"}, {"SUMMARY:New"}),
        ({"done": True}, {"STATUS:NEEDS-ACTION"}, {"STATUS:COMPLETED", "PERCENT-COMPLETE:100"}),
        ({"location": "There"}, {"LOCATION:Here"}, {"LOCATION:There"}),
        ({"busy": True}, set(), {"TRANSP:OPAQUE"}),
        (
            {"schedule": LATER},
            {"DUE:20260310T090000Z", "SEQUENCE:4"},
            {"DUE:20260310T100000Z", "X-CRM-DURATION:PT2H", "SEQUENCE:5"},
        ),
        (
            {"schedule": DAY},
            {"DUE:20260310T090000Z", "SEQUENCE:4"},
            {"DUE;VALUE=DATE:20260312", "SEQUENCE:5"},
        ),
    ],
)
def test_a_to_do_here_changes_in_just_the_lines_of_the_field(change, gone, come, lens, todo):
    """Contract section 6: done is its status, its time its DUE."""
    item = todo()
    view = lens().calendar_view(item)
    after = lens().put_calendar(replace(view, **change), item)
    assert moved(item, after) == (gone, come)


def test_a_to_do_marked_and_renamed_at_google_keeps_the_mark_a_person_typed(lens, todo):
    """Where the mark was typed into the title here, it stays as long as it is true."""
    item = todo("DUE:20260310T090000Z", "SUMMARY:✓ Call", "STATUS:COMPLETED")
    view = lens().calendar_view(item)
    assert (view.title, view.done) == ("Call", True)
    renamed = lens().put_calendar(replace(view, title="Ring"), item)
    assert moved(item, renamed) == ({"SUMMARY:✓ Call"}, {"SUMMARY:✓ Ring"})
    opened = lens().put_calendar(replace(view, done=False), item)
    assert moved(item, opened) == (
        {"SUMMARY:✓ Call", "STATUS:COMPLETED"},
        {"SUMMARY:Call", "STATUS:NEEDS-ACTION"},
    )


def test_a_busy_to_do_that_is_free_at_google_says_nothing_any_more(lens, todo):
    """To-dos block time only if they say so."""
    item = todo("DUE:20260310T090000Z", "SUMMARY:Call", "TRANSP:OPAQUE")
    view = lens().calendar_view(item)
    assert view.busy
    after = lens().put_calendar(replace(view, busy=False), item)
    assert moved(item, after) == ({"TRANSP:OPAQUE"}, set())


def test_a_date_given_at_google_to_a_to_do_without_one_brings_every_field(lens, todo):
    """It shows nothing now, so everything of the view is new to it."""
    item = todo("SUMMARY:Old", "X-KEPT:yes")
    wanted = View(title="New", schedule=LATER, location="There", description="Text", busy=True)
    after = lens().put_calendar(wanted, item)
    assert moved(item, after) == (
        {"SUMMARY:Old"},
        {
            "SUMMARY:New", "DUE:20260310T100000Z", "X-CRM-DURATION:PT2H", "LOCATION:There",
            "DESCRIPTION:Text", "TRANSP:OPAQUE", "SEQUENCE:1",
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "wanted", "moves"),
    [
        ("", Visibility.PRIVATE, (set(), {"X-CRM-GOOGLE-VISIBILITY:PRIVATE"})),
        (
            "CLASS:PUBLIC",
            Visibility.CONFIDENTIAL,
            (set(), {"X-CRM-GOOGLE-VISIBILITY:CONFIDENTIAL"}),
        ),
        ("CLASS:public", Visibility.PRIVATE, (set(), {"X-CRM-GOOGLE-VISIBILITY:PRIVATE"})),
        ("CLASS:CONFIDENTIAL", Visibility.PRIVATE, ({"CLASS:CONFIDENTIAL"}, {"CLASS:PRIVATE"})),
        ("CLASS:PRIVATE", Visibility.DEFAULT, ({"CLASS:PRIVATE"}, set())),
        ("", Visibility.PUBLIC, (set(), {"CLASS:PUBLIC"})),
        (
            "X-CRM-GOOGLE-VISIBILITY:PRIVATE",
            Visibility.DEFAULT,
            ({"X-CRM-GOOGLE-VISIBILITY:PRIVATE"}, set()),
        ),
        (
            "X-CRM-GOOGLE-VISIBILITY:PRIVATE",
            Visibility.CONFIDENTIAL,
            ({"X-CRM-GOOGLE-VISIBILITY:PRIVATE"}, {"X-CRM-GOOGLE-VISIBILITY:CONFIDENTIAL"}),
        ),
    ],
)
def test_save_as_public_keeps_the_class_here_and_notes_googles(before, wanted, moves, lens, event):
    """What is hidden at Google and shown here is noted in a property of ours, and only so long."""
    chosen = lens(private_events=PrivateEvents.SAVE_AS_PUBLIC)
    item = event("DTEND:20260310T100000Z", "SUMMARY:Call", *([before] if before else []))
    view = chosen.calendar_view(item)
    after = chosen.put_calendar(replace(view, visibility=wanted), item)
    assert moved(item, after) == moves
    assert chosen.calendar_view(after).visibility is wanted


@pytest.mark.parametrize("option", [PrivateEvents.SAVE_AS_PRIVATE, PrivateEvents.DO_NOT_SYNC])
def test_under_the_other_options_a_hidden_event_is_hidden_here(option, lens, event):
    """CLASS tells it, not our property."""
    chosen = lens(private_events=option)
    item = event()
    view = chosen.calendar_view(item)
    after = chosen.put_calendar(replace(view, visibility=Visibility.PRIVATE), item)
    assert moved(item, after) == (set(), {"CLASS:PRIVATE"})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], Visibility.DEFAULT),
        (["CLASS:PUBLIC"], Visibility.PUBLIC),
        (["X-CRM-GOOGLE-VISIBILITY:PRIVATE"], Visibility.PRIVATE),
        (["X-CRM-GOOGLE-VISIBILITY:confidential"], Visibility.CONFIDENTIAL),
        (["X-CRM-GOOGLE-VISIBILITY:PUBLIC"], Visibility.DEFAULT),
        (["X-CRM-GOOGLE-VISIBILITY:nonsense"], Visibility.DEFAULT),
        (["CLASS:CONFIDENTIAL", "X-CRM-GOOGLE-VISIBILITY:PRIVATE"], Visibility.CONFIDENTIAL),
        (["CLASS:PUBLIC", "X-CRM-GOOGLE-VISIBILITY:PRIVATE"], Visibility.PRIVATE),
    ],
)
def test_the_visibility_asked_of_google_is_the_stricter_one(lines, expected, lens, event):
    """Our note counts unless the object hides itself, and never makes it laxer."""
    item = event("DTEND:20260310T100000Z", *lines)
    assert lens().calendar_view(item).visibility is expected


def test_a_journal_entry_is_neither_shown_nor_touched(lens, object_text):
    """Google has no such thing."""
    text = object_text("SUMMARY:Diary", component="VJOURNAL")
    item = CalendarObject.parse(text)
    assert lens().calendar_view(item) is None
    view = View(title="New", schedule=LATER)
    assert lens().put_calendar(view, item) is item


def test_a_floating_time_is_one_of_the_calendars_zone(lens, event):
    """New York is four hours behind UTC on that day; so is what Google is told."""
    item = event("DTSTART:20260310T050000", "DTEND:20260310T060000", "SUMMARY:Call")
    span = TimedSpan(start=NINE, end=NINE + HOUR, zone=ZONE)
    view = lens().calendar_view(item)
    assert view.schedule.span == span
    made = lens().new_for_google(item)
    assert lens().google_view(made) == view
    assert moved(item, lens().put_calendar(replace(view, location="There"), item)) == (
        set(),
        {"LOCATION:There"},
    )
    shown = lens().google_view(item)
    assert shown.schedule.span == span
    assert moved(item, lens().put_google(replace(shown, location="There"), item)) == (
        set(),
        {"LOCATION:There"},
    )


def test_a_span_without_a_zone_is_put_in_the_calendars(lens, event):
    """A zone nobody knows would be read as that one."""
    assert lens().calendar_zone == ZONE
    span = TimedSpan(start=NINE, end=NINE + HOUR, zone="Nowhere/Land")
    assert views.normal_span(span, ZONE).zone == ZONE
    view = View(title="", schedule=Schedule(span=span))
    assert views.normal(view, Showing(zone=ZONE)).schedule.span.zone == ZONE
    item = event()
    for put in (lens().put_calendar, lens().put_google):
        shown = lens().calendar_view(put(replace(view, schedule=Schedule(span=span)), item))
        assert shown.schedule.span.zone == ZONE


def test_what_is_put_is_brought_into_its_normal_form_first():
    """Blanks, line ends, fractions of a second: what a side would drop is dropped before."""
    start = datetime(2026, 3, 10, 10, 0, 0, 999, tzinfo=UTC)
    raw = View(
        title="  Call\x00 ",
        schedule=Schedule(
            span=TimedSpan(start=start, end=start + HOUR), recurrence=("RRULE:FREQ=DAILY",)
        ),
        location=" Here\r\n",
        description="One\r\nTwo \n<br>",
    )
    told = views.normal(raw, Showing(zone="UTC"))
    assert (told.title, told.location, told.description) == ("Call", "Here", "One\nTwo")
    assert told.schedule.span.start == start.replace(microsecond=0)
    assert told.schedule.span.start.tzinfo is UTC


@pytest.mark.parametrize(
    ("length", "cut"), [(long_text.LONGEST, False), (long_text.LONGEST + 1, True)]
)
def test_a_description_is_cut_only_where_google_would_refuse_it(length, cut, lens, event):
    """To the character; what was cut is not taken back."""
    item = event("DTEND:20260310T100000Z", f"DESCRIPTION:{'x' * length}")
    view = lens().calendar_view(item)
    assert view.description.endswith("…") is cut
    assert len(view.description) == long_text.LONGEST
    edited = lens().put_calendar(replace(view, description="Short"), item)
    assert (edited.head().text("DESCRIPTION") == "Short") is not cut


def test_a_contact_block_that_just_fits_is_shown(lens, event):
    """To the character."""
    chosen = lens(contact_information=True)
    contact = "X-CRM-PERSON;X-CRM-ID=1:Mira"
    block = chosen.calendar_view(event("DTEND:20260310T100000Z", contact)).description
    room = long_text.LONGEST - len(block) - len("\n\n")
    for length, shown in ((room, True), (room + 1, False)):
        item = event("DTEND:20260310T100000Z", contact, f"DESCRIPTION:{'x' * length}")
        assert ("Mira" in chosen.calendar_view(item).description) is shown


def test_an_edit_at_google_leaves_the_description_here_without_its_block(lens, event):
    """The block is compared away on both sides, so that another edit writes no DESCRIPTION."""
    chosen = lens(contact_information=True)
    contact = "X-CRM-PERSON;X-CRM-ID=1:Mira"
    item = event("DTEND:20260310T100000Z", contact, "DESCRIPTION:Text\\n")
    view = chosen.calendar_view(item)
    assert "Mira" in view.description
    after = chosen.put_calendar(replace(view, location="There"), item)
    assert moved(item, after) == (set(), {"LOCATION:There"})


# Google's side.


@pytest.mark.parametrize(
    ("change", "gone", "come"),
    [
        ({"title": "New"}, {"SUMMARY:Call"}, {"SUMMARY:New"}),
        ({"done": True}, {"SUMMARY:Call"}, {"SUMMARY:✓ Call"}),
        ({"title": ""}, {"SUMMARY:Call"}, set()),
        ({"location": "There"}, {"LOCATION:Here"}, {"LOCATION:There"}),
        ({"description": "Other"}, {"DESCRIPTION:Text"}, {"DESCRIPTION:Other"}),
        ({"description": ""}, {"DESCRIPTION:Text"}, set()),
        ({"busy": False}, set(), {"TRANSP:TRANSPARENT"}),
        ({"visibility": Visibility.CONFIDENTIAL}, set(), {"CLASS:CONFIDENTIAL"}),
        (
            {"title": "New", "location": "", "busy": False, "visibility": Visibility.PUBLIC},
            {"SUMMARY:Call", "LOCATION:Here"},
            {"SUMMARY:New", "TRANSP:TRANSPARENT", "CLASS:PUBLIC"},
        ),
    ],
)
def test_an_event_there_changes_in_just_the_lines_of_the_field(change, gone, come, lens):
    """So a PATCH names these fields and no others."""
    item = google()
    view = lens().google_view(item)
    after = lens().put_google(replace(view, **change), item)
    assert moved(item, after) == (gone, come)
    assert lens().google_view(after) == replace(view, **change)


def test_a_new_time_there_replaces_start_and_end_and_nothing_else(lens):
    """Together with a title, both are written."""
    item = google()
    view = lens().google_view(item)
    after = lens().put_google(replace(view, title="New", schedule=LATER), item)
    assert {line.split(":")[0].split(";")[0] for line in moved(item, after)[1]} == {
        "SUMMARY", "DTSTART", "DTEND",
    }  # fmt: skip
    assert lens().google_view(after) == replace(view, title="New", schedule=LATER)


def test_free_time_there_becomes_busy_by_the_absence_of_a_word_or_by_it(lens):
    """A transparent event that turns busy says so."""
    item = google(transparency="transparent")
    view = lens().google_view(item)
    assert not view.busy
    after = lens().put_google(replace(view, busy=True), item)
    assert lens().google_view(after).busy


def test_under_do_not_sync_only_time_and_busy_of_a_private_event_are_written(lens):
    """Its own words stay, whatever the view says."""
    chosen = lens(private_events=PrivateEvents.DO_NOT_SYNC)
    item = google(visibility="private")
    view = replace(
        chosen.google_view(item), title="New", location="New", busy=False, schedule=LATER
    )
    after = chosen.put_google(view, item)
    assert after.head().text("SUMMARY") == "Call"
    assert after.head().text("LOCATION") == "Here"
    assert after.head().value("TRANSP") == "TRANSPARENT"
    assert chosen.google_view(after).schedule == LATER


@pytest.mark.parametrize(
    ("option", "present", "wanted", "written"),
    [
        (PrivateEvents.SAVE_AS_PUBLIC, "private", Visibility.DEFAULT, Visibility.PRIVATE),
        (PrivateEvents.SAVE_AS_PUBLIC, "private", Visibility.CONFIDENTIAL, Visibility.CONFIDENTIAL),
        (PrivateEvents.SAVE_AS_PUBLIC, "default", Visibility.PUBLIC, Visibility.PUBLIC),
        (PrivateEvents.SAVE_AS_PUBLIC, "default", Visibility.PRIVATE, Visibility.PRIVATE),
        (PrivateEvents.SAVE_AS_PRIVATE, "private", Visibility.DEFAULT, Visibility.DEFAULT),
        (PrivateEvents.SAVE_AS_PRIVATE, "private", Visibility.PUBLIC, Visibility.PUBLIC),
    ],
)
def test_only_save_as_public_keeps_an_event_there_from_being_shown_to_more(
    option, present, wanted, written, lens
):
    """Google's visibility is never made laxer by our flag."""
    chosen = lens(private_events=option)
    item = google(visibility=present)
    view = replace(chosen.google_view(item), visibility=wanted, title="New")
    after = chosen.put_google(view, item)
    assert chosen.google_view(after).visibility is written
    assert after.head().text("SUMMARY") == "New"


def test_under_do_not_sync_an_event_that_turns_private_here_loses_its_words_there(lens):
    """The engine withholds it; should it be written, only the time goes."""
    chosen = lens(private_events=PrivateEvents.DO_NOT_SYNC)
    item = google(transparency="transparent")
    view = replace(chosen.google_view(item), visibility=Visibility.PRIVATE, location="Ward")
    after = chosen.put_google(view, item)
    assert after.head().text("SUMMARY") == views.BUSY_TITLE
    assert "Ward" not in after.text
    assert after.head().value("TRANSP") == "TRANSPARENT"


def test_an_event_without_a_time_is_not_touched(lens, object_text):
    """There is nothing it could be compared with."""
    text = object_text("SUMMARY:Call").replace("DTSTART:20260310T090000Z\r\n", "")
    item = CalendarObject.parse(text)
    assert lens().google_view(item) is None
    assert lens().put_google(View(title="New", schedule=LATER), item) is item
    with pytest.raises(ConversionError, match=r"^it has no time") as refused:
        lens().new_for_calendar(item, uid="new")
    assert (refused.value.uid, refused.value.property_name) == ("o-1", "start")


def test_what_cannot_be_shown_says_so(lens, todo):
    """With the item it is about."""
    with pytest.raises(ConversionError, match=r"^it cannot be shown at Google") as refused:
        lens().new_for_google(todo("SUMMARY:Some day"))
    assert refused.value.uid == "o-1"


def test_a_missing_incoming_type_is_said_of_the_item(lens):
    """It waits until somebody chooses another one."""
    said = r"^the type for incoming events does not exist"
    with pytest.raises(ConversionError, match=said) as refused:
        lens(incoming_type="gone").new_for_calendar(google(), uid="new")
    assert refused.value.uid == "g-1"


# New objects.


def test_a_new_event_for_google_has_the_fields_of_the_view_and_no_others(lens, event):
    """No type, no unknown property, no SEQUENCE of ours."""
    item = event(
        "DTEND:20260310T100000Z", "SUMMARY:Call", "LOCATION:Here", "DESCRIPTION:Text",
        "TRANSP:TRANSPARENT", "CLASS:PRIVATE", "LAST-MODIFIED:20260302T080000Z", "X-KEPT:no",
    )  # fmt: skip
    made = lens().new_for_google(item)
    assert (made.uid, made.component) == ("o-1", "VEVENT")
    assert inner(made) == {
        "UID:o-1", "DTSTAMP:20260302T080000Z", "SUMMARY:Call", "DTSTART:20260310T090000Z",
        "DTEND:20260310T100000Z", "LOCATION:Here", "DESCRIPTION:Text", "TRANSP:TRANSPARENT",
        "CLASS:PRIVATE", "X-CRM-GOOGLE-COPY:TRUE",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "stamp"),
    [
        (["LAST-MODIFIED:20260302T080000Z"], "20260302T080000Z"),
        ([], "20260101T000000Z"),
    ],
)
def test_the_stamp_of_a_new_object_is_when_its_source_changed(lines, stamp, lens, event):
    """LAST-MODIFIED, else DTSTAMP: the lens has no clock."""
    made = lens().new_for_google(event("DTEND:20260310T100000Z", *lines))
    assert made.head().value("DTSTAMP") == stamp


def test_an_event_from_google_without_any_stamp_gets_the_oldest_one(lens):
    """Never a clock's."""
    _, made = lens().new_for_calendar(google(), uid="new")
    assert made.head().value("DTSTAMP") == "19700101T000000Z"


def test_a_new_event_here_has_the_type_the_fields_and_a_sequence(lens):
    """And a mark where Google has one."""
    where, made = lens().new_for_calendar(
        google(summary="✓ Call", transparency="transparent", visibility="private"), uid="new"
    )
    assert (where, made.uid, made.component) == ("activities", "new", "VEVENT")
    assert inner(made) == {
        "UID:new", "DTSTAMP:19700101T000000Z", "SEQUENCE:0", "CATEGORIES:Meeting",
        "X-CRM-ACTIVITY-TYPE:meeting", "X-CRM-CATEGORY:Meeting", "SUMMARY:✓ Call",
        "X-CRM-DONE:TRUE", "DTSTART:20260310T090000Z", "DTEND:20260310T100000Z", "LOCATION:Here",
        "DESCRIPTION:Text", "TRANSP:TRANSPARENT", "CLASS:PRIVATE", "X-CRM-ORIGIN:GOOGLE",
    }  # fmt: skip


@pytest.mark.parametrize(("transparency", "line"), [("opaque", "OPAQUE"), ("transparent", "")])
def test_a_new_to_do_here_says_only_that_it_blocks_time(transparency, line, lens):
    """Free is what to-dos are."""
    _, made = lens(incoming_type="task").new_for_calendar(
        google(transparency=transparency), uid="new"
    )
    assert (made.component, made.head().value("TRANSP")) == ("VTODO", line)


def test_a_marked_event_from_google_is_a_to_do_that_is_done_and_wears_no_mark(lens):
    """A to-do has a status for that."""
    _, made = lens(incoming_type="task").new_for_calendar(google(summary="✓ Call"), uid="new")
    assert made.head().text("SUMMARY") == "Call"
    assert made.head().value("STATUS") == "COMPLETED"


def test_a_contact_block_in_a_new_event_from_google_stays_there(lens, event):
    """It was ours once: a copy that somebody made at Google."""
    chosen = lens(contact_information=True)
    contact = "X-CRM-PERSON;X-CRM-ID=1:Mira"
    told = chosen.calendar_view(event("DTEND:20260310T100000Z", contact, "DESCRIPTION:Text"))
    _, made = chosen.new_for_calendar(google(description=told.description), uid="new")
    assert made.head().text("DESCRIPTION") == "Text"
    assert "Mira" not in made.text


def test_save_as_public_makes_a_hidden_event_public_here_and_notes_it(lens):
    """So that it is written back as hidden as it was."""
    chosen = lens(private_events=PrivateEvents.SAVE_AS_PUBLIC)
    _, made = chosen.new_for_calendar(google(visibility="confidential"), uid="new")
    assert made.head().value("CLASS") == ""
    assert made.head().value("X-CRM-GOOGLE-VISIBILITY") == "CONFIDENTIAL"


# Facts.


@pytest.mark.parametrize(
    ("start", "end", "last"),
    [
        ("2026-03-11T03:30:00Z", "2026-03-11T04:00:00Z", date(2026, 3, 10)),
        ("2026-03-11T03:30:00Z", "2026-03-11T04:00:01Z", date(2026, 3, 11)),
        ("2026-03-11T04:00:00Z", "2026-03-11T04:00:00Z", date(2026, 3, 11)),
    ],
)
def test_the_last_day_at_google_is_one_of_the_calendars_zone(start, end, last, lens):
    """Midnight in New York is four in UTC; an end at midnight belongs to the day before."""
    item = google(start={"dateTime": start}, end={"dateTime": end})
    facts = lens().google_facts(item)
    assert (facts.last_day, facts.recurring) == (last, False)


def test_in_utc_the_day_is_the_one_of_utc(settings):
    """Also at the very end of the calendar, where no other zone has a day."""
    chosen = GoogleLens(settings=settings(), types=STOCK_TYPES, calendar_zone="UTC")
    item = google(
        start={"dateTime": "2026-03-11T23:30:00Z"}, end={"dateTime": "2026-03-11T23:59:00Z"}
    )
    assert chosen.google_facts(item).last_day == date(2026, 3, 11)


def test_facts_of_google_tell_guests_type_and_rights(lens):
    """What the scope rules ask."""
    plain = lens().google_facts(google())
    assert (plain.guests, plain.event_type, plain.read_only) == (False, "default", False)
    told = lens().google_facts(
        google(
            eventType="focusTime",
            attendees=[{"email": "guest@example.org"}],
        )
    )
    assert (told.guests, told.event_type) == (True, "focusTime")
