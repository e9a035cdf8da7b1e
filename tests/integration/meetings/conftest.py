"""Colleagues who each sync their own Google account, over our server and a rehearsal Google."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from bridge.application.calendar_sync import CalendarSync
from bridge.application.keys import make_key_file
from bridge.application.sync_connection import SyncConnection
from bridge.application.users import prepare_installation
from bridge.bootstrap.background import planning, sync_parts
from bridge.bootstrap.core import Core
from bridge.bootstrap.server import web_application
from bridge.cli.consent_walk import allow
from bridge.config import Secret, Settings
from bridge.config.settings import (
    DatabaseSettings,
    GoogleSettings,
    SecretsSettings,
    ServerSettings,
)
from bridge.domain.activity import Activity
from bridge.domain.connection import Connection, Farewell
from bridge.domain.identifiers import CompanyId
from bridge.domain.sync_settings import SyncSettings
from bridge.domain.users import Role, User
from bridge.rehearsal.server import RehearsalServer
from bridge.store.agenda import Stretch
from bridge.store.calendar_values import StoredObject
from bridge.sync.report import RunReport

WAIT = 15.0
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=10, minute=0, second=0)


class _Quiet(WSGIRequestHandler):
    timeout = 5  # of a connection that is kept but not used

    def log(self, *_args: Any) -> None:
        """Write nothing."""


def times(start: datetime) -> dict[str, Any]:
    """Return start and end of an hour as Google's event says them."""
    return {
        "start": {"dateTime": f"{start:%Y-%m-%dT%H:%M:%SZ}"},
        "end": {"dateTime": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"},
    }


@dataclass
class Office:
    """The installation, and Google as those see it who work there."""

    core: Core
    google: RehearsalServer
    syncs: dict[str, Connection] = field(default_factory=dict)
    tomorrow: datetime = TOMORROW

    def join(self, name: str, company: str = "Acme") -> Connection:
        """Add a user, connect the account of that name, and choose its first calendar."""
        email = f"{name}@example.com"
        with self.core.database.write() as work:
            companies = {each.name: each.id for each in work.companies.list()}
            if company not in companies:
                companies[company] = work.companies.add(company, self.core.clock.now()).id
            user = self._add_user(work, companies[company], name, email)
        return self.connect(user, email)

    def _add_user(self, work: Any, company_id: CompanyId, name: str, email: str) -> User:
        user: User = work.users.add(
            company_id,
            name,
            name=name.capitalize(),
            email=email,
            timezone="Europe/Prague",
            role=Role.USER,
            password_hash=None,
            now=self.core.clock.now(),
        )
        return user

    def connect(self, user: User, email: str) -> Connection:
        """Go through Google's consent page, and start with the account's own calendar."""
        connecting = self.core.connecting
        page = connecting.begin(user, session_digest="tests", login_hint=email)
        new = connecting.finish(user, allow(page, account=email), session_digest="tests")
        (calendar,) = (each for each in connecting.calendars(new) if each.id == email)
        today = self.core.clock.now().date()
        settings = SyncSettings(
            incoming_type="meeting", outgoing_types=frozenset({"meeting"}), sync_from=today
        )
        self.syncs[user.login] = connecting.choose_and_start(
            new, calendar=calendar, settings=settings
        )
        return self.syncs[user.login]

    def run(self, *names: str) -> None:
        """Let the workers of these users run, one after the other, until nothing is left to do."""
        for name in names:
            for _ in range(4):
                if self.run_once(name).done == 0:
                    break

    def run_once(self, name: str) -> RunReport:
        """Run one connection once."""
        report = SyncConnection(sync_parts(self.core, "tests")).run(self.syncs[name].id)
        assert report.stopped_by is None
        return report

    def run_together(self, *names: str) -> None:
        """Let several workers run at the same moment."""
        start, failed = threading.Barrier(len(names)), []

        def work(name: str) -> None:
            start.wait(WAIT)
            try:
                self.run_once(name)
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failed == []

    def farewell(self, name: str) -> None:
        """Stop a sync, and take away here what came from Google."""
        use = CalendarSync(
            self.core.database,
            connecting=self.core.connecting,
            planning=planning(self.core),
            clock=self.core.clock,
        )
        user, number = self.user(name), self.syncs[name].id
        use.stop(user)
        plan = use.farewell_plan(user, number, Farewell.INCOMING)
        use.take_away(user, number, Farewell.INCOMING, fingerprint=plan.fingerprint)
        self.run_once(name)

    def act(self, name: str, act: str, **more: Any) -> Any:
        """Let a person do something on Google's page."""
        return self.control("acts", account=f"{name}@example.com", act=act, **more)

    def events(self, name: str) -> Sequence[dict[str, Any]]:
        """Return the events of a person's calendar at Google."""
        email = f"{name}@example.com"
        (account,) = (one for one in self.google.describe().accounts if one.email == email)
        headers = {"Authorization": f"Bearer {account.access_token}"}
        path = f"/calendar/v3/calendars/{quote(email)}/events"
        found: Sequence[dict[str, Any]] = self._ask("GET", path, None, headers)["items"]
        return found

    def control(self, call: str, **body: Any) -> Any:
        """Use the rehearsal's control surface."""
        headers = {"Content-Type": "application/json"}
        return self._ask("POST", f"/_rehearsal/{call}", json.dumps(body), headers)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Any:
        connection = HTTPConnection(urlsplit(self.google.describe().root).netloc, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        assert answer.status == 200, raw
        return json.loads(raw)

    def invite(self, host: str, *guests: str, **fields: Any) -> str:
        """Let a person make a meeting; return the event's id, the same in every guest's copy."""
        told = {
            "summary": "Kick-off",
            **times(self.tomorrow),
            "attendees": [{"email": f"{guest}@example.com"} for guest in guests],
            **fields,
        }
        event: str = self.act(host, "add", fields=told)["id"]
        return event

    def user(self, name: str) -> User:
        """Return a user by login."""
        with self.core.database.read() as work:
            found = work.users.by_login(name)
        assert found is not None
        return found

    def activities(self, *names: str) -> Sequence[Activity]:
        """Return the living activities of these users."""
        with self.core.database.read() as work:
            return [one for name in names for one in work.activities.list(self._id(name))]

    def objects(self, name: str) -> Sequence[StoredObject]:
        """Return what the user's first calendar holds."""
        with self.core.database.read() as work:
            calendar = work.calendars.calendar(self._id(name), "activities")
            assert calendar is not None
            return work.calendars.objects(calendar)

    def titles(self, name: str) -> Sequence[str]:
        """Return the titles that the user sees on the Activities page."""
        start = self.tomorrow - timedelta(days=1)
        stretch = Stretch(start=start, end=start + timedelta(days=30), zone="Europe/Prague")
        with self.core.database.read() as work:
            return [each.subject for each in work.agenda.between(self._id(name), stretch).entries]

    def _id(self, name: str) -> Any:
        return self.syncs[name].user_id


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Anna, Ben and Cyril of one company, each with a connection that never ran yet."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Quiet)
    # At the end requests under way are waited for: their connections are the database's.
    server.daemon_threads, server.block_on_close = False, True
    key_file = tmp_path / "crmdav.key"
    make_key_file(key_file)
    with RehearsalServer(port=0) as google:
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
                    push="off",
                ),
            )
        )
        prepare_installation(core.database, clock=core.clock)
        server.app = web_application(core)
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        office = Office(core, google)
        yield office
        server.shutdown()
        serving.join(WAIT)  # with the requests under way
        core.database.dispose()


@pytest.fixture
def joined(office: Office) -> Callable[..., Office]:
    """Return a function that lets people of one company join."""

    def join(*names: str, company: str = "Acme") -> Office:
        for name in names:
            if name not in {"anna", "ben"}:  # the rehearsal has these two from the start
                office.control("accounts", email=f"{name}@example.com")
            office.join(name, company)
        return office

    return join
