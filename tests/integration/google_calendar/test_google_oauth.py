"""Codes, tokens and leaving, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import ConfigError, NotConnected, RateLimited, SideUnavailable
from bridge.google_calendar.addresses import GoogleClient
from bridge.google_calendar.oauth import exchange_code, refresh_access_token, revoke

CLIENT = GoogleClient(client_id="client", client_secret="client-secret")
TOKENS = {
    "access_token": "at-1",
    "expires_in": 3599,
    "refresh_token": "rt-1",
    "scope": "openid https://www.googleapis.com/auth/userinfo.email",
    "token_type": "Bearer",
}
ACCOUNT = {"sub": "1234", "email": "anna@example.com"}


def exchange(google):
    """Exchange a code at this Google."""
    return exchange_code(
        google.addresses,
        CLIENT,
        code="4/code",
        redirect_uri="http://127.0.0.1:1/oauth/google/callback",
        code_verifier="v" * 43,
    )


def test_a_code_becomes_a_grant_with_its_account(scripted_google):
    """Token request with the verifier, then the account it is of."""
    scripted_google.answers += [(200, TOKENS), (200, ACCOUNT)]
    grant = exchange(scripted_google)
    token_request, account_request = scripted_google.asked
    assert token_request.form == {
        "grant_type": "authorization_code",
        "code": "4/code",
        "redirect_uri": "http://127.0.0.1:1/oauth/google/callback",
        "code_verifier": "v" * 43,
        "client_id": "client",
        "client_secret": "client-secret",
    }
    assert account_request.path == "/oauth2/v3/userinfo"
    assert account_request.headers["authorization"] == "Bearer at-1"
    assert (grant.refresh_token, grant.subject, grant.email) == ("rt-1", "1234", ACCOUNT["email"])
    assert grant.scopes == {"openid", "https://www.googleapis.com/auth/userinfo.email"}
    assert grant.refresh_token_expires_at is None
    assert timedelta(minutes=55) < grant.expires_at - datetime.now(UTC) < timedelta(hours=1)


def test_a_time_limited_grant_tells_its_end(scripted_google):
    """Google names the end of a grant of a consent screen in testing."""
    scripted_google.answers += [
        (200, TOKENS | {"refresh_token_expires_in": 604800}),
        (200, ACCOUNT),
    ]
    end = exchange(scripted_google).refresh_token_expires_at
    assert timedelta(days=6) < end - datetime.now(UTC) <= timedelta(days=7)


def test_a_grant_without_sign_in_scopes_has_no_account(scripted_google):
    """The unticked scope is named by `missing_scopes`, not by a failure."""
    scripted_google.answers += [(200, TOKENS), (403, {"error": {}})]
    grant = exchange(scripted_google)
    assert (grant.subject, grant.email) == ("", "")


def test_a_code_is_sent_once_even_if_the_answer_is_lost(scripted_google):
    """A second use of a code would be refused and logged at Google."""
    scripted_google.answers += ["closed", (200, TOKENS), (200, ACCOUNT)]
    with pytest.raises(SideUnavailable):
        exchange(scripted_google)
    assert len(scripted_google.asked) == 1


def test_a_grant_without_refresh_token_is_no_connection(scripted_google):
    """Without it nothing lasts longer than an hour."""
    scripted_google.answers.append((200, {**TOKENS, "refresh_token": ""}))
    with pytest.raises(NotConnected):
        exchange(scripted_google)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((400, {"error": "invalid_grant", "error_description": "used"}), NotConnected),
        ((400, {"error": "admin_policy_enforced"}), NotConnected),
        ((401, {"error": "invalid_client"}), ConfigError),
        ((400, {"error": "redirect_uri_mismatch"}), ConfigError),
        ((429, {"error": "rate"}), RateLimited),
        ((500, "down"), SideUnavailable),
        ((503, ""), SideUnavailable),
        ((404, "<html>"), SideUnavailable),
        ((200, "<html>hello</html>"), SideUnavailable),
        ((200, "[]"), SideUnavailable),
        ((200, {"access_token": "x"}), SideUnavailable),
        ((200, {"access_token": 5, "expires_in": 3600}), SideUnavailable),
        ((200, {"access_token": "x", "expires_in": "soon"}), SideUnavailable),
        ((302, "", {"Location": "http://127.0.0.1:9/"}), SideUnavailable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", SideUnavailable),
        ("closed", SideUnavailable),
        ("silent", SideUnavailable),
    ],
)
def test_a_failed_refresh_is_told_apart(scripted_google, answer, expected):
    """Dead grant, wrong client, and Google being away need three different people."""
    scripted_google.answers.append(answer)
    with pytest.raises(expected):
        refresh_access_token(scripted_google.addresses, CLIENT, "rt-1", timeout_seconds=0.5)


def test_no_error_shows_a_secret(scripted_google):
    """Texts of errors go to pages and logs."""
    scripted_google.answers.append((400, {"error": "invalid_grant"}))
    with pytest.raises(NotConnected) as caught:
        refresh_access_token(scripted_google.addresses, CLIENT, "rt-secret")
    assert "secret" not in str(caught.value)


def test_repr_of_a_grant_shows_no_token(scripted_google):
    """A logged grant tells whose it is and no more."""
    scripted_google.answers += [(200, TOKENS), (200, ACCOUNT)]
    shown = repr(exchange(scripted_google))
    assert "at-1" not in shown
    assert "rt-1" not in shown


@pytest.mark.parametrize("answer", [(200, {}), (400, {"error": "invalid_token"})])
def test_revoking_a_live_or_dead_grant_is_success(scripted_google, answer):
    """Gone is what was wanted (RFC 7009 section 2.2)."""
    scripted_google.answers.append(answer)
    revoke(scripted_google.addresses, "rt-1")
    assert scripted_google.asked[0].path == "/revoke"
    assert scripted_google.asked[0].form == {"token": "rt-1"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [((503, ""), SideUnavailable), ("closed", SideUnavailable), ((429, ""), RateLimited)],
)
def test_a_revocation_that_may_not_have_happened_says_so(scripted_google, answer, expected):
    """The caller tries again later; the local copy is gone all the same."""
    scripted_google.answers.append(answer)
    with pytest.raises(expected):
        revoke(scripted_google.addresses, "rt-1")
