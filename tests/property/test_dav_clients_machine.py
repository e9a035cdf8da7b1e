"""A stale client, an offline client and the CRM write one home over HTTP and end equal.

The clients know nothing but HTTP: each has a store of its own, ETags and sync tokens. The stale
one acts on what it last saw, is told 412, and reads again. The offline one collects edits and
brings them later, by sync-collection, multiget and conditional requests. The CRM changes
activities through the store, types that belong in the other collection included. After each step
the server holds exactly what it acknowledged; in the end all parties hold the same.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple, cast
from urllib.parse import unquote
from wsgiref.util import setup_testing_defaults

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bridge.domain.activity import Activity
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.users import User
from bridge.ical.content_line import unescape_text
from bridge.store.database import Database
from bridge.store.secrets import digest, new_app_password
from radicale_plugin.wsgi import build_application

SECRET_KEY = b"s" * 32
D, C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
SLUGS = ("activities", "tasks")
COMPONENTS = {"activities": "VEVENT", "tasks": "VTODO"}
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SPANS: dict[str, TimedSpan | AllDaySpan] = {
    "timed": TimedSpan(start=NOON, end=NOON + timedelta(minutes=45), zone="Europe/Prague"),
    "days": AllDaySpan(start=NOON.date(), end=NOON.date() + timedelta(days=2)),
}
LINES = (
    "DTSTART:20260311T090000Z\r\nX-PHONE;P=1:kept\r\n",
    "DTSTART;VALUE=DATE:20260311\r\nDUE;VALUE=DATE:20260312\r\nCLASS:PRIVATE\r\n",
    "DTSTART;TZID=Europe/Prague:20260311T090000\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n",
    "DTSTART:20260311T090000\r\nCATEGORIES:Call,Friends\r\nX-PHONE;P=1:kept\r\n",
)
_numbers = count(1)


def source(slug: str, uid: str, title: int, lines: int) -> str:
    """Return what a client writes."""
    kind = COMPONENTS[slug]
    more = LINES[lines % len(LINES)]
    if kind == "VEVENT":
        more = re.sub(r"DUE.*\r\n", "", more)
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\n"
        f"BEGIN:{kind}\r\nUID:{uid}\r\nDTSTAMP:20260301T000000Z\r\n{more}"
        f"SUMMARY:Title {title}\r\nEND:{kind}\r\nEND:VCALENDAR\r\n"
    )


def retitled(text: str, title: int) -> str:
    """Return the text with another SUMMARY and nothing else changed."""
    return re.sub(r"SUMMARY[^\r]*\r\n", f"SUMMARY:Edited {title}\r\n", text, count=1)


def said(text: str, name: str) -> str:
    """Return the value of the first line of that name."""
    found = re.search(rf"(?m)^{name}(?:;[^:]*)?:([^\r]*)", text.replace("\r\n ", ""))
    return unescape_text(found[1]) if found else ""


class Answer(NamedTuple):
    """What a request got."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Wire:
    """Sends requests as one user; counts answers by method and status."""

    application: Any
    login: str
    password: str
    seen: Counter[tuple[str, int]]

    def send(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        """Send a request below the user's home; the path as hrefs have it, percent-encoded."""
        pair = b64encode(f"{self.login}:{self.password}".encode()).decode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(f"/dav/{self.login}/{path}"),
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "text/calendar" if method == "PUT" else "application/xml",
            "CONTENT_LENGTH": str(len(body.encode())),
            "HTTP_AUTHORIZATION": f"Basic {pair}",
            "wsgi.input": io.BytesIO(body.encode()),
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        setup_testing_defaults(environ)
        told: list[Any] = []
        pieces = self.application(environ, lambda status, fields: told.extend([status, fields]))
        answer = Answer(int(told[0][:3]), dict(told[1]), b"".join(pieces))
        assert answer.status < 500, (method, path, answer)
        self.seen[method, answer.status] += 1
        return answer


class Held(NamedTuple):
    """An object as a client last saw it."""

    etag: str
    text: str


@dataclass(slots=True)
class Device:
    """A client's store: what it saw, and what it wants but has not said yet.

    Attributes:
        items: By calendar and name.
        edits: A title to set, None to delete, or a whole text to make; by calendar and name.
    """

    wire: Wire
    items: dict[tuple[str, str], Held] = field(default_factory=dict)
    edits: dict[tuple[str, str], int | str | None] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def pull(self, slug: str) -> None:
        """Learn what changed since the token, and read what is new (RFC 6578)."""
        token = self.tokens.get(slug, "")
        answer = self.wire.send(
            "REPORT",
            f"{slug}/",
            f"<D:sync-collection {SPACES}><D:sync-token>{token}</D:sync-token>"
            "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>",
        )
        assert answer.status == 207, answer
        root = ET.fromstring(answer.body)  # noqa: S314 - our own answer
        if not token:
            self.items = {key: held for key, held in self.items.items() if key[0] != slug}
        wanted = []
        for response in root.findall(f"{D}response"):
            name = (response.findtext(f"{D}href") or "").rpartition("/")[2]
            etag = response.findtext(f"{D}propstat/{D}prop/{D}getetag")
            if etag is None:
                assert "404" in (response.findtext(f"{D}status") or "")
                self.items.pop((slug, name), None)
            elif (slug, name) not in self.items or self.items[slug, name].etag != etag:
                wanted.append(name)
        self.read(slug, wanted)
        self.tokens[slug] = root.findtext(f"{D}sync-token") or ""

    def read(self, slug: str, names: list[str]) -> None:
        """Read objects by multiget."""
        if not names:
            return
        home = f"/dav/{self.wire.login}/{slug}/"
        hrefs = "".join(f"<D:href>{home}{name}</D:href>" for name in names)
        answer = self.wire.send(
            "REPORT",
            f"{slug}/",
            f"<C:calendar-multiget {SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>"
            f"{hrefs}</C:calendar-multiget>",
        )
        found = ET.fromstring(answer.body).findall(f"{D}response")  # noqa: S314 - our own answer
        assert len(found) == len(names)
        for response in found:
            name = (response.findtext(f"{D}href") or "").rpartition("/")[2]
            prop = f"{D}propstat/{D}prop/"
            etag = response.findtext(prop + f"{D}getetag")
            text = response.findtext(prop + f"{C}calendar-data")
            assert etag is not None
            assert text is not None
            # XML readers take CRLF for LF (XML 1.0 section 2.11).
            self.items[slug, name] = Held(etag, text.replace("\r\n", "\n").replace("\n", "\r\n"))

    def look(self, key: tuple[str, str]) -> None:
        """Read one object again."""
        answer = self.wire.send("GET", "/".join(key))
        if answer.status == 404:
            self.items.pop(key, None)
            return
        assert answer.status == 200
        self.items[key] = Held(answer.headers["ETag"], answer.body.decode())

    def change(self, key: tuple[str, str], title: int) -> str | None:
        """Set a title under If-Match; return the text that was acknowledged, None when refused."""
        held = self.items[key]
        text = retitled(held.text, title)
        answer = self.wire.send("PUT", "/".join(key), text, if_match=held.etag)
        assert answer.status in (204, 412), answer
        if answer.status == 412:
            return None
        self.items[key] = Held(answer.headers["ETag"], text)
        return text

    def make(self, key: tuple[str, str], text: str) -> bool:
        """Make an object where there is none."""
        answer = self.wire.send("PUT", "/".join(key), text, if_none_match="*")
        assert answer.status in (201, 412, 409), answer
        if answer.status == 201:
            self.items[key] = Held(answer.headers["ETag"], text)
        return answer.status == 201

    def drop(self, key: tuple[str, str]) -> bool:
        """Delete under If-Match."""
        answer = self.wire.send("DELETE", "/".join(key), if_match=self.items[key].etag)
        assert answer.status in (200, 204, 404, 412), answer
        if answer.status == 412:
            return False
        self.items.pop(key)
        return answer.status != 404


class DavClientsMachine(RuleBasedStateMachine):
    """One user's home; every example has a user of its own in the same database."""

    def __init__(self, database: Database, user: User, wire: Wire) -> None:
        super().__init__()
        self.database, self.user = database, user
        self.stale, self.offline, self.watcher = Device(wire), Device(wire), Device(wire)
        self.truth: dict[tuple[str, str], str] = {}
        self.now = NOON

    def chosen(self, device: Device, index: int) -> tuple[str, str] | None:
        """Return one of the objects a client believes in."""
        known = sorted(device.items)
        return known[index % len(known)] if known else None

    # The stale client acts on what it last saw

    @rule(number=st.integers(0, 4), slug=st.sampled_from(SLUGS), lines=st.integers(0, 3))
    def stale_makes(self, number: int, slug: str, lines: int) -> None:
        """A name it does not know to be taken."""
        key = (slug, f"u{number}.ics")
        text = source(slug, f"u{number}@x", number, lines)
        if key not in self.stale.items:
            if self.stale.make(key, text):
                self.truth[key] = text
            else:
                self.stale.pull(slug)

    @rule(index=st.integers(0, 9), title=st.integers(0, 9))
    def stale_edits(self, index: int, title: int) -> None:
        """Told 412 it reads again, and what is still there it then edits."""
        key = self.chosen(self.stale, index)
        if key is None:
            return
        text = self.stale.change(key, title)
        if text is None:
            self.stale.look(key)
            if key not in self.stale.items:
                assert key not in self.truth
                return
            text = self.stale.change(key, title)
        assert text is not None
        self.truth[key] = text

    @rule(index=st.integers(0, 9))
    def stale_deletes(self, index: int) -> None:
        """Told 412 it reads again and lets it be."""
        key = self.chosen(self.stale, index)
        if key is None:
            return
        known = self.stale.items[key].text
        if self.stale.drop(key):
            assert self.truth.pop(key) == known
        elif key in self.stale.items:
            self.stale.look(key)

    @rule(slug=st.sampled_from(SLUGS), anew=st.booleans())
    def stale_syncs(self, slug: str, anew: bool) -> None:
        """Now and then, sometimes without its token."""
        if anew:
            self.stale.tokens.pop(slug, None)
        self.stale.pull(slug)

    # The offline client collects, and comes back later

    @rule(number=st.integers(0, 4), slug=st.sampled_from(SLUGS), lines=st.integers(0, 3))
    def offline_wants_new(self, number: int, slug: str, lines: int) -> None:
        """An object made on the way."""
        key = (slug, f"u{number}.ics")
        if key not in self.offline.items:
            self.offline.edits[key] = source(slug, f"u{number}@x", number + 10, lines)

    @rule(index=st.integers(0, 9), title=st.one_of(st.none(), st.integers(10, 19)))
    def offline_wants(self, index: int, title: int | None) -> None:
        """A title changed or an object deleted on the way."""
        key = self.chosen(self.offline, index)
        if key is not None:
            self.offline.edits[key] = title

    @rule(slug=st.sampled_from(SLUGS))
    def offline_pulls(self, slug: str) -> None:
        """It hears what others did."""
        self.offline.pull(slug)

    @rule()
    def offline_pushes(self) -> None:
        """It says what it wants; what is refused stays until it has heard more."""
        for key in sorted(self.offline.edits):
            if self.said_by_offline(key, self.offline.edits[key]):
                del self.offline.edits[key]

    def said_by_offline(self, key: tuple[str, str], wish: int | str | None) -> bool:
        """Try one edit; return whether it is done with."""
        device = self.offline
        if isinstance(wish, str):
            if key not in device.items and device.make(key, wish):
                self.truth[key] = wish
            return True
        if key not in device.items:
            return True
        if wish is None:
            known = device.items[key].text
            if device.drop(key):
                assert self.truth.pop(key) == known
            return key not in device.items
        text = device.change(key, wish)
        if text is not None:
            self.truth[key] = text
        return text is not None

    # The CRM writes activities

    def activities(self) -> list[Activity]:
        """Return the user's activities."""
        with self.database.read() as work:
            return list(work.activities.list(self.user.id))

    @rule(kind=st.sampled_from(["call", "task", "meeting"]), span=st.sampled_from(sorted(SPANS)))
    def crm_adds(self, kind: str, span: str) -> None:
        """One object appears, in the type's collection; all others stay as they are."""
        new = Activity(
            company_id=self.user.company_id,
            owner_id=self.user.id,
            type_key=kind,
            subject="Made",
            span=SPANS[span],
        )
        self.now += timedelta(minutes=1)
        with self.database.write([self.user.id]) as work:
            work.activities.add(new, now=self.now)
        appeared = self.watched() - self.truth.keys()
        assert [slug for slug, _ in appeared] == ["tasks" if kind == "task" else "activities"]
        self.only_changed(appeared)

    @rule(index=st.integers(0, 9), change=st.sampled_from(
        [{"type_key": "task"}, {"type_key": "lunch"}, {"type_key": "call"}, {"span": None},
         {"span": SPANS["days"]}, {"span": SPANS["timed"]}, {"subject": "By the CRM"},
         {"private": True}, {"note": "secret"}]))  # fmt: skip
    def crm_changes(self, index: int, change: dict[str, Any]) -> None:
        """Nothing but that activity's object changes, or moves to the other collection."""
        found = self.activities()
        if not found:
            return
        number = found[index % len(found)].id
        assert number is not None
        self.now += timedelta(minutes=1)
        with self.database.write([self.user.id]) as work:
            present = work.activities.get(number)
            assert present is not None
            before = work.activities.uid_of(number)
            changed = work.activities.update(replace(present, **change), now=self.now)
            after = work.activities.uid_of(number)
        keys = self.watched() | self.truth.keys()
        mine = {key for key in keys if self.uid(key) in (before, after)}
        self.only_changed(mine)
        texts = [text for key, text in self.truth.items() if self.uid(key) == after]
        assert any(said(text, "SUMMARY") == changed.subject for text in texts)

    @rule(index=st.integers(0, 9))
    def crm_deletes(self, index: int) -> None:
        """Its object goes and no other one."""
        found = self.activities()
        if not found:
            return
        number = found[index % len(found)].id
        assert number is not None
        self.now += timedelta(minutes=1)
        with self.database.write([self.user.id]) as work:
            uid = work.activities.uid_of(number)
            work.activities.delete(number, now=self.now)
        gone = self.truth.keys() - self.watched()
        assert [self.uid(key) for key in gone] == [uid]
        self.only_changed(gone)

    def watched(self) -> set[tuple[str, str]]:
        """Let the watching client sync, and return what it sees."""
        for slug in SLUGS:
            self.watcher.pull(slug)
        return set(self.watcher.items)

    def uid(self, key: tuple[str, str]) -> str:
        """Return the UID under a name, before or after the last change."""
        held = self.watcher.items.get(key)
        return said(self.truth[key] if held is None else held.text, "UID")

    def only_changed(self, allowed: set[tuple[str, str]]) -> None:
        """See that nothing else changed and that strangers' lines stayed; then believe it."""
        present = {key: held.text for key, held in self.watcher.items.items()}
        for key in present.keys() | self.truth.keys():
            old, new = self.truth.get(key), present.get(key)
            assert key in allowed or old == new, key
            if old is not None and new is not None:
                assert ("X-PHONE;P=1:kept" in old) == ("X-PHONE;P=1:kept" in new)
        assert not any("secret" in text for text in present.values())
        self.truth = present

    # What always holds, and how it ends

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        """To the byte, and nothing else."""
        self.watched()
        assert {key: held.text for key, held in self.watcher.items.items()} == self.truth

    def teardown(self) -> None:
        """Everybody comes home; all hold the same, and so does the CRM."""
        for _ in range(3):
            for slug in SLUGS:
                self.offline.pull(slug)
            self.offline_pushes()
        assert self.offline.edits == {}
        self.watched()
        for device in (self.stale, self.offline):
            for slug in SLUGS:
                device.pull(slug)
            assert device.items == self.watcher.items
        held = Counter((said(text, "UID"), said(text, "SUMMARY")) for text in self.truth.values())
        with self.database.read() as work:
            crm = Counter(
                (work.activities.uid_of(each.id), each.subject)
                for each in work.activities.list(self.user.id)
                if each.id is not None
            )
        assert held == crm


@pytest.fixture
def make_wire(database: Database, make_user: Callable[..., User], now: datetime) -> Any:
    """Return a function that makes a user and what speaks for them."""
    application = build_application(database=database, secret_key=SECRET_KEY, worker_key=b"w" * 32)
    seen: Counter[tuple[str, int]] = Counter()

    def make() -> tuple[User, Wire]:
        user = make_user(f"user{next(_numbers)}")
        password, prefix = new_app_password()
        with database.write() as work:
            work.app_passwords.add(user, "phone", prefix, digest(SECRET_KEY, password), now)
        return user, Wire(application, user.login, password, seen)

    make.seen = seen  # type: ignore[attr-defined] # what all answers were
    return make


def run(database: Database, make_wire: Any, *, examples: int, steps: int) -> None:
    """Run the machine, each example with a user of its own."""

    def machine() -> DavClientsMachine:
        return DavClientsMachine(database, *make_wire())

    run_state_machine_as_test(
        cast("Any", machine),  # a factory will do, though its type says class
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            # Making a failing story short takes longer than a test may; `examples` tells it whole.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_two_clients_and_the_crm_end_equal(
    database: Database, make_wire: Any, dialect: str
) -> None:
    """Whoever was stale or away; nothing acknowledged is lost."""
    run(database, make_wire, examples=30 if dialect == "sqlite" else 8, steps=40)
    for answer in (("PUT", 412), ("PUT", 204), ("PUT", 201), ("DELETE", 204)):
        assert make_wire.seen[answer], f"no example led to {answer}"


@pytest.mark.lane
@pytest.mark.timeout(1200)
def test_two_clients_and_the_crm_end_equal_however_long(
    database: Database, make_wire: Any, dialect: str
) -> None:
    """The same with many more and longer stories."""
    run(database, make_wire, examples=400 if dialect == "sqlite" else 60, steps=60)
