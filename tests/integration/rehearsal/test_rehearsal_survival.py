"""A state file: what was acknowledged survives kill -9 and restarts (contract section 8)."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from bridge.errors import ConfigError
from bridge.rehearsal.server import RehearsalServer

PROGRAM = """
import json, sys
from pathlib import Path
from bridge.rehearsal.server import RehearsalServer
server = RehearsalServer(port=0, state=Path(sys.argv[1]))
print(json.dumps(server.describe().to_json()), flush=True)
server.serve_forever()
print("ended", flush=True)
"""
EVENTS = "/calendars/primary/events"
SCOPE = "https://www.googleapis.com/auth/calendar"
DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.fixture
def start(tmp_path):
    """A function that starts a rehearsal of its own process over one state file."""
    running = []

    def begin():
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path / "state.sqlite")],
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process, json.loads(process.stdout.readline())

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        process.stdout.close()


def call(described, method, path, body=None):
    """Call the API as the first account and return the JSON of its answer."""
    request = urllib.request.Request(
        f"{described['api_url']}/calendar/v3{path}",
        data=json.dumps(body).encode() if body is not None else None,
        method=method,
        headers={"Authorization": f"Bearer {described['accounts'][0]['access_token']}"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        text = response.read()
    return json.loads(text) if text else None


def test_acknowledged_writes_survive_kill_9(start):
    """Contract 8: state is written before the answer."""
    process, first = start()
    page = call(first, "GET", "/calendars/primary/events")
    made = [call(first, "POST", "/calendars/primary/events", DAY)["id"] for _ in range(5)]
    call(first, "DELETE", f"/calendars/primary/events/{made[0]}")
    changed = call(first, "PATCH", f"/calendars/primary/events/{made[1]}", {"summary": "x"})
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)

    _, second = start()
    for name in ("client_id", "client_secret", "accounts"):
        assert second[name] == first[name]
    token = page["nextSyncToken"]
    listed = call(second, "GET", f"/calendars/primary/events?syncToken={token}")["items"]
    assert {item["id"]: item["status"] for item in listed} == {
        each: "cancelled" if each == made[0] else "confirmed" for each in made
    }
    assert changed in listed
    again = call(second, "POST", "/calendars/primary/events", DAY)
    assert again["etag"] not in {item["etag"] for item in listed}


class Writers:
    """Threads that write as fast as they can, and remember what was acknowledged to them.

    Attributes:
        events: By id, the event as answered.
        batches: Ids of each batch that was sent, and whether it was answered.
        living: Access and refresh tokens that were answered and never revoked.
        revoked: Refresh tokens whose revocation was answered.
    """

    def __init__(self, described):
        self.described = described
        self.events, self.batches, self.living, self.revoked = {}, [], [], []
        self._calls = (self._insert, self._insert, self._batch, self._sign_in)
        self._threads = [threading.Thread(target=self._work, args=(call,)) for call in self._calls]
        for thread in self._threads:
            thread.start()

    @property
    def acknowledged(self):
        """The least that every kind of writer has to show."""
        answered = sum(done for _, done in self.batches)
        return min(len(self.events) // 8, answered, len(self.living), len(self.revoked))

    def join(self):
        """Wait until all have seen the end of the server."""
        for thread in self._threads:
            thread.join(30)

    def _work(self, call):
        number = 0
        while True:
            number += 1
            try:
                call(f"{threading.get_ident() % 10**6:06d}{number:06d}", number)
            except (OSError, HTTPException):
                return

    def _insert(self, identity, number):
        made = call(self.described, "POST", EVENTS, {"id": identity, **DAY})
        self.events[identity] = made
        if number % 3 == 0:
            patch = {"summary": "changed"}
            self.events[identity] = call(self.described, "PATCH", f"{EVENTS}/{identity}", patch)

    def _batch(self, identity, _number):
        identities = [f"{identity}{letter}" for letter in "abcdefgh"]
        self.batches.append([identities, False])
        parts = [
            f"--x\r\nContent-Type: application/http\r\n\r\nPOST /calendar/v3{EVENTS}\r\n\r\n"
            + json.dumps({"id": each, **DAY})
            for each in identities
        ]
        body = "\r\n".join([*parts, "--x--\r\n"]).encode()
        kind = "multipart/mixed; boundary=x"
        answered = send(self.described, "POST", "/batch/calendar/v3", body, kind=kind)
        assert answered.count(b"HTTP/1.1 200 OK") == len(identities)
        self.batches[-1][1] = True

    def _sign_in(self, _identity, number):
        # The last account is for revocations, which end all grants of a person.
        account = self.described["accounts"][number % 2]["email"]
        granted = sign_in(self.described, account)
        if number % 2:
            send(self.described, "POST", f"/revoke?token={granted['refresh_token']}", b"")
            self.revoked.append(granted["refresh_token"])
        else:
            self.living.append(granted)


def sign_in(described, account):
    """Consent as an account and return what the token address gives."""
    fields = {
        "client_id": described["client_id"],
        "redirect_uri": "http://127.0.0.1:1/oauth/google/callback",
        "response_type": "code",
        "scope": SCOPE,
        "access_type": "offline",
        "prompt": "consent",
        "decision": "allow",
        "account": account,
        "granted": SCOPE,
    }
    connection = HTTPConnection(described["root"].removeprefix("http://"), timeout=10)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/o/oauth2/v2/auth", urlencode(fields), form)
    location = connection.getresponse().headers["Location"]
    connection.close()
    code = parse_qs(urlsplit(location).query)["code"][0]
    given = {"grant_type": "authorization_code", "code": code}
    return json.loads(token_call(described, **given, redirect_uri=fields["redirect_uri"]))


def token_call(described, **fields):
    """Call the token address."""
    fields |= {name: described[name] for name in ("client_id", "client_secret")}
    kind = "application/x-www-form-urlencoded"
    return send(described, "POST", "/token", urlencode(fields).encode(), kind=kind)


def send(described, method, path, body, *, kind="application/json", token=""):
    """Send one request and return the body of its answer."""
    request = urllib.request.Request(described["root"] + path, data=body, method=method)
    request.add_header(
        "Authorization", f"Bearer {token or described['accounts'][0]['access_token']}"
    )
    request.add_header("Content-Type", kind)
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read()


def test_kill_9_in_the_middle_of_writing_loses_nothing_acknowledged(start):
    """Contract 8, while events, batches, grants and revocations are being written."""
    process, first = start()
    send(first, "POST", "/_rehearsal/switches", b'{"quotas": "off"}')
    writers = Writers(first)
    deadline = time.monotonic() + 60
    while writers.acknowledged < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert writers.acknowledged >= 5
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    writers.join()

    _, second = start()
    listed = call(second, "GET", f"{EVENTS}?maxResults=2500")["items"]
    stored = {item["id"]: item for item in listed}
    assert [made for made in writers.events.values() if not _is_at_least(stored, made)] == []
    for identities, answered in writers.batches:
        found = sum(identity in stored for identity in identities)
        # One transaction: all of a batch, or nothing of one that was not answered.
        assert found == len(identities) or (found == 0 and not answered)
    in_batches = sum(len(identities) for identities, _ in writers.batches)
    assert len(stored) <= len(writers.events) + in_batches + 2
    for granted in writers.living:
        assert b"expires_in" in token_call(
            second, grant_type="refresh_token", refresh_token=granted["refresh_token"]
        )
        send(
            second, "GET", f"/calendar/v3{EVENTS}?fields=etag", None, token=granted["access_token"]
        )
    for refresh_token in writers.revoked:
        with pytest.raises(HTTPError, match="400"):
            token_call(second, grant_type="refresh_token", refresh_token=refresh_token)


def _is_at_least(stored, made):
    """Return whether an event is there as answered, or with a later change that was under way."""
    found = stored.get(made["id"])
    return found is not None and int(found["etag"][1:-1]) >= int(made["etag"][1:-1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_program_within_a_second(start, number):
    """SIGTERM and SIGINT end cleanly, open connections notwithstanding."""
    process, described = start()
    call(described, "GET", "/calendars/primary/events")
    begun = time.monotonic()
    process.send_signal(number)
    assert process.wait(5) == 0
    assert time.monotonic() - begun < 1
    assert process.stdout.read() == "ended\n"


def test_clock_switches_and_accounts_survive_a_restart(tmp_path):
    """Everything kept, not events alone."""
    path = tmp_path / "state.sqlite"
    with RehearsalServer(port=0, state=path) as server:
        _control(server, "clock", {"advance_seconds": 5000})
        _control(server, "switches", {"malformed_sync_token": 400})
        _control(server, "accounts", {"email": "carl@example.com"})
        before = server.describe()
    with RehearsalServer(port=0, state=path, accounts=("other@example.com",)) as server:
        assert server.describe().accounts == before.accounts
        assert server.world.clock.offset.total_seconds() == 5000
        assert server.world.switches.malformed_sync_token == 400


def test_state_file_from_before_access_rules_keeps_its_owners(tmp_path):
    """An older file gets the newer tables when it is opened, and its owners their rules."""
    path = tmp_path / "state.sqlite"
    with RehearsalServer(port=0, state=path) as server:
        before = server.describe().to_json()
    newer = ("acl_rule", "access_change", "group_member", "setting", "channel")
    with closing(sqlite3.connect(path)) as connection:
        for table in newer:
            connection.execute(f"DROP TABLE {table}")
        connection.commit()
    with RehearsalServer(port=0, state=path) as server:
        described = server.describe().to_json()
        for calendar in described["accounts"][0]["calendars"]:
            (rule,) = call(described, "GET", f"/calendars/{calendar}/acl")["items"]
            assert (rule["id"], rule["role"]) == ("user:anna@example.com", "owner")
        assert described["accounts"] == before["accounts"]


def test_chosen_accounts_and_redirect_addresses(tmp_path):
    """The constructor's choices."""
    wanted = RehearsalServer(
        port=0,
        accounts=("one@example.org",),
        redirect_uris=["https://crm.example.org/cb"],
        allow_http_push=True,
    )
    try:
        assert [each.email for each in wanted.describe().accounts] == ["one@example.org"]
        assert wanted.world.allow_http_push
        assert wanted.world.redirect_uris == ("https://crm.example.org/cb",)
    finally:
        wanted.stop()
        wanted.stop()


def test_file_of_another_kind_is_refused(tmp_path):
    """A wrong --state must not be overwritten."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to look at" * 50)
    with pytest.raises(ConfigError, match="not a state file"):
        RehearsalServer(port=0, state=path)
    assert path.read_text().startswith("not a database")


def test_taken_port_is_an_os_error(tmp_path):
    """Two rehearsals cannot share a port."""
    with RehearsalServer(port=0) as server:
        port = int(server.root.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"):
            RehearsalServer(port=port)


def _control(server, name, body):
    request = urllib.request.Request(
        f"{server.root}/_rehearsal/{name}", data=json.dumps(body).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.loads(response.read())
