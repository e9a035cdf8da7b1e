"""The WSGI application: which part answers a request, faults, the request log, compression."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from bridge.rehearsal.api.batch import answer_batch, record_of
from bridge.rehearsal.api.call import ApiAnswer, ApiRequest
from bridge.rehearsal.api.dispatch import BASE, answer_request, find_method
from bridge.rehearsal.control import control
from bridge.rehearsal.faults import Fault, FaultKind
from bridge.rehearsal.google_error import GoogleError
from bridge.rehearsal.http_server import CUT, DELIVERY_HEADER, HANG, RESET
from bridge.rehearsal.oauth.authorization import authorization_page
from bridge.rehearsal.oauth.token_endpoint import revocation, token, userinfo
from bridge.rehearsal.page.views import calendar_page
from bridge.rehearsal.request_log import RequestRecord
from bridge.rehearsal.world import World

_BATCH_PATHS = ("/batch/calendar/v3", "/batch")
_OAUTH = {"/token": token, "/revoke": revocation, "/oauth2/v3/userinfo": userinfo}
_HTML = (
    "<!DOCTYPE html><html><title>Error</title><p>The server encountered a temporary error.</html>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """An answer of the machine's half and what the log says of it."""

    response: Response
    record: RequestRecord


class Application:
    """The rehearsal Google as a WSGI application.

    Args:
        world: What it answers from.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(
        self, environment: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one HTTP request (PEP 3333)."""
        request = Request(environment)
        response = self._answer(request)
        return response(environment, start_response)

    def _answer(self, request: Request) -> Response:
        path = request.path
        if path.startswith("/_rehearsal/"):
            return control(self._world, request)
        if path == "/o/oauth2/v2/auth":
            return authorization_page(self._world, request)
        if path in _OAUTH or path in _BATCH_PATHS or path.startswith(BASE):
            return self._answer_machine(request)
        return calendar_page(self._world, request)

    def _answer_machine(self, request: Request) -> Response:
        called = _api_request(request)
        target = called.path + (f"?{called.query}" if called.query else "")
        found = find_method(called.method, called.path)
        listing = found is not None and found[0].is_listing
        fault = self._world.faults.strike(request.method, target, listing=listing)
        if fault is not None and fault.kind is FaultKind.SLOW:
            self._world.stopping.wait(fault.seconds)
        outcome = _struck_before(called, fault) if fault else None
        if outcome is None:
            stale = fault is not None and fault.kind is FaultKind.STALE
            outcome = self._outcome(request, replace(called, stale=stale))
        return self._finish(request, outcome, fault)

    def _outcome(self, request: Request, called: ApiRequest) -> _Outcome:
        if called.path in _OAUTH:
            response = _OAUTH[called.path](self._world, request)
            size = len(response.get_data())
            record = record_of(
                called, ApiAnswer(status=response.status_code, body=None, units=0), size=size
            )
            # Secrets and codes are not for the log.
            return _Outcome(response=response, record=replace(record, body="", query=""))
        if called.path in _BATCH_PATHS:
            return self._batch(called)
        answer = answer_request(self._world, called)
        response = _json_response(answer)
        return _Outcome(
            response=response, record=record_of(called, answer, size=len(response.get_data()))
        )

    def _batch(self, called: ApiRequest) -> _Outcome:
        try:
            answered = answer_batch(self._world, called.headers, called.body)
        except GoogleError as error:
            refusal = ApiAnswer(status=error.code, body=error.body())
            response = _json_response(refusal)
            return _Outcome(response=response, record=record_of(called, refusal, size=0))
        response = Response(answered.content, content_type=answered.content_type)
        units = sum(part.quota_units for part in answered.parts)
        whole = ApiAnswer(
            status=200,
            body=None,
            operation="batch",
            units=units,
            user=next((part.user for part in answered.parts if part.user), ""),
        )
        record = record_of(called, whole, size=len(answered.content))
        # The parts have their bodies; the outer one also holds their access tokens.
        record = replace(record, parts=answered.parts, body="")
        return _Outcome(response=response, record=record)

    def _finish(self, request: Request, outcome: _Outcome, fault: Fault | None) -> Response:
        response, record = outcome.response, outcome.record
        if fault is not None:
            lost = fault.kind in (FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.TIMEOUT)
            status = 0 if lost else record.status
            record = replace(record, fault=fault.kind.value, status=status)
        is_oauth = record.path in _OAUTH
        (self._world.oauth_requests if is_oauth else self._world.requests).add(record)
        _compress(request, response)
        delivery = _DELIVERIES.get(fault.kind) if fault else None
        if delivery:
            response.headers[DELIVERY_HEADER] = delivery
        return response


_DELIVERIES = {
    FaultKind.RESET_BEFORE: RESET,
    FaultKind.RESET_AFTER: RESET,
    FaultKind.TIMEOUT: HANG,
    FaultKind.CUT_JSON: CUT,
}


def _struck_before(called: ApiRequest, fault: Fault) -> _Outcome | None:
    """Return the answer of a fault that lets nothing be applied, or None for the other faults."""
    if fault.kind is FaultKind.STATUS:
        error = _error(fault)
        answer = ApiAnswer(status=error.code, body=error.body())
        return _Outcome(response=_json_response(answer), record=record_of(called, answer, size=0))
    if fault.kind is FaultKind.HTML:
        response = Response(_HTML, status=fault.status, content_type="text/html; charset=UTF-8")
    elif fault.kind in (FaultKind.RESET_BEFORE, FaultKind.TIMEOUT):
        response = Response(status=500)
    else:
        return None
    answer = ApiAnswer(status=response.status_code, body=None)
    return _Outcome(response=response, record=record_of(called, answer, size=0))


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


def _error(fault: Fault) -> GoogleError:
    message, domain = _FAULT_ERRORS.get(fault.reason, (fault.reason, "global"))
    location = ("parameter", "syncToken") if fault.reason == "fullSyncRequired" else None
    return GoogleError(
        message, code=fault.status, reason=fault.reason, domain=domain, location=location
    )


def _api_request(request: Request) -> ApiRequest:
    # The path as sent: a calendar id may hold percent-encoded characters.
    path = str(request.environ.get("REQUEST_URI") or request.path).partition("?")[0]
    method, query = request.method, request.query_string.decode("latin-1")
    body = b"" if request.path in _OAUTH else request.get_data(cache=True)
    override = request.headers.get("X-HTTP-Method-Override", "").upper()
    if method == "POST" and override:
        method = override
        if override == "GET":
            query = "&".join(filter(None, (query, body.decode("latin-1"))))
            body = b""
    return ApiRequest(
        method=method,
        path=path,
        query=query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )


def _json_response(answer: ApiAnswer) -> Response:
    headers: dict[str, Any] = {
        "Vary": "Origin, X-Origin, Referer",
        "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
        **answer.headers,
    }
    if answer.body is None:
        return Response(status=answer.status, headers=headers)
    return Response(
        json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")),
        status=answer.status,
        content_type="application/json; charset=UTF-8",
        headers=headers,
    )


def _compress(request: Request, response: Response) -> None:
    """Compress for clients that ask for it in both places Google looks at."""
    asked = "gzip" in request.headers.get("Accept-Encoding", "")
    named = "gzip" in request.headers.get("User-Agent", "")
    if asked and named and response.get_data():
        response.set_data(gzip.compress(response.get_data(), 1))
        response.headers["Content-Encoding"] = "gzip"
