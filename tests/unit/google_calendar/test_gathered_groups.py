"""What belongs together of what a listing tells, in whatever order and on whatever page."""

import pytest

from bridge.google_calendar.event_ids import EventIds
from bridge.google_calendar.event_items import EventItems
from bridge.google_calendar.gathering import Gathering
from bridge.sync.model import Item, Unreadable

ZONE = "Europe/Berlin"
TEN = {"dateTime": "2026-03-10T10:00:00+01:00", "timeZone": ZONE}
ELEVEN = {"dateTime": "2026-03-10T11:00:00+01:00", "timeZone": ZONE}


def event(event_id, **fields):
    """Return a live timed event."""
    return {
        "id": event_id,
        "etag": '"1"',
        "status": "confirmed",
        "start": TEN,
        "end": ELEVEN,
        **fields,
    }


def instance(key, master="ser01", **fields):
    """Return an exception of a series at ten o'clock."""
    at = f"{key[:4]}-{key[4:6]}-{key[6:8]}T10:00:00+01:00"
    original = {"dateTime": at, "timeZone": ZONE}
    named = event(f"{master}_{key}", recurringEventId=master, originalStartTime=original)
    return {**named, **fields}


MASTER = event("ser01", recurrence=["RRULE:FREQ=DAILY"], etag='"9"')
EARLY = instance("20260310T090000Z")
LATE = instance("20260311T090000Z", status="cancelled")


@pytest.fixture
def gathering():
    """Nothing gathered yet."""
    return Gathering(EventItems(EventIds(bytes(32), "c@g"), ZONE))


def gathered(gathering, *events):
    """Take the events in and return the groups."""
    for each in events:
        gathering.take(each)
    return gathering.groups()


def told(gathering):
    """Return what is told: names of items, of unreadable ones, and of what is gone."""
    every = list(gathering.told())
    items = [item for each in every for item in each.items]
    return (
        [item.name for item in items if isinstance(item, Item)],
        [item.name for item in items if isinstance(item, Unreadable)],
        [name for each in every for name in each.removed],
    )


def test_a_series_is_one_group_whatever_the_order(gathering):
    """An exception may come before its master."""
    (group,) = gathered(gathering, EARLY, MASTER, LATE)
    assert (group.name, group.master) == ("ser01", MASTER)
    assert list(group.exceptions.values()) == [EARLY, LATE]
    assert (group.is_series, group.listed, group.removed) == (True, True, False)
    assert group.etag == "9"


def test_exceptions_that_come_alone_wait_for_their_master(gathering):
    """The master may be known from before, or not be visible at all (G10)."""
    (group,) = gathered(gathering, EARLY)
    assert (group.name, group.master, group.listed) == ("ser01", None, False)
    assert not group.removed


def test_exceptions_of_a_deleted_series_go_with_it(gathering):
    """Tombstones for master and instances mean one item; no instance is an item of its own."""
    (group,) = gathered(gathering, EARLY, {"id": "ser01", "status": "cancelled"})
    assert group.removed
    assert told(gathering) == ([], [], ["ser01", EARLY["id"]])


def test_single_events_need_nothing_more(gathering):
    """They are items at once."""
    assert gathered(gathering, event("aaaaa"), event("bbbbb", summary=5)) == []
    assert told(gathering) == (["aaaaa"], ["bbbbb"], [])


def test_the_last_mention_of_an_event_counts(gathering):
    """An event can come twice while paging, as what it was and as what it is."""
    gone = {"id": "aaaaa", "status": "cancelled"}
    gathered(gathering, event("aaaaa"), gone)
    assert told(gathering) == ([], [], ["aaaaa"])
    gathered(gathering, event("aaaaa"))
    assert told(gathering) == (["aaaaa"], [], [])


def test_an_event_without_a_rule_has_no_instances(gathering):
    """Exceptions left over from a rule it had mean nothing."""
    assert gathered(gathering, EARLY, event("ser01"), LATE) == []
    assert told(gathering) == (["ser01"], [], [])


def test_a_single_event_that_became_a_series_is_one(gathering):
    """The exceptions that came before are kept for it."""
    (group,) = gathered(gathering, event("ser01"), EARLY, MASTER)
    assert group.is_series
    assert list(group.exceptions) == [EARLY["id"]]


def test_instances_without_a_series_to_be_seen_are_items_of_their_own(gathering):
    """Each under its own id and UID; a cancelled one is nothing (G10)."""
    (group,) = gathered(gathering, EARLY, instance("20260312T090000Z"), LATE)
    assert group.master is None
    names, _, removed = told(gathering)
    assert names == [EARLY["id"], "ser01_20260312T090000Z"]
    assert removed == [LATE["id"]]
    objects = [item.object for each in gathering.told() for item in each.items]
    assert [made.uid for made in objects] == [f"{name}@google.com" for name in names]
    assert not any("RECURRENCE-ID" in made.text for made in objects)


def test_a_group_that_may_not_be_read_is_parked(gathering):
    """It is seen and blocks nobody."""
    (group,) = gathered(gathering, EARLY)
    group.refused = True
    assert told(gathering) == ([], ["ser01"], [])
