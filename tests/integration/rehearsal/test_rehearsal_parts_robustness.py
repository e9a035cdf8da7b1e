"""Parts of events of any shape are stored or refused, never a traceback (facts section 12)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.rehearsal.accounts import all_accounts, settle
from bridge.rehearsal.api.call import ApiRequest
from bridge.rehearsal.api.dispatch import answer_request
from bridge.rehearsal.clock import Clock
from bridge.rehearsal.events.event_types import EVENT_TYPES
from bridge.rehearsal.events.placing import place_event
from bridge.rehearsal.events.shape import EVENT_SHAPE
from bridge.rehearsal.google_error import GoogleError
from bridge.rehearsal.state import State
from bridge.rehearsal.world import World

PARTS = (
    "attachments", "conferenceData", "reminders", "source", "extendedProperties", "description",
    "colorId", "eventLabelId", "visibility", "transparency", "birthdayProperties",
    "focusTimeProperties", "outOfOfficeProperties", "workingLocationProperties",
)  # fmt: skip
TEXTS = [
    "", "x", "é\x00", "3", "private", "public", "transparent", "https://example.org/d/1", "video",
    "hangoutsMeet", "homeOffice", "officeLocation", "popup", "birthday", "<b", "<a href=1>",
    "&#x110000;",
]  # fmt: skip
VERSIONS = ("conferenceDataVersion=1", "eventLabelVersion=1", "supportsAttachments=true")
DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
HOUR = {
    "start": {"dateTime": "2026-03-10T10:00:00Z", "timeZone": "UTC"},
    "end": {"dateTime": "2026-03-10T11:00:00Z", "timeZone": "UTC"},
}


def of_shape(shape):
    """Return a strategy for values that a client might send where a shape is expected."""
    if isinstance(shape, dict):
        members = {name: of_shape(inner) for name, inner in shape.items() if name != "*"}
        if members:
            return st.none() | st.fixed_dictionaries({}, optional=members)
        return st.dictionaries(st.sampled_from(TEXTS), of_shape(shape["*"]), max_size=2)
    if isinstance(shape, list):
        return st.lists(of_shape(shape[0]), max_size=3)
    kinds = {"boolean": st.booleans(), "integer": st.integers(-1, 50000), "any": st.just({})}
    if shape == "strings":
        return st.lists(st.sampled_from(TEXTS), max_size=2)
    return st.none() | kinds.get(shape, st.sampled_from(TEXTS))


FIELDS = st.fixed_dictionaries({}, optional={name: of_shape(EVENT_SHAPE[name]) for name in PARTS})


@pytest.fixture(scope="module")
def world():
    """A rehearsal without a server."""
    state = State()
    held = World(state=state, clock=Clock())
    settle(held, ("anna@example.com",))
    yield held
    state.close()


def send(world, method, path, body=None):
    """Send one call as Anna and return (status, JSON)."""
    path, _, query = path.partition("?")
    token = all_accounts(world)[0].access_token
    request = ApiRequest(
        method=method,
        path=f"/calendar/v3/calendars/primary/events{path}",
        query=query,
        headers={"authorization": f"Bearer {token}"},
        body=b"" if body is None else json.dumps(body).encode(),
    )
    answer = answer_request(world, request)
    if answer.status >= 400:
        assert answer.body["error"]["code"] == answer.status
    return answer.status, answer.body


@settings(max_examples=150, deadline=None)
@given(
    base=st.sampled_from([DAY, HOUR]),
    kind=st.sampled_from(EVENT_TYPES),
    bodies=st.tuples(FIELDS, FIELDS),
    versions=st.lists(st.sampled_from(VERSIONS), unique=True),
)
def test_any_part_is_stored_or_refused(world, base, kind, bodies, versions):
    """Insert, read, patch and put back of what was read survive every part."""
    fields, patch = bodies
    query = "?" + "&".join(versions)
    status, made = send(world, "POST", query, {**base, "eventType": kind, **fields})
    assert status in (200, 400)
    if status != 200:
        status, made = send(world, "POST", query, base)
    world.advance(10)
    event = f"/{made['id']}"
    assert send(world, "PATCH", event + query, patch)[0] in (200, 400)
    status, read = send(world, "GET", event)
    assert status == 200
    status, put = send(world, "PUT", event + query, read)
    assert status == 200
    unchanged = {name: value for name, value in read.items() if name not in ("etag", "updated")}
    if "eventLabelVersion=1" not in versions:
        assert unchanged.items() <= put.items()
    send(world, "DELETE", event)


@settings(max_examples=100, deadline=None)
@given(
    fields=FIELDS,
    other=st.fixed_dictionaries(
        {},
        optional={
            "id": st.sampled_from([*TEXTS, "abcde"]),
            "eventType": st.sampled_from(EVENT_TYPES),
            "recurringEventId": st.sampled_from(TEXTS),
            "originalStartTime": st.sampled_from([{}, DAY["start"], HOUR["start"]]),
            "gadget": st.sampled_from([None, {}, {"title": "x"}]),
        },
    ),
)
def test_placed_events_can_be_read_and_listed(world, fields, other):
    """Whatever the control surface puts there does not break the API."""
    try:
        with world.state.transaction():
            placed = place_event(world, "anna@example.com", {**HOUR, **fields, **other})
    except GoogleError:
        return
    assert send(world, "GET", f"/{placed['id']}")[0] == 200
    assert send(world, "GET", "?singleEvents=true&orderBy=startTime")[0] == 200
    send(world, "DELETE", f"/{placed['id']}")
