"""Activities as the CRM sees them; their calendar objects follow in the same transaction.

Every mutation raises the home's counter first, which is the home's lock, before it reads anything.
Open the transaction with the homes concerned locked: the owner's, and the new owner's where an
activity is given away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from bridge.domain.activity import Activity
from bridge.domain.identifiers import ActivityId, CompanyId, Uid, UserId
from bridge.errors import InvalidInput, NotFound
from bridge.store.activity_objects import ActivityObjects, Homes, Placement, Revisions, place
from bridge.store.activity_rows import ActivityRow, load_rows, page_query, with_links
from bridge.store.activity_writer import insert_activity, mark_deleted, stored_id, update_activity
from bridge.store.calendar_queries import objects_where, present_epoch
from bridge.store.calendar_values import StoredObject
from bridge.store.company_types import read_types
from bridge.store.conversion import Conversion, load_conversion
from bridge.store.homes import lock_homes, raise_revision
from bridge.store.interpretation import with_done_at
from bridge.store.meeting_heirs import pass_on
from bridge.store.object_writer import ObjectWriter
from bridge.store.reconcile import settle
from bridge.store.schema import crm, dav
from bridge.store.transaction import Transaction

ORIGIN = "crm"
PAGE = 500
"""How many activities a listing returns at most when nothing else is said."""


class ActivityRepository:
    """Reads and writes the activities of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection

    def get(self, activity_id: ActivityId) -> Activity | None:
        """Return an activity, a deleted one too; None for no row, or one that makes no sense."""
        rows = load_rows(self._connection, crm.Activity.id == activity_id)
        return next(iter(self._readable(rows)), None)

    def list(
        self,
        owner_id: UserId,
        *,
        done: bool | None = None,
        after: ActivityId | None = None,
        limit: int = PAGE,
        deleted: bool = False,
    ) -> Sequence[Activity]:
        """Return an owner's activities by id, in a constant number of statements.

        Rows that make no sense are left out; `reported_rows` names them.

        Args:
            owner_id: Whose.
            done: Only these; None for both.
            after: Only ids above; the last one of the page before.
            limit: How many rows to look at.
            deleted: The deleted ones instead of the living.
        """
        row = crm.Activity
        conditions = [row.owner_id == owner_id]
        conditions.append(row.deleted_at.is_not(None) if deleted else row.deleted_at.is_(None))
        if done is not None:
            conditions.append(row.done.is_(done))
        if after is not None:
            conditions.append(row.id > after)
        found = self._connection.execute(page_query(*conditions, limit=limit)).all()
        return tuple(self._readable(with_links(self._connection, found)))

    def uid_of(self, activity_id: ActivityId) -> Uid | None:
        """Return the UID of an activity's calendar object, None when it has none."""
        query = select(dav.CalendarObject.uid).where(dav.CalendarObject.activity_id == activity_id)
        uid = self._connection.scalar(query)
        return None if uid is None else Uid(uid)

    def id_of(self, owner_id: UserId, uid: Uid) -> ActivityId | None:
        """Return the activity an owner's calendar object is, or is a copy, of.

        It is that of the first object of that UID.
        """
        table = dav.CalendarObject
        number = func.coalesce(table.activity_id, table.shared_activity_id)
        mine = (table.owner_id == owner_id, table.uid == uid, number.is_not(None))
        found = self._connection.scalar(select(number).where(*mine).order_by(table.id))
        return None if found is None else ActivityId(found)

    def hold(self, activity_id: ActivityId, owner_id: UserId, *, now: datetime) -> Activity | None:
        """Return an owner's activity, a deleted one too, so that nobody changes it before we do.

        What other programs did to it is carried first. The transaction holds the owner's home.

        Returns:
            None for somebody else's, for no row, and for one that makes no sense.

        Raises:
            StoreBusy: The change of another program concerns a home that is held elsewhere.
        """
        mine = (crm.Activity.id == activity_id, crm.Activity.owner_id == owner_id)
        if self._connection.scalar(select(crm.Activity.id).where(*mine)) is None:
            return None
        settle(self._transaction, activity_id, owner_id, now=now)
        return next(iter(self._readable(load_rows(self._connection, *mine))), None)

    def object_of(self, activity_id: ActivityId) -> StoredObject | None:
        """Return an activity's calendar object, None when it has none."""
        return self._object_of(activity_id, present_epoch(self._connection))

    def add(self, activity: Activity, *, now: datetime) -> Activity:
        """Store a new activity with its calendar object, and return it with its id.

        Args:
            activity: Its id is ignored. A timed to-do ends at its due time.
            now: Aware.

        Raises:
            NotFound: The owner is no user of the company.
            InvalidInput: The company has no such type.
            ConversionError: It holds a zone or a recurrence that means nothing.
        """
        revision = raise_revision(self._connection, activity.owner_id)
        conversion = load_conversion(self._connection, activity.company_id, activity.owner_id)
        homes = Homes(self._connection, [activity.owner_id])
        new = replace(with_done_at(activity, None, now), deleted_at=None)
        new = replace(new, created_at=new.created_at or now, updated_at=now)
        component = conversion.component_of(new.type_key, dated=new.span is not None)
        activity_id = insert_activity(
            self._connection, new, component=component, revision=revision, now=now
        )
        stored = replace(new, id=activity_id)
        self._objects(homes, conversion, now).create(stored, revision=revision)
        return stored

    def update(self, activity: Activity, *, now: datetime) -> Activity:
        """Store what differs from the present row, and let the calendar object follow.

        Another type may move the object to the other collection; another owner moves it to the
        other home. An object whose text says it all already keeps its ETag.

        Args:
            activity: Whole, as it is to be; read it in this transaction, or risk taking back what
                changed since. `created_at` and `updated_at` are ignored.
            now: Aware.

        Raises:
            NotFound: There is no such living activity, or the new owner is no user of the company.
            InvalidInput: The stored row makes no sense, or the company has no such type.
            ConversionError: It holds a zone or a recurrence that means nothing.
            StoreBusy: The change of another program concerns a home that is held elsewhere.
        """
        number = stored_id(activity)
        owner_id = self._owner_of(number)
        lock_homes(self._connection, {owner_id, activity.owner_id})
        row = self._settled_row(number, owner_id, now)
        conversion = load_conversion(self._connection, row.company_id, activity.owner_id)
        stored = self._object_of(number, conversion.epoch)
        old = row.activity(_component(row, stored, conversion))
        given = with_done_at(activity, old, now)
        new = replace(given, company_id=old.company_id, created_at=old.created_at, updated_at=now)
        new = replace(new, deleted_at=None)
        homes = Homes(self._connection, {old.owner_id, new.owner_id})
        objects = self._objects(homes, conversion, now)
        change = _Change(row=row, stored=stored, old=old, new=new, now=now)
        return self._store(change, homes, conversion, objects)

    def delete(self, activity_id: ActivityId, *, now: datetime) -> None:
        """Delete an activity softly; its calendar object becomes a tombstone.

        That of a meeting which a colleague shares becomes the colleague's instead.

        Raises:
            NotFound: There is no such living activity.
            StoreBusy: The change of another program concerns a home that is held elsewhere.
        """
        owner_id = self._owner_of(activity_id)
        lock_homes(self._connection, {owner_id})
        row = self._settled_row(activity_id, owner_id, now)
        revision = raise_revision(self._connection, row.owner_id, above=row.sane_revision)
        stored = self._object_of(activity_id, present_epoch(self._connection))
        if stored is not None:
            writer = ObjectWriter(self._connection, origin=ORIGIN, now=now)
            shared = writer.remove(stored, company_id=row.company_id, revision=revision)
            if shared and pass_on(self._connection, activity_id, now=now):
                return
        mark_deleted(self._connection, activity_id, revision=revision, now=now)

    def _store(
        self,
        change: _Change,
        homes: Homes,
        conversion: Conversion,
        objects: ActivityObjects,
    ) -> Activity:
        old, new, stored = change.old, change.new, change.stored
        before = _component(change.row, stored, conversion)
        if stored is None:
            after = conversion.component_of(new.type_key, dated=new.span is not None)
            revisions = self._raise(change)
            self._update(change, (before, after), revisions)
            objects.create(new, revision=revisions.entering)
            return new
        calendar = homes.calendar(stored.calendar_id)
        after = place(
            stored, calendar, old=_placement(old), new=_placement(new), conversion=conversion
        )
        item = objects.render(stored, new, after)
        settled = objects.is_settled(stored, new, item)
        if settled and replace(new, updated_at=old.updated_at) == old:
            return old
        revisions = self._raise(change)
        self._update(change, (before, after), revisions)
        if not settled:
            objects.follow(stored, new, item, revisions=revisions)
        return new

    def _update(self, change: _Change, components: tuple[str, str], revisions: Revisions) -> None:
        stamp = (revisions.entering, change.now)
        update_activity(
            self._connection, change.old, change.new, components=components, stamp=stamp
        )

    def _raise(self, change: _Change) -> Revisions:
        """Raise the counters concerned; what enters another home goes on rising."""
        known = change.row.sane_revision
        above = max(known, change.stored.revision) if change.stored else known
        old_owner, new_owner = change.old.owner_id, change.new.owner_id
        entering = raise_revision(self._connection, new_owner, above=above)
        if old_owner == new_owner:
            return Revisions(leaving=entering, entering=entering)
        return Revisions(leaving=raise_revision(self._connection, old_owner), entering=entering)

    def _owner_of(self, activity_id: ActivityId) -> UserId:
        row = crm.Activity
        owner_id = self._connection.scalar(
            select(row.owner_id).where(row.id == activity_id, row.deleted_at.is_(None))
        )
        if owner_id is None:
            raise NotFound(f"no such activity: {activity_id}")
        return UserId(owner_id)

    def _settled_row(self, activity_id: ActivityId, owner_id: UserId, now: datetime) -> ActivityRow:
        """Hold the row, carry what other programs did to it, and return it as it is then."""
        settle(self._transaction, activity_id, owner_id, now=now)
        rows = load_rows(self._connection, crm.Activity.id == activity_id)
        if not rows or rows[0].deleted:
            raise NotFound(f"no such activity: {activity_id}")
        return rows[0]

    def _object_of(self, activity_id: ActivityId, epoch: str) -> StoredObject | None:
        found = objects_where(
            self._connection, epoch, dav.CalendarObject.activity_id == activity_id
        )
        return found[0] if found else None

    def _objects(self, homes: Homes, conversion: Conversion, now: datetime) -> ActivityObjects:
        writer = ObjectWriter(self._connection, origin=ORIGIN, now=now)
        return ActivityObjects(self._connection, homes, conversion=conversion, writer=writer)

    def _readable(self, rows: Sequence[ActivityRow]) -> Iterator[Activity]:
        """Return what makes sense; types are asked once, and only where a row has no object."""
        collections: dict[CompanyId, dict[str, str]] = {}
        for row in rows:
            component = row.object_component
            if component is None and row.company_id not in collections:
                types = read_types(self._connection, row.company_id)
                collections[row.company_id] = {t.key: t.collection.component for t in types}
            try:
                yield row.activity(component or collections[row.company_id][row.type_key])
            except (InvalidInput, KeyError):
                continue


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    row: ActivityRow
    stored: StoredObject | None
    old: Activity
    new: Activity
    now: datetime


def _component(row: ActivityRow, stored: StoredObject | None, conversion: Conversion) -> str:
    if stored is not None:
        return stored.component
    return conversion.component_of(row.type_key, dated=row.dated)


def _placement(activity: Activity) -> Placement:
    return Placement(
        owner_id=activity.owner_id,
        type_key=activity.type_key,
        dated=activity.span is not None,
    )
