"""python-caldav and vdirsyncer signed in as a colleague: they find the share and cannot write."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import caldav
import pytest
from caldav.lib import error

from lane_servers import LOGIN, Server, crmdav

GRANTEE = "colleague"
SHARE = f"{LOGIN}--activities"
VDIRSYNCER = Path(sys.executable).parent / "vdirsyncer"
START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def password(served: Server) -> str:
    """A colleague's app password; the owner shares everything to read."""
    crmdav(served.data, "users", "add", GRANTEE)
    crmdav(served.data, "shares", "add", LOGIN, GRANTEE, "--level", "read")
    return crmdav(served.data, "app-password", "add", GRANTEE, "--label", "laptop").strip()


@pytest.fixture
def owned(served: Server) -> Iterator[caldav.Calendar]:
    """The owner's activities: one for all, one private; emptied afterwards."""
    with caldav.DAVClient(
        url=served.url, username=served.login, password=served.password
    ) as client:
        calendars = client.principal().get_calendars()
        (calendar,) = (each for each in calendars if "/activities/" in str(each.url))
        calendar.add_event(dtstart=START, dtend=START + HOUR, summary="Stand-up", uid="open")
        calendar.add_event(
            dtstart=START + HOUR,
            dtend=START + 2 * HOUR,
            summary="Doctor",
            uid="hidden",
            CLASS="PRIVATE",
        )
        yield calendar
        for event in calendar.get_events():
            event.delete()


def test_python_caldav_reads_the_share_and_is_refused_to_write(
    served: Server, password: str, owned: caldav.Calendar
):
    """Discovery, search and sync work as in a calendar of one's own."""
    with caldav.DAVClient(url=served.url, username=GRANTEE, password=password) as client:
        calendars = client.principal().get_calendars()
        (shared,) = (each for each in calendars if SHARE in str(each.url))
        found = shared.search(event=True, start=START - HOUR, end=START + 3 * HOUR)
        titles = {str(each.icalendar_component["SUMMARY"]) for each in found}
        assert titles == {"Stand-up", "Busy"}
        assert len(list(shared.get_objects_by_sync_token())) == 2
        with pytest.raises(error.AuthorizationError):
            shared.add_event(dtstart=START, dtend=START + HOUR, summary="Mine")
        with pytest.raises(error.AuthorizationError):
            found[0].delete()


@pytest.mark.skipif(not VDIRSYNCER.exists(), reason="vdirsyncer is not installed beside Python")
def test_vdirsyncer_copies_the_share(
    served: Server, password: str, owned: caldav.Calendar, tmp_path: Path
):
    """A read-only storage, as its documentation advises for such calendars."""
    folder = tmp_path / "calendars"
    folder.mkdir()
    config = tmp_path / "config"
    config.write_text(
        f"""
[general]
status_path = "{tmp_path / "status"}"
[pair share]
a = "folder"
b = "server"
collections = ["{SHARE}"]
[storage folder]
type = "filesystem"
path = "{folder}"
fileext = ".ics"
[storage server]
type = "caldav"
url = "{served.url}"
username = "{GRANTEE}"
password = "{password}"
read_only = true
"""
    )
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    for command in ("discover", "sync"):
        done = subprocess.run(
            [str(VDIRSYNCER), "--config", str(config), command],
            input="y\ny\n",
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    copied = "".join(path.read_text() for path in (folder / SHARE).glob("*.ics"))
    assert "SUMMARY:Stand-up" in copied
    assert "SUMMARY:Busy" in copied
    assert "Doctor" not in copied
