"""Consent, tokens, revocation (google-calendar-facts section 13, contract section 8)."""

import base64
import hashlib
import json
import urllib.parse
from html.parser import HTMLParser

import google.auth.transport.requests
import pytest
import requests
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials

CALENDAR = "https://www.googleapis.com/auth/calendar"
EVENTS = f"{CALENDAR}.events"
LIST = f"{CALENDAR}.calendarlist.readonly"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
REDIRECT = "http://127.0.0.1:5232/oauth/google/callback"


class _Fields(HTMLParser):
    """Collects what a browser would send, and every box and button of a form."""

    def __init__(self):
        super().__init__()
        self.sent, self.boxes, self.buttons = [], [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "input":
            checked = found.get("type") == "hidden" or "checked" in found
            if checked and "name" in found and "disabled" not in found:
                self.sent.append((found["name"], found["value"]))
            if found.get("type") == "checkbox" and "name" in found:
                self.boxes.append(found["value"])
        if tag == "button":
            self.buttons.append((found["name"], found["value"]))


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
        form = _Fields()
        form.feed(page)
        sent = [(k, v) for k, v in form.sent if v not in untick]
        if account:
            sent = [(k, account if k == "account" else v) for k, v in sent]
        body = urllib.parse.urlencode([*sent, ("decision", decision)]).encode()
        form_type = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _, headers = self.google.http(
            "POST", "/o/oauth2/v2/auth", body=body, headers=form_type
        )
        assert status == 302
        location = headers["Location"]
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))

    def code(self, **changes):
        """Return the code of a whole consent."""
        status, page = self.ask(**changes)
        assert status == 200
        return self.decide(page)["code"]

    def token(self, *, basic=False, **fields):
        """Call the token address and return (status, JSON)."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if basic:
            pair = base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        else:
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
        form = _Fields()
        form.feed(page)
        assert form.boxes == [EVENTS, LIST]
        assert form.buttons == [("decision", "allow"), ("decision", "deny")]
        assert ("account", "anna@example.com") in form.sent
        assert ">Allow<" in page
        assert ">Deny<" in page
        assert "ben@example.com" in page

    def test_login_hint_chooses_the_account(self, browser):
        """Facts 13: login_hint."""
        form = _Fields()
        form.feed(browser.ask(login_hint="BEN@example.com")[1])
        assert ("account", "ben@example.com") in form.sent

    def test_allow_returns_code_state_and_scopes(self, browser):
        """Facts 13: state is to be checked by the client."""
        answer = browser.decide(browser.ask()[1])
        assert answer["state"] == "s 1&"
        assert answer["code"]
        assert answer["scope"].split() == ["openid", EMAIL, EVENTS, LIST]

    def test_deny_returns_access_denied(self, browser):
        """Facts 13: denial: redirect with error=access_denied."""
        answer = browser.decide(browser.ask()[1], "deny")
        assert answer == {"error": "access_denied", "state": "s 1&"}

    def test_unticked_scopes_are_not_granted(self, browser):
        """Facts 13: granular consent."""
        answer = browser.decide(browser.ask()[1], untick=(LIST,))
        _, token = browser.exchange(answer["code"])
        assert token["scope"].split() == ["openid", EMAIL, EVENTS]

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

    def test_code_works_once(self, browser):
        """RFC 6749 section 4.1.2: a code must not be used twice."""
        code = browser.code()
        assert browser.exchange(code)[0] == 200
        status, body = browser.exchange(code)
        assert (status, body["error"]) == (400, "invalid_grant")

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

    def test_credentials_may_come_as_basic(self, browser):
        """Facts 13: requests-oauthlib sends Basic."""
        status, _ = browser.token(
            basic=True,
            grant_type="authorization_code",
            code=browser.code(),
            redirect_uri=REDIRECT,
        )
        assert status == 200

    def test_refresh_keeps_the_refresh_token_and_scopes(self, browser):
        """Facts 13: the refresh token stays the same."""
        _, token = browser.exchange(browser.code())
        status, fresh = browser.refresh(token["refresh_token"])
        assert status == 200
        assert "refresh_token" not in fresh
        assert fresh["scope"] == token["scope"]
        assert fresh["access_token"] != token["access_token"]

    def test_refresh_token_comes_with_the_first_offline_consent_or_prompt_consent(self, browser):
        """Facts 13: only with offline, and only on the first consent or with prompt=consent."""

        def has_refresh_token(**changes):
            return "refresh_token" in browser.exchange(browser.code(**changes))[1]

        assert has_refresh_token()
        assert not has_refresh_token()
        assert has_refresh_token(prompt="consent")
        assert not has_refresh_token(prompt="consent", access_type="online")

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

    def test_the_101st_refresh_token_ends_the_oldest_silently(self, browser):
        """Facts 13: more than 100 live tokens per user and client."""
        tokens = [
            browser.exchange(browser.code(prompt="consent"))[1]["refresh_token"] for _ in range(101)
        ]
        assert browser.refresh(tokens[0])[1] == {
            "error": "invalid_grant",
            "error_description": "Token has been expired or revoked.",
        }
        assert browser.refresh(tokens[1])[0] == 200


class TestRevocation:
    """The revocation address."""

    @pytest.mark.parametrize("which", ["access_token", "refresh_token"])
    @pytest.mark.parametrize("place", ["body", "query"])
    def test_ends_the_whole_grant(self, google, browser, which, place):
        """Facts 13: removes all of this project's grants of that user."""
        _, one = browser.exchange(browser.code())
        _, two = browser.exchange(browser.code(prompt="consent"))
        sent = urllib.parse.urlencode({"token": one[which]})
        form_type = {"Content-Type": "application/x-www-form-urlencoded"}
        path = "/revoke" if place == "body" else f"/revoke?{sent}"
        body = sent.encode() if place == "body" else b""
        assert google.http("POST", path, body=body, headers=form_type)[0] == 200
        assert browser.refresh(two["refresh_token"])[1]["error"] == "invalid_grant"
        assert google.api("GET", "/calendars/primary/events", token=two["access_token"])[0] == 401

    def test_leaves_other_accounts_alone(self, google, browser):
        """Facts 13: of that user."""
        _, ben = browser.exchange(
            browser.decide(browser.ask()[1], account="ben@example.com")["code"]
        )
        _, anna = browser.exchange(browser.code())
        google.http("POST", f"/revoke?token={urllib.parse.quote(anna['access_token'])}", body=b"")
        assert browser.refresh(ben["refresh_token"])[0] == 200

    def test_unknown_tokens_are_a_400(self, google):
        """Facts 13: 200 on success, 400 otherwise."""
        status, text, _ = google.http("POST", "/revoke?token=unknown", body=b"")
        assert (status, json.loads(text)["error"]) == (400, "invalid_token")

    def test_after_it_the_next_consent_is_a_first_one(self, google, browser):
        """Facts 13: a refresh token comes with the first consent."""
        _, token = browser.exchange(browser.code())
        google.http("POST", f"/revoke?token={urllib.parse.quote(token['refresh_token'])}", body=b"")
        assert "refresh_token" in browser.exchange(browser.code())[1]


class TestGoogleAuth:
    """google-auth against it."""

    def test_refreshes_and_reports_a_dead_grant(self, google, browser):
        """Facts 1: a dead grant raises RefreshError."""
        _, token = browser.exchange(browser.code())
        credentials = Credentials(
            token=None,
            refresh_token=token["refresh_token"],
            token_uri=google.described.token_url,
            client_id=browser.client,
            client_secret=browser.secret,
        )
        with requests.Session() as session:
            transport = google_transport(session)
            credentials.refresh(transport)
            assert credentials.token
            google.http("POST", f"/revoke?token={urllib.parse.quote(credentials.token)}", body=b"")
            with pytest.raises(RefreshError) as caught:
                credentials.refresh(transport)
        assert "invalid_grant" in str(caught.value)


def google_transport(session):
    """Return google-auth's transport over a session."""
    return google.auth.transport.requests.Request(session=session)


class TestScopes:
    """Scopes enforced per method."""

    def with_scopes(self, google, *scopes):
        """Return an access token of Anna with exactly these Calendar scopes."""
        browser = Browser(google)
        scope = " ".join(f"{CALENDAR}{each}" for each in scopes)
        return browser.exchange(browser.code(scope=scope))[1]["access_token"]

    @pytest.mark.parametrize(
        ("scope", "reads", "writes", "lists", "creates"),
        [
            ("", True, True, True, True),
            (".events", True, True, False, False),
            (".events.owned", True, True, False, False),
            (".events.readonly", True, False, False, False),
            (".readonly", True, False, True, False),
            (".calendarlist.readonly", False, False, True, False),
            (".app.created", False, False, False, True),
            (".calendars", False, False, False, True),
            (".settings.readonly", False, False, False, False),
        ],
    )
    def test_each_scope_opens_what_the_table_says(  # noqa: PLR0917 - a row of the table
        self, google, scope, reads, writes, lists, creates
    ):
        """Facts 13: scopes by method."""
        token = self.with_scopes(google, scope)
        day = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
        calls = {
            ("GET", "/calendars/primary/events"): (reads, None),
            ("POST", "/calendars/primary/events"): (writes, day),
            ("GET", "/users/me/calendarList"): (lists, None),
            ("POST", "/calendars"): (creates, {"summary": "New"}),
        }
        for (method, path), (allowed, body) in calls.items():
            status, answer = google.api(method, path, body=body, token=token)
            if allowed:
                assert status == 200
            else:
                assert status == 403
                assert answer["error"]["errors"][0]["reason"] == "insufficientPermissions"

    def test_app_created_reaches_the_calendars_it_made(self, google):
        """Facts 13: own secondary ones, yes there; no list."""
        token = self.with_scopes(google, ".app.created")
        _, made = google.api("POST", "/calendars", body={"summary": "CRM"}, token=token)
        path = f"/calendars/{urllib.parse.quote(made['id'])}"
        day = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
        assert google.api("POST", f"{path}/events", body=day, token=token)[0] == 200
        assert google.api("GET", f"{path}/events", token=token)[0] == 200
        assert google.api("GET", f"/users/me/calendarList/{made['id']}", token=token)[0] == 200
        assert google.api("DELETE", path, token=token)[0] == 204
        foreign = f"/calendars/{google.anna.calendars[1]}/events"
        assert google.api("GET", foreign, token=token)[0] == 403

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
