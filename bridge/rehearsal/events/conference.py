"""Video conferences of events: asked for, made a while later, brought along from elsewhere.

Source: Google, Events resource (`conferenceData`) and "Create events". A client asks with a
`createRequest`; Google answers `pending` and makes the conference in its own time, which a later
read or an incremental listing shows. A repeated `requestId` is ignored. Conferences of other
providers come whole and are kept.
"""

from __future__ import annotations

import base64
import hashlib
import json

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.organizers import find_as_owner
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import find_event, save_event
from bridge.rehearsal.google_error import Json, invalid, required
from bridge.rehearsal.world import World

_MEET = "hangoutsMeet"
_MAKING_MILLISECONDS = 5000
_NEXT_DUE = "next_conference_due"
_LONGEST_NOTES = 2048
_LONGEST = {
    "uri": 1300, "label": 512, "pin": 128, "accessCode": 128, "meetingCode": 128, "passcode": 128,
    "password": 128,
}  # fmt: skip
_SCHEMES = {
    "video": ("http:", "https:"),
    "phone": ("tel:",),
    "sip": ("sip:",),
    "more": ("http:", "https:"),
}
_AT_MOST_ONE = ("video", "sip", "more")
_MEET_SOLUTION = {
    "key": {"type": _MEET},
    "name": "Google Meet",
    "iconUri": "https://fonts.gstatic.com/s/i/productlogos/meet_2020q4/v6/web-512dp/logo.png",
}


def stored_conference(given: Json) -> Json:
    """Return `conferenceData` as it is stored, apart from what a request in it will bring.

    Raises:
        GoogleError: 400 when it is neither a request nor a whole conference, or over the limits.
    """
    if not given:
        return {}
    entry_points = given.get("entryPoints") or []
    if not given.get("createRequest") and not (given.get("conferenceSolution") and entry_points):
        raise invalid("Invalid conference data: a solution with an entry point, or a request.")
    if len(given.get("notes", "")) > _LONGEST_NOTES:
        raise invalid("A provided value exceeds the allowed size limit.")
    kinds = [_checked_kind(entry) for entry in entry_points]
    if kinds == ["more"] or any(kinds.count(kind) > 1 for kind in _AT_MOST_ONE):
        raise invalid("Invalid conference data: entry points.")
    return {name: value for name, value in given.items() if value}


def _checked_kind(entry: Json) -> str:
    kind = str(entry.get("entryPointType"))
    if kind not in _SCHEMES or not entry.get("uri", "").startswith(_SCHEMES[kind]):
        raise invalid("Invalid conference data: entry point type or URI.")
    if any(len(entry.get(name, "")) > limit for name, limit in _LONGEST.items()):
        raise invalid("A provided value exceeds the allowed size limit.")
    return kind


def with_conference(world: World, calendar: Calendar, before: Json, body: Json) -> Json:
    """Return the body of an event about to be stored, its conference and `hangoutLink` settled.

    Args:
        world: The rehearsal.
        calendar: Where the event is.
        before: Body before the write, empty for a new event.
        body: Body after it.

    Raises:
        GoogleError: 400 for a request without an id, or for a kind the calendar does not allow.
    """
    known = before.get("conferenceData") or {}
    wanted = body.get("conferenceData") or {}
    request, earlier = wanted.get("createRequest"), known.get("createRequest")
    if not request:
        return _linked(body)
    if not request.get("requestId"):
        raise required("Missing conference request id.")
    if earlier is None or request["requestId"] != earlier["requestId"]:
        return _requested(world, calendar, request, body)
    whole = wanted if "entryPoints" in wanted else known
    return _linked({**body, "conferenceData": {**whole, "createRequest": earlier}})


def is_echo(known: Json, wanted: Json) -> bool:
    """Return whether a client sends a conference as it was read; the server's own parts count not.

    Args:
        known: `conferenceData` as stored.
        wanted: The same as a client may send it.
    """
    bare = {name: value for name, value in known.items() if name != "signature"}
    if "createRequest" in known:
        request = known["createRequest"].items()
        bare["createRequest"] = {name: value for name, value in request if name != "status"}
    return bare == wanted


def _requested(world: World, calendar: Calendar, request: Json, body: Json) -> Json:
    kind = request.get("conferenceSolutionKey", {}).get("type", _MEET)
    if kind != _MEET or kind not in calendar.conference_types:
        raise invalid("Invalid conference type value.")
    due = world.clock.milliseconds() + _MAKING_MILLISECONDS
    asked = {"requestId": request["requestId"], "conferenceSolutionKey": {"type": kind}}
    pending = _linked({**body, "conferenceData": {"createRequest": _with_status(asked, "pending")}})
    if world.switches.conference_creation == "at_once":
        return _made(pending, fails=False)
    world.state.set_meta(_NEXT_DUE, str(min(due, _next_due(world) or due)))
    return {**pending, "conferenceDue": due}


def _with_status(request: Json, status: str) -> Json:
    return {**request, "status": {"statusCode": status}}


def _linked(body: Json) -> Json:
    """Return the body with what the server adds to its conference: signature and `hangoutLink`."""
    conference = body.get("conferenceData") or {}
    stale = {"hangoutLink"} if "createRequest" in conference else {"hangoutLink", "conferenceDue"}
    rest = {name: value for name, value in body.items() if name not in stale}
    if conference.get("conferenceSolution", {}).get("key", {}).get("type") != _MEET:
        return rest
    digest = hashlib.sha256(conference.get("conferenceId", "").encode()).digest()
    signature = base64.b64encode(digest[:20]).decode()
    rest["conferenceData"] = {**conference, "signature": signature}
    entry_points = conference.get("entryPoints", [])
    links = [entry["uri"] for entry in entry_points if entry["entryPointType"] == "video"]
    return {**rest, "hangoutLink": links[0]} if links else rest


def _made(body: Json, *, fails: bool) -> Json:
    """Return the body with the answer to its request."""
    request = body["conferenceData"]["createRequest"]
    rest = {name: value for name, value in body.items() if name != "conferenceDue"}
    if fails:
        return {**rest, "conferenceData": {"createRequest": _with_status(request, "failure")}}
    # All copies of an event share its iCalUID, and so the conference.
    code = _meeting_code(f"{body['iCalUID']} {request['requestId']}")
    conference = {
        "createRequest": _with_status(request, "success"),
        "entryPoints": [
            {
                "entryPointType": "video",
                "uri": f"https://meet.google.com/{code}",
                "label": f"meet.google.com/{code}",
            }
        ],
        "conferenceSolution": _MEET_SOLUTION,
        "conferenceId": code,
    }
    return _linked({**rest, "conferenceData": conference})


def _meeting_code(seed: str) -> str:
    letters = "".join(chr(ord("a") + byte % 26) for byte in hashlib.sha256(seed.encode()).digest())
    return f"{letters[:3]}-{letters[3:7]}-{letters[7:10]}"


def _next_due(world: World) -> int:
    return int(world.state.meta(_NEXT_DUE) or 0)


def settle_conferences(world: World) -> None:
    """Make the conferences whose time has come; each is a change of its event like any other.

    To be called before an answer is worked out. Costs one look-up while nothing is due.
    """
    due, now = _next_due(world), world.clock.milliseconds()
    if not due or due > now:
        return
    waiting = world.state.rows(
        "SELECT event.calendar_id, event.id, event.body FROM event "
        "WHERE event.body LIKE '%\"conferenceDue\":%' ORDER BY event.position"
    )
    later = 0
    for row in waiting:
        moment = json.loads(row["body"]).get("conferenceDue", 0)
        if moment > now:
            later = min(moment, later or moment)
        elif moment:
            _settle(world, row["calendar_id"], row["id"])
    world.state.set_meta(_NEXT_DUE, str(later))


def _settle(world: World, calendar_id: str, event_id: str) -> None:
    event: StoredEvent | None = find_event(world, calendar_id, event_id)
    calendar = find_as_owner(world, calendar_id)
    if event is not None and calendar is not None:
        fails = world.switches.conference_creation == "failure"
        body = _made(event.body, fails=fails)
        save_event(world, calendar, event_id, body)
