"""Creating, changing and deleting events, as the API and the Google user's page do.

Source: Google, Events: insert, import, update, patch, delete; "Get specific versions of resources"
for If-Match. Every function is called inside a transaction and sees to mails, sequence numbers and
exceptions.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.body import stored_fields
from bridge.rehearsal.events.instances import find_event_or_instance
from bridge.rehearsal.events.people import SendUpdates, send_mails
from bridge.rehearsal.events.recurrence import find_occurrence
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import exceptions_of, find_by_uid, find_event, save_event
from bridge.rehearsal.events.shape import merged, without_nulls
from bridge.rehearsal.events.times import seconds_of
from bridge.rehearsal.google_error import (
    GoogleError,
    Json,
    condition_not_met,
    deleted,
    duplicate,
    invalid,
    not_found,
    not_implemented,
    required,
)
from bridge.rehearsal.world import World

_CLIENT_ID = re.compile(r"[a-v0-9]{5,1024}")
_SCHEDULE = ("start", "end", "recurrence")
_ONLY_SERVER = (
    "created", "creator", "organizer", "iCalUID", "sequence", "recurringEventId",
    "originalStartTime", "privateCopy", "conferenceData", "hangoutLink", "cancelledWithSeries",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOptions:
    """What a caller says about a write beside the event itself.

    Attributes:
        send_updates: Who gets a mail.
        if_match: Value of If-Match, "" for none.
        supports_attachments: Whether attachments in the body are looked at.
        conference_version: 1 when conferenceData in the body is looked at.
    """

    send_updates: SendUpdates = SendUpdates.NONE
    if_match: str = ""
    supports_attachments: bool = False
    conference_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who writes where.

    Attributes:
        world: The rehearsal.
        calendar: The calendar written to.
        email: Account of the person who writes.
        options: What was said about the write.
    """

    world: World
    calendar: Calendar
    email: str
    options: WriteOptions = WriteOptions()


def insert_event(desk: Desk, given: Json) -> StoredEvent:
    """Create an event under a generated id or the client's own.

    Raises:
        GoogleError: 409 when the id, be it of a tombstone, or the iCalUID is taken; 400 for bad
            fields.
    """
    given = without_nulls(_regarded(desk, given, old=None))
    event_id = given.get("id") or _new_id()
    if _CLIENT_ID.fullmatch(event_id) is None:
        raise invalid("Invalid resource id value.")
    own_uid = f"{event_id}@google.com"
    uid = given.get("iCalUID") or own_uid
    if "id" in given and uid != own_uid:
        raise invalid("Either the id or the iCalUID may be given, not both.")
    if given.get("status") == "cancelled":
        raise invalid("Invalid value for: cancelled is not a valid value")
    fields = stored_fields(given, calendar_zone=desk.calendar.zone)
    calendar_id = desk.calendar.calendar_id
    if find_event(desk.world, calendar_id, event_id) or find_by_uid(desk.world, calendar_id, uid):
        raise duplicate()
    return _create(desk, event_id, {**fields, "iCalUID": uid}, sequence=given.get("sequence", 0))


def import_event(desk: Desk, given: Json) -> StoredEvent:
    """Add a private copy of an event that exists elsewhere, or renew the copy made before.

    Raises:
        GoogleError: 400 without iCalUID, when the calendar's owner takes no part, or for a lower
            sequence.
    """
    given = without_nulls(_regarded(desk, given, old=None))
    if not given.get("iCalUID"):
        raise required("Missing iCal UID.")
    if "recurringEventId" in given or "originalStartTime" in given:
        raise not_implemented("importing an exception of a series")
    _check_part(desk.calendar, given)
    fields = stored_fields({**given, "eventType": "default"}, calendar_zone=desk.calendar.zone)
    fields |= {"iCalUID": given["iCalUID"], "privateCopy": True}
    if given.get("organizer", {}).get("email"):
        fields["organizer"] = given["organizer"]
    old = find_by_uid(desk.world, desk.calendar.calendar_id, given["iCalUID"])
    if old is not None:
        return _replace(desk, old, fields, sequence=given.get("sequence"))
    encoded = base64.b32hexencode(given["iCalUID"].encode()).decode().lower().rstrip("=")
    if find_event(desk.world, desk.calendar.calendar_id, f"_{encoded}") is not None:
        raise duplicate()
    return _create(desk, f"_{encoded}", fields, sequence=given.get("sequence", 0))


def update_event(desk: Desk, event_id: str, given: Json) -> StoredEvent:
    """Replace an event: whatever the body does not name is reset or cleared.

    Raises:
        GoogleError: 404, 412, 400.
    """
    old = _existing(desk, event_id)
    wanted = without_nulls(_regarded(desk, given, old=old))
    if not desk.options.supports_attachments and "attachments" in old.body:
        wanted["attachments"] = old.body["attachments"]
    return _rewrite(desk, old, wanted, sequence=wanted.get("sequence"))


def patch_event(desk: Desk, event_id: str, given: Json) -> StoredEvent:
    """Change the named fields of an event: objects merge, arrays are replaced, null removes.

    Raises:
        GoogleError: 404, 412, 400.
    """
    old = _existing(desk, event_id)
    patch = _regarded(desk, given, old=old)
    view = {name: value for name, value in old.body.items() if name not in _ONLY_SERVER}
    return _rewrite(desk, old, merged(view, patch), sequence=patch.get("sequence"))


def delete_event(desk: Desk, event_id: str) -> None:
    """Delete an event, a series with its exceptions, or one instance; a tombstone stays.

    Raises:
        GoogleError: 404 when it never existed, 410 when it is deleted already, 412.
    """
    old = _existing(desk, event_id)
    if old.cancelled:
        raise deleted()
    _cancel(desk, old)


def insert_second_half(desk: Desk, event_id: str, given: Json) -> StoredEvent:
    """Create the later half of a series the Google user has split.

    Args:
        desk: Who writes where.
        event_id: The id Google gives it, which no client may choose; "" for a generated one.
        given: Its fields, without nulls.

    Raises:
        GoogleError: 400 for bad fields.
    """
    event_id = event_id or _new_id()
    fields = stored_fields(given, calendar_zone=desk.calendar.zone)
    return _create(desk, event_id, {**fields, "iCalUID": f"{event_id}@google.com"}, sequence=0)


def hand_over(desk: Desk, exception: StoredEvent, series: StoredEvent) -> StoredEvent:
    """Give an exception, cancelled or not, to the series that was split off its own one."""
    body = {**exception.body, "recurringEventId": series.event_id}
    return _saved(desk, exception, exception.event_id, {**body, "iCalUID": series.body["iCalUID"]})


def check_etag(if_match: str, etag: str) -> None:
    """Refuse a write whose If-Match does not name the present ETag (RFC 9110 section 13.1.1).

    Raises:
        GoogleError: 412 `conditionNotMet`.
    """
    wanted = [tag.strip() for tag in if_match.split(",")]
    if if_match and "*" not in wanted and etag not in wanted:
        raise condition_not_met()


def _existing(desk: Desk, event_id: str) -> StoredEvent:
    found = find_event_or_instance(desk.world, desk.calendar, event_id)
    if found is None or is_expired(desk.world, found):
        raise not_found()
    check_etag(desk.options.if_match, found.etag)
    return found


def is_expired(world: World, event: StoredEvent) -> bool:
    """Return whether a tombstone is so old that it is gone; its id stays taken."""
    age = world.clock.milliseconds() - event.updated
    return (
        event.cancelled and not event.series_id and age > world.switches.tombstone_days * 86_400_000
    )


def _regarded(desk: Desk, given: Json, *, old: StoredEvent | None) -> Json:
    """Return what of the body Google looks at under the options of the request."""
    regarded = {name: value for name, value in given.items() if name != "eventLabelId"}
    if not desk.options.supports_attachments:
        regarded.pop("attachments", None)
    if regarded.pop("conferenceData", None) is not None and desk.options.conference_version:
        raise not_implemented("writing conferenceData")
    if regarded.pop("attendeesOmitted", False) and old is not None:
        regarded["attendees"] = _with_own_reply(desk, old, regarded.get("attendees") or [])
    return regarded


def _with_own_reply(desk: Desk, old: StoredEvent, given: list[Json]) -> list[Json]:
    own = {desk.calendar.calendar_id, desk.email}
    reply = next((guest for guest in given if str(guest.get("email")).lower() in own), None)
    return [
        reply if reply is not None and guest["email"] == str(reply["email"]).lower() else guest
        for guest in old.body.get("attendees", [])
    ]


def _check_part(calendar: Calendar, given: Json) -> None:
    people = [given.get("organizer", {}), *given.get("attendees", [])]
    addresses = {str(person["email"]).lower() for person in people if person.get("email")}
    if addresses and calendar.calendar_id not in addresses:
        raise GoogleError(
            "The owner of the calendar must either be the organizer or an attendee of an event "
            "that is imported.",
            code=400,
            reason="participantIsNeitherOrganizerNorAttendee",
            domain="calendar",
        )


def _new_id() -> str:
    return base64.b32hexencode(secrets.token_bytes(20)).decode().lower()[:26]


def _create(desk: Desk, event_id: str, fields: Json, *, sequence: int) -> StoredEvent:
    calendar = desk.calendar
    organizer: Json = {"email": calendar.calendar_id}
    if not calendar.is_primary:
        organizer["displayName"] = calendar.body["summary"]
    body = {
        "created": desk.world.clock.milliseconds(),
        "creator": {"email": desk.email},
        "organizer": organizer,
        "sequence": max(sequence, 0),
        **fields,
    }
    return _saved(desk, None, event_id, body)


def _rewrite(desk: Desk, old: StoredEvent, wanted: Json, *, sequence: int | None) -> StoredEvent:
    if wanted.get("status") == "cancelled":
        return old if old.cancelled else _cancel(desk, old)
    if old.series_id and wanted.get("recurrence"):
        raise invalid("An instance of a recurring event cannot have a recurrence.")
    fields = stored_fields(wanted, calendar_zone=desk.calendar.zone)
    return _replace(desk, old, fields, sequence=sequence)


def _replace(desk: Desk, old: StoredEvent, fields: Json, *, sequence: int | None) -> StoredEvent:
    kept = {
        name: old.body[name]
        for name in _ONLY_SERVER
        if name in old.body and name != "cancelledWithSeries"
    }
    body = {**kept, **fields}
    reschedules = any(old.body.get(name) != body.get(name) for name in _SCHEDULE)
    body["sequence"] = _sequence(old, sequence, raised=reschedules or old.cancelled)
    saved = _saved(desk, old, old.event_id, body)
    if old.cancelled and old.is_series:
        _bring_back_exceptions(desk, old)
    if reschedules and old.is_series:
        _drop_lost_exceptions(desk, saved)
    return saved


def _sequence(old: StoredEvent, given: int | None, *, raised: bool) -> int:
    present = int(old.body["sequence"])
    if given is not None and given < present:
        raise invalid(
            "Invalid sequence value. The specified sequence number is below the current sequence "
            "number of the resource. Re-fetch the resource and use its sequence number on the "
            "following request."
        )
    if given is not None and given > present:
        return given
    return present + int(raised)


def _saved(desk: Desk, old: StoredEvent | None, event_id: str, body: Json) -> StoredEvent:
    # A change of nothing but reminders does not move `updated`.
    quiet = (
        old is not None
        and old.body != body
        and _without_reminders(old.body) == _without_reminders(body)
    )
    saved = save_event(desk.world, desk.calendar, event_id, body, quiet=quiet)
    send_mails(desk.world, desk.calendar, saved, before=old, send_updates=desk.options.send_updates)
    return saved


def _without_reminders(body: Json) -> Json:
    return {name: value for name, value in body.items() if name != "reminders"}


def _cancel(desk: Desk, old: StoredEvent, *, with_series: bool = False) -> StoredEvent:
    if old.is_series:
        for exception in exceptions_of(desk.world, old.calendar_id, old.event_id):
            if not exception.cancelled:
                _cancel(desk, exception, with_series=True)
    body = {**old.body, "status": "cancelled", "sequence": old.body["sequence"] + 1}
    if with_series:
        body["cancelledWithSeries"] = True
    return _saved(desk, old, old.event_id, body)


def _bring_back_exceptions(desk: Desk, series: StoredEvent) -> None:
    for exception in exceptions_of(desk.world, series.calendar_id, series.event_id):
        if exception.body.get("cancelledWithSeries"):
            body = {**exception.body, "status": "confirmed"}
            del body["cancelledWithSeries"]
            _saved(desk, exception, exception.event_id, body)


def _drop_lost_exceptions(desk: Desk, series: StoredEvent) -> None:
    """Cancel the exceptions whose original start the series does not have any more."""
    zone = desk.calendar.zone
    for exception in exceptions_of(desk.world, series.calendar_id, series.event_id):
        if exception.cancelled:
            continue
        instant = seconds_of(exception.body["originalStartTime"], calendar_zone=zone)
        lost = not series.is_series or (
            find_occurrence(series.body, instant, calendar_zone=zone) is None
        )
        if lost:
            _cancel(desk, exception)
