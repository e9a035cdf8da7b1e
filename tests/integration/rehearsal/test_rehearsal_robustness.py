"""Whatever a client sends, the answer is Google's form and never a traceback (facts section 12)."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.rehearsal.accounts import all_accounts, settle
from bridge.rehearsal.api.call import ApiRequest
from bridge.rehearsal.api.dispatch import answer_request
from bridge.rehearsal.clock import Clock
from bridge.rehearsal.events.shape import EVENT_SHAPE
from bridge.rehearsal.state import State
from bridge.rehearsal.world import World

LINES = [
    "RRULE:FREQ=DAILY;COUNT=3",
    "RRULE:FREQ=DAILY;UNTIL=99991231",
    "RRULE:FREQ=DAILY;UNTIL=00010101T000000Z",
    "RRULE:FREQ=DAILY;UNTIL=20260310T000000",
    "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=MONTHLY;BYSETPOS=400;BYDAY=MO",
    "RRULE:FREQ=YEARLY;BYDAY=0MO",
    "RRULE:FREQ=DAILY;COUNT=2147483647",
    "RDATE:99991231T235959Z",
    "RDATE:00010101",
    "EXDATE;TZID=X/Y:20260310T100000",
    "EXDATE;VALUE=DATE:20260310",
]
TEXTS = ["", "x", "é\x00", "2026-03-10", "9998-12-31", "0002-01-01T00:00:00+14:00", "cancelled"]
PARAMETERS = [
    "timeMin", "timeMax", "updatedMin", "syncToken", "pageToken", "orderBy", "q", "fields",
    "timeZone", "maxResults", "privateExtendedProperty", "showDeleted", "singleEvents",
]  # fmt: skip
VALUES = st.sampled_from([*TEXTS, "true", "a=b", "*", "9999-12-31T23:59:59-14:00"])
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.sampled_from(TEXTS),
    st.text(max_size=5),
    st.lists(
        st.one_of(st.none(), st.sampled_from(LINES), st.dictionaries(st.text(), st.text())),
        max_size=3,
    ),
    st.dictionaries(
        st.sampled_from(["date", "dateTime", "timeZone", "private", "overrides"]),
        st.sampled_from(TEXTS),
    ),
)
DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
ZONED = {
    "start": {"dateTime": "2026-03-10T10:00:00", "timeZone": "Pacific/Apia"},
    "end": {"dateTime": "2026-03-10T11:00:00", "timeZone": "Pacific/Apia"},
}


@pytest.fixture(scope="module")
def world():
    """A rehearsal without a server."""
    state = State()
    held = World(state=state, clock=Clock())
    settle(held, ("anna@example.com",))
    yield held
    state.close()


def send(world, method, path, *, query="", body=None):
    """Send one call as Anna and return (status, JSON)."""
    token = all_accounts(world)[0].access_token
    request = ApiRequest(
        method=method,
        path=f"/calendar/v3/{path}",
        query=query,
        headers={"authorization": f"Bearer {token}"},
        body=b"" if body is None else body,
    )
    answer = answer_request(world, request)
    json.dumps(answer.body, ensure_ascii=False).encode()
    if answer.status >= 400:
        assert answer.body["error"]["code"] == answer.status
    return answer.status, answer.body


@settings(max_examples=80, deadline=None)
@given(
    base=st.sampled_from([DAY, ZONED]),
    fields=st.dictionaries(st.sampled_from(sorted(EVENT_SHAPE)), JUNK, max_size=2),
    lines=st.lists(st.sampled_from(LINES), max_size=2),
)
def test_any_event_is_stored_or_refused(world, base, fields, lines):
    """Insert, list, expand, patch and delete survive every body."""
    body = {**base, **({"recurrence": lines} if lines else {}), **fields}
    status, made = send(world, "POST", "calendars/primary/events", body=json.dumps(body).encode())
    assert status in (200, 400, 409)
    if status != 200:
        return
    event = f"calendars/primary/events/{made['id']}"
    window = "singleEvents=true&timeMin=2026-01-01T00:00:00Z&timeMax=2027-01-01T00:00:00Z"
    assert send(world, "GET", "calendars/primary/events", query=window)[0] == 200
    assert send(world, "GET", f"{event}/instances", query="maxResults=5")[0] in (200, 400)
    assert send(world, "PATCH", event, body=json.dumps(fields).encode())[0] in (200, 400)
    assert send(world, "DELETE", event)[0] in (204, 410)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from(PARAMETERS), st.one_of(VALUES, st.text(max_size=6)), max_size=3)
)
def test_any_query_is_answered_or_refused(world, parameters):
    """A listing survives every parameter."""
    query = urlencode(parameters, errors="replace")
    status, _ = send(world, "GET", "calendars/primary/events", query=query)
    assert status in (200, 304, 400, 410)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=40), st.sampled_from([b'"\\ud800"', b'{"summary": "\\ud800"}', b"nul"])
    )
)
def test_any_bytes_are_answered(world, body):
    """A body that is no JSON object is a 400; one without times as well."""
    status, _ = send(world, "POST", "calendars/primary/events", body=body)
    assert status == 400


def test_series_of_very_long_events_ends_with_the_calendar(events):
    """Dates stop at the year 9999."""
    body = {
        "start": {"date": "2026-01-01"},
        "end": {"date": "9998-01-01"},
        "recurrence": ["RRULE:FREQ=YEARLY"],
    }
    made = events.insert(calendarId="primary", body=body).execute()
    found = events.instances(calendarId="primary", eventId=made["id"]).execute()["items"]
    assert [each["start"]["date"] for each in found] == ["2026-01-01", "2027-01-01"]
    page = events.list(calendarId="primary", timeMin="9998-06-01T00:00:00Z").execute()
    assert [each["id"] for each in page["items"]] == [made["id"]]
