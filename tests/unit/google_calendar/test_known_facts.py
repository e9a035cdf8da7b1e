"""Two versions of a series compared, master and exceptions each for itself."""

from bridge.convert.google_event import event_to_object
from bridge.google_calendar.known_facts import facts

ZONE = "Europe/Berlin"


def at(day, hour=10):
    """Return a time of March 2026 in Berlin."""
    return {"dateTime": f"2026-03-{day:02d}T{hour:02d}:00:00", "timeZone": ZONE}


def series(title="Weekly", place="Prague", **fields):
    """Return a series with one exception."""
    master = {
        "summary": title,
        "start": at(10),
        "end": at(10, 11),
        "recurrence": ["RRULE:FREQ=WEEKLY"],
        **fields,
    }
    changed = {
        "summary": "Weekly",
        "location": place,
        "start": at(17),
        "end": at(17, 11),
        "recurringEventId": "x",
        "originalStartTime": at(17),
    }
    return event_to_object([master, changed], uid="u1", calendar_zone=ZONE)


def differing(one, other):
    """Return the keys of what differs."""
    here, there = facts(one), facts(other)
    return {key for key in here.keys() | there.keys() if here.get(key) != there.get(key)}


def test_a_new_version_with_the_same_words_is_equal():
    """ETags and times of change say nothing."""
    assert differing(series(), series(updated="2026-03-01T08:00:00Z")) == set()


def test_master_and_exceptions_are_compared_apart():
    """An exception says what it says, whatever the master does."""
    assert differing(series(), series(title="Every week")) == {""}
    assert differing(series(), series(recurrence=["RRULE:FREQ=WEEKLY;COUNT=9"])) == {""}
    assert differing(series(), series(place="Brno")) == {"20260317T090000Z"}
