"""What a struck request gets instead of its answer, or on top of it."""

from __future__ import annotations

from werkzeug.wrappers import Response

from bridge.rehearsal.api.call import ApiAnswer
from bridge.rehearsal.api.http_answer import json_response
from bridge.rehearsal.faults import Fault, FaultKind
from bridge.rehearsal.google_error import GoogleError
from bridge.rehearsal.http_connection import CUT, DELIVERY_HEADER, HANG, RESET

_HTML = (
    "<!DOCTYPE html><html><title>Error</title><p>The server encountered a temporary error.</html>"
)
_LOST = frozenset({FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.TIMEOUT})
_DELIVERIES = {
    FaultKind.RESET_BEFORE: RESET,
    FaultKind.RESET_AFTER: RESET,
    FaultKind.TIMEOUT: HANG,
    FaultKind.CUT_JSON: CUT,
}
_FAULT_ERRORS = {
    "fullSyncRequired": ("Sync token is no longer valid, a full sync is required.", "calendar"),
    "updatedMinTooLongAgo": (
        "The requested minimum modification time lies too far in the past.", "calendar",
    ),
    "rateLimitExceeded": ("Rate Limit Exceeded", "usageLimits"),
    "userRateLimitExceeded": ("User Rate Limit Exceeded", "usageLimits"),
    "quotaExceeded": ("Calendar usage limits exceeded.", "usageLimits"),
    "dailyLimitExceeded": ("Daily Limit Exceeded", "usageLimits"),
    "accessNotConfigured": ("Access Not Configured.", "usageLimits"),
    "forbiddenForNonOrganizer": (
        "Shared properties can only be changed by the organizer of the event.", "calendar",
    ),
    "insufficientPermissions": ("Request had insufficient authentication scopes.", "global"),
    "authError": ("Invalid Credentials", "global"),
    "forbidden": ("Forbidden", "global"),
    "notFound": ("Not Found", "global"),
    "conflict": ("Conflict", "global"),
    "duplicate": ("The requested identifier already exists.", "global"),
    "deleted": ("Resource has been deleted", "global"),
    "conditionNotMet": ("Precondition Failed", "global"),
    "backendError": ("Backend Error", "global"),
}  # fmt: skip


def answer_instead(fault: Fault) -> Response | None:
    """Return the answer of a fault that lets nothing be applied, or None for the other faults."""
    match fault.kind:
        case FaultKind.STATUS:
            return json_response(refusal(fault))
        case FaultKind.HTML:
            return Response(_HTML, status=fault.status, content_type="text/html; charset=UTF-8")
        case FaultKind.RESET_BEFORE | FaultKind.TIMEOUT:
            return Response(status=500)
        case _:
            return None


def refusal(fault: Fault) -> ApiAnswer:
    """Return Google's refusal with the status of a fault."""
    error = _error(fault)
    return ApiAnswer(status=error.code, body=error.body())


def is_lost(fault: Fault | None) -> bool:
    """Return whether the client never sees the answer of a struck request."""
    return fault is not None and fault.kind in _LOST


def order_delivery(response: Response, fault: Fault | None) -> None:
    """Have the HTTP server deliver the answer as the fault demands."""
    delivery = _DELIVERIES.get(fault.kind) if fault is not None else None
    if delivery:
        response.headers[DELIVERY_HEADER] = delivery


def _error(fault: Fault) -> GoogleError:
    message, domain = _FAULT_ERRORS.get(fault.reason, (fault.reason, "global"))
    location = ("parameter", "syncToken") if fault.reason == "fullSyncRequired" else None
    return GoogleError(
        message, code=fault.status, reason=fault.reason, domain=domain, location=location
    )
