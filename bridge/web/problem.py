"""What a person is told when something went wrong, and what to do."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, HTTPException

from bridge.domain.message import Message
from bridge.errors import BridgeError, NotFound, SideError
from bridge.web.labels import hint_words, sentence

_NO_PAGE = Message("there is no such page")
_HTTP_WORDS = {
    404: _NO_PAGE,
    405: _NO_PAGE,
    413: Message("what was sent is too large"),
    500: Message("something unexpected happened, which is in the log"),
}
_OTHER = Message("that cannot be answered; go back and try again")


def problem_page(
    heading: str, message: str, *, hint: str | None, status: int
) -> ResponseReturnValue:
    """Return the page and its status; all texts are shown as text, never as markup."""
    page = render_template(
        "problem.html",
        heading=heading,
        message=sentence(message),
        hint=hint_words(hint),
        back=url_for("sign_in.show"),
    )
    return page, status


def told(error: BridgeError) -> str:
    """Return what happened and what to do as one text."""
    return f"{sentence(error.message)} {hint_words(error.hint)}".rstrip()


def status_of(error: BridgeError) -> int:
    """Return the HTTP status that fits: not there, Google or the calendar failed, or refused."""
    match error:
        case NotFound():
            return 404
        case SideError():
            return 503
        case _:
            return 400


def http_words(error: HTTPException) -> str:
    """Return what happened, in our words: the framework knows English only."""
    if isinstance(error, Forbidden) and error.description != Forbidden.description:
        return error.description or _OTHER
    return _HTTP_WORDS.get(error.code or 500, _OTHER)
