"""Which calendars are on whose calendar list, and how one comes on it and goes."""

from __future__ import annotations

import json

from bridge.rehearsal.calendars.palette import CALENDAR_COLOURS
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.world import World

_FIRST_COLOUR = 14


def first_look(world: World, email: str) -> Json:
    """Return the colours in which the next calendar comes on an account's list."""
    row = world.state.row(
        "SELECT count(*) AS number FROM calendar_entry WHERE email = ? AND deleted = 0", (email,)
    )
    present = int(row["number"]) if row is not None else 0
    number = str((present + _FIRST_COLOUR - 1) % len(CALENDAR_COLOURS) + 1)
    return {
        "colorId": number,
        "backgroundColor": CALENDAR_COLOURS[number],
        "foregroundColor": "#000000",
    }


def list_for(world: World, calendar_id: str, email: str, *, role: str, body: Json) -> None:
    """Put a calendar on an account's list, or back on it, with these settings."""
    world.state.execute(
        "INSERT INTO calendar_entry (email, calendar_id, role, body, stamp, change, deleted) "
        "VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT (email, calendar_id) DO UPDATE SET "
        "role = excluded.role, body = excluded.body, stamp = excluded.stamp, "
        "change = excluded.change, deleted = 0",
        (email, calendar_id, role, json.dumps(body), world.next_stamp(), world.next_change()),
    )


def relist_for(world: World, calendar_id: str, email: str, *, role: str) -> None:
    """Put a calendar on an account's list as it was there before, or as a new one."""
    row = world.state.row(
        "SELECT body FROM calendar_entry WHERE email = ? AND calendar_id = ?", (email, calendar_id)
    )
    body = json.loads(row["body"]) if row is not None else first_look(world, email)
    list_for(world, calendar_id, email, role=role, body={"selected": True, **body})


def unlist_for(world: World, calendar_id: str, email: str) -> None:
    """Take a calendar off an account's list, which remembers that."""
    world.state.execute(
        "UPDATE calendar_entry SET deleted = 1, change = ?, stamp = ? "
        "WHERE calendar_id = ? AND email = ? AND deleted = 0",
        (world.next_change(), world.next_stamp(), calendar_id, email),
    )
