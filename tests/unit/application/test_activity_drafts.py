"""What a form makes of an activity: only what was changed changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bridge.application.activity_draft import Clocks, Draft, applied, draft_of, version_of
from bridge.domain.activity import Activity
from bridge.domain.identifiers import ActivityId, CompanyId, UserId
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.errors import InvalidInput
from bridge.ical.repeat import Frequency, Repeat

PRAGUE = "Europe/Prague"
EVENT = Clocks(zone=PRAGUE, was_todo=False, todo=False)
TODO = Clocks(zone=PRAGUE, was_todo=True, todo=True)
WEEKLY = Repeat(frequency=Frequency.WEEKLY)


def _span(*start, minutes=30, zone=PRAGUE):
    begin = datetime(*start, tzinfo=UTC)
    return TimedSpan(start=begin, end=begin + timedelta(minutes=minutes), zone=zone)


@pytest.fixture
def call():
    """A call at 10:00 in Prague."""
    return Activity(
        id=ActivityId(1),
        company_id=CompanyId(1),
        owner_id=UserId(1),
        type_key="call",
        subject="Call Eva",
        span=_span(2026, 3, 24, 9),
    )


@pytest.mark.parametrize(
    "span",
    [
        None,
        AllDaySpan(start=date(2026, 3, 24), end=date(2026, 3, 25)),
        AllDaySpan(start=date(2026, 3, 24), end=date(2026, 3, 27)),
        _span(2026, 3, 24, 9, 0, 17, minutes=31),
        _span(2026, 10, 25, 1, 30),  # 02:30 for the second time that day
        _span(2026, 3, 24, 9, zone="America/New_York"),
    ],
)
@pytest.mark.parametrize("clocks", [EVENT, TODO], ids=["event", "todo"])
def test_a_form_sent_back_as_it_was_changes_nothing(call, span, clocks):
    """Seconds, zones, and hours that the clock shows twice survive what a form cannot show."""
    before = replace(call, span=span, location=" hall ", note="a\r\nb", public_description="x\r\n")
    draft = draft_of(before, todo=clocks.todo, zone=PRAGUE)
    assert applied(draft, before, clocks) == before


def test_a_time_is_read_on_the_users_clock_and_the_zone_stays(call):
    """Moved by somebody in Prague, it goes on keeping time by New York."""
    before = replace(call, span=_span(2026, 3, 24, 9, zone="America/New_York"))
    draft = replace(draft_of(before, todo=False, zone=PRAGUE), at=time(12))
    assert applied(draft, before, EVENT).span == _span(2026, 3, 24, 11, zone="America/New_York")


def test_a_time_that_the_clock_skips_is_read_by_the_offset_before(call):
    """RFC 5545 section 3.3.5: 02:30 of that night is 03:30."""
    draft = Draft(type_key="call", subject="x", day=date(2026, 3, 29), at=time(2, 30), minutes=30)
    assert applied(draft, call, EVENT).span == _span(2026, 3, 29, 1, 30)


def test_a_todo_ends_when_it_is_due(call):
    """Its duration lies before that, also when an event becomes one."""
    draft = replace(draft_of(call, todo=False, zone=PRAGUE), type_key="task")
    changed = applied(draft, call, Clocks(zone=PRAGUE, was_todo=False, todo=True))
    assert changed.span == _span(2026, 3, 24, 8, 30)


def test_without_a_time_it_takes_whole_days(call):
    """D4: a dated activity without a time is an all-day one."""
    draft = Draft(type_key="call", subject="x", day=date(2026, 3, 24), last_day=date(2026, 3, 25))
    expected = AllDaySpan(start=date(2026, 3, 24), end=date(2026, 3, 26))
    assert applied(draft, call, EVENT).span == expected


def test_an_event_without_a_length_gets_half_an_hour_and_a_todo_none(call):
    """As from the shell."""
    draft = Draft(type_key="call", subject="x", day=date(2026, 3, 25), at=time(10))
    assert applied(draft, call, EVENT).span.duration == timedelta(minutes=30)
    assert applied(draft, call, TODO).span.duration == timedelta(0)


def test_a_moved_series_takes_its_excluded_dates_along(call):
    """The whole series moves; what was taken out stays out."""
    lines = ("RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Prague:20260331T100000")
    before = replace(call, recurrence=lines)
    draft = replace(draft_of(before, todo=False, zone=PRAGUE), at=time(15))
    changed = applied(draft, before, EVENT)
    assert changed.recurrence == (lines[0], "EXDATE;TZID=Europe/Prague:20260331T150000")


def test_a_rule_of_its_own_stays_while_only_other_fields_change(call):
    """The form cannot show it, so it does not touch it."""
    before = replace(call, recurrence=("RRULE:FREQ=MONTHLY;BYDAY=4TU",))
    draft = draft_of(before, todo=False, zone=PRAGUE)
    assert draft.own_rule
    changed = applied(replace(draft, subject="Other", at=time(11)), before, EVENT)
    assert changed.recurrence == before.recurrence
    with pytest.raises(InvalidInput) as refusal:
        applied(replace(draft, at=None), before, EVENT)
    assert refusal.value.field == "repeat"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "  "}, "subject"),
        ({"subject": "x" * 1001}, "subject"),
        ({"note": "bell \x07"}, "note"),
        ({"minutes": 600_000}, "minutes"),
        ({"day": date(1, 1, 1)}, "date"),
        ({"at": None, "last_day": date(2026, 3, 1)}, "last_date"),
        ({"day": None, "at": None, "repeat": WEEKLY}, "date"),
        ({"done": True, "repeat": WEEKLY}, "done"),
    ],
)
def test_what_contradicts_itself_is_refused_by_its_field(call, change, field):
    """So that the form can show where."""
    draft = replace(draft_of(call, todo=False, zone=PRAGUE), **change)
    with pytest.raises(InvalidInput) as refusal:
        applied(draft, call, EVENT)
    assert refusal.value.field == field


def test_a_series_that_is_done_already_can_still_be_edited(call):
    """Another program may have made it so; only making one is refused."""
    before = replace(call, recurrence=("RRULE:FREQ=WEEKLY",), done=True)
    draft = replace(draft_of(before, todo=False, zone=PRAGUE), subject="Other")
    assert applied(draft, before, EVENT).subject == "Other"


def test_reopened_activity_forgets_when_it_was_done(call):
    """Otherwise a later tick would tell the old time."""
    done = replace(call, done=True, done_at=datetime(2026, 3, 1, tzinfo=UTC))
    draft = draft_of(done, todo=False, zone=PRAGUE)
    assert applied(draft, done, EVENT).done_at == done.done_at
    assert applied(replace(draft, done=False), done, EVENT).done_at is None


def test_the_version_tells_of_contents_and_not_of_writes(call):
    """Who wrote the same again is in nobody's way."""
    assert version_of(replace(call, updated_at=datetime(2026, 1, 1, tzinfo=UTC))) == version_of(
        call
    )
    assert version_of(replace(call, note="x")) != version_of(call)


def test_a_text_that_no_form_may_send_stays_while_it_is_left_alone(call):
    """It came from elsewhere; it is in nobody's way here."""
    before = replace(call, subject="", note="bell \x07" + "x" * 20_000)
    draft = replace(draft_of(before, todo=False, zone=PRAGUE), subject="Now it has one", note=None)
    changed = applied(draft, before, EVENT)
    assert (changed.subject, changed.note) == ("Now it has one", before.note)
