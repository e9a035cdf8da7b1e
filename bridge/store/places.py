"""What a client's write has to know of a name before it changes anything, in one statement.

Who holds the name, who else holds the UID, whether a tombstone lies there, and whether another
program's change of the activity waits to be carried over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    exists,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from bridge.domain.identifiers import Href, Uid
from bridge.errors import NotFound, UidConflict
from bridge.store.calendar_queries import OBJECT_COLUMNS, stored_object
from bridge.store.calendar_values import StoredCalendar, StoredObject
from bridge.store.prepared import Prepared
from bridge.store.schema import access, crm, dav
from bridge.store.transaction import Transaction

_Entry = crm.ForeignChange
_Object, _Calendar = dav.CalendarObject, dav.Calendar
_sought = aliased(_Object, name="sought")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A name in a calendar, as it is before a write.

    Attributes:
        holder: The object of that name.
        rival: Another object, which has the UID that the name is to hold.
        waits: Another program changed the holder's activity, and nobody carried that over yet.
        buried: A tombstone tells of the name.
        zone: IANA name of the owner's zone.
    """

    holder: StoredObject | None
    rival: StoredObject | None
    waits: bool
    buried: bool
    zone: str

    def demand_free_for(self, uid: Uid) -> None:
        """See that the name and the UID are free for each other.

        Raises:
            UidConflict: The UID lives under another name, or the name holds another UID.
        """
        if self.holder is not None and self.holder.uid != uid:
            raise UidConflict("the UID of an object never changes", href=self.holder.href)
        if self.rival is not None:
            raise UidConflict("the UID is in use", href=self.rival.href)


def place_at(
    transaction: Transaction, calendar: StoredCalendar, href: Href, uid: Uid | None = None
) -> Place:
    """Return what is at a name, and hold the rows of the activities concerned.

    Args:
        transaction: A writing one that holds the calendar's home.
        calendar: Where.
        href: The name.
        uid: What the name is to hold; None when that does not matter.

    Raises:
        NotFound: The calendar is gone.
    """
    connection = transaction.connection
    values: dict[str, Any] = {"calendar": calendar.id, "name": href}
    if uid is not None:
        values["uid"] = uid
    if transaction.dialect != "sqlite":
        # The row first: a program that holds it now may have noted its change when it lets go.
        # On SQLite the writing transaction is alone.
        (_HOLD_NAME if uid is None else _HOLD_BOTH).run(connection, values)
    rows = (_AT_NAME if uid is None else _AT_BOTH).rows(connection, values)
    if not rows:
        raise NotFound("this calendar is gone")
    found = [row for row in rows if row.id is not None]
    holder = next((row for row in found if row.href == href), None)
    rival = next((row for row in found if row.href != href), None)
    return Place(
        holder=None if holder is None else stored_object(holder, calendar.epoch),
        rival=None if rival is None else stored_object(rival, calendar.epoch),
        waits=holder is not None and bool(holder.waits),
        buried=bool(rows[0].buried),
        zone=rows[0].owner_zone,
    )


def _id_of(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(_sought.id).where(_sought.calendar_id == bindparam("calendar"), condition)


# Two searches of two unique indexes, joined: an OR inside one, or a condition that an id is among
# theirs, makes one database or the other walk the calendar.
_NAMED = _id_of(_sought.href == bindparam("name")).subquery("found")
_BOTH = union_all(
    _id_of(_sought.href == bindparam("name")), _id_of(_sought.uid == bindparam("uid"))
).subquery("found")
_BURIED = exists().where(
    dav.Tombstone.calendar_id == bindparam("calendar"), dav.Tombstone.href == bindparam("name")
)
_WAITS = exists().where(
    _Entry.table_name == "activities",
    _Entry.row_id == _Object.activity_id,
    or_(_Entry.new_owner_id == _Calendar.owner_id, _Entry.old_owner_id == _Calendar.owner_id),
)


def _at(found: Subquery) -> Prepared:
    """Return the question; it has an answer wherever there is the calendar."""
    return Prepared(
        select(
            access.User.timezone.label("owner_zone"),
            _BURIED.label("buried"),
            _WAITS.label("waits"),
            *OBJECT_COLUMNS,
        )
        .select_from(_Calendar)
        .join(access.User, access.User.id == _Calendar.owner_id)
        .outerjoin(found, true())
        .outerjoin(_Object, _Object.id == found.c.id)
        .where(_Calendar.id == bindparam("calendar"))
    )


def _hold(found: Subquery) -> Prepared:
    numbers = select(_Object.activity_id).join(found, _Object.id == found.c.id)
    return Prepared(select(crm.Activity.id).where(crm.Activity.id.in_(numbers)).with_for_update())


# Built once, as every write asks them.
_AT_NAME, _AT_BOTH = _at(_NAMED), _at(_BOTH)
_HOLD_NAME, _HOLD_BOTH = _hold(_NAMED), _hold(_BOTH)
