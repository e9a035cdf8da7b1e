"""Who gets in: app passwords, the worker's token, and everybody else (threats 3.2, S01-S04)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bridge.domain.connection import ConnectionState, Farewell
from bridge.domain.worker_lease import HEADER, LEASE_LOST
from bridge.domain.worker_token import Errand, worker_password
from bridge.store.schema.dav import CalendarObject

HOME = "/anna/activities/"
WORKER_KEY = b"w" * 32

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def test_app_password_opens_the_own_home(crm):
    """Case and blanks of the login do not matter."""
    client = crm.client("anna")
    assert client.propfind(HOME, "<D:getetag/>").status == 207
    client.login = "Anna"
    assert client.propfind(HOME, "<D:getetag/>").status == 207


@one_database
@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("anna", "wrong"),
        ("anna", ""),
        ("nobody", "wrong"),
        ("ann", None),
        ("bob", None),
        ("anna/", None),
        (".*", None),
        ("anna", "x" * 2000),
    ],
)
def test_wrong_credentials_are_all_the_same(crm, login, password):
    """Status and body tell nothing (S02); None stands for Anna's own password."""
    client = crm.client("anna")
    client.login = login
    client.password = client.password if password is None else password
    answer = client.propfind(HOME, "<D:getetag/>")
    assert (answer.status, answer.body) == (401, b"sign in with an app password\n")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


@one_database
def test_an_unknown_login_costs_what_a_wrong_password_costs(crm, sent):
    """The same statements, so that the time tells nobody who exists (S02)."""
    client = crm.client("anna")
    client.password = client.password[:-4] + "0000"
    asked = {}
    for login in ("anna", "nobody"):
        client.login = login
        client.propfind(HOME, "<D:getetag/>")
        sent.clear()
        assert client.propfind(HOME, "<D:getetag/>").status == 401
        asked[login] = [each.text for each in sent]
    assert asked["anna"] == asked["nobody"]
    assert asked["anna"] != []


@one_database
@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Bearer x",
        "Basic " + b64encode(b"\xff:\xff").decode(),
        "Basic YW5uYQ==",
    ],
)
def test_odd_headers_are_asked_again(crm, header):
    """Never a failure (S03)."""
    client = crm.client("anna")
    client.login = ""
    assert client.request("PROPFIND", HOME, headers={"Authorization": header}).status == 401


def test_revoked_password_is_dead_at_once(crm, now):
    """With the next request (S04)."""
    client = crm.client("anna")
    assert client.get("/anna/tasks/").status == 200
    with crm.database.write() as work:
        secret = work.app_passwords.list(crm.users["anna"].id)[0]
        work.app_passwords.revoke(secret.id, None, now)
    assert client.get("/anna/tasks/").status == 401


def test_last_use_is_noted_once(crm):
    """Not with each request: a poll must not write."""
    client = crm.client("anna")

    def last_use():
        with crm.database.read() as work:
            return work.app_passwords.list(crm.users["anna"].id)[0].last_used_at

    assert last_use() is None
    client.get("/anna/tasks/")
    first = last_use()
    assert first is not None
    client.get("/anna/tasks/")
    assert last_use() == first


@one_database
def test_guessing_is_slowed_for_that_network_only(crm):
    """429 with the time to wait; the right password works from elsewhere (S01)."""
    stranger = crm.client("anna")
    stranger.defaults = {"REMOTE_ADDR": "203.0.113.5"}
    right, stranger.password = stranger.password, "wrong"
    answers = [stranger.get(HOME) for _ in range(12)]
    assert answers[0].status == 401
    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    stranger.password = right
    assert stranger.get(HOME).status == 429
    assert crm.client("anna").get(HOME).status == 200
    bob = crm.client("bob")
    bob.defaults = stranger.defaults
    assert bob.get("/bob/tasks/").status == 200


@one_database
def test_a_failed_sign_in_is_logged_with_who_and_where_from(crm, caplog):
    """Never by the inside of the program, nor by the password."""
    client = crm.client("anna")
    client.password = "canary-password"
    assert client.get(HOME).status == 401
    (record,) = [each for each in caplog.records if "sign-in refused" in each.message]
    assert (record.login, record.client) == ("anna", "127.0.0.1")
    assert "canary" not in repr(vars(record))


@one_database
def test_requests_without_credentials_are_no_failed_sign_ins(crm, caplog):
    """Every client begins with one: they slow nobody, and no log tells of them."""
    client = crm.client("anna")
    client.defaults = {"REMOTE_ADDR": "203.0.113.5"}
    client.login = ""
    statuses = {client.propfind("/anna/", "<D:displayname/>").status for _ in range(30)}
    assert statuses == {401}
    assert not [text for text in caplog.messages if "sign-in" in text]
    client.login = "anna"
    assert client.propfind("/anna/", "<D:displayname/>").status == 207


@one_database
@pytest.mark.parametrize("method", ["PROPFIND", "GET", "PUT", "DELETE", "REPORT", "MKCALENDAR"])
def test_without_credentials_everything_asks_for_them(crm, event, method):
    """401, for what is there and for what is not."""
    client = crm.client("anna")
    client.login = ""
    for path in ("/", "/anna/", HOME, "/nobody/"):
        body = event() if method == "PUT" else ""
        assert client.request(method, path, body).status == 401


@pytest.fixture
def connection(crm, now):
    """An active connection of Anna's."""
    with crm.database.write() as work:
        return work.connections.add(
            crm.users["anna"],
            account_email="anna@gmail.example",
            google_subject="1",
            granted_scopes=frozenset(),
            now=now,
        )


@pytest.fixture
def worker(crm, connection):
    """The worker, signing in for Anna from this machine."""
    client = crm.client("anna")
    client.password = token(connection.id)
    return client


def token(connection_id, login="anna", key=WORKER_KEY, age=timedelta(0), errand=Errand.SYNC):
    """Return a token made some time ago."""
    now = datetime.now(UTC) - age
    return worker_password(key, login=login, connection_id=connection_id, now=now, errand=errand)


def test_worker_signs_in_and_its_writes_name_it(crm, worker, connection, event):
    """Rights are the owner's, the origin is the connection's."""
    assert worker.put(HOME + "g.ics", event("g")).status == 201
    assert origin_of(crm, "g") == f"google:{connection.id}"
    assert worker.get("/bob/activities/").status == 404
    crm.client("anna").put(HOME + "c.ics", event("c"))
    assert origin_of(crm, "c") == "client"


def test_a_stopped_sync_is_taken_back_for_a_person_only(crm, connection, event):
    """The worker has no business there any more; an undo has the owner's rights and no more."""
    with crm.database.write() as work:
        work.connections.save(connection.moved_to(ConnectionState.STOPPED))
    client = crm.client("anna")
    client.password = token(connection.id)
    assert client.put(HOME + "g.ics", event("g")).status == 401
    client.password = token(connection.id, errand=Errand.UNDO)
    assert client.put(HOME + "g.ics", event("g")).status == 201
    assert client.get("/bob/activities/").status == 404
    forged = token(connection.id, key=b"x" * 32, errand=Errand.UNDO)
    client.password = forged
    assert client.get(HOME + "g.ics").status == 401


@pytest.fixture
def lease(crm, connection, now):
    """Return a function that takes the lease and returns the header that tells of it."""
    owners = iter(range(9))

    def take():
        with crm.database.write() as work:
            fencing = work.leases.acquire(connection.id, f"{next(owners)}", now=now, seconds=0)
        return {HEADER: str(fencing)}

    return take


def test_a_late_write_of_a_worker_that_lost_its_lease_changes_nothing(worker, lease, event):
    """Another one has taken over, and may have seen or moved the very item."""
    mine = lease()
    written = worker.request("PUT", HOME + "g.ics", event("g"), mine)
    assert written.status == 201
    lease()
    late = [
        worker.request("PUT", HOME + "h.ics", event("h"), mine),
        worker.request("PUT", HOME + "g.ics", event("g"), {**mine, "If-Match": written.etag}),
        worker.request("DELETE", HOME + "g.ics", headers={**mine, "If-Match": written.etag}),
        worker.request("MOVE", HOME + "g.ics", headers={**mine, "Destination": f"/dav{HOME}m.ics"}),
    ]
    assert [(answer.status, answer.xml[0].tag) for answer in late] == [(412, LEASE_LOST)] * 4
    assert worker.get(HOME + "h.ics").status == 404
    assert worker.get(HOME + "g.ics").etag == written.etag


@one_database
def test_reading_needs_no_lease(worker, lease):
    """What a worker that lost its lease reads does no harm; it can store nothing of it."""
    mine = lease()
    lease()
    assert worker.request("GET", HOME, headers=mine).status == 200


@one_database
@pytest.mark.parametrize("header", ["", "x", "-1", "1.0", "٧", "9" * 40])
def test_a_lease_that_nobody_can_read_holds_for_no_write(worker, lease, event, header):
    """As an entity tag that nobody can read matches nothing."""
    lease()
    answer = worker.request("PUT", HOME + "g.ics", event("g"), {HEADER: header})
    assert (answer.status, answer.xml[0].tag) == (412, LEASE_LOST)


@one_database
def test_a_person_has_no_lease(crm, lease, event):
    """The header means something from the worker only."""
    mine = lease()
    lease()
    answer = crm.client("anna").request("PUT", HOME + "c.ics", event("c"), mine)
    assert answer.status == 201


def origin_of(crm, uid):
    """Return who is recorded as last writer of an object."""
    with crm.database.read() as work:
        mine = select(CalendarObject.origin).where(CalendarObject.uid == uid)
        return work.connection.scalar(mine)


@one_database
@pytest.mark.parametrize(
    "defaults",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
    ],
)
def test_worker_token_counts_only_from_trusted_sockets(worker, defaults):
    """A stolen token is of no use from elsewhere, nor through a proxy."""
    assert worker.get(HOME).status == 200
    worker.defaults = defaults
    assert worker.get(HOME).status == 401


def test_worker_token_is_bound_to_login_connection_key_and_time(crm, worker, connection):
    """Each part of it is signed."""
    refused = [
        token(connection.id + 1),
        token(connection.id, login="bob"),
        token(connection.id, key=b"x" * 32),
        token(connection.id, age=timedelta(minutes=2)),
        token(connection.id)[:-1] + "!",
        "crmdav-worker." + crm.passwords["anna"],
    ]
    for password in refused[:3]:
        worker.password = password
        assert worker.get(HOME).status == 401
    bob = crm.client("bob")
    bob.password = token(connection.id, login="bob")
    assert bob.get("/bob/tasks/").status == 401
    fresh = crm.client("anna")
    fresh.defaults = {"REMOTE_ADDR": "127.1.1.1"}
    for password in refused[3:]:
        fresh.password = password
        assert fresh.get(HOME).status == 401


def test_stopped_connection_ends_the_workers_sign_in(crm, worker, connection):
    """Stop means stop, whatever token is still about."""
    assert worker.get(HOME).status == 200
    with crm.database.write() as work:
        work.connections.save(replace(connection, state=ConnectionState.STOPPED))
    assert worker.get(HOME).status == 401


def test_a_stopped_connection_that_still_takes_something_away_may_sign_in(crm, worker, connection):
    """Until that is done, and not a moment longer."""
    stopped = replace(connection, state=ConnectionState.STOPPED)
    for farewell, status in ((Farewell.INCOMING, 200), (None, 401)):
        with crm.database.write() as work:
            work.connections.save(replace(stopped, farewell=farewell))
        assert worker.get(HOME).status == status
