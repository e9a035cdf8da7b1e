"""Any request to any address: Google's form, no traceback, and the recorder takes it too."""

import io
import json
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.rehearsal.accounts import all_accounts, settle
from bridge.rehearsal.api.methods import METHODS
from bridge.rehearsal.application import Application
from bridge.rehearsal.clock import Clock
from bridge.rehearsal.recording.recorder import Recorder
from bridge.rehearsal.recording.replay import replay
from bridge.rehearsal.state import State
from bridge.rehearsal.switches import Switches
from bridge.rehearsal.world import World
from rehearsal_answers import check_exchange

CALM = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = [*sorted({name for method in METHODS for name in method.parameters}), "alt", "fields", "x"]
VALUES = st.one_of(
    st.sampled_from(
        ["", "true", "0", "-1", "99999999999999999999", "primary", "json", "\x00", "a" * 2000, "é",
         "anna@example.com", "2026-03-10T10:00:00Z", "(", "*", "items(id)", "Europe/Berlin"]
    ),
    st.text(max_size=8),
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), VALUES, st.just(10**400), st.just(-0.0)
)
MEMBERS = st.one_of(
    st.sampled_from(
        ["start", "end", "date", "dateTime", "timeZone", "summary", "recurrence", "attendees", "id",
         "email", "reminders", "extendedProperties", "private", "status", "iCalUID", "scope",
         "role", "type", "value", "address", "expiration", "params", "items", "timeMin", "timeMax"]
    ),
    st.text(max_size=4),
)  # fmt: skip
JSONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(MEMBERS, inner, max_size=4)
    ),
    max_leaves=12,
)
BODIES = st.one_of(
    st.just(b""),
    JSONS.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
    st.binary(max_size=60),
    st.sampled_from(
        [b'"\xed\xa0\x80"', '{"summary": "é"}'.encode("utf-16"),
         b'{"summary": "\x00"}', b"\xef\xbb\xbf{}", b"NaN", b"{" * 3, b'{"a": 1, "a": 2}']
    ),
)  # fmt: skip
KINDS = st.sampled_from(
    ["application/json", "", "application/x-www-form-urlencoded", "multipart/mixed; boundary=x",
     "multipart/form-data; boundary=x", "multipart/mixed", "text/plain; charset=nonsense", "\xff"]
)  # fmt: skip
PLACES = st.one_of(
    st.sampled_from([f"/calendar/v3/{method.template}" for method in METHODS]),
    st.sampled_from(
        ["/token", "/revoke", "/oauth2/v3/userinfo", "/batch", "/batch/calendar/v3", "/",
         "/o/oauth2/v2/auth", "/events/add", "/events/change", "/events/delete", "/static/x",
         "/_rehearsal/faults", "/_rehearsal/clock", "/_rehearsal/accounts", "/_rehearsal/nothing",
         "/calendar/v3/", "/calendar/v3", "//", "/%", "/%00", "/../", "/calendar/v3/%ff/events"]
    ),
)  # fmt: skip
VERBS = st.sampled_from(
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "FOO", "G\x00"]
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["If-Match", "If-None-Match", "Content-Encoding", "X-HTTP-Method-Override", "User-Agent",
         "Accept-Encoding", "Origin", "Host", "Cookie"]
    ),
    st.one_of(
        st.sampled_from(["*", '"1"', "gzip", "GET", "PATCH", "W/", "a" * 9000, ":", "\xff"]),
        st.text(st.characters(max_codepoint=255), max_size=6),
    ),
    max_size=2,
)  # fmt: skip
AUTHORIZATIONS = st.sampled_from(["Bearer {}", "", "Bearer x", "Basic {}", "bearer  {}", "\xff"])


class Stage:
    """A rehearsal without a server, its last exchange, and its recording."""

    def __init__(self, path):
        self.path = path
        self.world = World(state=State(), clock=Clock())
        settle(self.world, ("anna@example.com",))
        self.world.switches = Switches(quotas="off")
        self.world.stopping.set()
        self.token = all_accounts(self.world)[0].access_token
        self.recorder = Recorder(path, self.world)
        self.told = []
        self.world.observers.add(self.told.append)
        self.world.observers.add(self.recorder)
        self.application = Application(self.world)

    def send(self, verb, target, *, body=b"", kind="", headers=None, authorization="Bearer {}"):
        """Send one request, check its answer, and return its status."""
        path, _, query = target.partition("?")
        environment = {
            "REQUEST_METHOD": verb,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "REQUEST_URI": target,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        }
        for name, value in (headers or {}).items():
            environment[f"HTTP_{name.upper().replace('-', '_')}"] = value
        if authorization:
            environment["HTTP_AUTHORIZATION"] = authorization.format(self.token)
        if kind:
            environment["CONTENT_TYPE"] = kind
        b"".join(self.application(environment, lambda *_: bytes))
        exchange = self.told.pop()
        check_exchange(exchange)
        return exchange.status

    def close(self):
        """End the recording."""
        self.recorder.close()
        self.world.state.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A rehearsal; what is sent to it may be run again at the end."""
    held = Stage(tmp_path_factory.mktemp("fuzz") / "recording.jsonl")
    yield held
    held.close()


def filled(place, values):
    """Return a path with values in place of its variables."""
    for part in place.split("/"):
        if part.startswith("{"):
            place = place.replace(part, quote(values.pop(), safe="", errors="replace"))
    return place


@CALM
@given(
    verb=VERBS,
    place=PLACES,
    variables=st.lists(VALUES, min_size=3, max_size=3),
    query=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3),
    body=BODIES,
    kind=KINDS,
    headers=HEADERS,
    authorization=AUTHORIZATIONS,
)
def test_any_request_is_answered(
    *, stage, verb, place, variables, query, body, kind, headers, authorization
):
    """Facts 12: never a traceback, always a known form."""
    pairs = "&".join(
        f"{name}={quote(value, safe='', errors='replace')}" for name, value in query.items()
    )
    target = filled(place, [*variables, "primary", "primary"]) + (f"?{pairs}" if pairs else "")
    status = stage.send(
        verb, target, body=body, kind=kind, headers=headers, authorization=authorization
    )
    assert status < 500 or status == 501


@settings(CALM, max_examples=150)
@given(JSONS)
@example({"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}, "summary": 1})
@example({"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}, "attendees": [None]})
def test_any_json_is_taken_or_refused(stage, value):
    """Facts 12: malformed, unknown, of wrong type: 400 in Google's form."""
    day = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
    body = {**day, **value} if isinstance(value, dict) else value
    raw = json.dumps(body).encode("utf-8", "surrogatepass")
    events = "/calendar/v3/calendars/primary/events"
    assert stage.send("POST", events, body=raw) in (200, 400, 409, 501)
    assert stage.send("POST", "/calendar/v3/calendars", body=raw) in (200, 400, 501)


@settings(CALM, max_examples=100)
@given(st.lists(st.one_of(st.binary(max_size=80), BODIES), max_size=4), KINDS)
def test_any_batch_is_answered(stage, parts, kind):
    """Facts 12: a broken part does not break the batch; a broken batch is a 400."""
    framed = b"".join(
        b"--x\r\nContent-Type: application/http\r\n\r\nPOST /calendar/v3/calendars/primary/events"
        b"\r\n\r\n" + part + b"\r\n"
        for part in parts
    )
    assert stage.send("POST", "/batch", body=framed + b"--x--\r\n", kind=kind) in (200, 400)
    junk = b"--x\r\n" + b"\r\n--x\r\n".join(parts) + b"\r\n--x--\r\n"
    assert stage.send("POST", "/batch", body=junk, kind="multipart/mixed; boundary=x") in (200, 400)


@pytest.mark.parametrize(
    "body", [b"[" * 1_000_000, b'{"a":' * 200_000, b"[" * 900 + b"]" * 900, b'{"summary": "' * 9]
)
@pytest.mark.parametrize("place", ["/calendar/v3/calendars/primary/events", "/_rehearsal/faults"])
def test_deep_nesting_is_refused(stage, place, body):
    """Threat X05: no stack overflow, 400."""
    assert stage.send("POST", place, body=body) == 400


def test_whatever_was_recorded_can_be_run_again(tmp_path):
    """The replay takes every line the recorder wrote."""
    stage = Stage(tmp_path / "recording.jsonl")

    @settings(CALM, max_examples=150)
    @given(
        verb=VERBS,
        place=PLACES,
        body=BODIES,
        kind=KINDS,
        headers=HEADERS,
        authorization=AUTHORIZATIONS,
    )
    def send(*, verb, place, **more):
        stage.send(verb, filled(place, ["primary", "primary", "primary"]), **more)

    send()
    stage.close()
    assert len(list(replay(stage.path))) >= 100
