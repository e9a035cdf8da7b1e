"""Over real HTTP, under the server the product ships with: gunicorn with threads."""

from __future__ import annotations

import http.client
import re
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


@pytest.fixture
def server(crm, database_url, tmp_path) -> Iterator[Server]:
    """Gunicorn in a process of its own, on a port the system chose."""
    (tmp_path / "dav_under_test.py").write_text(MODULE.format(url=database_url), encoding="utf-8")
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4"]
    command += ["--bind", "127.0.0.1:0", "--chdir", str(tmp_path), "--no-control-socket"]
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [*command, "--pythonpath", str(root), "dav_under_test:application"],
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
    assert ask(connection, "DELETE", path, headers=server.headers)[0] == 200
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
    """And say that they vary."""
    connection = server.connect()
    path = "/dav/anna/activities/one.ics"
    ask(connection, "PUT", path, event().encode(), server.headers)
    zipped = {**server.headers, "Accept-Encoding": "gzip"}
    _, headers, body = ask(connection, "GET", path, headers=zipped)
    assert (headers["Content-Encoding"], headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert body[:2] == b"\x1f\x8b"
    connection.close()
