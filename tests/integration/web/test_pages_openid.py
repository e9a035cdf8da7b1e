"""Signing in by an OpenID provider: who comes in, who does not, and what is never asked."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bridge.application.openid_sign_in import OpenIdRules, OpenIdSignIn
from bridge.application.sign_in import SignIn
from bridge.bootstrap.system import SystemClock
from bridge.domain.identifiers import Login
from bridge.openid_connect.provider import Provider, ProviderClient
from bridge.store.cipher import TokenCipher
from bridge.web import create_app
from openid_provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, OpenIdProvider

START, CALLBACK = "/sign-in/openid", "/oauth/openid/callback"
PAGE = "/settings/calendar-sync"


@pytest.fixture(scope="module")
def running() -> Iterator[OpenIdProvider]:
    """A provider on loopback; keys take a while to make."""
    with OpenIdProvider() as provider:
        yield provider


@pytest.fixture
def provider(running):
    """The provider, honest again and with nothing asked."""
    running.claims = {"email": "anna@acme.example", "email_verified": True, "login": "anna"}
    running.lie.clear()
    running.requests.clear()
    return running


class MovingClock(SystemClock):
    """A clock that is put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self):
        """Return the present time, and some more."""
        return super().now() + self.ahead


@pytest.fixture
def clock():
    """The clock of the sign-in."""
    return MovingClock()


@pytest.fixture
def rules():
    """Logins are named by a claim of that name."""
    return OpenIdRules(login_claim="login")


@pytest.fixture
def app(app, provider, database, rules, clock):
    """The pages with a provider."""
    services = app.extensions["crmdav"]
    openid = OpenIdSignIn(
        database,
        provider=Provider(
            ProviderClient(
                issuer=provider.issuer,
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                redirect_uri=REDIRECT_URI,
            )
        ),
        rules=rules,
        cipher=TokenCipher(bytes(32)),
        sign_in=SignIn(database, clock=clock),
        clock=clock,
    )
    return create_app(replace(services, openid=openid, openid_label="Acme <SSO>"))


def go(browser, provider, start=START):
    """Press the button, sign in at the provider, come back."""
    begun = browser.get(start)
    assert begun.status_code == 302, begun.get_data(as_text=True)
    return browser.get(provider.person_signs_in(begun.headers["Location"]))


def test_a_known_person_comes_in_and_local_logins_stay(browser, provider):
    """The session is one like any other."""
    page = browser.text("/")
    assert "Sign in with Acme &lt;SSO&gt;" in page
    answer = go(browser, provider)
    assert answer.headers["Location"] == PAGE
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "<h1>Calendar sync</h1>" in browser.text(PAGE)
    browser.post("/sign-out")
    assert browser.get(PAGE).status_code == 302
    assert browser.sign_in().headers["Location"] == PAGE


def test_the_cookie_of_a_trip_is_hidden_short_and_gone_afterwards(browser, provider):
    """Nothing of the trip can be read, by scripts or in the cookie."""
    begun = browser.get(START)
    cookie = begun.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Max-Age=600"))
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert all(asked[name][0] not in cookie for name in ("state", "nonce", "code_challenge"))
    answer = browser.get(provider.person_signs_in(begun.headers["Location"]))
    cookies = answer.headers.getlist("Set-Cookie")
    assert any("-openid=;" in each and "Max-Age=0" in each for each in cookies)


def test_the_wanted_page_comes_after_and_only_one_of_ours(browser, provider):
    """S17 holds on this way, too."""
    programs = "/settings/calendar-programs"
    assert go(browser, provider, f"{START}?next={programs}").headers["Location"] == programs
    for target in ("//evil.example", "https:evil.example", "/%5Cevil.example"):
        assert go(browser, provider, f"{START}?next={target}").headers["Location"] == PAGE


def test_the_redirect_address_is_never_made_of_the_request(browser, provider):
    """S08: whatever Host says, the provider is told the configured address."""
    begun = browser.client.get(START, base_url="http://evil.example")
    provider.person_signs_in(begun.headers["Location"])


@pytest.mark.parametrize("what", ["none", "foreign", "reused", "cookieless"])
def test_an_answer_to_no_open_attempt_asks_nobody(browser, provider, app, what):
    """S05: no state, another browser's, one used already; the provider is not asked."""
    back = provider.person_signs_in(browser.get(START).headers["Location"])
    if what == "none":
        back = f"{CALLBACK}?code=x"
    elif what == "foreign":
        other = type(browser)(app.test_client())
        back = provider.person_signs_in(other.get(START).headers["Location"])
    elif what == "reused":
        assert browser.get(back).status_code == 302
        browser.post("/sign-out")
    else:
        browser.client.delete_cookie("crmdav-openid", domain="127.0.0.1")
    provider.requests.clear()
    answer = browser.get(back)
    assert answer.status_code == 400
    assert "no open attempt" in answer.get_data(as_text=True)
    assert provider.requests == []
    assert browser.get(PAGE).status_code == 302


def test_an_attempt_ends_after_ten_minutes(browser, provider, clock):
    """A page that was left open is begun again."""
    back = provider.person_signs_in(browser.get(START).headers["Location"])
    clock.ahead = timedelta(minutes=10, seconds=1)
    provider.requests.clear()
    assert browser.get(back).status_code == 400
    assert provider.requests == []


def test_what_the_provider_says_in_an_error_is_not_shown(browser):
    """S06: a friendly page, and no text of strangers on it."""
    state = browser.get(START).headers["Location"].partition("state=")[2].partition("&")[0]
    error = f"{CALLBACK}?state={state}&error=access_denied&error_description=<b>you</b>"
    answer = browser.get(error)
    assert answer.status_code == 400
    assert "The sign-in provider let nobody in." in answer.get_data(as_text=True)
    assert "you" not in answer.get_data(as_text=True).partition("<main")[2].replace("You are", "")


def test_a_code_of_another_attempt_is_refused(browser, provider):
    """PKCE: a code put in by somebody else does not fit the verifier; S07: no code works twice."""
    theirs = provider.person_signs_in(browser.get(START).headers["Location"])
    ours = provider.person_signs_in(browser.get(START).headers["Location"])
    code = theirs.partition("code=")[2].partition("&")[0]
    state = ours.partition("state=")[2].partition("&")[0]
    answer = browser.get(f"{CALLBACK}?code={code}&state={state}")
    assert answer.status_code == 400
    assert "refused the code" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "lie",
    [
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "another"}},
        {"claims": {"aud": [CLIENT_ID, "another"]}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"exp": 1}},
        {"claims": {"iat": 9_999_999_999}},
        {"claims": {"azp": "another"}},
        {"unsigned": True},
        {"other_key": True},
    ],
)
def test_an_id_token_that_is_not_for_us_lets_nobody_in(browser, provider, lie):
    """OpenID Connect Core section 3.1.3.7."""
    provider.lie.update(lie)
    answer = go(browser, provider)
    assert answer.status_code == 400
    assert "is not valid" in answer.get_data(as_text=True)
    assert browser.get(PAGE).status_code == 302


def test_an_answer_of_another_issuer_is_refused(browser, provider):
    """RFC 9207: mixed-up providers."""
    back = provider.person_signs_in(browser.get(START).headers["Location"])
    answer = browser.get(back.partition("&iss=")[0] + "&iss=https%3A%2F%2Fevil.example")
    assert answer.status_code == 400
    assert "another provider" in answer.get_data(as_text=True)


def test_new_keys_of_the_provider_are_fetched(browser, provider):
    """A token that names a key nobody knows is reason to look again."""
    assert go(browser, provider).status_code == 302
    provider.rotate()
    assert go(browser, provider).status_code == 302


@pytest.mark.parametrize(
    "claims",
    [
        {"login": "nobody"},
        {"login": ""},
        {"login": None},
        {"login": ["anna"]},
        {"login": "anna\x00"},
        {"login": "../anna"},
    ],
)
def test_somebody_without_a_login_here_stays_out(browser, provider, claims, database):
    """The provider knows more people than we do; nobody is made a user unasked."""
    with database.read() as work:
        before = work.users.list()
    provider.claims.update(claims)
    answer = go(browser, provider)
    assert answer.status_code == 400
    assert "Nobody here may sign in by this account" in answer.get_data(as_text=True)
    with database.read() as work:
        assert work.users.list() == before


def test_a_user_who_is_switched_off_stays_out(browser, provider, database, user):
    """As with a password."""
    with database.write() as work:
        work.users.set_active(user.id, active=False)
    assert go(browser, provider).status_code == 400


def test_many_failures_are_slowed_down(browser, provider):
    """S01: after some of them the provider is not asked any more."""
    provider.claims["login"] = "nobody"
    statuses = [go(browser, provider).status_code for _ in range(7)]
    assert statuses[0] == 400
    assert statuses[-1] == 429


@pytest.mark.parametrize("lie", [{"broken": True}, {"metadata_issuer": "https://evil.example"}])
def test_a_provider_that_is_none_is_told(browser, provider, lie):
    """With what else can be done; and it is asked again next time."""
    provider.lie.update(lie)
    answer = browser.get(START)
    assert answer.status_code == 503
    assert "sign in with login and password" in answer.get_data(as_text=True)
    provider.lie.clear()
    assert go(browser, provider).status_code == 302


def test_a_provider_that_hangs_holds_one_thread_only(browser, provider, app):
    """Whoever comes meanwhile is told at once, and can use the password."""
    provider.may_answer.clear()
    waiting = threading.Thread(target=type(browser)(app.test_client()).get, args=(START,))
    waiting.start()
    try:
        while not provider.requests:  # the first one has begun to ask
            threading.Event().wait(0.01)
        answer = browser.get(START)
        assert answer.status_code == 503
        assert "others wait for it" in answer.get_data(as_text=True)
        assert browser.sign_in().status_code == 302
    finally:
        provider.may_answer.set()
        waiting.join()


class TestByAddress:
    """The login is the e-mail address, of certain domains, and people are made users."""

    @pytest.fixture
    def rules(self):
        """Whoever has an address of the office comes in."""
        return OpenIdRules(allowed_domains=frozenset({"acme.example"}), create_users=True)

    def test_a_person_of_the_office_becomes_a_user(self, browser, provider, database, company):
        """With name and zone, where the provider tells them."""
        provider.claims.update(
            {"email": "New@Acme.Example", "name": "<b>N</b>", "zoneinfo": "Europe/Oslo"}
        )
        for _ in range(2):
            assert go(browser, provider).headers["Location"] == PAGE
        with database.read() as work:
            made = work.users.by_login(Login("new@acme.example"))
        assert (made.company_id, made.name, made.timezone) == (
            company.id,
            "<b>N</b>",
            "Europe/Oslo",
        )
        assert made.role.value == "user"
        assert "&lt;b&gt;N&lt;/b&gt;" in browser.text(PAGE)

    @pytest.mark.parametrize(
        "claims",
        [
            {"email": "anna@evil.example"},
            {"email": "anna@acme.example@evil.example"},
            {"email": "anna@acme.example", "email_verified": False},
            {"email": "anna@acme.example", "email_verified": ["no"]},
            {"email": None},
        ],
    )
    def test_others_stay_out(self, browser, provider, database, claims):
        """Other domains, and addresses that the provider calls unverified."""
        provider.claims.update(claims)
        assert go(browser, provider).status_code == 400
        with database.read() as work:
            assert len(work.users.list()) == 1


class TestWithoutProvider:
    """Nothing is configured."""

    @pytest.fixture
    def app(self, database, app):
        """The pages as they are without `[oidc]`."""
        return create_app(replace(app.extensions["crmdav"], openid=None))

    def test_neither_button_nor_addresses_are_there(self, browser):
        """As if the pages had never heard of it."""
        assert START not in browser.text("/")
        for path in (START, CALLBACK):
            assert browser.get(path).status_code == 404
