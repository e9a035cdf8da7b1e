"""Subscription links: found by prefix, kept as a digest, revocable; and what they show.

A link shows the objects of all calendars of its user, or those of some activity types only. That
nothing changed is told from the calendars' revisions, without looking at a single object.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, insert, select, update

from bridge.domain.identifiers import CompanyId, Login, Uid, UserId
from bridge.domain.users import User
from bridge.ical.calendar_object import CalendarObject
from bridge.store.schema import access, dav
from bridge.store.transaction import Transaction

SHOWN_COMPONENTS = ("VEVENT", "VTODO")

_Link = access.CalendarLink
_Object = dav.CalendarObject


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLink:
    """A subscription link as it is kept.

    Attributes:
        login: Of the user whose activities it shows.
        user_name: The user's name, or "".
        timezone: IANA name of the user's zone.
        label: The name its user gave it.
        types: Keys of the activity types it shows; empty for everything.
        prefix: Leading characters of the secret.
        digest: See `bridge.store.secrets.digest`.
        last_used_at: Aware; None when it never was.
        revoked_at: Aware; None while it is good.
    """

    id: int
    user_id: UserId
    company_id: CompanyId
    login: Login
    user_name: str
    timezone: str
    label: str
    types: frozenset[str]
    prefix: str
    digest: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """What a link's file depends on: equal states have equal files.

    Attributes:
        epoch: Of the installation.
        revisions: Id and revision of each calendar of the user, in the order of the ids.
        modified_at: Of the calendar that changed last; aware, None without any calendar.
    """

    epoch: str
    revisions: tuple[tuple[int, int], ...]
    modified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownObject:
    """An object of the link's file.

    Attributes:
        private: Strangers see a busy block only.
    """

    object: CalendarObject
    private: bool


class CalendarLinkRepository:
    """Keeps links and reads what they show."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def add(  # noqa: PLR0913 - what a link is made of
        self,
        user: User,
        label: str,
        *,
        types: Collection[str],
        prefix: str,
        digest: str,
        now: datetime,
    ) -> int:
        """Keep a new link of the user and return its id.

        Args:
            user: Whose activities it shows.
            label: For people.
            types: Keys of the types it shows; empty for everything.
            prefix: Leading characters of the secret.
            digest: See `bridge.store.secrets.digest`.
            now: Aware.
        """
        row = {"label": label, "types": ",".join(sorted(types)), "prefix": prefix}
        statement = insert(_Link).values(
            company_id=user.company_id, user_id=user.id, digest=digest, created_at=now, **row
        )
        return self._connection.execute(statement.returning(_Link.id)).scalar_one()

    def by_prefix(self, prefix: str) -> Sequence[StoredLink]:
        """Return the links of active users that begin so, revoked ones too; usually one.

        The caller compares the digests in constant time and looks at `revoked_at`.
        """
        found = _links().where(_Link.prefix == prefix, access.User.active)
        return tuple(_stored(row) for row in self._connection.execute(found))

    def list(self, user_id: UserId) -> tuple[StoredLink, ...]:
        """Return the user's links, the oldest first, revoked ones too."""
        found = _links().where(_Link.user_id == user_id).order_by(_Link.id)
        return tuple(_stored(row) for row in self._connection.execute(found))

    def revoke(self, link_id: int, user_id: UserId | None, now: datetime) -> bool:
        """Make the link useless from now on.

        Args:
            link_id: Which one.
            user_id: Only if it is this user's; None asks for no owner (command line).
            now: Aware.

        Returns:
            Whether there is such a link; one that was revoked earlier stays as it is.
        """
        mine = [_Link.id == link_id]
        if user_id is not None:
            mine.append(_Link.user_id == user_id)
        unrevoked = update(_Link).where(*mine, _Link.revoked_at.is_(None))
        if self._connection.execute(unrevoked.values(revoked_at=now)).rowcount:
            return True
        return self._connection.execute(select(_Link.id).where(*mine)).first() is not None

    def touch(self, link_id: int, now: datetime) -> None:
        """Note that the link was used."""
        used = update(_Link).where(_Link.id == link_id).values(last_used_at=now)
        self._connection.execute(used)

    def state(self, link: StoredLink) -> LinkState:
        """Return what the link's file depends on; one statement, no text is read."""
        table = dav.Calendar
        query = (
            select(access.Installation.epoch, table.id, table.revision, table.modified_at)
            .select_from(access.Installation)
            .outerjoin(table, table.owner_id == link.user_id)
            .order_by(table.id)
        )
        rows = self._connection.execute(query).all()
        return LinkState(
            epoch=rows[0].epoch,
            revisions=tuple((row.id, row.revision) for row in rows if row.id is not None),
            modified_at=max((row.modified_at for row in rows if row.id is not None), default=None),
        )

    def objects(self, link: StoredLink) -> Sequence[ShownObject]:
        """Return the events and to-dos the link may show, in a fixed order; one statement."""
        query = (
            select(_Object.uid, _Object.component, _Object.text, _Object.private)
            .where(_shown(link))
            .order_by(_Object.calendar_id, _Object.id)
        )
        return [
            ShownObject(
                object=CalendarObject(uid=Uid(row.uid), component=row.component, text=row.text),
                private=row.private,
            )
            for row in self._connection.execute(query)
        ]


def _shown(link: StoredLink) -> ColumnElement[bool]:
    calendars = select(dav.Calendar.id).where(dav.Calendar.owner_id == link.user_id)
    mine = and_(_Object.calendar_id.in_(calendars), _Object.component.in_(SHOWN_COMPONENTS))
    return and_(mine, _Object.type_key.in_(link.types)) if link.types else mine


def _links() -> Select[*tuple[Any, ...]]:
    return select(
        _Link.id,
        _Link.user_id,
        _Link.company_id,
        access.User.login,
        access.User.name.label("user_name"),
        access.User.timezone,
        _Link.label,
        _Link.types,
        _Link.prefix,
        _Link.digest,
        _Link.created_at,
        _Link.last_used_at,
        _Link.revoked_at,
    ).join(access.User, access.User.id == _Link.user_id)


def _stored(row: Row[*tuple[Any, ...]]) -> StoredLink:
    told = row._asdict()
    told["types"] = frozenset(key for key in row.types.split(",") if key)
    return StoredLink(**told)
