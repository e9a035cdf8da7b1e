"""The sign-in page at `/`."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.errors import SignInRefused, SignInThrottled
from bridge.web import security
from bridge.web.languages import stored
from bridge.web.openid import start_address

pages = Blueprint("sign_in", __name__)


@pages.get("/")
def show() -> ResponseReturnValue:
    """Show the form; a person who is signed in goes on to the pages."""
    if security.signed_in() is not None:
        return redirect(url_for("calendar_sync.show"))
    return _form(next_path=request.args.get("next", ""))


@pages.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Check login and password, begin a new session, go to the wanted page."""
    login = request.form.get("login", "").strip()
    next_path = request.form.get("next", "")
    try:
        token = security.services().sign_in.enter(
            login=login,
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
        )
    except SignInThrottled as error:
        return _form(login=login, error=stored(error.message), next_path=next_path), 429
    except SignInRefused as error:
        return _form(login=login, error=stored(error.message), next_path=next_path), 401
    return security.set_session(make_response(redirect(security.safe_next(next_path))), token)


@pages.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session."""
    token = request.cookies.get(security.services().cookie_name, "")
    security.services().sign_in.leave(token)
    return security.drop_session(make_response(redirect(url_for("sign_in.show"))))


def _form(*, login: str = "", error: str = "", next_path: str = "") -> str:
    return render_template(
        "sign_in.html",
        login=login,
        error=error,
        next=next_path,
        openid=start_address(next_path),
        openid_label=security.services().openid_label,
    )
