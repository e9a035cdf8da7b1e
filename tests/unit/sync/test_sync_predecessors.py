"""Which series a new one goes on from: which half, in which version, at which date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.identifiers import ETag, Uid
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.view import Schedule, View
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.split_off import Predecessor, SplitOff
from bridge.sync.model import Link, Part, Presence, Side, SideState
from bridge.sync.splits import predecessors

DAILY = ("RRULE:FREQ=DAILY;COUNT=10",)
SPLIT = "20260314T090000Z"


class KnownViews:
    """A lens that knows what objects show, by their texts; others cannot be read."""

    def __init__(self, views):
        self._views = views

    def calendar_view(self, item):
        """Return what is known of the object."""
        if item.text not in self._views:
            raise ConversionError("unreadable")
        return self._views[item.text]


def shows(hour=9, *, zone="UTC", rules=DAILY):
    """Return a view that begins on 10 March, at an hour of UTC."""
    start = datetime(2026, 3, 10, hour, tzinfo=UTC)
    span = TimedSpan(start=start, end=start + timedelta(hours=1), zone=zone)
    return View(title="Call Ada", schedule=Schedule(span=span, recurrence=rules))


def whole_days():
    """Return a view of days."""
    span = AllDaySpan(start=date(2026, 3, 10), end=date(2026, 3, 11))
    return View(title="Trip", schedule=Schedule(span=span, recurrence=DAILY))


def an_object(text):
    """Return an object of which only the text counts."""
    return CalendarObject(uid=Uid("u"), component="VEVENT", text=text)


def half(name, text="series", *, base=None, presence=Presence.PRESENT):
    """Return the link of a series that is in the calendar, or was; without a text, it never was."""
    told = SideState(
        presence=presence,
        collection="tasks",
        parts=(Part(name=f"{name}.ics", seen=ETag("1"), synced=ETag("1")),),
        object=an_object(text),
        base=None if base is None else an_object(base),
    )
    return Link(
        uid=Uid(f"u-{name}"),
        origin=Side.GOOGLE,
        calendar=told if text else SideState(),
        google=SideState(presence=Presence.PRESENT, parts=(Part(name=name),)),
    )


def new(name=f"first/{SPLIT}", **changes):
    """Return the link of a series that is new at Google."""
    return replace(half(name, ""), **changes)


def split_off(name):
    """Tell what a name says: the first series and the key, behind a slash."""
    series, _, key = name.partition("/")
    return SplitOff(series=series, key=key) if key else None


def found(*links, views=None, before=None, judged="now"):
    """Return what series go on from, by their UIDs."""
    journal = before or {}
    return predecessors(
        links,
        judged,
        lens=KnownViews({"series": shows()} if views is None else views),
        split_off=split_off,
        replaced=lambda uid: [an_object(text) for text in journal.get(uid, ())],
    )


def of(told, name=f"first/{SPLIT}"):
    """Return text and key of what a series goes on from; None without one."""
    before = told.get(Uid(f"u-{name}"))
    return None if before is None else (before.object.text, before.key)


def test_a_new_series_goes_on_from_the_one_it_was_split_off():
    """Where that is in the calendar, as it is there and as it was agreed on."""
    told = found(new(), half("first", base="agreed"))
    assert told == {
        Uid(f"u-first/{SPLIT}"): Predecessor(
            object=an_object("series"), key=SPLIT, collection="tasks", agreed=an_object("agreed")
        )
    }
    assert found(new(), half("first"))[Uid(f"u-first/{SPLIT}")].agreed is None


def test_of_one_that_is_not_there_any_more_the_calendar_is_not_told():
    """The new one is made where such are made."""
    told = found(half("first", presence=Presence.REMOVED), new())
    assert told[Uid(f"u-first/{SPLIT}")].collection == ""
    assert of(told) == ("series", SPLIT)


@pytest.mark.parametrize(
    "other",
    [
        new("first"),
        new(judged="now"),
        half(f"first/{SPLIT}"),
        new(google=SideState(presence=Presence.REMOVED, parts=(Part(name=f"first/{SPLIT}"),))),
        new(google=SideState()),
        new(
            calendar=SideState(presence=Presence.REMOVED, parts=(Part(name="x", synced=ETag("1")),))
        ),
    ],
    ids=["no split", "judged", "in the calendar", "removed", "not at Google", "was in it"],
)
def test_what_is_not_new_or_no_split_goes_on_from_nothing(other):
    """Nothing is made of it, or it was made before."""
    assert found(other, half("first")) == {}


def test_what_was_judged_under_other_options_is_looked_at_again():
    """It may be made now."""
    assert of(found(new(judged="then"), half("first"))) == ("series", SPLIT)


@pytest.mark.parametrize(
    "links", [(), (half("other"),), (half("first", ""),), (half("first/20260315T090000Z"),)]
)
def test_without_an_earlier_half_in_the_calendar_there_is_nothing(links):
    """None at all, another series, one that never was here, or only a later half."""
    assert found(new(), *links) == {}


def test_another_half_that_begins_at_the_same_date_is_none_it_goes_on_from():
    """Names may be given twice in the life of a series; it does not go on from itself."""
    twin = replace(half(f"first/{SPLIT}"), uid=Uid("twin"))
    assert found(new(), twin) == {}


@pytest.mark.parametrize("turned", [False, True])
def test_the_latest_of_the_earlier_halves_that_had_the_date_counts(turned):
    """Whatever order they are told in."""
    halves = [half("first", "a"), half("first/20260311T090000Z", "b")]
    halves.append(half("first/20260312T090000Z", "c"))
    links = [new(), *(reversed(halves) if turned else halves)]
    views = {"a": shows(), "b": shows(), "c": shows(10)}
    assert of(found(*links, views=views)) == ("b", SPLIT)


def test_an_earlier_version_with_the_date_counts_before_a_half_without_it():
    """As it is, as it was agreed on, and as the journal has it, the latest first."""
    ended = shows(rules=("RRULE:FREQ=DAILY;COUNT=2",))
    views = {"now": ended, "agreed": ended, "late": ended, "old": shows(), "older": shows()}
    first = half("first", "now", base="agreed")
    journal = {first.uid: ("late", "old", "older")}
    assert of(found(new(), first, views=views, before=journal)) == ("old", SPLIT)
    views["agreed"] = shows()
    told = found(new(), first, views=views, before=journal)
    assert of(told) == ("agreed", SPLIT)
    assert told[Uid(f"u-first/{SPLIT}")].agreed is None


def test_a_date_on_the_same_day_counts_where_no_version_had_the_very_date():
    """A half between them moved the series; the clock is that of the old one."""
    views = {"series": shows(8, zone="Europe/Berlin")}
    assert of(found(new(), half("first"), views=views)) == ("series", "20260314T080000Z")
    views = {"late": shows(14, zone="America/New_York")}
    key = "20260315T033000Z"
    told = found(new(f"first/{key}"), half("first", "late"), views=views)
    assert of(told, f"first/{key}") == ("late", "20260314T140000Z")


def test_the_very_date_of_an_earlier_version_counts_before_the_same_day_of_a_later_one():
    """A name is better than a guess."""
    views = {"now": shows(8), "old": shows()}
    first = half("first", "now")
    told = found(new(), first, views=views, before={first.uid: ("old",)})
    assert of(told) == ("old", SPLIT)


@pytest.mark.parametrize(
    ("view", "key"),
    [
        (shows(rules=()), SPLIT),
        (None, SPLIT),
        (whole_days(), SPLIT),
        (shows(), "20260314"),
        (shows(), "20260399T090000Z"),
        (shows(), "20260331T100000Z"),
        (shows(rules=("RRULE:FREQ=SECONDLY",)), SPLIT),
        (shows(rules=("RRULE:FREQ=DAILY;INTERVAL=99999999999",)), SPLIT),
    ],
    ids=["single", "no time", "days", "a day", "no date", "too late", "too often", "too far"],
)
def test_where_no_date_can_be_told_all_else_is_gone_on_from(view, key):
    """Type and links are those of the series as it is; of its dates nothing is taken."""
    views = {"series": view}
    told = found(new(f"first/{key}"), half("first"), views=views)
    assert of(told, f"first/{key}") == ("series", "")


def test_what_cannot_be_read_ends_nothing():
    """Another version, or another half, can."""
    first = half("first", "odd")
    views = {"old": shows()}
    assert of(found(new(), first, views=views, before={first.uid: ("old",)})) == ("old", SPLIT)
    assert of(found(new(), first, views=views)) == ("odd", "")


def test_days_go_on_from_days():
    """A series of whole days is named by dates."""
    told = found(new("first/20260314"), half("first"), views={"series": whole_days()})
    assert of(told, "first/20260314") == ("series", "20260314")
