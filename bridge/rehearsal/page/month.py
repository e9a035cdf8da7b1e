"""A month of a calendar as a person sees it: weeks of days, with events laid out in lanes.

An event of several days keeps its lane through a week, so that its parts join to one bar.
"""

from __future__ import annotations

from calendar import Calendar as Weeks
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.filters import ListQuery
from bridge.rehearsal.events.listing import list_page
from bridge.rehearsal.events.times import zone_of
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.page.entries import Entry, entry_of
from bridge.rehearsal.world import World

_PAGE = 2500
_SURE_LANES = 3
_MOST_LANES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in a day's column: a part of an event, or a gap above one.

    Attributes:
        entry: The event, None for a gap.
        days: Over how many days from here on the bar's text may run, 0 where another day has it.
        starts: Whether the event begins here.
        ends: Whether it ends here.
    """

    entry: Entry | None = None
    days: int = 0
    starts: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the sheet.

    Attributes:
        date: The day.
        inside: Whether it belongs to the month.
        slots: What is drawn, from the top.
        more: Events there is no room for.
    """

    date: date
    inside: bool
    slots: tuple[Slot, ...]
    more: tuple[Entry, ...]

    @property
    def marks(self) -> list[str]:
        """Colours of the events, for a sheet too narrow for their titles."""
        drawn = [slot.entry.look for slot in self.slots if slot.entry]
        return [*drawn, *(entry.look for entry in self.more)][:_MOST_LANES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A sheet of whole weeks, Monday first."""

    first: date
    weeks: tuple[tuple[Day, ...], ...]
    entries: tuple[Entry, ...]

    @property
    def title(self) -> str:
        """Name of the month and year."""
        return f"{self.first:%B %Y}"

    @property
    def name(self) -> str:
        """The month as yyyy-mm."""
        return f"{self.first:%Y-%m}"

    @property
    def before(self) -> str:
        """The month before, as yyyy-mm."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The month after, as yyyy-mm."""
        return f"{self.first + timedelta(days=31):%Y-%m}"

    def on(self, day: date) -> list[Entry]:
        """Return the events of a day, those of whole days first."""
        return [entry for entry in self.entries if entry.touches(day)]

    @property
    def agenda(self) -> list[tuple[date, list[Entry]]]:
        """The days of the month on which something begins or goes on, with their events."""
        days = [day.date for week in self.weeks for day in week if day.inside]
        return [(day, self.on(day)) for day in days if self.on(day)]


def month_of(world: World, calendar: Calendar, first: date, *, deleted: bool = False) -> Month:
    """Return the sheet of a month.

    Args:
        world: The rehearsal.
        calendar: What is shown.
        first: First day of the month.
        deleted: Whether deleted events are shown, too.
    """
    weeks = Weeks().monthdatescalendar(first.year, first.month)
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
    entries = sorted({entry.event_id: entry for entry in found}.values(), key=_order)
    days = tuple(_week(week, first, entries) for week in weeks)
    return Month(first=first, weeks=days, entries=tuple(entries))


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


def _week(days: list[date], first: date, entries: list[Entry]) -> tuple[Day, ...]:
    here = [entry for entry in entries if any(map(entry.touches, days))]
    lanes = _lanes(days, here)
    by_day = {day: [entry for entry in here if entry.touches(day)] for day in days}
    crowded = [
        day
        for day, own in by_day.items()
        if any(lanes[each.event_id] >= _MOST_LANES for each in own)
    ]

    def is_visible(entry: Entry) -> bool:
        lane = lanes[entry.event_id]
        return lane < _SURE_LANES or (lane < _MOST_LANES and not any(map(entry.touches, crowded)))

    visible = {entry.event_id for entry in here if is_visible(entry)}
    return tuple(
        Day(
            date=day,
            inside=day.month == first.month,
            slots=_slots(
                day, days, {lanes[each.event_id]: each for each in own if each.event_id in visible}
            ),
            more=tuple(entry for entry in own if entry.event_id not in visible),
        )
        for day, own in by_day.items()
    )


def _lanes(days: list[date], entries: list[Entry]) -> dict[str, int]:
    """Return for each event of a week the uppermost lane that is free on all of its days."""
    taken: dict[date, set[int]] = {day: set() for day in days}
    lanes = {}
    for entry in entries:
        own = [taken[day] for day in days if entry.touches(day)]
        full = set().union(*own)
        lane = next(number for number in count() if number not in full)
        for lanes_of_day in own:
            lanes_of_day.add(lane)
        lanes[entry.event_id] = lane
    return lanes


def _slots(day: date, days: list[date], here: dict[int, Entry]) -> tuple[Slot, ...]:
    depth = max(here, default=-1) + 1
    return tuple(_slot(here[lane], day, days) if lane in here else Slot() for lane in range(depth))


def _slot(entry: Entry, day: date, days: list[date]) -> Slot:
    has_text = day == max(entry.first_day, days[0])
    return Slot(
        entry=entry,
        days=(min(entry.last_day, days[-1]) - day).days + 1 if has_text else 0,
        starts=day == entry.first_day,
        ends=day == entry.last_day,
    )
