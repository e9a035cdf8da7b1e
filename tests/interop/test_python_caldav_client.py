"""python-caldav as a program would use it, against our server over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import caldav
import pytest
from caldav.lib import error

from lane_servers import Server

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def principal(served: Server) -> Iterator[caldav.Principal]:
    """The user, signed in at the root of the tree."""
    with caldav.DAVClient(
        url=served.url, username=served.login, password=served.password
    ) as client:
        yield client.principal()


@pytest.fixture
def calendar(principal: caldav.Principal) -> Iterator[caldav.Calendar]:
    """The activities, emptied afterwards."""
    (found,) = (known for known in principal.get_calendars() if "/activities/" in str(known.url))
    yield found
    for event in found.get_events():
        event.delete()


def test_an_event_is_added_found_changed_and_deleted(
    calendar: caldav.Calendar, subjects: Callable[[], set[str]]
):
    """A whole round trip, seen by the CRM at every step."""
    event = calendar.add_event(dtstart=START, dtend=START + HOUR, summary="Call Mira")
    assert subjects() == {"Call Mira"}

    with event.edit_icalendar_component() as component:
        component["SUMMARY"] = "Call Mira back"
    event.save()
    assert subjects() == {"Call Mira back"}
    uid = event.icalendar_component["UID"]
    assert calendar.get_event_by_uid(uid).icalendar_component["SUMMARY"] == "Call Mira back"

    event.delete()
    assert subjects() == set()
    with pytest.raises(error.NotFoundError):
        calendar.get_event_by_uid(uid)


def test_a_series_is_expanded_and_its_time_is_busy(calendar: caldav.Calendar):
    """Three of nine days, each as an instance of its own."""
    calendar.add_event(
        dtstart=START, dtend=START + HOUR, summary="Stand-up", rrule={"FREQ": "DAILY", "COUNT": 9}
    )
    window = {"start": START + DAY, "end": START + 4 * DAY}
    found = calendar.search(event=True, expand=False, **window)
    assert len(found) == 1
    instances = calendar.search(event=True, expand=True, **window)
    starts = [one.icalendar_component["DTSTART"].dt for one in instances]
    assert sorted(starts) == [START + DAY, START + 2 * DAY, START + 3 * DAY]
    busy = calendar.freebusy_request(**window).icalendar_component["FREEBUSY"]
    assert len(busy if isinstance(busy, list) else busy.dts) == 3


def test_changes_are_followed_by_sync_token(calendar: caldav.Calendar):
    """What was added, changed or deleted since, and nothing else."""
    kept = calendar.add_event(dtstart=START, dtend=START + HOUR, summary="Kept")
    gone = calendar.add_event(dtstart=START, dtend=START + HOUR, summary="Gone")
    known = calendar.get_objects_by_sync_token(load_objects=True)
    assert {str(one.url) for one in known} == {str(kept.url), str(gone.url)}
    updated, deleted = known.sync()
    assert not list(updated)
    assert not list(deleted)

    gone.delete()
    added = calendar.add_event(dtstart=START, dtend=START + HOUR, summary="Added")
    updated, deleted = known.sync()
    assert [str(one.url) for one in updated] == [str(added.url)]
    assert [str(one.url) for one in deleted] == [str(gone.url)]


def test_a_to_do_is_done(principal: caldav.Principal, subjects: Callable[[], set[str]]):
    """In the list of tasks; done ones are no longer pending."""
    (tasks,) = (known for known in principal.get_calendars() if "/tasks/" in str(known.url))
    todo = tasks.add_todo(summary="Write the offer", due=START)
    assert "Write the offer" in subjects()
    assert [one.icalendar_component["SUMMARY"] for one in tasks.get_todos()] == ["Write the offer"]
    todo.complete()
    assert tasks.get_todos() == []
    assert len(tasks.get_todos(include_completed=True)) == 1
    todo.delete()


def test_a_stale_change_is_refused(calendar: caldav.Calendar):
    """The second of two who read the same version hears of it."""
    event = calendar.add_event(dtstart=START, dtend=START + HOUR, summary="One")
    stale = calendar.get_event_by_uid(event.icalendar_component["UID"])
    with event.edit_icalendar_component() as component:
        component["SUMMARY"] = "Two"
    event.save()
    with stale.edit_icalendar_component() as component:
        component["SUMMARY"] = "Three"
    with pytest.raises(error.ETagMismatchError):
        stale.save()
