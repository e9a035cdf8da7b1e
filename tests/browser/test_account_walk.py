"""Signing in and out, the own password, and pages that are not there."""

PASSWORD = "a longer one for Ben"


def _change(person, present, wanted):
    """Fill the form in by its labels and send it by the keyboard."""
    for label, value in (
        ("Present password", present),
        ("New password", wanted),
        ("New password again", wanted),
    ):
        person.page.get_by_label(label, exact=True).fill(value)
    person.page.keyboard.press("Enter")


def test_a_password_is_changed_and_changed_back(person, watch):
    """The page is reached by one's own name; a wrong password is told beside its field."""
    first = person.demo.passwords["ben"]
    person.page.goto(person.demo.url)
    person.measure()
    person.sign_in("ben")
    person.page.get_by_role("link", name="Account of Ben Carter", exact=True).click()
    person.measure()
    with watch.refusal("400 /settings/account/password"):
        _change(person, "not it", PASSWORD)
        person.page.get_by_role("alert").wait_for()
    person.measure()
    _change(person, first, PASSWORD)
    person.sees("The password is changed. Other browsers are signed out.")
    person.press("Sign out")
    person.demo.passwords["ben"] = PASSWORD
    person.sign_in("ben")
    person.page.get_by_role("link", name="Account of Ben Carter", exact=True).click()
    _change(person, PASSWORD, first)
    person.sees("The password is changed. Other browsers are signed out.")
    person.demo.passwords["ben"] = first


def test_a_page_that_is_not_there_says_so(person, watch):
    """For somebody who is signed in; Ben is no admin, so these pages are none for him."""
    person.sign_in("ben")
    with watch.refusal("404 /admin/users"):
        person.page.goto(f"{person.demo.url}/admin/users")
    person.measure()
    person.page.get_by_role("link", name="Go back", exact=True).click()
    person.page.get_by_role("heading", name="Calendar sync", exact=True).wait_for()
