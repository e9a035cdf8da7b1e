"""Weeks of the calendar sheet laid out: each event in a lane, which it keeps through the week.

The parts of an event of several days so join to one bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count

from bridge.rehearsal.page.entries import Entry

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


def laid_out(
    days: list[date], entries: list[Entry], *, inside: frozenset[date], folds: bool
) -> tuple[Day, ...]:
    """Return a week with its events.

    Args:
        days: The seven days.
        entries: Events in the order in which they get their lanes.
        inside: Days that belong to what the sheet is about.
        folds: Whether a crowded day keeps all but the first events behind a button.
    """
    here = [entry for entry in entries if any(map(entry.touches, days))]
    lanes = _lanes(days, here, fills_gaps=folds)
    by_day = {day: [entry for entry in here if entry.touches(day)] for day in days}
    crowded = [
        day
        for day, own in by_day.items()
        if any(lanes[each.event_id] >= _MOST_LANES for each in own)
    ]

    def is_visible(entry: Entry) -> bool:
        """Return whether there is room for the entry."""
        if not folds:
            return True
        lane = lanes[entry.event_id]
        return lane < _SURE_LANES or (lane < _MOST_LANES and not any(map(entry.touches, crowded)))

    visible = {entry.event_id for entry in here if is_visible(entry)}
    return tuple(
        Day(
            date=day,
            inside=day in inside,
            slots=_slots(
                day, days, {lanes[each.event_id]: each for each in own if each.event_id in visible}
            ),
            more=tuple(entry for entry in own if entry.event_id not in visible),
        )
        for day, own in by_day.items()
    )


def _lanes(days: list[date], entries: list[Entry], *, fills_gaps: bool) -> dict[str, int]:
    """Return for each event of a week the uppermost lane that is free on all of its days.

    Where lines do not fill the gaps above bars they may be of any height.
    """
    taken: dict[date, set[int]] = {day: set() for day in days}
    lanes = {}
    for entry in entries:
        own = [taken[day] for day in days if entry.touches(day)]
        full = set().union(*own)
        lowest = 0 if fills_gaps or entry.is_bar else max(full, default=-1) + 1
        lane = next(number for number in count(lowest) if number not in full)
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
