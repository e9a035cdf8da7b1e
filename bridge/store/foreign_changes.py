"""What other programs wrote, as the triggers noted it (design decision 15).

Two kinds of entries wait in `foreign_changes`. Those of an activity have an owner before or after,
and any read of that home asks for them first. Those of a shared record (a person in 10,000
activities), and those without a row that ask for a full comparison, have no owner: the worker turns
them into one `refresh` entry for each activity concerned, which reads do not wait for. Entries are
consumed by deleting them, never by remembering how far one got: PostgreSQL commits out of order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)

from bridge.domain.identifiers import UserId
from bridge.store.prepared import Prepared
from bridge.store.schema import crm, dav
from bridge.store.transaction import Transaction

REFRESH = "refresh"
"""`operation` of an entry made for a shared record or a full comparison."""

_COMPARE = "compare"
_Entry = crm.ForeignChange
_LINKED = {
    "persons": crm.Activity.person_id,
    "organizations": crm.Activity.organization_id,
    "deals": crm.Activity.deal_id,
}


def waiting_for(owner: Any) -> ColumnElement[bool]:
    """Return whether entries wait for a home, for use inside another question.

    Args:
        owner: Column or parameter with the owner's id.
    """
    return _any(_Entry.new_owner_id == owner, _Entry.old_owner_id == owner)


def _any(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(*(exists().where(each, _Entry.operation != REFRESH) for each in conditions))


# Every request asks one of these: built once, it costs a seventh of building it each time.
_OWNERS = (_Entry.new_owner_id, _Entry.old_owner_id)
_PENDING_OF_ONE = Prepared(select(waiting_for(bindparam("home"))))
_PENDING = select(_any(*(owner.in_(bindparam("homes", expanding=True)) for owner in _OWNERS)))


class ForeignChangeRepository:
    """Tells what waits, and divides what concerns many activities."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def pending(self, homes: Collection[UserId]) -> bool:
        """Return whether a read of these homes has to reconcile first; one indexed statement."""
        if not homes:
            return False
        if len(homes) == 1:
            (home,) = homes
            return bool(_PENDING_OF_ONE.scalar(self._connection, {"home": home}))
        return bool(self._connection.scalar(_PENDING, {"homes": list(homes)}))

    def homes_with_entries(self, limit: int) -> Sequence[UserId]:
        """Return owners whose activities have entries, at most `limit`, those of refreshes too.

        An owner may be nobody: `reconcile` reports such a row and consumes the entry.
        """
        owner = func.coalesce(_Entry.new_owner_id, _Entry.old_owner_id)
        query = select(owner).where(owner.is_not(None)).distinct().order_by(owner).limit(limit)
        return tuple(UserId(number) for number in self._connection.scalars(query))

    def expand_shared(self, limit: int) -> int:
        """Turn entries of shared records into entries of activities; return how many were turned.

        Needs a writing transaction, locks no home, and takes one statement for each entry and one
        for all, however many activities are concerned.

        Args:
            limit: How many entries to turn.
        """
        query = (
            select(_Entry.id, _Entry.company_id, _Entry.table_name, _Entry.row_id)
            .add_columns(_Entry.created_at)
            .where(_Entry.new_owner_id.is_(None), _Entry.old_owner_id.is_(None))
            .order_by(_Entry.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        entries = self._connection.execute(query).all()
        for entry in entries:
            self._note_each(_concerned(entry), entry.created_at)
        if entries:
            self._connection.execute(delete(_Entry).where(_Entry.id.in_([e.id for e in entries])))
        return len(entries)

    def ask_full_comparison(self, *, now: datetime) -> None:
        """Ask for every activity to be compared with its object; finds what bypassed triggers."""
        self._connection.execute(
            insert(_Entry).values(table_name="activities", operation=_COMPARE, created_at=now)
        )

    def _note_each(self, activities: Select[Any], created_at: datetime | None) -> None:
        columns = ["company_id", "table_name", "row_id", "old_owner_id", "new_owner_id"]
        found = activities.subquery()
        rows = select(*found.c, literal(REFRESH), literal(created_at, _Entry.created_at.type))
        self._connection.execute(
            insert(_Entry).from_select([*columns, "operation", "created_at"], rows)
        )


def _concerned(entry: Row[*tuple[Any, ...]]) -> Select[Any]:
    if entry.row_id is None:
        return _everything()
    if entry.table_name == "activity_types":
        return _living(crm.Activity.company_id == entry.company_id, _of_type(entry.row_id))
    condition: ColumnElement[bool] = _LINKED[entry.table_name] == entry.row_id
    if entry.table_name == "persons":
        link = crm.ActivityParticipant
        joined = select(link.activity_id).where(link.person_id == entry.row_id)
        condition = or_(condition, crm.Activity.id.in_(joined))
    return _living(crm.Activity.company_id == entry.company_id, condition)


def _of_type(type_id: int) -> ColumnElement[bool]:
    """Activities of that type, and those whose type is gone or was given another key."""
    kind = crm.ActivityType
    keys = select(kind.key).where(kind.company_id == crm.Activity.company_id)
    return or_(
        crm.Activity.type_key.in_(select(kind.key).where(kind.id == type_id)),
        crm.Activity.type_key.not_in(keys),
    )


def _living(*conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        _columns(crm.Activity.company_id, crm.Activity.id)
        .select_from(crm.Activity)
        .outerjoin(dav.CalendarObject, dav.CalendarObject.activity_id == crm.Activity.id)
        .where(crm.Activity.deleted_at.is_(None), *conditions)
    )


def _everything() -> Select[Any]:
    """Every living activity, and every activity an object has that does not live."""
    stale = (
        _columns(dav.CalendarObject.company_id, dav.CalendarObject.activity_id)
        .select_from(dav.CalendarObject)
        .outerjoin(
            crm.Activity,
            and_(
                crm.Activity.id == dav.CalendarObject.activity_id,
                crm.Activity.deleted_at.is_(None),
            ),
        )
        .where(dav.CalendarObject.activity_id.is_not(None), crm.Activity.id.is_(None))
    )
    both = union_all(_living(), stale).subquery()
    return select(both)


def _columns(company: Any, number: Any) -> Select[Any]:
    return select(
        company.label("company_id"),
        literal("activities").label("table_name"),
        number.label("row_id"),
        dav.CalendarObject.owner_id.label("old_owner_id"),
        crm.Activity.owner_id.label("new_owner_id"),
    )
