"""Guests of an event: how they are stored, whom an organizer may add, what a guest says.

Source: Google, Events resource (attendees). How copies reach the calendars of guests is told in
`events.copies`, who gets a mail in `events.mails`.
"""

from __future__ import annotations

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.google_error import Json, invalid, required
from bridge.rehearsal.world import World

_REPLIES = ("needsAction", "declined", "tentative", "accepted")
# What a guest says in the own entry; the rest of it is the organizer's.
OWN_PARTS = ("responseStatus", "comment", "additionalGuests")


def stored_guests(given: list[Json]) -> list[Json]:
    """Return guests as Google stores them: addresses in small letters, each once, with replies.

    Raises:
        GoogleError: 400 for a guest without a usable address or an unknown reply.
    """
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


def addresses(event: StoredEvent | None) -> frozenset[str]:
    """Return the addresses of the guests of an event; a deleted one has none."""
    if event is None or event.cancelled:
        return frozenset()
    return frozenset(guest["email"] for guest in event.body.get("attendees", []))


def admitted(world: World, calendar: Calendar, old: StoredEvent | None, body: Json) -> Json:
    """Return a body whose guests an organizer may have: not too many, new ones not yet replied.

    A guest stays the person or the room it was when added, whatever is sent later.

    Raises:
        GoogleError: 400 for more guests than the switch `guest_limit` allows.
    """
    before = {} if old is None else {each["email"]: each for each in old.body.get("attendees", [])}
    guests = [_as_added(guest, before.get(guest["email"])) for guest in body.get("attendees", [])]
    if len(guests) > world.switches.guest_limit:
        raise invalid("The event has too many guests.")
    if not guests:
        return body
    body = {**body, "attendees": guests}
    if world.switches.add_invitations != "when_responded":
        return body
    kept = {calendar.calendar_id, calendar.owner} | addresses(old)
    # Google warns that a reply the organizer gives for a guest may be set back by that guest's
    # setting "Add invitations to my calendar".
    renewed = [
        guest if guest["email"] in kept else {**guest, "responseStatus": "needsAction"}
        for guest in guests
    ]
    return {**body, "attendees": renewed}


def _as_added(guest: Json, before: Json | None) -> Json:
    if before is None:
        return guest
    kept = {name: value for name, value in guest.items() if name != "resource"}
    return {**kept, "resource": True} if before.get("resource") else kept


def with_reply(guests: list[Json], own: frozenset[str], given: list[Json]) -> list[Json]:
    """Return a guest list in which only an own entry says something new.

    Args:
        guests: The list as it is.
        own: Addresses of whoever replies.
        given: What was sent; entries of others are not regarded.
    """
    reply = next((each for each in given if str(each.get("email", "")).lower() in own), None)
    if reply is None:
        return guests
    email = str(reply["email"]).lower()
    said = {name: reply[name] for name in OWN_PARTS if name in reply}
    return [_saying(each, said) if each["email"] == email else each for each in guests]


def _saying(guest: Json, said: Json) -> Json:
    return {name: value for name, value in {**guest, **said}.items() if value}


def reply_of(guests: list[Json], email: str) -> Json:
    """Return what a guest says in the own entry, with defaults left out; empty for no guest."""
    entry = next((guest for guest in guests if guest["email"] == email), {})
    return {name: entry[name] for name in OWN_PARTS if entry.get(name)}
