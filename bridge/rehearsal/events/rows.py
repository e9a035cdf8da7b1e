"""Where events are kept: reading them and storing changes, each under a new number and ETag."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.recurrence import ENDLESS, last_end
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.times import seconds_of
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.world import World

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestWrite:
    """The latest change of a calendar and what was there before.

    Attributes:
        event_id: The event that changed.
        change: Number of the change.
        prior: The event before, None when it is new.
    """

    event_id: str
    change: int
    prior: StoredEvent | None


def find_event(world: World, calendar_id: str, event_id: str) -> StoredEvent | None:
    """Return a stored event, deleted or not, or None."""
    row = world.state.row(
        "SELECT * FROM event WHERE calendar_id = ? AND id = ?", (calendar_id, event_id)
    )
    return None if row is None else _event(row)


def find_by_uid(world: World, calendar_id: str, ical_uid: str) -> StoredEvent | None:
    """Return the living event or series of an iCalUID, exceptions not regarded, or None."""
    row = world.state.row(
        "SELECT * FROM event WHERE calendar_id = ? AND ical_uid = ? AND recurring_event_id = '' "
        "AND cancelled = 0 ORDER BY position LIMIT 1",
        (calendar_id, ical_uid),
    )
    return None if row is None else _event(row)


def exceptions_of(world: World, calendar_id: str, series_id: str) -> list[StoredEvent]:
    """Return the stored exceptions of a series, cancelled ones too, oldest first."""
    rows = world.state.rows(
        "SELECT * FROM event WHERE calendar_id = ? AND recurring_event_id = ? "
        "AND recurring_event_id != '' ORDER BY position",
        (calendar_id, series_id),
    )
    return [_event(row) for row in rows]


def series_for_instance(world: World, calendar_id: str, base: str) -> list[StoredEvent]:
    """Return the series whose instance ids begin with `base`: the first and its splits."""
    rows = world.state.rows(
        "SELECT * FROM event WHERE (calendar_id = ? AND id = ?) "
        "OR (calendar_id = ? AND id >= ? AND id < ?)",
        (calendar_id, base, calendar_id, f"{base}_R0", f"{base}_R:"),
    )
    found = [event for event in map(_event, rows) if event.is_series]
    return sorted(found, key=lambda event: event.position)


def by_position(world: World, calendar_id: str, *, after: int) -> Iterator[StoredEvent]:
    """Yield all events behind a position, in the order of their making."""
    return _in_chunks(world, calendar_id, "position", after)


def by_change(world: World, calendar_id: str, *, after: int) -> Iterator[StoredEvent]:
    """Yield all events that changed after a change number, oldest change first."""
    return _in_chunks(world, calendar_id, "change", after)


def _in_chunks(world: World, calendar_id: str, column: str, after: int) -> Iterator[StoredEvent]:
    while True:
        rows = world.state.rows(
            f"SELECT * FROM event WHERE calendar_id = ? AND {column} > ? "  # noqa: S608 - see callers
            f"ORDER BY {column} LIMIT {_CHUNK}",
            (calendar_id, after),
        )
        yield from map(_event, rows)
        if len(rows) < _CHUNK:
            return
        after = rows[-1][column]


def latest_write(world: World, calendar_id: str) -> LatestWrite | None:
    """Return the latest change of a calendar, or None when there was none."""
    row = world.state.row("SELECT * FROM latest_write WHERE calendar_id = ?", (calendar_id,))
    if row is None:
        return None
    prior = json.loads(row["prior"])
    return LatestWrite(
        event_id=row["event_id"],
        change=row["change"],
        prior=StoredEvent(**prior) if prior else None,
    )


def save_event(
    world: World, calendar: Calendar, event_id: str, body: Json, *, quiet: bool = False
) -> StoredEvent:
    """Store an event under a new change number and ETag.

    Args:
        world: The rehearsal.
        calendar: Where it is.
        event_id: New or existing id.
        body: Fields in stored form.
        quiet: Whether `updated` stays, as for a change of reminders only.
    """
    prior = find_event(world, calendar.calendar_id, event_id)
    now = world.clock.milliseconds()
    updated = prior.updated if quiet and prior is not None else now
    change, stamp = world.next_change(), world.next_stamp()
    if prior is None:
        world.state.execute(
            "INSERT INTO event (calendar_id, id, change, stamp, updated, cancelled, ical_uid, "
            "recurring_event_id, starts, ends, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (calendar.calendar_id, event_id, change, stamp, updated, *_columns(calendar, body)),
        )
    else:
        world.state.execute(
            "UPDATE event SET change = ?, stamp = ?, updated = ?, cancelled = ?, ical_uid = ?, "
            "recurring_event_id = ?, starts = ?, ends = ?, body = ? "
            "WHERE calendar_id = ? AND id = ?",
            (change, stamp, updated, *_columns(calendar, body), calendar.calendar_id, event_id),
        )
    _note(world, calendar, prior, event_id=event_id, change=change)
    saved = find_event(world, calendar.calendar_id, event_id)
    if saved is None:
        raise LookupError(event_id)
    return saved


def forget_event(world: World, event: StoredEvent) -> None:
    """Remove an event without a trace; no listing tells of it."""
    world.state.execute(
        "DELETE FROM event WHERE calendar_id = ? AND id = ?", (event.calendar_id, event.event_id)
    )


def replace_columns(world: World, calendar: Calendar) -> None:
    """Work out anew where all events of a calendar lie in time, after its zone changed."""
    for event in list(by_position(world, calendar.calendar_id, after=0)):
        columns = _columns(calendar, event.body)
        world.state.execute(
            "UPDATE event SET starts = ?, ends = ? WHERE calendar_id = ? AND id = ?",
            (columns[3], columns[4], event.calendar_id, event.event_id),
        )


def span_of(event: StoredEvent, calendar: Calendar) -> tuple[int, int]:
    """Return first start and last end in seconds since 1970; the end may be `ENDLESS`."""
    return _span(calendar, event.body)


def _columns(calendar: Calendar, body: Json) -> tuple[int, str, str, int, int, str]:
    starts, ends = _span(calendar, body)
    return (
        int(body["status"] == "cancelled"),
        body["iCalUID"],
        body.get("recurringEventId", ""),
        starts,
        min(ends, ENDLESS),
        json.dumps(body, separators=(",", ":")),
    )


def _span(calendar: Calendar, body: Json) -> tuple[int, int]:
    starts = seconds_of(body["start"], calendar_zone=calendar.zone)
    if body.get("recurrence"):
        return starts, last_end(body, calendar_zone=calendar.zone)
    return starts, seconds_of(body["end"], calendar_zone=calendar.zone)


def _note(
    world: World, calendar: Calendar, prior: StoredEvent | None, *, event_id: str, change: int
) -> None:
    world.state.execute(
        "UPDATE calendar SET latest_change = ?, latest_update = ? WHERE id = ?",
        (change, world.clock.milliseconds(), calendar.calendar_id),
    )
    before: dict[str, Any] = {}
    if prior is not None:
        before = {name: getattr(prior, name) for name in StoredEvent.__slots__}
    world.state.execute(
        "INSERT OR REPLACE INTO latest_write (calendar_id, event_id, change, prior) "
        "VALUES (?, ?, ?, ?)",
        (calendar.calendar_id, event_id, change, json.dumps(before)),
    )


def _event(row: Any) -> StoredEvent:
    return StoredEvent(
        calendar_id=row["calendar_id"],
        event_id=row["id"],
        change=row["change"],
        stamp=row["stamp"],
        updated=row["updated"],
        position=row["position"],
        body=json.loads(row["body"]),
    )
