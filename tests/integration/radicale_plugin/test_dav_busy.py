"""A database that is busy: 503 with a time to come back, never a failure."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest

from bridge.errors import StoreBusy
from bridge.store.database import Database

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
RENAMING = (
    '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>Trips</D:displayname>'
    "</D:prop></D:set></D:propertyupdate>"
)


@contextmanager
def busy(*_, **__):
    """Stand for a lock that was not had in time."""
    raise StoreBusy("the database is locked")
    yield


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PROPPATCH"])
def test_writes_that_cannot_be_made_are_to_be_tried_again(anna, event, monkeypatch, method):
    """Thunderbird takes a 500 for success; this it does not."""
    one = "/anna/activities/one.ics"
    bodies = {"PUT": event(summary="Tea"), "DELETE": "", "PROPPATCH": RENAMING}
    kept = anna.put(one, event()).etag
    with monkeypatch.context() as patched:
        patched.setattr(Database, "write", busy)
        path = "/anna/activities/" if method == "PROPPATCH" else one
        answer = anna.request(method, path, bodies[method])
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert anna.get(one).etag == kept
    assert b"Trips" not in anna.propfind("/anna/activities/", "<D:displayname/>").body


@one_database
def test_sign_in_that_cannot_be_checked_is_to_be_tried_again(anna, monkeypatch):
    """Outside of all handlers, where Radicale would answer 500."""
    monkeypatch.setattr(Database, "read", busy)
    answer = anna.get("/anna/activities/")
    assert answer.status == 503
    assert "Retry-After" in answer.headers


@one_database
def test_reads_and_sign_in_go_on_while_somebody_writes(crm, anna, event):
    """Readers are not blocked by writers, and noting the last use waits for nobody."""
    anna.put("/anna/activities/one.ics", event())
    bob = crm.client("bob")
    with crm.database.write([crm.users["bob"].id]):
        answers = []
        reads = [
            (anna, "/anna/activities/one.ics"),
            (bob, "/bob/tasks/"),
        ]
        threads = [
            threading.Thread(target=lambda c=client, p=path: answers.append(c.get(p).status))
            for client, path in reads
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(3)
        assert answers == [200, 200]
