"""Find one link of a connection by whatever people know of its item, and count them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from bridge.domain.identifiers import ConnectionId, Uid
from bridge.domain.progress import Progress
from bridge.ical.calendar_object import CalendarObject
from bridge.store.schema import google
from bridge.store.sync_rows import (
    HELD_COLUMNS,
    AnyRow,
    held_from_row,
    link_from_row,
    object_from_json,
    parked_from_row,
    part_from_row,
    twins_from_json,
)
from bridge.store.transaction import Transaction
from bridge.sync.model import Link, Presence
from bridge.sync.twin import Twin


def event_ids_of(name: str) -> list[str]:
    """Return the ids under which an event is on record, by its own or that of an instance.

    An instance that is as its series says has no row: its id ends with its original start.
    """
    master, _, _ = name.rpartition("_")
    return [name, master] if master else [name]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubledItem:
    """An item in several calendars.

    Attributes:
        object: The one that is synced, as last seen.
        collection: The calendar it lies in.
        twins: The others.
    """

    uid: Uid
    object: CalendarObject | None
    collection: str
    twins: tuple[Twin, ...]


class LinkRepository:
    """Reads single links, and counts them; the engine reads all (`bridge.store.sync_store`)."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def find(self, connection_id: ConnectionId, name: str) -> Link | None:
        """Return the link of an item, None when there is none.

        Args:
            connection_id: Whose.
            name: UID in the calendar, id of a Google event, of an instance too, name in the
                calendar (href), or UID that Google has for it (`iCalUID`).
        """
        table, events = google.Link, google.LinkEvent
        mine = table.connection_id == connection_id
        part = select(events.link_id).where(
            events.connection_id == connection_id,
            events.google_event_id.in_(event_ids_of(name)),
        )
        for found in (
            table.uid == name,
            table.id.in_(part),
            table.calendar_href == name,
            table.google_object["uid"].as_string() == name,
        ):
            held = google.HeldChange
            columns = select(*table.__table__.columns, *HELD_COLUMNS)
            ours = columns.outerjoin(held, held.link_id == table.id).where(mine, found)
            wanted = ours.order_by(table.id).limit(1)
            row = self._connection.execute(wanted).one_or_none()
            if row is not None:
                return self._link(row)
        return None

    def in_two_calendars(self, connection_id: ConnectionId) -> Sequence[DoubledItem]:
        """Return the items whose UID is in another calendar as well, by UID; one statement."""
        table = google.Link
        doubled = select(
            table.uid, table.calendar_object, table.calendar_collection, table.twins
        ).where(table.connection_id == connection_id, table.twins.is_not(None))
        return tuple(
            DoubledItem(
                uid=Uid(row.uid),
                object=object_from_json(row.calendar_object),
                collection=row.calendar_collection,
                twins=twins_from_json(row.twins),
            )
            for row in self._connection.execute(doubled.order_by(table.uid))
        )

    def progress(self, connection_id: ConnectionId) -> Progress:
        """Return how far the sync has come, while a run is at work as well."""
        table, waiting = google.Link, google.ParkedItem
        here = table.calendar_presence == Presence.PRESENT.value
        there = table.google_presence == Presence.PRESENT.value
        absent = Presence.ABSENT.value
        one_sided = or_(
            and_(here, table.google_presence == absent),
            and_(there, table.calendar_presence == absent),
        )
        due = and_(one_sided, table.withheld == "", waiting.link_id.is_(None))
        counted = select(
            func.coalesce(func.sum(case((and_(here, there), 1), else_=0)), 0),
            func.coalesce(func.sum(case((due, 1), else_=0)), 0),
        )
        mine = counted.outerjoin_from(table, waiting, waiting.link_id == table.id).where(
            table.connection_id == connection_id
        )
        done, left = self._connection.execute(mine).one()
        return Progress(done=done, left=left)

    def _link(self, row: AnyRow) -> Link:
        events, waiting = google.LinkEvent, google.ParkedItem
        parts = select(*events.__table__.columns).where(events.link_id == row.id)
        told = self._connection.execute(parts.order_by(events.position))
        work = select(*waiting.__table__.columns).where(waiting.link_id == row.id)
        parked: Any = self._connection.execute(work).one_or_none()
        return link_from_row(
            row,
            tuple(part_from_row(part) for part in told),
            None if parked is None else parked_from_row(parked),
            held_from_row(row),
        )
