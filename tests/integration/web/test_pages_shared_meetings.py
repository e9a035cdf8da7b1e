"""What the pages show of a meeting that a colleague keeps: one's own copy, to look at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.connection import ConnectionState
from bridge.domain.identifiers import ActivityId, Href
from bridge.ical.calendar_object import CalendarObject

SHEETS = ("/activities?on=2026-03-10", "/activities?view=list&on=2026-03-10")


def meeting(title, *lines):
    """Return a guest's copy as a worker makes it."""
    told = "".join(f"{line}\r\n" for line in lines)
    return CalendarObject.parse(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\nBEGIN:VEVENT\r\n"
        "UID:m@google.com\r\nDTSTAMP:20260301T080000Z\r\nDTSTART:20260310T100000Z\r\n"
        f"DTEND:20260310T110000Z\r\nSUMMARY:{title}\r\n"
        "ORGANIZER:mailto:boss@partner.example\r\nX-CRM-ORIGIN:GOOGLE\r\n"
        f"{told}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


@pytest.fixture
def bring(database, now):
    """Return a function that lets a user's worker put a copy, and returns what is stored."""

    def put(owner, title, *lines):
        with database.write([owner.id]) as work:
            calendar = work.calendars.calendar(owner.id, "activities")
            item = meeting(title, *lines)
            return work.calendars.put(calendar, Href("m.ics"), item, origin="google:7", now=now)

    return put


@pytest.fixture
def keeper(make_user):
    """Boris, whose copy came first."""
    return make_user("boris", name="Boris Keeper", email="boris@acme.example")


@pytest.fixture
def shared(request, bring, keeper, user, browser):
    """Return a function that makes a meeting that Boris keeps and Anna shares; its address."""

    def make(*, theirs=(), mine=()):
        number = bring(keeper, "Their title", *theirs).activity_id
        database, now = (request.getfixturevalue(name) for name in ("database", "now"))
        with database.write([keeper.id]) as work:
            activity = work.activities.get(ActivityId(number))
            told = replace(activity, note="Their note", location="Their room")
            work.activities.update(told, now=now)
        assert bring(user, "My title", "LOCATION:My room", *mine).shared_id == number
        browser.sign_in()
        return f"/activities/{number}"

    return make


NAMED = "ATTENDEE:mailto:Boris@acme.example"


def test_a_meeting_that_a_colleague_keeps_stands_on_its_day(browser, shared):
    """With a mark, and no button that would finish it."""
    address = shared()
    for sheet in SHEETS:
        page = browser.text(sheet)
        assert "My title" in page
        assert "kept by a colleague" in page
        assert f'href="{address}?' in page
        assert f"{address}/done" not in page
        assert "Their" not in page


def test_its_page_says_who_keeps_it_where_ones_own_copy_names_them(browser, shared):
    """And shows what the own copy says, nothing of the activity."""
    page = browser.text(shared(mine=[NAMED]))
    assert "Boris Keeper keeps this meeting in the CRM." in page
    assert "Shared meeting" in page
    assert "My room" in page
    assert "Their" not in page


@pytest.mark.parametrize(("theirs", "mine"), [((), ()), (("CLASS:PRIVATE",), (NAMED,))])
def test_nobody_is_named_whom_the_copy_does_not_tell_or_who_keeps_it_private(
    browser, shared, theirs, mine
):
    """A guest list that Google hides, and a private activity, stay so."""
    page = browser.text(shared(theirs=theirs, mine=mine))
    assert "A colleague keeps this meeting in the CRM." in page
    assert "Boris" not in page.replace("boris@acme.example", "").replace("Boris@acme.example", "")
    assert "Their" not in page


def test_nothing_of_it_can_be_changed_there(browser, shared, database, keeper):
    """The page has no form for it, and its addresses know no such activity."""
    address = shared()
    page = browser.text(address)
    assert '<fieldset class="bare" disabled>' in page
    for action in ("", "/done", "/delete"):
        assert f'action="{address}{action}"' not in page
        assert browser.post(f"{address}{action}", subject="x", done="1").status_code in {400, 404}
    with database.read() as work:
        (kept,) = work.activities.list(keeper.id)
    assert (kept.subject, kept.done) == ("Their title", False)


def test_whoever_shares_it_not_sees_nothing(browser, bring, keeper, make_user, user):
    """The address of a colleague's activity is as unknown as ever."""
    number = bring(keeper, "Their title", NAMED).activity_id
    bring(make_user("cyril"), "Another copy", NAMED)
    browser.sign_in()
    asked = browser.get(f"/activities/{number}")
    assert asked.status_code == 404
    unknown = browser.get("/activities/999999").text.replace("/999999", f"/{number}")
    assert asked.text == unknown
    assert "title" not in browser.text(SHEETS[0]).partition("<main")[2].lower()


def test_how_the_own_copy_stands_is_told_and_explained(browser, shared, database, user, now):
    """By the link of one's own connection, not of the keeper's."""
    address = shared()
    with database.write() as work:
        added = work.connections.add(
            user,
            account_email="anna@gmail.example",
            google_subject="1",
            granted_scopes=frozenset(),
            now=now,
        )
        chosen = replace(added, google_calendar_name="Anna's", state=ConnectionState.ACTIVE)
        work.connections.save(chosen)
    page = browser.text(address)
    assert "Goes to Google with the next sync: Anna" in page
    explained = browser.get(address.replace("/activities/", "/settings/history/activity/"))
    assert "name=m@google.com" in explained.headers["Location"]


def test_when_the_keeper_leaves_it_becomes_an_activity_of_ones_own(
    browser, shared, database, keeper, now
):
    """With a form like any other."""
    address = shared()
    with database.write([keeper.id]) as work:
        calendar = work.calendars.calendar(keeper.id, "activities")
        work.calendars.delete(calendar, Href("m.ics"), origin="client", now=now)
    page = browser.text(address)
    assert "Edit activity" in page
    assert "My title" in page
    assert "Their note" in page
    assert "kept by a colleague" not in browser.text(SHEETS[0])
