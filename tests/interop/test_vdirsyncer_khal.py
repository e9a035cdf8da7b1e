"""vdirsyncer and khal, programs nobody here wrote, against our server over HTTP.

They discover the home from its root, copy both calendars to folders, and carry new, edited and
deleted files back; khal lists what vdirsyncer brought.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import HTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from bridge.domain.users import Role
from bridge.store.database import Database
from bridge.store.secrets import digest, new_app_password
from radicale_plugin.wsgi import build_application

PROGRAMS = Path(sys.executable).parent
SECRET_KEY = b"s" * 32
SECONDS = 60

pytestmark = [
    pytest.mark.skipif(
        not all((PROGRAMS / name).exists() for name in ("vdirsyncer", "khal")),
        reason="vdirsyncer and khal are not installed beside Python",
    ),
    pytest.mark.parametrize("dialect", ["sqlite"], indirect=True),
]


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """A thread for each connection; vdirsyncer asks several things at once."""

    daemon_threads = False


class QuietHandler(WSGIRequestHandler):
    """Logs nothing; one request for each connection."""

    def log_message(self, *_: Any) -> None:
        """Do nothing."""


@pytest.fixture
def password(database: Database, now: datetime) -> str:
    """Anna, and her app password."""
    secret, prefix = new_app_password()
    with database.write() as work:
        work.installation.ensure(now)
        company = work.companies.add("Acme", now)
        anna = work.users.add(
            company.id,
            "anna",
            name="Anna",
            email="anna@example.com",
            timezone="Europe/Prague",
            role=Role.USER,
            password_hash=None,
            now=now,
        )
        work.app_passwords.add(anna, "vdirsyncer", prefix, digest(SECRET_KEY, secret), now)
    return secret


@pytest.fixture
def server(database: Database) -> Iterator[HTTPServer]:
    """Our application on a loopback port."""
    application = build_application(database=database, secret_key=SECRET_KEY, worker_key=b"w" * 32)
    server = make_server("127.0.0.1", 0, application, ThreadingServer, QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join(30)
    server.server_close()


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's computer: a home folder with both programs set up."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the real home is read or written."""
        folders = {"HOME": self.home, "XDG_CONFIG_HOME": self.home / ".config"}
        folders |= {"XDG_DATA_HOME": self.home / ".local", "XDG_CACHE_HOME": self.home / ".cache"}
        return {
            "PATH": os.environ.get("PATH", ""),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            **{name: str(path) for name, path in folders.items()},
        }

    def run(self, program: str, *arguments: str, answers: str = "") -> str:
        """Run a program to its good end and return what it printed."""
        done = subprocess.run(
            [str(PROGRAMS / program), *arguments],
            input=answers,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{program} {arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def sync(self) -> None:
        """Carry changes both ways."""
        self.run("vdirsyncer", "--config", str(self.home / "vdirsyncer"), "sync")

    def khal(self, *arguments: str) -> str:
        """Run khal and return what it printed."""
        return self.run("khal", "--config", str(self.home / "khal"), *arguments)

    def calendar(self, name: str) -> Path:
        """Return the folder a calendar was copied to."""
        return self.home / "calendars" / name


@pytest.fixture
def desk(server: HTTPServer, password: str, tmp_path: Path) -> Desk:
    """A computer that has discovered both calendars."""
    home = tmp_path / "home"
    (home / "calendars").mkdir(parents=True)
    (home / "vdirsyncer").write_text(
        f"""
[general]
status_path = "{home}/status"

[pair crm]
a = "local"
b = "server"
collections = ["from b"]
conflict_resolution = "b wins"
metadata = ["displayname", "color"]

[storage local]
type = "filesystem"
path = "{home}/calendars"
fileext = ".ics"

[storage server]
type = "caldav"
url = "http://127.0.0.1:{server.server_port}/dav/"
username = "anna"
password = "{password}"
item_types = ["VEVENT", "VTODO"]
""",
        encoding="utf-8",
    )
    (home / "khal").write_text(
        f"""
[calendars]
[[activities]]
path = {home}/calendars/activities
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {home}/khal.db
[default]
default_calendar = activities
""",
        encoding="utf-8",
    )
    desk = Desk(home)
    config = str(home / "vdirsyncer")
    desk.run("vdirsyncer", "--config", config, "discover", answers="y\n" * 8)
    return desk


def subjects(database: Database) -> set[str]:
    """Return the subjects of Anna's living activities."""
    with database.read() as work:
        anna = work.users.by_login("anna")
        assert anna is not None
        return {activity.subject for activity in work.activities.list(anna.id)}


def test_both_calendars_are_discovered(desk: Desk):
    """From the root of the server, by name."""
    desk.sync()
    assert sorted(path.name for path in (desk.home / "calendars").iterdir()) == [
        "activities",
        "tasks",
    ]


def test_an_event_made_in_khal_becomes_an_activity_and_comes_back_changed(
    desk: Desk, database: Database
):
    """Add, edit on either side, delete: every step is seen on the other side."""
    desk.sync()
    desk.khal("new", "-a", "activities", "2026-03-02", "10:00", "11:00", "Coffee with Eva")
    (path,) = desk.calendar("activities").glob("*.ics")
    # vdirsyncer refuses to empty a calendar, so that one event has to stay.
    desk.khal("new", "-a", "activities", "2026-03-03", "10:00", "11:00", "Stays")
    desk.sync()
    assert subjects(database) == {"Coffee with Eva", "Stays"}

    text = path.read_bytes().decode()
    path.write_bytes(text.replace("Coffee with Eva", "Tea with Eva").encode())
    desk.sync()
    assert subjects(database) == {"Tea with Eva", "Stays"}

    rename_in_crm(database, "Tea with Eva", "Lunch with Eva")
    desk.sync()
    listed = desk.khal("list", "--format", "{title}", "2026-03-02", "1d")
    assert "Lunch with Eva" in listed
    assert "Tea" not in listed

    path.unlink()
    desk.sync()
    assert subjects(database) == {"Stays"}


def rename_in_crm(database: Database, old: str, subject: str) -> None:
    """Change an activity as the CRM does."""
    with database.write() as work:
        anna = work.users.by_login("anna")
        assert anna is not None
        (activity,) = (a for a in work.activities.list(anna.id) if a.subject == old)
        work.activities.update(replace(activity, subject=subject), now=datetime.now(UTC))


def test_a_task_goes_to_the_task_list(desk: Desk, database: Database):
    """To-dos too; the file is kept byte for byte on the server."""
    desk.sync()
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VTODO\r\nUID:call\r\n"
        "DTSTAMP:20260301T000000Z\r\nSUMMARY:Call back\r\nDUE:20260303T150000Z\r\n"
        "X-OWN;X-P=1:kept\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )
    (desk.calendar("tasks") / "call.ics").write_bytes(text.encode())
    desk.sync()
    assert subjects(database) == {"Call back"}
    with database.read() as work:
        anna = work.users.by_login("anna")
        assert anna is not None
        tasks = work.calendars.calendar(anna.id, "tasks")
        assert tasks is not None
        (stored,) = work.calendars.objects(tasks)
    assert "X-OWN;X-P=1:kept" in stored.text


def test_syncing_again_changes_nothing(desk: Desk, database: Database):
    """No echo: a second run moves no revision."""
    desk.sync()
    desk.khal("new", "-a", "activities", "2026-03-02", "10:00", "11:00", "Coffee")
    desk.sync()
    before = revisions(database)
    desk.sync()
    assert revisions(database) == before


def revisions(database: Database) -> list[int]:
    """Return the revisions of Anna's calendars."""
    with database.read() as work:
        principal = work.calendars.principal("anna")
    assert principal is not None
    return [calendar.revision for calendar in principal.calendars]
