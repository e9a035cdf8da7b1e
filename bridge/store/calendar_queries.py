"""Statements that read calendars and calendar objects, one for each question.

Columns are selected, not mapped classes: these are the hot paths of every poll.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    select,
    true,
    union_all,
)

from bridge.domain.identifiers import (
    ActivityId,
    CalendarId,
    CompanyId,
    Href,
    Login,
    Uid,
    UserId,
)
from bridge.domain.users import Role, User
from bridge.store.calendar_values import Principal, StoredCalendar, StoredObject
from bridge.store.schema import access
from bridge.store.schema.access import Installation
from bridge.store.schema.dav import Calendar, CalendarObject

CALENDAR_COLUMNS = (
    Calendar.id,
    Calendar.company_id,
    Calendar.owner_id,
    access.User.login.label("owner_login"),
    access.User.timezone.label("owner_zone"),
    Calendar.slug,
    Calendar.kind,
    Calendar.components,
    Calendar.default_type,
    Calendar.properties,
    Calendar.revision,
    Calendar.floor,
    Calendar.modified_at,
    Installation.epoch,
)
OBJECT_COLUMNS = (
    CalendarObject.id,
    CalendarObject.calendar_id,
    CalendarObject.href,
    CalendarObject.uid,
    CalendarObject.component,
    CalendarObject.text,
    CalendarObject.revision,
    CalendarObject.first_utc,
    CalendarObject.last_utc,
    CalendarObject.recurring,
    CalendarObject.private,
    CalendarObject.activity_id,
    CalendarObject.modified_at,
    CalendarObject.created_at,
    CalendarObject.type_key,
    CalendarObject.known_since,
    CalendarObject.known_until,
    CalendarObject.organizer,
    CalendarObject.shared_activity_id,
)
_USER_COLUMNS = tuple(
    getattr(access.User, name).label(f"user_{name}")
    for name in ("id", "company_id", "login", "name", "email", "timezone", "role", "active")
)


def calendars_where(
    connection: Connection, *conditions: ColumnElement[bool]
) -> list[StoredCalendar]:
    """Return the calendars that meet the conditions, oldest first."""
    query = (
        select(*CALENDAR_COLUMNS)
        .select_from(Calendar)
        .join(access.User, access.User.id == Calendar.owner_id)
        .join(Installation, true())
        .where(*conditions)
        .order_by(Calendar.id)
    )
    return [read_calendar(row) for row in connection.execute(query)]


def read_principal(connection: Connection, login: str) -> Principal | None:
    """Return the user of that login with the calendars of the home, in one statement."""
    query = (
        select(*_USER_COLUMNS, *CALENDAR_COLUMNS)
        .select_from(access.User)
        .join(Installation, true())
        .outerjoin(Calendar, Calendar.owner_id == access.User.id)
        .where(access.User.login == login)
        .order_by(Calendar.id)
    )
    rows = connection.execute(query).all()
    if not rows:
        return None
    return Principal(
        user=_user(rows[0]),
        epoch=rows[0].epoch,
        calendars=tuple(read_calendar(row) for row in rows if row.id is not None),
    )


def objects_where(
    connection: Connection, epoch: str, *conditions: ColumnElement[bool]
) -> list[StoredObject]:
    """Return the calendar objects that meet the conditions, in the order of their ids."""
    query = select(*OBJECT_COLUMNS).where(*conditions).order_by(CalendarObject.id)
    return [stored_object(row, epoch) for row in connection.execute(query)]


def at_href_or_uid(calendar_id: CalendarId, href: Href, uid: Uid) -> ColumnElement[bool]:
    """Return the condition for what holds this name or this UID in the calendar."""
    # Two searches of two unique indexes: an OR inside one would walk the calendar on PostgreSQL.
    of_href = select(CalendarObject.id).where(
        CalendarObject.calendar_id == calendar_id, CalendarObject.href == href
    )
    of_uid = select(CalendarObject.id).where(
        CalendarObject.calendar_id == calendar_id, CalendarObject.uid == uid
    )
    return CalendarObject.id.in_(union_all(of_href, of_uid).scalar_subquery())


def present_epoch(connection: Connection) -> str:
    """Return the epoch of the installation."""
    return connection.execute(select(Installation.epoch)).scalar_one()


def stored_object(row: Row[*tuple[Any, ...]], epoch: str) -> StoredObject:
    """Return the value of a row of `OBJECT_COLUMNS`."""
    return StoredObject(
        id=row.id,
        calendar_id=CalendarId(row.calendar_id),
        href=Href(row.href),
        uid=Uid(row.uid),
        component=row.component,
        text=row.text,
        revision=row.revision,
        epoch=epoch,
        first_utc=row.first_utc,
        last_utc=row.last_utc,
        recurring=row.recurring,
        private=row.private,
        activity_id=None if row.activity_id is None else ActivityId(row.activity_id),
        modified_at=row.modified_at,
        created_at=row.created_at,
        type_key=row.type_key,
        known_since=row.known_since,
        known_until=row.known_until,
        organizer=row.organizer,
        shared_id=None if row.shared_activity_id is None else ActivityId(row.shared_activity_id),
    )


def read_calendar(row: Row[*tuple[Any, ...]]) -> StoredCalendar:
    """Return the value of a row of `CALENDAR_COLUMNS`."""
    return StoredCalendar(
        id=CalendarId(row.id),
        company_id=CompanyId(row.company_id),
        owner_id=UserId(row.owner_id),
        owner_login=Login(row.owner_login),
        slug=row.slug,
        kind=row.kind,
        components=frozenset(row.components.split(",")),
        default_type=row.default_type,
        properties=dict(row.properties),
        revision=row.revision,
        floor=row.floor,
        epoch=row.epoch,
        modified_at=row.modified_at,
        zone=row.owner_zone,
    )


def _user(row: Row[*tuple[Any, ...]]) -> User:
    return User(
        id=UserId(row.user_id),
        company_id=CompanyId(row.user_company_id),
        login=Login(row.user_login),
        name=row.user_name,
        email=row.user_email,
        timezone=row.user_timezone,
        role=Role(row.user_role),
        active=row.user_active,
    )
