"""The plugin under a plain Radicale, named in its configuration file (contract section 3)."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from base64 import b64encode
from datetime import UTC, datetime
from wsgiref.simple_server import WSGIRequestHandler

import pytest
import radicale.config
import radicale.server
from radicale.app import Application

from bridge.domain.worker_lease import HEADER
from bridge.domain.worker_token import PURPOSE, derive_key, worker_password
from bridge.store.secrets import digest
from radicale_plugin import plain

SECRET = b"k" * 64


@pytest.fixture
def configuration(crm, database_url, tmp_path, now):
    """A configuration file as an administrator would write it, and a password for its key."""
    key_file = tmp_path / "crmdav.key"
    key_file.write_bytes(SECRET + b"\n")
    password = "p" * 32
    with crm.database.write() as work:
        proof = digest(derive_key(SECRET, "app passwords"), password)
        work.app_passwords.add(crm.users["anna"], "laptop", password[:8], proof, now)
    crm.passwords["anna"] = password
    path = tmp_path / "config"
    path.write_text(
        f"[storage]\ntype = radicale_plugin.storage\ndatabase_url = {database_url}\n"
        f"[auth]\ntype = radicale_plugin.auth\nkey_file = {key_file}\ndelay = 0\n"
        "[rights]\ntype = radicale_plugin.rights\n",
        encoding="utf-8",
    )
    yield radicale.config.load([(str(path), False)])
    database = plain._databases.pop(database_url, None)
    if database is not None:
        database.dispose()


@pytest.fixture
def client(crm, configuration):
    """A client of stock Radicale's own application, mounted at /dav."""
    application = Application(configuration)

    def mounted(environ, start_response):
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/dav")
        environ["SCRIPT_NAME"] = "/dav"
        return application(environ, start_response)

    client = crm.client("anna")
    client.application = mounted
    return client


def test_stock_application_serves_the_store(client, event):
    """Sign-in, discovery, PUT, GET, query, sync and DELETE through the stock handlers."""
    home = "/anna/activities/"
    assert client.propfind("/anna/", "<D:displayname/>").text_of("{DAV:}displayname") == "Anna"
    empty = client.sync(home)
    assert client.put(home + "a.ics", event()).status == 201
    assert b"SUMMARY:Coffee" in client.get(home + "a.ics").body
    day = '<C:time-range start="20260302T000000Z" end="20260303T000000Z"/>'
    filters = f'<C:comp-filter name="VEVENT">{day}</C:comp-filter>'
    assert client.query(home, filters).hrefs() == ["/dav/anna/activities/a.ics"]
    token = empty.text_of("{DAV:}sync-token")
    assert client.sync(home, token).hrefs() == ["/dav/anna/activities/a.ics"]
    assert client.request("DELETE", home + "a.ics").status == 200
    assert client.get(home + "a.ics").status == 404


def test_stock_application_refuses(client, event, todo):
    """Statuses only, without reasons; nothing is stored and nothing fails."""
    home = "/anna/activities/"
    assert client.put(home + "t.ics", todo()).status == 403
    assert client.put(home + "x.ics", "broken").status == 400
    client.put(home + "a.ics", event())
    assert client.put(home + "b.ics", event()).status == 409
    assert client.request("MKCALENDAR", "/anna/new/").status == 403
    assert client.request("DELETE", home).status == 403
    assert client.get("/bob/activities/").status == 403
    assert client.sync(home, "forged").condition == "valid-sync-token"
    assert client.propfind(home, "<D:getetag/>", depth="1").hrefs()[1:] == [f"/dav{home}a.ics"]
    client.password = "wrong"
    assert client.get(home).status == 401


def test_late_write_of_a_worker_stores_nothing(crm, client, event, now):
    """The stock handlers make a 500 of it, which ends a run; a person's write is none of it."""
    home, anna = "/anna/activities/", crm.users["anna"]
    with crm.database.write() as work:
        connection = work.connections.add(
            anna, account_email="a@gmail.example", google_subject="1",
            granted_scopes=frozenset(), now=now,
        )  # fmt: skip
        late = work.leases.acquire(connection.id, "late", now=now, seconds=0)
    person, key = client.password, derive_key(SECRET, PURPOSE)
    client.password = worker_password(
        key, login="anna", connection_id=connection.id, now=datetime.now(UTC)
    )
    mine = {HEADER: str(late)}
    written = client.request("PUT", home + "a.ics", event("a"), mine)
    assert written.status == 201
    with crm.database.write() as work:
        work.leases.acquire(connection.id, "another", now=now, seconds=60)
    answers = [
        client.request("PUT", home + "b.ics", event("b"), mine).status,
        client.request("DELETE", home + "a.ics", "", mine | {"If-Match": written.etag}).status,
    ]
    assert answers == [500, 500]
    assert client.propfind(home, "<D:getetag/>", depth="1").hrefs()[1:] == [f"/dav{home}a.ics"]
    client.password = person
    assert client.request("PUT", home + "c.ics", event("c"), mine).status == 201


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_stock_server_serves_over_http(crm, configuration, monkeypatch, event):
    """`python -m radicale` with our modules, on a socket."""
    probe = socket.create_server(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    configuration.update({"server": {"hosts": f"127.0.0.1:{port}"}}, "test")
    monkeypatch.setattr(WSGIRequestHandler, "log_message", lambda *_: None)
    stop, stopped = socket.socketpair()
    thread = threading.Thread(target=radicale.server.serve, args=(configuration, stopped))
    thread.start()
    try:
        pair = b64encode(f"anna:{crm.passwords['anna']}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "text/calendar"}
        answers = []
        for method, body in (("PUT", event()), ("GET", None)):
            connection = _connected(http.client.HTTPConnection("127.0.0.1", port, timeout=20))
            connection.request(method, "/anna/activities/a.ics", body, headers)
            response = connection.getresponse()
            answers.append((response.status, response.read()))
            connection.close()
        assert answers[0][0] == 201
        assert b"SUMMARY:Coffee" in answers[1][1]
    finally:
        stop.close()
        thread.join(30)
        stopped.close()


def _connected(connection):
    """Connect, waiting for the server to listen."""
    for _ in range(100):
        try:
            connection.connect()
        except OSError:
            time.sleep(0.05)
        else:
            return connection
    raise AssertionError("the server does not listen")
