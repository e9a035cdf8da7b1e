"""Whose sync keeps a shared meeting's activity as Google has it, and whose does not any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, select
from sqlalchemy.orm import aliased

from bridge.domain.connection import ConnectionState
from bridge.domain.identifiers import ActivityId, UserId
from bridge.store.schema import access, crm, dav, google
from bridge.store.transaction import Transaction

IDLE_AFTER = timedelta(days=3)
"""How long a connection may need its user's attention before others take its meetings over."""

_MARK = "X-CRM-ORIGIN:GOOGLE"
_connection = google.Connection


def syncs(owner_id: Any) -> ColumnElement[bool]:
    """Return the condition that a user syncs."""
    return _has_connection(owner_id, _connection.state == ConnectionState.ACTIVE.value)


def is_idle(owner_id: Any, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a user does not sync, and is not about to go on."""
    waits = and_(
        _connection.state != ConnectionState.STOPPED.value,
        func.coalesce(_connection.last_success_at, _connection.created_at) > now - IDLE_AFTER,
    )
    return and_(not_(syncs(owner_id)), not_(_has_connection(owner_id, waits)))


def idle_meetings(
    transaction: Transaction, *, now: datetime
) -> Sequence[tuple[UserId, ActivityId]]:
    """Return activities of meetings whose keepers are idle while a colleague who shares them syncs.

    Args:
        transaction: May be a snapshot.
        now: Aware.

    Returns:
        With their keepers, by keeper.
    """
    copy, keeper = aliased(dav.CalendarObject), aliased(dav.CalendarObject)
    query = (
        select(keeper.owner_id, keeper.activity_id)
        .join(copy, copy.shared_activity_id == keeper.activity_id)
        .join(crm.Activity, crm.Activity.id == keeper.activity_id)
        .where(
            copy.shared_activity_id.is_not(None),
            keeper.text.contains(_MARK, autoescape=True),
            crm.Activity.owner_id == keeper.owner_id,
            crm.Activity.deleted_at.is_(None),
            crm.Activity.private.is_(False),
            syncs(copy.owner_id),
            is_idle(keeper.owner_id, now),
        )
        .distinct()
        .order_by(keeper.owner_id, keeper.activity_id)
    )
    rows = transaction.connection.execute(query)
    return [(UserId(row.owner_id), ActivityId(row.activity_id)) for row in rows]


def _has_connection(owner_id: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        _connection.user_id == owner_id,
        access.User.id == _connection.user_id,
        access.User.active.is_(True),
        condition,
    )
