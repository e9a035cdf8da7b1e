"""A whole server with WebDAV-Push switched on, a push service on loopback, and a phone."""

from __future__ import annotations

import io
import json
import threading
import time
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bridge.application.keys import make_key_file
from bridge.bootstrap.core import Core
from bridge.bootstrap.push import push_delivery
from bridge.bootstrap.server import web_application
from bridge.config import Settings
from bridge.config.settings import DatabaseSettings, PushSettings, SecretsSettings
from bridge.domain.users import Role, User
from bridge.domain.web_push import decode_base64url, encode_base64url
from bridge.store.secrets import digest, new_app_password

P, D = "{https://bitfire.at/webdav-push}", "{DAV:}"
CONTACT = "mailto:admin@example.com"


@dataclass
class FakeClock:
    """A clock that stands until it is moved."""

    present: datetime

    def now(self) -> datetime:
        """Return the present time."""
        return self.present

    def advance(self, **amount: float) -> None:
        """Move on by an amount as `timedelta` takes it."""
        self.present += timedelta(**amount)


@dataclass(frozen=True)
class Received:
    """A request as it reached the push service."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class PushService:
    """Takes messages on loopback, and answers as the test says."""

    status: int = 201
    answer_headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    origin: str = ""

    def wait(self, count: int, seconds: float = 5.0) -> list[Received]:
        """Wait until that many messages are there, and return what is there then."""
        deadline = time.monotonic() + seconds
        while len(self.received) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return list(self.received)


@pytest.fixture
def push_service() -> Iterator[PushService]:
    """A push service on loopback."""
    service = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.received.append(Received(self.path, dict(self.headers), body))
            self.send_response(service.status)
            for name, value in service.answer_headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield service
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Phone:
    """The keys of a calendar program, which reads what was sent to it."""

    address: str
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    auth: bytes = b"0123456789abcdef"

    @property
    def public(self) -> bytes:
        """The public key as the server is told."""
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self, **changed: str) -> str:
        """Return the `web-push-subscription`, with parts changed, or left out where empty."""
        parts = {
            "push-resource": self.address,
            "content-encoding": "aes128gcm",
            "subscription-public-key": encode_base64url(self.public),
            "auth-secret": encode_base64url(self.auth),
            **{name.replace("_", "-"): value for name, value in changed.items()},
        }
        told = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items() if text)
        return f"<subscription><web-push-subscription>{told}</web-push-subscription></subscription>"

    def read(self, message: Received) -> ET.Element:
        """Decrypt a message (RFC 8291 section 3.4) and return its root element."""
        salt, size, length = message.body[:16], message.body[16:20], message.body[20]
        assert int.from_bytes(size, "big") >= len(message.body) - 21 - length
        theirs, sealed = message.body[21 : 21 + length], message.body[21 + length :]
        shared = self.key.exchange(
            ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), theirs)
        )
        info = b"WebPush: info\x00" + self.public + theirs
        secret = hkdf(shared, self.auth, info, 32)
        key = hkdf(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = hkdf(secret, salt, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert plain.endswith(b"\x02")
        return ET.fromstring(plain[:-1])  # noqa: S314 - our own message


def hkdf(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """Derive a key (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)


def read_token(header: str) -> tuple[dict[str, Any], str]:
    """Check the signature of a VAPID header and return its claims and our public key."""
    fields = dict(part.split("=", 1) for part in header.removeprefix("vapid ").split(", "))
    head, claims, signature = fields["t"].split(".")
    raw = decode_base64url(signature)
    both = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decode_base64url(fields["k"]))
    key.verify(encode_dss_signature(*both), f"{head}.{claims}".encode(), ECDSA(SHA256()))
    return json.loads(decode_base64url(claims)), fields["k"]


@dataclass(frozen=True)
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
        """Clark name of the precondition element."""
        return self.xml[0].tag


@dataclass
class Client:
    """Speaks HTTP to the whole application as one user."""

    application: Any
    login: str
    password: str

    def request(
        self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request and return the answer."""
        raw = body.encode()
        scheme, divider, rest = path.partition("://")
        whole = f"/{rest.partition('/')[2]}" if divider else path
        del scheme
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": whole,
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "crm.example.com",
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.input": io.BytesIO(raw),
        }
        setup_testing_defaults(environ)
        if self.login:
            pair = b64encode(f"{self.login}:{self.password}".encode()).decode()
            environ["HTTP_AUTHORIZATION"] = f"Basic {pair}"
        for name, value in (headers or {}).items():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        told: list[Any] = []
        pieces = self.application(environ, lambda status, fields: told.extend([status, fields]))
        return Answer(int(told[0][:3]), dict(told[1]), b"".join(pieces))

    def register(
        self,
        phone: Phone,
        path: str = "",
        *,
        triggers: str = "<content-update/>",
        expires: str = "",
        subscription: str | None = None,
    ) -> Answer:
        """Register the phone for a calendar, the user's activities when none is named."""
        told = phone.subscription() if subscription is None else subscription
        until = f"<expires>{expires}</expires>" if expires else ""
        wanted = f"<trigger>{triggers}</trigger>" if triggers else ""
        body = f'<push-register xmlns="{P[1:-1]}">{told}{wanted}{until}</push-register>'
        return self.request("POST", path or f"/dav/{self.login}/activities/", body)

    def put(self, name: str, text: str = "x", **headers: str) -> Answer:
        """Write an event of that name in the user's activities."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        path = f"/dav/{self.login}/activities/{name}.ics"
        return self.request("PUT", path, event(name, text), named)

    def properties(self, path: str, *names: str) -> dict[str, ET.Element]:
        """Return those of the properties that are there, by Clark name."""
        asked = "".join(
            f'<x:{name[1:].partition("}")[2]} xmlns:x="{name[1:].partition("}")[0]}"/>'
            for name in names
        )
        body = f'<propfind xmlns="DAV:"><prop>{asked}</prop></propfind>'
        answer = self.request("PROPFIND", path, body, {"Depth": "0"})
        assert answer.status == 207
        found = {}
        for part in answer.xml.iter(f"{D}propstat"):
            if " 200 " in (part.findtext(f"{D}status") or ""):
                found.update({each.tag: each for each in part.find(f"{D}prop") or ()})
        return found


def event(uid: str, summary: str) -> str:
    """Return an event's text."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260302T090000Z",
        "DTSTART:20260303T090000Z",
        "DTEND:20260303T100000Z",
        f"SUMMARY:{summary}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines)


@dataclass
class Installation:
    """A server, its worker's deliveries, and its people."""

    core: Core
    clock: FakeClock
    application: Any
    users: dict[str, User]
    passwords: dict[str, str]

    def client(self, login: str = "anna") -> Client:
        """Return a client signed in as the user."""
        return Client(self.application, login, self.passwords.get(login, ""))

    def deliver(self) -> None:
        """Do what the worker does once, and wait for the outcome."""
        delivery = push_delivery(self.core)
        assert delivery is not None
        delivery.look()
        delivery.finish()

    def rows(self) -> list[Any]:
        """Return what is stored of subscriptions."""
        with self.core.database.read() as work:
            return list(work.connection.exec_driver_sql("SELECT * FROM push_subscriptions"))


@pytest.fixture
def install(
    database_url: str, tmp_path: Path, now: datetime
) -> Iterator[Callable[..., Installation]]:
    """Return a function that sets a server up; keywords are settings of push."""
    cores = []

    def make(**push: Any) -> Installation:
        key_file = tmp_path / "crmdav.key"
        if not key_file.exists():
            make_key_file(key_file)
        core = Core(
            settings=Settings(
                database=DatabaseSettings(url=database_url),
                secrets=SecretsSettings(key_file=key_file),
                push=PushSettings(**push),
            )
        )
        cores.append(core)
        clock = FakeClock(now)
        core.__dict__["clock"] = clock
        users, passwords = people(core, now)
        return Installation(core, clock, web_application(core), users, passwords)

    yield make
    for core in cores:
        core.database.dispose()


def people(core: Core, now: datetime) -> tuple[dict[str, User], dict[str, str]]:
    """Add Anna and Bob of one company, each with an app password."""
    users, passwords = {}, {}
    with core.database.write() as work:
        work.installation.ensure(now)
        company = work.companies.add("Acme", now)
        for login in ("anna", "bob"):
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
            proof = digest(core.keys.app_passwords, passwords[login])
            work.app_passwords.add(users[login], "phone", prefix, proof, now)
    return users, passwords


@pytest.fixture
def installation(install: Callable[..., Installation], push_service: PushService) -> Installation:
    """A server that may send to the push service on loopback."""
    return install(enabled=True, contact=CONTACT, allowed_hosts=(push_service.origin,))


@pytest.fixture
def phone(push_service: PushService) -> Phone:
    """A phone that is reached over the push service."""
    return Phone(f"{push_service.origin}/phone?up=1")


@pytest.fixture
def new_phone(push_service: PushService) -> Callable[[str], Phone]:
    """Return a function that makes further phones by name."""
    return lambda name: Phone(f"{push_service.origin}/{name}")


@pytest.fixture
def vapid_claims() -> Callable[[str], tuple[dict[str, Any], str]]:
    """Return the function that checks an `Authorization` header."""
    return read_token
