"""Rules for incoming events: made, rehearsed, ordered, switched on, and what they do (B8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

REHEARSE = "Rehearse on the last 90 days"
VESELY = "vesely@okapi-logistics.example"


@pytest.fixture
def rules(synced):
    """The page of rules, reached by its link."""
    synced.open()
    synced.page.get_by_role("link", name="Rules for incoming events", exact=True).click()
    synced.page.get_by_role("heading", name="Rules for incoming events", exact=True).wait_for()
    return synced.page


def _add(page, name, action, *, words="", domain="", contact="", kind=""):
    """Fill the form of a new rule in."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Title or description contains", exact=True).fill(words)
    page.get_by_label("Somebody of this domain takes part", exact=True).fill(domain)
    page.get_by_label("Then", exact=True).select_option(action)
    page.get_by_label("Person or deal", exact=True).fill(contact)
    if kind:
        page.get_by_label("Type", exact=True).select_option(kind)
    page.get_by_role("button", name="Add the rule", exact=True).click()
    expect(_row(page, name)).to_be_visible()


def _row(page, name):
    return page.get_by_role("listitem").filter(has=page.get_by_text(name, exact=True))


def _press(page, name, button):
    """Press a button of one rule."""
    _row(page, name).get_by_role("button", name=button, exact=True).click()


def _names(page):
    return page.locator("ol strong").all_inner_texts()


def _past(synced, title, days, **more):
    """Put an event of the last weeks into the calendar at Google."""
    start = datetime.now(UTC) - timedelta(days=days)
    times = {"start": start, "end": start + timedelta(hours=1)}
    body = {name: {"dateTime": at.isoformat(timespec="seconds")} for name, at in times.items()}
    synced.demo.add_event("ben", synced.calendar, summary=title, **body, **more)


def _object(calendar, title):
    """Return the text of the one object of this title, as a calendar program gets it."""
    found = [each.data for each in calendar.events() if f"SUMMARY:{title}" in each.data]
    return found[0] if len(found) == 1 else ""


def _rehearse(synced, page):
    """See what each rule would have matched at Google."""
    _past(synced, "Gym with Tomáš", 5)
    _past(synced, "Route review", 9, attendees=[{"email": VESELY}])
    page.get_by_role("button", name=REHEARSE, exact=True).click()
    expect(_row(page, "Sport")).to_contain_text("Would have matched 1.")
    expect(_row(page, "Sport")).to_contain_text("Gym with Tomáš")
    expect(_row(page, "Okapi")).to_contain_text("Route review")
    expect(_row(page, "Stand-ups")).to_contain_text("Would have matched 0.")
    synced.measure()


def _save(synced, page):
    """Go through the plan."""
    expect(page.get_by_text("These rules are not saved yet.")).to_be_visible()
    synced.press("Save")
    page.get_by_role("heading", name="This is what will happen").wait_for()
    expect(page.get_by_text("Rules for incoming events", exact=True)).to_be_visible()
    synced.press("Confirm")
    synced.sees("Saved. The sync goes on by itself from here.")


def _see_them_obeyed(synced):
    """One event takes a type, one is linked, one is skipped, in a calendar program as well."""
    synced.demo.add_event("ben", synced.calendar, summary="Gym", **synced.hour)
    synced.bring_in("Daily stand-up")
    synced.bring_in("Planning", attendees=[{"email": VESELY}])
    assert synced.told("Daily stand-up").startswith("Call:")
    assert "Tomáš Veselý" in synced.told("Planning")
    assert not synced.told("Gym")
    with synced.demo.caldav("ben") as calendar:
        assert "X-CRM-ACTIVITY-TYPE:call" in _object(calendar, "Daily stand-up")
        assert "Tomáš Veselý" in _object(calendar, "Planning")
        assert _object(calendar, "Gym") == ""


def test_rules_are_rehearsed_ordered_saved_obeyed_and_deleted(synced, rules, eventually):
    """From an empty list to an empty list; what was skipped comes in then."""
    page = rules
    expect(page.get_by_text("There are no rules.")).to_be_visible()
    synced.measure()
    _add(page, "Sport", "Leave it at Google", words="gym, tennis")
    okapi = {"domain": "okapi-logistics.example", "contact": "Tomáš Veselý"}
    _add(page, "Okapi", "Link it to this person", **okapi)
    _add(page, "Stand-ups", "Save it as this type", words="stand-up", kind="Call")
    synced.measure()
    _rehearse(synced, page)
    _press(page, "Stand-ups", "Up")
    assert _names(page) == ["Sport", "Stand-ups", "Okapi"]
    _press(page, "Sport", "Down")
    assert _names(page) == ["Stand-ups", "Sport", "Okapi"]
    for name in _names(page):
        _press(page, name, "Switch on")
    _save(synced, page)
    expect(page.get_by_text("3 of 3 on")).to_be_visible()
    _see_them_obeyed(synced)

    synced.open()
    page.get_by_role("link", name="Rules for incoming events", exact=True).click()
    for name in _names(page):
        _press(page, name, "Delete")
    expect(page.get_by_text("There are no rules.")).to_be_visible()
    _save(synced, page)
    assert eventually(lambda: synced.told("Gym"))
