"""The laws of the lens (design decision 23) for series, with views from arbitrary edits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.convert.lens import GoogleLens
from bridge.convert.properties.classification import HIDDEN
from bridge.convert.series_views import busy_block, is_cancelled, plain_instance
from bridge.domain.activity import STOCK_TYPES, Attendee
from bridge.domain.identifiers import Uid
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.sync_settings import PrivateEvents, SyncSettings
from bridge.domain.view import Instance, Schedule, View, Visibility
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import make_line
from bridge.ical.ordinals import Pattern, starts
from bridge.ical.patch import PropertyChange, patch_members
from bridge.ical.rule_keys import key_of
from bridge.ical.split_off import Predecessor
from google_group import GoogleGroup

ZONE = "Europe/Prague"
texts = st.sampled_from(["", "A", "B", "✓ A", "✓✓", "Busy", "--- CRM contact ---\nx", " a\n"])
RULES = [
    (),
    ("RRULE:FREQ=DAILY",),
    ("RRULE:FREQ=DAILY;COUNT=9;INTERVAL=1",),
    ("RRULE:WKST=SU;FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,MO",),
    ("RRULE:FREQ=DAILY;UNTIL=20260330T120000Z",),
    ("RRULE:FREQ=MONTHLY;BYMONTHDAY=31", "RDATE:20260328T090000Z,20260329T013000Z"),
    ("RDATE;VALUE=DATE:20260329,20260327",),
    ("RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"),
    ("RRULE:FREQ=HOURLY",),
    ("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"),
    ("RRULE:FREQ=DAILY;BYDAY=XX",),
    ("EXDATE:20260328T090000Z",),
    ("nonsense",),
]
days = st.dates(date(2026, 3, 25), date(2026, 4, 2))
at = st.sampled_from([timedelta(hours=1, minutes=30), timedelta(hours=9), timedelta(hours=23)])
moments = st.builds(lambda day, time: datetime(*day.timetuple()[:3], tzinfo=UTC) + time, days, at)
lengths = st.sampled_from([timedelta(0), timedelta(hours=1), timedelta(hours=30)])
zones = st.sampled_from(["UTC", ZONE, "America/New_York", "Asia/Calcutta", "Nowhere/Atlantis"])
timed = st.builds(
    lambda start, length, zone: TimedSpan(start=start, end=start + length, zone=zone),
    moments, lengths, zones,
)  # fmt: skip
whole_days = st.builds(
    lambda day, n: AllDaySpan(start=day, end=day + timedelta(days=n)), days, st.integers(1, 3)
)
keys = moments.map(key_of) | days.map(key_of) | st.sampled_from(["", "x", "99991231T000000Z"])
single_views = st.builds(
    View,
    title=texts,
    schedule=st.builds(Schedule, span=timed | whole_days),
    location=texts,
    description=texts,
    busy=st.booleans(),
    visibility=st.sampled_from(Visibility),
    done=st.booleans(),
    reminders=st.sampled_from([None, None, (), (10,), (5, 60)]),
    conference=st.sampled_from(["", "", "https://meet.example/1"]),
    attendees=st.sampled_from([(), (), (Attendee(email="b@x.example", name="Bea"),)]),
)


def key_near(span, steps):
    """Return the key of the instance of a daily series so many days after its first."""
    if isinstance(span, AllDaySpan):
        return key_of(span.start + timedelta(days=steps))
    zone = UTC if span.zone == "UTC" else ZoneInfo(span.zone if "Now" not in span.zone else ZONE)
    return key_of(span.start.astimezone(zone) + timedelta(days=steps))


@st.composite
def series_views(draw):
    """Draw a view with rules and instances, many of which the rules do not have."""
    view = draw(single_views)
    near = st.integers(0, 9).map(lambda steps: key_near(view.schedule.span, steps))
    likely = st.one_of(near, near, near, keys)
    shown = (
        st.none() | single_views | single_views.map(lambda each: replace(view, title=each.title))
    )
    wanted = draw(st.dictionaries(likely, shown, max_size=4))
    instances = tuple(Instance(key=key, view=wanted[key]) for key in sorted(wanted))
    schedule = replace(view.schedule, recurrence=draw(st.sampled_from(RULES)))
    colour = draw(st.sampled_from(["", "5", "7"]))
    return replace(view, schedule=schedule, instances=instances, colour=colour)


def lens_of(
    private=PrivateEvents.SAVE_AS_PRIVATE, *, contacts=False, incoming="meeting", busy_only=()
):
    """Return the lens of a connection."""
    return GoogleLens(
        settings=SyncSettings(
            incoming_type=incoming,
            outgoing_types=frozenset({"call"}),
            sync_from=date(2026, 1, 1),
            private_events=private,
            contact_information=contacts,
            guests_out=True,
            busy_only_types=frozenset(busy_only),
        ),
        types=STOCK_TYPES,
        calendar_zone=ZONE,
        own_addresses=["me@x.example"],
    )


lenses = st.builds(
    lambda private, contacts, busy: lens_of(private, contacts=contacts, busy_only=busy),
    st.sampled_from(PrivateEvents),
    st.booleans(),
    st.sampled_from([(), ("meeting",), ("meeting", "task")]),
)
HEADS = [
    ("VEVENT", ["DTSTART;TZID=Europe/Prague:20260325T103000", "DURATION:PT1H"]),
    ("VEVENT", ["DTSTART:20260325T103000", "DTEND:20260325T113000", "SUMMARY:✓ floating"]),
    ("VEVENT", ["DTSTART;TZID=W. Europe Standard Time:20260325T023000", "CLASS:PRIVATE"]),
    ("VEVENT", ["DTSTART;VALUE=DATE:20260325", "X-CRM-PERSON;X-CRM-ID=1:Ada", "CONTACT:Ada"]),
    ("VEVENT", ["DTSTART:20260325T093000Z", "X-CRM-GOOGLE-VISIBILITY:PRIVATE"]),
    ("VTODO", ["DUE;TZID=Europe/Prague:20260325T103000", "STATUS:COMPLETED"]),
    ("VTODO", ["DTSTART:20260325T080000Z", "DUE:20260325T093000Z"]),
    ("VTODO", ["DTSTART;VALUE=DATE:20260325", "DUE;VALUE=DATE:20260326", "TRANSP:OPAQUE"]),
]
OF_SERIES = [
    [],
    ["RRULE:FREQ=DAILY"],
    ["RRULE:FREQ=DAILY;COUNT=9", "EXDATE:20260327T093000Z,20260328T093000Z"],
    ["RRULE:FREQ=DAILY;UNTIL=20260410", "EXDATE;TZID=Europe/Prague:20260327T103000"],
    ["RRULE:FREQ=WEEKLY;WKST=MO;BYDAY=MO,WE,FR", "RDATE:20260328T093000Z"],
]
OVERRIDES = {
    "20260326": ["SUMMARY:Other"],
    "20260327": ["SUMMARY:Hidden", "CLASS:PRIVATE", "X-CRM-PERSON;X-CRM-ID=2:Bob"],
    "20260329": ["STATUS:CANCELLED"],
    "20260330": ["DESCRIPTION:never there"],
}


@st.composite
def calendar_items(draw):
    """Draw a calendar object that Google can show, with overrides of all sorts."""
    component, head = draw(st.sampled_from(HEADS))
    rules = draw(st.sampled_from(OF_SERIES))
    if any("VALUE=DATE" in line for line in head):
        rules = [line for line in rules if not line.startswith("RDATE")]
    members = [[*head, *rules, "SEQUENCE:2"]]
    for day in draw(st.sets(st.sampled_from(sorted(OVERRIDES)))):
        own = [line for line in head if line.startswith(("DTSTART", "DUE"))]
        times = [line.replace("20260325", day).replace("20260326", day) for line in own]
        began = times[0].replace("DTSTART", "RECURRENCE-ID").replace("DUE", "RECURRENCE-ID")
        moved = draw(st.booleans())
        shown = [line.replace("T103000", "T144500") if moved else line for line in times]
        members.append([began, *shown, *OVERRIDES[day]])
    return CalendarObject.parse(text_of(component, members))


def text_of(component, members):
    """Return the text of an object with these members."""
    parts = "".join(
        f"BEGIN:{component}\r\nUID:s\r\nDTSTAMP:20260101T000000Z\r\n"
        + "".join(f"{line}\r\n" for line in lines)
        + f"END:{component}\r\n"
        for lines in members
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{parts}END:VCALENDAR\r\n"


STAMP = {"extendedProperties": {"private": {"crmdavUid": "u"}}}


@st.composite
def google_items(draw, stamps=({}, STAMP)):
    """Draw an item of Google as people there left it."""
    stamp = draw(st.sampled_from(stamps))
    days = {"start": {"date": "2026-03-25"}, "end": {"date": "2026-03-26"}}
    blank = event_to_object([{"id": "x", **days, **stamp}], uid=Uid("g"), calendar_zone=ZONE)
    first = lens_of().put_google(draw(series_views()), blank)
    return with_private_dates(draw, lens_of().put_google(draw(series_views()), first))


def with_private_dates(draw, item):
    """Return an item of Google some of whose changed dates are private, alone among them."""
    dates = [
        each for each in item.members() if each.first("RECURRENCE-ID") and not is_cancelled(each)
    ]
    hidden = PropertyChange(name="CLASS", lines=(make_line("CLASS", "PRIVATE"),))
    return patch_members(
        item, [(each, (hidden,)) for each in dates if draw(st.integers(0, 3)) == 0]
    )


@given(lenses, calendar_items())
def test_putting_what_a_series_shows_into_it_changes_nothing(lens, item):
    """put(get(x), x) == x on the calendar side."""
    view = lens.calendar_view(item)
    assert view is not None
    assert lens.put_calendar(view, item) is item


@given(lenses, calendar_items(), series_views())
def test_any_view_put_into_a_series_is_stable(lens, item, view):
    """put(get(put(v, x)), x) == put(v, x), and what is written is valid and put again is kept."""
    written = lens.put_calendar(view, item)
    CalendarObject.parse(written.text)
    shown = lens.calendar_view(written)
    assert shown is not None
    assert lens.put_calendar(shown, item).text == written.text
    assert lens.put_calendar(shown, written) is written


@given(calendar_items(), calendar_items())
def test_a_series_shows_what_another_one_shows_after_put(item, other):
    """get(put(v, x)) == v for views get can make, but for what is hidden in x."""
    lens = lens_of()
    view = lens.calendar_view(other)
    if not view.schedule.recurrence:
        view = replace(view, done=False)
    written = lens.calendar_view(lens.put_calendar(view, item))
    hidden = "CLASS:PRIVATE" in item.text
    assert hidden or replace(written, done=False) == view


@given(lenses, google_items())
def test_putting_what_google_shows_of_a_series_changes_nothing(lens, item):
    """put(get(x), x) == x on Google's side, and to Google nothing is sent."""
    shown = lens.google_view(item)
    assert shown is not None
    assert lens.put_google(shown, item) is item
    assert not event_patches(item, item)


@given(lenses, google_items(), series_views())
def test_any_view_put_into_googles_series_is_stable_and_never_laxer(lens, item, view):
    """put(get(put(v, x)), x) == put(v, x); `Save as public` never opens what Google hides."""
    written = lens.put_google(view, item)
    CalendarObject.parse(written.text)
    shown = lens.google_view(written)
    assert shown is not None
    assert lens.put_google(shown, item).text == written.text
    hidden = lens.google_view(item).visibility in HIDDEN
    if hidden and lens.settings.private_events is not PrivateEvents.SAVE_AS_PRIVATE:
        assert shown.visibility in HIDDEN


@given(calendar_items(), google_items())
def test_google_shows_what_a_series_shows_after_put(item, google):
    """get(put(v, x)) == v on Google's side."""
    lens = lens_of()
    view = lens.calendar_view(item)
    assert lens.google_view(lens.put_google(view, google)) == view


@given(lenses, calendar_items())
def test_a_new_series_at_google_shows_the_calendars_view(lens, item):
    """The insert, then a patch of each instance, and back: the same view."""
    view = lens.calendar_view(item)
    made = lens.new_for_google(item)
    if view.visibility in HIDDEN and lens.settings.private_events is PrivateEvents.DO_NOT_SYNC:
        view = busy_block(view)
    assert lens_of().google_view(made) == view
    google = GoogleGroup(object_to_events(made), ZONE)
    assert lens_of().google_view(google.item()) == view


@given(google_items([STAMP]), google_items([STAMP]))
def test_patches_lead_from_one_version_of_a_series_to_the_other(first, second):
    """What is sent makes Google show the other version; sent again, there is nothing to send."""
    lens = lens_of()
    google = GoogleGroup(object_to_events(first), ZONE, STAMP)
    # What a new item says of no single date, as we make none that is private alone.
    google.patch(event_patches(google.item(), first))
    base = google.item()
    assert lens.google_view(base) == lens.google_view(first)
    wanted = lens.put_google(lens.google_view(second), base)
    google.patch(event_patches(base, wanted))
    assert lens.google_view(google.item()) == lens.google_view(second)
    assert not event_patches(google.item(), wanted).master


@given(google_items(), st.sampled_from(["meeting", "task"]))
def test_what_google_shows_of_a_series_comes_to_a_new_object_and_back(item, incoming):
    """A new object shows what Google shows, done of the series and the block of contacts aside."""
    lens = lens_of(incoming=incoming)
    shown = lens.google_view(item)
    _, made = lens.new_for_calendar(item, uid=Uid("new"))
    assert CalendarObject.parse(made.text) == made
    seen = lens.calendar_view(made)
    assert without_blocks(seen) == without_blocks(shown)


@given(calendar_items(), google_items(), st.integers(-1, 5))
def test_a_series_that_goes_on_from_another_one_shows_what_google_shows(item, google, number):
    """Whatever the old one says of its dates, and wherever it is split."""
    lens = lens_of()
    schedule = lens.calendar_view(item).schedule
    pattern = Pattern(span=schedule.span, lines=schedule.recurrence)
    dates = list(islice(starts(pattern), 6)) if schedule.recurrence else []
    key = dates[number] if 0 <= number < len(dates) else ""
    before = Predecessor(object=item, key=key)
    _, made = lens.new_for_calendar(google, uid=Uid("new"), before=before)
    assert CalendarObject.parse(made.text) == made
    assert {member.value("UID") for member in made.members()} == {"new"}
    assert ("X-CRM-CONTINUES:s" in made.text) is bool(dates)
    seen, shown = lens.calendar_view(made), lens.google_view(google)
    assert seen.schedule == shown.schedule
    if "CLASS:PRIVATE" not in item.text:
        assert without_blocks(seen) == without_blocks(shown)


def without_blocks(view):
    """Return a view without descriptions, colours and marks of the whole."""
    instances = {}
    done = view.done and not view.schedule.recurrence
    bare = replace(view, description="", colour="", done=done, instances=())
    for instance in view.instances:
        each = instance.view and replace(instance.view, description="", colour="")
        if each != plain_instance(bare, instance.key):
            instances[instance.key] = each
    ordered = tuple(Instance(key=key, view=instances[key]) for key in sorted(instances))
    return replace(bare, instances=ordered)
