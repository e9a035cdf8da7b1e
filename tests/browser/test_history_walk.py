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


def test_without_an_account_the_page_says_where_one_is_made(person):
    """Ben has connected nothing."""
    person.sign_in("ben")
    person.page.goto(person.demo.url + PAGE)
    person.measure()
    person.page.locator("main").get_by_role("link", name="Calendar sync", exact=True).click()
    person.page.get_by_role("heading", name="Calendar sync", exact=True).wait_for()
