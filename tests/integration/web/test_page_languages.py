"""The language of a page: chosen, else the browser's, else English.

The catalogue is a pseudo one, which brackets every message that goes through it.
"""

import re
from datetime import date

import pytest
from babel.support import NullTranslations

from bridge.application.attention import attention_for, recognised
from bridge.domain.message import DayText, Message, counted
from bridge.errors import MassDeletionRefused, SideUnavailable
from bridge.google_calendar.failures import translated
from bridge.google_calendar.words import ODD_ANSWER, UNREACHABLE
from bridge.sync.model import Side
from bridge.sync.places import PLACES
from bridge.sync.safety import TEMPLATES as OF_THE_BRAKES
from bridge.web import languages
from bridge.web.dates import written_in


class _Bracketed(NullTranslations):
    """Brackets every message, so that what was not translated stands out."""

    def ugettext(self, message):
        return f"[{message}]"

    def ungettext(self, singular, plural, count):
        return f"[{singular if count == 1 else plural}]"


@pytest.fixture(autouse=True)
def czech(monkeypatch):
    """A language besides English."""
    english = NullTranslations()
    monkeypatch.setitem(languages.LANGUAGES, "cs", "Čeština")
    monkeypatch.setattr(
        languages, "catalogue", lambda code: english if code == "en" else _Bracketed()
    )


def _heading(page):
    return re.search(r"<h1>(.*?)</h1>", page.text).group(1)


@pytest.mark.parametrize(
    ("accepted", "language", "heading"),
    [
        ("cs-CZ,cs;q=0.9,en;q=0.5", "cs", "[Sign in]"),
        ("fr,en;q=0.5", "en", "Sign in"),
        ("fr", "en", "Sign in"),
        ("", "en", "Sign in"),
        (";q=,,*;q=x", "en", "Sign in"),
    ],
)
def test_page_is_in_the_language_the_browser_asks_for(app, accepted, language, heading):
    """What there is no catalogue of, and what makes no sense, is English."""
    page = app.test_client().get("/", headers={"Accept-Language": accepted})
    assert _heading(page) == heading
    assert f'<html lang="{language}">' in page.text
    assert page.headers["Content-Language"] == language
    assert {"accept-language", "cookie"} <= {each.lower() for each in page.vary}


def test_choice_is_kept_and_comes_before_the_browsers_wish(app):
    """A person at a foreign machine reads their own language."""
    client = app.test_client()
    answer = client.post("/language", data={"language": "cs", "next": "/?next=/settings/history"})
    assert answer.location == "/?next=/settings/history"
    assert _heading(client.get("/", headers={"Accept-Language": "en"})) == "[Sign in]"


@pytest.mark.parametrize("chosen", ["", "xx", "../cs", "en\r\nX: y"])
def test_unknown_choice_leaves_it_to_the_browser(app, chosen):
    """What cannot be chosen is no language of ours, and no path."""
    client = app.test_client()
    client.post("/language", data={"language": "cs"})
    client.post("/language", data={"language": chosen})
    assert _heading(client.get("/")) == "Sign in"


def test_cookie_that_names_no_language_is_passed_over(app):
    """Cookies are what anybody sent."""
    client = app.test_client()
    client.set_cookie(languages.COOKIE, "../../etc/passwd")
    assert _heading(client.get("/")) == "Sign in"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "/no/such/page", "/sign-out"],
)
def test_choice_leads_to_no_page_but_ours(app, elsewhere):
    """A form that others prepared sends nobody away."""
    answer = app.test_client().post("/language", data={"language": "cs", "next": elsewhere})
    assert answer.location == "/"


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/?next=/settings/history", "/?next=/settings/history"),
        ("/no/such/page?x=1", ""),
        ("/sign-out", ""),
        ("/oauth/openid/callback?state=s&amp;code=c", ""),
    ],
)
def test_page_offers_to_come_back_only_if_it_can_be_asked_for_again(app, path, back):
    """What a provider sent along is good for one visit, and stands on no page."""
    page = app.test_client().get(path.replace("&amp;", "&")).text
    form = page[page.index('class="language"') :]
    assert re.search(r'name="next" value="([^"]*)"', form)[1] == back


def test_values_within_a_message_are_translated_and_what_people_wrote_is_not(app):
    """Markup and per cent signs of people stay what they are."""
    said = Message("%(title)s, because %(why)s", title="<b>100 %(x)s</b>", why=Message("it is so"))
    with app.test_request_context(headers={"Accept-Language": "cs"}):
        assert languages.told(said) == "[<b>100 %(x)s</b>, because [it is so]]"
        assert languages.told(counted("%(count)s item", "%(count)s items", 2)) == "[2 items]"
        assert languages.told("as it was") == "as it was"


def test_days_are_written_as_the_language_does(app):
    """Each language has its own order and points."""
    day = date(2026, 3, 2)
    assert written_in("en", day, "long") == "Monday, 2 March 2026"
    assert written_in("de", day, "long") == "Montag, 2. März 2026"
    with app.test_request_context(headers={"Accept-Language": "cs"}):
        assert languages.told(DayText("2 March", day, "day")) == "2. března 2026"


@pytest.mark.parametrize(
    "error",
    [
        MassDeletionRefused("too many", side="google", count=12, limit=10),
        MassDeletionRefused("too many", side="calendar", count=30, limit=10, earlier=9),
        MassDeletionRefused("all gone", side="google", count=3, limit=0),
    ],
)
def test_stored_attention_is_known_again_with_its_numbers(error):
    """It is kept in English, and pages are told in other languages."""
    said = attention_for(error)
    known = recognised(str(said))
    assert (known, known.template) == (said, said.template)
    assert isinstance(known.values["place"], Message)
    assert recognised("something else") == "something else"


@pytest.mark.parametrize(
    "error",
    [
        translated(403, b'{"error": {"errors": [{"reason": "forbidden"}]}}'),
        translated(503, b""),
        SideUnavailable(Message(UNREACHABLE, kind="TimeoutError"), side="google"),
        SideUnavailable(Message(ODD_ANSWER, what="an event has no id"), side="google"),
        *(
            SideUnavailable(
                Message(each, count=12, held=30, place=PLACES[Side.GOOGLE], earlier=9),
                side="google",
            )
            for each in OF_THE_BRAKES
        ),
    ],
)
def test_stored_end_of_a_run_is_known_again(error):
    """Why a run ended is kept as text as well."""
    known = recognised(str(error))
    assert (known, known.template) == (str(error), error.message.template)
    assert all(str(each) == str(error.message.values[name]) for name, each in known.values.items())
