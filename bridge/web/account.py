"""The Account page: who one is here, another password, signing out elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.own_account import SHORTEST_PASSWORD, NewPassword, OwnAccount
from bridge.errors import InvalidInput, SignInThrottled
from bridge.web import security
from bridge.web.languages import say
from bridge.web.problem import told

pages = Blueprint("account", __name__, url_prefix="/settings/account")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the form was refused, and which field that is about."""

    reason: str = ""
    wrong: str | None = None


@pages.get("")
def show() -> str:
    """Show who is signed in, and the form for another password."""
    return _page(Refusal())


@pages.post("/password")
def change_password() -> ResponseReturnValue:
    """Change the password; what was typed is never sent back."""
    form = request.form
    new = NewPassword(
        present=form.get("present", ""),
        wanted=form.get("wanted", ""),
        repeated=form.get("repeated", ""),
    )
    try:
        _use().change_password(
            security.required().user,
            new,
            session_token=security.session_token(),
            address=request.remote_addr or "",
        )
    except SignInThrottled as error:
        return _page(Refusal(reason=told(error), wrong="present")), 429
    except InvalidInput as error:
        return _page(Refusal(reason=told(error), wrong=error.field)), 400
    flash(say("The password is changed. Other browsers are signed out."))
    return redirect(url_for("account.show"))


@pages.post("/elsewhere")
def sign_out_elsewhere() -> ResponseReturnValue:
    """Sign all other browsers out."""
    _use().sign_out_elsewhere(security.required().user, session_token=security.session_token())
    flash(say("Other browsers are signed out."))
    return redirect(url_for("account.show"))


def _use() -> OwnAccount:
    return security.services().own_account


def _page(refusal: Refusal) -> str:
    return render_template("account.html", refusal=refusal, shortest=SHORTEST_PASSWORD)
