"""Carry the writes of other programs into calendar objects (design decision 15).

What an entry says besides the row concerned is only when it happened: the row itself, read now, is
the truth. So any number of entries for one row are one change, an order among them does not matter,
and doing it twice changes nothing. The change gets the time of the newest entry, so that whoever
reconciles writes the same text.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Text,
    bindparam,
    cast,
    delete,
    insert,
    or_,
    select,
    union_all,
)

from bridge.domain.identifiers import ActivityId, UserId
from bridge.errors import ConversionError, InvalidInput, NotFound, StoreBusy
from bridge.store.activity_objects import ActivityObjects, Homes, Placement, Revisions, place
from bridge.store.activity_rows import ActivityRow, load_rows
from bridge.store.activity_spans import read_instant
from bridge.store.activity_writer import stamp_activity
from bridge.store.calendar_queries import objects_where, present_epoch
from bridge.store.calendar_values import StoredObject
from bridge.store.conversion import Conversion, load_conversion
from bridge.store.foreign_changes import REFRESH
from bridge.store.homes import lock_homes, raise_revision
from bridge.store.meeting_heirs import pass_on
from bridge.store.object_writer import ObjectWriter
from bridge.store.schema import access, crm, dav
from bridge.store.transaction import Transaction

logger = logging.getLogger(__name__)

READ_PORTION = 200
"""How many entries a read carries at most before it goes on."""

_TABLE = "activities"
_Entry = crm.ForeignChange
_NOTED = (
    select(_Entry.id, _Entry.row_id, cast(_Entry.created_at, Text).label("at"))
    .where(_Entry.table_name == _TABLE, _Entry.row_id.is_not(None))
    .order_by(_Entry.operation == REFRESH, _Entry.id)
)
# These two are built once, as every write of an activity runs them.
_HOLD = select(crm.Activity.id).where(crm.Activity.id == bindparam("activity")).with_for_update()
_WAITING = _NOTED.where(
    _Entry.row_id == bindparam("activity"),
    or_(_Entry.new_owner_id == bindparam("owner"), _Entry.old_owner_id == bindparam("owner")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of some entries.

    Attributes:
        consumed: Entries that are done with.
        changed: Objects that were made, changed, moved or withdrawn.
        reported: Rows that make no sense.
    """

    consumed: int = 0
    changed: int = 0
    reported: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    id: int
    activity_id: ActivityId
    at: datetime


def reconcile(
    transaction: Transaction, *, homes: Collection[UserId], limit: int, now: datetime
) -> int:
    """Carry entries of these homes into their calendar objects and consume them.

    An activity that changed its owner needs the other home too; while another transaction holds
    that one, its entries are left for the next time.

    Args:
        transaction: A writing one, best opened with these homes locked.
        homes: Owners before or after the change.
        limit: How many entries to consume at most; refreshes come last.
        now: Aware; the time of a change that has none.

    Returns:
        How many entries were consumed.
    """
    connection = transaction.connection
    held = lock_homes(connection, homes)
    notes = _notes(connection, _of_homes(homes), limit=limit, now=now)
    if not notes:
        return 0
    outcome = _Reconciliation(connection, held, now).carry(notes)
    logger.info(
        "reconciled changes of other programs",
        extra={"entries": outcome.consumed, "objects": outcome.changed, "odd": outcome.reported},
    )
    return outcome.consumed


def settle(
    transaction: Transaction, activity_id: ActivityId, owner_id: UserId, *, now: datetime
) -> bool:
    """Hold an activity's row, and carry what waits for it before we write it.

    Args:
        transaction: A writing one that holds the owner's home.
        activity_id: The activity.
        owner_id: In whose home its object lies.
        now: Aware.

    Returns:
        Whether the calendar object changed.

    Raises:
        StoreBusy: The change concerns a home that another transaction holds.
    """
    connection = transaction.connection
    if transaction.dialect != "sqlite":
        # The row first: a program that holds it now may have noted its change when it lets go.
        # On SQLite the writing transaction is alone.
        connection.execute(_HOLD, {"activity": activity_id})
    waiting = connection.execute(_WAITING, {"activity": activity_id, "owner": owner_id})
    notes = [_note(row, now) for row in waiting]
    if not notes:
        return False
    outcome = _Reconciliation(connection, frozenset({owner_id}), now).carry(notes)
    if outcome.consumed < len(notes):
        raise StoreBusy("another program gave the activity to another owner", hint="try again")
    return outcome.changed > 0


def _of_homes(homes: Collection[UserId]) -> ColumnElement[bool]:
    return or_(_Entry.new_owner_id.in_(homes), _Entry.old_owner_id.in_(homes))


def _notes(
    connection: Connection,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
    now: datetime,
) -> list[_Note]:
    query = _NOTED.where(*conditions).limit(limit)
    return [_note(row, now) for row in connection.execute(query)]


def _note(row: Row[*tuple[Any, ...]], now: datetime) -> _Note:
    at = now if row.at is None else read_instant(row.at, "created_at")
    return _Note(id=row.id, activity_id=ActivityId(row.row_id), at=at)


class _Reconciliation:
    """One portion: loads what the rows need together, then carries row by row."""

    def __init__(self, connection: Connection, held: frozenset[UserId], now: datetime) -> None:
        self._connection = connection
        self._held = held
        self._nobody: frozenset[UserId] = frozenset()
        self._now = now
        self._revisions: dict[UserId, int] = {}
        self._conversions: dict[UserId, Conversion] = {}
        self._odd: dict[ActivityId, tuple[int | None, str]] = {}
        self._changed = 0

    def carry(self, notes: Sequence[_Note]) -> Outcome:
        """Carry every row whose homes are or can be held, and consume its entries."""
        times: dict[ActivityId, datetime] = {}
        for note in notes:
            times[note.activity_id] = max(note.at, times.get(note.activity_id, note.at))
        done = self._carry_rows(times)
        self._report(done)
        consumed = [note.id for note in notes if note.activity_id in done]
        self._connection.execute(delete(_Entry).where(_Entry.id.in_(consumed)))
        return Outcome(consumed=len(consumed), changed=self._changed, reported=len(self._odd))

    def _carry_rows(self, times: Mapping[ActivityId, datetime]) -> frozenset[ActivityId]:
        reachable = self._reach(times.keys())
        numbers = crm.Activity.id.in_(reachable)
        rows = {row.id: row for row in load_rows(self._connection, numbers, lock=True)}
        objects = {
            stored.activity_id: stored
            for stored in objects_where(
                self._connection,
                present_epoch(self._connection),
                dav.CalendarObject.activity_id.in_(reachable),
            )
        }
        homes = Homes(self._connection, self._held)
        done = set()
        for activity_id in sorted(reachable):
            row, stored = rows.get(activity_id), objects.get(activity_id)
            # Given to yet another owner since we looked; its newest entry will come.
            if row is not None and not self._holds(row):
                continue
            self._carry_row(row, stored, homes, times[activity_id])
            done.add(activity_id)
        return frozenset(done)

    def _reach(self, activity_ids: Collection[ActivityId]) -> frozenset[ActivityId]:
        """Return the activities all of whose homes are held, after taking what homes are free."""
        needed = self._owners(activity_ids)
        wanted = frozenset(owner for owners in needed.values() for owner in owners) - self._held
        if wanted:
            self._held |= lock_homes(self._connection, wanted, wait=False)
            self._nobody = wanted - self._held - self._existing(wanted - self._held)
        return frozenset(
            activity_id
            for activity_id, owners in needed.items()
            if owners <= self._held | self._nobody
        )

    def _owners(self, activity_ids: Collection[ActivityId]) -> dict[ActivityId, frozenset[UserId]]:
        both: CompoundSelect[int, int] = union_all(
            select(crm.Activity.id.label("id"), crm.Activity.owner_id.label("owner_id")).where(
                crm.Activity.id.in_(activity_ids)
            ),
            select(dav.CalendarObject.activity_id, dav.CalendarObject.owner_id).where(
                dav.CalendarObject.activity_id.in_(activity_ids)
            ),
        )
        found: dict[ActivityId, frozenset[UserId]] = dict.fromkeys(activity_ids, frozenset())
        for number, owner in self._connection.execute(both):
            found[ActivityId(number)] |= {UserId(owner)}
        return found

    def _existing(self, owners: Collection[UserId]) -> frozenset[UserId]:
        query = select(access.Home.user_id).where(access.Home.user_id.in_(owners))
        return frozenset(UserId(number) for number in self._connection.scalars(query))

    def _holds(self, row: ActivityRow) -> bool:
        return row.owner_id in self._held or row.owner_id in self._nobody

    def _carry_row(
        self, row: ActivityRow | None, stored: StoredObject | None, homes: Homes, at: datetime
    ) -> None:
        """Carry one row; what cannot be carried is remembered as odd, its object stays."""
        writer = ObjectWriter(self._connection, origin="crm", now=at)
        try:
            if row is None or row.deleted:
                if stored is not None:
                    self._withdraw(stored, homes, writer)
            elif stored is None:
                self._create(row, homes, writer)
            else:
                self._follow(row, stored, homes, writer)
        except (InvalidInput, ConversionError, NotFound) as problem:
            if row is not None:
                self._odd[row.id] = (row.company_id, str(problem))

    def _withdraw(self, stored: StoredObject, homes: Homes, writer: ObjectWriter) -> None:
        calendar = homes.calendar(stored.calendar_id)
        revision = self._raise(calendar.owner_id)
        shared = writer.remove(stored, company_id=calendar.company_id, revision=revision)
        if shared and stored.activity_id is not None:
            pass_on(self._connection, stored.activity_id, now=writer.now)
        self._changed += 1

    def _create(self, row: ActivityRow, homes: Homes, writer: ObjectWriter) -> None:
        above = row.sane_revision
        conversion = self._conversion(row)
        component = conversion.component_of(row.type_key, dated=row.dated)
        activity = row.activity(component)
        revision = self._raise(row.owner_id, above=above)
        self._objects(conversion, homes, writer).create(activity, revision=revision)
        stamp_activity(self._connection, row.id, revision=revision)
        self._changed += 1

    def _follow(
        self, row: ActivityRow, stored: StoredObject, homes: Homes, writer: ObjectWriter
    ) -> None:
        above = max(row.sane_revision, stored.revision)
        conversion = self._conversion(row)
        calendar = homes.calendar(stored.calendar_id)
        old = Placement(
            owner_id=calendar.owner_id,
            type_key=stored.type_key,
            dated=conversion.is_dated(stored.object),
        )
        new = Placement(owner_id=row.owner_id, type_key=row.type_key, dated=row.dated)
        component = place(stored, calendar, old=old, new=new, conversion=conversion)
        activity = row.activity(component)
        objects = self._objects(conversion, homes, writer)
        item = objects.render(stored, activity, component)
        if objects.is_settled(stored, activity, item):
            return
        entering = self._raise(row.owner_id, above=above)
        leaving = entering if old.owner_id == new.owner_id else self._raise(old.owner_id)
        revisions = Revisions(leaving=leaving, entering=entering)
        objects.follow(stored, activity, item, revisions=revisions)
        stamp_activity(self._connection, row.id, revision=entering)
        self._changed += 1

    def _objects(
        self, conversion: Conversion, homes: Homes, writer: ObjectWriter
    ) -> ActivityObjects:
        return ActivityObjects(self._connection, homes, conversion=conversion, writer=writer)

    def _conversion(self, row: ActivityRow) -> Conversion:
        if row.owner_id not in self._conversions:
            self._conversions[row.owner_id] = load_conversion(
                self._connection, row.company_id, row.owner_id
            )
        return self._conversions[row.owner_id]

    def _raise(self, owner_id: UserId, *, above: int = 0) -> int:
        """Give the portion one revision in each home, a higher one where a row needs it."""
        revision = self._revisions.get(owner_id, 0)
        if revision <= above:
            revision = raise_revision(self._connection, owner_id, above=above)
            self._revisions[owner_id] = revision
        return revision

    def _report(self, done: Collection[ActivityId]) -> None:
        report = dav.ReportedRow
        self._connection.execute(
            delete(report).where(report.table_name == _TABLE, report.row_id.in_(done))
        )
        rows = [
            {
                "table_name": _TABLE,
                "row_id": activity_id,
                "company_id": company_id,
                "reason": reason,
                "reported_at": self._now,
            }
            for activity_id, (company_id, reason) in self._odd.items()
        ]
        if rows:
            logger.warning("rows of other programs make no sense", extra={"rows": len(rows)})
            self._connection.execute(insert(report), rows)
