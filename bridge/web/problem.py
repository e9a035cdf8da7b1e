"""What a person is told when something went wrong, and what to do."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from bridge.errors import BridgeError, NotFound, SideError
from bridge.web.labels import sentence


def problem_page(
    heading: str, message: str, *, hint: str | None, status: int
) -> ResponseReturnValue:
    """Return the page and its status; all texts are shown as text, never as markup."""
    page = render_template(
        "problem.html",
        heading=heading,
        message=sentence(message),
        hint=sentence(hint),
        back=url_for("sign_in.show"),
    )
    return page, status


def told(error: BridgeError) -> str:
    """Return what happened and what to do as one text."""
    return f"{sentence(error.message)} {sentence(error.hint)}".rstrip()


def status_of(error: BridgeError) -> int:
    """Return the HTTP status that fits: not there, Google or the calendar failed, or refused."""
    match error:
        case NotFound():
            return 404
        case SideError():
            return 503
        case _:
            return 400
