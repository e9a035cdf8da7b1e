"""The methods around events survive whatever a client sends (google-calendar-facts section 12)."""

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.rehearsal.accounts import all_accounts, settle
from bridge.rehearsal.api.call import ApiRequest
from bridge.rehearsal.api.dispatch import answer_request
from bridge.rehearsal.clock import Clock
from bridge.rehearsal.push.messages import send_due_messages
from bridge.rehearsal.push.post import is_dialled
from bridge.rehearsal.state import State
from bridge.rehearsal.world import World

TEXTS = [
    "", "x", "é\x00", "none", "owner", "user", "default", "anna@example.com", "#000000", "25",
    "2026-03-10T00:00:00Z", "9998-12-31T23:59:59Z", "0002-01-01T00:00:00+14:00", "web_hook",
    "https://127.0.0.1:1/x", "https://[::1", "https://\udc80", "http://x:y", "-1", "9" * 18,
]  # fmt: skip
FIELDS = [
    "id", "role", "scope", "type", "value", "colorId", "backgroundColor", "hidden", "selected",
    "summaryOverride", "defaultReminders", "notificationSettings", "timeMin", "timeMax", "items",
    "timeZone", "address", "token", "expiration", "params", "ttl", "resourceId", "summary",
]  # fmt: skip
LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(TEXTS), st.text())
JUNK = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3)
    ),
    max_leaves=6,
)
WORDS = [
    "at", "3", "25:61", "10am", "0am", "13pm", "-", "to", "for", "2", "hours", "0", "minutes",
    "every", "day", "monday", "next", "june", "31", "3/14", "99/99", "0/0", "2026-02-30", "in",
    "tomorrow", "9999", "weeks", "noon", "a@b.c", "@", "until", "12", "half an", "hour",
]  # fmt: skip
CALLS = [
    ("POST", "calendars/primary/acl"),
    ("PATCH", "calendars/primary/acl/default"),
    ("PUT", "calendars/primary/acl/user%3Aben@example.com"),
    ("POST", "users/me/calendarList"),
    ("PATCH", "users/me/calendarList/primary"),
    ("PUT", "users/me/calendarList/primary"),
    ("POST", "freeBusy"),
    ("POST", "channels/stop"),
    ("POST", "calendars/primary/events/watch"),
    ("POST", "calendars/primary/acl/watch"),
    ("POST", "users/me/calendarList/watch"),
    ("POST", "users/me/settings/watch"),
]
# Complete enough to come behind the first checks.
WHOLE = {
    "role": "reader", "scope": {"type": "user", "value": "ben@example.com"}, "id": "primary",
    "timeMin": "2026-03-10T00:00:00Z", "timeMax": "2026-03-11T00:00:00Z", "type": "web_hook",
    "address": "https://127.0.0.1:1/x", "resourceId": "x",
}  # fmt: skip


@pytest.fixture(scope="module")
def world():
    """A rehearsal without a server."""
    state = State()
    held = World(state=state, clock=Clock())
    settle(held, ("anna@example.com", "ben@example.com"))
    yield held
    state.close()


def send(world, method, path, body=None, query=""):
    """Send one call as Anna, look for messages as the server does, and return the status."""
    # A second for each call, or the limits per minute would be met.
    world.advance(1)
    request = ApiRequest(
        method=method,
        path=f"/calendar/v3/{path}",
        query=query,
        headers={"authorization": f"Bearer {all_accounts(world)[0].access_token}"},
        body=b"" if body is None else json.dumps(body).encode(),
    )
    answer = answer_request(world, request)
    json.dumps(answer.body, ensure_ascii=False).encode()

    def check(message):
        is_dialled(message.channel.address)
        for value in message.headers().values():
            assert not set(value) & {"\r", "\n", "\x00"}
            value.encode()

    send_due_messages(world, check)
    return answer.status


@settings(max_examples=300, deadline=None)
@given(
    call=st.sampled_from(CALLS),
    fields=st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=4),
    whole=st.booleans(),
)
def test_any_body_is_taken_or_refused(world, call, fields, whole):
    """Every method answers with a good status or an error in Google's form."""
    body = {**WHOLE, **fields} if whole else fields
    assert send(world, *call, body) in (200, 204, 400, 403, 404)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=40))
def test_any_line_can_be_added_quickly(world, text):
    """QuickAdd stores whatever it does not understand as a title."""
    query = urlencode({"text": text}, errors="replace")
    assert send(world, "POST", "calendars/primary/events/quickAdd", query=query) in (200, 400)


@settings(max_examples=100, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), max_size=8))
def test_any_words_of_days_and_times_are_read(world, words):
    """No combination of words that mean something is a traceback."""
    query = urlencode({"text": " ".join(words) or "x"})
    assert send(world, "POST", "calendars/primary/events/quickAdd", query=query) in (200, 400)


@settings(max_examples=100, deadline=None)
@given(name=st.text(min_size=1, max_size=20), method=st.sampled_from(["GET", "PATCH", "DELETE"]))
def test_any_name_is_found_or_not(world, name, method):
    """Ids in paths may be anything, real ones among them."""
    part = quote(name, safe="", errors="replace")
    for path in (f"calendars/primary/acl/{part}", f"users/me/calendarList/{part}"):
        assert send(world, method, path, {}) in (200, 204, 400, 403, 404)
    assert send(world, "GET", f"users/me/settings/{part}") in (200, 404)
