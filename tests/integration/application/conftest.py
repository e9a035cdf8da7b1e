"""Use cases over a real database, a rehearsal Google, and sides in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from bridge.application.connecting import Answer, Connecting
from bridge.application.google_account import GoogleSetup
from bridge.application.sides import Sides
from bridge.application.sync_connection import SyncConnection, SyncParts
from bridge.bootstrap.system import RandomIds
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.identifiers import Fencing, GoogleCalendarId
from bridge.domain.sync_settings import SyncSettings
from bridge.domain.users import User
from bridge.google_calendar.addresses import GoogleAddresses, GoogleClient
from bridge.rehearsal.server import RehearsalServer
from bridge.store.cipher import TokenCipher
from bridge.store.database import Database
from bridge.sync.memory import MemoryCollection, Step, Steps
from bridge.sync.model import Side
from bridge.sync.unreached import UnreachedCollection

SETTINGS = SyncSettings(
    incoming_type="meeting",
    outgoing_types=frozenset(kind.key for kind in STOCK_TYPES),
    sync_from=date(2026, 1, 1),
)


@dataclass
class ManualClock:
    """A clock the test moves."""

    at: datetime

    def now(self) -> datetime:
        """Return the time the test says."""
        return self.at

    def advance(self, **span: float) -> None:
        """Move on."""
        self.at += timedelta(**span)


@pytest.fixture
def clock(now: datetime) -> ManualClock:
    """A clock that stands still."""
    return ManualClock(now)


@pytest.fixture
def settings() -> SyncSettings:
    """Options: everything goes out, in two directions."""
    return SETTINGS


@pytest.fixture(scope="module")
def rehearsal() -> Iterator[RehearsalServer]:
    """One rehearsal Google for the tests of a module."""
    with RehearsalServer() as server:
        yield server


@pytest.fixture
def setup(rehearsal: RehearsalServer) -> GoogleSetup:
    """The rehearsal as it would be configured."""
    told = rehearsal.describe()
    return GoogleSetup(
        addresses=GoogleAddresses(
            authorization_url=told.authorization_url,
            token_url=told.token_url,
            revocation_url=told.revocation_url,
            api_url=told.api_url,
        ),
        client=GoogleClient(client_id=told.client_id, client_secret=told.client_secret),
        redirect_uri="http://127.0.0.1:5232/oauth/google/callback",
    )


@pytest.fixture
def cipher() -> TokenCipher:
    """Encrypts with a key of the tests."""
    return TokenCipher(bytes(range(32)))


@pytest.fixture
def connecting(
    database: Database, setup: GoogleSetup, cipher: TokenCipher, clock: ManualClock
) -> Connecting:
    """The use case under test."""
    return Connecting(database, google=setup, cipher=cipher, clock=clock)


@pytest.fixture
def connecting_to(
    database: Database, cipher: TokenCipher, clock: ManualClock
) -> Callable[[GoogleSetup], Connecting]:
    """Return a function that makes the use case for another set-up."""
    return lambda google: Connecting(database, google=google, cipher=cipher, clock=clock)


@pytest.fixture
def consent() -> Callable[..., Answer]:
    """Return what a person does on the consent page: answers it, some boxes unticked."""

    def answer(
        page: str,
        *,
        account: str = "anna@example.com",
        without: str = "",
        decision: str = "allow",
    ) -> Answer:
        parts = urlsplit(page)
        given = parse_qsl(parts.query)
        scopes = dict(given)["scope"].split()
        ticked = [("granted", scope) for scope in scopes if not without or without not in scope]
        fields = [*given, *ticked, ("account", account), ("decision", decision)]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection = HTTPConnection(parts.netloc, timeout=10)
        try:
            connection.request("POST", parts.path, urlencode(fields), headers)
            location = connection.getresponse().headers["Location"]
        finally:
            connection.close()
        back = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        return Answer(
            state=back.get("state", ""), code=back.get("code", ""), error=back.get("error", "")
        )

    return answer


class MemorySides:
    """Both sides in memory, or an error instead of them; `before` may interfere with each step.

    Attributes:
        others: More calendars, beside the activities.
        fencing: What was told of the lease when they were opened last.
    """

    def __init__(self) -> None:
        self.steps = Steps()
        self.activities = MemoryCollection(Side.CALENDAR, "activities", steps=self.steps)
        self.others: tuple[MemoryCollection, ...] = ()
        self.google = MemoryCollection(Side.GOOGLE, "cal", steps=self.steps)
        self.error: Exception | None = None
        self.before: Callable[[Step], None] | None = None
        self.fencing: Fencing | None = None

    @contextmanager
    def __call__(
        self,
        connection: Connection,
        guard: Callable[[], None],
        fencing: Fencing | None = None,
    ) -> Iterator[Sides]:
        """Open them."""
        self.fencing = fencing
        if self.error is not None:
            raise self.error

        def interfere(step: Step) -> None:
            if self.before is not None:
                self.before(step)
            guard()

        self.steps.interfere = interfere
        assert connection.settings is not None
        lens = GoogleLens(
            settings=connection.settings,
            types=STOCK_TYPES,
            calendar_zone="Europe/Prague",
            own_addresses=(connection.account_email,),
        )
        yield Sides(calendar=(self.activities, *self.others), google=self.google, lens=lens)

    @contextmanager
    def alone(
        self,
        connection: Connection,
        guard: Callable[[], None],
        fencing: Fencing | None = None,
    ) -> Iterator[Sides]:
        """Open the calendar's only; whatever is wrong with Google is not met."""
        error, self.error = self.error, None
        with self(connection, guard, fencing) as both:
            self.error = error
            yield replace(both, google=UnreachedCollection(self.google.id))


@pytest.fixture
def sides() -> MemorySides:
    """Two empty sides."""
    return MemorySides()


@pytest.fixture
def connection(database: Database, user: User, now: datetime) -> Connection:
    """Anna's connection, active."""
    with database.write() as work:
        added = work.connections.add(
            user,
            account_email="anna@example.com",
            google_subject="1",
            granted_scopes=frozenset(),
            now=now,
        )
        chosen = replace(added, google_calendar_id=GoogleCalendarId("cal"), settings=SETTINGS)
        active = chosen.moved_to(ConnectionState.ACTIVE)
        work.connections.save(active)
    return active


@pytest.fixture
def parts(database: Database, sides: MemorySides, clock: ManualClock) -> SyncParts:
    """What runs need, under the name of a test."""
    return SyncParts(
        database=database,
        open_sides=sides,
        open_calendar=sides.alone,
        clock=clock,
        ids=RandomIds(),
        owner="test",
        poll_seconds=60,
    )


@pytest.fixture
def runner(parts: SyncParts) -> SyncConnection:
    """The use case under test."""
    return SyncConnection(parts)


@pytest.fixture
def event_text() -> Callable[..., str]:
    """Return the text of an event of one hour."""

    def text(uid: str, title: str = "A title") -> str:
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//tests//EN",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "DTSTAMP:20260101T000000Z",
            "DTSTART:20260305T100000Z",
            "DTEND:20260305T110000Z",
            f"SUMMARY:{title}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
        return "\r\n".join(lines)

    return text
