"""Copies of an event in the calendars of guests who have an account here.

Source: Google, "Events with attendees" and the Events resource. Each guest's primary calendar holds
a copy under the same id and iCalUID. Shared facts live with the organizer's event and are written
through to all copies whenever it is saved, so that sync tokens of the guests report them; what
`resource.OWN_FIELDS` names, private properties and the own reply belong to the copy.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.rehearsal.accounts import find_account
from bridge.rehearsal.calendars.resource import Calendar, find_calendar
from bridge.rehearsal.events.instances import instance_of
from bridge.rehearsal.events.organizers import is_outside
from bridge.rehearsal.events.people import addresses, reply_of, with_reply
from bridge.rehearsal.events.recurrence import find_occurrence
from bridge.rehearsal.events.resource import MARKS, OWN_FIELDS, StoredEvent
from bridge.rehearsal.events.rows import exceptions_of, find_event, forget_event, save_event
from bridge.rehearsal.events.times import seconds_of
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.world import World

# Above this many guests replies do not reach the other guests (Google, Events resource).
_MOST_TOLD_OF_REPLIES = 200
_NO_REPLY = "needsAction"
# `source` is for the creator only.
_NOT_COPIED = frozenset(
    {*MARKS, *OWN_FIELDS, "remindersOf", "source", "extendedProperties", "attendees"}
)
# Marks that say why an exception is gone, for its copies as well.
_REASONS = ("cancelledWithSeries", "lostStart")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spreading:
    """One guest's part of a change.

    Attributes:
        calendar: The guest's primary calendar.
        invited_anew: Whether the change invites the guest, who was not invited before.
        former: Calendar from which the event was moved just now, or "".
    """

    world: World
    calendar: Calendar
    invited_anew: bool = False
    former: str = ""

    @property
    def email(self) -> str:
        return self.calendar.calendar_id


def spread(
    world: World, event: StoredEvent, *, before: StoredEvent | None, former: str = ""
) -> None:
    """Bring the copies of all guests into line with the organizer's event.

    Nothing happens for private copies, nor to a copy that is in line already. A guest who deleted
    the copy gets it back only by being invited again.

    Args:
        world: The rehearsal.
        event: The organizer's event as saved.
        before: As it was before, None for a new one.
        former: Calendar it was organized from until now, "" for the same.
    """
    if event.body.get("privateCopy") or event.origin:
        return
    concerned = addresses(event) | addresses(before)
    if event.series_id:
        concerned |= addresses(find_event(world, event.calendar_id, event.series_id))
    known = addresses(before)
    for email in sorted(concerned - {event.calendar_id}):
        if find_account(world, email) is not None:
            invited_anew = before is not None and not before.cancelled and email not in known
            calendar = find_calendar(world, email, viewer=email)
            guest = _Spreading(
                world=world, calendar=calendar, invited_anew=invited_anew, former=former
            )
            _settle(guest, event)


def _settle(guest: _Spreading, event: StoredEvent) -> None:
    held = find_event(guest.world, guest.email, event.event_id)
    if held is not None and not _is_copy_of(held, event, guest.former):
        # The guest has another event under this id; ids are unique per calendar.
        return
    if held is not None and held.body.get("removedByHolder") and not guest.invited_anew:
        return
    body = _wanted(guest, event, held)
    if body is None:
        return
    if held is None or held.body != body:
        save_event(guest.world, guest.calendar, event.event_id, body)
    if not event.series_id:
        _settle_exceptions(guest, event)


def _is_copy_of(held: StoredEvent, event: StoredEvent, former: str) -> bool:
    if held.origin:
        # A tombstone may be from before the event was moved.
        return held.cancelled or held.origin in (event.calendar_id, former)
    if held.calendar_id == former or held.body.get("bareTombstone") == "moved":
        return True
    return bool(held.body.get("privateCopy")) and held.body["iCalUID"] == event.body["iCalUID"]


def _wanted(guest: _Spreading, event: StoredEvent, held: StoredEvent | None) -> Json | None:
    """Return the body the copy is to have, or None when there is nothing to do."""
    if guest.email in addresses(event):
        return _copied(guest, event, held)
    if held is not None:
        return None if held.cancelled else _gone(held.body, event)
    # Whoever is invited to a series but not to this instance of it must not see the instance.
    if event.series_id and _series_of(guest, event) is not None:
        return _gone(_copied(guest, event, None), event)
    return None


def _gone(body: Json, event: StoredEvent) -> Json:
    reasons = {name: event.body[name] for name in _REASONS if name in event.body}
    return {**body, **reasons, "status": "cancelled", "bareTombstone": "cancelled"}


def _series_of(guest: _Spreading, event: StoredEvent) -> StoredEvent | None:
    series = find_event(guest.world, guest.email, event.series_id)
    return None if series is None or series.cancelled else series


def _settle_exceptions(guest: _Spreading, series: StoredEvent) -> None:
    known = exceptions_of(guest.world, series.calendar_id, series.event_id)
    for exception in known:
        _settle(guest, exception)
    ids = {exception.event_id for exception in known}
    for exception in exceptions_of(guest.world, guest.email, series.event_id):
        if exception.event_id not in ids and not exception.body.get("removedByHolder"):
            _follow_series(guest, series, exception)


def _follow_series(guest: _Spreading, series: StoredEvent, held: StoredEvent) -> None:
    """Renew an instance that is an exception only for this guest, by a colour of the own."""
    zone = guest.calendar.zone
    instant = seconds_of(held.body["originalStartTime"], calendar_zone=zone)
    occurrence = None
    if series.is_series and guest.email in addresses(series):
        occurrence = find_occurrence(series.body, instant, calendar_zone=zone)
    if occurrence is None:
        if series.is_series and guest.world.switches.lost_exceptions == "silent":
            forget_event(guest.world, held)
            return
        body = held.body if held.cancelled else _gone(held.body, series)
    else:
        body = _copied(guest, instance_of(series, occurrence), held)
    if body != held.body:
        save_event(guest.world, guest.calendar, held.event_id, body)


def _copied(guest: _Spreading, event: StoredEvent, held: StoredEvent | None) -> Json:
    own = held
    if own is None and event.series_id:
        own = _series_of(guest, event)
    body = {name: value for name, value in event.body.items() if name not in _NOT_COPIED}
    # A first copy takes over whether the time is busy and who may see it.
    lent = (event if own is None else own).body
    names = ("transparency", "visibility") if own is None else (*OWN_FIELDS, "remindersOf")
    body |= {name: lent[name] for name in names if name in lent}
    body.setdefault("reminders", {"useDefault": True})
    properties = _properties(event.body, own.body if own is not None else {})
    if properties:
        body["extendedProperties"] = properties
    body["attendees"] = _seen_guests(guest, event, held)
    if event.body.get("guestsCanSeeOtherGuests") is False:
        body["attendeesOmitted"] = True
    if _is_hidden(guest, event, held):
        body["hiddenInvitation"] = True
    return {**body, "originCalendar": event.calendar_id}


def _properties(shared: Json, own: Json) -> Json:
    parts = {
        "private": own.get("extendedProperties", {}).get("private"),
        "shared": shared.get("extendedProperties", {}).get("shared"),
    }
    return {kind: properties for kind, properties in parts.items() if properties}


def _seen_guests(guest: _Spreading, event: StoredEvent, held: StoredEvent | None) -> list[Json]:
    guests: list[Json] = event.body.get("attendees", [])
    if event.body.get("guestsCanSeeOtherGuests") is False:
        return [each for each in guests if each["email"] == guest.email]
    if len(guests) <= _MOST_TOLD_OF_REPLIES:
        return guests
    told = {} if held is None else {each["email"]: each for each in held.body.get("attendees", [])}
    return [
        each
        if each["email"] == guest.email
        else {
            **each,
            "responseStatus": told.get(each["email"], {}).get("responseStatus", _NO_REPLY),
        }
        for each in guests
    ]


def _is_hidden(guest: _Spreading, event: StoredEvent, held: StoredEvent | None) -> bool:
    guests = event.body.get("attendees", [])
    if reply_of(guests, guest.email).get("responseStatus", _NO_REPLY) != _NO_REPLY:
        return False
    if held is not None and not held.cancelled:
        return bool(held.body.get("hiddenInvitation"))
    setting = guest.world.switches.add_invitations
    return setting == "when_responded" or (
        setting == "known_senders" and is_outside(event.calendar_id)
    )


def with_own_reply(copy: StoredEvent, reply: Json) -> Json:
    """Return the body of a copy in which its holder says something new in the own entry."""
    own = copy.calendar_id
    guests = with_reply(copy.body.get("attendees", []), frozenset({own}), [{"email": own, **reply}])
    return {**copy.body, "attendees": guests}
