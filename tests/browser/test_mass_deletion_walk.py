"""The brake on the page: stopped, explained, confirmed, done once (design decision 29)."""

from playwright.sync_api import expect


def _connected_calendar(demo):
    """Return the calendar the demo itself connected for Anna."""
    own = [each for each in demo.calendars("anna") if not each.startswith("anna@")]
    return max(own, key=lambda each: len(demo.events("anna", each)))


def test_many_deletions_wait_for_a_person_and_go_through_once_confirmed(person, demo, eventually):
    """Nothing is taken away before `Confirm`, and exactly the shown items after it."""
    page = person.page
    person.sign_in("anna")
    calendar = _connected_calendar(demo)
    assert eventually(lambda: len(demo.events("anna", calendar)) >= 15)
    person.sync_now()
    events = demo.events("anna", calendar)
    doomed = set(list(events)[:-2])
    with demo.listings_failing():
        for event in doomed:
            demo.delete_event("anna", calendar, event)

    person.reload_until("Needs attention")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The next sync would remove")
    expect(page.get_by_role("button", name="Reconnect", exact=True)).to_have_count(0)
    person.measure()
    person.press("Start syncing")
    expect(alert).to_have_text(f"Attention: {len(doomed)} items will be removed in the CRM.")
    person.measure()
    person.press("Confirm")
    person.sees("Active")
    person.sync_now()
    person.sees("Active")
    person.press("Save")
    page.get_by_role("heading", name="This is what will happen").wait_for()
    expect(alert).to_have_count(0)
    assert set(demo.events("anna", calendar)) == set(events) - doomed
