"""The rehearsal Google in process, behind the product's own client.

Requests go from `GoogleSession` straight into the WSGI application: no socket, no thread, and the
clock is the schedule's. What is judged here are the very bytes that would leave.
"""

from __future__ import annotations

import http.client
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import chain, zip_longest
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httplib2  # type: ignore[import-untyped]  # ships no types

from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.domain.identifiers import Uid
from bridge.domain.view import View
from bridge.google_calendar.access import GoogleAccess
from bridge.google_calendar.addresses import GoogleAddresses, GoogleClient
from bridge.google_calendar.collection import GoogleCollection
from bridge.google_calendar.event_ids import EventIds
from bridge.google_calendar.oauth import AccessToken
from bridge.google_calendar.session import GoogleCalendar, GoogleSession
from bridge.ical.calendar_object import CalendarObject
from bridge.rehearsal.accounts import DEFAULT_ACCOUNTS, all_accounts, settle
from bridge.rehearsal.acts.call import act, desk_of
from bridge.rehearsal.application import Application
from bridge.rehearsal.calendars.resource import find_calendar
from bridge.rehearsal.clock import Clock
from bridge.rehearsal.events.resource import StoredEvent, render
from bridge.rehearsal.events.rows import by_position, exceptions_of, find_event
from bridge.rehearsal.events.writing import patch_event
from bridge.rehearsal.http_connection import CUT, DELIVERY_HEADER
from bridge.rehearsal.request_log import RequestRecord
from bridge.rehearsal.state import State
from bridge.rehearsal.world import World
from bridge.sync.memory import Moment, Steps
from bridge.sync.memory_lens import plain_object
from bridge.sync.memory_store import ManualClock
from bridge.sync.model import Side
from bridge.sync.ports import Collection, Lens
from sim_sides import Watch
from sim_strand import Broken

EMAIL = DEFAULT_ACCOUNTS[0]
ZONE = "Europe/Berlin"
ROOT = "http://rehearsal.invalid"
INSTALL_KEY = bytes(range(32))
_WRITES = {"POST": "insert", "PATCH": "update", "PUT": "update", "DELETE": "delete"}
_PART = re.compile(rb"^([A-Z]+) (/\S+)(?: HTTP/1\.1)?\r?$", re.MULTILINE)
_LOST = {"reset": ConnectionResetError, "hang": TimeoutError}


_Headers = list[tuple[str, str]]
_Answer = tuple[int, _Headers, bytes]
_Written = tuple[str, str, str]
"""How it is written, the event's id, and of a new one the UID it was made for."""


class RehearsalGoogle:
    """The rehearsal Google with one account, one calendar, and a door that is watched.

    Attributes:
        email: Of the account.
        organizer: Of somebody else, who invites the account.
    """

    def __init__(
        self,
        clock: ManualClock,
        lens: Lens,
        *,
        steps: Steps,
        watch: Watch,
        short_pages: bool,
        email: str = EMAIL,
    ) -> None:
        self.email = email
        self.world = World(state=State(None), clock=Clock(clock.now))
        self.organizer = next(each for each in DEFAULT_ACCOUNTS if each != email)
        settle(self.world, (email, self.organizer))
        pages = "short" if short_pages else "full"
        self.world.switches = replace(self.world.switches, pages=pages)
        self.application = Application(self.world)
        self.steps = steps
        self.watch = watch
        self.unlisted: frozenset[str] = frozenset()
        self._lens = lens
        self._ids = EventIds(INSTALL_KEY, email)
        self._collections: dict[str, Collection] = {}
        self._access = GoogleAccess(
            addresses=GoogleAddresses(api_url=ROOT),
            client=GoogleClient(client_id="client", client_secret="none"),
            refresh_token="none",
            access_token=AccessToken(
                token=all_accounts(self.world)[0].access_token,
                # google-auth reads the machine's clock, which has no part in a schedule.
                expires_at=clock.now() + timedelta(days=36500),
            ),
        )

    def collection(self, worker: str) -> Collection:
        """Return the calendar over a session of the worker's own."""
        if worker not in self._collections:
            guard = self.watch.departs
            session = GoogleSession(self._access, guard=guard, open_http=self._open_http)
            calendar = GoogleCalendar(
                id=self.email, name=self.email, zone=ZONE, access_role="owner"
            )
            made = GoogleCollection(session, calendar, install_key=INSTALL_KEY)
            self._collections[worker] = made
        return self._collections[worker]

    def _open_http(self, timeout_seconds: float, *, one_try: bool = False) -> httplib2.Http:
        return _InProcess(self)

    # The user and the accidents.

    def objects(self) -> Mapping[str, CalendarObject]:
        """Return what is there now, by event id."""
        events = by_position(self.world, self.email, after=0)
        masters = [each for each in events if not (each.cancelled or each.series_id)]
        return {each.event_id: self._object(each) for each in masters}

    def events(self) -> Mapping[str, CalendarObject]:
        """Return every event that is there by its id, an exception as one of its own."""
        calendar = find_calendar(self.world, self.email, viewer=self.email)
        found = by_position(self.world, self.email, after=0)
        return {
            each.event_id: event_to_object(
                [render(each, calendar)], uid=Uid(each.event_id), calendar_zone=ZONE
            )
            for each in found
            if not each.cancelled
        }

    def object_of(self, name: str) -> CalendarObject | None:
        """Return one event or series; None when it is deleted or never was."""
        event = find_event(self.world, self.email, name)
        return None if event is None or event.cancelled else self._object(event)

    def item_of(self, name: str) -> str:
        """Return the name of the item that an event belongs to: of an instance, its series'."""
        event = find_event(self.world, self.email, name)
        if event is not None:
            return event.series_id or name
        return name.rsplit("_", 1)[0]

    def _object(self, event: StoredEvent) -> CalendarObject:
        calendar = find_calendar(self.world, self.email, viewer=self.email)
        exceptions = exceptions_of(self.world, self.email, event.event_id)
        shown = [render(each, calendar) for each in (event, *exceptions)]
        return event_to_object(shown, uid=Uid(event.event_id), calendar_zone=ZONE)

    def add(self, name: str, view: View, *, like: str = "") -> None:
        """Make an event; a copy brings our stamp along, as Google's `duplicate` does."""
        made = object_to_events(self._lens.new_for_google(plain_object(Uid(name), view)))
        fields: dict[str, Any] = dict(made.master)
        original = find_event(self.world, self.email, like) if like else None
        if original is not None and "extendedProperties" in original.body:
            fields["extendedProperties"] = original.body["extendedProperties"]
        self._act("add", fields={**fields, "id": name})
        self._tell_instances(name, made.instances)

    def edit(self, name: str, view: View) -> None:
        """Change an event, or a series and its instances."""
        before = self.objects()[name]
        patches = event_patches(before, self._lens.put_google(view, before))
        if patches.master:
            self._act("edit", event=name, fields=patches.master)
        self._tell_instances(name, patches.instances)

    def _tell_instances(self, name: str, patches: Mapping[str, Mapping[str, Any]]) -> None:
        for key, fields in patches.items():
            event = f"{name}_{key}"
            if fields.get("status") == "cancelled":
                self._act("delete", event=event, span="this")
            else:
                found = find_event(self.world, self.email, event)
                if found is not None and found.cancelled:
                    self._act("restore", event=event)
                self._act("edit", event=event, fields=fields, span="this")

    def patch(self, name: str, **fields: Any) -> None:
        """Change an event in the words of the API, as Google's page does."""
        self._act("edit", event=name, fields=fields)

    def add_meet(self, name: str) -> None:
        """Give an event a conference of Google's own, as one press of a button there does."""
        ask = {"requestId": name, "conferenceSolutionKey": {"type": "hangoutsMeet"}}
        self.world.switches = replace(self.world.switches, conference_creation="at_once")
        desk = desk_of(self.world, email=self.email, calendar_id=self.email, send_updates="none")
        desk = replace(desk, options=replace(desk.options, conference_version=1))
        with self.world.state.transaction():
            patch_event(desk, name, {"conferenceData": {"createRequest": ask}})

    def split(self, name: str, key: str, title: str) -> None:
        """Do what Google's page does for `this and following`."""
        self._act("split", event=f"{name}_{key}", fields={"summary": title})

    def remove(self, name: str) -> None:
        """Delete an event."""
        self._act("delete", event=name)

    def invite(self, name: str, view: View) -> None:
        """Let the organizer make an event with the account as its guest."""
        fields = object_to_events(self._lens.new_for_google(plain_object(Uid(name), view))).master
        guests = [{"email": self.email}]
        self._act("add", by=self.organizer, fields={**fields, "id": name, "attendees": guests})

    def reschedule(self, name: str, view: View) -> None:
        """Let the organizer change it."""
        before = self.objects()[name]
        patch = event_patches(before, self._lens.put_google(view, before)).master
        self._act("edit", by=self.organizer, event=name, fields=patch)

    def call_off(self, name: str) -> None:
        """Let the organizer delete it."""
        self._act("delete", by=self.organizer, event=name)

    def _act(self, kind: str, *, by: str = "", **members: Any) -> None:
        who = by or self.email
        act(self.world, {"account": who, "calendar": who, "act": kind, **members})

    def expire_tokens(self) -> None:
        """Let the next listing be told that its token is too old."""
        self._order("status:410:fullSyncRequired")

    def answer(self, status: int, reason: str, operation: str) -> None:
        """Let the next request fail like this."""
        self._order(f"status:{status}:{reason}")

    def cut(self, kind: str) -> BaseException | None:
        """Let no whole answer come."""
        if kind == "network":
            return ConnectionResetError("cut")
        self._order(kind)
        return None

    def stale(self) -> None:
        """Let the next listing be late."""
        self._order("stale")

    def thin(self, names: frozenset[str]) -> None:
        """Let the next full listing lack these events."""
        self._order("status:410:fullSyncRequired")
        self.unlisted = names

    def _order(self, fault: str) -> None:
        self.world.faults.add({"fault": fault})

    def thinned(self, status: int, headers: _Headers, content: bytes) -> _Answer:
        """Return the answer to a full listing as it arrives: some events may be missing."""
        if not self.unlisted or status != http.client.OK or not content.startswith(b"{"):
            return status, headers, content
        page = json.loads(content)
        page["items"] = [item for item in page.get("items", ()) if item["id"] not in self.unlisted]
        if "nextPageToken" not in page:
            self.unlisted = frozenset()
        return status, headers, json.dumps(page).encode()

    def end(self) -> None:
        """Let nothing be in the way any more."""
        self.world.faults.clear()
        self.unlisted = frozenset()

    def check(self) -> None:
        """Check every request: preconditions or own ids, and no mail."""
        if mails := self.world.mails():
            raise Broken(f"guests got mail: {mails[0]}")
        records = self.world.requests.records()
        for record in chain.from_iterable((record, *record.parts) for record in records):
            if record.operation.startswith("calendar.events.") and record.method in _WRITES:
                self._check_write(record)

    def _check_write(self, record: RequestRecord) -> None:
        if parse_qs(record.query).get("sendUpdates") != ["none"]:
            raise Broken(f"a write that lets Google mail guests: {record}")
        if record.method != "POST":
            if not record.if_match:
                raise Broken(f"a write without a precondition: {record}")
            return
        body = json.loads(record.body)
        uid = Uid(body["extendedProperties"]["private"]["crmdavUid"])
        if body["id"] not in {self._ids.name_for(uid, n) for n in range(9)}:
            raise Broken(f"an insert under an id that is not ours: {record}")


class _InProcess(httplib2.Http):  # type: ignore[misc]  # untyped base
    """An `Http` that asks the application itself."""

    def __init__(self, google: RehearsalGoogle) -> None:
        super().__init__()
        self._google = google

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_kwargs: Any
    ) -> tuple[httplib2.Response, bytes]:
        """Send one request, with a step before it and one after it."""
        google, url = self._google, urlsplit(uri)
        raw = body.encode() if isinstance(body, str) else body or b""
        told = {name.lower(): value for name, value in (headers or {}).items()}
        # The library sends a long address as a form.
        asked, query = told.get("x-http-method-override"), url.query
        query = raw.decode() if asked else query
        operation, writes = _operation(asked or method, url.path, query, raw)
        subject = " ".join(name for _, name, _ in writes)
        for kind, name, uid in writes:
            google.watch.sends(kind, Side.GOOGLE, google.item_of(name), uid)
        if writes:
            google.watch.judge_bytes(f"{uri} {raw.decode()} {json.dumps(raw.decode())}", subject)
        google.steps.reach("google", operation, Moment.BEFORE, subject)
        if operation in ("changes", "page") and "syncToken" not in query:
            google.watch.vanished()
        items = dict.fromkeys(google.item_of(name) for _, name, _ in writes)
        before = {name: google.object_of(name) for name in items}
        answer = _call(google.application, method, uri, raw, told)
        for name, found in before.items():
            if (now := google.object_of(name)) != found:
                google.watch.wrote(Side.GOOGLE, name, found, now)
        if operation in ("changes", "page") and "syncToken" not in query:
            answer = google.thinned(*answer)
        google.steps.reach("google", operation, Moment.AFTER, subject)
        return _delivered(*answer)


def _operation(method: str, path: str, query: str, body: bytes) -> tuple[str, list[_Written]]:
    """Return what a request does, in the port's words, and which events it writes and how."""
    if path.endswith("/batch/calendar/v3"):
        writes = [write for part in _parts(body) if (write := _write(*part)) is not None]
        return ("write" if writes else "get"), writes
    if "/calendarList" in path:
        return "probe", []
    write = _write(method, path, body)
    if write is not None:
        return write[0], [write]
    if path.endswith("/events"):
        return ("page" if "pageToken" in parse_qs(query) else "changes"), []
    return "get", []


def _write(method: str, path: str, body: bytes) -> _Written | None:
    """Return how a request writes which event; None of one that only reads."""
    if method not in _WRITES:
        return None
    if method == "POST":
        made = json.loads(body)
        return "insert", made["id"], made["extendedProperties"]["private"]["crmdavUid"]
    return _WRITES[method], unquote(urlsplit(path).path.rsplit("/", 1)[1]), ""


def _parts(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Iterate over method, path and body of the parts of a batch."""
    found = list(_PART.finditer(body))
    for part, following in zip_longest(found, found[1:]):
        end = following.start() if following is not None else len(body)
        content = body[part.end() : end]
        start, stop = content.find(b"{"), content.rfind(b"}")
        yield part[1].decode(), part[2].decode(), content[start : stop + 1]


def _call(
    application: Callable[..., Any], method: str, uri: str, body: bytes, headers: Mapping[str, str]
) -> _Answer:
    url = urlsplit(uri)
    told: list[Any] = []
    environment: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path, "latin-1"),
        "QUERY_STRING": url.query,
        "REQUEST_URI": url.path + (f"?{url.query}" if url.query else ""),
        "SERVER_NAME": "rehearsal.invalid",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environment[key] = value
        elif key not in {"CONTENT_LENGTH", "ACCEPT_ENCODING"}:
            environment[f"HTTP_{key}"] = value
    parts = application(environment, lambda *args: told.extend(args))
    content = b"".join(parts)
    return int(told[0].split(" ", 1)[0]), told[1], content


def _delivered(status: int, headers: _Headers, content: bytes) -> tuple[httplib2.Response, bytes]:
    """Return the answer as it arrives, which may be not at all."""
    told = {name.lower(): value for name, value in headers}
    delivery = told.pop(DELIVERY_HEADER.lower(), "")
    if delivery in _LOST:
        raise _LOST[delivery]("no answer")
    if delivery == CUT:
        raise http.client.IncompleteRead(content[: len(content) // 2])
    return httplib2.Response({**told, "status": str(status)}), content
