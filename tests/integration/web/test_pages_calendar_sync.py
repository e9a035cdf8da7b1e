"""The Calendar sync page against the rehearsal Google, as a new user would go through it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.connection import ConnectionState

PAGE = "/settings/calendar-sync"
OPTIONS = {
    "sync_type": "two-way",
    "incoming_type": "meeting",
    "outgoing_types": ["call", "meeting"],
    "private_events": "save-as-private",
    "sync_from": date(2026, 3, 1).isoformat(),
}


@pytest.fixture
def signed_in(browser):
    """A browser whose person signed in."""
    browser.sign_in()
    return browser


def _connection(database, user):
    with database.read() as work:
        (found,) = work.connections.of_user(user.id)
    return found


def _calendar_id(page: str) -> str:
    ids = re.findall(r'<option value="([^"]+@[^"]+)"', page)
    return ids[-1]


def test_adding_an_account_asks_for_its_address_first(signed_in):
    """`Add new account` leads to the field and to `Continue`."""
    page = signed_in.post(f"{PAGE}/account", step="ask").get_data(as_text=True)
    assert "Google e-mail address" in page
    assert "Continue" in page


def test_after_consent_the_page_offers_the_calendars_read_from_google(connected, database, user):
    """The account is shown with every option of the contract, and nothing runs yet."""
    page = connected.text(PAGE)
    for words in (
        "anna@example.com",
        "Google calendar",
        "Create a new calendar",
        "Sync type",
        "Save calendar events as",
        "Sync these activities",
        "Private events",
        "Add linked contact information to Google events",
        "Sync from",
        "Start syncing",
    ):
        assert words in page
    assert _connection(database, user).state is ConnectionState.NEW


def test_nothing_is_written_before_confirm(connected, database, user, rehearsal):
    """The plan says how many items and where; the connection still waits."""
    answer = connected.post(f"{PAGE}/plan", google_calendar="new", **OPTIONS)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Nothing has been written yet" in page
    assert "Confirm" in page
    assert _connection(database, user).state is ConnectionState.NEW


def test_confirm_makes_the_calendar_and_starts(connected, database, user):
    """`Create a new calendar` makes one at Google, under the name people recognise."""
    connected.post(f"{PAGE}/confirm", google_calendar="new", **OPTIONS)
    connection = _connection(database, user)
    assert connection.state is ConnectionState.ACTIVE
    assert connection.google_calendar_name == "CRM activities"
    assert connection.settings.outgoing_types == {"call", "meeting"}
    page = connected.text(PAGE)
    assert "Active" in page
    assert "Sync now" in page


def test_an_existing_calendar_can_be_chosen_but_not_a_made_up_one(connected, database, user):
    """Only what Google lists is accepted (S18)."""
    refused = connected.post(f"{PAGE}/plan", google_calendar="somebody@else.example", **OPTIONS)
    assert refused.status_code == 400
    assert "Choose one of the calendars on the list." in refused.get_data(as_text=True)
    chosen = _calendar_id(connected.text(PAGE))
    connected.post(f"{PAGE}/confirm", google_calendar=chosen, **OPTIONS)
    assert _connection(database, user).google_calendar_id == chosen


def test_stop_then_reconnect_keeps_account_and_options(connected, database, user):
    """The account moves to `Previous syncs` and comes back with what was chosen."""
    connected.post(f"{PAGE}/confirm", google_calendar="new", **OPTIONS)
    connected.post(f"{PAGE}/stop")
    stopped = _connection(database, user)
    assert stopped.state is ConnectionState.STOPPED
    assert "Previous syncs" in connected.text(PAGE)
    connected.post(f"{PAGE}/{stopped.id}/reconnect")
    again = _connection(database, user)
    assert again.id == stopped.id
    assert again.settings == stopped.settings
    assert "Start syncing" in connected.text(PAGE)


def test_sync_now_makes_the_next_run_due(connected, database, user):
    """The worker sees it at its next look."""
    connected.post(f"{PAGE}/confirm", google_calendar="new", **OPTIONS)
    connected.post(f"{PAGE}/sync-now")
    connection = _connection(database, user)
    with database.read() as work:
        assert work.connections.next_run_at(connection.id) is None


def test_disconnect_revokes_the_grant_and_forgets_the_account(connected, database, user):
    """Nothing of the account stays here."""
    connected.post(f"{PAGE}/confirm", google_calendar="new", **OPTIONS)
    connected.post(f"{PAGE}/stop")
    connected.post(f"{PAGE}/{_connection(database, user).id}/disconnect")
    with database.read() as work:
        assert work.connections.of_user(user.id) == ()


def test_denying_leaves_nothing_connected(signed_in, through_google, database, user):
    """The person is told in words, and may try again."""
    target = signed_in.post(f"{PAGE}/account", step="continue", account="anna@example.com")
    answer = signed_in.get(through_google(target.headers["Location"], decision="deny"))
    assert answer.status_code == 400
    assert "nothing was connected" in answer.get_data(as_text=True)
    with database.read() as work:
        assert work.connections.of_user(user.id) == ()


def test_a_missing_permission_is_named_and_nothing_starts(
    signed_in, through_google, database, user
):
    """An unticked scope is explained; the account is not linked (S09)."""
    target = signed_in.post(f"{PAGE}/account", step="continue", account="anna@example.com")
    back = through_google(target.headers["Location"], without="auth/calendar.events")
    answer = signed_in.get(back)
    assert answer.status_code == 400
    assert "calendar.events" in answer.get_data(as_text=True)
    with database.read() as work:
        assert work.connections.of_user(user.id) == ()


def test_a_used_or_forged_state_is_refused_without_asking_google(
    signed_in, through_google, rehearsal, database, user
):
    """Login CSRF and replay end at our door (S05)."""
    target = signed_in.post(f"{PAGE}/account", step="continue", account="anna@example.com")
    back = through_google(target.headers["Location"])
    signed_in.get(back)
    again = signed_in.get(back)
    forged = signed_in.get("/oauth/google/callback?state=forged&code=x")
    assert again.status_code == forged.status_code == 400
    with database.read() as work:
        assert len(work.connections.of_user(user.id)) == 1


def test_another_users_connection_is_answered_like_none(connected, app, make_user, database, user):
    """Ben cannot reconnect or disconnect Anna's account (S18)."""
    from bridge.application.passwords import hash_password  # noqa: PLC0415

    ben = make_user("ben")
    with database.write() as work:
        work.users.set_password(ben.id, hash_password("ben's own"))
    anna_connection = _connection(database, user)
    connected.post("/sign-out")
    connected.sign_in("ben", "ben's own")
    refused = connected.post(f"{PAGE}/{anna_connection.id}/disconnect")
    absent = connected.post(f"{PAGE}/987654/disconnect")
    assert refused.status_code == absent.status_code == 404
    assert refused.data == absent.data
    assert _connection(database, user) == anna_connection


def test_hostile_titles_are_text_in_the_plan(connected, sides):
    """A title from a stranger is shown, never run (S14)."""
    from bridge.ical.calendar_object import CalendarObject  # noqa: PLC0415

    text = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//test//EN",
            "BEGIN:VEVENT",
            "UID:hostile",
            "DTSTAMP:20260301T000000Z",
            "DTSTART:20991001T100000Z",
            "DTEND:20991001T110000Z",
            "SUMMARY:<script>alert(1)</script>{{7*7}}",
            "X-CRM-ACTIVITY-TYPE:call",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
    sides.calendar.put("hostile.ics", CalendarObject.parse(text))
    page = connected.post(f"{PAGE}/plan", google_calendar="new", **OPTIONS).get_data(as_text=True)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page
    assert "<script>" not in page


def _started(connected):
    calendar = _calendar_id(connected.text(PAGE))
    connected.post(f"{PAGE}/confirm", google_calendar=calendar, **OPTIONS)


def test_the_page_says_how_news_come_from_google(connected):
    """Without messages from Google it is asked."""
    _started(connected)
    assert "Google is asked from time to time." in connected.text(PAGE)


def test_a_permission_about_to_end_is_said_with_the_way_out(connected, database, user):
    """`Reconnect` leads to Google's consent page, and the sync goes on meanwhile."""
    _started(connected)
    connection = _connection(database, user)
    assert "Google ends this permission" not in connected.text(PAGE)
    with database.write() as work:
        token = work.connections.refresh_token(connection.id).ciphertext
        soon = datetime.now(UTC) + timedelta(hours=30)
        work.connections.set_refresh_token(connection.id, token, soon)
    page = connected.text(PAGE)
    assert "Google ends this permission on" in page
    assert ">Reconnect</button>" in page
    sent = connected.post(f"{PAGE}/{connection.id}/reconnect")
    assert "/o/oauth2/" in sent.headers["Location"]
    assert _connection(database, user).state is ConnectionState.ACTIVE
