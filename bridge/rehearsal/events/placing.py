"""Placing events that the API cannot make: from mails, from contacts, by invitation.

Source: `google-calendar-facts` sections 2, 8 and 10. It is what Google itself would have put there;
no rule for clients holds here but the form of the fields.
"""

from __future__ import annotations

import json
import re

from bridge.rehearsal.calendars.resource import find_calendar
from bridge.rehearsal.events.body import stored_fields
from bridge.rehearsal.events.conference import with_conference
from bridge.rehearsal.events.instances import instance_id
from bridge.rehearsal.events.resource import render
from bridge.rehearsal.events.rows import find_event, save_event
from bridge.rehearsal.events.shape import EVENT_SHAPE, shaped, without_nulls
from bridge.rehearsal.events.times import stored_time
from bridge.rehearsal.google_error import Json, duplicate, invalid, required
from bridge.rehearsal.world import World

# Wider than what clients may choose (section 3).
_ID = re.compile(r"[A-Za-z0-9_]{5,1024}")
_ONLY_GOOGLE = ("gadget", "locked", "birthdayProperties", "hiddenInvitation")


def place_event(world: World, email: str, given: Json, *, calendar_id: str = "primary") -> Json:
    """Put an event of any type on a calendar and return its resource.

    Beside what a client may write, the server's own fields count: `eventType` `fromGmail`,
    `birthdayProperties` with a contact, `gadget`, `locked`, `creator` and `organizer`, an exception
    without its series (`recurringEventId`, `originalStartTime`), and `hiddenInvitation` for an
    invitation that waits to be looked at.

    Args:
        world: The rehearsal.
        email: Account on whose calendar it is.
        given: Event resource.
        calendar_id: One of the account's calendars.

    Raises:
        GoogleError: 404 for an unknown calendar, 409 for a taken id, 400 for bad fields.
    """
    calendar = find_calendar(world, calendar_id, viewer=email)
    asked: Json = without_nulls(shaped(given, EVENT_SHAPE))
    fields = stored_fields(asked, calendar_zone=calendar.zone)
    fields |= {name: given[name] for name in _ONLY_GOOGLE if given.get(name)}
    fields |= _of_series(asked, calendar.zone)
    if fields["eventType"] == "fromGmail":
        fields.setdefault("visibility", "private")
    event_id = asked.get("id") or _default_id(world, fields)
    if _ID.fullmatch(event_id) is None:
        raise invalid("Invalid resource id value.")
    if find_event(world, calendar.calendar_id, event_id) is not None:
        raise duplicate()
    people = {
        name: {"email": calendar.calendar_id, **without_nulls(given.get(name) or {})}
        for name in ("creator", "organizer")
    }
    uid = asked.get("iCalUID") or f"{fields.get('recurringEventId', event_id)}@google.com"
    body = {
        "created": world.clock.milliseconds(),
        **people,
        "iCalUID": uid,
        "sequence": asked.get("sequence", 0),
        **fields,
    }
    body = with_conference(world, calendar, {}, body)
    return render(save_event(world, calendar, event_id, body), calendar)


def allow_conferences(world: World, email: str, calendar_id: str, types: list[str]) -> Json:
    """Set which kinds of conferences a calendar allows, as its administrator would; return it.

    Raises:
        GoogleError: 404 for an unknown calendar.
    """
    calendar = find_calendar(world, calendar_id, viewer=email)
    properties = {"allowedConferenceSolutionTypes": types}
    world.state.execute(
        "UPDATE calendar SET body = ?, stamp = ? WHERE id = ?",
        (
            json.dumps({**calendar.body, "conferenceProperties": properties}),
            world.next_stamp(),
            calendar.calendar_id,
        ),
    )
    return find_calendar(world, calendar_id, viewer=email).to_json()


def _of_series(asked: Json, zone: str) -> Json:
    if not asked.get("recurringEventId"):
        return {}
    if not asked.get("originalStartTime"):
        raise required("Missing original start time.")
    original = stored_time(asked["originalStartTime"], what="original start", calendar_zone=zone)
    return {"recurringEventId": asked["recurringEventId"], "originalStartTime": original}


def _default_id(world: World, fields: Json) -> str:
    if "recurringEventId" in fields:
        return instance_id(fields["recurringEventId"], fields["originalStartTime"])
    return f"placed{world.next_stamp():x}"
