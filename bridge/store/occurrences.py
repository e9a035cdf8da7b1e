"""Rows of the instances of series, always written with the object's text in one transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bridge.domain.identifiers import CalendarId
from bridge.ical.occurrences import Known
from bridge.ical.spans import is_long
from bridge.store.schema.dav import CalendarObject, Occurrence

_OWNER = select(CalendarObject.calendar_id, CalendarObject.company_id).where(
    CalendarObject.id == bindparam("object")
)
_DELETE = delete(Occurrence).where(Occurrence.object_id == bindparam("object"))
_INSERT = insert(Occurrence)


def known_columns(known: Known | None) -> dict[str, Any]:
    """Return the columns of an object that say which instances are on record."""
    return {
        "known_since": None if known is None else known.since,
        "known_until": None if known is None else known.until,
        "extend_at": None if known is None else known.extend_at,
    }


def insert_occurrences(connection: Connection, object_id: int, known: Known) -> None:
    """Store the instances of a stored object that has none on record."""
    if not known.instances:
        return
    owner = connection.execute(_OWNER, {"object": object_id}).one()
    connection.execute(
        _INSERT,
        [
            {
                "object_id": object_id,
                "recurrence_id": each.recurrence_id,
                "calendar_id": owner.calendar_id,
                "company_id": owner.company_id,
                "start_utc": each.first_utc,
                "end_utc": each.last_utc,
                "is_long": is_long(each.first_utc, each.last_utc),
                "busy": each.busy,
            }
            for each in known.instances
        ],
    )


def replace_occurrences(connection: Connection, object_id: int, known: Known | None) -> None:
    """Store the instances of an object in place of those on record."""
    connection.execute(_DELETE, {"object": object_id})
    if known is not None:
        insert_occurrences(connection, object_id, known)


def move_occurrences(connection: Connection, object_id: int, calendar_id: CalendarId) -> None:
    """Let an object's instances follow it to another calendar."""
    connection.execute(
        update(Occurrence).where(Occurrence.object_id == object_id).values(calendar_id=calendar_id)
    )
