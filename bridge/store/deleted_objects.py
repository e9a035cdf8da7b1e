"""What was deleted from a user's calendars, as long as calendar programs are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from bridge.domain.identifiers import Href, Uid, UserId
from bridge.store.schema.dav import Calendar, Tombstone
from bridge.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedObject:
    """A calendar object that is gone.

    Attributes:
        calendar: Last segment of the path of the calendar it was in.
        at: When it was deleted, aware.
    """

    uid: Uid
    href: Href
    calendar: str
    at: datetime


class DeletedObjectRepository:
    """Finds tombstones; what moved to another calendar left one as well."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def find(self, owner_id: UserId, name: str) -> DeletedObject | None:
        """Return what was deleted last under this UID or href, None when nothing was.

        Args:
            owner_id: Whose calendars.
            name: UID or href.
        """
        row = Tombstone
        named = or_(row.uid == name, row.href == name)
        query = (
            select(row.uid, row.href, Calendar.slug, row.deleted_at)
            .join(Calendar, Calendar.id == row.calendar_id)
            .where(Calendar.owner_id == owner_id, named)
            .order_by(row.deleted_at.desc())
            .limit(1)
        )
        found = self._connection.execute(query).one_or_none()
        if found is None:
            return None
        return DeletedObject(
            uid=Uid(found.uid), href=Href(found.href), calendar=found.slug, at=found.deleted_at
        )
