"""The Activities page: month, week and list, with the standing of each activity."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.activity import Activity
from bridge.domain.connection import ConnectionState
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.ical.calendar_object import CalendarObject
from bridge.web.activity_sheet import LIST_ROWS

PAGE = "/activities"
MARCH = "/activities?on=2026-03-10"
HOSTILE = "<img src=x onerror=alert(1)>\"'><script>x</script>{{7*7}}"


@pytest.fixture
def anna(browser):
    """A browser in which Anna is signed in."""
    browser.sign_in()
    return browser


@pytest.fixture
def add(database, user, now):
    """Return a function that adds an activity of Anna's, or of somebody else."""

    def added(*start, owner=user, minutes=30, span=None, **values):
        if start:
            begin = datetime(*start, tzinfo=UTC)
            span = TimedSpan(start=begin, end=begin + timedelta(minutes=minutes), zone="UTC")
        told = {"type_key": "call", "subject": "Call Eva", "span": span, **values}
        with database.write([owner.id]) as work:
            activity = Activity(company_id=owner.company_id, owner_id=owner.id, **told)
            return work.activities.add(activity, now=now)

    return added


def _cells(page):
    """Return the text of the cells of a sheet by their day of the month, of those inside it."""
    found = {}
    for css, cell in re.findall(r'<td class="([^"]*)">(.*?)</td>', page, re.DOTALL):
        day = int(re.search(r'class="number">(\d+)<', cell)[1])
        if "outside" not in css:
            found[day] = " ".join(re.sub(r"<[^>]+>", " ", cell.partition("</div>")[2]).split())
    return found


def test_a_stranger_sees_nothing(browser):
    """Every page is for those who signed in, and comes back after that."""
    assert browser.get(PAGE).headers["Location"] == "/?next=/activities"
    assert browser.get("/activities/12").headers["Location"] == "/?next=/activities/12"
    assert browser.get("/activities/colours.css").status_code == 302
    assert browser.post("/activities/new", subject="x").status_code == 403
    answer = browser.client.post(
        "/sign-in",
        base_url="http://127.0.0.1:5232",
        data={"login": "anna", "password": "a password for the pages", "next": "/activities/12"},
    )
    assert answer.headers["Location"] == "/activities/12"


@pytest.mark.parametrize("view", ["month", "week", "list", "odd"])
@pytest.mark.parametrize("day", ["2026-03-10", "0001-01-01", "9999-12-31", "odd", ""])
def test_every_address_shows_a_sheet(anna, view, day):
    """The ends of the calendar and nonsense, too."""
    answer = anna.get(f"{PAGE}?view={view}&on={day}&page=x")
    assert answer.status_code == 200
    assert "<h1>Activities</h1>" in answer.get_data(as_text=True)


def test_activities_stand_on_the_days_of_the_users_clock(anna, add):
    """Anna lives in Prague: 23:30 in UTC is half past midnight of the next day."""
    add(2026, 3, 10, 23, 30, subject="Late call")
    add(2026, 3, 12, 9, type_key="task", subject="Send it", minutes=60)
    days = AllDaySpan(start=date(2026, 3, 17), end=date(2026, 3, 19))
    add(span=days, subject="Fair", private=True)
    cells = _cells(anna.text(MARCH))
    assert cells[10] == ""
    assert cells[11].startswith("Call: 00:30 Late call")
    assert cells[12].startswith("Task: 11:00 Send it")
    assert cells[17].startswith("Call: Fair , private")
    assert "Fair" in cells[18]
    assert cells[19] == ""


def test_a_change_of_time_moves_no_day(anna, add):
    """The nights of 29 March and 25 October 2026 in Prague."""
    series = ("RRULE:FREQ=DAILY;COUNT=3",)
    add(2026, 3, 28, 22, 30, subject="Spring", recurrence=series, minutes=15)
    begin = datetime(2026, 3, 27, 23, 15, tzinfo=UTC)
    span = TimedSpan(start=begin, end=begin + timedelta(minutes=15), zone="Europe/Prague")
    add(span=span, subject="Night", recurrence=series)
    cells = _cells(anna.text("/activities?on=2026-03-28"))
    assert [day for day, text in cells.items() if "00:15 Night" in text] == [28, 29, 30]
    assert "23:30 Spring" in cells[28]
    assert "00:30 Spring" in cells[30]


def test_a_series_is_shown_by_its_dates_and_what_a_phone_made_of_them(
    anna, add, database, user, now
):
    """One moved and renamed, one cancelled, one taken out; the others as the series says."""
    begin = datetime(2026, 3, 2, 9, tzinfo=UTC)
    span = TimedSpan(start=begin, end=begin + timedelta(minutes=30), zone="Europe/Prague")
    lines = ("RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Prague:20260330T100000")
    series = add(span=span, subject="Stand-up", recurrence=lines)
    _override(
        database, user, now, "20260309T090000Z", "DTSTART:20260310T150000Z", "SUMMARY:✓ Other"
    )
    _override(
        database, user, now, "20260316T090000Z", "DTSTART:20260316T090000Z", "STATUS:CANCELLED"
    )
    page = anna.text(MARCH)
    cells = _cells(page)
    assert {day for day, text in cells.items() if "10:00 Stand-up , repeats" in text} == {2, 23}
    assert "Call, done: 16:00 Other" in cells[10]
    assert "Stand-up" in _cells(anna.text("/activities?on=2031-07-01"))[7]
    assert f'href="/activities/{series.id}?view=month' in page


def _override(database, user, now, recurrence_id, *lines):
    """Change one date of the only series, as a phone does."""
    with database.write([user.id]) as work:
        calendar = work.calendars.calendar(user.id, "activities")
        (stored,) = work.calendars.objects(calendar)
        override = "\r\n".join(
            ["BEGIN:VEVENT", f"UID:{stored.uid}", "DTSTAMP:20260301T080000Z",
             f"RECURRENCE-ID:{recurrence_id}", *lines, "END:VEVENT", "END:VCALENDAR"]
        )  # fmt: skip
        text = stored.text.replace("END:VCALENDAR", override)
        item = CalendarObject.parse(text)
        work.calendars.put(calendar, stored.href, item, origin="client", now=now)


def test_a_series_too_dense_to_follow_is_told_of(anna, add):
    """It takes no room and no time, and is not passed over in silence."""
    add(2040, 3, 2, 9, recurrence=("RRULE:FREQ=MINUTELY",), subject="Tick")
    page = anna.text("/activities?on=2040-03-10")
    assert "1 series repeats too often to be shown here" in page


def test_only_ones_own_activities_are_shown(anna, add, make_user):
    """Private or not: a colleague's are in no view, and have no page here."""
    bob = make_user("bob")
    theirs = add(2026, 3, 10, 9, owner=bob, subject="Of Bob")
    for view in ("month", "week", "list"):
        assert "Of Bob" not in anna.text(f"{PAGE}?view={view}&on=2026-03-10")
    path = f"/activities/{theirs.id}"
    assert anna.get(path).status_code == 404
    for act in ("", "/done", "/delete"):
        answer = anna.post(path + act, subject="Mine", type="call", done="1", version="x")
        assert answer.status_code == 404
        assert "Of Bob" not in answer.get_data(as_text=True)


def test_deleted_activities_are_gone_and_undated_ones_stand_apart(anna, add, database, user, now):
    """What has no date is a to-do for some day."""
    gone = add(2026, 3, 10, 9, subject="Gone")
    add(subject="Some day")
    add(subject="Ticked off", done=True)
    with database.write([user.id]) as work:
        work.activities.delete(gone.id, now=now)
    page = anna.text(MARCH)
    assert "Gone" not in page
    assert "Some day" in page.partition("Without a date")[2]
    assert "Ticked off" not in page


def test_the_list_begins_with_what_is_overdue(anna, add):
    """Open and past, the latest first; done ones are left out on request everywhere."""
    add(2020, 3, 10, 9, subject="Forgotten")
    add(2020, 3, 10, 9, subject="Finished", done=True)
    page = anna.text(f"{PAGE}?view=list&on=2020-04-01")
    assert "Forgotten" in page.partition('id="overdue-heading"')[2]
    assert "Tue 10 Mar, 10:00–10:30" in page
    assert "Finished" not in page
    there = anna.text(f"{PAGE}?view=list&on=2020-03-10")
    assert there.count("Forgotten</a>") == 1
    assert "Finished" in there
    assert "Finished" not in anna.text(f"{PAGE}?view=list&on=2020-03-10&show=open")


def test_a_hostile_title_is_text_in_every_view(anna, add):
    """S14."""
    made = add(2026, 3, 10, 9, subject=HOSTILE, location=HOSTILE, note=HOSTILE)
    for path in (MARCH, MARCH + "&view=week", MARCH + "&view=list", f"/activities/{made.id}"):
        answer = anna.get(path)
        page = answer.get_data(as_text=True)
        assert "<img src=x" not in page
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_no_page_carries_style_or_script_of_its_own(anna, add):
    """The policy would stop it; the colours come as a stylesheet that browsers keep."""
    add(2026, 3, 10, 9)
    page = anna.text(MARCH)
    assert not re.search(r"<script|<style| style=| on\w+=", page)
    (colours,) = re.findall(r'href="(/activities/colours\.css\?v=\w+)"', page)
    answer = anna.get(colours)
    assert answer.mimetype == "text/css"
    assert "private" in answer.headers["Cache-Control"]
    assert ".t0 {" in answer.get_data(as_text=True)


def test_the_standing_of_each_is_told_where_something_syncs(anna, add, database, user, now):
    """Without a connection nothing is said of a single one; with one, what is new waits."""
    made = add(2026, 3, 10, 9)
    assert "Goes to Google" not in anna.text(MARCH)
    assert "Nothing is synced with Google" in anna.text(MARCH)
    with database.write([user.id]) as work:
        connection = work.connections.add(
            user, account_email="anna@gmail.example", google_subject="s",
            granted_scopes=frozenset(), now=now,
        )  # fmt: skip
    assert "Goes to Google" not in anna.text(MARCH)
    _set_state(database, connection.id, ConnectionState.ACTIVE)
    waiting = "Goes to Google with the next sync: anna@gmail.example"
    assert waiting in anna.text(MARCH)
    assert waiting in anna.text(f"/activities/{made.id}")
    assert "Nothing is synced" not in anna.text("/activities?on=2020-01-01")
    _set_state(database, connection.id, ConnectionState.PAUSED)
    assert "Waits, as the sync with Google does not run" in anna.text(MARCH)


def _set_state(database, connection_id, state):
    from sqlalchemy import text  # noqa: PLC0415 - the lawful steps need a calendar and options

    with database.write() as work:
        work.connection.execute(
            text("UPDATE connections SET state = :state WHERE id = :id"),
            {"state": state.value, "id": connection_id},
        )


def test_full_sheets_take_as_many_statements_as_empty_ones(anna, add, sent):
    """And stay below 150 kB: a thousand activities, fifty of them series."""
    paths = [f"{PAGE}?view={view}&on=2026-03-02" for view in ("month", "week", "list")]
    empty = [_statements(anna, path, sent) for path in (paths[0], *paths)][1:]
    for number in range(950):
        at = (2026, 3, 2 + number % 28, 6 + number % 12, number % 60)
        add(*at, subject=f"{number} {'long subject ' * 8}")
    for number in range(50):
        add(2026, 3, 2, 9, subject=f"series {number}", recurrence=("RRULE:FREQ=WEEKLY",))
    assert [_statements(anna, path, sent) for path in paths] == empty
    assert max(empty) <= 12
    for path in paths:
        answer = anna.get(path)
        assert len(answer.get_data()) < 150_000
        assert answer.get_data(as_text=True).count("long subject") > 10


def _statements(browser, path, sent):
    sent.clear()
    assert browser.get(path).status_code == 200
    return len(sent)


def test_a_long_list_goes_on_on_further_pages(anna, add):
    """Nothing is left out without a word."""
    for number in range(LIST_ROWS + 5):
        add(2026, 3, 10, 9, number % 60, subject=f"number {number:03}")
    first = anna.text(f"{PAGE}?view=list&on=2026-03-10")
    second = anna.text(f"{PAGE}?view=list&on=2026-03-10&page=1")
    shown = [set(re.findall(r"number (\d\d\d)</a>", page)) for page in (first, second)]
    assert [len(each) for each in shown] == [LIST_ROWS, 5]
    assert not shown[0] & shown[1]
    assert "Next page" in first
    assert "Previous page" in second


def test_what_another_program_wrote_is_there_at_once(anna, add, database):
    """Design decision 15: a read carries it first."""
    from sqlalchemy import text  # noqa: PLC0415 - another program's statement

    made = add(2026, 3, 10, 9, subject="Before")
    with database.write() as work:
        work.connection.execute(
            text("UPDATE activities SET subject = 'After', due_date = '2026-03-12' WHERE id = :id"),
            {"id": made.id},
        )
    assert "10:00 After" in _cells(anna.text(MARCH))[12]
