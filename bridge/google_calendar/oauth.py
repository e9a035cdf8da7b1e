"""Consent, tokens and leaving (RFC 6749, RFC 7636, RFC 7009; threats 3.1).

Source: Google: Using OAuth 2.0 for Web Server Applications. PKCE (S256) is used although the client
is confidential. Nothing here keeps state; the caller makes and checks `state` and `code_verifier`.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from bridge.domain.message import Message
from bridge.errors import ConfigError, NotConnected, RateLimited, SideUnavailable
from bridge.google_calendar.addresses import (
    CALENDAR_EVENTS,
    CALENDAR_LIST,
    CREATE_CALENDAR,
    SCOPES,
    GoogleAddresses,
    GoogleClient,
)
from bridge.google_calendar.transport import SIDE, TIMEOUT_SECONDS, Answer, get_json, post_form
from bridge.google_calendar.words import CLIENT_REFUSED, NO_PERMISSION, RECONNECT, answered

_ROOT = "https://www.googleapis.com/auth/"

# What else grants the same; a wider grant from earlier is accepted and never used.
_ALSO_GRANTED_BY: Mapping[str, frozenset[str]] = {
    "openid": frozenset(),
    "email": frozenset({f"{_ROOT}userinfo.email"}),
    CALENDAR_EVENTS: frozenset({f"{_ROOT}calendar"}),
    CALENDAR_LIST: frozenset(
        {f"{_ROOT}calendar", f"{_ROOT}calendar.calendarlist", f"{_ROOT}calendar.readonly"}
    ),
    CREATE_CALENDAR: frozenset({f"{_ROOT}calendar", f"{_ROOT}calendar.calendars"}),
}

# Errors of the token address that only the administrator can mend (RFC 6749 section 5.2).
_CLIENT_ERRORS = frozenset(
    {
        "invalid_client",
        "unauthorized_client",
        "deleted_client",
        "redirect_uri_mismatch",
        "invalid_request",
        "unsupported_grant_type",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A short-lived token.

    Attributes:
        token: Never shown by `repr`.
        expires_at: Aware, UTC.
    """

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person's consent gave.

    Attributes:
        refresh_token: Never shown by `repr`.
        access_token: Never shown by `repr`.
        expires_at: End of the access token; aware, UTC.
        scopes: As granted; the person may have unticked some.
        subject: Google's stable id of the account (`sub`).
        email: Address of the account.
        refresh_token_expires_at: End of a time-limited grant, None when Google tells none.
    """

    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]
    subject: str
    email: str
    refresh_token_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingScopes:
    """What a grant lacks.

    Attributes:
        fatal: Scopes without which nothing starts, in the order of `SCOPES`.
        create_calendar: `Create a new calendar` is off.
    """

    fatal: tuple[str, ...]
    create_calendar: bool


def authorization_request(  # noqa: PLR0913 - each is a parameter of the protocol
    addresses: GoogleAddresses,
    client: GoogleClient,
    *,
    redirect_uri: str,
    state: str,
    code_verifier: str,
    login_hint: str = "",
) -> str:
    """Return the address of Google's consent page.

    Args:
        addresses: Where Google is.
        client: As whom we ask.
        redirect_uri: The one fixed address from the configuration.
        state: One-time value of at least 128 bit, checked by the caller on return.
        code_verifier: 43 to 128 characters, made for this attempt (RFC 7636 section 4.1).
        login_hint: Address of the account to preselect, or "".
    """
    digest = sha256(code_verifier.encode("ascii")).digest()
    parameters = {
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": " ".join(SCOPES),
        "state": state,
        "access_type": "offline",
        "prompt": "consent",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if login_hint:
        parameters["login_hint"] = login_hint
    separator = "&" if "?" in addresses.authorization_url else "?"
    return addresses.authorization_url + separator + urlencode(parameters)


def missing_scopes(scopes: Collection[str]) -> MissingScopes:
    """Return what a grant lacks; only `calendar.app.created` may be missing (threats S09)."""
    granted = frozenset(scopes)
    missing = [
        scope for scope in SCOPES if scope not in granted and not granted & _ALSO_GRANTED_BY[scope]
    ]
    return MissingScopes(
        fatal=tuple(scope for scope in missing if scope != CREATE_CALENDAR),
        create_calendar=CREATE_CALENDAR in missing,
    )


def exchange_code(
    addresses: GoogleAddresses,
    client: GoogleClient,
    *,
    code: str,
    redirect_uri: str,
    code_verifier: str,
) -> Grant:
    """Turn the code of a consent into a grant, and ask whose account it is.

    A code is good for one use; this never sends it twice.

    Raises:
        NotConnected: The code is used, expired or made for another attempt, or no refresh token
            came with the answer.
        ConfigError: Google refuses the OAuth client.
        SideUnavailable: No whole answer.
    """
    asked_at = datetime.now(UTC)
    fields = _token_request(
        addresses,
        client,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier,
        },
    )
    access = _access_token(fields, asked_at)
    refresh_token = fields.get("refresh_token")
    if not isinstance(refresh_token, str) or not refresh_token:
        raise NotConnected(
            Message("Google gave no lasting permission"), hint=Message("connect the account again")
        )
    subject, email = _account(addresses, access.token)
    return Grant(
        refresh_token=refresh_token,
        access_token=access.token,
        expires_at=access.expires_at,
        scopes=frozenset(str(fields.get("scope", "")).split()),
        subject=subject,
        email=email,
        refresh_token_expires_at=_after(asked_at, fields.get("refresh_token_expires_in")),
    )


def refresh_access_token(
    addresses: GoogleAddresses,
    client: GoogleClient,
    refresh_token: str,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> AccessToken:
    """Return a new access token; the refresh token stays as it is.

    Raises:
        NotConnected: The grant is dead (`invalid_grant`): revoked, expired, or ended by an admin.
        ConfigError: Google refuses the OAuth client.
        SideUnavailable: No whole answer.
    """
    asked_at = datetime.now(UTC)
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    fields = _token_request(addresses, client, form, timeout_seconds=timeout_seconds)
    return _access_token(fields, asked_at)


def revoke(addresses: GoogleAddresses, token: str) -> None:
    """Give back a grant; one that is dead already is success (RFC 7009 section 2.2).

    Google ends all grants of this client's project for that person, also those of other
    connections.

    Args:
        addresses: Where Google is.
        token: Refresh or access token.

    Raises:
        SideUnavailable: No whole answer, or Google asks for a later try.
    """
    answer = post_form(addresses.revocation_url, {"token": token})
    if answer.status == 429:  # noqa: PLR2004 - Too Many Requests
        raise RateLimited(
            Message("Google asks for fewer requests"), side=SIDE, reason="rateLimitExceeded"
        )


def _token_request(
    addresses: GoogleAddresses,
    client: GoogleClient,
    form: Mapping[str, str],
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Mapping[str, Any]:
    secrets = {"client_id": client.client_id, "client_secret": client.client_secret}
    answer = post_form(addresses.token_url, {**form, **secrets}, timeout_seconds=timeout_seconds)
    if answer.status == 200:  # noqa: PLR2004 - OK
        return answer.fields
    raise _refusal(answer)


def _refusal(answer: Answer) -> Exception:
    code = str(answer.fields.get("error", ""))
    if answer.status == 429:  # noqa: PLR2004 - Too Many Requests
        return RateLimited(Message("Google asks for fewer requests"), side=SIDE, reason=code)
    if code in _CLIENT_ERRORS:
        return ConfigError(
            Message(CLIENT_REFUSED, code=code),
            hint=Message("check google.client_id, google.client_secret and the redirect address"),
        )
    if 400 <= answer.status < 500 and code:  # noqa: PLR2004 - client errors
        return NotConnected(
            Message(NO_PERMISSION, code=code),
            hint=RECONNECT,
        )
    return SideUnavailable(answered(answer.status), side=SIDE, reason=f"http{answer.status}")


def _access_token(fields: Mapping[str, Any], asked_at: datetime) -> AccessToken:
    token = fields.get("access_token")
    expires_at = _after(asked_at, fields.get("expires_in"))
    if not isinstance(token, str) or not token or expires_at is None:
        raise SideUnavailable(
            Message("Google's answer is cut or odd"), side=SIDE, reason="badAnswer"
        )
    return AccessToken(token=token, expires_at=expires_at)


def _after(moment: datetime, seconds: Any) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        return None
    return moment + timedelta(seconds=min(float(seconds), 10 * 365 * 86400.0))


def _account(addresses: GoogleAddresses, access_token: str) -> tuple[str, str]:
    answer = get_json(addresses.userinfo_url, access_token=access_token)
    subject, email = answer.fields.get("sub"), answer.fields.get("email")
    if answer.status in {401, 403}:
        # Without the sign-in scopes there is no account to tell; `missing_scopes` names them.
        return "", ""
    if not isinstance(subject, str) or not subject:
        raise SideUnavailable("Google did not tell the account", side=SIDE, reason="badAnswer")
    return subject, email if isinstance(email, str) else ""
