"""The consent request and what a grant lacks."""

import base64
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest

from bridge.google_calendar.addresses import (
    CALENDAR_EVENTS,
    CALENDAR_LIST,
    CREATE_CALENDAR,
    SCOPES,
    GoogleAddresses,
    GoogleClient,
)
from bridge.google_calendar.oauth import authorization_request, missing_scopes

CLIENT = GoogleClient(client_id="id.apps", client_secret="sssh")


def asked(**changes):
    """Return the address of the consent page and its query."""
    arguments = {
        "redirect_uri": "http://127.0.0.1:5232/oauth/google/callback",
        "state": "st",
        "code_verifier": "v" * 43,
        "login_hint": "anna@example.com",
    }
    url = authorization_request(GoogleAddresses(), CLIENT, **(arguments | changes))
    return url, {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_the_request_asks_for_lasting_access_with_pkce():
    """Offline, with consent shown, the S256 challenge, and no scopes of earlier grants."""
    url, query = asked()
    digest = sha256(b"v" * 43).digest()
    assert url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert query == {
        "client_id": "id.apps",
        "redirect_uri": "http://127.0.0.1:5232/oauth/google/callback",
        "response_type": "code",
        "scope": " ".join(SCOPES),
        "state": "st",
        "access_type": "offline",
        "prompt": "consent",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "login_hint": "anna@example.com",
    }


def test_the_request_holds_no_secret():
    """Neither the client secret nor the verifier stands in an address."""
    url, _ = asked()
    assert "sssh" not in url
    assert "v" * 43 not in url


def test_without_a_hint_none_is_sent():
    """An empty hint would preselect nobody and confuse the page."""
    assert "login_hint" not in asked(login_hint="")[1]


def test_the_scopes_are_the_least_that_suffice():
    """Exactly what threats 3.1 allows."""
    root = "https://www.googleapis.com/auth/"
    assert (
        "openid",
        "email",
        f"{root}calendar.events",
        f"{root}calendar.calendarlist.readonly",
        f"{root}calendar.app.created",
    ) == SCOPES


def test_a_full_grant_lacks_nothing_although_google_renames_email():
    """Google answers with `userinfo.email` for `email`."""
    granted = {*SCOPES} - {"email"} | {"https://www.googleapis.com/auth/userinfo.email"}
    missing = missing_scopes(granted)
    assert missing.fatal == ()
    assert not missing.create_calendar


def test_without_app_created_only_creating_is_off():
    """The one scope that may be unticked (S09)."""
    missing = missing_scopes({*SCOPES} - {CREATE_CALENDAR})
    assert missing.fatal == ()
    assert missing.create_calendar


@pytest.mark.parametrize("unticked", ["openid", "email", CALENDAR_EVENTS, CALENDAR_LIST])
def test_any_other_missing_scope_is_fatal_and_named(unticked):
    """Nothing starts, and the page can say why (S09)."""
    assert missing_scopes({*SCOPES} - {unticked}).fatal == (unticked,)


def test_a_wider_grant_from_earlier_is_accepted():
    """Somebody who once granted everything need not grant again."""
    missing = missing_scopes({"openid", "email", "https://www.googleapis.com/auth/calendar"})
    assert (missing.fatal, missing.create_calendar) == ((), False)


def test_secrets_do_not_show_in_repr():
    """A logged client tells its id only."""
    assert "sssh" not in repr(CLIENT)


def test_addresses_below_the_root_have_one_slash():
    """The root may be configured with or without a slash at its end."""
    for root in ("http://h:1", "http://h:1/"):
        addresses = GoogleAddresses(api_url=root)
        assert addresses.api_root == "http://h:1/"
        assert addresses.userinfo_url == "http://h:1/oauth2/v3/userinfo"
