"""The WSGI application: which part answers a request, faults, logs, observers, compression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from bridge.rehearsal.api.batch import BATCH_PATHS, answer_batch, record_of
from bridge.rehearsal.api.call import ApiAnswer, ApiRequest
from bridge.rehearsal.api.dispatch import BASE, answer_request, find_method
from bridge.rehearsal.api.http_answer import compress, json_response
from bridge.rehearsal.control import control
from bridge.rehearsal.fault_answers import answer_instead, is_lost, order_delivery, refusal
from bridge.rehearsal.faults import Fault, FaultKind
from bridge.rehearsal.google_error import GoogleError, unreadable_request
from bridge.rehearsal.oauth.authorization import authorization_page
from bridge.rehearsal.oauth.token_endpoint import revocation, token, userinfo
from bridge.rehearsal.observers import Exchange
from bridge.rehearsal.page.views import calendar_page
from bridge.rehearsal.request_log import RequestRecord
from bridge.rehearsal.world import World

_OAUTH = {"/token": token, "/revoke": revocation, "/oauth2/v3/userinfo": userinfo}


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
        moment = self._world.clock.source_milliseconds()
        try:
            response, fault = self._answer(request)
        except HTTPException as error:
            # Werkzeug's own limits, such as the size of a form.
            refusal = unreadable_request(error.code or 400, error.description or error.name)
            response, fault = (
                json_response(ApiAnswer(status=refusal.code, body=refusal.body())),
                None,
            )
        if self._world.observers:
            self._world.observers.tell(_exchange(request, response, fault, moment=moment))
        compress(request, response)
        order_delivery(response, fault)
        return response(environment, start_response)

    def _answer(self, request: Request) -> tuple[Response, Fault | None]:
        path = request.path
        if path.startswith("/_rehearsal/"):
            return control(self._world, request), None
        if path == "/o/oauth2/v2/auth":
            return authorization_page(self._world, request), None
        if path in _OAUTH or path in BATCH_PATHS or path.startswith(BASE):
            return self._answer_machine(request)
        return calendar_page(self._world, request), None

    def _answer_machine(self, request: Request) -> tuple[Response, Fault | None]:
        called = _api_request(request)
        target = called.path + (f"?{called.query}" if called.query else "")
        found = find_method(called.method, called.path)
        listing = found is not None and found[0].is_listing
        fault = self._world.faults.strike(request.method, target, listing=listing)
        if fault is not None and fault.kind is FaultKind.SLOW:
            self._world.stopping.wait(fault.seconds)
        instead = answer_instead(fault) if fault else None
        if instead is not None:
            answer = ApiAnswer(status=instead.status_code, body=None)
            outcome = _Outcome(response=instead, record=record_of(called, answer, size=0))
        else:
            stale = fault is not None and fault.kind is FaultKind.STALE
            outcome = _struck(self._outcome(request, replace(called, stale=stale)), fault)
        self._log(outcome.record, fault)
        return outcome.response, fault

    def _outcome(self, request: Request, called: ApiRequest) -> _Outcome:
        if called.path in _OAUTH:
            response = _OAUTH[called.path](self._world, request)
            size = len(response.get_data())
            record = record_of(
                called, ApiAnswer(status=response.status_code, body=None, units=0), size=size
            )
            # Secrets and codes are not for the log.
            return _Outcome(response=response, record=replace(record, body="", query=""))
        if called.path in BATCH_PATHS:
            return self._batch(called)
        answer = answer_request(self._world, called)
        response = json_response(answer)
        return _Outcome(
            response=response, record=record_of(called, answer, size=len(response.get_data()))
        )

    def _batch(self, called: ApiRequest) -> _Outcome:
        try:
            answered = answer_batch(self._world, called.headers, called.body)
        except GoogleError as error:
            refusal = ApiAnswer(status=error.code, body=error.body())
            response = json_response(refusal)
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

    def _log(self, record: RequestRecord, fault: Fault | None) -> None:
        if fault is not None:
            status = 0 if is_lost(fault) else record.status
            record = replace(record, fault=fault.kind.value, status=status)
        is_oauth = record.path in _OAUTH
        (self._world.oauth_requests if is_oauth else self._world.requests).add(record)


def _struck(outcome: _Outcome, fault: Fault | None) -> _Outcome:
    """Return what is told of something that was done all the same."""
    if fault is None or fault.kind is not FaultKind.STATUS_AFTER:
        return outcome
    record = replace(outcome.record, status=fault.status)
    return _Outcome(response=json_response(refusal(fault)), record=record)


def _exchange(
    request: Request, response: Response, fault: Fault | None, *, moment: int
) -> Exchange:
    return Exchange(
        moment=moment,
        method=request.method,
        target=str(request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")),
        request_headers=tuple(request.headers.items()),
        request_body=request.environ["wsgi.input"].getvalue(),
        status=0 if is_lost(fault) else response.status_code,
        answer_headers=tuple(response.headers.items()),
        answer_body=response.get_data(),
        fault=fault.kind.value if fault is not None else "",
    )


def _api_request(request: Request) -> ApiRequest:
    # The path as sent: a calendar id may hold percent-encoded characters.
    path = str(request.environ.get("REQUEST_URI") or request.path).partition("?")[0]
    return ApiRequest(
        method=request.method,
        path=path,
        query=request.query_string.decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=b"" if request.path in _OAUTH else request.get_data(cache=True),
    ).overridden()
