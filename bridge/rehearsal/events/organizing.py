"""What a change of an event brings with it: sequence numbers, exceptions, copies, mails.

Source: Google, Events resource; "Recurring events". Every function is called inside a transaction
with an event that is the organizer's own or a private copy; guests' copies are for
`events.holding`.
"""

from __future__ import annotations

from bridge.rehearsal.events.copies import spread
from bridge.rehearsal.events.desk import Desk
from bridge.rehearsal.events.mails import send_mails
from bridge.rehearsal.events.parts import with_checked_parts
from bridge.rehearsal.events.people import admitted
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import exceptions_of, save_event
from bridge.rehearsal.events.series_change import bring_exceptions_along, lost_exceptions
from bridge.rehearsal.events.visibility import with_series_visibility
from bridge.rehearsal.google_error import Json, invalid

_SCHEDULE = ("start", "end", "recurrence")
ONLY_SERVER = (
    "created", "creator", "organizer", "iCalUID", "sequence", "recurringEventId",
    "originalStartTime", "privateCopy", "conferenceDue", "gadget", "locked",
)  # fmt: skip


def create(desk: Desk, event_id: str, fields: Json, *, sequence: int) -> StoredEvent:
    """Store a new event; the calendar is its organizer unless the fields name another."""
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
    return save(desk, None, event_id, body)


def replace(
    desk: Desk, old: StoredEvent, fields: Json, *, sequence: int | None, writer: str = ""
) -> StoredEvent:
    """Store new fields of an event; what only the server writes stays.

    Args:
        desk: Who writes where.
        old: The event before, stored or worked out from its series.
        fields: All other fields in stored form.
        sequence: The sequence number sent, None for none.
        writer: Guest on whose behalf, "" for the organizer.

    Raises:
        GoogleError: 400 for a sequence number below the present one.
    """
    kept = {name: old.body[name] for name in ONLY_SERVER if name in old.body}
    body = {**kept, **fields}
    body = with_series_visibility(desk.world, desk.calendar, old, body)
    reschedules = any(old.body.get(name) != body.get(name) for name in _SCHEDULE)
    body["sequence"] = next_sequence(old, sequence, raised=reschedules or old.cancelled)
    saved = save(desk, old, old.event_id, body, writer=writer)
    if old.cancelled and old.is_series:
        _bring_back_exceptions(desk, old)
    if reschedules and old.is_series:
        _drop_lost_exceptions(desk, saved)
        # What was lost or came back without a word is so for guests, too.
        spread(desk.world, saved, before=saved)
    bring_exceptions_along(desk.world, desk.calendar, saved)
    return saved


def next_sequence(old: StoredEvent, given: int | None, *, raised: bool) -> int:
    """Return the sequence number after a write.

    Raises:
        GoogleError: 400 when a lower one than the present was sent.
    """
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


def cancel(desk: Desk, old: StoredEvent, *, with_series: bool = False) -> StoredEvent:
    """Turn an event, a series with its exceptions, or an instance into a tombstone."""
    if old.is_series:
        for exception in exceptions_of(desk.world, old.calendar_id, old.event_id):
            if not exception.cancelled:
                cancel(desk, exception, with_series=True)
    body = {**old.body, "status": "cancelled", "sequence": old.body["sequence"] + 1}
    if with_series:
        body["cancelledWithSeries"] = True
    return save(desk, old, old.event_id, body)


def save(
    desk: Desk, old: StoredEvent | None, event_id: str, body: Json, *, writer: str = ""
) -> StoredEvent:
    """Store an event as it is given, check its parts, and tell guests and their copies.

    Args:
        desk: Who writes where.
        old: The event before, None for a new one.
        event_id: Its id.
        body: All of its fields in stored form.
        writer: Guest on whose behalf, "" for the organizer.

    Raises:
        GoogleError: 400 or 403 for parts that are not as Google wants them.
    """
    before = {} if old is None else old.body
    body = with_checked_parts(desk.world, desk.calendar, desk.email, before, body)
    body = admitted(desk.world, desk.calendar, old, body)
    # A change of nothing but reminders does not move `updated`.
    quiet = (
        old is not None
        and old.body != body
        and _without_reminders(old.body) == _without_reminders(body)
    )
    saved = save_event(desk.world, desk.calendar, event_id, body, quiet=quiet)
    if not saved.body.get("privateCopy"):
        spread(desk.world, saved, before=old)
        send_mails(desk, saved, before=old, writer=writer)
    return saved


def _without_reminders(body: Json) -> Json:
    return {name: value for name, value in body.items() if not name.startswith("reminders")}


def _bring_back_exceptions(desk: Desk, series: StoredEvent) -> None:
    for exception in exceptions_of(desk.world, series.calendar_id, series.event_id):
        if exception.body.get("cancelledWithSeries"):
            body = {**exception.body, "status": "confirmed"}
            del body["cancelledWithSeries"]
            save(desk, exception, exception.event_id, body)


def _drop_lost_exceptions(desk: Desk, series: StoredEvent) -> None:
    """Cancel the exceptions whose original start the series does not have any more."""
    for exception in lost_exceptions(desk.world, desk.calendar, series):
        cancel(desk, exception)
