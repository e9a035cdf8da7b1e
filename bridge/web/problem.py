"""The page that tells a person what went wrong and what to do."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue


def problem_page(
    heading: str, message: str, *, hint: str | None, status: int
) -> ResponseReturnValue:
    """Return the page and its status; all texts are shown as text, never as markup."""
    page = render_template(
        "problem.html", heading=heading, message=message, hint=hint, back=url_for("sign_in.show")
    )
    return page, status
