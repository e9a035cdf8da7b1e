"""Google's error answers as errors of ours, decided by reason before status.

Source: Google: Handle API errors. 403 and 410 each have opposite meanings, so the status alone says
too little; an unknown reason falls back to what its status means in general.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from bridge.errors import (
    BridgeError,
    ChannelRefused,
    CollectionGone,
    ItemExists,
    ItemMissing,
    ItemRejected,
    NotConnected,
    PreconditionFailed,
    RateLimited,
    SideError,
    SideUnavailable,
    SyncTokenExpired,
)
from bridge.google_calendar.transport import SIDE
from bridge.google_calendar.words import RECONNECT, answered

_LIMIT_REASONS = frozenset(
    {
        "userRateLimitExceeded",
        "rateLimitExceeded",
        "quotaExceeded",
        "dailyLimitExceeded",
        "calendarLimitExceeded",
        "RATE_LIMIT_EXCEEDED",
    }
)
_TOKEN_REASONS = frozenset({"fullSyncRequired", "updatedMinTooLongAgo"})
_GRANT_REASONS = frozenset(
    {
        "authError",
        "insufficientPermissions",
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "insufficientScopes",
    }
)
_READ_ONLY_REASONS = frozenset({"requiredAccessLevel"})
_CHANNEL_REASONS = frozenset(
    {
        "webhookUrlNotHttps",
        "webhookUrlInvalid",
        "webhookUrlUnauthorized",
        "pushNotSupportedForRequestedResource",
    }
)
_OPERATOR_REASONS = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})

_PUSH_DOMAIN = "push."
"""Stands before the reasons of push in some of Google's answers, and is missing in others."""

_BY_REASON: tuple[tuple[frozenset[str], type[SideError]], ...] = (
    (_TOKEN_REASONS, SyncTokenExpired),
    (_READ_ONLY_REASONS, CollectionGone),
    # The project's owner must switch the API on; no item is at fault.
    (_OPERATOR_REASONS, SideUnavailable),
    (frozenset({"duplicate"}), ItemExists),
    # Two writes collided; this one has changed nothing, so it is looked at again.
    (frozenset({"conflict", "conditionNotMet"}), PreconditionFailed),
    (frozenset({"backendError", "internalError"}), SideUnavailable),
)

_BY_STATUS: Mapping[int, type[SideError]] = {
    400: ItemRejected,
    403: ItemRejected,
    404: ItemMissing,
    408: SideUnavailable,
    409: ItemExists,
    410: ItemMissing,
    412: PreconditionFailed,
    413: ItemRejected,
}


def error_reason(content: bytes) -> tuple[str, str]:
    """Return reason and message of an error body, "" for what it does not tell."""
    try:
        body = json.loads(content)
    except ValueError:
        return "", ""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", ""
    errors = error.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else error
    reason = first.get("reason") if isinstance(first, dict) else None
    return _text(reason or error.get("status")), _text(error.get("message"))


def translated(status: int, content: bytes, *, retry_after: str | None = None) -> BridgeError:
    """Return our error for an error answer.

    Args:
        status: HTTP status, 300 or more.
        content: The body.
        retry_after: The header of that name, if any; only seconds are understood.
    """
    reason, message = error_reason(content)
    if reason.removeprefix(_PUSH_DOMAIN) in _CHANNEL_REASONS:
        reason = reason.removeprefix(_PUSH_DOMAIN)
        return ChannelRefused(f"Google opens no push channel, `{reason}`", side=SIDE, reason=reason)
    said = answered(status, reason)
    if reason in _LIMIT_REASONS or status == 429:  # noqa: PLR2004 - Too Many Requests
        return RateLimited(said, side=SIDE, reason=reason, retry_after=_seconds(retry_after))
    if reason in _GRANT_REASONS or status == 401:  # noqa: PLR2004 - Unauthorized
        return NotConnected(said, hint=RECONNECT)
    if status == 400 and "sync token" in message.lower():  # noqa: PLR2004 - Bad Request
        # Seen from Google for a malformed token instead of 410.
        return SyncTokenExpired(said, side=SIDE, reason=reason)
    return _kind(status, reason)(said, side=SIDE, reason=reason or f"http{status}")


def of_listing(error: BridgeError) -> BridgeError:
    """Return what an error means that answered a request about a calendar instead of an item.

    A calendar that is not found is gone, and nothing about its items follows from that.
    """
    if isinstance(error, ItemMissing):
        return CollectionGone(error.message, side=SIDE, reason=error.reason)
    if isinstance(error, ItemRejected) and error.reason in {"forbidden", "http403"}:
        return CollectionGone(error.message, side=SIDE, reason=error.reason)
    if isinstance(error, ItemRejected | ItemExists | PreconditionFailed):
        return SideUnavailable(error.message, side=SIDE, reason=error.reason)
    return error


def _kind(status: int, reason: str) -> Callable[..., SideError]:
    for reasons, kind in _BY_REASON:
        if reason in reasons:
            return kind
    return _BY_STATUS.get(status, SideUnavailable)


def _seconds(retry_after: str | None) -> float | None:
    if retry_after is None or not retry_after.isascii() or not retry_after.isdigit():
        return None
    return min(float(retry_after), 86400.0)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
