"""Who keeps a meeting's activity once its keeper's object is gone, or follows Google no more.

The colleague who shares it longest does, of those who sync if any does (decision record 20). How
arriving and leaving at the same moment go together is told in `bridge.store.shared_meetings`, who
follows Google in `bridge.store.idle_keepers`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, not_, select, update
from sqlalchemy.orm import aliased

from bridge.convert.lens_changes import is_from_google
from bridge.domain.activity import Activity
from bridge.domain.identifiers import ActivityId
from bridge.errors import ConversionError, InvalidInput
from bridge.store.activity_rows import ActivityRow, load_rows
from bridge.store.activity_spans import EVENT
from bridge.store.activity_writer import insert_activity, mark_deleted, update_activity
from bridge.store.calendar_queries import (
    OBJECT_COLUMNS,
    calendars_where,
    present_epoch,
    stored_object,
)
from bridge.store.calendar_values import StoredObject
from bridge.store.conversion import load_conversion
from bridge.store.idle_keepers import is_idle, syncs
from bridge.store.interpretation import blank
from bridge.store.schema import crm, dav

_object = dav.CalendarObject


def pass_on(connection: Connection, activity_id: ActivityId, *, now: datetime) -> bool:
    """Give an activity that lost its object to the colleague who shares it longest.

    What the heir's own text says holds from then on; what no text says, like note and links, goes
    along. Of a private activity, and of one whose row is gone, nothing does: the heirs get a new
    one. The heir's home is not locked, its object keeps its revision; reconciling, which the change
    of the owner asks for, says the links in it.

    Args:
        connection: Of a writing transaction that deleted the object, or let it go.
        activity_id: Whose object went.
        now: Aware.

    Returns:
        Whether the row lives on, as the heir's; otherwise it is the caller's to delete.
    """
    heirs = _copies(connection, activity_id)
    if not heirs:
        return False
    rows = load_rows(connection, crm.Activity.id == activity_id)
    left = _left_behind(rows[0]) if rows else None
    for heir in heirs:
        number = _inherited(connection, heir, left, now)
        if number is not None:
            _point(connection, heir, activity_id, number)
            return number == activity_id
    return False


def hand_over(connection: Connection, activity_id: ActivityId, *, now: datetime) -> bool:
    """Give an activity that its keeper's sync does not follow any more to a colleague who syncs.

    The keeper's object stays as it is, as a copy. A private activity stays with its keeper, and so
    does one that was made here: what Google says of it was never its only source.

    Args:
        connection: Of a writing transaction that holds the keeper's home.
        activity_id: Whose keeper was found to be idle.
        now: Aware.

    Returns:
        Whether somebody took it.
    """
    idle = is_idle(_object.owner_id, now)
    mine = select(*OBJECT_COLUMNS).where(_object.activity_id == activity_id, idle)
    row = connection.execute(mine.with_for_update()).one_or_none()
    if row is None or not is_from_google(stored_object(row, "").object.head()):
        return False
    rows = load_rows(connection, crm.Activity.id == activity_id)
    left = _left_behind(rows[0]) if rows else None
    for heir in _copies(connection, activity_id, syncs(_object.owner_id)) if left else ():
        if _inherited(connection, heir, left, now) is not None:
            make_copy(connection, activity_id)
            _point(connection, heir, activity_id, activity_id)
            return True
    return False


def let_go(
    connection: Connection, which: ColumnElement[bool], *, revision: int, now: datetime
) -> None:
    """Pass on all shared activities whose objects are about to be removed at once.

    Args:
        connection: Of a writing transaction that holds their home.
        which: The objects, of one home.
        revision: Of that home.
        now: Aware.
    """
    # Whoever arrives waits from here on, and nobody makes a copy that goes the keeper's.
    connection.execute(select(_object.id).where(which).with_for_update()).all()
    copy = aliased(_object)
    shared = (
        select(_object.activity_id)
        .join(copy, copy.shared_activity_id == _object.activity_id)
        .where(which)
        .distinct()
    )
    numbers = [ActivityId(number) for number in connection.scalars(shared) if number is not None]
    for number in numbers:
        unset_activity(connection, number)
        if not pass_on(connection, number, now=now):
            mark_deleted(connection, number, revision=revision, now=now)


def unset_activity(connection: Connection, activity_id: ActivityId) -> None:
    """Take its activity from an object that stays a while."""
    mine = update(_object).where(_object.activity_id == activity_id)
    connection.execute(mine.values(activity_id=None))


def make_copy(connection: Connection, activity_id: ActivityId) -> None:
    """Let the object that has an activity be a copy of it, before another one gets it."""
    mine = update(_object).where(_object.activity_id == activity_id)
    connection.execute(mine.values(activity_id=None, shared_activity_id=activity_id))


def _copies(
    connection: Connection, activity_id: ActivityId, *conditions: ColumnElement[bool]
) -> list[StoredObject]:
    query = select(*OBJECT_COLUMNS).where(_object.shared_activity_id == activity_id, *conditions)
    in_turn = query.order_by(not_(syncs(_object.owner_id)), _object.id)
    rows = connection.execute(in_turn.with_for_update()).all()
    epoch = present_epoch(connection) if rows else ""
    return [stored_object(row, epoch) for row in rows]


def _left_behind(row: ActivityRow) -> tuple[Activity, int] | None:
    """Return what goes along to an heir, with the row's revision; nothing of a private one."""
    if row.deleted:
        return None
    try:
        activity, revision = row.activity(EVENT), row.sane_revision
    except InvalidInput:
        return None
    return None if activity.private else (activity, revision)


def _inherited(
    connection: Connection,
    heir: StoredObject,
    left: tuple[Activity, int] | None,
    now: datetime,
) -> ActivityId | None:
    """Return the heir's activity; None where its text can be none any more."""
    calendar = calendars_where(connection, dav.Calendar.id == heir.calendar_id)[0]
    conversion = load_conversion(connection, calendar.company_id, calendar.owner_id)
    kept = blank(calendar, heir.type_key) if left is None else left[0]
    try:
        base = replace(kept, owner_id=calendar.owner_id)
        new = conversion.to_activity(heir.object, base=base, previous=None, calendar=calendar)
    except ConversionError:
        return None
    if left is None:
        # Revision 0 says that it is not carried into the object yet; so does the old one below.
        return insert_activity(connection, new, component=EVENT, revision=0, now=now)
    if kept.done and not new.done:
        new = replace(new, done=True, done_at=kept.done_at)
    stamp, components = (left[1], now), (EVENT, EVENT)
    update_activity(connection, kept, new, components=components, stamp=stamp)
    return new.id


def _point(connection: Connection, heir: StoredObject, old: ActivityId, number: ActivityId) -> None:
    """Make the heir's object the activity's, and all other copies copies of it."""
    mine = update(_object).where(_object.id == heir.id)
    connection.execute(mine.values(activity_id=number, shared_activity_id=None))
    if number != old:
        others = update(_object).where(_object.shared_activity_id == old)
        connection.execute(others.values(shared_activity_id=number))
