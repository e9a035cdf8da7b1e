"""Extend what is on record of series while time goes on, and read what a migration left unread.

Found by an index, worked out from the text outside of any lock, stored only over the revision it
was worked out from. Nothing that a client sees changes, so no revision is raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bridge.domain.identifiers import UserId
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.occurrences import Known, known_of
from bridge.ical.spans import ObjectIndex, index_of
from bridge.store.occurrences import known_columns, replace_occurrences
from bridge.store.schema import access, dav
from bridge.store.transaction import Transaction

_Object = dav.CalendarObject


@dataclass(frozen=True, slots=True, kw_only=True)
class DueObject:
    """An object whose record is to be extended.

    Attributes:
        zone: IANA name of the owner's zone.
    """

    id: int
    owner_id: UserId
    revision: int
    zone: str
    object: CalendarObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What is to be on record of an object.

    Attributes:
        index: None when a time in it cannot be read; then only the due time is cleared.
        known: None for a single object.
    """

    due: DueObject
    index: ObjectIndex | None
    known: Known | None


def objects_due(work: Transaction, *, now: datetime, limit: int) -> list[DueObject]:
    """Return objects whose record it is time to extend, those waiting longest first."""
    query = (
        select(
            _Object.id, _Object.owner_id, _Object.revision, _Object.uid, _Object.component,
            _Object.text, access.User.timezone,
        )
        .join(access.User, access.User.id == _Object.owner_id)
        .where(_Object.extend_at <= now)
        .order_by(_Object.extend_at, _Object.id)
        .limit(limit)
    )  # fmt: skip
    return [
        DueObject(
            id=row.id,
            owner_id=UserId(row.owner_id),
            revision=row.revision,
            zone=row.timezone,
            object=CalendarObject(uid=row.uid, component=row.component, text=row.text),
        )
        for row in work.connection.execute(query)
    ]


def extension_of(due: DueObject, *, now: datetime) -> Extension:
    """Work out what is to be on record of an object; reads no database."""
    try:
        index = index_of(due.object, floating_zone=due.zone)
    except ConversionError:
        return Extension(due=due, index=None, known=None)
    known = known_of(due.object, index, now=now, floating_zone=due.zone)
    return Extension(due=due, index=index, known=known)


def store_extension(work: Transaction, extension: Extension) -> bool:
    """Store it, unless the object changed meanwhile; whoever changed it stored its record.

    The caller holds the home.

    Returns:
        Whether it was stored.
    """
    due, index = extension.due, extension.index
    values = known_columns(extension.known)
    if index is not None:
        values |= {
            "first_utc": index.first_utc,
            "last_utc": index.last_utc,
            "recurring": index.recurring,
            "reach": index.reach,
            "busy": index.busy,
        }
    done = work.connection.execute(
        update(_Object)
        .where(_Object.id == due.id, _Object.revision == due.revision)
        .values(**values)
    )
    if done.rowcount:
        replace_occurrences(work.connection, due.id, extension.known)
    return bool(done.rowcount)
