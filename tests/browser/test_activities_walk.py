"""Keeping one's activities on the pages: added, seen, edited, done, repeated, deleted."""

import re
from datetime import date

from playwright.sync_api import expect

PAGE = "/activities"
DAY = date(2031, 3, 12)
SHEET = f"{PAGE}?on={DAY.isoformat()}"
SUBJECT = '<img src=x onerror="alert(1)"> Call Eva'


def _open(person):
    """Go to the page by its link, as somebody who signed in."""
    person.sign_in("ben")
    person.page.get_by_role("link", name="Activities", exact=True).click()
    person.page.get_by_role("heading", name="Activities", exact=True).wait_for()


def _chips(person, sheet=SHEET):
    """Return what a sheet shows of the activity."""
    person.page.goto(person.demo.url + sheet)
    return person.page.get_by_role("table").get_by_role("link").filter(has_text="Call Eva")


def _save(person):
    """Press `Save`, and see that it went through."""
    person.press("Save")
    person.page.get_by_role("status").get_by_text("is saved.").wait_for()


def test_a_call_is_added_edited_done_repeated_and_deleted(person):
    """With what is visible or has a name, at every width and in both schemes."""
    page = person.page
    _open(person)
    person.measure()
    _add_call(person)
    chips = _chips(person)
    expect(chips).to_have_count(1)
    expect(chips).to_contain_text("10:00")
    expect(chips).to_contain_text("<img src=x")
    person.measure()
    chips.click()
    _make_all_day(person)
    expect(_chips(person)).to_have_count(2)
    expect(_chips(person).first).not_to_contain_text("10:00")

    page.goto(f"{person.demo.url}{PAGE}?view=list&on={DAY.isoformat()}")
    person.measure()
    tick = page.get_by_role("button", name=re.compile("^Done: .*Call Eva"))
    for state in ("true", "false"):
        tick.click()
        expect(tick).to_have_attribute("aria-pressed", state)

    _chips(person).first.click()
    _make_it_repeat(person)
    expect(_chips(person)).to_have_count(5)
    expect(_chips(person, f"{PAGE}?view=week&on={DAY.isoformat()}")).to_have_count(2)
    person.measure()

    _chips(person).first.click()
    page.get_by_text("Delete", exact=True).click()
    person.measure()
    person.press("Delete the series")
    person.sees("The activity is deleted.")
    expect(_chips(person)).to_have_count(0)


def _add_call(person):
    """From the day on the sheet, with the whole form."""
    page = person.page
    page.goto(person.demo.url + SHEET)
    page.get_by_role("link", name="Add on Wednesday, 12 March 2031", exact=True).click()
    expect(page.get_by_label("Subject", exact=True)).to_be_focused()
    person.measure()
    page.get_by_role("group", name="Type", exact=True).get_by_label("Call", exact=True).check()
    page.get_by_label("Subject", exact=True).fill(SUBJECT)
    page.get_by_label("Time", exact=True).fill("10:00")
    person.press("Save")
    page.get_by_role("status").get_by_text("is added.").wait_for()


def _make_all_day(person):
    """For two days; the time gives way to the last day."""
    page = person.page
    expect(page.get_by_label("Time", exact=True)).to_have_value("10:00")
    page.get_by_label("All day", exact=True).check()
    expect(page.get_by_label("Time", exact=True)).to_be_hidden()
    page.get_by_label("Last day", exact=True).fill("2031-03-13")
    person.measure()
    _save(person)


def _make_it_repeat(person):
    """Five times, on two days of the week."""
    page = person.page
    page.get_by_label("Last day", exact=True).fill("")
    page.get_by_label("Repeat", exact=True).select_option("Every week")
    days = page.get_by_role("group", name="On these days", exact=True)
    days.get_by_label("Wednesday", exact=True).check()
    days.get_by_label("Friday", exact=True).check()
    page.get_by_label("After so many times", exact=True).check()
    page.get_by_label("Number of times", exact=True).fill("5")
    person.measure()
    _save(person)


def test_two_windows_never_overwrite_each_other(person, watch):
    """The second to save sees both versions, and decides."""
    page = person.page
    _open(person)
    page.get_by_text("Quick add", exact=True).click()
    person.measure()
    page.get_by_label("Subject", exact=True).fill("Call Eva")
    page.get_by_label("Date", exact=True).fill(DAY.isoformat())
    page.get_by_label("Time", exact=True).fill("09:00")
    person.press("Add")
    _chips(person).click()
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Location", exact=True).fill("At her office")
    other.get_by_role("button", name="Save", exact=True).click()
    other.get_by_text("is saved.").wait_for()
    other.close()

    path = page.url.removeprefix(person.demo.url).partition("?")[0]
    page.get_by_label("Location", exact=True).fill("In the café")
    with watch.refusal(f"409 {path}"):
        person.press("Save")
        page.get_by_role("heading", name="Somebody changed it meanwhile").wait_for()
    row = page.get_by_role("row").filter(has_text="Location")
    expect(row).to_contain_text("In the café")
    expect(row).to_contain_text("At her office")
    person.measure()
    page.get_by_role("link", name="Keep what is stored", exact=True).click()
    expect(page.get_by_label("Location", exact=True)).to_have_value("At her office")
    page.get_by_text("Delete", exact=True).click()
    person.press("Delete this activity")
    person.sees("The activity is deleted.")


def test_the_keyboard_alone_adds_an_activity(person, watch):
    """Type by the arrows, the other fields in reading order; a refusal leads to its field."""
    page = person.page
    _open(person)
    page.get_by_role("link", name="New activity", exact=True).focus()
    page.keyboard.press("Enter")
    subject = page.get_by_label("Subject", exact=True)
    expect(subject).to_be_focused()
    page.keyboard.type("Lunch with Eva")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Lunch", exact=True)).to_be_checked()
    page.get_by_label("Person", exact=True).focus()
    page.keyboard.type("Nobody of that name")
    with watch.refusal("400 /activities/new"):
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
    expect(page.get_by_label("Person", exact=True)).to_be_focused()
    expect(subject).to_have_value("Lunch with Eva")
    person.measure()


def test_every_title_in_the_list_is_hit_where_programs_aim(person):
    """A program that clicks for a person aims at the first piece of a link."""
    _open(person)
    person.page.get_by_role("link", name="List", exact=True).click()
    person.page.get_by_role("heading", name="Without a date", exact=True).wait_for()
    titles = (
        person.page.get_by_role("listitem")
        .get_by_role("link")
        .filter(has=person.page.locator("span"))
    )
    assert titles.count() > 5
    for title in titles.all():
        title.click(trial=True)
