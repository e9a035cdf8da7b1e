"""What Google's push means for connections: hints across processes, and channels to look after.

A hint is a count: the server raises it, the worker compares it with the one it has seen, in the
statement that tells it what is due. Both counts only rise, so nothing is lost between two
processes, and ten thousand hints before a run are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from bridge.domain.connection import ConnectionState
from bridge.domain.google_push import ChannelState
from bridge.domain.identifiers import ConnectionId
from bridge.errors import NotFound
from bridge.store.schema.base import UtcDateTime
from bridge.store.schema.google import Connection, GoogleChannel
from bridge.store.schema.google import GooglePush as Table
from bridge.store.transaction import Transaction

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
FLOOD_PAUSE = timedelta(seconds=15)
"""Between two runs that a flood of messages asks for."""

_MAX = 2**62
"""A count no number of hints reaches: after a failure they do not make the next try earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a run has to know of hints when it begins.

    Attributes:
        told: How many there were until now.
        hinted: Whether no run has seen the latest.
    """

    told: int
    hinted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a run leaves when it has ended.

    Attributes:
        seen: The hints it began with; None after a failure, which hints do not cut short.
        missed: As in `PushState`.
        active_at: When something happened, None when nothing did.
    """

    seen: int | None
    missed: int
    active_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushState:
    """How a connection stands with Google's push.

    Attributes:
        open: Whether a channel is open.
        heard: Whether a message came over an open one, so that changes can be expected to be told.
        missed: How many runs in a row found changes at Google that no message had told of.
        failures: How often in a row its channels could not be brought in order.
        refusal: Google's reason for opening none, "" for none.
        active_at: When something happened last, aware; None for never.
    """

    open: bool
    heard: bool
    missed: int
    failures: int
    refusal: str
    active_at: datetime | None

    @property
    def word(self) -> str:
        """The state in one word or two, for people."""
        if self.refusal:
            return f"refused: {self.refusal}"
        if self.heard:
            return "on"
        return "silent" if self.open else "off"


class GooglePushRepository:
    """Notes hints, takes them up, and knows whose channels are to be looked after."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def hint(self, connection_id: ConnectionId, *, flood_until: datetime | None = None) -> None:
        """Note that Google told of a change; one that no run has taken up is enough.

        Args:
            connection_id: Whose calendar.
            flood_until: Until when runs may be rare, None outside of a flood.
        """
        if flood_until is None:
            self._connection.execute(_HINT, {"connection": connection_id})
            return
        flood = {"connection": connection_id, "flood": flood_until}
        self._connection.execute(_FLOOD, flood)

    def take(self, connection_id: ConnectionId, now: datetime) -> Taken:
        """Note that a run begins; it sees what was told until now.

        Raises:
            NotFound: No such connection.
        """
        mine = update(Table).where(Table.connection_id == connection_id)
        active = func.coalesce(Table.active_at, _moment(now))
        taken = mine.values(taken=Table.told, taken_at=now, active_at=active)
        row = self._connection.execute(taken.returning(Table.told, Table.seen)).one_or_none()
        if row is None:
            raise NotFound(f"no connection: {connection_id}")
        return Taken(told=row.told, hinted=row.told > row.seen)

    def finished(self, connection_id: ConnectionId, ended: Ended) -> None:
        """Note that a run has ended."""
        values: dict[str, object] = {"seen": _MAX if ended.seen is None else ended.seen}
        values["missed"] = ended.missed
        if ended.active_at is not None:
            values["active_at"] = ended.active_at
        mine = update(Table).where(Table.connection_id == connection_id)
        self._connection.execute(mine.values(**values))

    def state(self, connection_id: ConnectionId, now: datetime) -> PushState:
        """Return how a connection stands with push.

        Raises:
            NotFound: No such connection.
        """
        usable = and_(
            GoogleChannel.connection_id == connection_id,
            GoogleChannel.state == ChannelState.OPEN.value,
            GoogleChannel.expires_at > now,
        )
        heard = and_(usable, GoogleChannel.heard_at.is_not(None))
        mine = select(
            Table.missed,
            Table.failures,
            Table.refusal,
            Table.active_at,
            select(GoogleChannel.id).where(usable).exists().label("open"),
            select(GoogleChannel.id).where(heard).exists().label("heard"),
        )
        row = self._connection.execute(
            mine.where(Table.connection_id == connection_id)
        ).one_or_none()
        if row is None:
            raise NotFound(f"no connection: {connection_id}")
        return PushState(**row._asdict())

    def syncing(self) -> int:
        """Return how many connections sync."""
        active = Connection.state == ConnectionState.ACTIVE.value
        count = select(func.count()).select_from(Connection).where(active)
        return self._connection.execute(count).scalar_one()

    def look_after_all(self) -> None:
        """Make the channels of every connection due; settings may have changed."""
        self._connection.execute(update(Table).values(look_at=AT_ONCE))

    def look_after(self, connection_id: ConnectionId, at: datetime = AT_ONCE) -> None:
        """Make the channels of one connection due at a time, unless they are due before."""
        later = or_(Table.look_at.is_(None), Table.look_at > at)
        mine = update(Table).where(Table.connection_id == connection_id, later)
        self._connection.execute(mine.values(look_at=at))

    def due(self, now: datetime, limit: int) -> Sequence[ConnectionId]:
        """Return connections whose channels are to be looked after, the longest due first."""
        due = select(Table.connection_id).where(Table.look_at <= now)
        found = self._connection.scalars(due.order_by(Table.look_at).limit(limit))
        return tuple(ConnectionId(each) for each in found)

    def claim(self, connection_id: ConnectionId, *, now: datetime, until: datetime) -> bool:
        """Take the channels of a connection upon oneself; False when somebody else was quicker.

        Args:
            connection_id: Whose.
            now: Aware.
            until: When they are due again if nobody tells of an outcome.
        """
        free = update(Table).where(Table.connection_id == connection_id, Table.look_at <= now)
        return self._connection.execute(free.values(look_at=until)).rowcount > 0

    def settle(
        self,
        connection_id: ConnectionId,
        *,
        claimed: datetime,
        look_at: datetime | None,
        refusal: str,
    ) -> None:
        """Note that the channels are in order, or that Google refuses to open any.

        Args:
            connection_id: Whose.
            claimed: Until when they were claimed. What became due meanwhile stays so.
            look_at: When to look next, None for never.
            refusal: Google's reason, "" for none.
        """
        mine = update(Table).where(Table.connection_id == connection_id)
        next_look = _unless_changed(claimed, look_at)
        self._connection.execute(mine.values(look_at=next_look, failures=0, refusal=refusal))

    def postpone(
        self, connection_id: ConnectionId, *, claimed: datetime, look_at: datetime
    ) -> None:
        """Note that the channels could not be brought in order; as `settle` otherwise."""
        mine = update(Table).where(Table.connection_id == connection_id)
        next_look = _unless_changed(claimed, look_at)
        self._connection.execute(mine.values(look_at=next_look, failures=Table.failures + 1))


def told_by_push(now: datetime) -> ColumnElement[bool]:
    """Return the condition under which a hint makes a connection due; joins `google_push`."""
    calm = or_(Table.flood_until.is_(None), Table.flood_until <= now)
    rested = or_(Table.taken_at.is_(None), Table.taken_at <= now - FLOOD_PAUSE)
    return and_(Table.told > Table.seen, or_(calm, rested))


def _moment(value: datetime | None) -> ColumnElement[datetime | None]:
    return literal(value, UtcDateTime())


def _unless_changed(claimed: datetime, look_at: datetime | None) -> ColumnElement[datetime | None]:
    return case((Table.look_at == claimed, _moment(look_at)), else_=Table.look_at)


def _hinting(**more: object) -> Update:
    mine = Table.connection_id == bindparam("connection")
    told = case((Table.told <= Table.taken, Table.told + 1), else_=Table.told)
    return update(Table).where(mine).values(told=told, **more)


_HINT = _hinting()
_FLOOD = _hinting(flood_until=bindparam("flood"))
