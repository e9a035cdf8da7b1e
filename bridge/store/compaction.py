"""Let go of what is too old to be asked for: tombstones, and activities in the trash.

One home and one portion at a time, so that nobody waits for long. A token from below a calendar's
floor is answered with `valid-sync-token` from then on (RFC 6578 section 3.2); the calendar's own
revision, and so its ctag and present token, stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, select, union, update

from bridge.domain.identifiers import UserId
from bridge.store.schema import access, crm
from bridge.store.schema.dav import Calendar, CalendarObject, Tombstone
from bridge.store.transaction import Transaction

TOMBSTONES_KEPT = timedelta(days=90)
"""How long a calendar program may be away without having to read everything again."""

TRASH_KEPT = timedelta(days=30)
"""How long a deleted activity can be brought back."""

# On SQLite another program may have written a number, which sorts before every instant.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def homes_to_compact(transaction: Transaction, *, now: datetime) -> Sequence[UserId]:
    """Return whose homes hold something that is too old, in the order of their ids.

    Args:
        transaction: May be a snapshot.
        now: Aware.
    """
    buried = (
        select(Calendar.owner_id)
        .join(Tombstone, Tombstone.calendar_id == Calendar.id)
        .where(Tombstone.deleted_at < now - TOMBSTONES_KEPT)
    )
    trashed = (
        select(access.Home.user_id)
        .join(crm.Activity, crm.Activity.owner_id == access.Home.user_id)
        .where(_deleted_before(now - TRASH_KEPT))
    )
    owners = union(buried, trashed).subquery()
    query = select(owners.c.owner_id).order_by(owners.c.owner_id)
    return [UserId(owner) for owner in transaction.connection.scalars(query)]


def compact_home(transaction: Transaction, owner_id: UserId, *, now: datetime, limit: int) -> bool:
    """Drop one portion of what is too old in a home.

    Args:
        transaction: Opened with this home locked.
        owner_id: Whose.
        now: Aware.
        limit: How many tombstones of each calendar, and how many activities, at most.

    Returns:
        Whether more may be left.
    """
    connection = transaction.connection
    calendars = connection.scalars(select(Calendar.id).where(Calendar.owner_id == owner_id))
    portions = [
        _drop_tombstones(connection, calendar, before=now - TOMBSTONES_KEPT, limit=limit)
        for calendar in list(calendars)
    ]
    portions.append(_empty_trash(connection, owner_id, before=now - TRASH_KEPT, limit=limit))
    return max(portions) == limit


def _drop_tombstones(
    connection: Connection, calendar_id: int, *, before: datetime, limit: int
) -> int:
    """Drop the oldest tombstones of a calendar and raise its floor to the last of them."""
    mine = Tombstone.calendar_id == calendar_id
    oldest = (
        select(Tombstone.revision, Tombstone.deleted_at)
        .where(mine)
        .order_by(Tombstone.revision)
        .limit(limit)
    )
    floor, dropped = 0, 0
    for row in connection.execute(oldest):
        # Tokens are by revision: nothing goes from behind one that has to stay.
        if row.deleted_at >= before:
            break
        floor, dropped = row.revision, dropped + 1
    if dropped:
        connection.execute(delete(Tombstone).where(mine, Tombstone.revision <= floor))
        raised = update(Calendar).where(Calendar.id == calendar_id, Calendar.floor < floor)
        connection.execute(raised.values(floor=floor))
    return dropped


def _deleted_before(instant: datetime) -> ColumnElement[bool]:
    return and_(crm.Activity.deleted_at >= _EARLIEST, crm.Activity.deleted_at < instant)


def _empty_trash(connection: Connection, owner_id: UserId, *, before: datetime, limit: int) -> int:
    """Remove activities that were deleted long ago; the triggers know the removal as ours.

    One that still has a calendar object, or whose change by another program waits to be carried,
    stays.
    """
    row = crm.Activity
    waiting = and_(
        crm.ForeignChange.table_name == row.__tablename__, crm.ForeignChange.row_id == row.id
    )
    old = (
        select(row.id)
        .where(
            row.owner_id == owner_id,
            _deleted_before(before),
            ~exists().where(CalendarObject.activity_id == row.id),
            ~exists().where(waiting),
        )
        .order_by(row.id)
        .limit(limit)
    )
    numbers = list(connection.scalars(old))
    for child in (crm.ActivityParticipant, crm.ActivityAttendee):
        connection.execute(delete(child).where(child.activity_id.in_(numbers)))
    connection.execute(delete(row).where(row.id.in_(numbers)))
    return len(numbers)
