"""Database errors as crmdav's own: what is worth another try, and what is not."""

from __future__ import annotations

import sqlite3

from sqlalchemy import exc

from bridge.domain.message import Message
from bridge.errors import ConfigError, StoreBusy, StoreError

# Serialization failure, deadlock, lock not available, statement cancelled by a time-out.
_BUSY_SQLSTATES = frozenset({"40001", "40P01", "55P03", "57014"})
_BUSY_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

TRANSLATED = (
    exc.OperationalError,
    exc.IntegrityError,
    exc.InternalError,
    exc.DataError,
    exc.TimeoutError,
)
"""The SQLAlchemy errors that leave the store in words of our own."""


def translated(error: exc.DBAPIError | exc.TimeoutError) -> StoreError:
    """Return the store error that tells what a database error means for the caller.

    A lock not had, a lost race, a lost or refused connection, and whatever else lies with the
    database's operation and not with the change (a full disk, a server that is stopping) are
    `StoreBusy`: the same work may succeed later. Everything else is a plain `StoreError`.
    """
    if isinstance(error, exc.TimeoutError):
        return StoreBusy(
            Message("the database is busy with another change"), hint=Message("try again")
        )
    if _is_busy(error):
        return StoreBusy(
            Message("the database is busy with another change"), hint=Message("try again")
        )
    if error.connection_invalidated or _never_connected(error):
        return StoreBusy(
            Message("the database cannot be reached"),
            hint="see that it runs, and check `database.url`",
        )
    name = type(error.orig).__name__
    if isinstance(error, exc.OperationalError):
        return StoreBusy(
            f"the database cannot do it now: {name}",
            hint="see its log, and whether the disk is full",
        )
    return StoreError(f"the database refused the change: {name}")


def as_unusable(error: exc.DatabaseError) -> StoreError | ConfigError:
    """Return what a database error means while the schema is looked at or changed.

    A database that cannot be reached or opened, or is none, is a `ConfigError`.
    """
    if not error.statement and not _is_busy(error):
        reason = str(error.orig).strip().partition("\n")[0]
        return ConfigError(
            f"the database cannot be opened: {reason}",
            hint="see that it runs, and check `database.url`",
        )
    return translated(error)


def _is_busy(error: exc.DBAPIError) -> bool:
    original = error.orig
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", 0)
        return code & 0xFF in _BUSY_SQLITE  # extended codes carry the plain one in the low byte
    return getattr(original, "sqlstate", None) in _BUSY_SQLSTATES


def _never_connected(error: exc.DBAPIError) -> bool:
    # psycopg has no SQLSTATE for a connection that was refused or never came about, and none for
    # a value that it refuses itself, such as a text with NUL.
    original = error.orig
    return (
        isinstance(error, exc.OperationalError)
        and not isinstance(original, sqlite3.Error)
        and getattr(original, "sqlstate", "") is None
    )
