"""A CRM with two companies behind our DAV application, and a client that speaks HTTP to it."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import pytest

from bridge.domain.users import Role, User
from bridge.store.database import Database
from bridge.store.secrets import digest, new_app_password
from radicale_plugin.limits import DavLimits
from radicale_plugin.wsgi import WsgiApplication, build_application

SECRET_KEY = b"s" * 32
WORKER_KEY = b"w" * 32
SPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:CS="http://calendarserver.org/ns/" xmlns:I="http://apple.com/ns/ical/"'
)
D, C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
LIMITS = DavLimits(max_object_bytes=200_000)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request got."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def xml(self) -> ET.Element:
        """The body as XML."""
        return ET.fromstring(self.body)  # noqa: S314 - our own answer

    @property
    def condition(self) -> str:
        """Local name of the precondition element of an error body."""
        return self.xml[0].tag.partition("}")[2]

    @property
    def etag(self) -> str:
        """The ETag header, quoted."""
        return self.headers["ETag"]

    def hrefs(self, status: int | None = None) -> list[str]:
        """Return the paths in a multistatus, or those with this status only."""
        found = []
        for response in self.xml.findall(f"{D}response"):
            own = response.find(f"{D}status")
            code = 200 if own is None else int(own.text.split()[1])
            if status in (None, code):
                found.append(response.findtext(f"{D}href"))
        return found

    def text_of(self, name: str) -> str | None:
        """Return the text of the first element of that Clark name."""
        found = next(self.xml.iter(name), None)
        return None if found is None else found.text


@dataclass(slots=True)
class DavClient:
    """Sends requests to a WSGI application as one user."""

    application: WsgiApplication
    login: str = ""
    password: str = ""
    defaults: dict[str, Any] = field(default_factory=dict)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | str = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request below /dav and return the answer.

        Args:
            method: HTTP method.
            path: Decoded path below the prefix, or a whole one beginning with /dav.
            body: Request body.
            headers: Further headers.
        """
        raw = body.encode() if isinstance(body, str) else body
        whole = path if path.startswith("/dav") else f"/dav{path}"
        environ: dict[str, Any] = {"SCRIPT_NAME": "", "REMOTE_ADDR": "127.0.0.1", **self.defaults}
        environ |= {
            "REQUEST_METHOD": method,
            "PATH_INFO": whole.encode().decode("latin-1"),
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.input": io.BytesIO(raw),
        }
        setup_testing_defaults(environ)
        if self.login:
            pair = b64encode(f"{self.login}:{self.password}".encode()).decode()
            environ["HTTP_AUTHORIZATION"] = f"Basic {pair}"
        for name, value in (headers or {}).items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        told: list[Any] = []
        pieces = self.application(environ, lambda status, fields: told.extend([status, fields]))
        return Answer(int(told[0][:3]), dict(told[1]), b"".join(pieces))

    def put(self, path: str, text: str, **headers: str) -> Answer:
        """PUT a calendar object; header names with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("PUT", path, text, {"Content-Type": "text/calendar", **named})

    def get(self, path: str) -> Answer:
        """GET a resource."""
        return self.request("GET", path)

    def propfind(self, path: str, props: str, depth: str = "0") -> Answer:
        """Ask for properties, given as XML elements."""
        body = f"<D:propfind {SPACES}><D:prop>{props}</D:prop></D:propfind>"
        return self.request("PROPFIND", path, body, {"Depth": depth})

    def sync(self, path: str, token: str = "") -> Answer:
        """Ask what changed since the token."""
        body = (
            f"<D:sync-collection {SPACES}><D:sync-token>{token}</D:sync-token>"
            "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
        )
        return self.request("REPORT", path, body)

    def query(self, path: str, filters: str, data: str = "<C:calendar-data/>") -> Answer:
        """Ask for what matches a filter inside VCALENDAR."""
        body = (
            f"<C:calendar-query {SPACES}><D:prop><D:getetag/>{data}</D:prop><C:filter>"
            f'<C:comp-filter name="VCALENDAR">{filters}</C:comp-filter></C:filter>'
            "</C:calendar-query>"
        )
        return self.request("REPORT", path, body)

    def multiget(self, path: str, *hrefs: str) -> Answer:
        """Ask for these whole paths."""
        named = "".join(f"<D:href>{quote(href)}</D:href>" for href in hrefs)
        body = (
            f"<C:calendar-multiget {SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>"
            f"{named}</C:calendar-multiget>"
        )
        return self.request("REPORT", path, body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crm:
    """Users of two companies, each with an app password."""

    database: Database
    users: Mapping[str, User]
    passwords: Mapping[str, str]
    application: WsgiApplication

    def client(self, login: str) -> DavClient:
        """Return a client signed in as the user."""
        return DavClient(self.application, login, self.passwords[login])


@pytest.fixture(scope="session")
def dav_world() -> Callable[[Database, Any], Crm]:
    """Return `make_crm`, for tests that share one database."""
    return make_crm


@pytest.fixture
def crm(database, now) -> Crm:
    """Anna and Bob of Acme, Carl of Bolt."""
    return make_crm(database, now)


def make_crm(database: Database, now: Any) -> Crm:
    """Fill a database with two companies and three users, and put our application before it."""
    users, passwords = {}, {}
    with database.write() as work:
        work.installation.ensure(now)
        acme, bolt = work.companies.add("Acme", now), work.companies.add("Bolt", now)
        for login, company in (("anna", acme), ("bob", acme), ("carl", bolt)):
            users[login] = work.users.add(
                company.id,
                login,
                name=login.title(),
                email=f"{login}@example.com",
                timezone="Europe/Prague",
                role=Role.USER,
                password_hash=None,
                now=now,
            )
            passwords[login], prefix = new_app_password()
            proof = digest(SECRET_KEY, passwords[login])
            work.app_passwords.add(users[login], "phone", prefix, proof, now)
    application = build_application(
        database=database, secret_key=SECRET_KEY, worker_key=WORKER_KEY, limits=LIMITS
    )
    return Crm(database=database, users=users, passwords=passwords, application=application)


@pytest.fixture
def anna(crm) -> DavClient:
    """A client of Anna's."""
    return crm.client("anna")


@pytest.fixture
def event():
    """Make texts of events."""
    return make_event


@pytest.fixture
def todo():
    """Make texts of to-dos."""
    return make_todo


def make_event(
    uid: str = "one", summary: str = "Coffee", start: str = "20260302T090000Z", *more: str
) -> str:
    """Return an event of one hour as a client would write it."""
    end = start[:9] + f"{int(start[9:11]) + 1:02d}" + start[11:]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//client//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260301T000000Z",
        f"DTSTART:{start}",
        f"DTEND:{end}",
        f"SUMMARY:{summary}",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def make_todo(uid: str = "task", *more: str) -> str:
    """Return a to-do as a client would write it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//client//EN",
        "BEGIN:VTODO",
        f"UID:{uid}",
        "DTSTAMP:20260301T000000Z",
        "SUMMARY:Call back",
        *more,
        "END:VTODO",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)
