"""Sign in to the pages by an OpenID provider (threat model 3.1 and 3.7).

A trip to the provider is remembered by the browser alone: in a cookie, encrypted, for ten minutes,
gone when the person comes back. Strangers who begin trips leave nothing here. The provider says who
it is; whether that person may come in is said by the users of this installation.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from bridge.application.sign_in import SignIn
from bridge.application.users import NewUser, add_user
from bridge.domain.identifiers import Login, UserId
from bridge.domain.message import Message
from bridge.domain.throttle import Throttle
from bridge.domain.users import User, parse_login
from bridge.errors import AlreadyExists, InvalidInput, NotConnected, SignInRefused, SignInThrottled
from bridge.openid_connect.provider import Attempt, Provider
from bridge.store.cipher import TokenCipher
from bridge.store.database import Database
from bridge.sync.ports import Clock

ATTEMPT_LIFETIME = timedelta(minutes=10)
_STATE_BYTES = 32
_VERIFIER_BYTES = 64  # 86 characters; RFC 7636 section 4.1 wants 43 to 128
_NOBODY = UserId(0)
_PROVIDER, _PURPOSE = "openid", "attempt"
_LONGEST_NAME = 200
_AGAIN = Message("open the sign-in page and try again")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdRules:
    """Who may come in.

    Attributes:
        login_claim: The claim that names the login.
        allowed_domains: Domains of e-mail addresses, lower case; empty for all.
        create_users: Whether a person nobody knows becomes a user.
        company: Name of the company such users are made in; "" for the only one.
    """

    login_claim: str = "email"
    allowed_domains: frozenset[str] = frozenset()
    create_users: bool = False
    company: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """What the provider's redirect brought back, and the cookie that came with it.

    Attributes:
        kept: The cookie's value, "" when there is none.
        state: The `state` parameter, "" when missing; so are the next three.
        issuer: The `iss` parameter (RFC 9207).
        address: Where the request came from.
    """

    kept: str
    state: str = ""
    code: str = ""
    error: str = ""
    issuer: str = ""
    address: str = ""


class OpenIdSignIn:
    """From the wish to sign in to a session; safe for threads."""

    def __init__(  # noqa: PLR0913 - its parts, each by its name
        self,
        database: Database,
        *,
        provider: Provider,
        rules: OpenIdRules,
        cipher: TokenCipher,
        sign_in: SignIn,
        clock: Clock,
    ) -> None:
        self._database = database
        self._provider = provider
        self._rules = rules
        self._cipher = cipher
        self._sign_in = sign_in
        self._clock = clock
        self._throttle = Throttle()

    def begin(self, next_path: str) -> tuple[str, str]:
        """Return the provider's address, and what the browser has to keep until it comes back.

        Raises:
            SideUnavailable: The provider does not answer.
        """
        attempt = Attempt(
            state=secrets.token_urlsafe(_STATE_BYTES),
            nonce=secrets.token_urlsafe(_STATE_BYTES),
            code_verifier=secrets.token_urlsafe(_VERIFIER_BYTES),
        )
        address = self._provider.authorization_request(attempt)
        told = {
            "state": attempt.state,
            "nonce": attempt.nonce,
            "verifier": attempt.code_verifier,
            "next": next_path,
            "at": self._clock.now().timestamp(),
        }
        kept = self._cipher.encrypt(
            json.dumps(told), user_id=_NOBODY, provider=_PROVIDER, column=_PURPOSE
        )
        return address, kept

    def finish(self, answer: ProviderAnswer) -> tuple[str, str]:
        """Return the token of a new session, and the page the person wanted.

        Raises:
            SignInThrottled: Too many answers that led nowhere; the provider was not asked.
            SignInRefused: The answer belongs to no open attempt, the provider or the person
                refused, or nobody here may come in by that name.
            SideUnavailable: The provider does not answer.
        """
        now = time.monotonic()
        wait = self._throttle.wait_seconds(answer.address, _PROVIDER, now=now)
        if wait > 0:
            raise SignInThrottled(
                Message(
                    "Too many failed sign-ins. Try again in %(seconds)s seconds.",
                    seconds=f"{wait:.0f}",
                ),
                retry_after=wait,
            )
        try:
            attempt, next_path = self._opened(answer)
            user = self._known(self._provider.claims(answer.code, attempt))
        except SignInRefused:
            self._throttle.failed(answer.address, _PROVIDER, now=now)
            raise
        return self._sign_in.begin_session(user), next_path

    def _opened(self, answer: ProviderAnswer) -> tuple[Attempt, str]:
        """Return the attempt that this answer is to; without one the provider is not asked."""
        try:
            told = json.loads(
                self._cipher.decrypt(
                    answer.kept, user_id=_NOBODY, provider=_PROVIDER, column=_PURPOSE
                )
            )
        except NotConnected as error:
            raise SignInRefused("there is no open attempt to sign in", hint=_AGAIN) from error
        age = self._clock.now().timestamp() - told["at"]
        mine = hmac.compare_digest(told["state"].encode(), answer.state.encode("utf-8", "replace"))
        if not mine or not 0 <= age <= ATTEMPT_LIFETIME.total_seconds():
            raise SignInRefused("this answer belongs to no open attempt to sign in", hint=_AGAIN)
        if answer.issuer and answer.issuer.rstrip("/") != self._provider.issuer:
            raise SignInRefused("this answer is another provider's", hint=_AGAIN)
        if answer.error or not answer.code:
            raise SignInRefused("the sign-in provider let nobody in", hint=_AGAIN)
        attempt = Attempt(state=told["state"], nonce=told["nonce"], code_verifier=told["verifier"])
        return attempt, str(told["next"])

    def _known(self, claims: Mapping[str, Any]) -> User:
        """Return the active user whom the claims name, a new one where that is allowed."""
        self._demand_domain(claims)
        name = _text(claims, self._rules.login_claim)
        if self._rules.login_claim == "email":
            _demand_verified(claims)
        try:
            login = parse_login(name)
        except InvalidInput as error:
            raise _no_user() from error
        with self._database.read() as work:
            user = work.users.by_login(login)
        if user is None and self._rules.create_users:
            user = self._added(login, claims)
        if user is None or not user.active:
            raise _no_user()
        return user

    def _demand_domain(self, claims: Mapping[str, Any]) -> None:
        allowed = self._rules.allowed_domains
        if not allowed:
            return
        _demand_verified(claims)
        if _text(claims, "email").rpartition("@")[2].lower() not in allowed:
            raise _no_user()

    def _added(self, login: Login, claims: Mapping[str, Any]) -> User | None:
        zone = _text(claims, "zoneinfo")
        new = NewUser(
            login=login,
            name=_text(claims, "name")[:_LONGEST_NAME],
            email=_text(claims, "email")[:_LONGEST_NAME],
            timezone=zone if zone in available_timezones() else "UTC",
        )
        try:
            added = add_user(
                self._database, new, company=self._rules.company or None, clock=self._clock
            )
        except AlreadyExists:  # made by another request of the same person
            with self._database.read() as work:
                return work.users.by_login(login)
        return added.user


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip() if isinstance(value, str) and value.isprintable() else ""


def _demand_verified(claims: Mapping[str, Any]) -> None:
    """Refuse an address that the provider calls unverified; some never say either."""
    verified = claims.get("email_verified", True)
    if verified is not True and verified != "true":
        raise _no_user()


def _no_user() -> SignInRefused:
    return SignInRefused(
        "nobody here may sign in by this account",
        hint=Message("ask your administrator for a login"),
    )
