"""What a client's write means for the activity behind a calendar object."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete

from bridge.domain.activity import Activity
from bridge.domain.identifiers import ActivityId, Href
from bridge.errors import ConversionError, InvalidInput, ObjectChanged
from bridge.ical.calendar_object import CalendarObject
from bridge.store.activity_rows import ActivityRow, load_row
from bridge.store.activity_writer import (
    insert_activity,
    mark_deleted,
    overwrite_activity,
    stamp_activity,
    update_activity,
)
from bridge.store.calendar_values import STANDARD, StoredCalendar, StoredObject
from bridge.store.conversion import Conversion, blank, load_conversion, with_done_at
from bridge.store.object_writer import ObjectWriter
from bridge.store.reconcile import settle
from bridge.store.schema import dav
from bridge.store.transaction import Transaction


class ClientEdit:
    """One client's mutation in one calendar, under one revision of its home."""

    def __init__(
        self,
        transaction: Transaction,
        calendar: StoredCalendar,
        *,
        revision: int,
        writer: ObjectWriter,
    ) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._calendar = calendar
        self._revision = revision
        self._writer = writer

    def demand_settled(self, stored: StoredObject) -> None:
        """Hold the activity's row and see that no other program's change of it waits.

        A precondition that the caller compared before would not have been about that change.

        Raises:
            ObjectChanged: One waited, and it changed the object.
        """
        if stored.activity_id is None:
            return
        owner_id, now = self._calendar.owner_id, self._writer.now
        if settle(self._transaction, stored.activity_id, owner_id, now=now):
            raise ObjectChanged("another program changed the activity meanwhile")

    def store(self, stored: StoredObject | None, href: Href, item: CalendarObject) -> StoredObject:
        """Store the text as it came, and what it makes of the activity.

        Raises:
            ConversionError: A standard calendar takes only what is an activity.
        """
        calendar = self._calendar
        conversion = load_conversion(self._connection, calendar.company_id, calendar.owner_id)
        row = self._row(stored)
        old = _readable(row, stored)
        new = self._meaning(conversion, item, stored, old)
        activity_id = self._save(row, old, new, _components(stored, item))
        meant = None if new is None else replace(new, id=activity_id)
        content = conversion.content(item, meant)
        if stored is None:
            return self._writer.add(calendar, href, content, revision=self._revision)
        return self._writer.change(stored, content, revision=self._revision)

    def remove(self, stored: StoredObject) -> None:
        """Turn the object into a tombstone and delete its activity softly."""
        company_id = self._calendar.company_id
        self._writer.remove(stored, company_id=company_id, revision=self._revision)
        if stored.activity_id is not None:
            self._mark_deleted(stored.activity_id)

    def rename(self, stored: StoredObject, target: StoredCalendar, href: Href) -> StoredObject:
        """Give the object a free name in a calendar of the same home; its activity stays."""
        if stored.activity_id is not None:
            stamp_activity(self._connection, stored.activity_id, revision=self._revision)
        return self._writer.rename(stored, target, href, revision=self._revision)

    def _row(self, stored: StoredObject | None) -> ActivityRow | None:
        """Return the activity's row, None where there is none that lives."""
        if stored is None or stored.activity_id is None:
            return None
        row = load_row(self._connection, stored.activity_id)
        return row if row is not None and not row.deleted else None

    def _meaning(
        self,
        conversion: Conversion,
        item: CalendarObject,
        stored: StoredObject | None,
        old: Activity | None,
    ) -> Activity | None:
        calendar = self._calendar
        base = old or blank(calendar, conversion.default_type(calendar, item.component))
        previous = stored.object if stored is not None and old is not None else None
        try:
            new = conversion.to_activity(item, base=base, previous=previous, calendar=calendar)
        except ConversionError:
            if calendar.kind == STANDARD:
                raise
            return None
        return with_done_at(new, old, self._writer.now)

    def _save(
        self,
        row: ActivityRow | None,
        old: Activity | None,
        new: Activity | None,
        components: tuple[str, str],
    ) -> ActivityId | None:
        """Store the new meaning and return whose it is."""
        revision, now = self._revision, self._writer.now
        if new is None:
            if row is not None:
                self._mark_deleted(row.id)
            return None
        if row is None:
            return insert_activity(
                self._connection, new, component=components[1], revision=revision, now=now
            )
        if old is None:
            self._overwrite(row.id, new, components[1])
        elif old == new and components[0] == components[1]:
            stamp_activity(self._connection, row.id, revision=revision)
        else:
            stamp = (revision, now)
            update_activity(self._connection, old, new, components=components, stamp=stamp)
        return row.id

    def _overwrite(self, activity_id: ActivityId, new: Activity, component: str) -> None:
        """Give a row that makes no sense the sense of the client's text."""
        stamp = (self._revision, self._writer.now)
        overwrite_activity(
            self._connection, replace(new, id=activity_id), component=component, stamp=stamp
        )
        report = dav.ReportedRow
        self._connection.execute(
            delete(report).where(report.table_name == "activities", report.row_id == activity_id)
        )

    def _mark_deleted(self, activity_id: ActivityId) -> None:
        mark_deleted(self._connection, activity_id, revision=self._revision, now=self._writer.now)


def _readable(row: ActivityRow | None, stored: StoredObject | None) -> Activity | None:
    if row is None or stored is None:
        return None
    try:
        return row.activity(stored.component)
    except InvalidInput:
        return None


def _components(stored: StoredObject | None, item: CalendarObject) -> tuple[str, str]:
    return (item.component if stored is None else stored.component, item.component)
