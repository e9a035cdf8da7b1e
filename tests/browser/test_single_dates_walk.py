"""Single dates of a series on the pages: done, changed, cancelled and restored, by keyboard too."""

import re
from datetime import date

from playwright.sync_api import expect

DAY = date(2031, 5, 7)


def _series(person):
    """Add a series of five Wednesdays and open it."""
    page = person.page
    page.goto(f"{person.demo.url}/activities/new?view=list&on={DAY.isoformat()}")
    page.get_by_label("Subject", exact=True).fill("Walk with Eva")
    page.get_by_label("Time", exact=True).fill("10:00")
    page.get_by_label("Repeat", exact=True).select_option("Every week")
    page.get_by_label("After so many times", exact=True).check()
    page.get_by_label("Number of times", exact=True).fill("5")
    person.press("Save")
    page.get_by_role("status").get_by_text("is added.").wait_for()
    page.get_by_role("link", name=re.compile("Walk with Eva")).first.click()
    page.get_by_role("heading", name="Dates of the series", exact=True).wait_for()


def test_dates_of_a_series_are_done_changed_cancelled_and_restored(person):
    """Each with what is visible or has a name, at every width and in both schemes."""
    person.sign_in("ben")
    _series(person)
    page = person.page
    rows = page.get_by_role("region", name="Dates of the series").get_by_role("listitem")
    expect(rows).to_have_count(5)
    person.measure()
    tick = page.get_by_role("button", name=re.compile("^Done: Wednesday, 14 May 2031"))
    tick.focus()
    page.keyboard.press("Enter")
    expect(tick).to_have_attribute("aria-pressed", "true")
    expect(rows.nth(1)).to_contain_text("Done")

    page.get_by_role("link", name="Wednesday, 21 May 2031", exact=True).click()
    page.get_by_role("heading", name="One date of a series", exact=True).wait_for()
    person.measure()
    page.get_by_label("Location", exact=True).fill("In the park")
    person.press("Save")
    page.get_by_role("status").get_by_text("is saved.").wait_for()
    expect(rows.nth(2)).to_contain_text("Changed")

    page.get_by_role("link", name="Wednesday, 28 May 2031", exact=True).click()
    page.locator("summary").get_by_text("Cancel this date", exact=True).click()
    person.measure()
    page.get_by_role("button", name="Cancel this date", exact=True).click()
    page.get_by_role("status").get_by_text("is cancelled.").wait_for()
    expect(rows.nth(3)).to_contain_text("Cancelled")
    person.measure()
    page.get_by_role("link", name="Wednesday, 28 May 2031", exact=True).click()
    person.measure()
    person.press("Restore this date")
    page.get_by_role("status").get_by_text("as the series has it again.").wait_for()
    expect(rows.nth(3)).not_to_contain_text("Cancelled")

    page.get_by_role("link", name="Wednesday, 21 May 2031", exact=True).click()
    person.measure()
    person.press("Restore this date")
    expect(rows.nth(2)).not_to_contain_text("Changed")
    page.get_by_text("Delete", exact=True).click()
    person.press("Delete the series")
    person.sees("The activity is deleted.")
