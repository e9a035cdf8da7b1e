"""Removing a calendar with everything in it, as its owner or Google may do."""

from __future__ import annotations

from bridge.rehearsal.calendars.access import end_all_access
from bridge.rehearsal.world import World


def remove_calendar(world: World, calendar_id: str) -> None:
    """Delete a calendar's events and all access to it; every list remembers that it was there."""
    for table in ("event", "latest_write"):
        world.state.execute(
            f"DELETE FROM {table} WHERE calendar_id = ?",  # noqa: S608 - names from the line above
            (calendar_id,),
        )
    end_all_access(world, calendar_id)
