"""Options changed, planned and taken back, and the question after the end of a sync."""

from __future__ import annotations

import re

from playwright.sync_api import expect

ADDRESS = "ben@example.com"


def test_options_are_changed_from_now_on_and_copies_removed_in_the_end(person, demo, eventually):
    """Ben's sync from its beginning to the moment when Google is as it was before."""
    page = person.page
    before = set(demo.calendars("ben"))
    person.sign_in("ben")
    person.go_to_google(ADDRESS)
    person.press("Allow")
    page.get_by_label("Google calendar", exact=True).select_option("Create a new calendar")
    page.get_by_text("More options", exact=True).click()
    page.get_by_label("Title at Google", exact=True).fill("{subject} · {organization}")
    person.measure()
    person.press("Start syncing")
    page.get_by_role("heading", name="This is what will happen").wait_for()
    page.get_by_text("What others see", exact=True).click()
    expect(page.get_by_text("A guest at Google", exact=True).first).to_be_visible()
    person.measure()
    person.press("Confirm")
    person.sees("Active")
    expect(page.get_by_label("Title at Google", exact=True)).to_be_visible()
    (calendar,) = set(demo.calendars("ben")) - before
    assert eventually(lambda: len(demo.events("ben", calendar)) >= 10)
    person.sync_now()
    synced = demo.events("ben", calendar)

    types = page.get_by_role("group", name="Sync these activities", exact=True)
    types.get_by_label("Call", exact=True).uncheck()
    person.press("Save")
    expect(page.get_by_role("alert")).to_contain_text("will be removed at Google")
    person.measure()
    page.get_by_label("Sync these activities", exact=True).select_option("From now on")
    person.press("Show the plan again")
    expect(page.get_by_role("alert")).to_have_count(0)
    person.press("Confirm")
    person.sync_now()
    assert demo.events("ben", calendar) == synced

    person.press("Stop syncing")
    page.get_by_role("heading", name="What should happen to the synced items?").wait_for()
    expect(page.get_by_label("Keep them on both sides", exact=True)).to_be_checked()
    person.measure()
    page.get_by_label("Remove our copies from Google", exact=True).check()
    person.press("Continue")
    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"\d+ items will be removed"))
    person.measure()
    person.press("Confirm")
    assert eventually(lambda: len(demo.events("ben", calendar)) == 0)
    person.measure()
