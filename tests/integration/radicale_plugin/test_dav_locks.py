"""Locks that others really hold, and a database that breaks down: 503 with a time to come back."""

import threading

import pytest

from bridge.store.database import Database


@pytest.fixture
def impatient(monkeypatch):
    """Requests that give up on a lock at once, so that a test need not wait for them."""
    write = Database.write

    def hurried(self, homes=(), *, wait_seconds=None):
        return write(self, homes, wait_seconds=min(wait_seconds or 0.2, 0.2))

    monkeypatch.setattr(Database, "write", hurried)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PROPPATCH"])
def test_a_lock_that_another_program_holds_is_told_as_busy(anna, crm, event, impatient, method):
    """SQLite's write lock, or the home's row on PostgreSQL: 503, and nothing was written."""
    anna.put("/anna/activities/one.ics", event())
    path = "/anna/activities/" if method == "PROPPATCH" else "/anna/activities/one.ics"
    change = (
        '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>x</D:displayname></D:prop>'
        "</D:set></D:propertyupdate>"
    )
    bodies = {"PUT": event("one", "Later"), "DELETE": "", "PROPPATCH": change}
    answers = []
    with crm.database.write([crm.users["anna"].id]):
        thread = threading.Thread(
            target=lambda: answers.append(anna.request(method, path, bodies[method]))
        )
        thread.start()
        thread.join(10)
    assert [answer.status for answer in answers] == [503]
    assert int(answers[0].headers["Retry-After"]) > 0
    assert anna.get("/anna/activities/one.ics").body == event().encode()
    assert anna.request(method, path, bodies[method]).status in (200, 204, 207)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_trouble_of_the_database_is_told_as_busy_too(anna, crm, event):
    """A program that got a 4xx would drop the change; this one comes back."""

    def rename(old, new):
        with crm.database.write() as work:
            work.connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")

    rename("tombstones", "elsewhere")
    answer = anna.put("/anna/activities/one.ics", event())
    rename("elsewhere", "tombstones")
    assert answer.status == 503
    assert "Retry-After" in answer.headers
    assert anna.get("/anna/activities/one.ics").status == 404
    assert anna.put("/anna/activities/one.ics", event()).status == 201
