"""cadaver, a WebDAV shell on the neon library, against our server over HTTP.

It knows nothing of calendars: listing, GET, PUT, DELETE, MKCOL, properties, and Basic sign-in after
a challenge.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lane_servers import Server

pytestmark = [pytest.mark.lane, pytest.mark.timeout(120)]

CADAVER = shutil.which("cadaver") or "cadaver"
SECONDS = 30
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//cadaver//EN\r\nBEGIN:VEVENT\r\n"
    "UID:shell\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260310T110000Z\r\n"
    "DTEND:20260310T120000Z\r\nSUMMARY:Lunch with Eva\r\nX-OWN;X-P=1:kept\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@dataclass(frozen=True)
class Shell:
    """cadaver in a folder of its own, signing in from its netrc."""

    home: Path
    url: str

    def __call__(self, *commands: str) -> str:
        """Run commands and return what was shown."""
        done = subprocess.run(
            [CADAVER, self.url],
            cwd=self.home,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            input="\n".join([*commands, "quit", ""]),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path, served: Server) -> Shell:
    """A shell at the user's home."""
    netrc = tmp_path / ".netrc"
    netrc.write_text(
        f"machine 127.0.0.1 login {served.login} password {served.password}\n", encoding="utf-8"
    )
    netrc.chmod(0o600)
    return Shell(tmp_path, served.home)


def test_cadaver_lists_puts_gets_and_deletes(shell: Shell, subjects: Callable[[], set[str]]):
    """The file comes back as it went, and the CRM follows."""
    listed = shell("ls")
    assert "Coll:   activities" in listed
    assert "Coll:   tasks" in listed

    (shell.home / "lunch.ics").write_bytes(EVENT.encode())
    assert "succeeded" in shell("cd activities", "put lunch.ics")
    assert subjects() == {"Lunch with Eva"}
    shown = shell("cd activities", "ls", "get lunch.ics back.ics")
    assert "lunch.ics" in shown
    assert (shell.home / "back.ics").read_bytes() == EVENT.encode()

    assert "succeeded" in shell("cd activities", "rm lunch.ics")
    assert subjects() == set()


def test_what_may_not_be_is_refused_and_the_connection_goes_on(shell: Shell):
    """A file that is no calendar, and the removal of a standard calendar."""
    (shell.home / "notes.txt").write_text("not a calendar", encoding="utf-8")
    shown = shell("cd activities", "put notes.txt", "cd ..", "rmcol tasks", "ls")
    assert shown.count("failed") == 2
    assert "Coll:   tasks" in shown
