"""Two Googles: the rehearsal one, and one that says what it is told.

The second is for answers no well-behaved server gives.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest

from bridge.google_calendar.access import GoogleAccess
from bridge.google_calendar.addresses import GoogleAddresses, GoogleClient
from bridge.google_calendar.collection import GoogleCollection
from bridge.google_calendar.oauth import AccessToken
from bridge.google_calendar.session import GoogleCalendar, GoogleSession
from bridge.rehearsal.server import RehearsalServer

INSTALL_KEY = bytes(range(32))
CLIENT = GoogleClient(client_id="client", client_secret="client-secret")


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        """The body read as a form."""
        return {name: values[0] for name, values in parse_qs(self.body).items()}


@dataclass
class ScriptedGoogle:
    """Answers in the order they were prepared.

    An answer is `(status, body)`, `(status, body, headers)`, `closed` (the connection ends without
    an answer), `silent` (no answer until the client gives up), bytes sent as they are, or a
    function from the request to one of these.
    """

    answers: list[Any] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def addresses(self) -> GoogleAddresses:
        """Everything on this one server."""
        root = f"http://127.0.0.1:{self.port}"
        return GoogleAddresses(
            authorization_url=f"{root}/o/oauth2/v2/auth",
            token_url=f"{root}/token",
            revocation_url=f"{root}/revoke",
            api_url=root,
        )


class _Handler(BaseHTTPRequestHandler):
    """Serves one connection of the scripted Google its server carries."""

    protocol_version = "HTTP/1.1"

    def _exchange(self):
        google = self.server.google
        asked = self._read()
        google.asked.append(asked)
        answer = google.answers.pop(0) if google.answers else (500, "nothing prepared")
        if callable(answer):
            answer = answer(asked)
        if answer == "silent":
            google.released.wait(10)
        if isinstance(answer, tuple):
            self._say(*answer)
            return
        self.close_connection = True
        if isinstance(answer, bytes):
            self.wfile.write(answer)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _exchange  # noqa: N815 - the names http.server looks for

    def _read(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Asked(self.command, url.path, query, headers, body)

    def _say(self, status, body="", headers=()):
        raw = (json.dumps(body) if isinstance(body, dict | list) else body).encode()
        self.send_response(status)
        sent = {
            "Content-Type": "application/json",
            "Content-Length": str(len(raw)),
            **dict(headers),
        }
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args):
        pass


class _Server(ThreadingHTTPServer):
    google: ScriptedGoogle


@pytest.fixture
def scripted_google() -> Iterator[ScriptedGoogle]:
    """Return a running scripted Google."""
    google = ScriptedGoogle()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.google = google
    google.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield google
    google.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def scripted_session(scripted_google: ScriptedGoogle) -> Iterator[GoogleSession]:
    """Return a session whose access token is still good, on the scripted Google."""
    token = AccessToken(token="at-1", expires_at=datetime.now(UTC) + timedelta(hours=1))
    access = GoogleAccess(
        addresses=scripted_google.addresses,
        client=CLIENT,
        refresh_token="rt-1",
        access_token=token,
    )
    session = GoogleSession(access, timeout_seconds=1)
    yield session
    session.close()


class RehearsedGoogle:
    """The rehearsal Google over HTTP, with its control surface and a Google user's own hands."""

    def __init__(self, server: RehearsalServer) -> None:
        told = server.describe()
        self.root = told.root
        self.account = told.accounts[0]
        self.client = GoogleClient(client_id=told.client_id, client_secret=told.client_secret)
        self.addresses = GoogleAddresses(
            authorization_url=told.authorization_url,
            token_url=told.token_url,
            revocation_url=told.revocation_url,
            api_url=told.api_url,
        )

    def control(self, verb: str, call: str, **body: Any) -> Any:
        """Call the control surface and return its answer."""
        return self._exchange(verb, f"/_rehearsal/{call}", body or None)

    def fail(self, fault: str, *, path: str = "", method: str = "", times: int = 1) -> None:
        """Let the next matching requests fail."""
        wanted = {"fault": fault, "times": times}
        if path:
            wanted["path_contains"] = path
        if method:
            wanted["method"] = method
        self.control("POST", "faults", **wanted)

    def fail_part(self, fault: str, *, method: str = "", times: int = 1, after: int = 0) -> None:
        """Let the next matching parts of batches fail."""
        self.control(
            "POST", "faults", fault=fault, method=method, times=times, after=after, parts=True
        )

    def requests(self) -> list[dict[str, Any]]:
        """Return what was asked of the API since the last clear."""
        shown: list[dict[str, Any]] = self.control("GET", "requests")
        return shown

    def clear(self) -> None:
        """Forget what was asked."""
        self.control("DELETE", "requests")

    def user(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Do something as the account's owner would, through the API with the printed token."""
        return self._exchange(method, f"/calendar/v3/{path}", body)

    def _exchange(self, method: str, path: str, body: Any) -> Any:
        request = Request(
            self.root + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.account.access_token}",
                "Content-Type": "application/json",
            },
        )
        with urlopen(request, timeout=10) as answer:
            raw = answer.read()
        return json.loads(raw) if raw else None


@pytest.fixture
def google() -> Iterator[RehearsedGoogle]:
    """Return a running rehearsal Google."""
    with RehearsalServer(port=0) as server:
        yield RehearsedGoogle(server)


@pytest.fixture
def google_session(google: RehearsedGoogle) -> Iterator[GoogleSession]:
    """Return a session of the first account."""
    token = AccessToken(
        token=google.account.access_token, expires_at=datetime.now(UTC) + timedelta(days=1)
    )
    access = GoogleAccess(
        addresses=google.addresses,
        client=google.client,
        refresh_token="none",
        access_token=token,
    )
    session = GoogleSession(access, timeout_seconds=8)
    yield session
    session.close()


@pytest.fixture
def google_calendar(google_session: GoogleSession) -> GoogleCalendar:
    """Return a new calendar of the account."""
    made = google_session.create_calendar("CRM", "Europe/Berlin")
    return google_session.calendar(made.id)


@pytest.fixture
def google_collection(
    google: RehearsedGoogle, google_session: GoogleSession, google_calendar: GoogleCalendar
) -> GoogleCollection:
    """Return the collection over that calendar; nothing is logged of its making."""
    google.clear()
    return GoogleCollection(google_session, google_calendar, install_key=INSTALL_KEY)
