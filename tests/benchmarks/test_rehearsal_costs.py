"""What the rehearsal Google may cost, as a lane: CPU time and memory of its own process.

`pytest -n 0 -m lane tests/benchmarks`. CPU time is what the bounds are about, so that a busy
machine changes nothing; they are wall time promised for two cores.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from process_cpu import cpu_seconds

pytestmark = [pytest.mark.lane, pytest.mark.timeout(600)]

_REPOSITORY = Path(__file__).parents[2]
_BATCH = 50
_PAGE = 2_500


class Rehearsal:
    """A rehearsal of its own process, spoken to over one connection."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "bridge", "rehearse-google", "--port", "0", "--json"]
        self.process = subprocess.Popen(
            [*command, *options],
            env={**os.environ, "PYTHONPATH": str(_REPOSITORY)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline())
        self._connection = http.client.HTTPConnection(told["root"].removeprefix("http://"))
        account = told["accounts"][0]
        self._authorization = f"Bearer {account['access_token']}"
        self.events = f"/calendar/v3/calendars/{quote(account['calendars'][1], safe='')}/events"
        self.send("POST", "/_rehearsal/switches", json.dumps({"quotas": "off"}))

    def send(self, method: str, path: str, body: str = "", kind: str = "application/json") -> bytes:
        """Send a request and return the body of its answer, which must be a good one."""
        headers = {"Authorization": self._authorization, "Content-Type": kind}
        self._connection.request(method, path, body.encode(), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return content

    def insert(self, numbers: range) -> None:
        """Insert events in batches of fifty."""
        for first in range(numbers.start, numbers.stop, _BATCH):
            parts = [self._part(number) for number in range(first, first + _BATCH)]
            body = "".join([*parts, "--x--\r\n"])
            answered = self.send("POST", "/batch/calendar/v3", body, "multipart/mixed; boundary=x")
            assert answered.count(b"HTTP/1.1 200 OK") == _BATCH

    def _part(self, number: int) -> str:
        body = json.dumps(_event(number))
        head = f"--x\r\nContent-Type: application/http\r\nContent-ID: <{number}>\r\n\r\n"
        call = f"POST {self.events} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
        return f"{head}{call}{body}\r\n"

    def list_all(self) -> int:
        """List everything in pages of 2,500 and return the number of events."""
        count, query = 0, f"?maxResults={_PAGE}"
        while True:
            page = json.loads(self.send("GET", f"{self.events}{query}"))
            count += len(page["items"])
            if "nextSyncToken" in page:
                return count
            query = f"?maxResults={_PAGE}&pageToken={quote(page['nextPageToken'], safe='')}"

    @property
    def cpu(self) -> float:
        """CPU time so far in seconds."""
        return cpu_seconds(self.process.pid)

    @property
    def memory(self) -> float:
        """Largest resident memory so far in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024 / 1_000_000

    def stop(self) -> None:
        """End the process."""
        self._connection.close()
        self.process.terminate()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


def _event(number: int) -> dict[str, Any]:
    day, hour = divmod(number, 9)
    start = f"2026-{1 + day // 28 % 12:02d}-{1 + day % 28:02d}T{9 + hour:02d}"
    return {
        "id": uuid.UUID(int=number, version=4).hex,
        "summary": f"Call with customer number {number}",
        "description": "Offer sent last week; ask about delivery dates and the second quote.",
        "location": "Headquarters, meeting room 3",
        "start": {"dateTime": f"{start}:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": f"{start}:30:00", "timeZone": "Europe/Berlin"},
        "extendedProperties": {"private": {"crm": f"activity-{number}", "stamp": "0" * 64}},
        "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]},
    }


@pytest.fixture(params=["memory", "file"])
def rehearsal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rehearsal]:
    """A rehearsal in memory, and one with a state file."""
    options = ["--state", str(tmp_path / "google.sqlite")] if request.param == "file" else []
    held = Rehearsal(*options)
    yield held
    held.stop()


def test_costs_stay_below_their_bounds(rehearsal: Rehearsal, capsys: pytest.CaptureFixture[str]):
    """A thousand inserts, a listing of ten thousand events, memory with fifty thousand."""
    begun = rehearsal.cpu
    rehearsal.insert(range(1_000))
    inserted = rehearsal.cpu - begun
    rehearsal.insert(range(1_000, 10_000))
    begun = rehearsal.cpu
    assert rehearsal.list_all() == 10_000
    listed = rehearsal.cpu - begun
    rehearsal.insert(range(10_000, 50_000))
    memory = rehearsal.memory
    figures = {"inserted": inserted, "listed": listed, "memory": memory}
    with capsys.disabled():
        print(f"\nrehearsal: {figures}")  # noqa: T201 - the figures are the lane's result
    assert inserted < 5, figures
    assert listed < 2, figures
    assert memory < 150, figures
