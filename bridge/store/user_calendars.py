"""Make and remove further calendars of a home (RFC 4791 section 5.3.1).

Revisions come from the home's counter. A calendar begins at a revision of its own with its floor
there, so that one made anew under an old name honours no token of the old one and repeats none of
its ETags.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from bridge.domain.activity import CollectionName
from bridge.domain.identifiers import UserId
from bridge.errors import AlreadyExists, InvalidInput, NotFound
from bridge.store.calendar_queries import calendars_where
from bridge.store.calendar_values import STANDARD, USER, NewCalendar, StoredCalendar
from bridge.store.homes import raise_revision
from bridge.store.meeting_heirs import let_go
from bridge.store.schema import access, crm, dav

SEPARATOR = "--"
"""Stands between owner and calendar in the name under which a colleague sees it."""


def is_free_to_name(slug: str) -> bool:
    """Return whether a calendar may have this name: none that could be read as a colleague's."""
    return bool(slug) and SEPARATOR not in slug and not slug.startswith("-")


def create_calendar(
    connection: Connection, owner_id: UserId, new: NewCalendar, *, now: datetime
) -> StoredCalendar:
    """Make a calendar in the home, under the home's lock.

    Raises:
        InvalidInput: The name is not free to choose, or it would take no component.
        AlreadyExists: The home has a calendar of that name.
        NotFound: There is no such home.
    """
    if not is_free_to_name(new.slug) or not new.components:
        raise InvalidInput("no calendar can have this name or takes nothing", field="slug")
    revision = raise_revision(connection, owner_id)
    mine = dav.Calendar.owner_id == owner_id, dav.Calendar.slug == new.slug
    if calendars_where(connection, *mine):
        raise AlreadyExists("a calendar of this name exists")
    company = select(access.Home.company_id).where(access.Home.user_id == owner_id)
    connection.execute(
        insert(dav.Calendar).values(
            company_id=company.scalar_subquery(),
            owner_id=owner_id,
            slug=new.slug,
            kind=USER,
            components=",".join(sorted(new.components)),
            default_type=new.default_type,
            properties=dict(new.properties),
            revision=revision,
            floor=revision,
            created_at=now,
            modified_at=now,
        )
    )
    return calendars_where(connection, *mine)[0]


def remove_calendar(connection: Connection, calendar: StoredCalendar, *, now: datetime) -> None:
    """Remove a user's calendar with all it holds; its activities are deleted softly.

    Those of meetings that colleagues share are passed on.

    An activity that another program gave to somebody else meanwhile stays: it is not this
    owner's any more, and reconciling makes its object in the other home.

    Raises:
        InvalidInput: It is one of the two standard calendars.
        NotFound: It is gone already.
    """
    if calendar.kind == STANDARD or calendar.slug in set(CollectionName):
        raise InvalidInput("the standard calendars stay", field="slug")
    revision = raise_revision(connection, calendar.owner_id)
    objects, gone = dav.CalendarObject, dav.Tombstone
    let_go(connection, objects.calendar_id == calendar.id, revision=revision, now=now)
    _delete_activities(connection, calendar, revision, now)
    connection.execute(delete(objects).where(objects.calendar_id == calendar.id))
    connection.execute(delete(gone).where(gone.calendar_id == calendar.id))
    removed = connection.execute(delete(dav.Calendar).where(dav.Calendar.id == calendar.id))
    if not removed.rowcount:
        raise NotFound("no such calendar")


def _delete_activities(
    connection: Connection, calendar: StoredCalendar, revision: int, now: datetime
) -> None:
    row, objects = crm.Activity, dav.CalendarObject
    inside = select(objects.activity_id).where(objects.calendar_id == calendar.id)
    connection.execute(
        update(row)
        .where(
            row.id.in_(inside.where(objects.activity_id.is_not(None))),
            row.owner_id == calendar.owner_id,
            row.deleted_at.is_(None),
        )
        .values(deleted_at=now, updated_at=now, crmdav_revision=revision)
    )
