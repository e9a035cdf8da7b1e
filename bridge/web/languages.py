"""In which language a page is told: the one chosen, else what the browser asks for, else English.

The catalogues are gettext's `.po` files as translators edit them; they are read once per process,
so nothing has to be compiled. What a catalogue lacks is told in English.
"""

from __future__ import annotations

from datetime import date
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, current_app, g, has_request_context, redirect, request
from flask import url_for as address_of
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bridge.application.attention import recognised
from bridge.domain.message import DayText, Message
from bridge.web.dates import Style, written_in

ENGLISH = "en"
CATALOGUES = Path(__file__).with_name("translations")
COOKIE = "crmdav-language"
_NAMES = {ENGLISH: "English", "cs": "Čeština", "de": "Deutsch"}
_A_YEAR = 365 * 24 * 60 * 60

pages = Blueprint("languages", __name__)


def _file_of(code: str) -> Path:
    return CATALOGUES / code / "LC_MESSAGES" / "messages.po"


LANGUAGES: dict[str, str] = {
    code: name for code, name in _NAMES.items() if code == ENGLISH or _file_of(code).is_file()
}
"""Languages that can be chosen, by their codes, each by its own name."""


@cache
def catalogue(code: str) -> NullTranslations:
    """Return what a language says for every message; English says the message itself."""
    if code == ENGLISH:
        return NullTranslations()
    with _file_of(code).open("rb") as file:
        messages = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)


def language() -> str:
    """Return the code of the language of this request; English outside of one."""
    if not has_request_context():
        return ENGLISH
    if "language" not in g:
        chosen = request.cookies.get(COOKIE, "")
        wanted = request.accept_languages.best_match([*LANGUAGES], default=ENGLISH)
        g.language = chosen if chosen in LANGUAGES else wanted
    found: str = g.language
    return found


def gettext(template: str) -> str:
    """Return a message in the language of this request."""
    return catalogue(language()).ugettext(template) if template else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return a message about a number of things in the language of this request."""
    return catalogue(language()).ungettext(singular, plural, count)


def told(text: Any) -> Any:
    """Return a message or a day in the language of this request, anything else as it is."""
    if isinstance(text, DayText) and language() != ENGLISH:
        return written(text.when, cast("Style", text.style))
    if not isinstance(text, Message):
        return text
    values = {name: told(value) for name, value in text.values.items()}
    if text.number is None:
        return text.finished(gettext(text.template) % values)
    return text.finished(ngettext(text.template, text.plural, text.number) % values)


def written(when: date, style: Style) -> str:
    """Return a day or a moment in the language of this request; a moment by its own clock."""
    return written_in(language(), when, style)


def say(template: str, /, **values: object) -> str:
    """Return a sentence in the language of this request."""
    sentence: str = told(Message(template, **values))
    return sentence


def stored(text: str) -> str:
    """Return a text that was kept in English; what no catalogue knows stays as it is."""
    if type(text) is not str:
        return str(told(text))
    known = recognised(text)
    return str(told(known)) if isinstance(known, Message) else gettext(text)


def speak(app: Flask, *, once: frozenset[str] = frozenset()) -> None:
    """Teach an application the languages: its templates, its answers, the choice.

    Args:
        app: The application.
        once: Endpoints whose addresses are good for one visit; no choice leads back to them.
    """
    app.jinja_env.add_extension("jinja2.ext.i18n")
    # Typed by the extension at run time only (Jinja: i18n extension).
    install: Any = app.jinja_env.install_gettext_callables  # type: ignore[attr-defined]
    install(gettext, ngettext, newstyle=True)
    app.jinja_env.finalize = told
    app.jinja_env.filters.update(stored=stored, told=told)
    app.jinja_env.globals.update(languages=LANGUAGES, language=language, here=partial(_here, once))
    app.register_blueprint(pages)
    app.after_request(_labelled)


def _labelled(response: Response) -> Response:
    """Say that a page depends on the language, and in which one it is (RFC 9110 section 12.5)."""
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Cookie"))
        response.headers["Content-Language"] = language()
    return response


@pages.post("/language")
def choose() -> ResponseReturnValue:
    """Keep the choice in a cookie of this browser; an unknown one asks the browser again."""
    chosen = request.form.get("language", "")
    answer = redirect(_own_page(request.form.get("next", "")))
    if chosen in LANGUAGES:
        answer.set_cookie(
            COOKIE,
            chosen,
            max_age=_A_YEAR,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",
        )
    else:
        answer.delete_cookie(COOKIE)
    return answer


def _here(once: frozenset[str]) -> str:
    """Return where a choice leads back to: this page, "" if it cannot be asked for again."""
    if request.endpoint in once or not _can_be_asked_for(request.path):
        return ""
    return request.full_path if request.query_string else request.path


def _own_page(address: str) -> str:
    """Return where to go on: the page that was looked at, if it is one of ours."""
    path, _, query = address.partition("?")
    if not _can_be_asked_for(path) or not path.startswith("/") or path.startswith("//"):
        return address_of("sign_in.show")
    return f"{path}?{query}" if query else path


def _can_be_asked_for(path: str) -> bool:
    routes = current_app.url_map.bind_to_environ(request.environ)
    try:
        routes.match(path, method="GET")
    except HTTPException:
        return False
    return True
