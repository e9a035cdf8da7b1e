"""The Account page: another password, and signing out elsewhere (threats 3.2, 3.7)."""

import pytest

PAGE = "/settings/account"
PASSWORD, BETTER = "a password for the pages", "čerstvé máslo ráno"


@pytest.fixture
def anna(browser):
    """A browser in which Anna is signed in."""
    browser.sign_in()
    return browser


@pytest.fixture
def elsewhere(app, browser):
    """Another browser of Anna's."""
    other = type(browser)(app.test_client())
    other.sign_in()
    return other


def change(browser, **other):
    """Send the form for another password."""
    told = {"present": PASSWORD, "wanted": BETTER, "repeated": BETTER, **other}
    return browser.post(f"{PAGE}/password", **told)


def test_a_new_password_holds_and_signs_others_out(anna, elsewhere, app):
    """This browser stays; the old password is of no use; calendar programs go on."""
    app.extensions["crmdav"].app_passwords.add("anna", "phone")
    assert change(anna).headers["Location"] == PAGE
    assert "Other browsers are signed out." in anna.text(PAGE)
    assert elsewhere.get(PAGE).status_code == 302
    assert elsewhere.sign_in().status_code == 401
    assert elsewhere.sign_in(password=BETTER).status_code == 302
    assert app.extensions["crmdav"].app_passwords.list("anna")[0].revoked_at is None


@pytest.mark.parametrize(
    ("wrong", "reason", "field"),
    [
        ({"present": "not it"}, "The present password is wrong.", "present"),
        ({"present": "x" * 2000}, "The present password is wrong.", "present"),
        ({"wanted": "short", "repeated": "short"}, "8 characters or more", "wanted"),
        ({"wanted": "é" * 600, "repeated": "é" * 600}, "at most 1024 bytes", "wanted"),
        ({"wanted": PASSWORD, "repeated": PASSWORD}, "guessed so easily", "wanted"),
        ({"wanted": "anna@acme.example"}, "guessed so easily", "wanted"),
        ({"repeated": "another one"}, "not the same twice", "repeated"),
    ],
)
def test_a_refused_password_changes_nothing(anna, elsewhere, wrong, reason, field):
    """The reason stands at the field, and nothing that was typed comes back."""
    answer = change(anna, **wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert reason in page
    assert f'name="{field}" type="password" required' in page
    assert page.count('aria-invalid="true"') == 1
    assert BETTER not in page
    assert elsewhere.get(PAGE).status_code == 200
    assert anna.sign_in().status_code == 302


def test_guessing_the_present_password_is_slowed_down(anna):
    """Whoever finds an open browser does not try for long (S01)."""
    statuses = [change(anna, present="not it").status_code for _ in range(7)]
    assert statuses[0] == 400
    assert statuses[-1] == 429
    assert change(anna).status_code == 429


def test_other_browsers_are_signed_out_on_demand(anna, elsewhere, app, make_user):
    """The own ones only, and not this one."""
    app.extensions["crmdav"].own_account.sign_out_elsewhere(make_user("ben"), session_token="")
    assert elsewhere.get(PAGE).status_code == 200
    assert anna.post(f"{PAGE}/elsewhere").headers["Location"] == PAGE
    assert elsewhere.get(PAGE).status_code == 302
    assert anna.get(PAGE).status_code == 200


def test_only_the_own_form_does_it(anna, browser, app):
    """S15: no link, no form of others; strangers are sent to the sign-in page."""
    for path in (f"{PAGE}/password", f"{PAGE}/elsewhere"):
        assert anna.get(path).status_code == 405
        assert anna.post(path, csrf_token="forged").status_code == 403
    stranger = type(browser)(app.test_client())
    assert stranger.get(PAGE).headers["Location"] == f"/?next={PAGE}"
    assert change(stranger).status_code == 403
