"""Back up a SQLite database while it is in use, and put a backup back.

Both use SQLite's own backup interface: a copy is one consistent state, and a restore is one write
transaction for everybody who has the database open. PostgreSQL has its own tools.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL
from sqlalchemy.engine import make_url

from bridge.errors import AlreadyExists, InvalidInput, NotFound, StoreBusy, StoreError
from bridge.store.engines import create_sqlite_file
from bridge.store.migrate import migrate
from bridge.store.secrets import random_id

_WAIT_SECONDS = 30.0
_EPOCH_LENGTH = 8
_NO_BACKUP = "the file is no backup of crmdav"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restored database is.

    Attributes:
        homes: Counter of each home by its id.
    """

    database_id: str
    homes: Mapping[int, int]


def backup(url: URL, target: Path) -> None:
    """Copy the database into one new file, readable for its owner only; see `Database.backup`."""
    live = _sqlite_file(url)
    if not live.is_file():
        raise NotFound(f"there is no database: {live}", hint="check `database.url`")
    if target.exists():
        raise AlreadyExists(f"there is a file already: {target}")
    try:
        with TemporaryDirectory(dir=target.parent, prefix=".crmdav-backup-") as folder:
            copy = Path(folder) / "copy"
            _copy(live, copy)
            os.link(copy, target)  # unlike a rename it never replaces what came in between
    except FileExistsError as error:
        raise AlreadyExists(f"there is a file already: {target}") from error
    except OSError as error:
        raise StoreError(f"the backup cannot be written: {error.strerror}") from error
    except sqlite3.Error as error:
        raise StoreError(f"the database cannot be copied: {error}") from error


def restore(url: URL, source: Path) -> tuple[Path | None, Restored]:
    """Put a backup in the place of the database, at the newest schema and in a new epoch.

    What was there is kept beside it. Whoever syncs a connection meanwhile loses its lease.

    Returns:
        Where what was there is kept, and what was put there; see `Database.restore`.
    """
    live = _sqlite_file(url)
    if not source.is_file():
        raise NotFound(f"there is no file: {source}")
    try:
        live.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(dir=live.parent, prefix=".crmdav-restore-") as folder:
            staged = Path(folder) / "staged.sqlite"
            restored = _staged(source, staged)
            kept = _kept(url, live, restored)
            create_sqlite_file(url)
            with closing(sqlite3.connect(staged)) as new, closing(sqlite3.connect(live)) as old:
                new.backup(old, progress=_Deadline())
    except OSError as error:
        raise StoreError(f"the backup cannot be put back: {error.strerror}") from error
    except sqlite3.Error as error:
        raise StoreError(f"the backup cannot be put back: {error}") from error
    return kept, restored


def _sqlite_file(url: URL) -> Path:
    if url.get_backend_name() != "sqlite":
        raise InvalidInput(
            "only a SQLite database is backed up and restored here",
            hint="use `pg_dump` and `pg_restore`; after a restore run `crmdav epoch new`",
        )
    return Path(url.database or "")


def _copy(source: Path, target: Path) -> None:
    """Copy one consistent state of a database that may be in use."""
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new, progress=_Deadline())
        new.execute("PRAGMA journal_mode=DELETE").close()  # one file, without a log beside it


def _staged(source: Path, staged: Path) -> Restored:
    """Copy a backup, bring it to the newest schema and begin its new epoch."""
    try:
        _copy(source, staged)
        with closing(sqlite3.connect(staged)) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()
            known = connection.execute("SELECT count(*) FROM installation").fetchone()
    except sqlite3.DatabaseError as error:
        raise InvalidInput(f"{_NO_BACKUP}: {error}") from error
    if sound != ("ok",) or known != (1,):
        raise InvalidInput(_NO_BACKUP)
    migrate(make_url(f"sqlite:///{staged}"))
    with closing(sqlite3.connect(staged)) as connection:
        epoch = random_id()[:_EPOCH_LENGTH]
        connection.execute("UPDATE installation SET epoch = ?", (epoch,))
        # A run that is under way must not take a restored lease for its own.
        connection.execute("UPDATE leases SET owner = '', expires_at = NULL, fencing = fencing + 1")
        connection.commit()
        connection.execute("PRAGMA journal_mode=DELETE").close()
        (database_id,) = connection.execute("SELECT database_id FROM installation").fetchone()
        homes = dict(connection.execute("SELECT user_id, revision FROM homes").fetchall())
    return Restored(database_id=database_id, homes=homes)


def _kept(url: URL, live: Path, restored: Restored) -> Path | None:
    """Keep what is there now, unless there is nothing; refuse to mix two installations."""
    if not live.is_file() or live.stat().st_size == 0:
        return None
    present = _database_id(live)
    if present is not None and present != restored.database_id:
        raise InvalidInput(
            "the backup is of another installation",
            hint="to replace this installation by that one, move its database file away first",
        )
    kept = live.with_name(f"{live.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    backup(url, kept)
    return kept


def _database_id(live: Path) -> str | None:
    try:
        with closing(sqlite3.connect(live)) as connection:
            row = connection.execute("SELECT database_id FROM installation").fetchone()
    except sqlite3.OperationalError:
        return None
    return None if row is None else str(row[0])


class _Deadline:
    """Ends a copy that others keep from its lock for too long; `backup` itself waits for ever."""

    def __init__(self) -> None:
        self._end = time.monotonic() + _WAIT_SECONDS

    def __call__(self, status: int, _remaining: int, _total: int) -> None:
        busy = status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if busy and time.monotonic() > self._end:
            raise StoreBusy("the database is busy with another change", hint="try again")
