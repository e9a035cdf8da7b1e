"""Find and stop connections by their user's login."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.application.connecting import Connecting
from bridge.application.users import user_of
from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.identifiers import ConnectionId
from bridge.domain.message import Message
from bridge.domain.progress import Progress
from bridge.errors import NotFound
from bridge.store.database import Database
from bridge.sync.ports import Clock


def list_connections(database: Database) -> Sequence[Connection]:
    """Return all connections of the installation, stopped ones too."""
    with database.read() as work:
        return work.connections.list()


def push_states(database: Database, *, clock: Clock) -> dict[ConnectionId, str]:
    """Return how each connection stands with Google's push, in a word or two."""
    with database.read() as work:
        return {
            one.id: work.google_push.state(one.id, clock.now()).word
            for one in work.connections.list()
        }


def progresses(database: Database) -> dict[ConnectionId, Progress]:
    """Return how far the sync of each connection has come."""
    with database.read() as work:
        return {one.id: work.links.progress(one.id) for one in work.connections.list()}


def connection_of(database: Database, login: str) -> Connection:
    """Return the connection a user's sync is about: the one that syncs, else the latest.

    Raises:
        NotFound: There is no such user, or he has no connection.
    """
    mine = _of_user(database, login)
    if not mine:
        raise NotFound(
            f"`{login}` has no Google connection",
            hint=Message("it is made on the Calendar sync page"),
        )
    return max(mine, key=lambda one: (one.state.may_sync, one.id))


def stop_connections(
    database: Database, login: str, *, connecting: Connecting
) -> Sequence[Connection]:
    """Stop all connections of a user and return those that were not stopped before.

    Raises:
        NotFound: There is no such user, or nothing to stop.
    """
    living = [one for one in _of_user(database, login) if one.state is not ConnectionState.STOPPED]
    if not living:
        raise NotFound(f"`{login}` has no connection that could be stopped")
    return [connecting.stop(connection) for connection in living]


def _of_user(database: Database, login: str) -> Sequence[Connection]:
    user = user_of(database, login)
    with database.read() as work:
        return work.connections.of_user(user.id)
