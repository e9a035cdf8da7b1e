"""What lies in a stretch of time, what is overdue, what has no date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.store.agenda import Stretch

SPAN = TimedSpan(
    start=datetime(2026, 3, 11, 14, tzinfo=UTC),
    end=datetime(2026, 3, 11, 15, tzinfo=UTC),
    zone="Europe/Prague",
)
MARCH = Stretch(
    start=datetime(2026, 3, 1, tzinfo=UTC),
    end=datetime(2026, 4, 1, tzinfo=UTC),
    zone="Europe/Prague",
)


@pytest.fixture
def between(desk):
    """Return a function that reads subjects and spans of a stretch, March if none is given."""

    def read(stretch=MARCH):
        with desk.database.read() as work:
            return [
                (each.subject, each.span)
                for each in work.agenda.between(desk.user.id, stretch).entries
            ]

    return read


def test_entries_are_told_in_the_order_of_time(desk, between):
    """Whole days come before what has a time that day; a to-do counts when it is due."""
    desk.add(span=SPAN, subject="event")
    desk.add(span=SPAN, subject="to-do", type_key="task")
    days = AllDaySpan(start=date(2026, 3, 11), end=date(2026, 3, 13))
    desk.add(span=days, subject="days")
    desk.add(subject="undated")
    assert between() == [("days", days), ("event", SPAN), ("to-do", SPAN)]


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (datetime(2026, 3, 11, 15, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC), False),
        (datetime(2026, 3, 11, 14, 59, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC), True),
        (datetime(2026, 3, 11, tzinfo=UTC), datetime(2026, 3, 11, 14, tzinfo=UTC), False),
        (datetime(2026, 3, 11, tzinfo=UTC), datetime(2026, 3, 11, 14, 1, tzinfo=UTC), True),
    ],
)
def test_a_stretch_is_half_open(desk, between, start, end, found):
    """What only touches it is not in it."""
    desk.add(span=SPAN, subject="event")
    assert bool(between(Stretch(start=start, end=end, zone="UTC"))) is found


@pytest.mark.parametrize("days", [6, 7, 8, 40])
@pytest.mark.parametrize("recurrence", [(), ("RRULE:FREQ=YEARLY",)])
def test_what_lasts_is_found_on_each_of_its_days(desk, between, days, recurrence):
    """However long ago it began: long ranges are searched apart from short ones."""
    first = date(2026, 3, 2)
    span = AllDaySpan(start=first, end=first + timedelta(days=days))
    desk.add(span=span, subject="event", recurrence=recurrence)
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    found = [
        bool(between(Stretch(start=at, end=at + timedelta(hours=1), zone="UTC")))
        for at in (noon + timedelta(days=n) for n in (-1, 0, days - 1, days))
    ]
    assert found == [False, True, True, False]


@pytest.mark.parametrize("year", [2026, 2035])
def test_a_series_is_its_instances_on_record_and_beyond(desk, between, year):
    """An instance keeps its place on the clock and its length; to-dos are due."""
    desk.add(span=SPAN, subject="event", recurrence=("RRULE:FREQ=WEEKLY",))
    desk.add(span=SPAN, subject="to-do", type_key="task", recurrence=("RRULE:FREQ=WEEKLY",))
    april = Stretch(
        start=datetime(year, 4, 6, tzinfo=UTC), end=datetime(year, 4, 13, tzinfo=UTC), zone="UTC"
    )
    event, todo = between(april)
    assert (event[0], event[1].duration) == ("event", timedelta(hours=1))
    assert f"{event[1].start_utc:%a %H:%M}" == "Wed 13:00"
    assert f"{todo[1].end_utc:%a %H:%M}" == "Wed 14:00"


def test_a_day_long_series_is_told_in_days(desk, between):
    """Both kinds: DTEND is the day after, DUE the day itself."""
    days = AllDaySpan(start=date(2026, 3, 2), end=date(2026, 3, 3))
    desk.add(span=days, subject="event", recurrence=("RRULE:FREQ=DAILY;COUNT=2",))
    desk.add(span=days, subject="to-do", type_key="task", recurrence=("RRULE:FREQ=DAILY;COUNT=2",))
    later = replace(days, start=date(2026, 3, 3), end=date(2026, 3, 4))
    assert [span for _, span in between()] == [days, days, later, later]


@pytest.mark.parametrize("recurrence", [(), ("RRULE:FREQ=YEARLY",)])
@pytest.mark.parametrize("due", ["day", "midnight"])
def test_a_todo_is_told_on_the_day_it_is_due_and_on_no_other(desk, between, due, recurrence):
    """A stretch may begin with that very day, or end with it."""
    midnight = datetime(2026, 3, 10, 23, tzinfo=UTC)  # in Prague
    span = {
        "day": AllDaySpan(start=date(2026, 3, 11), end=date(2026, 3, 12)),
        "midnight": TimedSpan(start=midnight - timedelta(hours=1), end=midnight, zone="UTC"),
    }[due]
    desk.add(span=span, subject="to-do", type_key="task", recurrence=recurrence)
    day = timedelta(days=1)
    told = [
        len(between(Stretch(start=start, end=start + day, zone="Europe/Prague")))
        for start in (midnight - day, midnight, midnight + day)
    ]
    assert told == [0, 1, 0]


def test_what_is_due_today_is_not_overdue(desk):
    """Tomorrow it is; so is what took place all day."""
    today = AllDaySpan(start=date(2026, 3, 11), end=date(2026, 3, 12))
    desk.add(span=today, subject="to-do", type_key="task")
    desk.add(span=today, subject="event")
    midnight = datetime(2026, 3, 10, 23, tzinfo=UTC)  # in Prague
    told = []
    for days in (0, 1):
        with desk.database.read() as work:
            before = midnight + timedelta(days=days)
            found = work.agenda.overdue(desk.user.id, before=before, limit=9)
        told.append({each.subject for each in found})
    assert told == [set(), {"to-do", "event"}]


def test_overdue_is_what_ended_and_is_open(desk, now):
    """The latest first, as many as are asked for; no series."""
    ended = replace(SPAN, start=now - timedelta(days=2), end=now - timedelta(days=1))
    desk.add(span=ended, subject="open")
    desk.add(span=replace(ended, start=now - timedelta(days=9)), subject="longer")
    desk.add(span=ended, subject="done", done=True)
    desk.add(span=ended, subject="series", recurrence=("RRULE:FREQ=DAILY;COUNT=2",))
    desk.add(span=SPAN, subject="ahead")
    with desk.database.read() as work:
        told = work.agenda.overdue(desk.user.id, before=now, limit=9)
        first = work.agenda.overdue(desk.user.id, before=now, limit=1)
    assert sorted(each.subject for each in told) == ["longer", "open"]
    assert len(first) == 1


def test_undated_is_what_has_no_date_and_is_open(desk):
    """The newest first."""
    for subject in ("older", "newer"):
        desk.add(subject=subject)
    desk.add(subject="done", done=True)
    desk.add(span=SPAN)
    with desk.database.read() as work:
        told = work.agenda.undated(desk.user.id, limit=9)
    assert [each.subject for each in told] == ["newer", "older"]


MEETING = (
    "ORGANIZER:mailto:boss@partner.example",
    "ATTENDEE;X-CRM-SELF=TRUE:mailto:me@acme.example",
    "X-CRM-ORIGIN:GOOGLE",
)


@pytest.fixture
def colleague(desk, make_user):
    """Boris, who keeps the meetings that Anna attends too."""
    return replace(desk, user=make_user("boris"))


def both(colleague, desk, summary, *lines):
    """Bring a meeting for the colleague, then the user's own copy of it."""
    theirs = colleague.vevent("m@x", "Theirs", "CLASS:PRIVATE", *MEETING, *lines)
    number = colleague.put(theirs, "m.ics", origin="google:7").activity_id
    colleague.update(replace(colleague.activity(number), done=True, note="theirs"))
    desk.put(desk.vevent("m@x", summary, *MEETING, *lines), "m.ics", origin="google:8")
    return number


def test_a_meeting_that_a_colleague_keeps_is_told_by_ones_own_copy(desk, colleague):
    """Nothing that the colleague made of it is seen, and it is neither overdue nor undated."""
    number = both(colleague, desk, "✓ Mine")
    with desk.database.read() as work:
        (entry,) = work.agenda.between(desk.user.id, MARCH).entries
        later = MARCH.end + timedelta(days=90)
        assert work.agenda.overdue(desk.user.id, before=later, limit=9) == ()
        assert work.agenda.undated(desk.user.id, limit=9) == ()
        april = replace(MARCH, start=MARCH.end, end=later)
        assert work.agenda.between(desk.user.id, april).entries == ()
    span = TimedSpan(
        start=datetime(2026, 3, 10, 10, tzinfo=UTC),
        end=datetime(2026, 3, 10, 11, tzinfo=UTC),
        zone="UTC",
    )
    assert (entry.subject, entry.done, entry.private) == ("Mine", True, False)
    assert (entry.activity_id, entry.shared, entry.series) == (number, True, False)
    assert (entry.span, entry.type_key) == (span, "meeting")


def test_a_series_of_meetings_that_a_colleague_keeps_is_told_by_its_instances(
    desk, colleague, between
):
    """Those of the own copy, in any year."""
    both(colleague, desk, "Mine", "RRULE:FREQ=WEEKLY", "EXDATE:20260317T100000Z")
    assert [title for title, _ in between()] == ["Mine"] * 3
    spring = Stretch(
        start=datetime(2041, 3, 1, tzinfo=UTC), end=datetime(2041, 3, 8, tzinfo=UTC), zone="UTC"
    )
    assert len(between(spring)) == 1


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_copies_and_how_they_stand_are_found_by_indexes(desk, colleague, plans):
    """Whoever shares nothing pays for one look into an empty index."""
    both(colleague, desk, "Mine")
    with plans() as steps, desk.database.read() as work:
        work.agenda.between(desk.user.id, MARCH)
        work.activity_sync.of(desk.user.id, [1])
    assert [step for step in steps if step.startswith("SCAN calendar_objects")] == []
    assert any("ix_calendar_objects_shared " in step for step in steps)
