"""Where activities stand on a sheet: the days of a month, a week or a list. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bridge.domain.agenda import AgendaEntry
from bridge.web.languages import written

LIST_DAYS = 28
LIST_ROWS = 60
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_FIRST_DAY, _LAST_DAY = date(1970, 2, 1), date(2199, 11, 30)


class View(StrEnum):
    """How activities are shown."""

    MONTH = "month"
    WEEK = "week"
    LIST = "list"

    @property
    def most_a_day(self) -> int:
        """How many entries a day shows before it only counts them."""
        return {View.MONTH: 3, View.WEEK: 20, View.LIST: LIST_ROWS}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days of a sheet.

    Attributes:
        first: First day on it.
        after: Day after its last one.
        before: A day of the sheet before.
        later: A day of the sheet after.
        title: What it is called.
    """

    first: date
    after: date
    before: date
    later: date
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An entry on one of its days.

    Attributes:
        begins: It is the first of its days.
        ends: It is the last of them.
    """

    entry: AgendaEntry
    begins: bool = True
    ends: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of a sheet.

    Attributes:
        inside: It belongs to the month shown.
        more: How many entries are not shown.
    """

    date: date
    inside: bool
    today: bool
    placed: tuple[Placed, ...]
    more: int


def period_of(view: View, day: date) -> Period:
    """Return the sheet that shows a day; one at the very ends of the calendar shows its last."""
    day = min(max(day, _FIRST_DAY), _LAST_DAY)
    match view:
        case View.MONTH:
            return _month(day)
        case View.WEEK:
            first = _monday(day)
            last = first + _WEEK - _DAY
            return Period(
                first=first,
                after=first + _WEEK,
                before=day - _WEEK,
                later=day + _WEEK,
                title=f"{_day_and_month(first, beside=last)} – {_day_and_month(last)}",
            )
        case View.LIST:
            length = timedelta(days=LIST_DAYS)
            last = day + length - _DAY
            return Period(
                first=day,
                after=day + length,
                before=day - length,
                later=day + length,
                title=f"{_day_and_month(day, beside=last)} – {_day_and_month(last)}",
            )


def days_of(
    period: Period, entries: Sequence[AgendaEntry], *, view: View, today: date, zone: ZoneInfo
) -> tuple[Day, ...]:
    """Return the days of a sheet with what takes place on each, in the order of the entries."""
    placed: dict[date, list[Placed]] = {}
    for entry in entries:
        span = entry.days(zone)
        if span is None:
            continue
        first, last = span
        begin = first if view is View.LIST and first >= period.first else max(first, period.first)
        # A list tells of everything once.
        end = begin if view is View.LIST else min(last, period.after - _DAY)
        for offset in range((end - begin).days + 1):
            day = begin + offset * _DAY
            one = Placed(entry=entry, begins=day == first, ends=day == last)
            placed.setdefault(day, []).append(one)
    month = (period.first + _WEEK).month
    return tuple(
        _day(day, placed.get(day, []), view=view, today=today, month=month)
        for day in (period.first + n * _DAY for n in range((period.after - period.first).days))
    )


def page_of(days: Sequence[Day], page: int) -> tuple[tuple[Day, ...], bool]:
    """Return one page of a list's days, of `LIST_ROWS` entries, and whether there are more."""
    skipped, left, found = page * LIST_ROWS, LIST_ROWS, []
    for day in days:
        shown = day.placed[skipped : skipped + left]
        skipped = max(0, skipped - len(day.placed))
        left -= len(shown)
        if shown:
            found.append(Day(date=day.date, inside=True, today=day.today, placed=shown, more=0))
    return tuple(found), sum(len(day.placed) for day in days) > (page + 1) * LIST_ROWS


def _day(day: date, placed: list[Placed], *, view: View, today: date, month: int) -> Day:
    # What lasts whole days, or goes on from the day before, stands above what has a time.
    ordered = sorted(placed, key=lambda one: (one.begins and one.ends) or not one.begins)
    most = len(ordered) if view is View.LIST else view.most_a_day
    if len(ordered) == most + 1:
        most += 1  # "1 more" takes the room of the one itself
    return Day(
        date=day,
        inside=view is not View.MONTH or day.month == month,
        today=day == today,
        placed=tuple(ordered[:most]),
        more=max(0, len(ordered) - most),
    )


def _month(day: date) -> Period:
    first = day.replace(day=1)
    later = (first + timedelta(days=31)).replace(day=1)
    start = _monday(first)
    weeks = -(-(later - start).days // 7)
    return Period(
        first=start,
        after=start + weeks * _WEEK,
        before=(first - _DAY).replace(day=1),
        later=later,
        title=written(first, "month"),
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _day_and_month(day: date, *, beside: date | None = None) -> str:
    if beside is not None and (day.year, day.month) == (beside.year, beside.month):
        return written(day, "date")
    if beside is not None and day.year == beside.year:
        return written(day, "day_month")
    return written(day, "day")
