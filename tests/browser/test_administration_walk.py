"""An admin's pages: a user added who signs in, a type of one's own, a share, a look at Google."""

from playwright.sync_api import expect

USERS = "/admin/users"


def _open(person, tab):
    """Go to one of the pages by its links, as Anna, the demo's admin."""
    if tab == "Users":
        person.sign_in("anna")
        person.page.get_by_role("link", name="Administration", exact=True).click()
    else:
        person.page.get_by_role("link", name=tab, exact=True).click()
    expect(person.page.get_by_role("link", name=tab, exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    person.measure()


def _change(person, login):
    """Open what can be done with a user."""
    row = person.page.get_by_role("listitem").filter(has_text=login)
    row.locator("summary").click()
    return row


def test_a_user_is_added_signs_in_and_is_removed(person, context):
    """By keyboard as well as by mouse; the password is shown once."""
    _open(person, "Users")
    for name, value in (
        ("Login", "carl"),
        ("Full name", "<i>Carl</i> " + "x" * 150),
        ("E-mail", ""),
    ):
        person.page.get_by_label(name, exact=True).fill(value)
    person.page.get_by_label("Time zone", exact=True).press("Enter")
    password = person.page.get_by_label("Password of carl", exact=True)
    expect(password).to_be_focused()
    secret = password.input_value()
    person.measure()
    person.demo.passwords["carl"] = secret
    person.press("Sign out")
    person.sign_in("carl")
    assert person.page.get_by_role("link", name="Administration").count() == 0
    person.press("Sign out")
    _open(person, "Users")
    _change(person, "carl").get_by_role("button", name="Switch off", exact=True).click()
    person.sees("carl is signed out everywhere, and syncing is stopped.")
    person.sees("Switched off")
    _change(person, "carl").get_by_role("link", name="Remove", exact=True).click()
    person.measure()
    person.press("Remove carl")
    person.sees("carl is removed.")


def test_a_type_is_made_and_put_out_of_use(person, watch):
    """It has a look of its own, and a form that was refused keeps what was chosen."""
    _open(person, "Users")
    _open(person, "Activity types")
    person.page.get_by_role("link", name="Add a type", exact=True).click()
    person.page.get_by_label("Name", exact=True).fill("Call")
    person.page.get_by_label("Star", exact=True).check(force=True)
    person.page.get_by_label("Colour", exact=True).fill("#11aa77")
    person.measure()
    with watch.refusal("400 /admin/types/new"):
        person.press("Save")
        person.page.get_by_role("alert").wait_for()
    expect(person.page.get_by_label("Star", exact=True)).to_be_checked()
    person.measure()
    person.page.get_by_label("Name", exact=True).fill("Showroom")
    person.press("Save")
    person.sees("Showroom is added.")
    row = person.page.get_by_role("listitem").filter(has_text="Showroom")
    row.get_by_role("link", name="Change", exact=True).click()
    person.page.get_by_label("New activities may be of this type", exact=True).uncheck()
    person.press("Save")
    person.sees("Not in use")
    person.measure()


def test_a_share_is_given_and_taken_back(person):
    """Ben sees when Anna is busy, and then no more."""
    _open(person, "Users")
    _open(person, "Sharing")
    person.page.get_by_label("Calendars of (login)", exact=True).fill("anna")
    person.page.get_by_label("For (login)", exact=True).fill("ben")
    person.press("Share")
    person.sees("ben sees the calendars of anna from now on.")
    person.measure()
    person.press("Take back")
    person.sees("The share is taken back.")


def test_the_google_client_is_looked_at(person):
    """Whether it is right, and how the connections do."""
    _open(person, "Users")
    _open(person, "Connections")
    person.press("Check now")
    person.sees("Google was reached, and takes the client.")
    person.measure()
