"""The counter and lock of a calendar home (design decisions 13 and 14).

One counter per user gives every change below the home its revision, in the order of the commits,
because raising it holds the home's row until the transaction ends. On SQLite the writing
transaction is the lock.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import BigInteger, Connection, bindparam, case, select, update

from bridge.domain.identifiers import UserId
from bridge.errors import NotFound
from bridge.store.prepared import Prepared
from bridge.store.schema.access import Home

_ABOVE = bindparam("above", type_=BigInteger)
_RAISE = Prepared(
    update(Home)
    .where(Home.user_id == bindparam("owner"))
    .values(revision=case((Home.revision >= _ABOVE, Home.revision + 1), else_=_ABOVE + 1))
    .returning(Home.revision)
)


RAISED = "crmdav_raised"
"""Where a connection keeps the counters its transaction raised, by home id; absent: nobody asks."""


def raise_revision(connection: Connection, owner_id: UserId, *, above: int = 0) -> int:
    """Lock the home, raise its counter, and return the new revision.

    Args:
        connection: Of a writing transaction.
        owner_id: Whose home.
        above: The new revision is above this one too. What moves here from another home keeps a
            rising revision, so that its ETags never repeat.

    Raises:
        NotFound: No such home.
    """
    revision: int | None = _RAISE.scalar(connection, {"owner": owner_id, "above": above})
    if revision is None:
        raise NotFound(f"no calendar home: {owner_id}")
    note_raised(connection, owner_id, revision)
    return revision


def note_raised(connection: Connection, owner_id: UserId, revision: int) -> None:
    """Remember that this transaction raised a home, for `bridge.store.home_slots`."""
    raised = connection.info.get(RAISED)
    if raised is not None:
        raised[owner_id] = revision


def lock_homes(
    connection: Connection, owners: Collection[UserId], *, wait: bool = True
) -> frozenset[UserId]:
    """Lock these homes in the order of their ids, and return those that are locked now.

    Args:
        connection: Of a writing transaction.
        owners: Whose homes; those that do not exist are left out of the answer.
        wait: False leaves out homes that another transaction holds; asking for more homes than
            the transaction began with cannot deadlock then.
    """
    if not owners:
        return frozenset()
    rows = select(Home.user_id).where(Home.user_id.in_(owners)).order_by(Home.user_id)
    locked = connection.scalars(rows.with_for_update(skip_locked=not wait))
    return frozenset(UserId(owner) for owner in locked)
