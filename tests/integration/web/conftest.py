"""The pages over a real database and the rehearsal Google; the calendar side is in memory."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bridge.application.access_secrets import AccessSecrets, SecretKind
from bridge.application.activity_editing import ActivityEditing
from bridge.application.activity_types import ActivityTypes
from bridge.application.agenda import Agendas
from bridge.application.calendar_links import CalendarLinks
from bridge.application.calendar_sync import CalendarSync
from bridge.application.company_health import CompanyHealth
from bridge.application.company_people import CompanyPeople
from bridge.application.company_sharing import CompanySharing
from bridge.application.connecting import Connecting
from bridge.application.event_rules import EventRules
from bridge.application.google_account import GoogleSetup
from bridge.application.held_changes import HeldChanges
from bridge.application.own_account import OwnAccount
from bridge.application.passwords import hash_password
from bridge.application.personal_history import PersonalHistory
from bridge.application.planning import Planning
from bridge.application.sides import Sides
from bridge.application.sign_in import SignIn
from bridge.application.single_dates import SingleDates
from bridge.application.sync_connection import SyncConnection, SyncParts
from bridge.application.undo import Undo
from bridge.bootstrap.system import RandomIds, SystemClock
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.errors import BridgeError
from bridge.google_calendar.addresses import GoogleAddresses, GoogleClient
from bridge.rehearsal.server import RehearsalServer
from bridge.store.cipher import TokenCipher
from bridge.sync.memory import MemoryCollection
from bridge.sync.model import Side
from bridge.sync.unreached import UnreachedCollection
from bridge.web import create_app
from bridge.web.activity_words import ICONS
from bridge.web.services import AdminServices, WebServices

BASE_URL = "http://127.0.0.1:5232"
PASSWORD = "a password for the pages"


@pytest.fixture
def dialect() -> str:
    """The pages say the same on every database; SQLite is the quicker one."""
    return "sqlite"


@pytest.fixture(scope="module")
def rehearsal() -> Iterator[RehearsalServer]:
    """A rehearsal Google on loopback."""
    server = RehearsalServer(port=0)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class MemorySides:
    """Opens sides in memory, so that plans need no servers; `trouble` is raised instead."""

    calendar: MemoryCollection = field(
        default_factory=lambda: MemoryCollection(Side.CALENDAR, "activities")
    )
    others: tuple[MemoryCollection, ...] = ()
    google: MemoryCollection = field(default_factory=lambda: MemoryCollection(Side.GOOGLE, "g"))
    trouble: BridgeError | None = None

    @contextmanager
    def alone(self, connection, guard, fencing=None):
        """Open the calendar's only; no trouble of Google's is met there."""
        with MemorySides(calendar=self.calendar)(connection, guard, fencing) as sides:
            yield replace(sides, google=UnreachedCollection(self.google.id))

    @contextmanager
    def __call__(self, connection, guard, fencing=None):
        """Open them, as a request would have to."""
        guard()
        if self.trouble is not None:
            raise self.trouble
        lens = GoogleLens(
            settings=connection.settings,
            types=STOCK_TYPES,
            calendar_zone=connection.google_calendar_zone,
        )
        yield Sides(calendar=(self.calendar, *self.others), google=self.google, lens=lens)


@pytest.fixture
def sides() -> MemorySides:
    """Both sides, empty."""
    return MemorySides()


@pytest.fixture
def app(database, rehearsal, sides, runner):
    """The Flask application, wired like the real one."""
    told = rehearsal.describe()
    clock = SystemClock()
    setup = GoogleSetup(
        addresses=GoogleAddresses(
            authorization_url=told.authorization_url,
            token_url=told.token_url,
            revocation_url=told.revocation_url,
            api_url=told.api_url,
        ),
        client=GoogleClient(client_id=told.client_id, client_secret=told.client_secret),
        redirect_uri=f"{BASE_URL}/oauth/google/callback",
    )
    connecting = Connecting(database, google=setup, cipher=TokenCipher(bytes(32)), clock=clock)
    planning = Planning(database, open_sides=sides, clock=clock, ids=RandomIds())
    return create_app(
        WebServices(
            sign_in=SignIn(database, clock=clock),
            calendar_sync=CalendarSync(
                database, connecting=connecting, planning=planning, clock=clock
            ),
            event_rules=EventRules(
                database,
                google=setup,
                cipher=TokenCipher(bytes(32)),
                event_key=bytes(32),
                clock=clock,
            ),
            held_changes=HeldChanges(database, clock=clock),
            calendar_links=CalendarLinks(database, key=b"links", base_url=BASE_URL, clock=clock),
            app_passwords=AccessSecrets(
                database, SecretKind.APP_PASSWORD, key=b"secrets", clock=clock
            ),
            agendas=Agendas(database, clock=clock),
            activity_editing=ActivityEditing(database, clock=clock),
            single_dates=SingleDates(database, clock=clock),
            history=PersonalHistory(database),
            undo=Undo(database, sync=runner),
            own_account=OwnAccount(database),
            admin=AdminServices(
                people=CompanyPeople(database, connecting=connecting, clock=clock),
                sharing=CompanySharing(database, clock=clock),
                types=ActivityTypes(database, icons=ICONS),
                health=CompanyHealth(database, google=setup, connecting=connecting, clock=clock),
            ),
            base_url=BASE_URL,
            caldav_url=f"{BASE_URL}/dav/",
            consent_url=told.authorization_url,
            flash_key=b"flash",
        )
    )


@pytest.fixture
def runner(database, sides) -> SyncConnection:
    """What the worker would run, on the same sides."""
    return SyncConnection(
        SyncParts(
            database=database,
            open_sides=sides,
            open_calendar=sides.alone,
            clock=SystemClock(),
            ids=RandomIds(),
            owner="test",
            poll_seconds=60.0,
        )
    )


@dataclass
class Browser:
    """A person's browser on our pages."""

    client: FlaskClient

    def get(self, path: str, **more) -> TestResponse:
        """Follow a link, without following redirects."""
        return self.client.get(path, base_url=BASE_URL, **more)

    def post(self, path: str, **form) -> TestResponse:
        """Send a form with the session's CSRF token, as a page's own form would."""
        token = form.pop("csrf_token", None)
        if token is None:
            token = self.csrf_token()
        return self.client.post(
            path,
            base_url=BASE_URL,
            data={**form, "csrf_token": token},
            headers={"Origin": BASE_URL},
        )

    def csrf_token(self) -> str:
        """Read the token off the page's own form."""
        found = re.search(
            r'name="csrf_token" value="([^"]+)"', self.text("/settings/calendar-sync")
        )
        return html.unescape(found[1]) if found else ""

    def text(self, path: str) -> str:
        """Return what the page says."""
        return self.get(path).get_data(as_text=True)

    def sign_in(self, login: str = "anna", password: str = PASSWORD) -> TestResponse:
        """Send the sign-in form."""
        return self.client.post(
            "/sign-in", base_url=BASE_URL, data={"login": login, "password": password}
        )


@pytest.fixture
def browser(app, user, database) -> Browser:
    """A browser of nobody yet; `user` has a password."""
    with database.write() as work:
        work.users.set_password(user.id, hash_password(PASSWORD))
    return Browser(app.test_client())


class _Stay(HTTPRedirectHandler):
    """Shows where it is sent instead of going there."""

    def redirect_request(self, *_args, **_more):
        return None


def consent(target: str, *, decision: str = "allow", without: str = "") -> str:
    """Fill in Google's consent page as a person would; return the path it sends the browser to."""
    opener = build_opener(_Stay)
    with opener.open(target, timeout=10) as page:
        body = page.read().decode()
    pairs = re.findall(r'<input type="(?:hidden|checkbox)" name="([^"]+)" value="([^"]*)"', body)
    pairs += re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)" checked', body)
    fields = [(html.unescape(name), html.unescape(value)) for name, value in pairs]
    fields = [
        (name, value)
        for name, value in fields
        if not (without and name == "granted" and without in value)
    ]
    fields.append(("decision", decision))
    parts = urlsplit(target)
    request = Request(
        f"{parts.scheme}://{parts.netloc}{parts.path}", data=urlencode(fields).encode()
    )
    try:
        with opener.open(request, timeout=10):
            raise AssertionError("the consent page did not send the browser back")
    except HTTPError as answer:
        with answer:
            back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


@pytest.fixture
def connected(browser, through_google) -> Browser:
    """A browser whose person signed in and passed Google's consent page."""
    browser.sign_in()
    page = "/settings/calendar-sync"
    target = browser.post(f"{page}/account", step="continue", account="anna@example.com")
    assert browser.get(through_google(target.headers["Location"])).status_code == 302
    return browser


@pytest.fixture
def through_google():
    """Return the function that passes the consent page."""
    return consent
