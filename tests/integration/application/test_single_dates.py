"""Single dates of series, of every kind of clock, on both kinds of database."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta
from datetime import time as clock_time

import pytest

from bridge.application.activity_editing import ActivityEditing
from bridge.application.single_dates import OpenDate, OutdatedDate, SingleDates
from bridge.convert.series_views import calendar_view
from bridge.convert.showing import Showing
from bridge.domain.activity import CollectionName
from bridge.domain.identifiers import Href
from bridge.domain.spans import AllDaySpan
from bridge.errors import InvalidInput, NotFound
from bridge.ical.calendar_object import CalendarObject

ZONE = "Europe/Prague"
NEW_YORK = """BEGIN:VTIMEZONE
TZID:Eastern Standard Time
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
# What the master says, the key of its third date, and the RECURRENCE-ID and DTSTART of that.
KINDS = {
    "timed": (
        "DTSTART;TZID=Europe/Prague:20260301T100000\nDTEND;TZID=Europe/Prague:20260301T110000",
        "20260303T090000Z",
        "RECURRENCE-ID;TZID=Europe/Prague:20260303T100000",
        "DTSTART;TZID=Europe/Prague:20260303T100000",
    ),
    "utc": (
        "DTSTART:20260301T100000Z\nDURATION:PT1H",
        "20260303T100000Z",
        "RECURRENCE-ID:20260303T100000Z",
        "DTSTART:20260303T100000Z",
    ),
    "floating": (
        "DTSTART:20260301T100000\nDTEND:20260301T110000",
        "20260303T100000",
        "RECURRENCE-ID:20260303T100000",
        "DTSTART:20260303T100000",
    ),
    "days": (
        "DTSTART;VALUE=DATE:20260301\nDTEND;VALUE=DATE:20260302",
        "20260303",
        "RECURRENCE-ID;VALUE=DATE:20260303",
        "DTSTART;VALUE=DATE:20260303",
    ),
    "windows": (
        "DTSTART;TZID=Eastern Standard Time:20260301T100000\n"
        "DTEND;TZID=Eastern Standard Time:20260301T110000",
        "20260303T150000Z",
        "RECURRENCE-ID;TZID=Eastern Standard Time:20260303T100000",
        "DTSTART;TZID=Eastern Standard Time:20260303T100000",
    ),
    "two zones": (
        "DTSTART;TZID=Europe/Prague:20260301T100000\nDTEND;TZID=America/New_York:20260301T050000",
        "20260303T090000Z",
        "RECURRENCE-ID;TZID=Europe/Prague:20260303T100000",
        "DTSTART;TZID=Europe/Prague:20260303T100000",
    ),
    "to-do": (
        "DTSTART;TZID=Europe/Prague:20260301T100000\nDUE;TZID=Europe/Prague:20260301T160000",
        "20260303T090000Z",
        "RECURRENCE-ID;TZID=Europe/Prague:20260303T100000",
        "DTSTART;TZID=Europe/Prague:20260303T100000",
    ),
    "to-do of days": (
        "DTSTART;VALUE=DATE:20260301\nDUE;VALUE=DATE:20260301",
        "20260303",
        "RECURRENCE-ID;VALUE=DATE:20260303",
        "DTSTART;VALUE=DATE:20260303",
    ),
}


@pytest.fixture
def dates(database, clock):
    """The use case."""
    return SingleDates(database, clock=clock)


@pytest.fixture
def put(database, user, now):
    """Return a function that stores the text of a series as a client does; the activity's id."""

    def stored(lines, *, rule="RRULE:FREQ=DAILY", component="VEVENT", others=""):
        zones = NEW_YORK if "Eastern" in lines else ""
        text = (
            "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//dates//EN\n"
            f"{zones}BEGIN:{component}\nUID:series\nDTSTAMP:20260101T000000Z\nSUMMARY:Call Eva\n"
            f"X-CLIENT:kept\n{lines}\n{rule}\nEND:{component}\n{others}END:VCALENDAR\n"
        )
        name = CollectionName.TASKS if component == "VTODO" else CollectionName.ACTIVITIES
        with database.write([user.id]) as work:
            calendar = work.calendars.calendar(user.id, name.value)
            item = CalendarObject.parse(text.replace("\n", "\r\n"))
            made = work.calendars.put(calendar, Href("series.ics"), item, origin="client", now=now)
        return made.activity_id

    return stored


@pytest.fixture
def item_of(database):
    """Return a function that reads an activity's calendar object."""

    def read(number):
        with database.read() as work:
            return work.activities.object_of(number).object

    return read


def _lines(item):
    """Return the lines of the last component."""
    return _lines_of(item.members()[-1])


def _lines_of(component):
    return [line.text for line in component.lines]


def _shown(item):
    return calendar_view(item, Showing(zone=ZONE))


@pytest.mark.parametrize("kind", KINDS)
def test_a_date_of_any_series_is_done_open_cancelled_and_restored(dates, user, put, item_of, kind):
    """The override and the excluded date are written as the series writes its own times."""
    lines, key, recurrence_id, start = KINDS[kind]
    component = "VTODO" if kind.startswith("to-do") else "VEVENT"
    number = put(lines, component=component)
    plain = item_of(number)
    dates.set_done(user, number, key, done=True)
    done = item_of(number)
    assert recurrence_id in _lines(done)
    assert start in _lines(done)
    assert "X-CLIENT:kept" in _lines(done)
    assert not any(line.startswith("RRULE") for line in _lines(done))
    mark = "STATUS:COMPLETED" if component == "VTODO" else "SUMMARY:✓ Call Eva"
    assert mark in _lines(done)
    ((_, view),) = _shown(done).by_key().items()
    assert view.done
    assert dates.open(user, number, key).opened.activity.done
    assert not dates.open(user, number, key).changed
    dates.set_done(user, number, key, done=True)
    assert item_of(number) == done
    dates.set_done(user, number, key, done=False)
    assert len(item_of(number).members()) == 1
    assert _shown(item_of(number)) == _shown(plain)
    seen = dates.open(user, number, key)
    assert dates.cancel(user, number, key, version=seen.opened.version) is None
    excluded = recurrence_id.replace("RECURRENCE-ID", "EXDATE")
    assert excluded in _lines(item_of(number))
    assert list(_shown(item_of(number)).by_key().values()) == [None]
    gone = dates.open(user, number, key)
    assert gone.cancelled
    assert dates.restore(user, number, key, version=gone.opened.version) is None
    assert _shown(item_of(number)) == _shown(plain)


@pytest.mark.parametrize("kind", KINDS)
def test_a_date_of_any_series_is_changed_and_restored(dates, user, put, item_of, kind):
    """What the form says of it is what is shown then; the series stays as it was."""
    lines, key, _, start = KINDS[kind]
    component = "VTODO" if kind.startswith("to-do") else "VEVENT"
    number = put(lines, component=component)
    plain = item_of(number)
    seen = dates.open(user, number, key)
    draft = replace(
        seen.opened.draft, subject="Meet Eva", day=seen.opened.draft.day + timedelta(days=1),
        location="Hall", busy=None if component == "VTODO" else False, private=True,
    )  # fmt: skip
    dates.change(user, number, key, draft, version=seen.opened.version)
    now = dates.open(user, number, key)
    assert now.changed
    assert now.opened.draft == draft
    # A zone that the client named in its own way is written by its common name.
    moved = start.replace("20260303", "20260304").replace(
        "Eastern Standard Time", "America/New_York"
    )
    assert moved in _lines(item_of(number))
    assert _lines_of(item_of(number).head()) == _lines_of(plain.head())
    late = dates.change(user, number, key, draft, version=seen.opened.version)
    assert late == OutdatedDate(present=now)
    assert dates.restore(user, number, key, version=now.opened.version) is None
    assert _shown(item_of(number)) == _shown(plain)


def test_a_form_sent_back_as_it_came_makes_no_override(dates, user, put, item_of):
    """Nor does it raise anything."""
    lines, key, _, _ = KINDS["timed"]
    number = put(lines)
    before = item_of(number)
    seen = dates.open(user, number, key)
    dates.change(user, number, key, seen.opened.draft, version=seen.opened.version)
    assert item_of(number) == before


def test_a_timed_date_can_take_the_whole_day(dates, user, put, item_of):
    """As calendar programs allow it."""
    lines, key, _, _ = KINDS["timed"]
    number = put(lines)
    seen = dates.open(user, number, key)
    draft = replace(seen.opened.draft, at=None, minutes=None)
    dates.change(user, number, key, draft, version=seen.opened.version)
    now = dates.open(user, number, key)
    assert now.opened.activity.span == AllDaySpan(start=date(2026, 3, 3), end=date(2026, 3, 4))
    listed = dates.around(user, number, since=seen.opened.activity.span.start - timedelta(days=1))
    assert key in [each.key for each in listed.dates]


def test_an_override_of_a_client_keeps_what_is_its_own(dates, user, put, item_of):
    """Done and open again, it is the client's; its alarm and unknown lines stay."""
    own = (
        "BEGIN:VEVENT\nUID:series\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID:20260303T090000Z\n"
        "DTSTART:20260303T120000Z\nDTEND:20260303T130000Z\nSUMMARY:Other\nX-OWN:1\n"
        "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT5M\nEND:VALARM\nEND:VEVENT\n"
    )
    lines, key, _, _ = KINDS["timed"]
    number = put(lines, others=own)
    assert dates.open(user, number, key).changed
    dates.set_done(user, number, key, done=True)
    assert "SUMMARY:✓ Other" in _lines(item_of(number))
    dates.set_done(user, number, key, done=False)
    assert {"SUMMARY:Other", "X-OWN:1"} <= set(_lines(item_of(number)))
    assert "BEGIN:VALARM" in item_of(number).text


def test_one_of_several_excluded_dates_of_a_line_comes_back(dates, user, put, item_of):
    """The others stay as they are written, and dates cancelled by a client are listed."""
    lines, key, _, _ = KINDS["timed"]
    rule = "RRULE:FREQ=DAILY\nEXDATE;TZID=Europe/Prague:20260302T100000,20260303T100000"
    number = put(lines, rule=rule)
    listed = dates.around(
        user, number, until=dates.open(user, number, key).opened.activity.span.end
    )
    assert [each.cancelled for each in listed.dates] == [False, True, True]
    seen = dates.open(user, number, key)
    with pytest.raises(InvalidInput):
        dates.set_done(user, number, key, done=True)
    dates.restore(user, number, key, version=seen.opened.version)
    assert "EXDATE;TZID=Europe/Prague:20260302T100000" in _lines(item_of(number))


def test_a_cancelled_override_is_restored(dates, user, put, item_of):
    """Google tells a cancelled date so."""
    own = (
        "BEGIN:VEVENT\nUID:series\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID:20260303T090000Z\n"
        "DTSTART:20260303T090000Z\nSTATUS:CANCELLED\nEND:VEVENT\n"
    )
    lines, key, _, _ = KINDS["timed"]
    number = put(lines, others=own)
    seen = dates.open(user, number, key)
    assert seen.cancelled
    dates.restore(user, number, key, version=seen.opened.version)
    assert len(item_of(number).members()) == 1
    assert not dates.open(user, number, key).cancelled


def test_a_date_that_leads_all_later_ones_is_left_alone(dates, user, put, item_of):
    """Its edit would be one of them all; a later one can be edited, and goes on from it."""
    own = (
        "BEGIN:VEVENT\nUID:series\nDTSTAMP:20260101T000000Z\n"
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T090000Z\n"
        "DTSTART:20260303T120000Z\nDTEND:20260303T130000Z\nSUMMARY:Later\nEND:VEVENT\n"
    )
    lines, key, _, _ = KINDS["timed"]
    number = put(lines, others=own)
    seen = dates.open(user, number, key)
    assert seen.fixed
    before = item_of(number)
    for edit in (dates.cancel, dates.restore):
        with pytest.raises(InvalidInput):
            edit(user, number, key, version=seen.opened.version)
    with pytest.raises(InvalidInput):
        dates.set_done(user, number, key, done=True)
    assert item_of(number) == before
    dates.set_done(user, number, "20260305T090000Z", done=True)
    assert {"SUMMARY:✓ Later", "DTSTART:20260305T120000Z"} <= set(_lines(item_of(number)))


def test_dates_keep_the_time_of_the_clock_over_its_change(dates, user, put):
    """Clocks in Prague are set forward on 29 March 2026."""
    number = put(KINDS["timed"][0])
    first = dates.open(user, number, "20260328T090000Z").opened.activity.span.start
    listed = dates.around(user, number, since=first)
    assert [each.key for each in listed.dates][:2] == ["20260328T090000Z", "20260329T080000Z"]
    assert {each.opened.draft.at for each in listed.dates} == {clock_time(10)}


def test_a_date_in_the_hour_that_a_clock_shows_twice_keeps_its_instant(dates, user, put, item_of):
    """Clocks in Prague are set back at 03:00 on 25 October 2026; the first instance is then."""
    lines = (
        "DTSTART;X-CRM-TZID=Europe/Prague:20261025T013000Z\n"
        "DTEND;X-CRM-TZID=Europe/Prague:20261025T023000Z"
    )
    number = put(lines)
    (first, *_) = dates.around(user, number).dates
    dates.set_done(user, number, first.key, done=True)
    now = dates.open(user, number, first.key)
    assert now.opened.activity.span == first.opened.activity.span
    assert not now.changed
    ((_, view),) = _shown(item_of(number)).by_key().items()
    assert view.schedule.span.zone == "Europe/Prague"


def test_lists_go_on_without_gap_or_repetition_and_end(dates, user, put):
    """Forward from the first to the last, and back."""
    number = put(KINDS["timed"][0], rule="RRULE:FREQ=WEEKLY;COUNT=30")
    page = dates.around(user, number, since=dates.open(
        user, number, "20260301T090000Z").opened.activity.span.start)  # fmt: skip
    forward = [each.key for each in page.dates]
    while page.later is not None:
        page = dates.around(user, number, since=page.later)
        forward += [each.key for each in page.dates]
    assert len(forward) == len(set(forward)) == 30
    page = dates.around(user, number, until=page.dates[-1].opened.activity.span.end)
    back = [each.key for each in page.dates]
    while page.earlier is not None:
        page = dates.around(user, number, until=page.earlier)
        back = [*(each.key for each in page.dates), *back]
    assert back == forward


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY"]
)
def test_a_list_is_bounded_work_whatever_the_rule(dates, user, put, rule):
    """It is told, or listed; it does not take long."""
    number = put(KINDS["timed"][0], rule=f"RRULE:{rule}")
    began = time.thread_time()
    shown = dates.around(user, number)
    assert time.thread_time() - began < 10
    assert shown.unfollowed or len(shown.dates) <= 13


def test_nobody_touches_dates_that_are_somebody_elses(dates, user, put, item_of, make_user):
    """They are not there; nor are those of what is no series."""
    lines, key, _, _ = KINDS["timed"]
    number, bob = put(lines), make_user("bob")
    before, seen = item_of(number), dates.open(user, number, key)
    assert isinstance(seen, OpenDate)
    version = seen.opened.version
    for act in (
        lambda: dates.open(bob, number, key),
        lambda: dates.around(bob, number),
        lambda: dates.set_done(bob, number, key, done=True),
        lambda: dates.cancel(bob, number, key, version=version),
        lambda: dates.restore(bob, number, key, version=version),
        lambda: dates.change(bob, number, key, seen.opened.draft, version=version),
    ):
        with pytest.raises(NotFound):
            act()
    assert item_of(number) == before


def test_a_series_is_edited_as_a_whole_with_dates_of_its_own(dates, user, put, database, clock):
    """What was done on its own date stays done."""
    lines, key, _, _ = KINDS["timed"]
    number = put(lines)
    dates.set_done(user, number, key, done=True)
    editing = ActivityEditing(database, clock=clock)
    opened = editing.open(user, number)
    assert opened.own_dates == 1
    editing.change(user, number, replace(opened.draft, subject="New"), version=opened.version)
    assert dates.open(user, number, key).opened.activity.done
