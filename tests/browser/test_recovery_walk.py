"""What went wrong is made right on the pages: a lost permission, a conflict, a whole run."""

import re

from playwright.sync_api import expect

ADDRESS = "ben@example.com"
HISTORY = "/settings/history"


def _calendar(demo, login="anna"):
    """Return the calendar that is synced with somebody's activities: the one with most events."""
    own = [each for each in demo.calendars(login) if not each.startswith(f"{login}@")]
    return max(own, key=lambda each: len(demo.events(login, each)))


def _find(person, address, link, eventually):
    """Load a page until there is a link of this name, and follow it."""
    found = person.page.get_by_role("link", name=link).first

    def there():
        person.page.goto(person.demo.url + address)
        return found.count() > 0

    assert eventually(there), f"no link {link}"
    found.click()


def _confirm(person):
    """See that nothing has been written yet, and agree."""
    person.page.get_by_text("Nothing has been written yet.").wait_for()
    person.press("Confirm")
    person.sees("It is taken back. This can be taken back in turn.")


def test_a_permission_that_was_taken_back_is_given_again(person, demo, eventually):
    """`Needs attention` says what to do; done, the sync goes on, and no event is there twice."""
    page = person.page
    before = set(demo.calendars("ben"))
    person.sign_in("ben")
    person.go_to_google(ADDRESS)
    person.press("Allow")
    page.get_by_label("Google calendar", exact=True).select_option("Create a new calendar")
    person.press("Start syncing")
    person.press("Confirm")
    person.sees("Active")
    (calendar,) = set(demo.calendars("ben")) - before
    assert eventually(lambda: len(demo.events("ben", calendar)) >= 10)
    person.sync_now()
    synced = demo.events("ben", calendar)

    demo.take_permission_back(ADDRESS)
    person.reload_until("Needs attention")
    expect(page.get_by_role("alert")).to_contain_text("Reconnect the account.")
    person.measure()
    person.press("Reconnect")
    person.press("Allow")
    person.sees("Google allows the access. Choose Start syncing, and look at the plan, to go on.")
    person.press("Start syncing")
    person.press("Confirm")
    person.sees("Active")
    person.sync_now()
    assert demo.events("ben", calendar) == synced

    person.press("Stop syncing")
    page.get_by_label("Remove our copies from Google", exact=True).check()
    person.press("Continue")
    person.press("Confirm")
    assert eventually(lambda: len(demo.events("ben", calendar)) == 0)
    person.press("Disconnect account")
    page.get_by_role("button", name="Add new account", exact=True).wait_for()


def test_the_loser_of_a_conflict_is_shown_and_restored(person, demo, eventually):
    """Both sides were renamed between two runs; the owner looks, and decides otherwise."""
    page = person.page
    calendar = _calendar(demo)
    person.sign_in("anna")
    person.sync_now()
    event, title = next(each for each in demo.events("anna", calendar).items() if each[1])
    with demo.listings_failing():
        demo.retitle_event("anna", calendar, event, "Named at Google")
        page.goto(f"{demo.url}/activities?view=list")
        page.get_by_role("link", name=re.compile(re.escape(title))).first.click()
        page.get_by_label("Subject", exact=True).fill("Named in the CRM")
        person.press("Save")
        page.get_by_role("status").get_by_text("is saved.").wait_for()
    _find(person, f"{HISTORY}/changes", re.compile("^Changed “Named"), eventually)
    person.measure()
    kept = demo.events("anna", calendar)[event]
    other = ({"Named at Google", "Named in the CRM"} - {kept}).pop()
    person.press("Restore this value")
    _confirm(person)
    assert eventually(lambda: demo.events("anna", calendar)[event] == other)
    demo.retitle_event("anna", calendar, event, title)
    person.page.goto(f"{demo.url}/settings/calendar-sync")
    person.sync_now()


def test_a_whole_run_is_taken_back(person, demo, eventually):
    """What one run brought in from Google is as it was before, here and there."""
    calendar = _calendar(demo)
    event, title = next(each for each in demo.events("anna", calendar).items() if each[1])
    demo.retitle_event("anna", calendar, event, "A slip of the hand")
    person.sign_in("anna")
    change = "Changed “A slip of the hand” in the CRM"
    _find(person, f"{HISTORY}/changes?action=update", change, eventually)
    person.page.get_by_role("link", name="The whole run", exact=True).click()
    person.press("Undo this run")
    person.measure()
    _confirm(person)
    assert eventually(lambda: demo.events("anna", calendar)[event] == title)
