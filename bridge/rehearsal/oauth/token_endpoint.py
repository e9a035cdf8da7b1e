"""The token, revocation and userinfo addresses.

Source: RFC 6749 sections 4.1.3 and 6, RFC 7009; Google, "Using OAuth 2.0 for Web Server
Applications". The id token is signed with the client secret (HS256), where Google signs with its
own RSA keys: whoever gets it straight from the token address over TLS need not check the signature
(OpenID Connect Core 3.1.3.7).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping

from werkzeug.wrappers import Request, Response

from bridge.errors import BridgeError
from bridge.rehearsal.accounts import client, find_account
from bridge.rehearsal.google_error import Json
from bridge.rehearsal.oauth.grants import (
    ACCESS_SECONDS,
    Bearer,
    find_bearer,
    issue_access_token,
    issue_refresh_token,
    refresh_limit,
    revoke,
    take_code,
    use_refresh_token,
)
from bridge.rehearsal.oauth.scopes import PREFIX
from bridge.rehearsal.world import World


class TokenRefused(BridgeError):
    """A refusal of the token address (RFC 6749 section 5.2).

    Attributes:
        error: Error name, such as `invalid_grant`.
        status: HTTP status.
    """

    def __init__(self, message: str, *, error: str, status: int = 400) -> None:
        super().__init__(message)
        self.error = error
        self.status = status


def token(world: World, request: Request) -> Response:
    """Answer the token address: codes and refresh tokens become access tokens."""
    try:
        _check_client(world, request)
        # No transaction around this: a code is used up by its first exchange, be it refused.
        return _json(_grant(world, request.form))
    except TokenRefused as refused:
        return _json({"error": refused.error, "error_description": str(refused)}, refused.status)


def _check_client(world: World, request: Request) -> None:
    if request.method != "POST":
        raise TokenRefused("Only POST is answered.", error="invalid_request", status=405)
    known = client(world)
    given_id, given_secret = request.form.get("client_id"), request.form.get("client_secret")
    if request.authorization is not None and request.authorization.type == "basic":
        given_id, given_secret = request.authorization.username, request.authorization.password
    if given_id != known.client_id:
        raise TokenRefused("The OAuth client was not found.", error="invalid_client", status=401)
    if not secrets.compare_digest((given_secret or "").encode(), known.client_secret.encode()):
        raise TokenRefused("Unauthorized", error="invalid_client", status=401)


def _grant(world: World, form: Mapping[str, str]) -> Json:
    match form.get("grant_type"):
        case "authorization_code":
            return _exchange_code(world, form)
        case "refresh_token":
            return _refresh(world, form)
        case None:
            raise TokenRefused("Missing required parameter: grant_type", error="invalid_request")
        case other:
            raise TokenRefused(f"Invalid grant_type: {other}", error="unsupported_grant_type")


def _exchange_code(world: World, form: Mapping[str, str]) -> Json:
    code = take_code(world, form.get("code", ""))
    if code is None:
        raise TokenRefused("Malformed auth code.", error="invalid_grant")
    if form.get("redirect_uri") != code.redirect_uri:
        raise TokenRefused("Bad Request", error="redirect_uri_mismatch")
    if not code.proven_by(form.get("code_verifier", "")):
        raise TokenRefused("Invalid code verifier.", error="invalid_grant")
    bearer = Bearer(email=code.email, client_id=code.client_id, scopes=code.scopes)
    answer = _access(world, bearer)
    if code.gives_refresh:
        answer["refresh_token"] = issue_refresh_token(world, bearer)
        limit = refresh_limit(world, bearer.scopes)
        if limit is not None:
            answer["refresh_token_expires_in"] = limit
    if "openid" in code.scopes:
        answer["id_token"] = _id_token(world, bearer, nonce=code.nonce)
    return answer


def _refresh(world: World, form: Mapping[str, str]) -> Json:
    bearer = use_refresh_token(world, form.get("refresh_token", ""))
    if bearer is None:
        raise TokenRefused("Token has been expired or revoked.", error="invalid_grant")
    return _access(world, bearer)


def _access(world: World, bearer: Bearer) -> Json:
    return {
        "access_token": issue_access_token(world, bearer),
        "expires_in": ACCESS_SECONDS,
        "scope": " ".join(bearer.scopes),
        "token_type": "Bearer",
    }


def _claims(world: World, bearer: Bearer) -> Json:
    account = find_account(world, bearer.email)
    if account is None:
        raise TokenRefused("Account has been deleted", error="invalid_grant")
    claims: Json = {"sub": account.subject}
    if f"{PREFIX}userinfo.email" in bearer.scopes:
        claims |= {"email": account.email, "email_verified": True}
    if f"{PREFIX}userinfo.profile" in bearer.scopes:
        claims |= {"name": account.name, "given_name": account.name.split(" ")[0]}
    return claims


def _id_token(world: World, bearer: Bearer, *, nonce: str) -> str:
    now = world.clock.milliseconds() // 1000
    claims = {
        "iss": "https://accounts.google.com",
        "aud": bearer.client_id,
        "azp": bearer.client_id,
        "iat": now,
        "exp": now + ACCESS_SECONDS + 1,
        **_claims(world, bearer),
        **({"nonce": nonce} if nonce else {}),
    }
    head = {"alg": "HS256", "typ": "JWT"}
    signed = ".".join(_base64(json.dumps(part).encode()) for part in (head, claims))
    key = client(world).client_secret.encode()
    return f"{signed}.{_base64(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def revocation(world: World, request: Request) -> Response:
    """Answer the revocation address: the whole grant of the token ends.

    The token may stand in the form or in the query, and be an access or a refresh token.
    """
    if request.method == "POST" and revoke(world, request.values.get("token", "")):
        return _json({})
    error = {"error": "invalid_token", "error_description": "Token expired or revoked"}
    return _json(error, 400)


def userinfo(world: World, request: Request) -> Response:
    """Answer the OpenID Connect userinfo address."""
    authorization = request.authorization
    given = (authorization.token if authorization is not None else None) or ""
    bearer = find_bearer(world, given)
    if bearer is None or not ({"openid", f"{PREFIX}userinfo.email"} & set(bearer.scopes)):
        error = {"error": "invalid_request", "error_description": "Invalid Credentials"}
        return _json(error, 401)
    return _json(_claims(world, bearer))


def _json(body: Json, status: int = 200) -> Response:
    return Response(
        json.dumps(body),
        status=status,
        content_type="application/json; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )
