"""The rehearsal's store: one SQLite database, in memory or in a state file.

In a file every transaction is on the disk before it ends (WAL, `synchronous=FULL`), and an answer
leaves only after its transaction: what was acknowledged survives `kill -9`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bridge.errors import ConfigError

Values = tuple[object, ...] | Mapping[str, object]

_SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE account (
    position INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, subject TEXT NOT NULL,
    name TEXT NOT NULL, zone TEXT NOT NULL, access_token TEXT NOT NULL UNIQUE,
    second_calendar TEXT NOT NULL, is_default INTEGER NOT NULL
);
CREATE TABLE consent (
    email TEXT NOT NULL, client_id TEXT NOT NULL, scopes TEXT NOT NULL,
    PRIMARY KEY (email, client_id)
) WITHOUT ROWID;
CREATE TABLE code (
    code TEXT PRIMARY KEY, email TEXT NOT NULL, client_id TEXT NOT NULL, scopes TEXT NOT NULL,
    redirect_uri TEXT NOT NULL, challenge TEXT NOT NULL, challenge_method TEXT NOT NULL,
    gives_refresh INTEGER NOT NULL, nonce TEXT NOT NULL, expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE token (
    position INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    email TEXT NOT NULL, client_id TEXT NOT NULL, scopes TEXT NOT NULL, expires INTEGER
);
CREATE TABLE calendar (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, is_primary INTEGER NOT NULL, client_id TEXT NOT NULL,
    body TEXT NOT NULL, stamp INTEGER NOT NULL, latest_change INTEGER NOT NULL,
    latest_update INTEGER NOT NULL
);
CREATE TABLE calendar_entry (
    position INTEGER PRIMARY KEY, email TEXT NOT NULL, calendar_id TEXT NOT NULL,
    role TEXT NOT NULL, body TEXT NOT NULL, stamp INTEGER NOT NULL, change INTEGER NOT NULL,
    deleted INTEGER NOT NULL, UNIQUE (email, calendar_id)
);
CREATE TABLE event (
    position INTEGER PRIMARY KEY, calendar_id TEXT NOT NULL, id TEXT NOT NULL,
    change INTEGER NOT NULL, stamp INTEGER NOT NULL, updated INTEGER NOT NULL,
    cancelled INTEGER NOT NULL, ical_uid TEXT NOT NULL, recurring_event_id TEXT NOT NULL,
    starts INTEGER NOT NULL, ends INTEGER NOT NULL, body TEXT NOT NULL,
    UNIQUE (calendar_id, id)
);
CREATE INDEX event_by_change ON event (calendar_id, change);
CREATE INDEX event_by_position ON event (calendar_id, position);
CREATE INDEX event_by_ical_uid ON event (calendar_id, ical_uid);
CREATE INDEX event_by_series ON event (calendar_id, recurring_event_id)
    WHERE recurring_event_id != '';
CREATE TABLE latest_write (
    calendar_id TEXT PRIMARY KEY, event_id TEXT NOT NULL, change INTEGER NOT NULL, prior TEXT NOT
    NULL
) WITHOUT ROWID;
CREATE TABLE mail (position INTEGER PRIMARY KEY, body TEXT NOT NULL);
"""

# Tables that came after the first state files; an older file gets them when it is opened. The rule
# by which an owner has access is made for the calendars such a file holds.
_ADDED_TABLES = """
CREATE TABLE IF NOT EXISTS acl_rule (
    position INTEGER PRIMARY KEY, calendar_id TEXT NOT NULL, id TEXT NOT NULL,
    scope_type TEXT NOT NULL, scope_value TEXT NOT NULL, role TEXT NOT NULL,
    stamp INTEGER NOT NULL, change INTEGER NOT NULL, UNIQUE (calendar_id, id)
);
CREATE TABLE IF NOT EXISTS access_change (
    calendar_id TEXT NOT NULL, email TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (calendar_id, email)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS group_member (
    group_email TEXT NOT NULL, email TEXT NOT NULL, PRIMARY KEY (group_email, email)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (
    email TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, stamp INTEGER NOT NULL,
    change INTEGER NOT NULL, PRIMARY KEY (email, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS channel (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, email TEXT NOT NULL,
    client_id TEXT NOT NULL, kind TEXT NOT NULL, calendar_id TEXT NOT NULL, query TEXT NOT NULL,
    resource_id TEXT NOT NULL, resource_uri TEXT NOT NULL, address TEXT NOT NULL,
    token TEXT NOT NULL, expires INTEGER NOT NULL, stopped INTEGER, gone INTEGER NOT NULL,
    noted INTEGER NOT NULL, message_number INTEGER NOT NULL
);
INSERT OR IGNORE INTO acl_rule (calendar_id, id, scope_type, scope_value, role, stamp, change)
    SELECT calendar_id, 'user:' || email, 'user', email, role, stamp, change FROM calendar_entry
    WHERE deleted = 0 AND calendar_id NOT IN (SELECT calendar_id FROM acl_rule);
"""


class State:
    """One database connection shared by all threads under one lock.

    Args:
        path: State file, made when missing; None keeps everything in memory.

    Raises:
        ConfigError: The file is no state file of this version.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(
            ":memory:" if path is None else str(path), check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise ConfigError(f"not a state file of the rehearsal Google: `{path}`") from error

    def _open(self) -> None:
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _SCHEMA_VERSION):
            raise sqlite3.DatabaseError("another version")
        schema = _ADDED_TABLES if version else _SCHEMA + _ADDED_TABLES
        # One script in one transaction: a kill in the middle leaves an empty file, not half a
        # schema.
        self._connection.executescript(
            f"BEGIN IMMEDIATE;{schema}PRAGMA user_version={_SCHEMA_VERSION};COMMIT;"
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock and make everything inside one transaction; nested ones are savepoints.

        An exception takes back what the innermost transaction wrote.
        """
        with self._lock:
            name = f"level{self._depth}"
            self._connection.execute("BEGIN IMMEDIATE" if self._depth == 0 else f"SAVEPOINT {name}")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth:
                    self._connection.execute(f"ROLLBACK TO {name}")
                    self._connection.execute(f"RELEASE {name}")
                else:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            self._connection.execute("COMMIT" if self._depth == 0 else f"RELEASE {name}")

    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement that changes rows and return how many it changed."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        with self._lock:
            found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def meta(self, key: str) -> str | None:
        """Return a single remembered value, or None."""
        found = self.row("SELECT value FROM meta WHERE key = ?", (key,))
        return None if found is None else str(found["value"])

    def set_meta(self, key: str, value: str) -> None:
        """Remember a single value."""
        self.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def raise_counter(self, name: str, *, at_least: int = 0) -> int:
        """Return the next value of a counter: above its last one, and not below `at_least`."""
        sql = (
            "INSERT INTO counter (name, value) VALUES (?, max(1, ?)) "
            "ON CONFLICT (name) DO UPDATE SET value = max(value + 1, ?) RETURNING value"
        )
        found = self.row(sql, (name, at_least, at_least))
        assert found is not None, "RETURNING always gives the row"  # noqa: S101 - narrows for mypy
        return int(found["value"])

    def lower_counter(self, name: str, *, at_most: int) -> None:
        """Put a counter back to `at_most` if it is above."""
        sql = "UPDATE counter SET value = min(value, ?) WHERE name = ?"
        self.execute(sql, (at_most, name))

    def counter(self, name: str) -> int:
        """Return the present value of a counter, 0 if it never was raised."""
        found = self.row("SELECT value FROM counter WHERE name = ?", (name,))
        return 0 if found is None else int(found["value"])

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()
