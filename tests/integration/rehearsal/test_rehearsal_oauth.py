"""Consent and tokens on the wire (contract section 8, RFC 6749); facts are in tests/conformance."""

import base64
import hashlib
import json
import urllib.parse

import pytest

from consent_page import ConsentForm, decide, parameters_of

CALENDAR = "https://www.googleapis.com/auth/calendar"
EVENTS = f"{CALENDAR}.events"
LIST = f"{CALENDAR}.calendarlist.readonly"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
REDIRECT = "http://127.0.0.1:5232/oauth/google/callback"


class Browser:
    """A person at the consent page and a program at the token address."""

    def __init__(self, google):
        self.google = google
        self.client = google.described.client_id
        self.secret = google.described.client_secret

    def ask(self, **changes):
        """Open the authorization address and return (status, page)."""
        wish = {
            "client_id": self.client,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": f"openid email {EVENTS} {LIST}",
            "state": "s 1&",
            "access_type": "offline",
            **changes,
        }
        query = urllib.parse.urlencode({k: v for k, v in wish.items() if v is not None})
        status, page, headers = self.google.http("GET", f"/o/oauth2/v2/auth?{query}")
        self.location = headers.get("Location", "")
        return status, page

    def decide(self, page, decision="allow", *, untick=(), account=None):
        """Answer the page and return the parameters of the redirect."""
        return parameters_of(decide(self.google, page, decision, untick=untick, account=account))

    def code(self, **changes):
        """Return the code of a whole consent."""
        status, page = self.ask(**changes)
        assert status == 200
        return self.decide(page)["code"]

    def token(self, **fields):
        """Call the token address and return (status, JSON)."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        fields = {"client_id": self.client, "client_secret": self.secret, **fields}
        body = urllib.parse.urlencode(fields).encode()
        status, text, _ = self.google.http("POST", "/token", body=body, headers=headers)
        return status, json.loads(text)

    def exchange(self, code, **fields):
        """Exchange a code."""
        return self.token(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT, **fields
        )

    def refresh(self, refresh_token):
        """Refresh."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)


@pytest.fixture
def browser(google):
    """A person and a program."""
    return Browser(google)


class TestConsentPage:
    """The authorization address."""

    def test_page_has_accounts_boxes_and_both_buttons(self, browser):
        """Contract 8: account chooser, Allow, Deny, one check box per scope."""
        status, page = browser.ask()
        assert status == 200
        form = ConsentForm(page)
        assert form.boxes == [EVENTS, LIST]
        assert form.buttons == [("decision", "allow"), ("decision", "deny")]
        assert ("account", "anna@example.com") in form.sent
        assert ">Allow<" in page
        assert ">Deny<" in page
        assert "ben@example.com" in page

    @pytest.mark.parametrize(
        "address",
        [
            "http://127.0.0.1:5232/oauth/google/callback/",
            "http://127.0.0.1/oauth/google/callback",
            "http://127.0.0.1:5232/oauth/google/callback?next=x",
            "http://localhost:5232/oauth/google/callback",
            "https://127.0.0.1:5232/oauth/google/callback",
            "http://127.0.0.1:5232@evil.example/oauth/google/callback",
            "http://evil.example/oauth/google/callback",
            "",
        ],
    )
    def test_other_redirect_addresses_are_refused_without_redirect(self, browser, address):
        """Facts 13: exact match; contract 8: any port."""
        status, page = browser.ask(redirect_uri=address)
        assert status == 400
        assert "redirect_uri_mismatch" in page
        assert browser.location == ""

    @pytest.mark.parametrize("port", [1, 8080, 65535])
    def test_any_port_of_the_callback_is_accepted(self, browser, port):
        """Contract 8: http://127.0.0.1:PORT/oauth/google/callback for any port."""
        address = f"http://127.0.0.1:{port}/oauth/google/callback"
        assert browser.ask(redirect_uri=address)[0] == 200

    @pytest.mark.parametrize(
        ("changes", "status", "error"),
        [
            ({"client_id": "other"}, 401, "invalid_client"),
            ({"response_type": "token"}, 400, "invalid_request"),
            ({"scope": ""}, 400, "invalid_request"),
            ({"scope": "openid https://www.googleapis.com/auth/gmail"}, 400, "invalid_scope"),
            ({"code_challenge": "x", "code_challenge_method": "MD5"}, 400, "invalid_request"),
        ],
    )
    def test_bad_requests_show_an_error_page(self, browser, changes, status, error):
        """RFC 6749 section 4.1.2.1: such requests are never sent back."""
        found, page = browser.ask(**changes)
        assert (found, error in page) == (status, True)

    def test_values_of_the_request_are_escaped(self, browser):
        """A state or scope of an attacker must not become markup."""
        _, page = browser.ask(state='"><script>x</script>')
        assert "<script>" not in page

    def test_page_may_load_nothing_from_elsewhere(self, google, browser):
        """Threats 3.7: Content-Security-Policy and no-store."""
        query = urllib.parse.urlencode({"client_id": browser.client})
        _, _, headers = google.http("GET", f"/o/oauth2/v2/auth?{query}")
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


class TestTokens:
    """The token address."""

    def test_code_becomes_tokens(self, browser):
        """Facts 13: the answer of the token exchange."""
        status, token = browser.exchange(browser.code())
        assert status == 200
        assert token["token_type"] == "Bearer"
        assert token["expires_in"] == 3599
        assert token["scope"].split() == ["openid", EMAIL, EVENTS, LIST]
        assert token["refresh_token"]
        assert "refresh_token_expires_in" not in token
        assert len(token["access_token"]) <= 2048
        assert len(token["refresh_token"]) <= 512

    def test_id_token_names_the_person(self, browser):
        """Facts 13: id_token with openid."""
        code = browser.decide(browser.ask(nonce="n1")[1], account="ben@example.com")["code"]
        _, token = browser.exchange(code)
        part = token["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=="))
        assert claims["email"] == "ben@example.com"
        assert claims["aud"] == browser.client
        assert claims["nonce"] == "n1"
        assert claims["sub"].isdigit()

    def test_code_expires(self, google, browser):
        """RFC 6749 section 4.1.2: at most ten minutes."""
        code = browser.code()
        google.control("POST", "clock", {"advance_seconds": 601})
        assert browser.exchange(code)[1]["error"] == "invalid_grant"

    def test_redirect_address_must_be_the_same(self, browser):
        """RFC 6749 section 4.1.3."""
        status, body = browser.token(
            grant_type="authorization_code",
            code=browser.code(),
            redirect_uri="http://127.0.0.1:1/oauth/google/callback",
        )
        assert (status, body["error"]) == (400, "redirect_uri_mismatch")

    def test_pkce_verifier_is_checked(self, browser):
        """RFC 7636: S256; facts 13: accepted for web clients too."""
        verifier = "v" * 50
        digest = hashlib.sha256(verifier.encode()).digest()
        pkce = {
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        assert browser.exchange(browser.code(**pkce), code_verifier=verifier)[0] == 200
        for wrong in ({}, {"code_verifier": "w" * 50}, {"code_verifier": pkce["code_challenge"]}):
            code = browser.code(**pkce)
            assert browser.exchange(code, **wrong)[1]["error"] == "invalid_grant"
            # A failed attempt uses the code up.
            assert browser.exchange(code, code_verifier=verifier)[0] == 400

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"client_secret": "wrong"}, "invalid_client"),
            ({"client_id": "wrong"}, "invalid_client"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
        ],
    )
    def test_wrong_clients_and_grants_are_refused(self, browser, fields, error):
        """RFC 6749 section 5.2."""
        status, body = browser.token(**{"grant_type": "authorization_code", "code": "x"} | fields)
        assert body["error"] == error
        assert status in (400, 401)

    def test_missing_grant_type_and_get_are_refused(self, google, browser):
        """RFC 6749 section 5.2."""
        assert browser.token()[1]["error"] == "invalid_request"
        assert google.http("GET", "/token")[0] == 405

    def test_access_token_expires_by_the_rehearsals_clock(self, google, browser):
        """Facts 13: about an hour; facts 12: 401 authError."""
        _, token = browser.exchange(browser.code())
        access = token["access_token"]
        assert google.api("GET", "/calendars/primary/events", token=access)[0] == 200
        google.control("POST", "clock", {"advance_seconds": 3600})
        status, body = google.api("GET", "/calendars/primary/events", token=access)
        assert (status, body["error"]["errors"][0]["reason"]) == (401, "authError")
        # The printed token is for people and tests, and stays good.
        assert google.api("GET", "/calendars/primary/events")[0] == 200

    def test_in_testing_mode_refresh_tokens_live_seven_days(self, google, browser):
        """Facts 13: 7 days, told by refresh_token_expires_in."""
        google.control("POST", "switches", {"publishing_status": "testing"})
        _, token = browser.exchange(browser.code())
        assert token["refresh_token_expires_in"] == 604800
        google.control("POST", "clock", {"advance_seconds": 604799})
        assert browser.refresh(token["refresh_token"])[0] == 200
        google.control("POST", "clock", {"advance_seconds": 2})
        assert browser.refresh(token["refresh_token"])[1]["error"] == "invalid_grant"


class TestScopes:
    """Scopes enforced per method."""

    def test_no_token_and_unknown_token_are_401(self, google):
        """Facts 12: 401 Invalid Credentials."""
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eA=="}):
            status, text, sent = google.http(
                "GET", "/calendar/v3/users/me/calendarList", headers=headers
            )
            assert status == 401
            assert sent["WWW-Authenticate"].startswith("Bearer")
            assert json.loads(text)["error"]["code"] == 401

    def test_token_may_stand_in_the_query(self, google):
        """Facts 1: oauth_token on every method."""
        path = f"/calendar/v3/calendars/primary/events?oauth_token={google.anna.access_token}"
        assert google.http("GET", path)[0] == 200

    def test_userinfo_names_the_person(self, google, browser):
        """Contract 8: /oauth2/v3/userinfo."""
        _, token = browser.exchange(browser.code(scope=f"openid email profile {EVENTS}"))
        sent = {"Authorization": f"Bearer {token['access_token']}"}
        status, text, _ = google.http("GET", "/oauth2/v3/userinfo", headers=sent)
        assert status == 200
        assert json.loads(text)["email"] == "anna@example.com"
        assert json.loads(text)["name"] == "Anna"
        assert google.http("GET", "/oauth2/v3/userinfo")[0] == 401
