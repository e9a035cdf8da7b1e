"""A whole installation that Google's push reaches: server, rehearsal Google, clocks that move."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bridge.application.channel_threads import ChannelThreads
from bridge.application.google_channels import ChannelKeeper
from bridge.application.keys import make_key_file
from bridge.application.users import NewUser, add_user, prepare_installation
from bridge.bootstrap.background import background
from bridge.bootstrap.core import Core
from bridge.bootstrap.google_push import channel_keeper
from bridge.bootstrap.server import web_application
from bridge.cli.demo import connect
from bridge.config import Secret, Settings
from bridge.config.settings import (
    DatabaseSettings,
    GoogleSettings,
    SecretsSettings,
    ServerSettings,
    WorkerSettings,
)
from bridge.domain.connection import Connection
from bridge.domain.google_push import Channel
from bridge.rehearsal.server import RehearsalServer
from bridge.store.google_push import Ended, PushState
from bridge.worker.embedded import EmbeddedWorker, Rhythm

WAIT = 15.0


def eventually(look: Callable[[], Any], *, seconds: float = WAIT) -> Any:
    """Return the first true answer, or the last one when the time is over."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := look()) and time.monotonic() < deadline:
        pause.wait(0.02)
    return found


@dataclass
class MovableClock:
    """The machine's clock with a head start that the test gives it, unless it is told to stand."""

    ahead: timedelta = field(default_factory=timedelta)
    standing: datetime | None = None

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return self.standing or datetime.now(UTC) + self.ahead


class _Quiet(WSGIRequestHandler):
    timeout = 5  # of a connection that is kept but not used

    def log(self, *_args: Any) -> None:
        """Write nothing."""


@dataclass
class Installation:
    """Everything a test looks at."""

    core: Core
    clock: MovableClock
    google: RehearsalServer
    connection: Connection
    server: BaseWSGIServer

    eventually = staticmethod(eventually)

    @property
    def address(self) -> str:
        """Where messages go."""
        return f"http://127.0.0.1:{self.server.port}/google/push"

    @property
    def keeper(self) -> ChannelKeeper:
        """What keeps channels, made anew as by another worker."""
        return channel_keeper(self.core)

    def keep(self) -> None:
        """Look after the channels once, as the worker does when they are due."""
        threads = ChannelThreads(self.keeper)
        threads._begun = True  # as in a worker that runs for a while
        threads.look()
        threads.finish()

    def advance(self, **span: float) -> None:
        """Let time pass, here and at Google."""
        step = timedelta(**span)
        self.clock.ahead += step
        self.control("POST", "clock", advance_seconds=step.total_seconds())

    def control(self, method: str, call: str, **body: Any) -> Any:
        """Use the rehearsal's control surface."""
        return self._google(method, f"/_rehearsal/{call}", body)

    def user(self, method: str, path: str = "", **body: Any) -> Any:
        """Change the calendar as the Google user does."""
        calendar = quote(str(self.present.google_calendar_id), safe="")
        return self._google(method, f"/calendar/v3/calendars/{calendar}/events{path}", body)

    def add_event(self, title: str) -> Any:
        """Let the Google user add an event of tomorrow."""
        day = datetime.now(UTC).date() + timedelta(days=1)
        span = {"start": {"date": f"{day}"}, "end": {"date": f"{day + timedelta(days=1)}"}}
        return self.user("POST", summary=title, **span)

    def _google(self, method: str, path: str, body: dict[str, Any]) -> Any:
        told = self.google.describe()
        connection = HTTPConnection(urlsplit(told.root).netloc, timeout=20)
        headers = {
            "Authorization": f"Bearer {told.accounts[0].access_token}",
            "Content-Type": "application/json",
        }
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        assert answer.status < 300, raw
        return json.loads(raw) if raw else None

    def at_google(self) -> list[dict[str, Any]]:
        """Return the channels as Google knows them, the oldest first."""
        shown: list[dict[str, Any]] = self.control("GET", "channels")
        return shown

    def states(self) -> list[str]:
        """Return how they stand at Google."""
        return [each["state"] for each in self.at_google()]

    def calls(self) -> list[str]:
        """Return what Google was asked about channels since the last clear."""
        asked = [each["path"].rpartition("/")[2] for each in self.control("GET", "requests")]
        return [each for each in asked if each in {"watch", "stop"}]

    @property
    def present(self) -> Connection:
        """The connection as it is stored now."""
        with self.core.database.read() as work:
            found = work.connections.get(self.connection.id)
        assert found is not None
        return found

    @property
    def push(self) -> PushState:
        """How the connection stands with push."""
        with self.core.database.read() as work:
            return work.google_push.state(self.connection.id, self.clock.now())

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels as we know them."""
        with self.core.database.read() as work:
            return tuple(work.google_channels.of(self.connection.id))

    def is_due(self) -> bool:
        """Whether a worker would run the connection now."""
        with self.core.database.read() as work:
            return self.connection.id in work.connections.due(self.clock.now(), 5)

    def rested(self) -> None:
        """Note a run that found nothing, so that nothing is due."""
        with self.core.database.write() as work:
            taken = work.google_push.take(self.connection.id, self.clock.now())
            work.connections.finished(
                self.connection.id,
                now=self.clock.now(),
                next_run_at=self.clock.now() + timedelta(days=99),
                home_revision=2**62,
                error=None,
            )
            ended = Ended(seen=taken.told, missed=0, active_at=None)
            work.google_push.finished(self.connection.id, ended)

    def titles(self) -> set[str]:
        """Return the subjects of the user's activities."""
        with self.core.database.read() as work:
            mine = work.activities.list(self.connection.user_id, limit=100)
        return {each.subject for each in mine}

    def post(self, body: bytes = b"", method: str = "POST", **headers: str) -> int:
        """Send something to the webhook over HTTP and return the status of the answer."""
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        named = {f"X-Goog-{name.replace('_', '-')}": value for name, value in headers.items()}
        try:
            connection.request(method, "/google/push", body, named)
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        return answer.status

    def headers(self, number: int = -1, **others: str) -> dict[str, str]:
        """Return the headers of a message over a channel that Google has opened."""
        shown = self.at_google()[number]
        return {
            "Channel_ID": shown["id"],
            "Channel_Token": shown["token"],
            "Resource_ID": shown["resourceId"],
            "Resource_State": "exists",
            "Message_Number": "7",
        } | others

    def opened(self) -> None:
        """Open a channel, wait for its first message, and let nothing be due."""
        self.keep()
        assert self.eventually(lambda: self.push.heard)
        self.rested()


@pytest.fixture
def google() -> Iterator[RehearsalServer]:
    """A rehearsal Google that sends to http."""
    with RehearsalServer(port=0, allow_http_push=True) as server:
        yield server


@pytest.fixture
def install(
    database_url: str, tmp_path: Path, google: RehearsalServer
) -> Iterator[Callable[..., Installation]]:
    """Return a function that sets everything up and connects Anna's account."""
    made: list[tuple[Core, BaseWSGIServer, threading.Thread]] = []

    def make(*, push: str = "on", poll: float | None = None) -> Installation:
        server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Quiet)
        # At the end requests under way are waited for: their connections are the database's.
        server.daemon_threads, server.block_on_close = False, True
        key_file = tmp_path / "crmdav.key"
        make_key_file(key_file)
        told = google.describe()
        core = Core(
            settings=Settings(
                database=DatabaseSettings(url=database_url),
                server=ServerSettings(bind=f"127.0.0.1:{server.port}"),
                secrets=SecretsSettings(key_file=key_file),
                google=GoogleSettings(
                    client_id=told.client_id,
                    client_secret=Secret(told.client_secret),
                    authorization_url=told.authorization_url,
                    token_url=told.token_url,
                    revocation_url=told.revocation_url,
                    api_url=told.api_url,
                    push=push,
                ),
                worker=WorkerSettings(poll_interval_seconds=poll),
            )
        )
        clock = MovableClock()
        core.__dict__["clock"] = clock
        prepare_installation(core.database, clock=clock)
        add_user(core.database, NewUser(login="anna", name="Anna"), clock=clock)
        server.app = web_application(core)
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        made.append((core, server, serving))
        connection = connect(core, "anna", told)
        return Installation(core, clock, google, connection, server)

    yield make
    for core, server, serving in made:
        server.shutdown()
        serving.join(WAIT)  # with the requests under way
        core.database.dispose()


@pytest.fixture
def installation(install: Callable[..., Installation]) -> Installation:
    """An installation with push on."""
    return install()


@pytest.fixture
def working() -> Iterator[Callable[..., None]]:
    """Return a function that starts a worker; it ends with the test."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def start(installation: Installation) -> None:
        jobs = background(installation.core)
        worker = EmbeddedWorker(jobs, threads=2, rhythm=Rhythm(look=0.05, channels=0.1))
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        threads.append(thread)

    yield start
    stop.set()
    for thread in threads:
        thread.join(WAIT)
        assert not thread.is_alive()
