"""A month of a calendar as a person sees it: weeks of days, each with its events."""

from __future__ import annotations

from calendar import Calendar as Weeks
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.filters import ListQuery
from bridge.rehearsal.events.listing import list_page
from bridge.rehearsal.events.times import zone_of
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.world import World

_MOST_SHOWN = 2500


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event on one day.

    Attributes:
        event_id: Its id.
        title: What is shown, "(No title)" for none.
        clock_time: Start as HH:MM, "" when it lasts all day or began before.
        first_day: Day on which it starts, in the calendar's zone.
        last_day: Last day it touches, in the calendar's zone.
        place: Location or "".
    """

    event_id: str
    title: str
    clock_time: str
    first_day: date
    last_day: date
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the sheet.

    Attributes:
        date: The day.
        inside: Whether it belongs to the month.
        entries: Events on it.
    """

    date: date
    inside: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A sheet of whole weeks, Monday first."""

    first: date
    weeks: tuple[tuple[Day, ...], ...]

    @property
    def title(self) -> str:
        """Name of the month and year."""
        return f"{self.first:%B %Y}"

    @property
    def before(self) -> str:
        """The month before, as yyyy-mm."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The month after, as yyyy-mm."""
        return f"{self.first + timedelta(days=31):%Y-%m}"

    @property
    def entries(self) -> list[Entry]:
        """Every event of the sheet once, by start."""
        once = {
            entry.event_id: entry for week in self.weeks for day in week for entry in day.entries
        }
        return sorted(once.values(), key=lambda entry: (entry.first_day, entry.clock_time))


def month_of(world: World, calendar: Calendar, first: date) -> Month:
    """Return the sheet of a month.

    Args:
        world: The rehearsal.
        calendar: What is shown.
        first: First day of the month.
    """
    days = Weeks().monthdatescalendar(first.year, first.month)
    query = ListQuery(
        max_results=_MOST_SHOWN,
        single_events=True,
        order_by="startTime",
        time_min=_midnight(days[0][0], calendar),
        time_max=_midnight(days[-1][-1] + timedelta(days=1), calendar),
    )
    page = list_page(world, calendar, query)
    entries = [_entry(item) for item in page.items]
    weeks = tuple(tuple(_day(each, first, entries) for each in week) for week in days)
    return Month(first=first, weeks=weeks)


def _midnight(day: date, calendar: Calendar) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone_of(calendar.zone))
    return int(midnight.timestamp())


def _day(day: date, first: date, entries: list[Entry]) -> Day:
    here = tuple(entry for entry in entries if entry.first_day <= day <= entry.last_day)
    return Day(date=day, inside=day.month == first.month, entries=here)


def _entry(item: Json) -> Entry:
    start, end = item["start"], item["end"]
    if "date" in start:
        first = date.fromisoformat(start["date"])
        last = date.fromisoformat(end["date"]) - timedelta(days=1)
        clock_time = ""
    else:
        begin, finish = (datetime.fromisoformat(each["dateTime"]) for each in (start, end))
        # An event that ends at midnight does not touch the day that begins then.
        last = max(begin, finish - timedelta(seconds=1)).date()
        first, clock_time = begin.date(), f"{begin:%H:%M}"
    return Entry(
        event_id=item["id"],
        title=item.get("summary") or "(No title)",
        clock_time=clock_time,
        first_day=first,
        last_day=last,
        place=item.get("location", ""),
    )
