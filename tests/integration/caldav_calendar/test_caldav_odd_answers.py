"""The CalDAV client against a server that answers oddly, late, or not at all."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator

import pytest

from bridge.caldav_calendar.client import CalDavClient
from bridge.caldav_calendar.collection import CalDavCollection
from bridge.caldav_calendar.sign_in import BasicCredentials, password_sign_in
from bridge.domain.identifiers import Fencing, Uid
from bridge.domain.worker_lease import LEASE_LOST
from bridge.errors import CollectionGone, ItemRejected, LeaseLost, RateLimited, SideUnavailable
from bridge.ical.calendar_object import CalendarObject

EMPTY = '<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{}</multistatus>'


def answer(status, body="", content_type="text/xml", *headers):
    """Return the bytes of one HTTP answer that closes its connection."""
    raw = body.encode()
    head = [
        f"HTTP/1.1 {status} Said",
        f"Content-Length: {len(raw)}",
        f"Content-Type: {content_type}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + raw


def _read_request(connection):
    """Read one request whole, so that closing does not look like a reset."""
    raw = connection.recv(65536)
    while b"\r\n\r\n" in raw:
        head, _, body = raw.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if len(body) >= int(length[1] if length else 0):
            break
        raw += connection.recv(65536)
    return raw


class _Scripted:
    """A listening socket that gives the next prepared bytes to each connection."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.answers: list[bytes | None] = []
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._stopping = False
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if self._stopping:
                    return
                connection.settimeout(5)
                self.requests.append(_read_request(connection))
                prepared = self.answers.pop(0) if self.answers else b""
                if prepared is None:
                    # Never answer; the client's own time-out must end it.
                    connection.recv(65536)
                else:
                    connection.sendall(prepared)

    def stop(self) -> None:
        self._stopping = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join(10)
        self._listener.close()


@pytest.fixture
def scripted() -> Iterator[_Scripted]:
    """Return a server that says what it is told."""
    server = _Scripted()
    yield server
    server.stop()


@pytest.fixture
def collection(scripted: _Scripted) -> Iterator[CalDavCollection]:
    """Return a collection on the scripted server."""
    root = f"http://127.0.0.1:{scripted.port}/"
    client = CalDavClient(root, password_sign_in("anna", "secret"), timeout_seconds=1)
    yield CalDavCollection(client, root + "anna/activities/", "activities")
    client.close()


def test_a_busy_server_tells_how_long_to_wait(scripted, collection):
    """429 carries its wait on."""
    scripted.answers.append(answer(429, "", "text/plain", "Retry-After: 17"))
    with pytest.raises(RateLimited) as caught:
        collection.changes(None)
    assert caught.value.retry_after == 17


@pytest.mark.parametrize(
    "prepared",
    [
        answer(503),
        answer(503, "", "text/plain", "Retry-After: 1"),
        answer(500, "<html>"),
        answer(302, "", "text/plain", "Location: http://127.0.0.1:9/"),
        answer(200, "<html><body>Sign in</body></html>", "text/html"),
        answer(207, "<multistatus"),
        answer(207, EMPTY.format("")),
        answer(207, '{"a": 1}', "application/json"),
        answer(207, EMPTY.format("<response><href>/a.ics</href></response>")),
        b"HTTP/1.1 207 Multi-Status\r\nContent-Length: 900\r\nContent-Type: text/xml\r\n\r\n<multi",
        b"",
        b"garbage\r\n\r\n",
        None,
    ],
)
def test_what_is_no_whole_answer_stops_the_run(scripted, collection, prepared):
    """Nothing is taken from it, neither items nor token."""
    scripted.answers.append(prepared)
    with pytest.raises(SideUnavailable):
        collection.changes(None)


def test_a_write_that_came_after_another_runner_took_over_ends_the_run(scripted):
    """It names the lease it was made under; it is no refusal of the item."""
    root = f"http://127.0.0.1:{scripted.port}/"
    credentials = BasicCredentials(login="anna", password="secret", fencing=Fencing(7))
    client = CalDavClient(root, lambda: credentials, timeout_seconds=1)
    collection = CalDavCollection(client, root + "anna/activities/", "activities")
    item = CalendarObject(uid=Uid("a"), component="VEVENT", text="BEGIN:VCALENDAR\r\n")
    namespace, _, name = LEASE_LOST[1:].partition("}")
    refused = f'<error xmlns="DAV:"><l:{name} xmlns:l="{namespace}"/></error>'
    scripted.answers += [answer(412, refused)] * 3
    for act in (
        lambda: collection.insert("a.ics", item),
        lambda: collection.update("a.ics", item, base=None, if_match="1"),
        lambda: collection.delete("a.ics", if_match="1"),
    ):
        with pytest.raises(LeaseLost):
            act()
    client.close()
    assert len(scripted.requests) == 3
    assert all(b"\r\nCrmdav-Lease: 7\r\n" in request for request in scripted.requests)


def test_a_redirect_is_not_followed(scripted, collection):
    """The password goes to the configured server only (threats 3.9)."""
    target = _Scripted()
    scripted.answers.append(
        answer(301, "", "text/plain", f"Location: http://127.0.0.1:{target.port}/x/")
    )
    with pytest.raises(SideUnavailable):
        collection.changes(None)
    asked = list(target.requests)
    target.stop()
    assert asked == []


def test_proxies_of_the_environment_are_not_used(scripted, collection, monkeypatch):
    """Only the configuration says where traffic goes (threats 3.9)."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    scripted.answers.append(answer(207, EMPTY.format("<sync-token>t1</sync-token>")))
    assert collection.changes(None).token == "t1"


def test_a_truncated_report_is_asked_on(scripted, collection):
    """507 for the collection means there is more (RFC 6578 section 3.6)."""
    more = "<response><href>/anna/activities/</href><status>HTTP/1.1 507 More</status></response>"
    gone = "<response><href>/anna/activities/{}</href><status>HTTP/1.1 404 Gone</status></response>"
    scripted.answers += [
        answer(207, EMPTY.format(gone.format("a.ics") + more + "<sync-token>t1</sync-token>")),
        answer(207, EMPTY.format(gone.format("b.ics") + "<sync-token>t2</sync-token>")),
    ]
    delta = collection.changes("t0")
    assert delta.removed == ("a.ics", "b.ics")
    assert delta.token == "t2"
    assert b"t1" in scripted.requests[1]


def test_a_report_that_never_ends_is_left(scripted, collection):
    """A truncated answer with the same token goes in circles."""
    more = "<response><href>/anna/activities/</href><status>HTTP/1.1 507 More</status></response>"
    scripted.answers.append(answer(207, EMPTY.format(more + "<sync-token>t0</sync-token>")))
    with pytest.raises(SideUnavailable):
        collection.changes("t0")


def test_a_resource_that_is_no_calendar_object_is_parked(scripted, collection):
    """It is told as unreadable, and the token moves on."""
    changed = (
        "<response><href>/anna/activities/a%20b.ics</href><propstat><prop>"
        '<getetag>"7"</getetag>{}</prop><status>HTTP/1.1 200 OK</status></propstat></response>'
    )
    scripted.answers += [
        answer(207, EMPTY.format(changed.format("") + "<sync-token>t1</sync-token>")),
        answer(207, EMPTY.format(changed.format("<C:calendar-data>hello</C:calendar-data>"))),
    ]
    delta = collection.changes(None)
    assert [(u.name, u.etag, u.reason) for u in delta.unreadable] == [
        ("a b.ics", "7", "unreadable")
    ]
    assert delta.items == ()


CHANGED = (
    "<response><href>/anna/activities/{}</href><propstat><prop>"
    '<getetag>"7"</getetag>{}</prop><status>HTTP/1.1 200 OK</status></propstat></response>'
)
NOT_THERE = (
    "<response><href>/anna/activities/{}</href><status>HTTP/1.1 404 Not Found</status></response>"
)
TOKEN = "<sync-token>t1</sync-token>"


@pytest.mark.parametrize(("token", "removed"), [("t0", ("a.ics", "b.ics")), (None, ("a.ics",))])
def test_a_resource_that_vanishes_after_the_report_is_removed(scripted, collection, token, removed):
    """A definite 404 counts; of a full listing the reader asks for what is missing anyway."""
    data = "<C:calendar-data>hello</C:calendar-data>"
    report = NOT_THERE.format("a.ics") + CHANGED.format("b.ics", "") + CHANGED.format("c.ics", "")
    scripted.answers += [
        answer(207, EMPTY.format(report + TOKEN)),
        answer(207, EMPTY.format(NOT_THERE.format("b.ics") + CHANGED.format("c.ics", data))),
    ]
    delta = collection.changes(token)
    assert delta.removed == removed
    assert [u.name for u in delta.unreadable] == ["c.ics"]
    assert delta.token == "t1"


@pytest.mark.parametrize(
    "told",
    [
        "",
        NOT_THERE.replace("404 Not Found", "403 Forbidden").format("b.ics"),
        NOT_THERE.replace("404 Not Found", "500 Oops").format("b.ics"),
        CHANGED.replace("200 OK", "404 Not Found").format("b.ics", ""),
    ],
)
def test_a_resource_without_a_definite_answer_is_not_removed(scripted, collection, told):
    """Nothing of the report counts then, its token neither."""
    report = CHANGED.format("b.ics", "") + TOKEN
    scripted.answers += [answer(207, EMPTY.format(report)), answer(207, EMPTY.format(told))]
    with pytest.raises(SideUnavailable):
        collection.changes("t0")


def test_a_multiget_that_leaves_a_name_out_is_no_answer(scripted, collection):
    """Silence is not the same as gone."""
    scripted.answers.append(answer(207, EMPTY.format("")))
    with pytest.raises(SideUnavailable):
        collection.get(["a.ics"])


def test_a_refused_delete_is_this_items_trouble(scripted, collection):
    """403 on one resource does not stop the others."""
    scripted.answers.append(answer(403))
    with pytest.raises(ItemRejected):
        collection.delete("a.ics", if_match="1")


def test_a_forbidden_collection_is_gone(scripted, collection):
    """403 on the collection itself stops it."""
    scripted.answers.append(answer(403))
    with pytest.raises(CollectionGone):
        collection.changes(None)
