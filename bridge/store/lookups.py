"""The questions of almost every request: a calendar by its name, objects by their names.

Their statements are built once, when this module is imported, and get their values at each call.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select, true

from bridge.domain.identifiers import Href, UserId
from bridge.store.calendar_queries import (
    CALENDAR_COLUMNS,
    OBJECT_COLUMNS,
    read_calendar,
    stored_object,
)
from bridge.store.calendar_values import StoredCalendar, StoredObject
from bridge.store.prepared import Prepared
from bridge.store.schema import access
from bridge.store.schema.dav import Calendar, CalendarObject

_IN_CALENDAR = CalendarObject.calendar_id == bindparam("calendar")


def _objects(condition: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    return select(*OBJECT_COLUMNS).where(condition, _IN_CALENDAR).order_by(CalendarObject.id)


_CALENDAR_AT = Prepared(
    select(*CALENDAR_COLUMNS)
    .select_from(Calendar)
    .join(access.User, access.User.id == Calendar.owner_id)
    .join(access.Installation, true())
    .where(Calendar.owner_id == bindparam("owner"), Calendar.slug == bindparam("slug"))
)
_OBJECT_AT = Prepared(_objects(CalendarObject.href == bindparam("name")))
_OBJECTS_AT = _objects(CalendarObject.href.in_(bindparam("names", expanding=True)))


def calendar_at(connection: Connection, owner_id: UserId, slug: str) -> StoredCalendar | None:
    """Return the calendar of a home by its last path segment."""
    row = _CALENDAR_AT.row(connection, {"owner": owner_id, "slug": slug})
    return None if row is None else read_calendar(row)


def object_at(connection: Connection, calendar: StoredCalendar, href: Href) -> StoredObject | None:
    """Return the object of that name."""
    values = {"calendar": calendar.id, "name": href}
    row = _OBJECT_AT.row(connection, values)
    return None if row is None else stored_object(row, calendar.epoch)


def objects_at(
    connection: Connection, calendar: StoredCalendar, hrefs: Collection[Href]
) -> list[StoredObject]:
    """Return the objects of these names that exist, in the order of their ids."""
    values = {"calendar": calendar.id, "names": list(hrefs)}
    rows = connection.execute(_OBJECTS_AT, values)
    return [stored_object(row, calendar.epoch) for row in rows]
