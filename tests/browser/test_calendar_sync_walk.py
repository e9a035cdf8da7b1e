"""Connecting Google as a new user would, with the words of the contract (its section 5)."""

import re

from playwright.sync_api import expect

ADDRESS = "ben@example.com"
STARTED = "CRM activities"


def _start(person):
    """Press `Start syncing`, look at the plan, confirm it."""
    person.press("Start syncing")
    person.page.get_by_role("heading", name="This is what will happen").wait_for()
    person.measure()
    person.press("Confirm")
    person.sees("Active")


def _made(demo):
    """Return the id of the calendar that crmdav made in Ben's account."""
    found = [each for each, name in demo.calendars("ben").items() if name == STARTED]
    assert len(found) == 1, found
    return found[0]


def test_new_user_connects_syncs_stops_and_reconnects_without_duplicates(person, demo, eventually):
    """From the first sign-in to the account's end, in one go."""
    page = person.page
    before = set(demo.calendars("ben"))
    person.sign_in("ben")
    person.measure()
    person.press("Add new account")
    expect(page.get_by_label("Google e-mail address", exact=True)).to_be_focused()
    person.measure()
    page.get_by_label("Google e-mail address", exact=True).fill(ADDRESS)
    person.press("Continue")
    person.press("Allow")

    person.sees(ADDRESS)
    person.measure()
    page.get_by_label("Google calendar", exact=True).select_option("Create a new calendar")
    page.get_by_label("Sync type", exact=True).select_option("Two-way")
    page.get_by_label("Save calendar events as", exact=True).select_option("Lunch")
    types = page.get_by_role("group", name="Sync these activities", exact=True)
    types.get_by_label("Deadline", exact=True).uncheck()
    page.get_by_label("Private events", exact=True).select_option("Save as private")
    page.get_by_label("Add linked contact information to Google events", exact=True).check()
    expect(page.get_by_label("Sync from", exact=True)).to_have_value(re.compile(r"\d{4}-\d\d-\d\d"))
    _start(person)
    person.measure()

    (calendar,) = set(demo.calendars("ben")) - before
    assert calendar == _made(demo)
    assert eventually(lambda: len(demo.events("ben", calendar)) >= 10)
    person.sync_now()
    first = demo.events("ben", calendar)
    expect(page.get_by_label("Save calendar events as", exact=True)).to_have_value("lunch")
    person.press("Stop syncing")
    page.get_by_role("heading", name="Previous syncs", exact=True).wait_for()
    person.sees("Stopped")
    person.measure()

    person.press("Reconnect")
    expect(types.get_by_label("Deadline", exact=True)).not_to_be_checked()
    assert page.get_by_label("Google calendar", exact=True).input_value() == calendar
    _start(person)
    person.sync_now()
    assert demo.events("ben", calendar) == first

    person.press("Stop syncing")
    person.press("Disconnect account")
    page.get_by_role("button", name="Add new account", exact=True).wait_for()
    assert page.get_by_role("heading", name="Previous syncs").count() == 0
    assert demo.events("ben", calendar) == first


def test_a_first_load_is_followed_without_loading_the_page_again(person, demo, eventually):
    """Google is away as it begins; once it is back, the page tells of the end by itself."""
    page = person.page
    before = set(demo.calendars("ben"))
    person.sign_in("ben")
    person.go_to_google(ADDRESS)
    person.press("Allow")
    page.get_by_label("Google calendar", exact=True).select_option("Create a new calendar")
    person.press("Start syncing")
    with demo.listings_failing():
        person.press("Confirm")
        person.sees("Under way. Load the page again in a few seconds.")
        person.measure()
    page.get_by_label("Sync from", exact=True).fill("2031-01-01")
    page.get_by_text("Last success", exact=True).wait_for()
    expect(page.get_by_label("Sync from", exact=True)).to_have_value("2031-01-01")

    (calendar,) = set(demo.calendars("ben")) - before
    person.press("Stop syncing")
    person.press("Disconnect account")
    demo.remove_calendar("ben", calendar)
    page.get_by_role("button", name="Add new account", exact=True).wait_for()


def test_denying_at_google_connects_nothing_and_says_so(person, watch):
    """The person is told what happened and what to do."""
    person.sign_in("ben")
    person.go_to_google(ADDRESS)
    with watch.refusal("400 /oauth/google/callback"):
        person.press("Deny")
        person.page.get_by_role("heading", name="Google was not connected").wait_for()
    person.measure()
    person.page.get_by_role("link", name="Go back").click()
    person.page.get_by_role("button", name="Add new account", exact=True).wait_for()


def test_unticked_permission_is_named_and_connects_nothing(person, watch):
    """Without the events there is nothing to sync."""
    person.sign_in("ben")
    person.go_to_google(ADDRESS)
    permission = person.page.get_by_role("checkbox", name="auth/calendar.events")
    permission.uncheck()
    with watch.refusal("400 /oauth/google/callback"):
        person.press("Allow")
        person.page.get_by_text("calendar.events").first.wait_for()
    person.measure()
    person.page.get_by_role("link", name="Go back").click()
    person.page.get_by_role("button", name="Add new account", exact=True).wait_for()


def test_without_the_permission_to_create_calendars_only_that_choice_is_missing(person):
    """Everything else can be chosen; the account can be let go before it ever started."""
    person.sign_in("ben")
    person.go_to_google(ADDRESS)
    person.page.get_by_role("checkbox", name="auth/calendar.app.created").uncheck()
    person.press("Allow")
    choices = person.page.get_by_label("Google calendar", exact=True).get_by_role("option")
    expect(choices.first).to_be_attached()
    assert "Create a new calendar" not in choices.all_inner_texts()
    person.press("Disconnect account")
    person.page.get_by_role("button", name="Add new account", exact=True).wait_for()


def test_the_keyboard_alone_signs_in_and_reaches_the_content(person):
    """The login has the focus, Tab goes on in reading order, Enter sends."""
    page = person.page
    page.goto(person.demo.url)
    expect(page.get_by_label("Login", exact=True)).to_be_focused()
    page.keyboard.type("ben")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_focused()
