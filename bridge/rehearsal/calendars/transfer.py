"""Handing a secondary calendar to another data owner.

Source: Google, Calendars: transferOwnership. The former data owner stays an owner by access.
"""

from __future__ import annotations

from bridge.rehearsal.calendars.access import set_rule
from bridge.rehearsal.calendars.listed import first_look, list_for
from bridge.rehearsal.calendars.resource import Calendar, find_calendar
from bridge.rehearsal.world import World


def transfer(world: World, calendar: Calendar, new_owner: str) -> None:
    """Make an account the data owner of a calendar and put it on that account's list."""
    world.state.execute(
        "UPDATE calendar SET owner = ?, stamp = ? WHERE id = ?",
        (new_owner, world.next_stamp(), calendar.calendar_id),
    )
    set_rule(world, calendar.calendar_id, scope_type="user", scope_value=new_owner, role="owner")
    theirs = find_calendar(world, calendar.calendar_id, viewer=new_owner)
    if not theirs.is_listed:
        body = {**first_look(world, new_owner), "selected": True, "defaultReminders": []}
        list_for(world, calendar.calendar_id, new_owner, role="owner", body=body)
