"""The calendar sheet: a month or a week of a calendar as a person sees it."""

from __future__ import annotations

from calendar import Calendar as Weeks
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.filters import ListQuery
from bridge.rehearsal.events.listing import list_page
from bridge.rehearsal.events.times import zone_of
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.page.entries import Entry, entry_of
from bridge.rehearsal.page.lanes import Day, laid_out
from bridge.rehearsal.world import World

_PAGE = 2500
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Whole weeks, Monday first.

    Attributes:
        kind: `month` or `week`.
        first: First day of the month or week.
        weeks: The weeks, of which a month's first and last may reach beyond it.
        entries: Events of all these days.
    """

    kind: str
    first: date
    weeks: tuple[tuple[Day, ...], ...]
    entries: tuple[Entry, ...]

    @property
    def title(self) -> str:
        """Name of the month, or first and last day of the week."""
        if self.kind == "month":
            return f"{self.first:%B %Y}"
        last = self.first + timedelta(days=6)
        begin = f"{self.first.day}"
        if self.first.month != last.month:
            begin += f" {self.first:%B}"
        if self.first.year != last.year:
            begin += f" {self.first.year}"
        return f"{begin} \N{EN DASH} {last.day} {last:%B %Y}"

    @property
    def here(self) -> dict[str, str]:
        """Query parameter of this sheet."""
        return self.of(self.first)

    @property
    def before(self) -> dict[str, str]:
        """Query parameter of the sheet before."""
        return self.of(self.first - timedelta(days=1))

    @property
    def after(self) -> dict[str, str]:
        """Query parameter of the sheet after."""
        return self.of(self.first + (timedelta(days=31) if self.kind == "month" else _WEEK))

    def of(self, day: date) -> dict[str, str]:
        """Return the query parameter of the sheet of this kind on which a day is."""
        if self.kind == "month":
            return {"month": f"{day:%Y-%m}"}
        return {"week": (day - timedelta(days=day.weekday())).isoformat()}

    def day_for(self, today: date) -> date:
        """Return today when it is on the sheet, else the first day."""
        return today if self.of(today) == self.here else self.first

    def on(self, day: date) -> list[Entry]:
        """Return the events of a day, those of whole days first."""
        return [entry for entry in self.entries if entry.touches(day)]

    @property
    def agenda(self) -> list[tuple[date, list[Entry]]]:
        """The days of the month or week on which something begins or goes on, with their events."""
        days = [day.date for week in self.weeks for day in week if day.inside]
        return [(day, self.on(day)) for day in days if self.on(day)]


def month_of(world: World, calendar: Calendar, first: date, *, deleted: bool = False) -> Sheet:
    """Return the sheet of a month.

    Args:
        world: The rehearsal.
        calendar: What is shown.
        first: First day of the month.
        deleted: Whether deleted events are shown, too.
    """
    weeks = Weeks().monthdatescalendar(first.year, first.month)
    inside = frozenset(day for week in weeks for day in week if day.month == first.month)
    entries = _entries(world, calendar, weeks, deleted=deleted)
    days = tuple(laid_out(week, entries, inside=inside, folds=True) for week in weeks)
    return Sheet(kind="month", first=first, weeks=days, entries=tuple(entries))


def week_of(world: World, calendar: Calendar, day: date, *, deleted: bool = False) -> Sheet:
    """Return the sheet of the week of a day, with every event on it.

    Args:
        world: The rehearsal.
        calendar: What is shown.
        day: Any day of the week.
        deleted: Whether deleted events are shown, too.
    """
    first = day - timedelta(days=day.weekday())
    days = [first + timedelta(days=number) for number in range(7)]
    entries = _entries(world, calendar, [days], deleted=deleted)
    week = laid_out(days, entries, inside=frozenset(days), folds=False)
    return Sheet(kind="week", first=first, weeks=(week,), entries=tuple(entries))


def _entries(
    world: World, calendar: Calendar, weeks: list[list[date]], *, deleted: bool
) -> list[Entry]:
    query = ListQuery(
        max_results=_PAGE,
        single_events=True,
        show_deleted=deleted,
        order_by="startTime",
        time_min=_midnight(weeks[0][0], calendar),
        time_max=_midnight(weeks[-1][-1] + timedelta(days=1), calendar),
    )
    found = filter(None, map(entry_of, _items(world, calendar, query)))
    # After a split a tombstone and a living instance can have one id; the later one counts.
    return sorted({entry.event_id: entry for entry in found}.values(), key=_order)


def _items(world: World, calendar: Calendar, query: ListQuery) -> list[Json]:
    page = list_page(world, calendar, query)
    items = page.items
    while page.next_page_token:
        page = list_page(world, calendar, replace(query, page_token=page.next_page_token))
        items = items + page.items
    return items


def _midnight(day: date, calendar: Calendar) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone_of(calendar.zone))
    return int(midnight.timestamp())


def _order(entry: Entry) -> tuple[bool, date, int, str, str]:
    length = (entry.last_day - entry.first_day).days
    return not entry.is_bar, entry.first_day, -length, entry.clock_time, entry.title
