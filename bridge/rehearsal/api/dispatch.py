"""From an API request to its answer: method, caller, scopes, parameters, body, field mask.

Every refusal is Google's error form; nothing a client sends ends in a traceback.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from bridge.rehearsal.api.call import ApiAnswer, ApiRequest, Call, Method
from bridge.rehearsal.api.field_mask import masked, read_mask
from bridge.rehearsal.api.field_names import check_names
from bridge.rehearsal.api.methods import METHODS
from bridge.rehearsal.api.parameters import Parameters
from bridge.rehearsal.events.conference import settle_conferences
from bridge.rehearsal.google_error import (
    GoogleError,
    Json,
    bad_request,
    insufficient_scopes,
    invalid_credentials,
    invalid_parameter,
    login_required,
    not_found,
    unreadable_request,
)
from bridge.rehearsal.oauth.grants import Bearer, find_bearer
from bridge.rehearsal.oauth.scopes import short_names
from bridge.rehearsal.quotas import Caller, Creation
from bridge.rehearsal.world import World

BASE = "/calendar/v3/"
_MAKES_EVENTS = frozenset(
    {"calendar.events.insert", "calendar.events.import", "calendar.events.quickAdd"}
)


def find_method(http: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """Return the method of a percent-encoded path and its decoded variables, or None.

    A fixed segment is stronger than a variable: `events/import` is no event id.
    """
    segments = path.removeprefix(BASE).split("/")
    found = None
    for method in METHODS:
        variables = _variables(method, segments) if method.http == http else None
        if variables is not None and (found is None or len(variables) < len(found[1])):
            found = (method, variables)
    return found


def _variables(method: Method, segments: list[str]) -> dict[str, str] | None:
    pattern = method.template.split("/")
    if len(pattern) != len(segments):
        return None
    variables = {}
    for wanted, given in zip(pattern, segments, strict=True):
        if wanted.startswith("{"):
            if not given:
                return None
            variables[wanted[1:-1]] = unquote(given)
        elif wanted != given:
            return None
    return variables


def answer_request(world: World, request: ApiRequest) -> ApiAnswer:
    """Answer one call. What it wrote is one transaction; a refused call writes nothing."""
    found = find_method(request.method, request.path)
    if found is None:
        return _refusal(not_found())
    method, variables = found
    bearer = None
    try:
        query = parse_qs(request.query, keep_blank_values=True)
        bearer = _bearer(world, request.headers, query)
        _charge(world, bearer, method)
        _check_scopes(method, bearer)
        mask = read_mask(query["fields"][-1]) if "fields" in query else None
        check_names(mask or {}, method.name)
        _check_form(query)
        call = Call(
            world=world,
            method=method,
            bearer=bearer,
            path=variables,
            parameters=Parameters(query, method.parameters),
            headers=request.headers,
            body=_body(request),
            stale=request.stale,
        )
        with world.state.transaction():
            settle_conferences(world)
            answer = _handled(method, call)
    except GoogleError as error:
        return _refusal(error, method=method, user=bearer.email if bearer else "")
    body = masked(answer.body, mask) if mask and answer.body is not None else answer.body
    return ApiAnswer(
        status=answer.status,
        body=body,
        headers=answer.headers,
        operation=method.name,
        units=method.units,
        user=bearer.email,
    )


def _handled(method: Method, call: Call) -> ApiAnswer:
    if not method.writes:
        return method.handler(call)
    calendar_id, made = call.path.get("calendarId", ""), _creation(call)
    if calendar_id == "primary":
        calendar_id = call.bearer.email
    user, moment = call.bearer.email, call.world.clock.milliseconds()
    call.world.quotas.allow_write(user, calendar_id, made, moment, call.world.switches)
    answer = method.handler(call)
    call.world.quotas.note_write(user, calendar_id, made, moment)
    return answer


def _creation(call: Call) -> Creation:
    """Return what a call would make, as far as Google's limits against abuse count it."""
    if call.method.name == "calendar.calendars.insert":
        return Creation(calendars=1)
    if call.method.name not in _MAKES_EVENTS:
        return Creation()
    guests = call.body.get("attendees")
    own = call.bearer.email
    invited = [
        guest
        for guest in (guests if isinstance(guests, list) else [])
        if isinstance(guest, dict) and str(guest.get("email", "")).lower() != own
    ]
    # An imported event invites nobody.
    inserted = call.method.name == "calendar.events.insert"
    return Creation(events=1, guests=len(invited) if inserted else 0)


def _charge(world: World, bearer: Bearer, method: Method) -> None:
    caller = Caller(project=bearer.client_id, user=bearer.email)
    world.quotas.charge(caller, method.units, world.clock.milliseconds(), world.switches)


def _refusal(error: GoogleError, *, method: Method | None = None, user: str = "") -> ApiAnswer:
    headers = {}
    if error.code == 401:  # noqa: PLR2004 - an HTTP status
        headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/"'
    return ApiAnswer(
        status=error.code,
        body=error.body(),
        headers=headers,
        operation=method.name if method else "",
        units=method.units if method else 1,
        user=user,
    )


def _bearer(world: World, headers: Mapping[str, str], query: dict[str, list[str]]) -> Bearer:
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        token = query.get("access_token", query.get("oauth_token", [""]))[-1]
    if not token:
        raise login_required()
    bearer = find_bearer(world, token.strip())
    if bearer is None:
        raise invalid_credentials()
    return bearer


def _check_scopes(method: Method, bearer: Bearer) -> None:
    if not short_names(bearer.scopes) & method.scopes:
        raise insufficient_scopes()


def _check_form(query: dict[str, list[str]]) -> None:
    if query.get("alt", ["json"])[-1] != "json":
        raise invalid_parameter("alt", "Only alt=json is answered.")


def _body(request: ApiRequest) -> Json:
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise unreadable_request(415, "Compressed bodies are not read.")
    if request.method not in ("POST", "PUT", "PATCH") or not request.body.strip():
        return {}
    try:
        # From a text, as bytes might also be UTF-16, or hold halves of characters.
        body = json.loads(request.body.decode("utf-8-sig"))
        if b"\\u" in request.body:
            # An escape may stand for half a character, which no answer could hold.
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise bad_request("Parse Error", reason="parseError") from error
    if not isinstance(body, dict):
        raise bad_request("Parse Error", reason="parseError")
    return body
