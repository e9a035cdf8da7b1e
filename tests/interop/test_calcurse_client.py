"""calcurse and its CalDAV script, against our server over HTTP.

The script knows one collection; it copies both ways and remembers ETags.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lane_servers import Server

pytestmark = [pytest.mark.lane, pytest.mark.timeout(200)]

SECONDS = 60
CONFIG = """[General]
Hostname = {host}
Path = {path}
HTTPS = No
DryRun = No
AuthMethod = basic
SyncFilter = cal
[Auth]
Username = {login}
Password = {password}
"""
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//calcurse//EN
BEGIN:VEVENT
UID:lunch@acme.example
DTSTAMP:20260301T000000Z
DTSTART:20260310T110000Z
DTEND:20260310T120000Z
SUMMARY:Lunch with Eva
END:VEVENT
END:VCALENDAR
"""


@dataclass(frozen=True)
class Desk:
    """A home folder with calcurse in it."""

    home: Path

    def run(self, *command: str, given: str = "") -> str:
        """Run a program of the desk; anything but success is an error."""
        done = subprocess.run(
            command,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
            input=given,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def sync(self, *options: str) -> str:
        """Run the CalDAV script; it needs httplib2, which this environment has."""
        script = shutil.which("calcurse-caldav")
        assert script, "calcurse is not installed"
        return self.run(sys.executable, script, "--verbose", *options)

    def listed(self) -> str:
        """Return what calcurse shows of the days in March 2026."""
        return self.run("calcurse", "-Q", "--from", "03/01/2026", "--to", "03/31/2026")


@pytest.fixture
def desk(tmp_path: Path, served: Server, add_in_crm: Callable[..., None]) -> Desk:
    """A desk that is told of the activities and was initialised from them."""
    # The script takes an empty list of what was synced for none at all.
    add_in_crm("Stays", "--type", "call", "--start", "2026-03-09T10:00")
    host, _, path = served.home.removeprefix("http://").partition("/")
    folder = tmp_path / ".config" / "calcurse" / "caldav"
    folder.mkdir(parents=True)
    (folder / "config").write_text(
        CONFIG.format(
            host=host, path=f"/{path}activities/", login=served.login, password=served.password
        ),
        encoding="utf-8",
    )
    desk = Desk(tmp_path)
    desk.sync("--init=keep-remote")
    return desk


def test_calcurse_copies_new_changed_and_deleted_appointments_both_ways(
    desk: Desk, add_in_crm: Callable[..., None], subjects: Callable[[], set[str]]
):
    """From here to the CRM, from the CRM to here, and a deletion."""
    desk.run("calcurse", "-q", "-i", "-", given=EVENT)
    desk.sync()
    assert subjects() == {"Stays", "Lunch with Eva"}

    add_in_crm("Call Mira", "--type", "call", "--start", "2026-03-11T10:00")
    told = desk.sync()
    assert "1 items imported, 0 items removed locally." in told
    assert "Call Mira" in desk.listed()

    desk.run("calcurse", "-F", "--filter-pattern", "Call|Stays")  # keeps what matches
    desk.sync()
    assert subjects() == {"Stays", "Call Mira"}
    assert "Lunch" not in desk.listed()


def test_syncing_again_changes_nothing(desk: Desk):
    """No echo of what was just copied."""
    desk.sync()
    told = desk.sync()
    assert "0 items imported, 0 items removed locally." in told
    assert "0 items exported, 0 items removed from the server." in told
