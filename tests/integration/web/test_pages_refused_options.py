"""Refused options: the form comes back with what was entered, and says what is wrong."""

import re

import pytest

from bridge.domain.connection import ConnectionState
from bridge.errors import NotConnected, SideUnavailable

PAGE = "/settings/calendar-sync"
ENTERED = {
    "google_calendar": "new",
    "sync_type": "crm-to-google",
    "incoming_type": "lunch",
    "outgoing_types": ["call", "task"],
    "private_events": "do-not-sync",
    "contact_information": "1",
    "sync_from": "2026-03-01",
}


def _selected(page: str, name: str) -> str:
    (select,) = re.findall(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
    (value,) = re.findall(r'<option value="([^"]*)" selected', select)
    return str(value)


def _shows_what_was_entered(page: str) -> bool:
    ticked = set(re.findall(r'name="outgoing_types" value="([^"]+)" checked', page))
    chosen = {name: _selected(page, name) for name in ("sync_type", "incoming_type")}
    return (
        chosen == {"sync_type": "crm-to-google", "incoming_type": "lunch"}
        and _selected(page, "private_events") == "do-not-sync"
        and ticked == {"call", "task"}
        and 'name="contact_information" value="1" checked' in page
    )


@pytest.mark.parametrize("step", ["plan", "confirm"])
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sync_from", "tomorrow", "Enter a date."),
        ("sync_from", "1066-10-14", "Enter a date from 1970 to 2199."),
        ("google_calendar", "c@else.example", "Choose one of the calendars on the list."),
        ("incoming_type", "x", "Choose one of the activity types."),
        ("outgoing_types", ["call", "x"], "Choose among the activity types."),
        ("sync_type", "x", "Choose one of the values on the list."),
    ],
)
def test_refused_form_says_why_at_the_field(connected, step, field, value, words):
    """At the plan and at `Confirm` alike; nothing starts."""
    answer = connected.post(f"{PAGE}/{step}", **{**ENTERED, field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert f'id="refusal">{words}</p>' in page
    assert re.search(r'aria-describedby="refusal[^"]*" aria-invalid="true"', page)
    assert "Start syncing" in page


def test_refused_form_keeps_what_was_entered(connected):
    """Only the wrong field has to be mended."""
    page = connected.post(f"{PAGE}/plan", **{**ENTERED, "sync_from": "tomorrow"})
    text = page.get_data(as_text=True)
    assert 'value="tomorrow"' in text
    assert _shows_what_was_entered(text)


def test_side_that_does_not_answer_is_told_and_the_form_kept(connected, sides):
    """A plan that could not be made costs nothing but a second try."""
    sides.trouble = SideUnavailable("the calendar server does not answer", side="calendar")
    answer = connected.post(f"{PAGE}/plan", **ENTERED)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "The calendar server does not answer." in page
    assert _shows_what_was_entered(page)


def test_dead_grant_while_planning_is_told_on_the_page(connected, sides):
    """The person reads what to do instead of an error page."""
    sides.trouble = NotConnected("Google refused the permission", hint="choose Reconnect")
    answer = connected.post(f"{PAGE}/plan", **ENTERED)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "Google refused the permission. Choose Reconnect." in page


def test_address_that_is_none_is_refused_beside_the_field(browser):
    """What was typed stays."""
    browser.sign_in()
    answer = browser.post(f"{PAGE}/account", step="continue", account="anna")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "Enter the e-mail address of a Google account." in page
    assert 'value="anna"' in page


def test_revoked_grant_leads_to_reconnect(connected, database, *, user, runner, sides, rehearsal):
    """After a revocation at Google the page says so and offers the cure, never `Active`."""
    connected.post(f"{PAGE}/confirm", **ENTERED)
    with database.read() as work:
        (connection,) = work.connections.of_user(user.id)
    sides.trouble = NotConnected("Google refused the permission")
    runner.run(connection.id)
    page = connected.text(PAGE)
    assert "Needs attention" in page
    assert ">Reconnect</button>" in page
    assert "Active" not in page
    target = connected.post(f"{PAGE}/{connection.id}/reconnect").headers["Location"]
    assert target.startswith(rehearsal.describe().authorization_url)
    with database.read() as work:
        assert work.connections.get(connection.id).state is ConnectionState.NEEDS_ATTENTION
