"""Other projects' sample calendars: accepted or refused, never anything else.

`CRMDAV_TEST_CORPUS` names a folder with `ics/`, `fuzz/` and `google/`; without it all is skipped.
"""

import json
import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import icalendar
import pytest

from bridge.convert.activity import activity_to_object, object_to_activity
from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.convert.lens import GoogleLens
from bridge.convert.series_views import deviating
from bridge.domain.activity import STOCK_TYPES, Activity, ActivityType
from bridge.domain.identifiers import CompanyId, Uid, UserId
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import ConversionError, InvalidCalendarData
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import text_line
from bridge.ical.patch import PropertyChange, patch
from bridge.ical.spans import index_of, recurrence_of, span_of
from google_group import GoogleGroup

FOLDER = os.environ.get("CRMDAV_TEST_CORPUS", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="CRMDAV_TEST_CORPUS names no sample folder")
LIMIT_SECONDS = 5


def files(*parts):
    """Return the sample files below these folders."""
    if not FOLDER:
        return []
    found = (path for part in parts for path in Path(FOLDER, part).rglob("*"))
    return sorted(path for path in found if path.is_file())


def refusal(text):
    """Return why the text is refused, "" when it is accepted."""
    try:
        CalendarObject.parse(text)
    except InvalidCalendarData as error:
        return str(error) or "no reason given"
    return ""


@cache
def accepted():
    """Return name and object of every sample that is accepted."""
    found = []
    for path in files("ics", "fuzz"):
        try:
            text = path.read_bytes().decode("utf-8")
            found.append((path.name, CalendarObject.parse(text)))
        except (UnicodeDecodeError, InvalidCalendarData):
            continue
    return found


@pytest.mark.parametrize("path", files("ics", "fuzz"), ids=lambda path: path.name)
def test_a_sample_is_accepted_or_refused_in_time(path):
    """No other exception than InvalidCalendarData, and no sample takes five seconds."""
    # What is not UTF-8 is refused where bytes are decoded, before it gets here; nothing that was
    # decoded in another way may crash the scanner either.
    text = path.read_bytes().decode("utf-8", "replace")
    began = time.process_time()
    reason = refusal(text)
    assert reason != "no reason given"
    if not reason:
        item = CalendarObject.parse(text)
        assert item.text == text
        span_of(item, floating_zone="Europe/Prague")
        index_of(item, floating_zone="America/New_York")
        recurrence_of(item)
    assert time.process_time() - began < LIMIT_SECONDS


def test_patching_an_accepted_sample_leaves_all_other_lines_as_they_are():
    """The patched text is accepted again and differs in nothing but the patched property."""
    count = 0
    for name, item in accepted():
        change = PropertyChange(name="SUMMARY", lines=(text_line("SUMMARY", "Changed, here"),))
        patched = patch(item, [change])
        old = item.head().all("SUMMARY")
        line = "SUMMARY:Changed\\, here"
        rest = patched.text.replace(line + "\r\n", "", 1).replace(line + "\n", "", 1)
        expected = item.text
        for gone in reversed(old):
            expected = expected[: gone.start] + expected[gone.end :]
        assert rest == expected, name
        assert CalendarObject.parse(patched.text).head().text("SUMMARY") == "Changed, here", name
        count += 1
    assert count > 200


def test_samples_that_icalendar_reads_are_accepted_but_for_known_reasons():
    """What is one object for icalendar is one for us, unless a stated rule refuses it."""
    stated = (
        "neither a date nor a time",
        "unknown time zone",
        "given more than once",
        "without a known FREQ",
        "not a period of times",
    )
    for path in files("ics"):
        raw = path.read_bytes()
        try:
            text = raw.decode("utf-8")
            calendars = icalendar.Calendar.from_ical(raw, multiple=True)
        except Exception:  # noqa: S112 (whatever icalendar raises, it does not read it)
            continue
        parts = [
            part
            for calendar in calendars
            for part in calendar.subcomponents
            if part.name in ("VEVENT", "VTODO", "VJOURNAL")
        ]
        single = (
            len(calendars) == 1
            and len({str(part.get("UID")) for part in parts}) == 1
            and len({part.name for part in parts}) == 1
            and "UID" in parts[0]
            and "METHOD" not in calendars[0]
        )
        if not single:
            continue
        reason = refusal(text)
        assert not reason or any(part in reason for part in stated), f"{path.name}: {reason}"


def test_accepted_samples_become_activities_and_edits_of_them_are_patched_in():
    """Each event and to-do is an activity; writing it over its object is stable."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for name, item in accepted():
        if item.component == "VJOURNAL":
            continue
        if item.component == "VEVENT" and item.head().first("DTSTART") is None:
            continue
        base = Activity(company_id=CompanyId(1), owner_id=UserId(1), type_key="meeting", subject="")
        activity = object_to_activity(
            item,
            base=base,
            previous=None,
            types=STOCK_TYPES,
            collection=None,
            floating_zone="Europe/Prague",
        )
        type_ = type_of(activity)
        written = activity_to_object(activity, uid=item.uid, type_=type_, now=now, base=item)
        CalendarObject.parse(written.text)
        again = activity_to_object(activity, uid=item.uid, type_=type_, now=now, base=written)
        assert again is written, name


def test_accepted_samples_keep_their_view_through_google():
    """Calendar object, Google's item, JSON and back show one view."""
    lens = lens_for_samples()
    count, series = 0, 0
    for name, item in accepted():
        view = lens.calendar_view(item)
        if view is None:
            continue
        google = GoogleGroup(object_to_events(lens.new_for_google(item)), "Europe/Prague")
        assert without_people(lens.google_view(google.item())) == without_people(view), name
        assert lens.put_calendar(view, item) is item, name
        count += 1
        series += bool(view.instances)
    assert count > 150
    assert series > 10


def test_accepted_samples_are_shown_or_left_out_with_a_reason():
    """What has a time and is not shown says why; nothing raises."""
    lens = lens_for_samples()
    reasons = set()
    for name, item in accepted():
        dated = item.head().first("DUE" if item.component == "VTODO" else "DTSTART") is not None
        facts = lens.calendar_facts(item)
        shown = lens.calendar_view(item) is not None
        assert not (shown and facts.unsupported), name
        if not shown and dated and item.component != "VJOURNAL" and not facts.unsupported:
            assert at_the_edge(item), name
        reasons.add(facts.unsupported)
    assert {"series-frequency", "series-without-master", "series-zone"} <= reasons


def at_the_edge(item):
    """Whether an object is too near to the first or last day of the calendar for Google."""
    index = index_of(item, floating_zone="Europe/Prague")
    return index.first_utc.year < 3 or index.first_utc.year > 9900


def test_google_samples_come_to_the_calendar_as_groups():
    """Masters with their exceptions, as the samples have them, show one view on both sides."""
    lens = lens_for_samples()
    series = 0
    for path in files("google"):
        for events in groups_in(loaded(path)):
            try:
                google = event_to_object(events, uid=Uid("g"), calendar_zone="Europe/Prague")
            except ConversionError:
                continue
            shown = lens.google_view(google)
            if shown is None:
                assert lens.google_facts(google).unsupported, path.name
                continue
            assert lens.put_google(shown, google) is google
            assert not event_patches(google, google)
            _, made = lens.new_for_calendar(google, uid=Uid("c"))
            seen = lens.calendar_view(made)
            assert replace(seen, done=False) == replace(shown, done=False), path.name
            series += bool(shown.schedule.recurrence)
    assert series > 5


def groups_in(content):
    """Yield each event of a sample with the exceptions of it that the sample has."""
    events = list(events_in(content))
    for event in events:
        if not event.get("recurringEventId"):
            own = [each for each in events if each.get("recurringEventId") == event.get("id", "")]
            yield [event, *(own if event.get("recurrence") else [])]


def without_people(view):
    """Return a view without guests and answers, which do not go out by themselves."""
    shown = {
        key: each and replace(each, attendees=(), reply=None) for key, each in view.by_key().items()
    }
    return deviating(replace(view, attendees=(), reply=None), shown)


def lens_for_samples():
    """Return the lens of a connection that syncs everything."""
    return GoogleLens(
        settings=SyncSettings(
            incoming_type="meeting",
            outgoing_types=frozenset(),
            sync_from=datetime(2020, 1, 1, tzinfo=UTC).date(),
        ),
        types=STOCK_TYPES,
        calendar_zone="Europe/Prague",
    )


def test_google_samples_convert_or_say_what_is_wrong():
    """Every event resource becomes an object or a ConversionError."""
    read, refused = 0, 0
    for path in files("google"):
        for event in events_in(loaded(path)):
            try:
                item = event_to_object([event], uid=Uid("g"), calendar_zone="Europe/Prague")
            except ConversionError as error:
                refused += bool(error.property_name)
                continue
            assert CalendarObject.parse(item.text) == item
            assert object_to_events(item).master["start"]
            read += 1
    assert read > 20
    assert refused > 0


def events_in(content):
    """Yield every event resource, or what is shaped like one, in a sample."""
    if isinstance(content, list):
        for entry in content:
            yield from events_in(entry)
    elif isinstance(content, dict):
        if "start" in content or content.get("kind") == "calendar#event":
            yield content
        for value in content.values():
            yield from events_in(value)


def loaded(path):
    """Return the JSON of a sample, {} for those that are broken on purpose."""
    try:
        return json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError:
        return {}


def type_of(activity: Activity) -> ActivityType:
    """Return the stock type of an activity."""
    return next(t for t in STOCK_TYPES if t.key == activity.type_key)
