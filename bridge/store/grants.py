"""What owners let their colleagues see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import aliased

from bridge.domain.identifiers import CompanyId, Login, UserId
from bridge.domain.message import Message
from bridge.domain.users import GrantLevel, User
from bridge.errors import InvalidInput, NotFound
from bridge.store.homes import raise_revision
from bridge.store.schema import access, dav
from bridge.store.transaction import Transaction

_Owner = aliased(access.User)
_Grantee = aliased(access.User)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An owner's calendars as a colleague may see them.

    Attributes:
        version: Higher after every change, also after removing and granting anew: it is part of
            the colleague's sync tokens (design decision 13).
    """

    owner_id: UserId
    owner_login: Login
    grantee_id: UserId
    grantee_login: Login
    level: GrantLevel
    version: int


class GrantRepository:
    """Gives, finds and takes back grants; both ends are of one company."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def give(self, owner: User, grantee: User, *, level: GrantLevel, now: datetime) -> Grant:
        """Let the grantee see the owner's calendars; replaces an earlier grant of another level.

        The same again changes nothing, so that no program of the grantee lists everything anew.

        Raises:
            InvalidInput: They are the same person.
            NotFound: The grantee is of another company.
        """
        if owner.id == grantee.id:
            raise InvalidInput(
                Message("nobody needs a grant for the own calendars"), field="grantee"
            )
        if owner.company_id != grantee.company_id:
            raise NotFound(f"no such colleague: `{grantee.login}`")
        present = self.between(owner.id, grantee.id)
        if present is not None and present.level is level:
            return present
        # The home's counter outlives every grant, so no version comes twice.
        version = raise_revision(self._connection, owner.id)
        if present is None:
            self._insert(owner, grantee, level, version, now)
        else:
            changed = update(access.Grant).where(*_between(owner.id, grantee.id))
            self._connection.execute(changed.values(level=level.value, version=version))
        given = self.between(owner.id, grantee.id)
        if given is None:
            raise NotFound(f"no such colleague: `{grantee.login}`")
        return given

    def between(self, owner_id: UserId, grantee_id: UserId) -> Grant | None:
        """Return the grant of this owner to this colleague, None when there is none."""
        return next(iter(self._list(*_between(owner_id, grantee_id))), None)

    def to(self, grantee_id: UserId) -> tuple[Grant, ...]:
        """Return what a colleague may see, by owner's login."""
        return self._list(access.Grant.grantee_id == grantee_id)

    def list(self, company_id: CompanyId) -> tuple[Grant, ...]:
        """Return all grants of a company, by owner's login."""
        return self._list(access.Grant.company_id == company_id)

    def remove(self, owner_id: UserId, grantee_id: UserId) -> bool:
        """Take the grant back and return whether there was one.

        What the grantee's programs subscribed to of the owner's calendars ends with it.
        """
        push = access.PushSubscription
        mine = select(dav.Calendar.id).where(dav.Calendar.owner_id == owner_id)
        self._connection.execute(
            delete(push).where(push.user_id == grantee_id, push.calendar_id.in_(mine))
        )
        gone = delete(access.Grant).where(*_between(owner_id, grantee_id))
        return self._connection.execute(gone).rowcount > 0

    def _insert(
        self, owner: User, grantee: User, level: GrantLevel, version: int, now: datetime
    ) -> None:
        self._connection.execute(
            insert(access.Grant).values(
                company_id=owner.company_id,
                owner_id=owner.id,
                grantee_id=grantee.id,
                level=level.value,
                version=version,
                created_at=now,
            )
        )

    def _list(self, *conditions: ColumnElement[bool]) -> tuple[Grant, ...]:
        rows = self._connection.execute(
            select(
                access.Grant.owner_id,
                _Owner.login.label("owner_login"),
                access.Grant.grantee_id,
                _Grantee.login.label("grantee_login"),
                access.Grant.level,
                access.Grant.version,
            )
            .join(_Owner, _Owner.id == access.Grant.owner_id)
            .join(_Grantee, _Grantee.id == access.Grant.grantee_id)
            .where(*conditions)
            .order_by(_Owner.login, _Grantee.login)
        )
        return tuple(
            Grant(
                owner_id=UserId(row.owner_id),
                owner_login=Login(row.owner_login),
                grantee_id=UserId(row.grantee_id),
                grantee_login=Login(row.grantee_login),
                level=GrantLevel(row.level),
                version=row.version,
            )
            for row in rows
        )


def _between(owner_id: UserId, grantee_id: UserId) -> tuple[ColumnElement[bool], ...]:
    return access.Grant.owner_id == owner_id, access.Grant.grantee_id == grantee_id
