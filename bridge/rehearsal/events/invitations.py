"""Invitations from organizers who have no account here, sent by the control surface.

The organizer's event lives in a calendar on nobody's list; accounts among its guests get copies, as
of an event organized here. Source of the ids: `google-calendar-facts` section 3.
"""

from __future__ import annotations

import json
import secrets

from bridge.errors import InvalidInput
from bridge.rehearsal.accounts import find_account
from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events import organizing
from bridge.rehearsal.events.body import stored_fields
from bridge.rehearsal.events.desk import Desk
from bridge.rehearsal.events.importing import imported_id
from bridge.rehearsal.events.organizers import outside_calendar, outside_calendars
from bridge.rehearsal.events.resource import StoredEvent, render
from bridge.rehearsal.events.rows import by_position, find_event
from bridge.rehearsal.events.shape import EVENT_SHAPE, shaped, without_nulls
from bridge.rehearsal.events.writing import WriteOptions, delete_event, patch_event
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.world import World


def invite(world: World, body: Json) -> Json:
    """Create an event of an outside organizer, which reaches the accounts among its guests.

    Args:
        world: The rehearsal.
        body: `organizer` (an address, or email and displayName), `event` (an Events resource with
            attendees; iCalUID is optional), and `locked` for copies whose main fields are fixed.

    Returns:
        The event as its organizer sees it.

    Raises:
        InvalidInput: No event, or an organizer who has an account and so can use the API.
        GoogleError: 400 for fields Google does not take.
    """
    organizer = _organizer(world, body.get("organizer"))
    given = without_nulls(_event(body))
    if given.get("status") == "cancelled":
        raise InvalidInput("an invitation cannot begin as cancelled", field="status")
    calendar = outside_calendar(world, organizer["email"])
    fields = stored_fields(given, calendar_zone=calendar.zone)
    domain = organizer["email"].split("@")[1]
    uid = given.get("iCalUID") or f"{secrets.token_hex(16)}@{domain}"
    event_id = imported_id(uid)
    if find_event(world, calendar.calendar_id, event_id) is not None:
        raise InvalidInput(f"this iCalUID was used already: `{uid}`", field="iCalUID")
    fields |= {"iCalUID": uid, "organizer": organizer, "creator": organizer}
    if body.get("locked") is True:
        fields["locked"] = True
    desk = Desk(world=world, calendar=calendar, email=organizer["email"])
    made = organizing.create(desk, event_id, fields, sequence=given.get("sequence", 0))
    return render(made, calendar)


def change_invitation(world: World, body: Json) -> Json:
    """Change an event of an outside organizer, or one instance of it, as a patch does.

    Args:
        world: The rehearsal.
        body: `id` of the event or instance, and `event` with what changes.

    Raises:
        InvalidInput: No such event.
        GoogleError: 400 for fields Google does not take.
    """
    calendar = _calendar_of(world, body)
    desk = _desk(world, calendar)
    return render(patch_event(desk, str(body["id"]), _event(body)), calendar)


def cancel_invitation(world: World, body: Json) -> Json:
    """Cancel an event of an outside organizer, or one instance of it.

    Args:
        world: The rehearsal.
        body: `id` of the event or instance.

    Raises:
        InvalidInput: No such event.
        GoogleError: 410 when it is cancelled already.
    """
    calendar = _calendar_of(world, body)
    delete_event(_desk(world, calendar), str(body["id"]))
    return {}


def invitations(world: World, _: Json) -> list[Json]:
    """Return the events of outside organizers as these see them, replies included."""
    return [
        render(event, calendar)
        for calendar in outside_calendars(world)
        for event in by_position(world, calendar.calendar_id, after=0)
    ]


def _organizer(world: World, given: object) -> Json:
    person: Json = {"email": given} if isinstance(given, str) else dict(_object(given, "organizer"))
    email = person.get("email")
    if not isinstance(email, str) or email.count("@") != 1 or not email.isprintable():
        raise InvalidInput("`organizer` is an address", field="organizer")
    if find_account(world, email) is not None:
        raise InvalidInput("the organizer has an account; use the API", field="organizer")
    name = person.get("displayName")
    return {"email": email.strip().lower(), **({"displayName": str(name)} if name else {})}


def _event(body: Json) -> Json:
    given = _object(body.get("event"), "event")
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("`event` has half a character in it", field="event") from error
    fields: Json = shaped(given, EVENT_SHAPE)
    return fields


def _object(value: object, name: str) -> Json:
    if not isinstance(value, dict):
        raise InvalidInput(f"`{name}` is missing or no object", field=name)
    return value


def _calendar_of(world: World, body: Json) -> Calendar:
    event_id = str(body.get("id") or "")
    for calendar in outside_calendars(world):
        if _base_of(world, calendar, event_id) is not None:
            return calendar
    raise InvalidInput(f"no invitation has the id `{event_id}`", field="id")


def _base_of(world: World, calendar: Calendar, event_id: str) -> StoredEvent | None:
    found = find_event(world, calendar.calendar_id, event_id)
    if found is not None:
        return found
    return find_event(world, calendar.calendar_id, event_id.rpartition("_")[0])


def _desk(world: World, calendar: Calendar) -> Desk:
    options = WriteOptions(supports_attachments=True)
    return Desk(world=world, calendar=calendar, email=calendar.owner, options=options)
