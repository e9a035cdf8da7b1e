"""Where activities stand on a sheet."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.domain.agenda import AgendaEntry
from bridge.domain.identifiers import ActivityId
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.web.activity_sheet import LIST_ROWS, View, days_of, page_of, period_of

PRAGUE = ZoneInfo("Europe/Prague")
TODAY = date(2026, 3, 2)


def _entry(span, number=1, **more):
    return AgendaEntry(
        activity_id=ActivityId(number), type_key="call", subject=f"s{number}", span=span, **more
    )


def _timed(*start, minutes=30, **more):
    begin = datetime(*start, tzinfo=UTC)
    span = TimedSpan(start=begin, end=begin + timedelta(minutes=minutes), zone="UTC")
    return _entry(span, **more)


def _days(period, entries, view=View.MONTH):
    return days_of(period, entries, view=view, today=TODAY, zone=PRAGUE)


def _where(days):
    return [day.date.isoformat() for day in days if day.placed]


@pytest.mark.parametrize(
    ("day", "first", "after"),
    [
        (date(2026, 3, 15), date(2026, 2, 23), date(2026, 4, 6)),
        (date(2026, 2, 1), date(2026, 1, 26), date(2026, 3, 2)),
        (date(2027, 2, 1), date(2027, 2, 1), date(2027, 3, 1)),
    ],
)
def test_a_month_is_shown_in_whole_weeks(day, first, after):
    """From the Monday on or before its first day, as many weeks as it needs."""
    period = period_of(View.MONTH, day)
    assert (period.first, period.after) == (first, after)
    assert period_of(View.MONTH, period.later).title != period.title
    assert [each.inside for each in _days(period, ())].count(True) in range(28, 32)


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_the_calendar_have_sheets(view, day):
    """An odd address shows a sheet; its neighbours can be computed."""
    period = period_of(view, day)
    assert period.first < period.after
    assert period.before < period.later


def test_an_activity_stands_on_the_days_of_the_users_clock():
    """23:30 in UTC is the next day in Prague; one that ends at midnight does not touch the next."""
    period = period_of(View.MONTH, TODAY)
    assert _where(_days(period, [_timed(2026, 3, 10, 23, 30)])) == ["2026-03-11"]
    assert _where(_days(period, [_timed(2026, 3, 10, 22, 30)])) == ["2026-03-10"]
    assert _where(_days(period, [_timed(2026, 3, 10, 22, 30, minutes=31)])) == [
        "2026-03-10",
        "2026-03-11",
    ]


def test_a_todo_stands_on_the_day_it_is_due():
    """However long it takes before."""
    todo = _timed(2026, 3, 9, 12, minutes=24 * 60, todo=True)
    assert _where(_days(period_of(View.MONTH, TODAY), [todo])) == ["2026-03-10"]


def test_whole_days_stand_on_each_and_tell_where_they_begin_and_end():
    """Also when they come from before the sheet or go beyond it."""
    span = AllDaySpan(start=date(2026, 2, 20), end=date(2026, 2, 26))
    days = _days(period_of(View.MONTH, TODAY), [_entry(span)])
    assert _where(days) == ["2026-02-23", "2026-02-24", "2026-02-25"]
    assert [(one.begins, one.ends) for day in days for one in day.placed] == [
        (False, False),
        (False, False),
        (False, True),
    ]
    assert (
        len(_where(_days(period_of(View.LIST, date(2026, 2, 21)), [_entry(span)], View.LIST))) == 1
    )


def test_a_full_day_counts_what_it_does_not_show():
    """One too many is shown instead of being counted."""
    period = period_of(View.MONTH, TODAY)
    entries = [_timed(2026, 3, 10, 9, number=n) for n in range(View.MONTH.most_a_day + 1)]
    (day,) = [each for each in _days(period, entries) if each.placed]
    assert (len(day.placed), day.more) == (View.MONTH.most_a_day + 1, 0)
    entries.append(_timed(2026, 3, 10, 9, number=99))
    (day,) = [each for each in _days(period, entries) if each.placed]
    assert (len(day.placed), day.more) == (View.MONTH.most_a_day, 2)


def test_a_long_list_has_pages_that_lose_nothing():
    """Each entry is on exactly one page."""
    period = period_of(View.LIST, TODAY)
    entries = [_timed(2026, 3, 3 + n % 20, 9, number=n) for n in range(LIST_ROWS * 2 + 5)]
    days = _days(period, entries, View.LIST)
    seen, page, more = [], 0, True
    while more:
        shown, more = page_of(days, page)
        seen += [one.entry.activity_id for day in shown for one in day.placed]
        page += 1
    assert page == 3
    assert sorted(seen) == list(range(len(entries)))
