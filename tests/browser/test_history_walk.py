"""The History page in a browser: from a run to its changes, to an item, to the activity."""

PAGE = "/settings/history"


def test_from_a_run_to_an_activity_and_back(person):
    """By links alone, on every screen."""
    person.sign_in("anna")
    person.page.get_by_role("link", name="History", exact=True).click()
    person.page.get_by_role("heading", name="Runs", exact=True).wait_for()
    person.measure()
    person.page.get_by_role("link", name="Show", exact=True).last.click()
    person.page.get_by_role("heading", name="The run of").wait_for()
    person.measure()
    person.page.get_by_label("What", exact=True).select_option(label="Created")
    person.press("Show")
    change = person.page.get_by_role("listitem").get_by_role("link").first
    title = change.inner_text().partition("“")[2].partition("”")[0]
    change.click()
    person.page.get_by_role("link", name="Why it is where it is", exact=True).click()
    person.page.get_by_role("heading", name=title, exact=True).wait_for()
    person.measure()
    person.page.get_by_role("link", name="Open the activity", exact=True).click()
    person.page.get_by_role("link", name="Explain", exact=True).click()
    person.page.get_by_role("heading", name=title, exact=True).wait_for()


def test_a_change_from_google_is_taken_back(person, eventually):
    """Somebody overwrote a title at Google; its owner undoes that, and it is back there, too."""
    demo = person.demo
    ((calendar, _),) = [each for each in demo.calendars("anna").items() if "visits" in each[1]]
    event, title = next(
        (number, name) for number, name in demo.events("anna", calendar).items() if name
    )
    demo.retitle_event("anna", calendar, event, "Oops <b>")
    person.sign_in("anna")
    change = person.page.get_by_role("link", name="Changed “Oops <b>” in the CRM").first

    def arrived():
        person.page.goto(f"{demo.url}{PAGE}/changes?action=update")
        return change.count() > 0

    assert eventually(arrived)
    change.click()
    person.measure()
    person.press("Undo this change")
    person.page.get_by_text("Nothing has been written yet.").wait_for()
    person.measure()
    person.press("Confirm")
    person.sees("It is taken back. This can be taken back in turn.")
    assert eventually(lambda: demo.events("anna", calendar)[event] == title)


def test_without_an_account_the_page_says_where_one_is_made(person):
    """Ben has connected nothing."""
    person.sign_in("ben")
    person.page.goto(person.demo.url + PAGE)
    person.measure()
    person.page.locator("main").get_by_role("link", name="Calendar sync", exact=True).click()
    person.page.get_by_role("heading", name="Calendar sync", exact=True).wait_for()
