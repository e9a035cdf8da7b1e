"""Properties of activity to calendar object and back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bridge.convert.activity import activity_to_object, object_to_activity
from bridge.domain.activity import (
    STOCK_TYPES,
    Activity,
    Attendee,
    CollectionName,
    Conference,
    Deal,
    Organization,
    Person,
    Reply,
)
from bridge.domain.identifiers import CompanyId, Uid, UserId
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import clean_text
from bridge.ical.spans import index_of

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ZONES = ("UTC", "Europe/Prague", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
NOTE = "internal-note-marker"

texts = st.text(
    alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("\\;,:\n✓\u200b "))
)
clean = texts.map(clean_text)
trimmed = clean.map(str.strip)
words = st.text(alphabet="abcXYZ09 äß,;:'\"^", min_size=1, max_size=12).map(str.strip).filter(bool)
instants = st.datetimes(
    min_value=NOW.replace(year=1971, tzinfo=None),
    max_value=NOW.replace(year=2090, tzinfo=None),
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))
lengths = st.integers(0, 60 * 24 * 9).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def timed_spans(draw):
    """Draw a timed span of up to nine days."""
    start, length = draw(instants), draw(lengths)
    return TimedSpan(start=start, end=start + length, zone=draw(st.sampled_from(ZONES)))


@st.composite
def all_day_spans(draw):
    """Draw an all-day span of up to nine days."""
    first = draw(st.dates(date(1971, 1, 1), date(2090, 1, 1)))
    return AllDaySpan(start=first, end=first + timedelta(days=draw(st.integers(1, 9))))


spans = timed_spans() | all_day_spans()
attendees = st.lists(
    st.builds(
        Attendee,
        email=st.from_regex(r"[a-z]{1,8}@example\.com", fullmatch=True),
        name=words,
        reply=st.sampled_from(Reply),
        optional=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda attendee: attendee.email,
).map(tuple)
conferences = st.just(Conference()) | st.builds(
    Conference, client=words, url=st.just("https://meet.example.com/x?a=1"), id=words
)
persons = st.none() | st.builds(
    Person, id=st.integers(1, 99), name=words, email=st.just("p@example.com"), phone=st.just("+1")
)


@st.composite
def activities(draw):
    """Draw an activity of a stock type."""
    type_ = draw(st.sampled_from(STOCK_TYPES))
    undated = type_.collection is CollectionName.TASKS and draw(st.booleans())
    done = draw(st.booleans())
    todo = type_.collection is CollectionName.TASKS
    return Activity(
        company_id=CompanyId(1),
        owner_id=UserId(2),
        type_key=type_.key,
        subject=draw(clean),
        span=None if undated else draw(spans),
        done=done,
        done_at=draw(instants) if done and todo else None,
        busy=draw(st.sampled_from([None, True, False])),
        private=draw(st.booleans()),
        do_not_sync=draw(st.booleans()),
        location=draw(clean),
        public_description=draw(clean),
        note=NOTE,
        priority=draw(st.integers(0, 9)),
        person=draw(persons),
        organization=draw(st.none() | st.builds(Organization, id=st.integers(1, 9), name=words)),
        deal=draw(st.none() | st.builds(Deal, id=st.integers(1, 9), title=words)),
        attendees=draw(attendees),
        conference=draw(conferences),
        recurrence=draw(st.sampled_from([(), ("RRULE:FREQ=WEEKLY;COUNT=3",)]))
        if not undated
        else (),
    )


def as_object(activity, *, base=None):
    """Return the calendar object of an activity."""
    type_ = next(t for t in STOCK_TYPES if t.key == activity.type_key)
    return activity_to_object(activity, uid=Uid("u-1"), type_=type_, now=NOW, base=base)


def read_back(item, base, previous=None):
    """Return what a client's object makes of an activity."""
    collection = CollectionName.TASKS if item.component == "VTODO" else CollectionName.ACTIVITIES
    return object_to_activity(
        item,
        base=base,
        previous=previous,
        types=STOCK_TYPES,
        collection=collection,
        floating_zone="Europe/Prague",
    )


@given(activities())
def test_an_activity_read_back_from_its_own_object_is_the_same(activity):
    """Round trip on all shared fields, starting from an empty activity of the same links."""
    blank = replace(
        activity,
        subject="",
        span=None,
        type_key="meeting" if as_object(activity).component == "VEVENT" else "task",
        done=False,
        done_at=None,
        private=False,
        location="",
        public_description="",
        priority=0,
        attendees=(),
        conference=Conference(),
        recurrence=(),
    )
    item = as_object(activity)
    assert CalendarObject.parse(item.text) == item
    assert read_back(item, blank) == activity


@given(activities())
def test_an_object_that_says_it_already_is_returned_untouched(activity):
    """Writing over the own object changes nothing, not even the time stamps."""
    item = as_object(activity)
    assert as_object(activity, base=item) is item


@given(activities(), activities())
def test_writing_over_another_activity_says_the_new_one(first, second):
    """Whatever the base said, afterwards the object reads as the new activity."""
    base = as_object(first)
    kinds = {t.key: t.collection.component for t in STOCK_TYPES}
    if kinds[second.type_key] != base.component:
        second = replace(second, type_key=first.type_key)
    if base.component == "VEVENT" and second.span is None:
        second = replace(second, span=first.span)
    if base.component == "VEVENT":
        second = replace(second, done_at=None)
    elif second.done and second.done_at is None:
        second = replace(second, done_at=NOW)
    item = as_object(second, base=base)
    assert CalendarObject.parse(item.text) == item
    seen = read_back(item, replace(second, subject="?", span=None, location="?"))
    assert seen == second
    assert as_object(second, base=item) is item


@given(activities())
def test_the_internal_note_is_in_no_object(activity):
    """The note has no mapper, so its text is nowhere."""
    assert NOTE not in as_object(activity).text


@given(activities())
def test_every_object_of_ours_can_be_indexed(activity):
    """The columns for time-range queries exist for whatever we write."""
    index = index_of(as_object(activity), floating_zone="Europe/Prague")
    assert index.recurring == bool(activity.recurrence)
    if index.last_utc is not None and index.first_utc is not None:
        assert index.first_utc < index.last_utc
    if isinstance(activity.span, TimedSpan):
        assert index.first_utc is not None
        assert activity.span.zone == "UTC" or ZoneInfo(activity.span.zone)
