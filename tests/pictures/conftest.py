"""A company whose time stands still: the same people, activities, runs and pages every time.

Everything is real but the time: pages, DAV tree, sync and the rehearsal Google are one process, in
which no clock goes on by itself. The browser reaches the pages by a proxy, so that their address,
which stands on some of them, has no random port in it.
"""

from __future__ import annotations

import threading
from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from http.client import HTTPConnection
from itertools import count
from json import dumps, loads
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import time_machine
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bridge.application.connections import list_connections
from bridge.application.google_account import stored_access
from bridge.application.shares import add_share
from bridge.application.sync_connection import SyncConnection
from bridge.application.users import NewUser, add_user, user_of
from bridge.bootstrap.background import sync_parts
from bridge.bootstrap.core import Core
from bridge.bootstrap.server import web_application
from bridge.cli.demo import connect
from bridge.cli.demo_data import DemoLogin, prepare_data, write_config
from bridge.config import load_settings
from bridge.domain.activity import Activity
from bridge.domain.connection import Connection
from bridge.domain.identifiers import ActivityId
from bridge.domain.spans import TimedSpan
from bridge.domain.users import GrantLevel
from bridge.rehearsal.accounts import add_account
from bridge.rehearsal.oauth.grants import revoke
from bridge.rehearsal.server import RehearsalServer
from bridge.store.secrets import PREFIX_LENGTH
from bridge.sync.session import Session

BASE_URL = "http://crm.example.com"
BEGINNING = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
PASSWORD = "a password for pictures"


class _Quiet(WSGIRequestHandler):
    def log(self, *_args: Any) -> None:
        """Write nothing."""


@dataclass(kw_only=True)
class Company:
    """What the pictures are taken of."""

    core: Core
    google: RehearsalServer
    passwords: dict[str, str]
    port: int

    def run(self, login: str) -> None:
        """Let the worker look at somebody's calendars once."""
        SyncConnection(sync_parts(self.core, "worker")).run(self.connection(login).id)

    def begin(self, login: str, *, activities: int, most: int) -> None:
        """Connect somebody who has so many activities, and write only so many of them."""
        core = self.core
        user = user_of(core.database, login)
        plain = Activity(
            id=ActivityId(0), company_id=user.company_id, owner_id=user.id, type_key="call",
            subject="Call",
        )  # fmt: skip
        with core.database.write([user.id]) as work:
            for number in range(activities):
                start = BEGINNING + timedelta(days=1 + number)
                span = TimedSpan(start=start, end=start + timedelta(minutes=30), zone="UTC")
                work.activities.add(replace(plain, span=span), now=core.clock.now())
        account = add_account(self.google.world, f"{login}@example.com")
        connect(core, login, replace(self.google.describe(), accounts=(account,)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(Session.__init__.__kwdefaults__, "most_to_google", most)
            self.run(login)

    def connection(self, login: str) -> Connection:
        """Return somebody's connection, as it is stored now."""
        (found,) = [each for each in list_connections(self.core.database) if each.login == login]
        return found

    def take_permission_back(self, login: str) -> None:
        """End what somebody allowed at Google, as on the pages of the Google account."""
        core = self.core
        access = stored_access(
            core.database, self.connection(login), google=core.google, cipher=core.keys.tokens
        )
        assert revoke(self.google.world, access.refresh_token)

    def at_google(self, login: str, method: str, event: str = "", **body: Any) -> Any:
        """Do something with the events of somebody's calendar at Google, as that person."""
        calendar = quote(str(self.connection(login).google_calendar_id), safe="")
        address = f"/calendar/v3/calendars/{calendar}/events{event}"
        told = self.google.describe()
        (token,) = [
            each.access_token for each in told.accounts if each.email.startswith(f"{login}@")
        ]
        connection = HTTPConnection(urlsplit(told.root).netloc, timeout=20)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request(method, address, dumps(body) if body else None, headers)
            raw = connection.getresponse().read()
        finally:
            connection.close()
        return loads(raw) if raw else None


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Anna's company after a morning of work, with the clock stopped."""
    folder: Path = tmp_path_factory.mktemp("pictures")
    (folder / "crmdav.key").write_text("5" * 64, encoding="ascii")
    (folder / "crmdav.key").chmod(0o600)
    numbers = count(1)
    with (
        time_machine.travel(BEGINNING, tick=False) as clock,
        pytest.MonkeyPatch.context() as patch,
        _google() as google,
        _server() as (server, serve),
    ):
        patch.setattr("uuid.uuid4", lambda: _Number(next(numbers)))
        for place in ("access_secrets", "calendar_links"):
            patch.setattr(
                f"bridge.application.{place}.new_app_password", lambda: _secret(next(numbers))
            )
        found = _founded(folder, google, server.port)
        serve(web_application(found.core))
        _morning(found, clock)
        yield found
        found.core.database.dispose()


class _Number:
    """Stands for a random UUID: the next number."""

    def __init__(self, number: int) -> None:
        self.hex = f"{number:032x}"

    def __str__(self) -> str:
        return f"00000000-0000-4000-8000-{self.hex[20:]}"


def _secret(number: int) -> tuple[str, str]:
    """Return what stands for a random secret, and its prefix."""
    secret = b32encode(sha1(str(number).encode(), usedforsecurity=False).digest()).decode().lower()
    return secret, secret[:PREFIX_LENGTH]


@contextmanager
def _google() -> Iterator[RehearsalServer]:
    google = RehearsalServer(redirect_uris=[f"{BASE_URL}/oauth/google/callback"])
    google.start()
    try:
        yield google
    finally:
        google.stop()


@contextmanager
def _server() -> Iterator[tuple[BaseWSGIServer, Callable[[Any], None]]]:
    """Listen at once, and serve what is given later: it has to know the port."""
    given: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer: Iterable[bytes] = given[0](environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server, given.append
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _founded(folder: Path, google: RehearsalServer, port: int) -> Company:
    """Return the demo's company, with a colleague who has connected nothing."""
    config = write_config(folder, port=port, google=google.describe())
    own = {
        "CRMDAV_SERVER__BASE_URL": BASE_URL,
        "CRMDAV_WORKER__CALDAV_URL": f"http://127.0.0.1:{port}/dav/",
        "CRMDAV_GOOGLE__PUSH": "off",
    }
    core = Core(settings=load_settings(config, environ=own))
    logins: tuple[DemoLogin, ...] = prepare_data(core, folder)
    new = NewUser(
        login="cleo",
        name="Cleo Novak",
        email="cleo@example.com",
        timezone="Europe/Prague",
        password=PASSWORD,
    )
    add_user(core.database, new, clock=core.clock)
    add_share(core.database, "ben", "anna", level=GrantLevel.READ, clock=core.clock)
    passwords = {each.login: each.password for each in logins} | {"cleo": PASSWORD}
    return Company(core=core, google=google, passwords=passwords, port=port)


def _morning(company: Company, clock: time_machine.Traveller) -> None:
    """Connect Anna and Ben, change things at Google, and take Ben's permission back there."""
    told = company.google.describe()
    for account in told.accounts:
        login = account.email.partition("@")[0]
        connect(company.core, login, replace(told, accounts=(account,)))
        company.run(login)
    clock.shift(1200)
    listed = company.at_google("anna", "GET")["items"]
    named = sorted((each["summary"], each["id"]) for each in listed if "summary" in each)
    company.at_google("anna", "PATCH", f"/{named[0][1]}", summary="Moved to the big room")
    company.at_google("anna", "PATCH", f"/{named[1][1]}", location="Hamngatan 12, Göteborg")
    company.run("anna")
    clock.shift(1200)
    company.at_google("anna", "DELETE", f"/{named[2][1]}")
    company.run("anna")
    company.take_permission_back("ben")
    company.run("ben")


@pytest.fixture(scope="module")
def studio(chromium: Browser, company: Company) -> Iterator[BrowserContext]:
    """A browser that knows the company's address; nobody is signed in."""
    opened = chromium.new_context(
        viewport={"width": 1280, "height": 800},
        locale="en-GB",
        timezone_id="Europe/Berlin",
        reduced_motion="reduce",
        proxy={"server": f"http://127.0.0.1:{company.port}"},
    )
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


@pytest.fixture
def page(studio: BrowserContext) -> Iterator[Page]:
    """A new window of somebody who has not signed in."""
    studio.clear_cookies()
    opened = studio.new_page()
    yield opened
    opened.close()
