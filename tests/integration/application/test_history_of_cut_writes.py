"""What the history says of a write to Google that was cut in its middle, and how it goes on."""

import json
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from types import SimpleNamespace

import pytest

from bridge.application.explain import Standing, explain
from bridge.application.history import History
from bridge.domain.connection import ConnectionState
from bridge.errors import NotConnected
from bridge.google_calendar.access import GoogleAccess
from bridge.google_calendar.collection import GoogleCollection
from bridge.google_calendar.oauth import AccessToken
from bridge.google_calendar.session import GoogleSession
from bridge.ical.calendar_object import CalendarObject
from bridge.store.history import JournalFilter
from bridge.sync.model import JournalState

SERIES = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:weekly
DTSTAMP:20260101T000000Z
DTSTART:20260305T100000Z
DTEND:20260305T110000Z
RRULE:FREQ=WEEKLY;COUNT=4
SUMMARY:Weekly
END:VEVENT
BEGIN:VEVENT
UID:weekly
DTSTAMP:20260101T000000Z
RECURRENCE-ID:20260312T100000Z
DTSTART:20260312T140000Z
DTEND:20260312T150000Z
SUMMARY:Weekly
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.fixture
def at_google(rehearsal, setup, sides):
    """Google's side over HTTP instead of one in memory; a series is about to go there."""
    sides.activities.put("weekly.ics", CalendarObject.parse(SERIES))
    told = rehearsal.describe()
    account = told.accounts[0]
    until = datetime.now(UTC) + timedelta(days=1)
    access = GoogleAccess(
        addresses=setup.addresses,
        client=setup.client,
        refresh_token="none",
        access_token=AccessToken(token=account.access_token, expires_at=until),
    )
    session = GoogleSession(access, timeout_seconds=8)
    calendar = session.calendar(session.create_calendar("CRM", "Europe/Prague").id)
    sides.google = GoogleCollection(session, calendar, install_key=bytes(32))

    def fail(fault, **which):
        server = HTTPConnection(told.root.removeprefix("http://"), timeout=10)
        body = json.dumps({"fault": fault, "times": 1, **which})
        server.request("POST", "/_rehearsal/faults", body, {"Content-Type": "application/json"})
        assert server.getresponse().status == 200
        server.close()

    yield SimpleNamespace(fail=fail, listed=lambda: sides.google.changes(None).items)
    session.close()


@pytest.fixture
def sync(runner, connection, clock):
    """Return a function that runs the connection; time passes."""

    def run(**span):
        clock.advance(**(span or {"seconds": 1}))
        return runner.run(connection.id)

    return run


@pytest.mark.parametrize("fault", ["status:403:insufficientPermissions", "status:403:forbidden"])
def test_a_series_cut_in_its_middle_is_not_told_as_failed_while_part_of_it_is_there(
    request, sync, at_google, fault
):
    """Be it by a dead grant or a refused date: the rest follows, and nothing is there twice."""
    database, connection = map(request.getfixturevalue, ("database", "connection"))
    at_google.fail(fault, method="PATCH", path_contains="_20260312T100000Z")
    report = sync()
    (begun,) = at_google.listed()
    assert begun.parts == ()
    (write,) = History(database).items(connection, JournalFilter(), limit=9).rows
    assert write.state is JournalState.INTENDED
    assert write.sentence == (
        "Began to create “Weekly” at Google; how much of it got through, the next run finds out."
    )
    assert write.detail
    if isinstance(report.stopped_by, NotConnected):
        with database.write() as work:
            told = work.connections.get(connection.id)
            assert told.state is ConnectionState.NEEDS_ATTENTION
            work.connections.save(told.moved_to(ConnectionState.ACTIVE))
    sync(hours=1)
    sync()
    (whole,) = at_google.listed()
    assert [part.name for part in whole.parts] == [f"{begun.name}_20260312T100000Z"]
    assert explain(database, connection, "weekly").standing is Standing.AGREED
    assert sync().entries == ()


def test_a_series_refused_from_the_start_is_told_as_failed(database, connection, sync, at_google):
    """Nothing of it is there, and that is known."""
    at_google.fail("status:403:insufficientPermissions", method="POST", path_contains="/events")
    assert isinstance(sync().stopped_by, NotConnected)
    (write,) = History(database).items(connection, JournalFilter(), limit=9).rows
    assert (write.state, at_google.listed()) == (JournalState.FAILED, ())
