"""A state file: what was acknowledged survives kill -9 and restarts (contract section 8)."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

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
