"""Bytes on the wire: whatever comes, the answer is Google's form of an error, or a closed end."""

import json
import socket
import threading
import time

import pytest

from bridge.rehearsal import http_connection, http_server

EVENTS = b"/calendar/v3/calendars/primary/events"
DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.fixture
def dial(google):
    """A function that opens a connection to the rehearsal; all are closed after the test."""
    opened = []

    def connect():
        host, port = google.root.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), timeout=10)
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.close()


def received(connection):
    """Return everything up to the end of the connection."""
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


@pytest.fixture
def ask(dial):
    """A function that sends raw bytes and returns (status, reason of the refusal) of the answer."""

    def send(raw):
        connection = dial()
        connection.sendall(raw)
        head, _, body = received(connection).partition(b"\r\n\r\n")
        assert b"application/json; charset=UTF-8" in head
        error = json.loads(body)["error"]
        assert error["code"] == int(head.split()[1])
        return error["code"], error["errors"][0]["reason"]

    return send


def post(length, *headers):
    """Return the head of an insert."""
    lines = [b"POST " + EVENTS + b" HTTP/1.1", b"Host: x", *headers]
    if length is not None:
        lines.append(b"Content-Length: " + length)
    return b"\r\n".join(lines) + b"\r\n\r\n"


@pytest.mark.parametrize("length", [b"10485761", b"10737418240", b"9" * 19])
def test_too_large_a_body_is_refused_before_it_is_read(ask, length):
    """Threat X09: 413 at once, in Google's form."""
    assert ask(post(length) + b"x") == (413, "uploadTooLarge")


def test_client_that_sends_on_still_reads_the_refusal(dial):
    """RFC 9112 section 9.6: closing at once would take the answer away."""
    connection = dial()
    connection.sendall(post(b"20000000"))
    for _ in range(300):
        try:
            connection.sendall(b"x" * 65536)
        except OSError:
            break
    assert received(connection).startswith(b"HTTP/1.1 413 ")


def test_body_that_is_not_wanted_is_not_asked_for(dial):
    """RFC 9110 section 10.1.1: 413 in place of 100 Continue."""
    connection = dial()
    connection.sendall(post(b"99999999", b"Expect: 100-continue"))
    assert received(connection).startswith(b"HTTP/1.1 413 ")


def test_body_is_asked_for_with_100_continue(dial, google):
    """RFC 9110 section 10.1.1."""
    body = json.dumps(DAY).encode()
    authorization = f"Authorization: Bearer {google.anna.access_token}".encode()
    connection = dial()
    connection.sendall(post(b"%d" % len(body), authorization, b"Expect: 100-continue"))
    assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(body)
    assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "length", [b"x", b"-1", b"+5", b"1_0", b"0x10", b"5, 5", b"5\r\nContent-Length: 6", b"9" * 30]
)
def test_lengths_that_are_none_are_refused(ask, length):
    """RFC 9110 section 8.6: digits, and one of them."""
    assert ask(post(length) + b"{}") == (400, "badRequest")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([b"Transfer-Encoding: chunked", b"Content-Length: 5"], 400),
        ([b"Transfer-Encoding: gzip, chunked"], 501),
        ([b"Transfer-Encoding: identity"], 501),
    ],
)
def test_ambiguous_framing_is_refused(ask, headers, status):
    """RFC 9112 section 6.3: what two readers could read differently."""
    assert ask(post(None, *headers))[0] == status


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        (b"x\r\n", 400),
        (b"-1\r\n", 400),
        (b"0x5\r\n", 400),
        (b"\r\n", 400),
        (b"3\r\nabcdef\r\n", 400),
        (b"A00001\r\n", 413),
        (b"f" * 16 + b"\r\n", 413),
        (b"1" * 2000 + b"\r\n", 400),
        (b"0\r\n" + b"A: b\r\n" * 200, 400),
    ],
)
def test_broken_chunks_are_refused(ask, chunks, status):
    """RFC 9112 section 7.1."""
    assert ask(post(None, b"Transfer-Encoding: chunked") + chunks)[0] == status


def test_trailers_are_no_next_request(dial, google):
    """RFC 9112 section 7.1.2: a trailer is skipped, the connection goes on."""
    authorization = f"Authorization: Bearer {google.anna.access_token}".encode()
    body = json.dumps(DAY).encode()
    head = post(None, authorization, b"Transfer-Encoding: chunked")
    chunk = b"%x;name=value\r\n%b\r\n0\r\nChecksum: 1\r\n\r\n" % (len(body), body)
    again = b"GET " + EVENTS + b" HTTP/1.1\r\n" + authorization + b"\r\nConnection: close\r\n\r\n"
    connection = dial()
    connection.sendall(head + chunk + again)
    assert received(connection).count(b"HTTP/1.1 200 ") == 2


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"GET / HTTP/x\r\n\r\n", 400),
        (b"GET / more words HTTP/1.1\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"GET /calendar/v3/\x00 HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
        (b"G\x00T " + EVENTS + b" HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
        (b"TRACE " + EVENTS + b" HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
        (b"GET " + EVENTS + b"?\xff\xfe=%ff HTTP/1.1\r\nConnection: close\r\n\r\n", 401),
        (
            b"GET " + EVENTS + b" HTTP/1.1\r\nAuthorization: \xff\x00\r\nConnection: close\r\n\r\n",
            401,
        ),
    ],
)
def test_unreadable_requests_are_refused_in_googles_form(ask, raw, status):
    """Threat X16 and facts 12: no HTML page of a server's own, never a traceback."""
    assert ask(raw)[0] == status


def test_whole_addresses_are_taken_as_targets(ask):
    """RFC 9112 section 3.2.2."""
    target = b"http://127.0.0.1" + EVENTS
    assert ask(b"GET " + target + b" HTTP/1.1\r\nConnection: close\r\n\r\n") == (401, "required")


def test_half_a_body_is_not_taken_for_a_whole_one(dial, google):
    """A client that dies in the middle has written nothing."""
    authorization = f"Authorization: Bearer {google.anna.access_token}".encode()
    text = json.dumps(DAY).encode()
    connection = dial()
    connection.sendall(post(b"%d" % (len(text) + 1), authorization) + text)
    connection.shutdown(socket.SHUT_WR)
    assert received(connection) == b""
    assert google.api("GET", "/calendars/primary/events")[1]["items"] == []


@pytest.mark.parametrize("raw", [post(b"1000"), post(None, b"Transfer-Encoding: chunked")])
def test_slow_bodies_are_cut_by_a_deadline(dial, google, monkeypatch, raw):
    """Threat X10: cut however small the pieces; other requests go unharmed."""
    monkeypatch.setattr(http_connection, "_READ_SECONDS", 0.5)
    connection = dial()
    connection.sendall(raw)
    begun = time.monotonic()
    stop = threading.Event()

    def drip():
        while not stop.wait(0.1):
            try:
                connection.sendall(b"1")
            except OSError:
                return

    dripping = threading.Thread(target=drip)
    dripping.start()
    assert google.api("GET", "/calendars/primary/events")[0] == 200
    assert received(connection).startswith(b"HTTP/1.1 408 ")
    stop.set()
    dripping.join()
    assert time.monotonic() - begun < 10


def test_slow_heads_are_cut_by_a_deadline(dial, monkeypatch):
    """Threat X10: a head without an end."""
    monkeypatch.setattr(http_connection, "_READ_SECONDS", 0.3)
    connection = dial()
    connection.sendall(b"GET / HTTP/1.1\r\nA: b")
    assert received(connection) == b""


def test_idle_connections_have_no_deadline_of_a_request(dial, monkeypatch):
    """Keep-alive: the deadline begins with the first byte of a request."""
    monkeypatch.setattr(http_connection, "_READ_SECONDS", 0.2)
    connection = dial()
    request = b"GET " + EVENTS + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    for _ in range(2):
        time.sleep(0.3)
        connection.sendall(request)
        assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")


def test_too_many_connections_are_told_so(dial, google, monkeypatch):
    """Beyond a number, 503 at once; the next is served when one has gone."""
    monkeypatch.setattr(http_server, "_MOST_CONNECTIONS", 3)
    request = b"GET " + EVENTS + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    kept = [dial() for _ in range(3)]
    for connection in kept:
        connection.sendall(request)
        assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")
    assert received(dial()).startswith(b"HTTP/1.1 503 ")
    kept[0].close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if google.http("GET", EVENTS.decode())[0] == 401:
            break
    else:
        pytest.fail("no connection was let in again")


def test_form_that_is_too_large_is_413(google):
    """Multipart forms are kept in memory, so they have a limit of their own."""
    field = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"b" * 1_000_000
    sent = {"Content-Type": "multipart/form-data; boundary=x"}
    status, text, _ = google.http("POST", "/token", body=field + b"\r\n--x--\r\n", headers=sent)
    assert (status, json.loads(text)["error"]["code"]) == (413, 413)
