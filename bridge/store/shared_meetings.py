"""One meeting of several colleagues is one activity (features E5, decision record 20).

The first copy that a sync worker brings of a meeting makes the activity, unless it is one that was
made here and a colleague is invited to. What comes after it, of the same event and organizer at
Google and in the same company, is a calendar object like any other, but has no activity of its own:
`shared_id` names the first one's. Only the text of the keeper's object is read into the activity,
so exactly one connection writes it; nothing of the activity is ever read into a colleague's object
or pages.

Who arrives holds the meeting, looks for the activity, and marks the keeper's object, which holds it
until the transaction ends. Who leaves has deleted that object, or let it go, before asking for
heirs (`bridge.store.meeting_heirs`). So one of the two waits for the other, and whoever comes
second sees what the first did. No home but one's own is locked for any of this: an heir's object
keeps its text and revision, and its row is held by everybody who writes it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    union_all,
    update,
)

from bridge.convert.lens_changes import is_from_google
from bridge.convert.properties.attendees import address_of
from bridge.domain.identifiers import ActivityId, Uid, google_event_of
from bridge.errors import ObjectChanged
from bridge.ical.calendar_object import CalendarObject
from bridge.store.activity_spans import EVENT
from bridge.store.calendar_values import StoredCalendar, StoredObject
from bridge.store.prepared import Prepared
from bridge.store.schema import crm, dav, google

GOOGLES = "google:"
"""How the origin of what a sync worker writes begins."""

_object, _activity = dav.CalendarObject, crm.Activity
_KEY: Any = bindparam("key", type_=BigInteger)
_HOLD_MEETING = Prepared(select(func.pg_advisory_xact_lock(_KEY)))
_ORGANIZER: Any = bindparam("organizer")
# An event that had no guests yet named no organizer: it was its calendar's owner's own.
_IS_HIS_OWN = and_(
    _object.organizer == "",
    exists().where(
        google.Connection.user_id == _object.owner_id,
        func.lower(google.Connection.account_email) == _ORGANIZER,
    ),
)
_FROM_GOOGLE = (
    _object.company_id == bindparam("company"),
    _object.uid == bindparam("uid"),
    or_(_object.organizer == _ORGANIZER, _IS_HIS_OWN),
)
# What the organizer's own connection made of an activity, or linked to one.
_MADE_HERE = (
    google.Connection.company_id == bindparam("company"),
    func.lower(google.Connection.account_email) == _ORGANIZER,
    google.LinkEvent.google_event_id == bindparam("event"),
    _object.uid == google.Link.uid,
)


def _living(query: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return what of a question about objects is a colleague's, with a living activity."""
    living: Select[Any] = query.join(_activity, _activity.id == _object.activity_id).where(
        *conditions,
        _object.component == EVENT,
        _object.owner_id != bindparam("owner"),
        _activity.owner_id == _object.owner_id,
        _activity.deleted_at.is_(None),
    )
    return living


_NAMES = (_object.id.label("number"), _object.activity_id.label("activity"))
_KEPT = Prepared(
    union_all(
        _living(select(*_NAMES), *_FROM_GOOGLE),
        _living(
            select(*_NAMES)
            .select_from(google.Connection)
            .join(google.LinkEvent, google.LinkEvent.connection_id == google.Connection.id)
            .join(google.Link, google.Link.id == google.LinkEvent.link_id)
            .join(dav.Calendar, dav.Calendar.owner_id == google.Connection.user_id)
            .join(_object, _object.calendar_id == dav.Calendar.id),
            *_MADE_HERE,
        ),
    )
    .order_by("number")
    .limit(1)
)
"""Values: `company`, `uid`, `event`, `owner`, `organizer`."""
_NUMBER: Any = bindparam("number")
_TAKE = Prepared(
    update(_object)
    .where(_object.id == _NUMBER, _object.activity_id == bindparam("activity"))
    .values(organizer=func.coalesce(_object.organizer, _ORGANIZER))
    .returning(_object.id)
)
_HOLD_COPY = Prepared(
    select(_object.shared_activity_id).where(_object.id == _NUMBER).with_for_update()
)


def organizer_of(item: CalendarObject, *, origin: str) -> str | None:
    """Return who organizes an event that a sync worker makes of Google's.

    Returns:
        An address in lower case, "" where the text names none; None for all that is not such an
        event. A client may write what it likes: only the worker's word counts.
    """
    if not origin.startswith(GOOGLES) or item.component != EVENT:
        return None
    head = item.head()
    if not is_from_google(head):
        return None
    line = head.first("ORGANIZER")
    return "" if line is None else address_of(line).lower()


def kept_by_colleague(
    connection: Connection, calendar: StoredCalendar, uid: Uid, organizer: str
) -> ActivityId | None:
    """Return the activity that a colleague keeps of a meeting; None where there is none.

    Nobody else of the company looks for the same UID, and nobody takes that activity's object
    away, until the transaction ends.

    Args:
        connection: Of a writing transaction that holds the calendar's home.
        calendar: Of whom the copy is, that is about to be stored.
        uid: Of the meeting.
        organizer: An address in lower case.
    """
    if connection.dialect.name != "sqlite":
        _HOLD_MEETING.run(connection, {"key": _lock_key(calendar.company_id, uid)})
    values = {
        "company": calendar.company_id,
        "uid": uid,
        "event": google_event_of(uid) or "",
        "owner": calendar.owner_id,
        "organizer": organizer,
    }
    while (kept := _KEPT.row(connection, values)) is not None:
        # This holds it. Between the two questions its keeper may have left, and passed it on.
        mark = {"number": kept.number, "activity": kept.activity, "organizer": organizer}
        if _TAKE.scalar(connection, mark) is not None:
            return ActivityId(kept.activity)
    return None


def demand_copy(connection: Connection, stored: StoredObject) -> None:
    """Hold a copy, and see that it did not become the keeper's since it was read.

    Raises:
        ObjectChanged: It did; look again.
    """
    if stored.shared_id is None or connection.dialect.name == "sqlite":
        return
    if _HOLD_COPY.scalar(connection, {"number": stored.id}) != stored.shared_id:
        raise ObjectChanged("a colleague left the meeting meanwhile")


def _lock_key(company_id: int, uid: Uid) -> int:
    digest = sha256(f"{company_id}/{uid}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
