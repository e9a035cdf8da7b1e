"""A whole connection: consent in the browser, the grant, a session, and leaving."""

from __future__ import annotations

import re
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

import pytest

from bridge.errors import NotConnected
from bridge.google_calendar.access import GoogleAccess
from bridge.google_calendar.addresses import CALENDAR_EVENTS, CREATE_CALENDAR
from bridge.google_calendar.oauth import (
    authorization_request,
    exchange_code,
    missing_scopes,
    revoke,
)
from bridge.google_calendar.session import GoogleSession

REDIRECT = "http://127.0.0.1:5232/oauth/google/callback"
VERIFIER = "v" * 43


class _StayHere(HTTPRedirectHandler):
    """Shows where a redirect leads instead of going there."""

    def redirect_request(self, *args):
        return None


def consent(google, *, without=()):
    """Allow everything on the consent page but some scopes; return what comes back."""
    url = authorization_request(
        google.addresses,
        google.client,
        redirect_uri=REDIRECT,
        state="the-state",
        code_verifier=VERIFIER,
        login_hint=google.account.email,
    )
    with urlopen(url, timeout=10) as answer:
        page = answer.read().decode()
    fields = [
        (re.search(r'name="([^"]*)"', tag)[1], re.search(r'value="([^"]*)"', tag)[1])
        for tag in re.findall(r"<input [^>]*name=[^>]*>", page)
        if 'type="hidden"' in tag or "checked" in tag
    ]
    form = [(n, v.replace("&amp;", "&")) for n, v in fields if v not in without]
    body = urlencode([*form, ("decision", "allow")]).encode()
    post = Request(google.addresses.authorization_url, data=body)
    with pytest.raises(HTTPError) as redirected:
        build_opener(_StayHere).open(post, timeout=10)
    redirected.value.close()
    location = urlsplit(redirected.value.headers["Location"])
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def connected(google, **choices):
    """Return the grant of a consent."""
    back = consent(google, **choices)
    assert back["state"] == "the-state"
    return exchange_code(
        google.addresses,
        google.client,
        code=back["code"],
        redirect_uri=REDIRECT,
        code_verifier=VERIFIER,
    )


@pytest.fixture
def session_of(google):
    """Return a function that opens a session for a grant."""
    opened = []

    def open_session(grant):
        access = GoogleAccess(
            addresses=google.addresses, client=google.client, refresh_token=grant.refresh_token
        )
        opened.append(GoogleSession(access))
        return opened[-1]

    yield open_session
    for session in opened:
        session.close()


def test_consent_gives_a_grant_that_works(google, session_of):
    """From the page to the list of calendars; the account is told."""
    grant = connected(google)
    assert grant.email == google.account.email
    assert grant.subject
    assert missing_scopes(grant.scopes).fatal == ()
    assert not missing_scopes(grant.scopes).create_calendar
    assert session_of(grant).calendars(writable_only=True)[0].primary


@pytest.mark.parametrize(
    ("unticked", "fatal", "create_calendar"),
    [(CREATE_CALENDAR, (), True), (CALENDAR_EVENTS, (CALENDAR_EVENTS,), False)],
)
def test_an_unticked_scope_is_noticed(google, unticked, fatal, create_calendar):
    """The answer tells what was granted, not what was asked for (S09)."""
    missing = missing_scopes(connected(google, without={unticked}).scopes)
    assert (missing.fatal, missing.create_calendar) == (fatal, create_calendar)


def test_a_code_works_once(google):
    """Its second use is refused (S07)."""
    back = consent(google)
    arguments = {
        "code": back["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    exchange_code(google.addresses, google.client, **arguments)
    with pytest.raises(NotConnected):
        exchange_code(google.addresses, google.client, **arguments)


def test_a_code_needs_its_verifier(google):
    """A stolen code is of no use to another attempt."""
    back = consent(google)
    with pytest.raises(NotConnected):
        exchange_code(
            google.addresses,
            google.client,
            code=back["code"],
            redirect_uri=REDIRECT,
            code_verifier="w" * 43,
        )


def test_after_an_hour_the_session_goes_on_by_itself(google, session_of):
    """The dead access token is replaced within the same call."""
    session = session_of(connected(google))
    session.calendars()
    first = session.access_token
    google.control("POST", "clock", advance_seconds=4000)
    assert session.calendars()
    assert session.access_token.token != first.token


def test_after_revoking_the_session_is_over(google, session_of):
    """Revoking twice is success; the next call says that the person must come back."""
    grant = connected(google)
    session = session_of(grant)
    session.calendars()
    revoke(google.addresses, grant.refresh_token)
    revoke(google.addresses, grant.refresh_token)
    with pytest.raises(NotConnected):
        session.calendars()
