"""What colleagues let a user see of their calendars, and under which names.

In the grantee's home an owner's calendar is called `<owner's login>--<calendar>`. No calendar's own
name holds two hyphens or begins with one, so the last pair of them divides the name for sure.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, select, true

from bridge.domain.identifiers import UserId
from bridge.domain.users import GrantLevel
from bridge.store.calendar_queries import CALENDAR_COLUMNS, read_calendar
from bridge.store.calendar_values import SharedCalendar
from bridge.store.schema import access, dav
from bridge.store.user_calendars import SEPARATOR


def shared_name(shared: SharedCalendar) -> str:
    """Return the name of the calendar in the grantee's home."""
    return f"{shared.calendar.owner_login}{SEPARATOR}{shared.calendar.slug}"


def shared_calendars(
    connection: Connection, grantee_id: UserId, name: str | None = None
) -> Sequence[SharedCalendar]:
    """Return the calendars that grants show to a user, by owner and age; one statement.

    Args:
        connection: Of a transaction.
        grantee_id: Who looks.
        name: Only the calendar of that name in the grantee's home; None for all.
    """
    grant, owner = access.Grant, access.User
    query = (
        select(*CALENDAR_COLUMNS, owner.name.label("owner_name"), grant.level, grant.version)
        .select_from(grant)
        .join(owner, owner.id == grant.owner_id)
        .join(dav.Calendar, dav.Calendar.owner_id == grant.owner_id)
        .join(access.Installation, true())
        .where(grant.grantee_id == grantee_id, *_named(name))
        .order_by(owner.login, dav.Calendar.id)
    )
    return [
        SharedCalendar(
            calendar=read_calendar(row),
            owner_name=row.owner_name or row.owner_login,
            level=GrantLevel(row.level),
            grant_version=row.version,
        )
        for row in connection.execute(query)
    ]


def _named(name: str | None) -> tuple[ColumnElement[bool], ...]:
    if name is None:
        return ()
    login, _, slug = name.rpartition(SEPARATOR)
    return access.User.login == login, dav.Calendar.slug == slug
