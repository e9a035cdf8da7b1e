"""A person with a browser at the rehearsal's pages (contract section 8)."""

import urllib.parse

import pytest


@pytest.fixture
def page(chromium):
    """A page of a real browser."""
    context = chromium.new_context()
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    context.close()


def test_person_allows_some_of_what_was_asked(google, page):
    """Account chooser, check boxes and Allow lead back to the client, whatever its port."""
    scope = "https://www.googleapis.com/auth/calendar"
    wish = {
        "client_id": google.described.client_id,
        # Back to the rehearsal's own port, which answers the unknown path with an error page.
        "redirect_uri": f"{google.root}/oauth/google/callback",
        "response_type": "code",
        "scope": f"openid {scope}.events {scope}.calendarlist.readonly",
        "state": "s",
    }
    page.goto(f"{google.described.authorization_url}?{urllib.parse.urlencode(wish)}")
    page.get_by_label("Ben").check()
    page.get_by_label("See the list of your calendars").uncheck()
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url("**/oauth/google/callback?*")
    answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).query))
    assert answer["state"] == "s"
    assert answer["scope"] == f"openid {scope}.events"
    assert answer["code"]
