"""Consent, tokens and revocation through google-auth-oauthlib (facts 13)."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from oauthlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    InvalidClientError,
    InvalidGrantError,
    MismatchingStateError,
)

from consent_flow import CALENDAR, REDIRECT
from consent_page import ConsentForm, open_page, parameters_of

EVENTS = f"{CALENDAR}.events"
LIST = f"{CALENDAR}.calendarlist.readonly"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
WEEK = 7 * 86400


@pytest.fixture
def transport():
    """google-auth's transport."""
    with requests.Session() as session:
        yield Request(session=session)


@pytest.fixture
def revoke(google):
    """A function that posts a token to the revocation address and returns the status."""

    def post(token, *, place="body"):
        with requests.Session() as session:
            where = {"data": {"token": token}} if place == "body" else {"params": {"token": token}}
            return session.post(google.described.revocation_url, timeout=10, **where).status_code

    return post


class TestAuthorizationRequest:
    """What a program asks for."""

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("access_type", "offline"),
            ("prompt", "consent"),
            ("include_granted_scopes", "true"),
            ("login_hint", "anna@example.com"),
        ],
    )
    @pytest.mark.fact("13", "authorization request: the parameters a web app sends", "D")
    def test_parameter_is_understood(self, google, consent, name, value):
        flow = consent.flow(".events")
        url, state = flow.authorization_url(
            prompt="consent", include_granted_scopes="true", login_hint="anna@example.com"
        )
        query = parse_qs(urlsplit(url).query)
        assert query[name] == [value]
        assert query["state"] == [state]
        assert open_page(google, url)[0] == 200

    @pytest.mark.fact("13", "redirect_uri: exact match", "D")
    @pytest.mark.parametrize(
        "redirect",
        [
            f"{REDIRECT}/",
            "http://127.0.0.1:5232/oauth/google/Callback",
            "http://127.0.0.1:5232/other",
            "https://127.0.0.1:5232/oauth/google/callback",
        ],
    )
    def test_other_redirect_address_is_refused_on_the_page(self, google, consent, redirect):
        url, _ = consent.flow(".events", redirect=redirect).authorization_url()
        status, page, location = open_page(google, url)
        assert (status, location) == (400, "")
        assert "redirect_uri_mismatch" in page

    @pytest.mark.parametrize("redirect", ["http://192.0.2.7/oauth/google/callback"])
    @pytest.mark.fact("13", "redirect_uri: no raw public addresses", "D")
    def test_public_address_is_refused(self, google, consent, redirect):
        url, _ = consent.flow(".events", redirect=redirect).authorization_url()
        assert open_page(google, url)[0] == 400

    @pytest.mark.fact("13", "login_hint names the account", "D")
    def test_hinted_account_signs_in(self, google, consent):
        credentials = consent.grant(".events", login_hint="ben@example.com")
        service = google.service_of(credentials)
        page = service.events().list(calendarId="primary").execute()
        assert page["summary"] == "ben@example.com"

    @pytest.mark.fact("13", "state comes back for the client to check", "D")
    def test_state_comes_back(self, consent):
        flow = consent.flow(".events")
        address = consent.answer(flow, state="my state & more")
        assert parameters_of(address)["state"] == "my state & more"

    @pytest.mark.fact("13", "state: a wrong one is noticed", "D")
    def test_wrong_state_is_noticed(self, consent):
        flow = consent.flow(".events")
        address = consent.answer(flow)
        with pytest.raises(MismatchingStateError):
            flow.fetch_token(authorization_response=address.replace("state=", "state=x"))


class TestConsent:
    """What a person decides."""

    @pytest.mark.fact("13", "denial: redirect with error=access_denied", "D")
    def test_denial_is_an_error_of_the_redirect(self, consent):
        flow = consent.flow(".events")
        address = consent.answer(flow, "deny")
        assert parameters_of(address)["error"] == "access_denied"
        with pytest.raises(AccessDeniedError):
            flow.fetch_token(authorization_response=address)

    @pytest.mark.fact("13", "granular consent: the user may untick some", "D")
    def test_page_has_a_box_for_each_scope(self, google, consent):
        url, _ = consent.flow(".events", ".calendarlist.readonly").authorization_url()
        assert ConsentForm(open_page(google, url)[1]).boxes == [EVENTS, LIST]

    @pytest.mark.fact("13", "compare the returned scope list with what is needed", "D")
    def test_unticked_scope_is_missing_in_the_answer(self, consent, monkeypatch):
        monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
        flow = consent.flow(".events", ".calendarlist.readonly")
        address = consent.answer(flow, untick=(LIST,))
        flow.fetch_token(authorization_response=address)
        granted = flow.credentials.granted_scopes
        assert (granted.split() if isinstance(granted, str) else list(granted)) == [EVENTS]

    @pytest.mark.fact("13", "requests-oauthlib raises on a difference of scopes", "D")
    def test_difference_of_scopes_is_an_error_of_the_library(self, consent):
        flow = consent.flow(".events", ".calendarlist.readonly")
        address = consent.answer(flow, untick=(LIST,))
        with pytest.raises(Warning, match="Scope has changed"):
            flow.fetch_token(authorization_response=address)

    @pytest.mark.fact("13", "an unticked scope is refused by the API", "D")
    def test_unticked_scope_opens_nothing(self, google, consent, monkeypatch, refusal):
        monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
        flow = consent.flow(".events", ".calendarlist.readonly")
        flow.fetch_token(authorization_response=consent.answer(flow, untick=(LIST,)))
        service = google.service_of(flow.credentials)
        service.events().list(calendarId="primary").execute()
        assert refusal(service.calendarList().list()) == (403, "insufficientPermissions")

    @pytest.mark.fact("13", "sign-in scopes are not among the boxes", "D")
    def test_sign_in_scopes_cannot_be_unticked(self, google, consent):
        url, _ = consent.flow("openid", EMAIL, ".events", ".settings.readonly").authorization_url()
        boxes = ConsentForm(open_page(google, url)[1]).boxes
        assert "openid" not in boxes
        assert EMAIL not in boxes

    @pytest.mark.fact("13", "include_granted_scopes adds what was granted before", "D")
    def test_second_consent_includes_the_first(self, google, consent, monkeypatch):
        monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
        consent.grant(".calendarlist.readonly")
        credentials = consent.grant(".events", include_granted_scopes="true")
        service = google.service_of(credentials)
        assert service.calendarList().list().execute()["items"]
        assert service.events().list(calendarId="primary").execute()["kind"] == "calendar#events"


class TestTokenExchange:
    """Codes become tokens."""

    @pytest.mark.fact("13", "answer: access_token, expires_in, scope, token_type Bearer", "D")
    def test_answer_has_the_documented_members(self, consent):
        flow = consent.flow(".events")
        token = flow.fetch_token(authorization_response=consent.answer(flow))
        assert token["token_type"] == "Bearer"
        assert 3000 < token["expires_in"] <= 3600
        assert token["scope"] == [EVENTS]
        assert token["access_token"]

    @pytest.mark.fact("13", "id_token with openid", "D")
    @pytest.mark.parametrize("is_asked", [True, False])
    def test_id_token_comes_with_openid(self, consent, is_asked):
        flow = consent.flow(*(["openid"] if is_asked else []), ".events")
        token = flow.fetch_token(authorization_response=consent.answer(flow))
        assert ("id_token" in token) is is_asked

    @pytest.mark.parametrize("include_client_id", [None, True])
    @pytest.mark.fact("13", "client credentials as HTTP Basic or in the body", "D")
    def test_both_ways_of_client_credentials(self, google, consent, include_client_id):
        flow = consent.flow(".events")
        token = flow.fetch_token(
            authorization_response=consent.answer(flow), include_client_id=include_client_id
        )
        assert token["access_token"]

    @pytest.mark.fact("13", "a wrong client secret is invalid_client", "D")
    def test_wrong_secret_is_refused(self, consent):
        flow = consent.flow(".events")
        address = consent.answer(flow)
        flow.client_config["client_secret"] = "wrong"
        with pytest.raises(InvalidClientError):
            flow.fetch_token(authorization_response=address)

    @pytest.mark.fact("13", "a code is good once", "D")
    def test_code_works_once(self, consent):
        flow = consent.flow(".events")
        address = consent.answer(flow)
        flow.fetch_token(authorization_response=address)
        with pytest.raises(InvalidGrantError):
            flow.fetch_token(authorization_response=address)

    @pytest.mark.fact("13", "PKCE: google-auth-oauthlib makes a verifier by default", "D")
    def test_verifier_of_the_same_flow_is_accepted(self, consent):
        flow = consent.flow(".events")
        address = consent.answer(flow)
        assert len(flow.code_verifier) == 128
        assert flow.fetch_token(authorization_response=address)["access_token"]

    @pytest.mark.fact("13", "PKCE: the stored code_verifier must serve the callback", "K")
    def test_another_verifier_is_refused(self, consent):
        flow = consent.flow(".events")
        address = consent.answer(flow)
        flow.code_verifier = "x" * 64
        with pytest.raises(InvalidGrantError):
            flow.fetch_token(authorization_response=address)

    @pytest.mark.fact("13", "PKCE is optional for web clients", "K")
    def test_flow_without_pkce_is_accepted(self, consent):
        flow = consent.flow(".events", autogenerate_code_verifier=False)
        assert flow.fetch_token(authorization_response=consent.answer(flow))["access_token"]
        assert flow.code_verifier is None

    @pytest.mark.fact("13", "a second flow with the stored verifier serves the callback", "K")
    def test_callback_in_another_process(self, consent):
        first = consent.flow(".events")
        address = consent.answer(first)
        second = consent.flow(".events", code_verifier=first.code_verifier)
        second.oauth2session._state = first.oauth2session._state
        assert second.fetch_token(authorization_response=address)["access_token"]

    @pytest.mark.fact("13", "sizes: code 256, access token 2048, refresh token 512 bytes", "D")
    def test_sizes_stay_within_what_clients_allow(self, consent):
        flow = consent.flow(".events")
        address = consent.answer(flow)
        flow.fetch_token(authorization_response=address)
        assert len(parameters_of(address)["code"]) <= 256
        assert len(flow.credentials.token) <= 2048
        assert len(flow.credentials.refresh_token) <= 512


class TestRefreshTokens:
    """When there is one and how long it lives."""

    @pytest.mark.parametrize(
        ("wishes", "last_has_one"),
        [
            ([{}], True),
            ([{"access_type": "online"}], False),
            ([{}, {}], False),
            ([{}, {"prompt": "consent"}], True),
            ([{}, {"prompt": "select_account"}], False),
            ([{"access_type": "online"}, {"prompt": "consent"}], True),
            ([{}, {"prompt": "consent", "access_type": "online"}], False),
        ],
    )
    @pytest.mark.fact("13", "refresh_token: offline, and first consent or prompt=consent", "D")
    def test_last_of_some_consents_has_a_refresh_token(self, consent, wishes, last_has_one):
        for wish in wishes:
            credentials = consent.grant(".events", **wish)
        assert (credentials.refresh_token is not None) is last_has_one

    @pytest.mark.fact("13", "refresh: the refresh token stays the same", "D")
    def test_refresh_gives_a_new_access_token_alone(self, consent, transport):
        credentials = consent.grant(".events")
        before = credentials.token, credentials.refresh_token
        credentials.refresh(transport)
        assert credentials.token != before[0]
        assert credentials.refresh_token == before[1]

    @pytest.mark.fact("1", "a 401 leads to one refresh and one repeat by itself", "D")
    def test_expired_access_token_is_renewed_in_passing(
        self, google, consent, advance, requests_seen
    ):
        credentials = consent.grant(".events")
        service = google.service_of(credentials)
        before = credentials.token
        advance(3700)
        requests_seen()
        assert service.events().list(calendarId="primary").execute()["items"] == []
        assert credentials.token != before
        assert [each["status"] for each in requests_seen()] == [401, 200]

    @pytest.mark.fact("1", "Credentials.expiry is naive UTC, about an hour ahead", "D")
    def test_expiry_is_naive(self, consent):
        credentials = consent.grant(".events")
        assert credentials.expiry.tzinfo is None
        credentials.expiry -= timedelta(hours=2)
        assert credentials.expired

    @pytest.mark.fact("1", "a dead grant raises RefreshError from whatever call comes next", "D")
    def test_dead_grant_is_a_refresh_error(self, google, consent, revoke):
        credentials = consent.grant(".events")
        service = google.service_of(credentials)
        assert revoke(credentials.refresh_token) == 200
        with pytest.raises(RefreshError) as caught:
            service.events().list(calendarId="primary").execute()
        assert "invalid_grant" in str(caught.value)

    @pytest.mark.fact("13", "invalid_grant: Token has been expired or revoked.", "D")
    def test_dead_refresh_token_is_told_with_googles_words(self, consent, transport, revoke):
        credentials = consent.grant(".events")
        revoke(credentials.refresh_token)
        with pytest.raises(RefreshError, match="Token has been expired or revoked"):
            credentials.refresh(transport)

    @pytest.mark.parametrize(
        ("status", "days", "is_alive"),
        [("testing", 6, True), ("testing", 8, False), ("production", 8, True)],
    )
    @pytest.mark.fact("13", "project in Testing: refresh tokens live 7 days", "D")
    def test_life_of_refresh_tokens_by_publishing_status(
        self, consent, transport, switch, advance, status, days, is_alive
    ):
        switch(publishing_status=status)
        credentials = consent.grant(".events")
        advance(days * 86400)
        if is_alive:
            credentials.refresh(transport)
        else:
            with pytest.raises(RefreshError):
                credentials.refresh(transport)

    @pytest.mark.fact("13", "Testing: unless only name, mail, profile scopes", "D")
    def test_sign_in_alone_outlives_the_week(self, consent, transport, switch, advance):
        switch(publishing_status="testing")
        credentials = consent.grant("openid", EMAIL)
        advance(WEEK + 86400)
        credentials.refresh(transport)

    @pytest.mark.parametrize(("months", "is_alive"), [(5, True), (7, False)])
    @pytest.mark.fact("13", "refresh token dies when six months unused", "D")
    def test_unused_refresh_token_dies(self, consent, transport, advance, months, is_alive):
        credentials = consent.grant(".events")
        advance(months * 30.5 * 86400)
        if is_alive:
            credentials.refresh(transport)
        else:
            with pytest.raises(RefreshError):
                credentials.refresh(transport)

    @pytest.mark.fact("13", "refresh token dies when six months unused; use keeps it alive", "D")
    def test_used_refresh_token_lives_on(self, consent, transport, advance):
        credentials = consent.grant(".events")
        for _ in range(3):
            advance(150 * 86400)
            credentials.refresh(transport)

    @pytest.mark.fact("13", "more than 100 live tokens per user and client: the oldest dies", "D")
    def test_hundred_and_first_token_ends_the_first(self, consent, transport):
        bens = consent.grant(".events", account="ben@example.com")
        made = [consent.grant(".events", prompt="consent") for _ in range(101)]
        with pytest.raises(RefreshError):
            made[0].refresh(transport)
        made[1].refresh(transport)
        made[100].refresh(transport)
        bens.refresh(transport)


class TestRevocation:
    """The revocation address."""

    @pytest.mark.parametrize("place", ["body", "query"])
    @pytest.mark.parametrize("kind", ["token", "refresh_token"])
    @pytest.mark.fact("13", "revocation: access or refresh token, in body or query; 200", "D")
    def test_either_token_in_either_place(self, consent, transport, revoke, kind, place):
        credentials = consent.grant(".events")
        assert revoke(getattr(credentials, kind), place=place) == 200
        with pytest.raises(RefreshError):
            credentials.refresh(transport)

    @pytest.mark.fact("13", "revocation: 400 otherwise", "D")
    def test_unknown_token_is_refused(self, revoke):
        assert revoke("unknown") == 400

    @pytest.mark.fact("13", "revocation removes all of this project's grants of that user", "D")
    def test_second_connection_of_the_person_dies_too(self, google, consent, transport, revoke):
        first = consent.grant(".events")
        second = consent.grant(".calendarlist.readonly", prompt="consent")
        revoke(first.token)
        with pytest.raises(RefreshError):
            second.refresh(transport)
        assert google.api("GET", "/users/me/calendarList", token=second.token)[0] == 401

    @pytest.mark.fact("13", "revocation concerns that user only", "D")
    def test_other_people_stay_connected(self, consent, transport, revoke):
        bens = consent.grant(".events", account="ben@example.com")
        revoke(consent.grant(".events").token)
        bens.refresh(transport)

    @pytest.mark.fact("13", "after revocation the next consent is a first one", "D")
    def test_next_consent_has_a_refresh_token(self, consent, revoke):
        revoke(consent.grant(".events").token)
        assert consent.grant(".events").refresh_token


class TestErrors:
    """What the token address refuses."""

    @pytest.mark.fact("19", 'token failure: HTTP 400 {"error": "invalid_grant", ...}', "D")
    def test_form_of_a_failure(self, google):
        form = {
            "grant_type": "refresh_token",
            "refresh_token": "unknown",
            "client_id": google.described.client_id,
            "client_secret": google.described.client_secret,
        }
        with requests.Session() as session:
            answer = session.post(google.described.token_url, data=form, timeout=10)
        assert answer.status_code == 400
        assert answer.json() == {
            "error": "invalid_grant",
            "error_description": "Token has been expired or revoked.",
        }

    @pytest.mark.fact("12", "401 authError, header Authorization, Invalid Credentials", "D")
    def test_unknown_access_token_is_told_in_full(self, google):
        # Not through the library: it would try to refresh.
        status, body = google.api("GET", "/users/me/calendarList", token="unknown")
        (told,) = body["error"]["errors"]
        assert (status, told["domain"], told["reason"]) == (401, "global", "authError")
        assert told["message"] == "Invalid Credentials"
        assert (told["locationType"], told["location"]) == ("header", "Authorization")
