"""What guests do with their copies: own settings, replies, rights the organizer gave, leaving.

Source: Google, "Events with attendees"; Events resource (guestsCan...); "Handle API errors" for
`forbiddenForNonOrganizer`. What is shared goes to the organizer's event, and from there to all
copies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events import organizing
from bridge.rehearsal.events.conference import with_conference
from bridge.rehearsal.events.copies import with_own_reply
from bridge.rehearsal.events.desk import Desk, WriteOptions
from bridge.rehearsal.events.mails import tell_organizer
from bridge.rehearsal.events.organizers import organizers_event
from bridge.rehearsal.events.parts import with_checked_parts
from bridge.rehearsal.events.people import OWN_PARTS, reply_of, with_reply
from bridge.rehearsal.events.resource import MARKS, OWN_FIELDS, StoredEvent
from bridge.rehearsal.events.rows import exceptions_of, find_event, save_event
from bridge.rehearsal.events.visibility import with_series_visibility
from bridge.rehearsal.google_error import Json, forbidden_for_non_organizer

_LOCKED = frozenset({"summary", "description", "location", "start", "end", "recurrence"})
_ORGANIZERS_ONLY = frozenset(
    {"guestsCanModify", "guestsCanInviteOthers", "guestsCanSeeOtherGuests", "anyoneCanAddSelf"}
)
# What all copies have alike, apart from guests and shared extended properties.
_SHARED = (
    *sorted(_LOCKED | _ORGANIZERS_ONLY), "status", "endTimeUnspecified", "attachments",
    "conferenceData",
)  # fmt: skip

# Changes that do not move `updated`.
_QUIET = ({"reminders"}, {"remindersOf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a write of a copy says about things that are not the copy's own.

    Attributes:
        facts: Shared fields that differ, None for those taken away.
        reply: The own entry's new words, None when they stay.
        added: Guests who were not on the list.
        guests: The whole list when entries of others differ or are missing, else None.
        properties: Shared extended properties when they differ, else None.
    """

    facts: Json
    reply: Json | None
    added: list[Json]
    guests: list[Json] | None
    properties: Json | None

    @property
    def is_empty(self) -> bool:
        """Whether the organizer's event stays as it is."""
        only_reply = self.reply is None and self.properties is None
        return only_reply and not self.facts and not self.added and self.guests is None


def rewrite_copy(
    desk: Desk, old: StoredEvent, fields: Json, *, sequence: int | None
) -> StoredEvent:
    """Store new fields of a guest's copy and pass on what concerns the others.

    Args:
        desk: Who writes; the calendar is the guest's.
        old: The copy, or the instance of a copied series.
        fields: All fields in stored form.
        sequence: The sequence number sent, None for none.

    Raises:
        GoogleError: 403 `forbiddenForNonOrganizer` for what only the organizer may change; 400 for
            a lower sequence number.
    """
    if old.cancelled:
        raise forbidden_for_non_organizer()
    organizing.next_sequence(old, sequence, raised=False)
    fields = with_conference(desk.world, desk.calendar, old.body, fields)
    wish, body = _granted(desk, old, _wish(old, fields), _with_own_fields(old, fields))
    found = organizers_event(desk.world, old)
    if found is None and wish.reply is not None:
        body = with_own_reply(old.with_only(body), wish.reply)
    passed_on = found is not None and not wish.is_empty
    if body != old.body or not passed_on:
        _save_own(desk, old, body)
    if found is not None and passed_on:
        _pass_on(desk, old, wish, *found)
    saved = find_event(desk.world, old.calendar_id, old.event_id)
    return old if saved is None else saved


def leave(desk: Desk, old: StoredEvent) -> None:
    """Delete a guest's copy: it is hidden and the invitation declined, for a series throughout."""
    left = [old]
    if not old.series_id:
        own = exceptions_of(desk.world, old.calendar_id, old.event_id)
        left += [exception for exception in own if not exception.cancelled]
    declined = {"responseStatus": "declined"}
    # All are hidden first, so that the spreading replies find them so.
    for each in left:
        body = {**with_own_reply(each, declined), "status": "cancelled", "removedByHolder": True}
        save_event(desk.world, desk.calendar, each.event_id, body)
    wish = _Wish(facts={}, reply=declined, added=[], guests=None, properties=None)
    for each in left:
        found = organizers_event(desk.world, each)
        if found is not None and _is_news(each.calendar_id, found[1]):
            _pass_on(desk, each, wish, *found)
            # One mail says it all.
            desk = replace(desk, options=WriteOptions())


def _is_news(email: str, event: StoredEvent) -> bool:
    said = reply_of(event.body.get("attendees", []), email)
    return not event.cancelled and said.get("responseStatus", "declined") != "declined"


def _wish(old: StoredEvent, fields: Json) -> _Wish:
    were, are = (
        (body.get("extendedProperties") or {}).get("shared", {}) for body in (old.body, fields)
    )
    return _Wish(
        facts={
            name: fields.get(name) for name in _SHARED if old.body.get(name) != fields.get(name)
        },
        properties=are if were != are else None,
        **_wished_guests(old, fields),
    )


def _wished_guests(old: StoredEvent, fields: Json) -> Json:
    """Return the parts of a wish that concern the guest list."""
    own = old.calendar_id
    were, are = (
        {guest["email"]: guest for guest in body.get("attendees", [])}
        for body in (old.body, fields)
    )
    said_before, said = (
        {name: each.get(own, {}).get(name) for name in OWN_PARTS} for each in (were, are)
    )
    added = [guest for email, guest in are.items() if email not in were]
    others_differ = any(
        _for_organizer(guest, own) != _for_organizer(are.get(email), own)
        for email, guest in were.items()
    )
    return {
        "reply": said if own in are and said != said_before else None,
        "added": [{**guest, "responseStatus": "needsAction"} for guest in added],
        "guests": list(are.values()) if others_differ else None,
    }


def _for_organizer(guest: Json | None, own: str) -> Json | None:
    """Return what of a guest's entry is not for the holder `own` of the copy to say."""
    if guest is None or guest["email"] != own:
        return guest
    return {name: value for name, value in guest.items() if name not in OWN_PARTS}


def _granted(desk: Desk, old: StoredEvent, wish: _Wish, body: Json) -> tuple[_Wish, Json]:
    """Return what of a wish is passed on, and the copy's body as far as it is local.

    Raises:
        GoogleError: 403 when the write is refused.
    """
    locked = bool(old.body.get("locked") and _LOCKED & wish.facts.keys())
    if not locked and not _exceeds_rights(old, wish):
        return wish, body
    behaviour = desk.world.switches.copy_edits
    if locked or behaviour == "refused":
        raise forbidden_for_non_organizer()
    if behaviour == "kept":
        body = _changed(body, wish.facts)
    return replace(wish, facts={}, added=[], guests=None), body


def _exceeds_rights(old: StoredEvent, wish: _Wish) -> bool:
    if _ORGANIZERS_ONLY & wish.facts.keys():
        return True
    if old.body.get("guestsCanModify"):
        return False
    invites = bool(wish.added) and old.body.get("guestsCanInviteOthers") is False
    return invites or bool(wish.facts) or wish.guests is not None


def _changed(body: Json, changes: Json) -> Json:
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def _with_own_fields(old: StoredEvent, fields: Json) -> Json:
    kept = {
        name: value
        for name, value in old.body.items()
        if name not in OWN_FIELDS and name != "extendedProperties"
    }
    kept |= {name: fields[name] for name in OWN_FIELDS if name in fields}
    parts = {
        "private": fields.get("extendedProperties", {}).get("private"),
        "shared": old.body.get("extendedProperties", {}).get("shared"),
    }
    properties = {kind: each for kind, each in parts.items() if each}
    return {**kept, "extendedProperties": properties} if properties else kept


def _save_own(desk: Desk, old: StoredEvent, body: Json) -> None:
    body = with_checked_parts(desk.world, desk.calendar, desk.email, old.body, body)
    body = with_series_visibility(desk.world, desk.calendar, old, body)
    differing = {
        name for name in body.keys() | old.body.keys() if body.get(name) != old.body.get(name)
    }
    save_event(desk.world, desk.calendar, old.event_id, body, quiet=differing in _QUIET)


def _pass_on(
    desk: Desk, copy: StoredEvent, wish: _Wish, calendar: Calendar, event: StoredEvent
) -> None:
    given_back = {*organizing.ONLY_SERVER, *MARKS}
    fields = {name: value for name, value in event.body.items() if name not in given_back}
    guests = fields.get("attendees", [])
    if wish.guests is not None and event.body.get("guestsCanSeeOtherGuests", True):
        guests = wish.guests
    elif wish.added:
        guests = [*guests, *wish.added]
    if wish.reply is not None:
        own = copy.calendar_id
        guests = with_reply(guests, frozenset({own}), [{"email": own, **wish.reply}])
    fields = _changed(fields, {**wish.facts, "attendees": guests or None})
    if wish.properties is not None:
        own_part = event.body.get("extendedProperties", {}).get("private")
        fields["extendedProperties"] = {
            kind: each
            for kind, each in (("private", own_part), ("shared", wish.properties))
            if each
        }
    organizer = Desk(world=desk.world, calendar=calendar, email=desk.email, options=desk.options)
    saved = organizing.replace(organizer, event, fields, sequence=None, writer=copy.calendar_id)
    changes = bool(wish.facts or wish.added or wish.guests is not None)
    if changes or wish.reply is not None:
        kind = "update" if changes else "reply"
        tell_organizer(organizer, saved, guest=copy.calendar_id, kind=kind)
