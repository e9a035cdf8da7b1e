"""Who is signed in, CSRF tokens, the Origin check, the session cookie (threat model 3.7)."""

from __future__ import annotations

import hmac
import re
from typing import Any

from flask import Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bridge.application.sign_in import SignedIn
from bridge.domain.users import Role
from bridge.web.languages import say
from bridge.web.services import WebServices

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ACTIVITY_PAGE = re.compile(r"/activities/[0-9]{1,18}")
_PAGES = (
    "calendar_sync",
    "calendar_programs",
    "activities",
    "history",
    "account",
    "admin_people",
    "admin_sharing",
    "admin_types",
    "admin_health",
)
_OPEN_TO_ALL = frozenset(
    {"sign_in.show", "sign_in.enter", "openid.begin", "openid.finish", "languages.choose", "static"}
)


def services() -> WebServices:
    """Return the services of the running application."""
    found: WebServices = current_app.extensions["crmdav"]
    return found


def session_token() -> str:
    """Return the value of the session's cookie, "" without one."""
    return request.cookies.get(services().cookie_name, "")


def signed_in() -> SignedIn | None:
    """Return who is signed in with this request; looked up once per request."""
    if "signed_in" not in g:
        token = session_token()
        g.signed_in = services().sign_in.session_of(token) if token else None
    found: SignedIn | None = g.signed_in
    return found


def required() -> SignedIn:
    """Return who is signed in; `check_request` has refused everybody else already."""
    found = signed_in()
    if found is None:
        abort(403)
    return found


def check_request() -> ResponseReturnValue | None:
    """Send strangers to the sign-in page, and refuse state changes that we did not ask for."""
    if request.method not in _SAFE:
        _check_origin()
    if request.endpoint is None or request.endpoint in _OPEN_TO_ALL:
        return None
    who = signed_in()
    if who is None:
        if request.headers.get("HX-Request"):
            abort(401)  # a part of a page cannot be the sign-in page; what is there stays
        if request.method in _SAFE:
            return redirect(url_for("sign_in.show", next=request.path))
        abort(403, say("Your session has ended. Sign in again."))
    if request.method not in _SAFE:
        _check_csrf(who)
    return None


def check_admin() -> None:
    """Show the pages of admins to admins; for everybody else they are not there."""
    if required().user.role is not Role.ADMIN:
        abort(404)


def _check_origin() -> None:
    """Refuse a form sent from another site; browsers send Origin with every POST."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    if origin not in {services().origin, f"{request.scheme}://{request.host}"}:
        abort(403, say("This form came from another site."))


def _check_csrf(who: SignedIn) -> None:
    given = request.form.get("csrf_token", "")
    if not hmac.compare_digest(given.encode(), who.csrf_token.encode()):
        abort(403, say("This form is too old. Go back, load the page again and repeat it."))


def csrf_field() -> Markup:
    """Return the hidden field every form of a signed-in page carries."""
    who = signed_in()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(
        who.csrf_token if who else ""
    )


def page_context() -> dict[str, Any]:
    """Return what every template knows."""
    who = signed_in()
    return {"signed_in": who, "is_admin": who is not None and who.user.role is Role.ADMIN}


def set_session(response: Response, token: str) -> Response:
    """Put the session cookie on an answer; without TLS it has its plain name (contract 4)."""
    response.set_cookie(
        services().cookie_name,
        token,
        secure=services().secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def drop_session(response: Response) -> Response:
    """Take the session cookie away."""
    response.delete_cookie(
        services().cookie_name, secure=services().secure, httponly=True, samesite="Lax", path="/"
    )
    return response


def safe_next(target: str) -> str:
    """Return where to go after signing in: a page of ours, else the Calendar sync page.

    Calendar programs show the address of an activity (URL), so people come to one signed out.
    """
    known = {url_for(f"{page}.show") for page in _PAGES}
    if target in known or _ACTIVITY_PAGE.fullmatch(target):
        return target
    return url_for("calendar_sync.show")
