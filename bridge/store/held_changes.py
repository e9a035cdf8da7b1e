"""What waits for a person's word because of an event's guests, and what was said (decision 28).

Runs note what is held (`bridge.store.sync_changes`); here people read it and answer. Neither waits
for the other: an answer names the question it is to, and one to an outdated question is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, func, select, update

from bridge.domain.identifiers import ConnectionId, Uid
from bridge.ical.calendar_object import CalendarObject
from bridge.store.schema.google import GuestMail, HeldChange, Link
from bridge.store.sync_rows import HELD_COLUMNS, held_from_row, object_from_json
from bridge.store.transaction import Transaction
from bridge.sync.hold import Held, HoldAnswer
from bridge.sync.model import JournalState

_MAILED = (JournalState.INTENDED.value, JournalState.DONE.value)
_AnyRow = Row[*tuple[object, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldItem:
    """One item with what waits.

    Attributes:
        calendar: The activity as last seen, also after its deletion.
        google: The event as last seen.
    """

    uid: Uid
    held: Held
    calendar: CalendarObject | None
    google: CalendarObject | None


class HeldChangeRepository:
    """Finds what is held and takes answers."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def waiting(self, connection_id: ConnectionId) -> Sequence[HeldItem]:
        """Return what nobody answered yet, the longest waiting first."""
        rows = self._connection.execute(
            _held_of(connection_id).order_by(HeldChange.since, HeldChange.link_id)
        )
        items = [_item(row) for row in rows]
        return tuple(item for item in items if item.held.answer is None)

    def answer(
        self,
        connection_id: ConnectionId,
        uid: Uid,
        *,
        question: str,
        answer: HoldAnswer,
        now: datetime,
    ) -> bool:
        """Keep what a person said for the next run.

        Returns:
            Whether it counts: False when the question is not the present one any more.
        """
        mine = _held_of(connection_id).where(Link.uid == uid)
        row = self._connection.execute(mine).one_or_none()
        held = None if row is None else held_from_row(row)
        if row is None or held is None or held.question != question:
            return False
        values = {"answer": answer.value, "answered": question, "answered_at": now}
        statement = update(HeldChange).where(HeldChange.link_id == row.link_id)
        return self._connection.execute(statement.values(**values)).rowcount > 0

    def answered_since(self, connection_id: ConnectionId, moment: datetime) -> bool:
        """Whether somebody answered at this moment or later."""
        late = select(HeldChange.link_id).where(
            HeldChange.connection_id == connection_id, HeldChange.answered_at >= moment
        )
        return self._connection.scalar(late.limit(1)) is not None

    def guest_mails(self, connection_id: ConnectionId) -> int:
        """Return how many writes of a connection made Google mail guests, or may have."""
        counted = select(func.count()).where(
            GuestMail.connection_id == connection_id, GuestMail.state.in_(_MAILED)
        )
        return int(self._connection.scalar(counted) or 0)


def _held_of(connection_id: ConnectionId) -> Select[*tuple[object, ...]]:
    return (
        select(
            HeldChange.link_id, Link.uid, Link.calendar_object, Link.google_object, *HELD_COLUMNS
        )
        .join(Link, Link.id == HeldChange.link_id)
        .where(HeldChange.connection_id == connection_id)
    )


def _item(row: _AnyRow) -> HeldItem:
    held = held_from_row(row)
    assert held is not None  # noqa: S101 - the row is one of `held_changes`
    return HeldItem(
        uid=Uid(row.uid),
        held=held,
        calendar=object_from_json(row.calendar_object),
        google=object_from_json(row.google_object),
    )
