"""Connections to Google calendars: what they are, and when each runs next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, insert, or_, select, update

from bridge.domain.connection import Connection, ConnectionState, Farewell
from bridge.domain.identifiers import (
    CompanyId,
    ConnectionId,
    GoogleCalendarId,
    Login,
    Uid,
    UserId,
)
from bridge.domain.users import User
from bridge.errors import NotFound
from bridge.store.connection_removal import remove_connections
from bridge.store.google_push import AT_ONCE, told_by_push
from bridge.store.schema import access
from bridge.store.schema.dav import CalendarObject
from bridge.store.schema.google import Connection as Table
from bridge.store.schema.google import GooglePush, Lease, Link
from bridge.store.settings_json import settings_from_json, settings_to_json
from bridge.store.transaction import Transaction

_PORTION = 500  # UIDs in one statement
_CONNECTIONS = select(
    Table.id,
    Table.company_id,
    Table.user_id,
    access.User.login,
    Table.state,
    Table.attention,
    Table.account_email,
    Table.google_subject,
    Table.granted_scopes,
    Table.google_calendar_id,
    Table.google_calendar_name,
    Table.google_calendar_zone,
    Table.settings,
    Table.last_success_at,
    Table.compared_at,
    Table.differences,
    Table.created_at,
    Table.stopped_at,
    Table.farewell,
).join(access.User, access.User.id == Table.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A connection's Google permission at rest.

    Attributes:
        ciphertext: See `bridge.store.cipher`.
        expires_at: When Google ends it, aware; None when it told nothing.
    """

    ciphertext: str
    expires_at: datetime | None


class ConnectionRepository:
    """Adds, finds, changes and removes connections, and knows which are due."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def add(
        self,
        user: User,
        *,
        account_email: str,
        google_subject: str,
        granted_scopes: frozenset[str],
        now: datetime,
    ) -> Connection:
        """Add an account that passed Google's consent; nothing is chosen and nothing runs yet."""
        statement = insert(Table).values(
            company_id=user.company_id,
            user_id=user.id,
            state=ConnectionState.NEW.value,
            account_email=account_email,
            google_subject=google_subject,
            granted_scopes=_scopes_to_text(granted_scopes),
            created_at=now,
        )
        new_id = ConnectionId(self._connection.execute(statement.returning(Table.id)).scalar_one())
        for table in (Lease, GooglePush):
            row = insert(table).values(connection_id=new_id, company_id=user.company_id)
            self._connection.execute(row)
        return self._list(Table.id == new_id)[0]

    def get(
        self, connection_id: ConnectionId, *, user_id: UserId | None = None
    ) -> Connection | None:
        """Return the connection, None when there is none, or when it is not that user's."""
        mine = [Table.id == connection_id]
        if user_id is not None:
            mine.append(Table.user_id == user_id)
        return next(iter(self._list(*mine)), None)

    def of_user(self, user_id: UserId) -> tuple[Connection, ...]:
        """Return the user's connections, the oldest first."""
        return self._list(Table.user_id == user_id)

    def list(self, company_id: CompanyId | None = None) -> tuple[Connection, ...]:
        """Return the connections of a company, or all, the oldest first."""
        return self._list(*([] if company_id is None else [Table.company_id == company_id]))

    def save(self, connection: Connection) -> None:
        """Store account, state, calendar and settings; run times and the token stay as they are.

        Its push channels are looked after at once, as what they were opened for may have changed.

        Raises:
            NotFound: That user of that company has no such connection.
        """
        mine = _is(connection.id, connection.company_id, connection.user_id)
        changed = update(Table).where(mine).values(**_values(connection))
        if not self._connection.execute(changed).rowcount:
            raise NotFound(f"no connection: {connection.id}")
        push = update(GooglePush).where(GooglePush.connection_id == connection.id)
        self._connection.execute(push.values(look_at=AT_ONCE))

    def set_refresh_token(
        self, connection_id: ConnectionId, ciphertext: str | None, expires: datetime | None
    ) -> None:
        """Keep a new token, or forget it with None.

        Raises:
            NotFound: No such connection.
        """
        values = {"refresh_token": ciphertext, "refresh_token_expires_at": expires}
        self._change(connection_id, values)

    def refresh_token(self, connection_id: ConnectionId) -> RefreshToken | None:
        """Return the stored token, None when there is none."""
        columns = select(Table.refresh_token, Table.refresh_token_expires_at)
        row = self._connection.execute(columns.where(Table.id == connection_id)).one_or_none()
        if row is None or row.refresh_token is None:
            return None
        return RefreshToken(ciphertext=row.refresh_token, expires_at=row.refresh_token_expires_at)

    def ending(self, now: datetime, until: datetime) -> Sequence[tuple[Connection, datetime]]:
        """Return active connections whose permission ends by then, not warned of yet, and when."""
        ends = Table.refresh_token_expires_at
        unwarned = or_(Table.warned_of_end_at.is_(None), Table.warned_of_end_at != ends)
        active = Table.state == ConnectionState.ACTIVE.value
        rows = self._connection.execute(
            select(Table.id, ends).where(active, ends > now, ends <= until, unwarned)
        )
        when = {row.id: row.refresh_token_expires_at for row in rows}
        return tuple((each, when[each.id]) for each in self._list(Table.id.in_(when)))

    def warned_of_end(self, connection_id: ConnectionId, ends_at: datetime) -> None:
        """Note that the user was warned of this end.

        Raises:
            NotFound: No such connection.
        """
        self._change(connection_id, {"warned_of_end_at": ends_at})

    def delete(self, connection_id: ConnectionId) -> bool:
        """Remove the connection with links and history, and return whether there was one."""
        return remove_connections(self._connection, [connection_id]) > 0

    def set_confirmed(self, connection_id: ConnectionId, uids: Collection[Uid]) -> None:
        """Keep the items whose removal a person confirmed, in place of those kept before.

        Raises:
            NotFound: No such connection.
        """
        self._change(connection_id, {"confirmed_uids": sorted(uids) or None})

    def confirmed(self, connection_id: ConnectionId) -> frozenset[Uid]:
        """Return the items that the brakes let through, because a person confirmed them."""
        mine = select(Table.confirmed_uids).where(Table.id == connection_id)
        return frozenset(Uid(uid) for uid in self._connection.scalar(mine) or ())

    def begin_era(self, connection_id: ConnectionId, era: int) -> None:
        """Let what was met until now be judged by earlier choices (`SyncSettings.earlier`).

        Runs never write the column, so this needs no lease.
        """
        mine = update(Link).where(Link.connection_id == connection_id, Link.era.is_(None))
        self._connection.execute(mine.values(era=era))

    def moved_between(self, connection: Connection, uids: Collection[Uid]) -> frozenset[Uid]:
        """Return those that other users of the company have in one place only.

        That is in a calendar and not at Google, or the other way round: an activity that changed
        its owner. Who has both has an event of their own, such as a meeting several attend.
        """
        wanted, found = sorted(uids), frozenset[Uid]()
        for first in range(0, len(wanted), _PORTION):
            portion = wanted[first : first + _PORTION]
            in_calendars, at_google = (
                frozenset(Uid(uid) for uid in self._connection.scalars(statement))
                for statement in _had_by_others(connection, portion)
            )
            found |= in_calendars ^ at_google
        return found

    def due(self, now: datetime, limit: int) -> Sequence[ConnectionId]:
        """Return connections to run now, those that wait longest first.

        Besides the active ones these are stopped ones that have something to take away.

        Due is what was never run or whose time has come, what has changes in its user's home that
        no run has seen, and what Google's push told of since.
        """
        time_has_come = or_(Table.next_run_at.is_(None), Table.next_run_at <= now)
        changed = access.Home.revision > Table.home_revision_seen
        is_due = or_(time_has_come, changed, told_by_push(now))
        due = (
            select(Table.id)
            .join(access.Home, access.Home.user_id == Table.user_id)
            .join(GooglePush, GooglePush.connection_id == Table.id)
            .where(_may_run(), is_due)
            .order_by(Table.next_run_at.asc().nulls_first(), Table.id)
            .limit(limit)
        )
        return tuple(ConnectionId(each) for each in self._connection.scalars(due))

    def run_soon(self, connection_id: ConnectionId) -> None:
        """Make the connection due at once (Sync now, a channel that was just opened).

        Raises:
            NotFound: No such connection.
        """
        self._change(connection_id, {"next_run_at": None})

    def next_run_at(self, connection_id: ConnectionId) -> datetime | None:
        """Return when the next run is due at the latest; None is at once, or unknown."""
        mine = select(Table.next_run_at).where(Table.id == connection_id)
        return self._connection.scalar(mine)

    def failures(self, connection_id: ConnectionId) -> int:
        """Return how many runs in a row have failed."""
        mine = select(Table.failures).where(Table.id == connection_id)
        return int(self._connection.scalar(mine) or 0)

    def finished(
        self,
        connection_id: ConnectionId,
        *,
        now: datetime,
        next_run_at: datetime,
        home_revision: int,
        error: str | None,
    ) -> int:
        """Note the end of a run and return how many failed since the last success.

        Args:
            connection_id: What ran.
            now: Aware.
            next_run_at: When the next run is due if nothing changes before.
            home_revision: The home's counter as it was before the run read anything.
            error: What went wrong, None for a success.

        Raises:
            NotFound: No such connection.
        """
        values: dict[str, Any] = {"next_run_at": next_run_at, "home_revision_seen": home_revision}
        if error is None:
            values |= {"failures": 0, "last_success_at": now}
        else:
            values |= {"failures": Table.failures + 1}
        mine = update(Table).where(Table.id == connection_id)
        failures = self._connection.scalar(mine.values(**values).returning(Table.failures))
        if failures is None:
            raise NotFound(f"no connection: {connection_id}")
        return int(failures)

    def compared(self, connection_id: ConnectionId, *, now: datetime, differences: int) -> None:
        """Note that both sides were compared in full, and how many items differed.

        Raises:
            NotFound: No such connection.
        """
        self._change(connection_id, {"compared_at": now, "differences": differences})

    def home_revision(self, user_id: UserId) -> int:
        """Return the present counter of the user's home.

        Raises:
            NotFound: No such user.
        """
        mine = select(access.Home.revision).where(access.Home.user_id == user_id)
        revision = self._connection.scalar(mine)
        if revision is None:
            raise NotFound(f"no user: {user_id}")
        return int(revision)

    def home_seen(self, connection_id: ConnectionId) -> int | None:
        """Return the home's counter as the last run found it; another one after a failure."""
        mine = select(Table.home_revision_seen).where(Table.id == connection_id)
        return self._connection.scalar(mine)

    def _change(self, connection_id: ConnectionId, values: dict[str, Any]) -> None:
        changed = update(Table).where(Table.id == connection_id).values(**values)
        if not self._connection.execute(changed).rowcount:
            raise NotFound(f"no connection: {connection_id}")

    def _list(self, *conditions: ColumnElement[bool]) -> tuple[Connection, ...]:
        rows = self._connection.execute(_CONNECTIONS.where(*conditions).order_by(Table.id))
        return tuple(_connection(row) for row in rows)


def _had_by_others(connection: Connection, uids: Sequence[Uid]) -> tuple[Select[Any], Select[Any]]:
    """Return what asks which of the UIDs others have in calendars, and at Google."""
    in_calendars = select(CalendarObject.uid).where(
        CalendarObject.company_id == connection.company_id,
        CalendarObject.owner_id != connection.user_id,
        CalendarObject.uid.in_(uids),
    )
    at_google = (
        select(Link.uid)
        .join(Table, Table.id == Link.connection_id)
        .where(
            Link.company_id == connection.company_id,
            Table.user_id != connection.user_id,
            Link.google_presence == "present",
            Link.uid.in_(uids),
        )
    )
    return in_calendars, at_google


def _may_run() -> ColumnElement[bool]:
    """Return the condition that `Connection.may_run` is in Python."""
    stopped = Table.state == ConnectionState.STOPPED.value
    leaving = and_(stopped, Table.farewell.is_not(None))
    return or_(Table.state == ConnectionState.ACTIVE.value, leaving)


def _is(connection_id: ConnectionId, company_id: CompanyId, user_id: UserId) -> ColumnElement[bool]:
    return and_(Table.id == connection_id, Table.company_id == company_id, Table.user_id == user_id)


def _values(connection: Connection) -> dict[str, Any]:
    settings = connection.settings
    return {
        "state": connection.state.value,
        "attention": connection.attention,
        "account_email": connection.account_email,
        "google_subject": connection.google_subject,
        "granted_scopes": _scopes_to_text(connection.granted_scopes),
        "google_calendar_id": connection.google_calendar_id,
        "google_calendar_name": connection.google_calendar_name,
        "google_calendar_zone": connection.google_calendar_zone,
        "settings": None if settings is None else settings_to_json(settings),
        "stopped_at": connection.stopped_at,
        "farewell": connection.farewell.value if connection.farewell else None,
    }


def _connection(row: Row[*tuple[Any, ...]]) -> Connection:
    calendar = row.google_calendar_id
    return Connection(
        id=ConnectionId(row.id),
        company_id=CompanyId(row.company_id),
        user_id=UserId(row.user_id),
        login=Login(row.login),
        state=ConnectionState(row.state),
        attention=row.attention,
        account_email=row.account_email,
        google_subject=row.google_subject,
        granted_scopes=frozenset(row.granted_scopes.split()),
        google_calendar_id=None if calendar is None else GoogleCalendarId(calendar),
        google_calendar_name=row.google_calendar_name,
        google_calendar_zone=row.google_calendar_zone,
        settings=None if row.settings is None else settings_from_json(row.settings),
        last_success_at=row.last_success_at,
        compared_at=row.compared_at,
        differences=row.differences,
        created_at=row.created_at,
        stopped_at=row.stopped_at,
        farewell=None if row.farewell is None else Farewell(row.farewell),
    )


def _scopes_to_text(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes))  # RFC 6749 section 3.3: no scope holds a space
