"""tsdav, the CalDAV client of web applications, against our server over HTTP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lane_servers import Server
from lane_workshop import node_folder

pytestmark = [pytest.mark.lane, pytest.mark.timeout(300)]

PROJECT = Path(__file__).parent / "tsdav"
SECONDS = 60


def test_tsdav_adds_changes_syncs_and_deletes(served: Server, subjects: Callable[[], set[str]]):
    """The script asserts what it sees; we, what the CRM has afterwards."""
    command = ["node", "round_trip.mjs", served.url, served.login, served.password]
    done = subprocess.run(
        command,
        cwd=node_folder(PROJECT),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr}\nthe server said:\n{served.log}"
    assert len(json.loads(done.stdout)["calendars"]) == 2
    assert subjects() == {"Stand-up"}
