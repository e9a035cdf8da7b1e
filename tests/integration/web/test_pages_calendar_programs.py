"""The Calendar programs page: addresses, app passwords, subscription links."""

import plistlib
import re

import pytest
from werkzeug.test import Client

from bridge.web.calendar_file import CalendarFiles

PAGE = "/settings/calendar-programs"


@pytest.fixture
def anna(browser):
    """A browser in which Anna is signed in."""
    browser.sign_in()
    return browser


def shown_secret(page):
    """Return the value of the read-only field."""
    return re.search(r'class="secret"[^>]* value="([^"]+)"', page)[1]


def test_a_stranger_sees_nothing(browser):
    """The page is for those who signed in."""
    assert browser.get(PAGE).status_code == 302
    assert browser.post(f"{PAGE}/links", label="x").status_code == 403


def test_the_page_tells_address_and_login(anna):
    """What a calendar program asks for, and the same navigation as everywhere."""
    page = anna.text(PAGE)
    assert "http://127.0.0.1:5232/dav/anna/" in page
    assert '<a href="/settings/calendar-programs" aria-current="page">' in page
    assert '<a href="/settings/calendar-sync">Calendar sync</a>' in page


def test_a_new_link_is_shown_once_and_works_until_it_is_revoked(anna, app):
    """The address stands in the answer to the form only, as text and not as a link."""
    page = anna.post(f"{PAGE}/links", label="wall", types=["call"]).get_data(as_text=True)
    address = shown_secret(page)
    assert f'href="{address}' not in page
    links = app.extensions["crmdav"].calendar_links
    subscriber = Client(CalendarFiles(links))
    path = address.removeprefix("http://127.0.0.1:5232")
    assert subscriber.get(path).status_code == 200
    listed = anna.text(PAGE)
    assert "wall" in listed
    assert "Call" in listed
    assert address not in listed
    number = links.list("anna")[0].id
    assert anna.post(f"{PAGE}/links/{number}/revoke").headers["Location"] == PAGE
    after = anna.text(PAGE)
    assert "The address is revoked" in after
    assert "wall" not in after
    assert subscriber.get(path).status_code == 404


def test_a_new_password_is_shown_once_and_can_be_revoked(anna, app):
    """Like a link; it is not kept in any cookie."""
    answer = anna.post(f"{PAGE}/passwords", label="phone")
    secret = shown_secret(answer.get_data(as_text=True))
    assert re.fullmatch(r"[a-z2-7]{32}", secret)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert secret not in anna.text(PAGE)
    passwords = app.extensions["crmdav"].app_passwords
    number = passwords.list("anna")[0].id
    assert anna.post(f"{PAGE}/passwords/{number}/revoke").status_code == 302
    assert passwords.list("anna")[0].revoked_at is not None


def test_nobody_revokes_what_is_somebody_elses(anna, app, make_user):
    """The number of another user's link or password is as good as none."""
    make_user("bob")
    services = app.extensions["crmdav"]
    link = services.calendar_links.make("bob", "bob's")
    password = services.app_passwords.add("bob", "bob's")
    assert anna.post(f"{PAGE}/links/{link.id}/revoke").status_code == 404
    assert anna.post(f"{PAGE}/passwords/{password.id}/revoke").status_code == 404
    assert services.calendar_links.list("bob")[0].revoked_at is None
    assert services.app_passwords.list("bob")[0].revoked_at is None


def test_a_refused_form_keeps_what_was_entered(anna):
    """The reason stands beside the field it is about."""
    answer = anna.post(f"{PAGE}/links", label=" ", types=["call"])
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert 'role="alert" id="refusal"' in page
    assert re.search(r'value="call" checked', page)


def test_a_form_of_another_site_makes_no_link(anna, app):
    """Without the session's token nothing is made."""
    assert anna.post(f"{PAGE}/links", label="x", csrf_token="forged").status_code == 403
    assert not app.extensions["crmdav"].calendar_links.list("anna")


def test_labels_are_shown_as_text(anna):
    """S14: what a person enters never becomes markup."""
    anna.post(f"{PAGE}/links", label="<b>x</b>")
    page = anna.text(PAGE)
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_profile_for_apples_programs_holds_a_password_of_its_own(anna, app):
    """It is a download nobody keeps, its password works, and is listed to be revoked."""
    answer = anna.post(f"{PAGE}/profile", label="Anna's iPhone")
    assert answer.mimetype == "application/x-apple-aspen-config"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Cache-Control"] == "no-store"
    (payload,) = plistlib.loads(answer.data)["PayloadContent"]
    assert payload["CalDAVPrincipalURL"] == "/dav/anna/"
    secret = payload["CalDAVPassword"]
    (kept,) = app.extensions["crmdav"].app_passwords.list("anna")
    assert kept.label == "Anna's iPhone"
    assert kept.prefix == secret[: len(kept.prefix)]
    page = anna.text(PAGE)
    assert "Anna&#39;s iPhone" in page
    assert secret not in page


def test_a_profile_is_made_by_the_own_form_only(anna, app):
    """S15: it makes a password, so no link and no other site can ask for it."""
    assert anna.get(f"{PAGE}/profile").status_code == 405
    assert anna.post(f"{PAGE}/profile", label="x", csrf_token="forged").status_code == 403
    refused = anna.post(f"{PAGE}/profile", label=" ")
    assert refused.status_code == 400
    assert 'role="alert" id="refusal"' in refused.get_data(as_text=True)
    assert not app.extensions["crmdav"].app_passwords.list("anna")


def test_codes_have_names_and_every_program_its_steps(anna):
    """A screen reader is told what a code leads to."""
    page = anna.text(PAGE)
    assert page.count('role="img" aria-label="QR code: ') == page.count("<svg") == 2
    for program in ("Apple Calendar and Reminders", "DAVx⁵", "Thunderbird", "vdirsyncer"):
        assert program in page
