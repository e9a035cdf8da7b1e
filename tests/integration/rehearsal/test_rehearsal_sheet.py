"""The month sheet: which event is drawn where, and how it looks."""

import time
from datetime import date

import pytest

from bridge.rehearsal.calendars.resource import find_calendar
from bridge.rehearsal.events.writing import Desk, insert_event
from bridge.rehearsal.page.sheet import month_of, week_of

ANNA = "anna@example.com"
MARCH = date(2026, 3, 1)


@pytest.fixture
def add(google, timed):
    """A function that adds an event: of days when two are given, else timed."""

    def run(summary, first=None, after=None, **more):
        fields = timed(summary, **more)
        if first:
            fields = {"summary": summary, "start": {"date": first}, "end": {"date": after}, **more}
        body = {"account": ANNA, "act": "add", "fields": fields}
        return google.control("POST", "acts", body)["id"]

    return run


@pytest.fixture
def sheet(google):
    """A function that returns March 2026 as Anna sees it, days by date."""

    def run(**more):
        world = google.server.world
        calendar = find_calendar(world, ANNA, viewer=ANNA)
        with world.state.transaction():
            month = month_of(world, calendar, MARCH, **more)
        return month, {day.date.day: day for week in month.weeks for day in week if day.inside}

    return run


@pytest.fixture
def week(google):
    """A function that returns the week of a day as Anna sees it."""

    def run(day):
        world = google.server.world
        calendar = find_calendar(world, ANNA, viewer=ANNA)
        with world.state.transaction():
            return week_of(world, calendar, day)

    return run


def titles(day):
    """Return the titles drawn on a day from the top, None for a gap."""
    return [slot.entry and slot.entry.title for slot in day.slots]


def test_bar_keeps_its_lane_through_the_week(add, sheet):
    """An event of several days is one bar; others go below or into the gap above it."""
    add("Long", "2026-03-10", "2026-03-13")
    add("Short", "2026-03-09", "2026-03-11")
    add("Call", day="2026-03-12")
    _, days = sheet()
    assert titles(days[9]) == ["Short"]
    assert titles(days[10]) == ["Short", "Long"]
    assert titles(days[11]) == [None, "Long"]
    assert titles(days[12]) == ["Call", "Long"]
    long = [days[day].slots[1] for day in (10, 11, 12)]
    assert [slot.days for slot in long] == [3, 0, 0]
    assert [(slot.starts, slot.ends) for slot in long] == [
        (True, False), (False, False), (False, True),
    ]  # fmt: skip


def test_bar_over_the_weekend_says_its_name_in_both_weeks(add, sheet):
    """The text starts anew on Monday."""
    add("Fair", "2026-03-14", "2026-03-18")
    _, days = sheet()
    (saturday,), (monday,) = days[14].slots, days[16].slots
    assert (saturday.days, saturday.starts, saturday.ends) == (2, True, False)
    assert (monday.days, monday.starts, monday.ends) == (2, False, False)


@pytest.mark.parametrize(("count", "drawn", "more"), [(4, 4, 0), (5, 3, 2), (9, 3, 6)])
def test_fifth_event_of_a_day_folds_all_behind_the_third(add, sheet, count, drawn, more):
    """A button stands where the fourth would be."""
    for hour in range(8, 8 + count):
        add(f"Call {hour}", hour=hour)
    _, days = sheet()
    assert (len(days[10].slots), len(days[10].more)) == (drawn, more)


def test_bar_in_the_fourth_lane_is_whole_or_folded(add, sheet):
    """A bar that has no room on one of its days is not cut in two."""
    for number in range(3):
        add(f"Bar {number}", "2026-03-09", "2026-03-12")
    add("Fourth", "2026-03-10", "2026-03-12")
    add("Call", day="2026-03-11")
    _, days = sheet()
    assert titles(days[10]) == ["Bar 0", "Bar 1", "Bar 2"]
    assert [entry.title for entry in days[10].more] == ["Fourth"]
    assert [entry.title for entry in days[11].more] == ["Fourth", "Call"]


def test_event_that_ends_at_midnight_does_not_touch_the_next_day(google, add, sheet):
    """A timed event over midnight is a bar, one until midnight is not."""
    zone = {"timeZone": "Europe/Berlin"}
    for summary, end in (("Until", "2026-03-11T00:00:00"), ("Over", "2026-03-11T01:00:00")):
        start = {"dateTime": "2026-03-10T22:00:00", **zone}
        add(summary, start=start, end={"dateTime": end, **zone})
    _, days = sheet()
    assert titles(days[11]) == ["Over"]
    bars = {slot.entry.title: slot.entry.is_bar for slot in days[10].slots}
    assert bars == {"Over": True, "Until": False}


@pytest.mark.parametrize(
    ("fields", "look", "label"),
    [
        ({}, "line c0", "10:00 Call"),
        ({"colorId": "7"}, "line c7", "10:00 Call"),
        ({"visibility": "private"}, "line c0", "10:00 Call, private"),
        ({"status": "tentative"}, "line c0 tentative", "10:00 Call, tentative"),
        ({"recurrence": ["RRULE:FREQ=DAILY;COUNT=1"]}, "line c0", "10:00 Call, repeats"),
        (
            {"attendees": [{"email": ANNA, "responseStatus": "declined"}]},
            "line c0 declined", "10:00 Call, declined",
        ),
        (
            {"attendees": [{"email": ANNA, "responseStatus": "accepted"}]},
            "line c0", "10:00 Call",
        ),
        (
            {"attendees": [{"email": ANNA, "responseStatus": "tentative"}]},
            "line c0 tentative", "10:00 Call, maybe",
        ),
    ],
)  # fmt: skip
def test_look_and_words_tell_the_same(add, sheet, fields, look, label):
    """What colours and signs tell is there in words, too."""
    add("Call", **fields)
    _, days = sheet()
    (slot,) = days[10].slots
    assert (slot.entry.look, slot.entry.label) == (look, label)


def test_deleted_events_are_shown_on_demand(google, add, sheet):
    """Struck out, with the word for it."""
    event = add("Call")
    google.control("POST", "acts", {"account": ANNA, "act": "delete", "event": event})
    assert sheet()[0].entries == ()
    (entry,) = sheet(deleted=True)[0].entries
    assert (entry.look, entry.label) == ("line c0 cancelled", "10:00 Call, deleted")


def test_tombstones_without_details_have_no_place(google, add, sheet):
    """Facts 5: of a deleted event only the id is sure."""
    event = add("Call")
    google.control("POST", "acts", {"account": ANNA, "act": "delete", "event": event})
    google.control("POST", "switches", {"tombstone_details": "never"})
    assert sheet(deleted=True)[0].entries == ()


def test_short_pages_of_the_listing_leave_nothing_out(google, add, sheet):
    """The person sees the whole month whatever the API does to its callers."""
    google.control("POST", "switches", {"pages": "short"})
    add("Call")
    assert [entry.title for entry in sheet()[0].entries] == ["Call"]


def test_agenda_names_each_day_with_events(add, sheet):
    """What a narrow screen shows instead of titles in the sheet."""
    add("Fair", "2026-03-10", "2026-03-12")
    add("Call", day="2026-03-11")
    month, _ = sheet()
    assert [(day.day, [entry.title for entry in entries]) for day, entries in month.agenda] == [
        (10, ["Fair"]), (11, ["Fair", "Call"]),
    ]  # fmt: skip


def test_thousands_of_events_are_laid_out_in_time(google, timed, sheet):
    """A calendar of a load test can be looked at, too."""
    world = google.server.world
    calendar = find_calendar(world, ANNA, viewer=ANNA)
    desk = Desk(world=world, calendar=calendar, email=ANNA)
    with world.state.transaction():
        for number in range(2600):
            insert_event(desk, timed(f"Call {number}", day=f"2026-03-{10 + number % 2:02d}"))
    began = time.process_time()
    _, days = sheet()
    assert time.process_time() - began < 10
    assert (len(days[10].slots), len(days[10].more)) == (3, 1297)


def test_week_folds_nothing_and_tells_the_end(add, week):
    """All events of a day with their hours; one of zero length has a start only."""
    for hour in range(8, 16):
        add(f"Call {hour}", hour=hour)
    moment = {"dateTime": "2026-03-10T18:00:00", "timeZone": "Europe/Berlin"}
    add("Bell", start=moment, end=moment)
    sheet = week(date(2026, 3, 12))
    ((_, tuesday, *_),) = sheet.weeks
    assert (len(tuesday.slots), tuesday.more) == (9, ())
    assert tuesday.slots[0].entry.hours == "08:00\N{EN DASH}08:30"
    assert tuesday.slots[-1].entry.hours == "18:00"


def test_week_keeps_bars_above_lines(add, week):
    """Lines of the week are of any height, so none may stand above a part of a bar."""
    add("Short", "2026-03-09", "2026-03-11")
    add("Long", "2026-03-10", "2026-03-13")
    add("Call", day="2026-03-12")
    ((_, _, _, thursday, *_),) = week(date(2026, 3, 12)).weeks
    assert titles(thursday) == [None, "Long", "Call"]


@pytest.mark.parametrize(
    ("day", "title"),
    [
        (date(2026, 3, 12), "9 \N{EN DASH} 15 March 2026"),
        (date(2026, 4, 1), "30 March \N{EN DASH} 5 April 2026"),
        (date(2027, 1, 1), "28 December 2026 \N{EN DASH} 3 January 2027"),
    ],
)
def test_week_is_named_by_its_days(week, day, title):
    """A week begins on Monday, and its neighbours are seven days away."""
    sheet = week(day)
    assert sheet.title == title
    ends = [date.fromisoformat(each["week"]) for each in (sheet.before, sheet.here, sheet.after)]
    assert [(each - ends[1]).days for each in ends] == [-7, 0, 7]


def test_month_has_neighbours_whatever_its_length(sheet):
    """February after January, January after December."""
    month, _ = sheet()
    assert (month.before, month.here, month.after) == (
        {"month": "2026-02"}, {"month": "2026-03"}, {"month": "2026-04"},
    )  # fmt: skip
    assert month.day_for(date(2026, 3, 17)) == date(2026, 3, 17)
    assert month.day_for(date(2026, 4, 17)) == MARCH
