"""Keys and ids of the instances of a series, and what tells a plain one from an exception."""

import pytest

from bridge.errors import ConversionError
from bridge.google_calendar.instance_keys import (
    instance_id,
    is_plain,
    key_of,
    original_start,
    split_off,
)
from bridge.ical.split_off import SplitOff

ZONE = "Europe/Berlin"


@pytest.mark.parametrize(
    ("original", "key"),
    [
        ({"dateTime": "2026-03-10T10:00:00+01:00", "timeZone": ZONE}, "20260310T090000Z"),
        ({"dateTime": "2026-07-10T10:00:00", "timeZone": ZONE}, "20260710T080000Z"),
        ({"dateTime": "2026-07-10T10:00:00"}, "20260710T080000Z"),
        ({"dateTime": "2026-03-10T09:00:00Z"}, "20260310T090000Z"),
        ({"dateTime": "2026-03-10T09:00:00.250Z"}, "20260310T090000Z"),
        ({"date": "2026-03-10"}, "20260310"),
    ],
)
def test_the_key_is_the_original_start(original, key):
    """In UTC, whatever the offset of the answer; a date of whole days."""
    assert key_of({"originalStartTime": original}, zone=ZONE) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("abc123_R20260324T090000", "20260324T090000Z"),
        ("abc123_R20260324", "20260324"),
        ("abc123_R20260317T090000_R20260324T090000", "20260324T090000Z"),
        ("abc123_R20260317_R20260324", "20260324"),
    ],
)
def test_the_id_of_a_split_off_series_tells_its_first_half(name, key):
    """And the date it was split off at, in the terms of the series that had it."""
    assert split_off(name) == SplitOff(series="abc123", key=key)


@pytest.mark.parametrize(
    "name", ["abc123", "abc123_20260324T090000Z", "abc123_r20260324", "_R20260324", "a_R2026032"]
)
def test_other_ids_tell_of_no_split(name):
    """Neither single events, nor instances, nor what only looks so."""
    assert split_off(name) is None


@pytest.mark.parametrize(
    "original",
    [
        None,
        "today",
        {},
        {"dateTime": "soon"},
        {"date": 20260310},
        {"dateTime": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_an_original_start_that_cannot_be_read_gives_no_key(original):
    """The series is parked then."""
    with pytest.raises(ConversionError):
        key_of({"originalStartTime": original}, zone=ZONE)


def test_a_key_gives_the_original_start_back():
    """As parameters of Google's calls take it."""
    assert original_start("20260310T090000Z") == "2026-03-10T09:00:00Z"
    assert original_start("20260310") == "2026-03-10"
    with pytest.raises(ConversionError):
        original_start("tomorrow")


@pytest.mark.parametrize(
    ("master", "expected"),
    [
        ("abc123de", "abc123de_20260310T090000Z"),
        ("abc123de_R20260301T090000", None),
        ("abc123de_R20260301", None),
        ("abc_Rare", "abc_Rare_20260310T090000Z"),
    ],
)
def test_ids_follow_from_the_series_unless_it_was_split_off(master, expected):
    """What is not known is asked for."""
    assert instance_id(master, "20260310T090000Z") == expected


MASTER = {
    "summary": "Weekly",
    "start": {"dateTime": "2026-03-10T10:00:00+01:00", "timeZone": ZONE},
    "end": {"dateTime": "2026-03-10T11:00:00+01:00", "timeZone": ZONE},
}
PLAIN = {
    "summary": "Weekly",
    "status": "confirmed",
    "description": "",
    "start": {"dateTime": "2026-07-14T10:00:00+02:00", "timeZone": ZONE},
    "end": {"dateTime": "2026-07-14T09:00:00Z", "timeZone": ZONE},
    "originalStartTime": {"dateTime": "2026-07-14T08:00:00Z", "timeZone": ZONE},
}


def test_an_instance_like_its_series_is_plain():
    """Offsets are only another way to say it, and empty is absent."""
    assert is_plain(PLAIN, MASTER)


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "Other"},
        {"location": "Prague"},
        {"status": "cancelled"},
        {"transparency": "transparent"},
        {"start": {"dateTime": "2026-07-14T10:30:00+02:00"}},
        {"end": {"dateTime": "2026-07-14T12:00:00+02:00"}},
        {"end": {}},
    ],
)
def test_an_instance_that_says_anything_else_is_an_exception(change):
    """It is not written over unseen."""
    assert not is_plain({**PLAIN, **change}, MASTER)


@pytest.mark.parametrize("end", ["2026-03-29T04:00:00+02:00", "2026-03-29T05:00:00+02:00"])
def test_an_instance_over_a_change_of_clocks_is_plain(end):
    """Three hours by the clock or in truth: it is the rule's either way."""
    master = {
        "start": {"dateTime": "2026-03-22T01:00:00+01:00", "timeZone": ZONE},
        "end": {"dateTime": "2026-03-22T04:00:00+01:00", "timeZone": ZONE},
    }
    start = {"dateTime": "2026-03-29T01:00:00+01:00", "timeZone": ZONE}
    shown = {"start": start, "end": {"dateTime": end}, "originalStartTime": start}
    assert is_plain(shown, master)


def test_an_instance_of_whole_days_is_plain_too():
    """Dates instead of times."""
    day, after = {"date": "2026-03-17"}, {"date": "2026-03-18"}
    master = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
    assert is_plain({"start": day, "end": after, "originalStartTime": day}, master)
    assert not is_plain({"start": after, "end": after, "originalStartTime": day}, master)
