"""Guests of an event, and the mails Google would send them.

Source: Google, Events resource (attendees) and the `sendUpdates` parameter. Copies in the calendars
of guests are not made yet.
"""

from __future__ import annotations

from enum import Enum

from bridge.rehearsal.accounts import find_account
from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.google_error import Json, invalid, required
from bridge.rehearsal.world import World

_MOST_GUESTS = 200
_REPLIES = ("needsAction", "declined", "tentative", "accepted")


class SendUpdates(Enum):
    """Who gets a mail about a write."""

    ALL = "all"
    EXTERNAL_ONLY = "externalOnly"
    NONE = "none"


def stored_guests(given: list[Json]) -> list[Json]:
    """Return guests as Google stores them: addresses in small letters, each once, with replies.

    Raises:
        GoogleError: 400 for a guest without a usable address, an unknown reply, or too many guests.
    """
    if len(given) > _MOST_GUESTS:
        raise invalid("The event has too many guests.")
    guests: dict[str, Json] = {}
    for entry in given:
        guest = _guest(entry)
        guests.setdefault(guest["email"], guest)
    return list(guests.values())


def _guest(given: Json) -> Json:
    email = str(given.get("email") or "").strip().lower()
    if not email:
        raise required("Missing attendee email.")
    if email.count("@") != 1 or " " in email or email.startswith("@") or email.endswith("@"):
        raise invalid("Invalid attendee email.")
    reply = given.get("responseStatus", "needsAction")
    if reply not in _REPLIES:
        raise invalid(f"Invalid value for: {reply} is not a valid value")
    guest: Json = {"email": email, "responseStatus": reply}
    # Left out where they have their default, which is the empty value for all of these.
    for name in ("displayName", "resource", "optional", "comment", "additionalGuests"):
        if given.get(name):
            guest[name] = given[name]
    return guest


def send_mails(
    world: World,
    calendar: Calendar,
    event: StoredEvent,
    *,
    before: StoredEvent | None,
    send_updates: SendUpdates,
) -> None:
    """Note the mails that Google would send about a write.

    Args:
        world: The rehearsal.
        calendar: Where the event is.
        event: The event after the write.
        before: The event before it, None for a new one.
        send_updates: What the caller asked for.
    """
    if send_updates is SendUpdates.NONE:
        return
    now = _addresses(event, calendar)
    then = _addresses(before, calendar) if before is not None and not before.cancelled else set()
    if event.cancelled:
        kinds = dict.fromkeys(then, "cancellation")
    else:
        kinds = {address: "update" if address in then else "invitation" for address in now}
        kinds |= dict.fromkeys(then - now, "cancellation")
    for address, kind in sorted(kinds.items()):
        external = find_account(world, address) is None
        if send_updates is SendUpdates.ALL or external:
            world.add_mail(
                {
                    "to": address,
                    "kind": kind,
                    "calendar_id": calendar.calendar_id,
                    "event_id": event.event_id,
                    "summary": event.body.get("summary", ""),
                    "sendUpdates": send_updates.value,
                }
            )


def _addresses(event: StoredEvent, calendar: Calendar) -> set[str]:
    guests = {guest["email"] for guest in event.body.get("attendees", [])}
    return guests - {calendar.calendar_id, calendar.owner}
