"""The two servers that are compared, each as its makers ship it, on loopback.

Ours: `crmdav serve` (gunicorn, one process), SQLite with every commit on disk, sign-in by app
password. The other: Radicale with its own storage and its own server, which takes any password.
Both serve `activities` of each login.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from keep_alive import Connection
from sample_activities import sample

from bridge.domain.identifiers import Href
from bridge.ical.calendar_object import CalendarObject
from bridge.store.database import Database

REPOSITORY = Path(__file__).parents[2]
SLUG = "activities"
_PORTION = 500
_START_SECONDS = 60
_STOP_SECONDS = 20
_STOCK = """[server]
hosts = 127.0.0.1:{port}
[auth]
type = none
[rights]
type = owner_only
[storage]
filesystem_folder = {folder}/data
[logging]
level = warning
"""
_WITHOUT_FSYNC = """
import os, runpy
os.fsync = lambda descriptor: None
runpy.run_module("radicale", run_name="__main__", alter_sys=True)
"""
_TOUCH = (
    '<D:propfind xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/"><D:prop>'
    "<CS:getctag/><D:sync-token/></D:prop></D:propfind>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server.

    Attributes:
        prefix: Path of its DAV tree.
        passwords: By login; the logins are those whose calendars were filled.
    """

    name: str
    pid: int
    port: int
    prefix: str
    passwords: Mapping[str, str]

    def connect(self, login: str) -> Connection:
        """Return a connection signed in as the login."""
        return Connection(self.port, login, self.passwords[login])

    def path(self, login: str) -> str:
        """Return the path of the login's calendar."""
        return f"{self.prefix}/{login}/{SLUG}/"


@contextmanager
def crmdav(folder: Path, sizes: Mapping[str, int]) -> Iterator[Server]:
    """Run our server over calendars of these sizes, by login.

    Args:
        folder: An empty folder; everything is kept in it.
        sizes: How many activities each login has.
    """
    passwords = _prepare(folder, sizes)
    port = _free_port()
    command = [sys.executable, "-m", "bridge", "serve", "--bind", f"127.0.0.1:{port}"]
    with _running(command, folder, port) as pid:
        yield Server(name="crmdav", pid=pid, port=port, prefix="/dav", passwords=passwords)


@contextmanager
def stock_radicale(folder: Path, sizes: Mapping[str, int]) -> Iterator[Server]:
    """Run Radicale with its own storage over calendars of these sizes, by login."""
    for login, count in sizes.items():
        calendar = folder / "data" / "collection-root" / login / SLUG
        calendar.mkdir(parents=True)
        properties = {"tag": "VCALENDAR", "C:supported-calendar-component-set": "VEVENT"}
        (calendar / ".Radicale.props").write_text(json.dumps(properties), "utf-8")
        for number in range(count):
            made = sample(number)
            (calendar / made.name).write_text(made.text, "utf-8", newline="")
    passwords = dict.fromkeys(sizes, "any")
    # At the first touch it writes two files for each object. Only then may it skip fsync.
    with _stock(folder, passwords, program=("-c", _WITHOUT_FSYNC)) as server:
        for login in sizes:
            connection = server.connect(login)
            connection.request("PROPFIND", server.path(login), _TOUCH, {"Depth": "0"})
            connection.close()
    with _stock(folder, passwords, program=("-m", "radicale")) as server:
        yield server


@contextmanager
def _stock(
    folder: Path, passwords: Mapping[str, str], *, program: tuple[str, str]
) -> Iterator[Server]:
    port = _free_port()
    config = folder / "config"
    config.write_text(_STOCK.format(port=port, folder=folder), "utf-8")
    command = [sys.executable, *program, "--config", str(config)]
    with _running(command, folder, port) as pid:
        yield Server(name="Radicale", pid=pid, port=port, prefix="", passwords=passwords)


def _prepare(folder: Path, sizes: Mapping[str, int]) -> dict[str, str]:
    """Make an installation with filled calendars and return the app passwords."""
    _command(folder, "init", str(folder))
    _command(folder, "migrate")
    passwords = {}
    for login in sizes:
        _command(folder, "users", "add", login, "--timezone", "Europe/Berlin")
        told = _command(folder, "app-password", "add", login, "--label", "benchmark")
        passwords[login] = told.split()[-1]
    database = Database(f"sqlite:///{folder}/crmdav-data/crmdav.sqlite3")
    for login, count in sizes.items():
        for first in range(0, count, _PORTION):
            _fill(database, login, range(first, min(first + _PORTION, count)))
    database.dispose()
    return passwords


def _fill(database: Database, login: str, numbers: range) -> None:
    now = datetime.now(UTC)
    with database.write() as work:
        user = work.users.by_login(login)
        calendar = user and work.calendars.calendar(user.id, SLUG)
        assert calendar is not None
        for number in numbers:
            made = sample(number)
            item = CalendarObject.parse(made.text)
            work.calendars.put(calendar, Href(made.name), item, origin="client", now=now)


def _command(folder: Path, *arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "bridge", *arguments],
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=_START_SECONDS,
        check=True,
    )
    return ran.stdout


def _environment(folder: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CRMDAV_", "RADICALE_"))
    }
    config = str(folder / "crmdav.toml")
    return {**kept, "PYTHONPATH": str(REPOSITORY), "CRMDAV_CONFIG": config}


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[int]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(folder), stdout=log, stderr=log
        )
        try:
            _await(process, port)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(_STOP_SECONDS)


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{' '.join(command_of(process))} does not listen")


def command_of(process: subprocess.Popen[bytes]) -> list[str]:
    """Return the arguments a process was started with."""
    return [str(argument) for argument in process.args] if isinstance(process.args, list) else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
