"""An OpenID provider: where it sends people, and what its ID tokens say (OpenID Connect Core 1.0).

The code flow with PKCE (RFC 7636), `state` and `nonce`. What the provider publishes about itself is
read when it is first needed and kept for an hour; its keys also when a token names one that is not
known. Nothing but addresses of that document is dialled, and redirects are not followed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.requests_client import (  # type: ignore[import-untyped]  # ships no types
    OAuth2Session,
    OAuthError,
)
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # ships no types
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

from bridge.domain.message import Message
from bridge.errors import SideUnavailable, SignInRefused

SIDE = "sign-in provider"
DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT_SECONDS = 8.0
_KEPT_SECONDS = 3600.0
_AT_A_TIME = 3  # a provider that is slow cannot hold all threads of the pages
_WAIT_SECONDS = 1.0
_LEEWAY_SECONDS = 120
_OK = 200
# Signatures that only the provider can make: a shared secret or `none` proves nothing to us.
_ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512")
_STOCK_ALGORITHM = "RS256"  # every provider has it (Core section 15.1)
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderClient:
    """As whom we come, and to whom.

    Attributes:
        issuer: The provider's issuer identifier, without a slash at the end.
        client_secret: "" for a public client; never shown by `repr`.
        scopes: Separated by blanks; `openid` is among them.
        redirect_uri: The one address people are sent back to; never built from a request.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    scopes: str = "openid email profile"
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What belongs to one trip to the provider.

    Attributes:
        state: One-time value of at least 128 bit.
        nonce: Comes back within the ID token.
        code_verifier: 43 to 128 characters; never shown by `repr`.
    """

    state: str
    nonce: str
    code_verifier: str = field(repr=False)


class Provider:
    """One provider; safe for threads."""

    def __init__(self, client: ProviderClient) -> None:
        self._client = client
        self._lock = threading.BoundedSemaphore()
        self._asking = threading.BoundedSemaphore(_AT_A_TIME)
        self._told: Mapping[str, Any] = {}
        self._keys: Mapping[str, Any] = {}
        self._read_at = -_KEPT_SECONDS

    @property
    def issuer(self) -> str:
        """The provider's issuer identifier."""
        return self._client.issuer

    def authorization_request(self, attempt: Attempt) -> str:
        """Return the address where a person signs in.

        Raises:
            SideUnavailable: The provider does not answer as one.
        """
        told = self._metadata()
        with self._session(told) as session:
            address, _ = session.create_authorization_url(
                told["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.code_verifier,
            )
        return str(address)

    def claims(self, code: str, attempt: Attempt) -> Mapping[str, Any]:
        """Turn a code into what the provider says of the person; the code is sent once.

        Raises:
            SignInRefused: The provider refuses the code, or its ID token is not for us.
            SideUnavailable: The provider does not answer as one.
        """
        told = self._metadata()
        token = self._token(told, code, attempt)
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise SignInRefused(Message("the sign-in provider gave no ID token"))
        access_token = str(token.get("access_token", ""))
        try:
            return self._checked(told, id_token, access_token, attempt)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise SignInRefused(Message("the sign-in provider's ID token is not valid")) from error

    def _token(self, told: Mapping[str, Any], code: str, attempt: Attempt) -> Mapping[str, Any]:
        try:
            with _turn(self._asking), self._session(told) as session:
                token = session.fetch_token(
                    told["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.code_verifier,
                    allow_redirects=False,
                )
        except OAuthError as error:
            raise SignInRefused(Message("the sign-in provider refused the code")) from error
        except (RequestException, ValueError) as error:
            raise _unavailable(Message("its token address gave no usable answer")) from error
        return dict(token)

    def _checked(
        self, told: Mapping[str, Any], id_token: str, access_token: str, attempt: Attempt
    ) -> Mapping[str, Any]:
        """Return the claims of a token that is signed, ours, fresh, and of this attempt."""
        offered = told.get("id_token_signing_alg_values_supported") or [_STOCK_ALGORITHM]
        registry = JWSRegistry(
            algorithms=[each for each in _ALGORITHMS if each in offered], strict_check_header=False
        )
        try:
            read = jwt.decode(id_token, KeySet.import_key_set(self._jwks()), registry=registry)
        except InvalidKeyIdError:
            keys = KeySet.import_key_set(self._jwks(again=True))
            read = jwt.decode(id_token, keys, registry=registry)
        claims = CodeIDToken(
            read.claims,
            read.header,
            {
                "iss": {"essential": True, "value": told["issuer"]},
                "aud": {"essential": True, "value": self._client.client_id},
            },
            {
                "nonce": attempt.nonce,
                "client_id": self._client.client_id,
                "access_token": access_token,
            },
        )
        claims.validate(leeway=_LEEWAY_SECONDS)
        return dict(claims)

    def _metadata(self) -> Mapping[str, Any]:
        """Return what the provider publishes about itself (OpenID Connect Discovery 1.0)."""
        with _turn(self._lock):
            if time.monotonic() - self._read_at > _KEPT_SECONDS:
                told = self._get(self._client.issuer + DISCOVERY)
                if str(told.get("issuer", "")).rstrip("/") != self._client.issuer:
                    raise _unavailable(Message("it calls itself by another issuer"))
                if not all(isinstance(told.get(each), str) for each in _NEEDED):
                    raise _unavailable(Message("it does not say where to sign in"))
                self._told, self._keys, self._read_at = told, {}, time.monotonic()
            return self._told

    def _jwks(self, *, again: bool = False) -> Any:
        with _turn(self._lock):
            if again or not self._keys:
                self._keys = self._get(str(self._told["jwks_uri"]))
            return self._keys

    def _get(self, address: str) -> Mapping[str, Any]:
        try:
            with self._session({}) as session:
                answer = session.request("GET", address, withhold_token=True, allow_redirects=False)
                found = answer.json() if answer.status_code == _OK else None
        except (RequestException, ValueError) as error:
            raise _unavailable(
                Message("no usable answer from %(address)s", address=address)
            ) from error
        if not isinstance(found, dict):
            raise _unusable(address)
        return found

    def _session(self, told: Mapping[str, Any]) -> Any:
        session = OAuth2Session(
            client_id=self._client.client_id,
            client_secret=self._client.client_secret or None,
            token_endpoint_auth_method=self._auth_method(told),
            scope=self._client.scopes,
            redirect_uri=self._client.redirect_uri,
            code_challenge_method="S256",
            default_timeout=TIMEOUT_SECONDS,
        )
        session.trust_env = False  # no proxies but configured ones (threat model 3.9)
        return session

    def _auth_method(self, told: Mapping[str, Any]) -> str:
        if not self._client.client_secret:
            return "none"
        known = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"


@contextmanager
def _turn(gate: threading.BoundedSemaphore) -> Iterator[None]:
    """Wait for a short while until fewer others ask the provider."""
    if not gate.acquire(timeout=_WAIT_SECONDS):
        raise _unavailable(Message("it is slow, and others wait for it"))
    try:
        yield
    finally:
        gate.release()


def _unusable(address: str) -> SideUnavailable:
    return _unavailable(Message("no usable answer from %(address)s", address=address))


def _unavailable(why: str) -> SideUnavailable:
    return SideUnavailable(
        Message("the sign-in provider cannot be used: %(why)s", why=why),
        side=SIDE,
        hint=Message("try again later, or sign in with login and password"),
    )
