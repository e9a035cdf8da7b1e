"""The demo as people start it: a process of its own, spoken to over HTTP only."""

from __future__ import annotations

import base64
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

REPOSITORY = Path(__file__).parents[3]
DEMO = ("demo", "--json", "--port", "0", "--google-port", "0")
START_SECONDS = 90
NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).replace(hour=10, minute=0, second=0)


def environment() -> dict[str, str]:
    """Return an environment in which the checkout is what `python -m bridge` finds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRMDAV_")}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}


def command(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run `crmdav` with these arguments and return what came of it."""
    return subprocess.run(
        [sys.executable, "-m", "bridge", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def eventually(look: Callable[[], Any], *, seconds: float = 5.0) -> Any:
    """Return the first true answer, or the last one when the time is over."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: str


def request(
    method: str, url: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """Send one request; redirects are not followed."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=20)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8")
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)
    finally:
        connection.close()


def event_text(uid: str, title: str, *, start: datetime = NEXT_WEEK) -> bytes:
    """Return an event of one hour as a client sends it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//demo//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{title}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines).encode()


def processes() -> Iterator[tuple[int, int, list[str]]]:
    """Iterate over number, parent and arguments of all living processes."""
    if not Path("/proc/self/stat").exists():
        ps = ["/bin/ps", "-axo", "pid=,ppid=,args="]
        for line in subprocess.run(
            ps, capture_output=True, text=True, check=True
        ).stdout.splitlines():
            pid, parent, *arguments = line.split()
            yield int(pid), int(parent), arguments
        return
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            arguments = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue  # it ended while we looked
        if state != "Z":
            yield int(folder.name), int(parent), arguments


class Demo:
    """A running demo and both ways into it."""

    eventually = staticmethod(eventually)
    request = staticmethod(request)
    event_text = staticmethod(event_text)
    next_week = NEXT_WEEK

    @staticmethod
    def alive(pids: list[int]) -> list[int]:
        """Return those of the processes that still run."""
        living = {pid for pid, _, _ in processes()}
        return [pid for pid in pids if pid in living]

    def __init__(self, data: Path) -> None:
        self.data = data
        self.output: list[str] = []
        self._errors = (data.parent / f"{data.name}.stderr").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bridge", *DEMO, "--data", str(data)],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            bufsize=0,  # what is buffered here, `select` does not see
        )
        try:
            self.description: dict[str, Any] = json.loads(self._line())
            assert self._line().strip() == "ready"
        except BaseException:
            self.stop()
            raise
        self.google: dict[str, Any] = self.description["google"]

    def _line(self) -> str:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline().decode() if ready else ""
        assert line, f"the demo printed nothing more; it said: {self.errors}"
        self.output.append(line)
        return line

    @property
    def errors(self) -> str:
        """What it wrote to stderr."""
        self._errors.flush()
        return Path(self._errors.name).read_text(encoding="utf-8")

    @property
    def config(self) -> Path:
        """The configuration file other commands can use."""
        return self.data / "crmdav.toml"

    def children(self, name: str) -> list[int]:
        """Return the process numbers of the children that run this command."""
        return [
            pid
            for pid, parent, arguments in processes()
            if parent == self.process.pid and name in arguments
        ]

    def stop(self) -> tuple[int, float]:
        """Send Ctrl-C and return the exit code and the seconds it took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            code = self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        if not self._errors.closed:
            self._errors.close()
        return code, time.monotonic() - began

    def dav(
        self, method: str, path: str, body: bytes | None = None, *, password: str | None = None
    ) -> Answer:
        """Send a CalDAV request below the user's home."""
        login = self.description["login"]
        pair = f"{login}:{password or self.description['app_password']}"
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        if body is not None:
            headers["Content-Type"] = "text/calendar; charset=utf-8"
        if method in {"PROPFIND", "REPORT"}:
            headers["Depth"] = "1"
        url = f"{self.description['caldav_url']}{login}/{path}"
        return request(method, url, body=body, headers=headers)

    def hrefs(self, collection: str) -> set[str]:
        """Return the names of all objects of a collection."""
        answer = self.dav("PROPFIND", f"{collection}/")
        assert answer.status == 207
        return set(re.findall(r"/([^/<]+\.ics)</", answer.body))

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call the rehearsal's Calendar API as the account's owner."""
        token = self.google["accounts"][0]["access_token"]
        answer = request(
            method,
            f"{self.google['api_url']}/calendar/v3/calendars/{self.calendar}/events{path}",
            body=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        assert answer.status < 300, answer.body
        return json.loads(answer.body) if answer.body else {}

    @property
    def calendar(self) -> str:
        """The connected Google calendar, ready for a path."""
        return quote(self.description["google_calendar_id"], safe="")

    def events(self) -> list[dict[str, Any]]:
        """Return all living events of the connected Google calendar."""
        items: list[dict[str, Any]] = self.api("GET", "?" + urlencode({"maxResults": 2500}))[
            "items"
        ]
        return items

    def event(self, title: str) -> dict[str, Any] | None:
        """Return the only living event of that title, None when there is none."""
        found = [event for event in self.events() if event.get("summary") == title]
        assert len(found) <= 1, found
        return found[0] if found else None

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Use the rehearsal's control surface."""
        answer = request(
            method,
            f"{self.google['root']}/_rehearsal/{path}",
            body=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status < 300, answer.body
        return json.loads(answer.body) if answer.body else {}

    def crmdav(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the demo's data."""
        return command(*arguments, "--config", str(self.config))


@pytest.fixture
def crmdav() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of its own."""
    return command


@pytest.fixture
def web() -> type[Demo]:
    """The ways to ask over HTTP, without a demo."""
    return Demo


@pytest.fixture
def spawn() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start commands that stay; they are killed at the end if they still run."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", "bridge", *arguments], env=environment())
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait(10)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """Start demos that end with the test."""
    running: list[Demo] = []

    def begin(data: Path | None = None) -> Demo:
        demo = Demo(data or tmp_path / "demo")
        running.append(demo)
        return demo

    yield begin
    for demo in running:
        demo.stop()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One running demo for the tests of a module."""
    running = Demo(tmp_path_factory.mktemp("demo") / "data")
    yield running
    running.stop()
