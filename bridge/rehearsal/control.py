"""The control surface below `/_rehearsal/`, for tests and rehearsals, on loopback only."""

from __future__ import annotations

import json
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from bridge.errors import InvalidInput
from bridge.rehearsal.accounts import add_account, reset
from bridge.rehearsal.acts.call import act
from bridge.rehearsal.control_people import PEOPLE_CALLS
from bridge.rehearsal.events.conference import settle_conferences
from bridge.rehearsal.events.invitations import (
    cancel_invitation,
    change_invitation,
    invitations,
    invite,
)
from bridge.rehearsal.events.placing import allow_conferences, place_event
from bridge.rehearsal.events.times import zone_of
from bridge.rehearsal.google_error import GoogleError
from bridge.rehearsal.push.faults import PREFIX as PUSH_PREFIX
from bridge.rehearsal.request_log import RequestLog
from bridge.rehearsal.switches import Switches
from bridge.rehearsal.world import World

_PREFIX = "/_rehearsal/"
Body = dict[str, Any]


def control(world: World, request: Request) -> Response:
    """Answer a call of the control surface with JSON; errors are `{"error": text}`."""
    if not _is_local(request):
        return _json({"error": "the control surface answers on loopback only"}, 403)
    name = request.path.removeprefix(_PREFIX).strip("/")
    handler = (_CALLS | PEOPLE_CALLS).get((request.method, name))
    if handler is None:
        return _json({"error": "no such call"}, 404)
    try:
        return _json(handler(world, _body(request)))
    except (InvalidInput, GoogleError) as error:
        return _json({"error": str(error)}, 400)


def restore_switches(world: World) -> None:
    """Set the switches as they were left."""
    world.switches = Switches().changed(json.loads(world.state.meta("switches") or "{}"))


def _is_local(request: Request) -> bool:
    # The name in Host counts too, or a page elsewhere could come in through a name of its own.
    host = urlsplit(f"//{request.host}").hostname or ""
    local_name = host == "localhost" or _is_loopback(host)
    return local_name and _is_loopback(request.remote_addr or "")


def _is_loopback(text: str) -> bool:
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False


def _body(request: Request) -> Body:
    raw = request.get_data()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("the body is no JSON") from error
    if not isinstance(body, dict):
        raise InvalidInput("the body is no JSON object")
    return body


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json")


def _shown(log: RequestLog) -> list[Body]:
    return [record.to_json() for record in log.records()]


def _requests(world: World, _: Body) -> object:
    return _shown(world.requests)


def _oauth_requests(world: World, _: Body) -> object:
    return _shown(world.oauth_requests)


def _clear(world: World, _: Body) -> object:
    world.requests.clear()
    world.oauth_requests.clear()
    return {}


def _mail(world: World, _: Body) -> object:
    return world.mails()


def _faults(world: World, body: Body) -> object:
    is_push = str(body.get("fault", "")).startswith(PUSH_PREFIX)
    (world.push_faults if is_push else world.faults).add(body)
    return _show_faults(world, {})


def _show_faults(world: World, _: Body) -> object:
    return {"waiting": world.faults.waiting() + world.push_faults.waiting()}


def _clear_faults(world: World, _: Body) -> object:
    world.faults.clear()
    world.push_faults.clear()
    return {}


def _quotas(world: World, _: Body) -> object:
    return world.quotas.shown(world.clock.milliseconds())


def _clear_quotas(world: World, _: Body) -> object:
    world.quotas.clear()
    return {}


def _clock(world: World, body: Body) -> object:
    seconds = body.get("advance_seconds", 0)
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        raise InvalidInput("`advance_seconds` is a number from 0 up", field="advance_seconds")
    try:
        world.advance(float(seconds))
        with world.state.transaction():
            settle_conferences(world)
        return {"now": world.clock.now().isoformat()}
    except OverflowError as error:
        raise InvalidInput("that is too far ahead", field="advance_seconds") from error


def _show_clock(world: World, _: Body) -> object:
    return {"now": world.clock.now().isoformat()}


def _accounts(world: World, body: Body) -> object:
    email = body.get("email")
    if not isinstance(email, str) or email.count("@") != 1 or not email.isprintable():
        raise InvalidInput("`email` is an address", field="email")
    zone = str(body.get("timezone") or "")
    if zone:
        zone_of(zone)
    return add_account(world, email.strip(), zone=zone).to_json()


def _reset(world: World, _: Body) -> object:
    reset(world)
    restore_switches(world)
    return {}


def _switches(world: World, body: Body) -> object:
    chosen = json.loads(world.state.meta("switches") or "{}") | body
    world.switches = Switches().changed(chosen)
    world.state.set_meta("switches", json.dumps(chosen))
    return chosen


def _events(world: World, body: Body) -> object:
    event = body.get("event")
    if not isinstance(event, dict):
        raise InvalidInput("`event` is an event resource", field="event")
    with world.state.transaction():
        calendar_id = str(body.get("calendar_id") or "primary")
        return place_event(world, str(body.get("email")), event, calendar_id=calendar_id)


def _conference_types(world: World, body: Body) -> object:
    types = body.get("types")
    if not isinstance(types, list) or not all(isinstance(each, str) for each in types):
        raise InvalidInput("`types` is a list of texts", field="types")
    with world.state.transaction():
        calendar_id = str(body.get("calendar_id") or "primary")
        return allow_conferences(world, str(body.get("email")), calendar_id, types)


def _in_one_go(handler: Callable[[World, Body], object]) -> Callable[[World, Body], object]:
    def handled(world: World, body: Body) -> object:
        with world.state.transaction():
            return handler(world, body)

    return handled


_CALLS: dict[tuple[str, str], Callable[[World, Body], object]] = {
    ("GET", "requests"): _requests,
    ("DELETE", "requests"): _clear,
    ("GET", "oauth_requests"): _oauth_requests,
    ("GET", "mail"): _mail,
    ("POST", "acts"): act,
    ("POST", "faults"): _faults,
    ("GET", "faults"): _show_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "quotas"): _quotas,
    ("DELETE", "quotas"): _clear_quotas,
    ("POST", "clock"): _clock,
    ("GET", "clock"): _show_clock,
    ("POST", "accounts"): _accounts,
    ("POST", "reset"): _reset,
    ("POST", "switches"): _switches,
    ("POST", "events"): _events,
    ("POST", "conference_types"): _conference_types,
    ("GET", "invitations"): invitations,
    ("POST", "invitations"): _in_one_go(invite),
    ("PATCH", "invitations"): _in_one_go(change_invitation),
    ("DELETE", "invitations"): _in_one_go(cancel_invitation),
}
