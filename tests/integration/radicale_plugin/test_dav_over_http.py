"""Over real HTTP: under gunicorn's own threads, as others may mount us, and under our worker."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

LISTENING = re.compile(r"Listening at: http://127\.0\.0\.1:(\d+)")
MODULE = """
from bridge.store.database import Database
from radicale_plugin.wsgi import build_application

application = build_application(
    database=Database({url!r}), secret_key=b"s" * 32, worker_key=b"w" * 32
)
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and Anna's credentials."""

    port: int
    headers: dict[str, str]

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection that stays open between requests."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)


WORKERS = ["gthread"]
if sys.platform == "linux":
    WORKERS.append("bridge.cli.web_worker.SharedPollWorker")


@pytest.fixture(params=WORKERS, ids=lambda name: name.rpartition(".")[2])
def server(request, crm, database_url, tmp_path) -> Iterator[Server]:
    """Gunicorn in a process of its own, on a port the system chose."""
    (tmp_path / "dav_under_test.py").write_text(MODULE.format(url=database_url), encoding="utf-8")
    command = [sys.executable, "-m", "gunicorn", "--worker-class", request.param, "--threads", "4"]
    command += ["--bind", "127.0.0.1:0", "--chdir", str(tmp_path), "--no-control-socket"]
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [*command, "--pythonpath", str(root), "dav_under_test:application"],
        env={**os.environ, "PYTHONPATH": str(root)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        port = next(int(m[1]) for m in map(LISTENING.search, process.stderr) if m)
        pair = b64encode(f"anna:{crm.passwords['anna']}".encode()).decode()
        yield Server(port, {"Authorization": f"Basic {pair}", "Content-Type": "text/calendar"})
    finally:
        process.terminate()
        process.wait(30)
        process.stderr.close()


def ask(connection, method, path, body=None, headers=None, **options):
    """Send a request on an open connection and read the whole answer."""
    connection.request(method, path, body, headers or {}, **options)
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read()


def test_a_connection_serves_many_requests(server, event):
    """PUT, GET, DELETE and refusals on one connection, bytes as they were."""
    text = event(summary="Káva").encode()
    path = "/dav/anna/activities/one.ics"
    connection = server.connect()
    status, headers, _ = ask(connection, "PUT", path, text, server.headers)
    assert status == 201
    assert headers["Content-Length"] == "0"
    assert ask(connection, "GET", path, headers=server.headers)[2] == text
    status, headers, body = ask(connection, "HEAD", path, headers=server.headers)
    assert (status, headers["Content-Length"], body) == (200, str(len(text)), b"")
    assert ask(connection, "PUT", path, b"broken", server.headers)[0] == 403
    assert ask(connection, "PUT", path, text, {**server.headers, "If-Match": '"x"'})[0] == 412
    assert ask(connection, "GET", path)[0] == 401
    assert ask(connection, "DELETE", path, headers=server.headers)[0] == 204
    assert ask(connection, "GET", path, headers=server.headers)[0] == 404
    connection.close()


def test_chunked_put_is_stored_whole(server, event):
    """Apple's and others' clients send bodies without a length."""
    text = event(summary="chunked").encode()
    path = "/dav/anna/activities/one.ics"
    connection = server.connect()
    pieces = iter([text[:10], text[10:]])
    chunked = {**server.headers, "Transfer-Encoding": "chunked"}
    assert ask(connection, "PUT", path, pieces, chunked, encode_chunked=True)[0] == 201
    assert ask(connection, "GET", path, headers=server.headers)[2] == text
    connection.close()


def test_names_beyond_ascii_survive_the_server(server, event):
    """Percent-encoded UTF-8 on the wire, one resource in the store."""
    path = "/dav/anna/activities/sch%C5%AFzka%20%2B%25.ics"
    connection = server.connect()
    assert ask(connection, "PUT", path, event().encode(), server.headers)[0] == 201
    assert ask(connection, "GET", path, headers=server.headers)[0] == 200
    body = '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>'
    headers = {**server.headers, "Depth": "1"}
    listing = ask(connection, "PROPFIND", "/dav/anna/activities/", body, headers)[2]
    assert path.encode() in listing
    connection.close()


@pytest.mark.parametrize("server", WORKERS[-1:], indirect=True)
@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("a%3Ab.ics", b"a%3Ab.ics"),
        ("a:b.ics", b"a%3Ab.ics"),
        ("a,b%2Cc.ics", b"a%2Cb%2Cc.ics"),
        ("%E4%BC%9A%E8%AE%AE.ics", b"%E4%BC%9A%E8%AE%AE.ics"),
        ("caf%C3%A9.ics", b"caf%C3%A9.ics"),
        ("cafe%CC%81.ics", b"caf%C3%A9.ics"),
        ("100%25%2520.ics", b"100%25%2520.ics"),
        ("a%20b@c+d'e(f).ics", b"a%20b"),
        ("a&b%3Cc%3E.ics", b"a%26b%3Cc%3E.ics"),
    ],
)
def test_a_name_is_one_resource_however_it_is_written(server, event, written, listed):
    """One percent-decoding, NFC (P04); what a listing tells can be asked, by GET and multiget."""
    connection = server.connect()
    path = f"/dav/anna/activities/{written}"
    text = event().encode()
    assert ask(connection, "PUT", path, text, server.headers)[0] == 201
    body = '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>'
    headers = {**server.headers, "Depth": "1"}
    listing = ask(connection, "PROPFIND", "/dav/anna/activities/", body, headers)[2]
    hrefs = [href for href in re.findall(rb"href>([^<]*)<", listing) if href.endswith(b".ics")]
    assert len(hrefs) == 1
    told = hrefs[0].replace(b"&amp;", b"&").decode()
    assert listed.decode() in told.replace("&", "%26").replace(",", "%2C").replace("/a:b", "/a%3Ab")
    for each in (path, told):
        assert ask(connection, "GET", each, headers=server.headers)[2] == text
        multiget = (
            '<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            "<D:prop><D:getetag/></D:prop>"
            f"<D:href>{each.replace('&', '&amp;')}</D:href></C:calendar-multiget>"
        )
        got = ask(connection, "REPORT", "/dav/anna/activities/", multiget, headers)[2]
        assert b"getetag>&quot;" in got or b'getetag>"' in got
    assert ask(connection, "DELETE", told, headers=server.headers)[0] == 204
    assert ask(connection, "GET", path, headers=server.headers)[0] == 404
    connection.close()


def test_an_encoded_slash_makes_no_name_and_leads_nowhere_else(server, event):
    """Decoded once it parts two segments, and there is nothing below a calendar object."""
    connection = server.connect()
    for name in ("a%2Fb.ics", "..%2Ftasks%2Fx.ics", "%2e%2e%2ftasks%2fx.ics"):
        path = f"/dav/anna/activities/{name}"
        status = ask(connection, "PUT", path, event().encode(), server.headers)[0]
        assert status in (403, 404, 405, 409)
    for slug in ("activities", "tasks"):
        answer = ask(connection, "GET", f"/dav/anna/{slug}/", headers=server.headers)
        assert b"BEGIN:VEVENT" not in answer[2]
    connection.close()


@pytest.mark.parametrize(
    ("size", "more", "status"),
    [
        (300_000, {"Authorization": "Basic bm8=", "If-None-Match": "*"}, 401),
        (300_000, {"Content-Encoding": "gzip"}, 415),
        (11_000_000, {}, 413),
    ],
)
def test_a_connection_goes_on_or_ends_after_a_refusal_with_an_unread_body(
    server, event, size, more, status
):
    """The rest of a refused body is never taken for the next request."""
    body = b"GET /dav/anna/ HTTP/1.1\r\nHost: x\r\n\r\n" * (size // 38)
    connection = server.connect()
    sent = {**server.headers, **more}
    try:
        assert ask(connection, "PUT", "/dav/anna/activities/x.ics", body, sent)[0] == status
    except (BrokenPipeError, ConnectionResetError):
        # The answer came before the body was sent, and the connection ended.
        assert status == 413
    if status == 413:
        connection.close()
    path = "/dav/anna/activities/one.ics"
    assert ask(connection, "PUT", path, event().encode(), server.headers)[0] == 201
    assert ask(connection, "GET", path, headers=server.headers)[2] == event().encode()
    connection.close()


def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(server, event):
    """Expect: 100-continue (RFC 9110 section 10.1.1)."""
    text = event().encode()
    fields = {**server.headers, "Host": "x", "Expect": "100-continue", "Content-Length": len(text)}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        wire.sendall(f"PUT /dav/anna/activities/one.ics HTTP/1.1\r\n{head}\r\n".encode())
        assert wire.recv(1000).startswith(b"HTTP/1.1 100 ")
        wire.sendall(text)
        assert wire.recv(1000).startswith(b"HTTP/1.1 201 ")


def test_a_body_announced_too_large_is_refused_unread(server):
    """The answer comes before the body."""
    connection = server.connect()
    connection.putrequest("PUT", "/dav/anna/activities/one.ics")
    for name, value in {**server.headers, "Content-Length": str(10 * 2**30)}.items():
        connection.putheader(name, value)
    connection.endheaders(b"x")
    assert connection.getresponse().status == 413
    connection.close()


def test_answers_are_compressed_when_asked(server, event):
    """And say that they vary; what fits into a packet as it is stays as it is."""
    connection = server.connect()
    path = "/dav/anna/activities/one.ics"
    ask(connection, "PUT", path, event().encode(), server.headers)
    zipped = {**server.headers, "Accept-Encoding": "br, gzip;q=0.5"}
    assert "Content-Encoding" not in ask(connection, "GET", path, headers=zipped)[1]
    refused = {**server.headers, "Accept-Encoding": "gzip;q=0"}
    plain = ask(connection, "PROPFIND", "/dav/anna/", headers=refused)[1]
    assert "Content-Encoding" not in plain
    assert plain["Vary"] == "Accept-Encoding"
    _, headers, body = ask(connection, "PROPFIND", "/dav/anna/", headers=zipped)
    assert (headers["Content-Encoding"], headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert body[:2] == b"\x1f\x8b"
    connection.close()
