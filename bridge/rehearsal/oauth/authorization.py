"""The authorization address: a page that asks a person for consent, and its answer.

Source: Google, "Using OAuth 2.0 for Web Server Applications"; RFC 6749 section 4.1, RFC 7636.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

from bridge.errors import BridgeError
from bridge.rehearsal.accounts import all_accounts, client, find_account
from bridge.rehearsal.oauth.grants import Code, add_code, granted_before
from bridge.rehearsal.oauth.scopes import is_known, is_sign_in, meaning, split_scopes
from bridge.rehearsal.page.templates import page
from bridge.rehearsal.world import World

_LOOPBACK_REDIRECT = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}/oauth/google/callback")
_REPEATED = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "access_type", "prompt",
    "login_hint", "code_challenge", "code_challenge_method", "include_granted_scopes", "nonce",
)  # fmt: skip


class ConsentRefused(BridgeError):
    """A request that must not be sent back to its redirect address; the person sees why.

    Attributes:
        error: Google's name of the error, such as `redirect_uri_mismatch`.
        status: HTTP status of the page.
    """

    def __init__(self, message: str, *, error: str, status: int = 400) -> None:
        super().__init__(message)
        self.error = error
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """An authorization request that passed all checks."""

    values: dict[str, str]
    scopes: tuple[str, ...]

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    def back(self, **answer: str) -> Response:
        """Return the redirect to the client, with the state it gave."""
        if self.get("state"):
            answer = {"state": self.get("state"), **answer}
        joint = "&" if "?" in self.get("redirect_uri") else "?"
        return Response(
            status=302,
            headers={
                "Location": f"{self.get('redirect_uri')}{joint}{urlencode(answer)}",
                "Cache-Control": "no-store",
            },
        )


def authorization_page(world: World, request: Request) -> Response:
    """Answer the authorization address: the consent page on GET, the person's answer on POST."""
    try:
        wish = _wish(world, request.args if request.method == "GET" else request.form)
    except ConsentRefused as refused:
        return page(
            "refused.html", {"error": refused.error, "message": str(refused)}, status=refused.status
        )
    if request.method == "POST":
        return _decided(world, wish, request.form)
    if "none" in wish.get("prompt").split():
        return wish.back(error="interaction_required")
    return _ask(world, wish)


def _wish(world: World, given: MultiDict[str, str]) -> _Wish:
    values = {name: given[name] for name in _REPEATED if name in given}
    if values.get("client_id") != client(world).client_id:
        raise ConsentRefused("The OAuth client was not found.", error="invalid_client", status=401)
    if not _accepts(world, values.get("redirect_uri", "")):
        raise ConsentRefused(
            "The redirect address of the request is not registered for this client.",
            error="redirect_uri_mismatch",
        )
    if values.get("response_type") != "code":
        raise ConsentRefused("Only response_type=code is answered.", error="invalid_request")
    if values.get("code_challenge_method", "plain") not in ("S256", "plain"):
        raise ConsentRefused("Unknown code_challenge_method.", error="invalid_request")
    return _Wish(values=values, scopes=_known_scopes(values.get("scope", "")))


def _accepts(world: World, address: str) -> bool:
    return address in world.redirect_uris or _LOOPBACK_REDIRECT.fullmatch(address) is not None


def _known_scopes(text: str) -> tuple[str, ...]:
    scopes = split_scopes(text)
    if not scopes:
        raise ConsentRefused("Missing required parameter: scope", error="invalid_request")
    unknown = [scope for scope in scopes if not is_known(scope)]
    if unknown:
        raise ConsentRefused(
            f"Some requested scopes were invalid: {', '.join(unknown)}", error="invalid_scope"
        )
    return scopes


def _ask(world: World, wish: _Wish) -> Response:
    accounts = all_accounts(world)
    hint = find_account(world, wish.get("login_hint"))
    chosen = hint.email if hint else accounts[0].email
    asked = [scope for scope in wish.scopes if not is_sign_in(scope)]
    return page(
        "consent.html",
        {
            "accounts": accounts,
            "chosen": chosen,
            "repeated": [(name, wish.get(name)) for name in _REPEATED if name in wish.values],
            "sign_in": [scope for scope in wish.scopes if is_sign_in(scope)],
            "asked": [(scope, meaning(scope)) for scope in asked],
            "application": wish.get("redirect_uri").split("/")[2],
        },
        # The answer to the form leads back to the client, and browsers check that, too.
        leads_to="/".join(wish.get("redirect_uri").split("/")[:3]),
    )


def _decided(world: World, wish: _Wish, form: MultiDict[str, str]) -> Response:
    if form.get("decision") != "allow":
        return wish.back(error="access_denied")
    account = find_account(world, form.get("account", ""))
    if account is None:
        return _ask(world, wish)
    ticked = set(form.getlist("granted"))
    granted = tuple(scope for scope in wish.scopes if is_sign_in(scope) or scope in ticked)
    if not granted:
        return wish.back(error="access_denied")
    code = _code(world, wish, email=account.email, granted=granted)
    return wish.back(
        code=add_code(world, code), scope=" ".join(code.scopes), authuser="0", prompt="consent"
    )


def _code(world: World, wish: _Wish, *, email: str, granted: tuple[str, ...]) -> Code:
    client_id = wish.get("client_id")
    before = granted_before(world, email, client_id)
    if wish.get("include_granted_scopes") == "true":
        granted = tuple(dict.fromkeys(granted + before))
    # A refresh token comes with the first consent, later only when consent was asked for again.
    first = not before
    asked_again = "consent" in wish.get("prompt").split()
    return Code(
        email=email,
        client_id=client_id,
        scopes=granted,
        redirect_uri=wish.get("redirect_uri"),
        challenge=wish.get("code_challenge"),
        challenge_method=wish.get("code_challenge_method") or "plain",
        gives_refresh=wish.get("access_type") == "offline" and (first or asked_again),
        nonce=wish.get("nonce"),
    )
