"""Who wants to be told of a calendar's changes, what each knows already, and what is due.

A subscription is due when its calendar has a revision above the one its program knows of. Whoever
claims one has it to himself for a while, so that several workers never send the same message.
Marks only rise: an outcome that comes late undoes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute

from bridge.domain.identifiers import CalendarId, SyncToken, UserId
from bridge.domain.users import User
from bridge.domain.web_push import PushTarget, PushTriggers, decode_base64url, encode_base64url
from bridge.errors import StoreError
from bridge.store.cipher import TokenCipher
from bridge.store.schema import access, dav
from bridge.store.secrets import digest, random_id
from bridge.store.transaction import Transaction

MOST_PER_USER = 200
_PROVIDER = "web-push"
_Table = access.PushSubscription
_Calendar = dav.Calendar
_Grant = access.Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class PushVault:
    """How addresses and secrets of subscriptions are kept.

    Attributes:
        cipher: Encrypts them.
        key: Digests addresses, to find them again.
    """

    cipher: TokenCipher
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushWish:
    """What a program asks for.

    Attributes:
        target: Where and how to reach it.
        triggers: What it wants to be told of.
        expires_at: Aware.
    """

    target: PushTarget
    triggers: PushTriggers
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedPush:
    """A subscription whose program has to be told something, ours until the claim ends.

    Attributes:
        user_id: Whose program it is; the owner, or a colleague with a grant.
        own: Whether it is the owner's.
        sync_token: The calendar's present one.
        revision: The calendar's present one, to be noted once it was told.
        version: The grant's present one, 0 for the owner.
        content: Whether to tell of changed content.
        properties: Whether to tell of changed properties.
        failures: Refused messages in a row until now.
    """

    id: int
    user_id: UserId
    calendar_id: CalendarId
    own: bool
    address: str = field(repr=False)
    public_key: str
    auth_secret: str = field(repr=False)
    sync_token: SyncToken
    revision: int
    version: int
    content: bool
    properties: bool
    failures: int

    def target(self, vault: PushVault) -> PushTarget:
        """Return where and how to reach the program.

        Raises:
            NotConnected: It was stored under another key.
        """
        opened = [
            vault.cipher.decrypt(sealed, user_id=self.user_id, provider=_PROVIDER, column=column)
            for sealed, column in ((self.address, "address"), (self.auth_secret, "auth_secret"))
        ]
        return PushTarget(
            address=opened[0],
            public_key=decode_base64url(self.public_key),
            auth_secret=decode_base64url(opened[1]),
        )


class PushSubscriptionRepository:
    """Keeps subscriptions and knows which are due."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def register(
        self,
        user: User,
        calendar_id: CalendarId,
        wish: PushWish,
        *,
        vault: PushVault,
        now: datetime,
    ) -> tuple[str, bool]:
        """Note a wish, or renew the one of the same address for the same calendar.

        The program is taken to know the calendar as it is now. A renewal forgets nothing that was
        still to be told.

        Returns:
            The name of the subscription, and whether it is a new one.

        Raises:
            StoreError: The user has too many.
        """
        values = {**_sealed(user, wish.target, vault), **_wanted(wish)}
        proof = digest(vault.key, wish.target.address)
        mine = and_(
            _Table.user_id == user.id,
            _Table.calendar_id == calendar_id,
            _Table.address_digest == proof,
        )
        renewed = update(_Table).where(mine).values(failures=0, retry_at=None, **values)
        name = self._connection.scalar(renewed.returning(_Table.name))
        if name is not None:
            return name, False
        self._demand_room(user)
        values |= {"company_id": user.company_id, "user_id": user.id, "calendar_id": calendar_id}
        values |= {"name": random_id(), "address_digest": proof, "created_at": now}
        values |= {
            "told_revision": select(_Calendar.revision)
            .where(_Calendar.id == calendar_id)
            .scalar_subquery(),
            "told_version": _version(user.id, calendar_id),
        }
        self._connection.execute(insert(_Table).values(values))
        return str(values["name"]), True

    def remove(self, name: str, user_id: UserId) -> bool:
        """Forget a subscription of the user and return whether there was one."""
        gone = delete(_Table).where(_Table.name == name, _Table.user_id == user_id)
        return self._connection.execute(gone).rowcount > 0

    def forget(self, subscription_id: int) -> None:
        """Forget a subscription that its push service does not know any more."""
        self._connection.execute(delete(_Table).where(_Table.id == subscription_id))

    def informed(self, user_id: UserId, names: Collection[str] | None) -> Sequence[int]:
        """Return which of the user's subscriptions have nothing left to be told of.

        Args:
            user_id: Whose.
            names: Only these; None for all.
        """
        mine = [_Table.user_id == user_id] + ([] if names is None else [_Table.name.in_(names)])
        query = (
            select(_Table.id)
            .join(_Calendar, _Calendar.id == _Table.calendar_id)
            .where(*mine, _Table.told_revision >= _Calendar.revision)
        )
        return self._connection.scalars(query).all()

    def mark_informed(self, ids: Collection[int]) -> None:
        """Note that these programs know their calendars as they are in this transaction."""
        if not ids:
            return
        present = select(_Calendar.revision).where(_Calendar.id == _Table.calendar_id)
        known = update(_Table).where(_Table.id.in_(ids))
        self._connection.execute(known.values(told_revision=present.scalar_subquery()))

    def due(self, now: datetime, limit: int) -> Sequence[int]:
        """Return subscriptions that something is to be told to, by age; one statement."""
        return self._connection.scalars(_due(now).limit(limit)).all()

    def claim(
        self, ids: Collection[int], *, now: datetime, until: datetime
    ) -> Sequence[ClaimedPush]:
        """Take those of these subscriptions that are still due.

        Args:
            ids: As `due` gave them.
            now: Aware.
            until: When they are due again if nobody tells of an outcome.
        """
        free = _due(now).where(_Table.id.in_(ids)).with_for_update(of=_Table, skip_locked=True)
        taken = self._connection.scalars(free).all()
        if not taken:
            return ()
        self._connection.execute(update(_Table).where(_Table.id.in_(taken)).values(retry_at=until))
        return tuple(_claimed(row) for row in self._connection.execute(_details(taken)))

    def told(self, push: ClaimedPush, *, next_at: datetime | None = None) -> None:
        """Note that the program knows what it was claimed for.

        Args:
            push: As it was claimed.
            next_at: The earliest time of the next message.
        """
        mine = update(_Table).where(_Table.id == push.id)
        self._connection.execute(
            mine.values(
                told_revision=_higher(_Table.told_revision, push.revision),
                told_version=_higher(_Table.told_version, push.version),
                failures=0,
                retry_at=next_at,
            )
        )

    def failed(self, subscription_id: int, *, retry_at: datetime) -> None:
        """Note that a message was refused; it is due again later."""
        mine = update(_Table).where(_Table.id == subscription_id)
        self._connection.execute(mine.values(failures=_Table.failures + 1, retry_at=retry_at))

    def sweep(self, now: datetime) -> int:
        """Forget what expired and what no grant covers any more; return how many these were."""
        owned = exists().where(
            _Calendar.id == _Table.calendar_id, _Calendar.owner_id == _Table.user_id
        )
        granted = exists().where(
            _Calendar.id == _Table.calendar_id,
            _Grant.owner_id == _Calendar.owner_id,
            _Grant.grantee_id == _Table.user_id,
        )
        over = or_(_Table.expires_at <= now, and_(~owned, ~granted))
        return self._connection.execute(delete(_Table).where(over)).rowcount

    def _demand_room(self, user: User) -> None:
        count = select(func.count()).select_from(_Table).where(_Table.user_id == user.id)
        if self._connection.execute(count).scalar_one() >= MOST_PER_USER:
            raise StoreError(f"nobody has more than {MOST_PER_USER} push subscriptions")


def _sealed(user: User, target: PushTarget, vault: PushVault) -> dict[str, object]:
    def seal(text: str, column: str) -> str:
        return vault.cipher.encrypt(text, user_id=user.id, provider=_PROVIDER, column=column)

    return {
        "address": seal(target.address, "address"),
        "auth_secret": seal(encode_base64url(target.auth_secret), "auth_secret"),
        "public_key": encode_base64url(target.public_key),
    }


def _wanted(wish: PushWish) -> dict[str, object]:
    return {
        "wants_content": wish.triggers.content,
        "wants_properties": wish.triggers.properties,
        "expires_at": wish.expires_at,
    }


def _version(user_id: UserId, calendar_id: CalendarId) -> ColumnElement[int]:
    granted = (
        select(_Grant.version)
        .join(_Calendar, _Calendar.owner_id == _Grant.owner_id)
        .where(_Calendar.id == calendar_id, _Grant.grantee_id == user_id)
    )
    return func.coalesce(granted.scalar_subquery(), 0)


def _higher(column: InstrumentedAttribute[int], value: int) -> ColumnElement[int]:
    return case((column < value, value), else_=column)


_MINE = and_(_Grant.owner_id == _Calendar.owner_id, _Grant.grantee_id == _Table.user_id)
_OWN = _Calendar.owner_id == _Table.user_id
_REGRANTED = func.coalesce(_Grant.version > _Table.told_version, false())


def _due(now: datetime) -> Select[int]:
    return (
        select(_Table.id)
        .join(_Calendar, _Calendar.id == _Table.calendar_id)
        .join(access.User, access.User.id == _Table.user_id)
        .outerjoin(_Grant, _MINE)
        .where(
            or_(_Calendar.revision > _Table.told_revision, _REGRANTED),
            or_(_Table.retry_at.is_(None), _Table.retry_at <= now),
            or_(_OWN, _Grant.id.is_not(None)),
            _Table.expires_at > now,
            access.User.active,
        )
        .order_by(_Table.id)
    )


def _details(ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    item, gone = dav.CalendarObject, dav.Tombstone
    changed = exists().where(
        item.calendar_id == _Table.calendar_id, item.revision > _Table.told_revision
    )
    removed = exists().where(
        gone.calendar_id == _Table.calendar_id, gone.revision > _Table.told_revision
    )
    content = or_(changed, removed, _Calendar.floor > _Table.told_revision, _REGRANTED)
    return (
        select(
            _Table.id,
            _Table.user_id,
            _Table.calendar_id,
            _OWN.label("own"),
            _Table.address,
            _Table.public_key,
            _Table.auth_secret,
            access.Installation.epoch,
            _Calendar.revision,
            func.coalesce(_Grant.version, 0).label("version"),
            and_(_Table.wants_content, content).label("content"),
            and_(
                _Table.wants_properties, _Calendar.properties_revision > _Table.told_revision
            ).label("properties"),
            _Table.failures,
        )
        .join(_Calendar, _Calendar.id == _Table.calendar_id)
        .join(access.Installation, true())
        .outerjoin(_Grant, _MINE)
        .where(_Table.id.in_(ids))
        .order_by(_Table.id)
    )


def _claimed(row: Row[*tuple[Any, ...]]) -> ClaimedPush:
    found = row._asdict()
    epoch = found.pop("epoch")
    return ClaimedPush(**found, sync_token=SyncToken(f"{epoch}/{row.revision}"))
