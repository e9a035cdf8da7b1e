"""The errors of the Calendar API, in the form Google sends them.

Source: Google, "Handle API errors". Decisions are made by `reason`, never by the code alone.
"""

from __future__ import annotations

from typing import Any

from bridge.errors import BridgeError

Json = dict[str, Any]

_STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class GoogleError(BridgeError):
    """A refusal of the Calendar API.

    Attributes:
        code: HTTP status.
        reason: Machine-readable reason, such as `notFound`.
        domain: `global`, `calendar` or `usageLimits`.
        location: (location type, location), such as `("header", "If-Match")`, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int,
        reason: str,
        domain: str = "global",
        location: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.domain = domain
        self.location = location

    def body(self) -> Json:
        """Return the JSON object Google sends for this error."""
        message = str(self)
        detail: Json = {"domain": self.domain, "reason": self.reason, "message": message}
        if self.location is not None:
            detail["locationType"], detail["location"] = self.location
        error: Json = {"errors": [detail], "code": self.code, "message": message}
        if self.code in (401, 403) and self.reason in ("authError", "insufficientPermissions"):
            error["status"] = _STATUS_NAMES[self.code]
        return {"error": error}


def bad_request(message: str = "Bad Request", *, reason: str = "badRequest") -> GoogleError:
    """Return a 400 without a location."""
    return GoogleError(message, code=400, reason=reason)


def invalid(message: str) -> GoogleError:
    """Return the 400 for a value that cannot be used."""
    return GoogleError(message, code=400, reason="invalid")


def required(message: str) -> GoogleError:
    """Return the 400 for a value that is missing."""
    return GoogleError(message, code=400, reason="required")


def invalid_parameter(name: str, message: str) -> GoogleError:
    """Return the 400 for a query parameter that cannot be read."""
    return GoogleError(message, code=400, reason="invalidParameter", location=("parameter", name))


def time_range_empty() -> GoogleError:
    """Return the 400 for an end before its start."""
    return GoogleError(
        "The specified time range is empty.",
        code=400,
        reason="timeRangeEmpty",
        domain="calendar",
        location=("parameter", "timeMax"),
    )


def invalid_credentials() -> GoogleError:
    """Return the 401 for an unknown, expired or revoked access token."""
    return GoogleError(
        "Invalid Credentials", code=401, reason="authError", location=("header", "Authorization")
    )


def login_required() -> GoogleError:
    """Return the 401 for a request without any access token."""
    return GoogleError(
        "Login Required.", code=401, reason="required", location=("header", "Authorization")
    )


def insufficient_scopes() -> GoogleError:
    """Return the 403 for a token whose scopes do not cover the method."""
    return GoogleError(
        "Request had insufficient authentication scopes.",
        code=403,
        reason="insufficientPermissions",
    )


def not_found() -> GoogleError:
    """Return the 404 for what does not exist or may not be seen."""
    return GoogleError("Not Found", code=404, reason="notFound")


def duplicate() -> GoogleError:
    """Return the 409 for an identifier that is taken, be it by a tombstone."""
    return GoogleError("The requested identifier already exists.", code=409, reason="duplicate")


def deleted() -> GoogleError:
    """Return the 410 for a second delete."""
    return GoogleError("Resource has been deleted", code=410, reason="deleted")


def full_sync_required() -> GoogleError:
    """Return the 410 that ends a sync token."""
    return GoogleError(
        "Sync token is no longer valid, a full sync is required.",
        code=410,
        reason="fullSyncRequired",
        domain="calendar",
        location=("parameter", "syncToken"),
    )


def condition_not_met() -> GoogleError:
    """Return the 412 for a stale If-Match."""
    return GoogleError(
        "Precondition Failed", code=412, reason="conditionNotMet", location=("header", "If-Match")
    )


def forbidden_for_non_organizer() -> GoogleError:
    """Return the 403 for a guest who writes what is the organizer's."""
    return GoogleError(
        "Shared properties can only be changed by the organizer of the event.",
        code=403,
        reason="forbiddenForNonOrganizer",
        domain="calendar",
    )


def unreadable_request(code: int, message: str) -> GoogleError:
    """Return the error for a request that HTTP itself forbids, such as 413 for too large a body."""
    reasons = {413: "uploadTooLarge", 414: "badRequest", 431: "badRequest", 408: "badRequest"}
    return GoogleError(message, code=code, reason=reasons.get(code, "badRequest"))
