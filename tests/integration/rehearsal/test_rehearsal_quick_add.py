"""events.quickAdd: an event from one line of English (google-calendar-facts sections 1 and 7)."""

from datetime import UTC, datetime

import pytest

# A Tuesday; the primary calendar lies in Berlin, an hour ahead of UTC.
NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


@pytest.fixture
def add(google, events):
    """A function that adds a line on Tuesday, 10 March 2026, at nine in the morning."""
    google.server.world.clock._source = lambda: NOW

    def quick_add(text, **more):
        return events.quickAdd(calendarId="primary", text=text, **more).execute()

    return quick_add


def when(event):
    """Return start and end of an event as short texts."""
    return [
        event[name].get("date") or event[name]["dateTime"].removesuffix(":00+01:00")
        for name in ("start", "end")
    ]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Lunch today 12:30", "2026-03-10T12:30", "2026-03-10T13:30"),
        ("Call tomorrow at 3", "2026-03-11T15:00", "2026-03-11T16:00"),
        ("Call tomorrow at 9", "2026-03-11T09:00", "2026-03-11T10:00"),
        ("Call 11am", "2026-03-10T11:00", "2026-03-10T12:00"),
        ("Call 8am", "2026-03-11T08:00", "2026-03-11T09:00"),
        ("Party Friday 10pm-2am", "2026-03-13T22:00", "2026-03-14T02:00"),
        ("Review Tuesday 10-11am", "2026-03-10T10:00", "2026-03-10T11:00"),
        ("Review next Tuesday 11-1pm", "2026-03-17T11:00", "2026-03-17T13:00"),
        ("Review from 2pm to 3:30pm on 3/20", "2026-03-20T14:00", "2026-03-20T15:30"),
        ("Visit noon tomorrow for 2 hours", "2026-03-11T12:00", "2026-03-11T14:00"),
        ("Visit 12 p.m. for half an hour", "2026-03-10T12:00", "2026-03-10T12:30"),
        ("Visit 15:00 for 45 min", "2026-03-10T15:00", "2026-03-10T15:45"),
        ("Fair March 20", "2026-03-20", "2026-03-21"),
        ("Fair on the 20th of March 2027", "2027-03-20", "2027-03-21"),
        ("Fair 2026-03-20", "2026-03-20", "2026-03-21"),
        ("Fair March 9", "2027-03-09", "2027-03-10"),
        ("Fair March 20 to 22", "2026-03-20", "2026-03-23"),
        ("Fair Dec 30 - Jan 2", "2026-12-30", "2027-01-03"),
        ("Fair day after tomorrow for 3 days", "2026-03-12", "2026-03-15"),
        ("Fair in 2 weeks", "2026-03-24", "2026-03-25"),
        ("Fair", "2026-03-10", "2026-03-11"),
        ("Fair 1/2/27", "2027-01-02", "2027-01-03"),
    ],
)
def test_day_and_time_are_read(add, text, start, end):
    """Facts 1: quickAdd; the words are listed in the module's description."""
    made = add(text)
    assert when(made) == [start, end]
    assert made["summary"] == text.split()[0]


def test_googles_own_example(add, google):
    """Google, Events: quickAdd; the title keeps the place, which is the location too."""
    made = add("Appointment at Somewhere on June 3rd 10am-10:25am")
    assert made["start"]["dateTime"] == "2026-06-03T10:00:00+02:00"
    assert made["end"]["dateTime"] == "2026-06-03T10:25:00+02:00"
    assert (made["summary"], made["location"]) == ("Appointment at Somewhere", "Somewhere")


@pytest.mark.parametrize(
    ("text", "rule", "start"),
    [
        ("Standup every weekday 10:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-03-10T10:00"),
        ("Standup every Friday at 10:00", "FREQ=WEEKLY;BYDAY=FR", "2026-03-13T10:00"),
        ("Standup daily 10:00", "FREQ=DAILY", "2026-03-10T10:00"),
        ("Standup tomorrow monthly", "FREQ=MONTHLY", "2026-03-11"),
    ],
)
def test_repetition_is_read(add, text, rule, start):
    """A line may describe a series."""
    made = add(text)
    assert made["summary"] == "Standup"
    assert when(made)[0] == start
    (line,) = made["recurrence"]
    assert set(rule.split(";")) <= set(line.removeprefix("RRULE:").split(";"))


def test_addresses_become_guests_who_are_told_on_demand(add, google):
    """Facts 7: sendUpdates, none by default."""
    made = add("Call with carl@example.org tomorrow 10:00")
    assert [guest["email"] for guest in made["attendees"]] == ["carl@example.org"]
    assert google.control("GET", "mail") == []
    add("Call with carl@example.org tomorrow 11:00", sendUpdates="all")
    (mail,) = google.control("GET", "mail")
    assert (mail["to"], mail["kind"]) == ("carl@example.org", "invitation")


@pytest.mark.parametrize(
    "text", ["June 31 plan", "Room 101", "Version 2.0", "Chapter 3", "25:00", "9999-12-31"]
)
def test_numbers_that_are_no_time_stay_in_the_title(add, text):
    """What is not understood is not thrown away."""
    made = add(text)
    assert made["summary"] == text
    assert when(made) == ["2026-03-10", "2026-03-11"]


def test_settings_of_the_account_count(add, google):
    """Google, Settings: defaultEventLength and dateFieldOrder."""
    for name, value in (("defaultEventLength", "25"), ("dateFieldOrder", "DMY")):
        body = {"email": "anna@example.com", "id": name, "value": value}
        google.control("POST", "settings", body)
    assert when(add("Call 4/11 10:00")) == ["2026-11-04T10:00", "2026-11-04T10:25"]


def test_text_is_needed(google, events, refusal):
    """Facts 12: required."""
    assert refusal(events.quickAdd(calendarId="primary", text=" ")) == (400, "required")
    assert google.api("POST", "/calendars/primary/events/quickAdd")[0] == 400


def test_hostile_lines_end_soon(add):
    """No line keeps the processor, whatever is in it."""
    for text in ("1" * 5000, "at " * 2000, "every " * 1000 + "june 3 - " * 500, "a@" * 2000):
        add(text)
