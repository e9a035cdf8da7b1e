"""Remove everything a user leaves in the database."""

from __future__ import annotations

from sqlalchemy import Connection, Delete, delete, func, or_, select, update

from bridge.domain.identifiers import ConnectionId
from bridge.domain.users import User
from bridge.errors import NotFound
from bridge.store.connection_removal import remove_connections
from bridge.store.homes import note_raised
from bridge.store.meeting_heirs import let_go
from bridge.store.schema import access, crm, dav, google
from bridge.store.schema.base import UtcDateTime


def remove_user(connection: Connection, user: User) -> None:
    """Delete the user's rows of every table, children first; the home's row stays.

    Raises:
        NotFound: The user has no home, so is gone already.
    """
    revision = _lock_home(connection, user)
    owned = select(google.Connection.id).where(google.Connection.user_id == user.id)
    remove_connections(connection, [ConnectionId(each) for each in connection.scalars(owned)])
    _pass_meetings_on(connection, user, revision)
    _remove_calendars(connection, user)
    _forget_notes(connection, user)
    _remove_activities(connection, user, revision)
    for statement in _personal(user):
        connection.execute(statement)


def _lock_home(connection: Connection, user: User) -> int:
    mine = update(access.Home).where(access.Home.user_id == user.id)
    raised = mine.values(revision=access.Home.revision + 1).returning(access.Home.revision)
    revision = connection.scalar(raised)
    if revision is None:
        raise NotFound(f"no user: {user.id}")
    note_raised(connection, user.id, revision)
    return int(revision)


def _pass_meetings_on(connection: Connection, user: User, revision: int) -> None:
    calendars = select(dav.Calendar.id).where(dav.Calendar.owner_id == user.id)
    now = connection.scalar(select(func.current_timestamp(type_=UtcDateTime)))
    assert now is not None  # noqa: S101 - every database knows the time
    let_go(connection, dav.CalendarObject.calendar_id.in_(calendars), revision=revision, now=now)


def _remove_calendars(connection: Connection, user: User) -> None:
    calendars = select(dav.Calendar.id).where(dav.Calendar.owner_id == user.id)
    for table in (dav.CalendarObject, dav.Tombstone):
        connection.execute(delete(table).where(table.calendar_id.in_(calendars)))
    connection.execute(delete(dav.Calendar).where(dav.Calendar.owner_id == user.id))


def _forget_notes(connection: Connection, user: User) -> None:
    # What went from this user to a living one still concerns that one.
    table = crm.ForeignChange
    connection.execute(delete(table).where(table.new_owner_id == user.id))
    gone = delete(table).where(table.old_owner_id == user.id, table.new_owner_id.is_(None))
    connection.execute(gone)


def _remove_activities(connection: Connection, user: User, revision: int) -> None:
    table = crm.Activity
    mine = select(table.id).where(table.owner_id == user.id)
    for child in (crm.ActivityParticipant, crm.ActivityAttendee):
        connection.execute(delete(child).where(child.activity_id.in_(mine)))
    # Marked as deleted first: the triggers then know the removal as ours.
    marked = update(table).where(table.owner_id == user.id, table.deleted_at.is_(None))
    now = func.current_timestamp()
    connection.execute(marked.values(deleted_at=now, crmdav_revision=revision))
    connection.execute(delete(table).where(table.owner_id == user.id))


def _personal(user: User) -> tuple[Delete, ...]:
    grant = access.Grant
    return (
        delete(grant).where(or_(grant.owner_id == user.id, grant.grantee_id == user.id)),
        delete(access.AppPassword).where(access.AppPassword.user_id == user.id),
        delete(access.ApiToken).where(access.ApiToken.user_id == user.id),
        delete(access.CalendarLink).where(access.CalendarLink.user_id == user.id),
        delete(access.PushSubscription).where(access.PushSubscription.user_id == user.id),
        delete(access.WebSession).where(access.WebSession.user_id == user.id),
        delete(google.OAuthAttempt).where(google.OAuthAttempt.user_id == user.id),
        delete(access.User).where(access.User.id == user.id),
    )
