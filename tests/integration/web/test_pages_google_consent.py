"""The way to Google and back, with somebody else's hand in it (threats S06 to S08, S16)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from bridge.web import create_app

PAGE = "/settings/calendar-sync"
CALLBACK = "/oauth/google/callback"
BASE_URL = "http://127.0.0.1:5232"
HOSTILE = "<b>Anna</b><script>alert(1)</script>"
SECURE = "https://crm.example.com"


@pytest.fixture
def signed_in(browser):
    """A browser whose person signed in."""
    browser.sign_in()
    return browser


def test_what_comes_with_a_refusal_at_google_is_not_shown(signed_in, database, user):
    """S06: a friendly page, and none of the text that came with the address."""
    said = urlencode({"error": "access_denied", "error_description": HOSTILE})
    answer = signed_in.get(f"{CALLBACK}?{said}")
    assert answer.status_code == 400
    page = answer.get_data(as_text=True)
    assert "Google was not connected" in page
    assert "alert(1)" not in page
    assert "<b>Anna" not in page
    with database.read() as work:
        assert work.connections.of_user(user.id) == ()


def test_the_same_answer_twice_at_once_connects_once(
    signed_in, app, through_google, database, user
):
    """S07: two requests with the same code and state; one of them is refused."""
    target = signed_in.post(f"{PAGE}/account", step="continue", account="anna@example.com")
    back = through_google(target.headers["Location"])
    cookie = signed_in.client.get_cookie("crmdav", domain="127.0.0.1")

    def come_back(_):
        client = app.test_client()
        client.set_cookie("crmdav", cookie.value, domain="127.0.0.1")
        return client.get(back, base_url=BASE_URL).status_code

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(come_back, range(2))) == [302, 400]
    with database.read() as work:
        assert len(work.connections.of_user(user.id)) == 1


def test_google_is_told_the_configured_address_whatever_host_says(signed_in):
    """S08: a request under another name changes nothing about where Google sends people."""
    token = signed_in.csrf_token()
    cookie = signed_in.client.get_cookie("crmdav", domain="127.0.0.1")
    signed_in.client.set_cookie("crmdav", cookie.value, domain="evil.example")
    begun = signed_in.client.post(
        f"{PAGE}/account",
        base_url="http://evil.example",
        data={"csrf_token": token, "step": "continue", "account": "anna@example.com"},
        headers={"Origin": BASE_URL},
    )
    assert begun.status_code == 302
    told = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert told["redirect_uri"] == [f"{BASE_URL}{CALLBACK}"]


def test_behind_tls_the_session_is_never_sent_over_http(browser, app):
    """S16: the cookie is for https and for this host alone."""
    client = create_app(replace(app.extensions["crmdav"], base_url=SECURE)).test_client()
    answer = client.post(
        "/sign-in",
        base_url=SECURE,
        data={"login": "anna", "password": "a password for the pages"},
    )
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert "Domain" not in cookie
