"""To the OpenID provider and back, beside the sign-in form; without `[oidc]` it is not there."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.openid_sign_in import ATTEMPT_LIFETIME, OpenIdSignIn, ProviderAnswer
from bridge.domain.message import Message
from bridge.errors import SideError, SignInRefused, SignInThrottled
from bridge.web import security
from bridge.web.problem import problem_page, told

pages = Blueprint("openid", __name__)


@pages.get("/sign-in/openid")
def begin() -> ResponseReturnValue:
    """Send the person to the provider; nothing is changed but a cookie of this browser."""
    try:
        address, kept = _use().begin(request.args.get("next", ""))
    except SideError as error:
        return problem_page(
            Message("You cannot sign in there now"), told(error), hint=None, status=503
        )
    answer = make_response(redirect(address))
    answer.set_cookie(
        _cookie(),
        kept,
        max_age=ATTEMPT_LIFETIME,
        secure=security.services().secure,
        httponly=True,
        samesite="Lax",  # it has to come along when the provider sends the person back
        path="/",
    )
    return answer


@pages.get("/oauth/openid/callback")
def finish() -> ResponseReturnValue:
    """Take the person back from the provider and begin a session."""
    use, told_of = _use(), request.args
    answer = ProviderAnswer(
        kept=request.cookies.get(_cookie(), ""),
        state=told_of.get("state", ""),
        code=told_of.get("code", ""),
        error=told_of.get("error", ""),
        issuer=told_of.get("iss", ""),
        address=request.remote_addr or "",
    )
    try:
        token, next_path = use.finish(answer)
    except (SignInRefused, SideError) as error:
        return _without_attempt(_refused(error))
    page = make_response(redirect(security.safe_next(next_path)))
    return _without_attempt(security.set_session(page, token))


def _refused(error: SignInRefused | SideError) -> Response:
    status = 429 if isinstance(error, SignInThrottled) else 400
    status = 503 if isinstance(error, SideError) else status
    return make_response(
        problem_page(Message("You are not signed in"), told(error), hint=None, status=status)
    )


def _use() -> OpenIdSignIn:
    use = security.services().openid
    if use is None:
        abort(404)
    return use


def _cookie() -> str:
    return f"{security.services().cookie_name}-openid"


def _without_attempt(answer: Response) -> Response:
    """Take the attempt away: it is good for one answer."""
    answer.delete_cookie(
        _cookie(), path="/", secure=security.services().secure, httponly=True, samesite="Lax"
    )
    return answer


def start_address(next_path: str) -> str:
    """Return where the button on the sign-in page leads, "" when there is no provider."""
    if security.services().openid is None:
        return ""
    return url_for("openid.begin", next=next_path or None)
