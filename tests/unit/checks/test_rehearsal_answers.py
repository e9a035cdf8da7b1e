"""The check of the rehearsal's answers sees what Google would not answer."""

import json

import pytest

from bridge.rehearsal.observers import Exchange
from google_schemas import Violation
from rehearsal_answers import check_exchange

JSON = (("Content-Type", "application/json; charset=UTF-8"),)
EVENT = {"kind": "calendar#event", "etag": '"1"', "id": "abcde", "status": "confirmed"}
EVENT_PATH = "/calendar/v3/calendars/primary/events/abcde"
REFUSAL = {
    "errors": [{"domain": "global", "reason": "notFound", "message": "Not Found"}],
    "code": 404,
    "message": "Not Found",
}


def exchange(body, *, status=200, method="GET", target=EVENT_PATH, fault="", asked=b"", kind=""):
    """Return an exchange with a JSON or raw answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(
        moment=0,
        method=method,
        target=target,
        request_headers=(("Content-Type", kind),) if kind else (),
        request_body=asked,
        status=status,
        answer_headers=(("Content-Type", kind),) if kind else JSON,
        answer_body=raw,
        fault=fault,
    )


def batch(call, status_line, body):
    """Return a batch of one call."""
    asked = f"--x\r\nContent-Type: application/http\r\n\r\n{call}\r\n\r\n\r\n--x--\r\n"
    text = json.dumps(body) if body is not None else ""
    part = f"HTTP/1.1 {status_line}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{text}"
    answered = f"--x\r\nContent-Type: application/http\r\n\r\n{part}\r\n--x--\r\n"
    return exchange(
        answered.encode(),
        method="POST",
        target="/batch/calendar/v3",
        asked=asked.encode(),
        kind="multipart/mixed; boundary=x",
    )


@pytest.mark.parametrize(
    "good",
    [
        exchange(EVENT),
        exchange({"id": "abcde"}, target=f"{EVENT_PATH}?fields=id"),
        exchange({"error": REFUSAL}, status=404),
        exchange(b"", status=204, method="DELETE"),
        exchange(b"<html>", status=502, fault="html"),
        exchange(b"", status=0, fault="timeout"),
        exchange(b"<html>", target="/"),
        batch(f"GET {EVENT_PATH}", "200 OK", EVENT),
        exchange({"error": "invalid_grant", "error_description": "x"}, status=400, target="/token"),
    ],
)
def test_what_google_answers_passes(good):
    """Resources, partial ones, refusals, empty answers, spoilt ones."""
    check_exchange(good)


@pytest.mark.parametrize(
    "bad",
    [
        exchange(EVENT | {"color": "red"}),
        exchange(EVENT | {"sequence": "0"}),
        exchange(EVENT | {"sequence": True}),
        exchange(EVENT | {"created": "2026-03-10"}),
        exchange(EVENT | {"start": {"date": "10.3.2026"}}),
        exchange({"id": "abcde"}),
        exchange(EVENT | {"kind": "calendar#events"}),
        exchange(EVENT, target="/calendar/v3/nothing"),
        exchange(EVENT, status=201),
        exchange(b"{}", status=204, method="DELETE"),
        exchange({"error": REFUSAL}, status=403),
        exchange({"error": {**REFUSAL, "errors": []}}, status=404),
        exchange({"error": "Not Found"}, status=404),
        exchange({"token_type": "Bearer"}, target="/token"),
        batch(f"GET {EVENT_PATH}", "200 OK", EVENT | {"color": "red"}),
        batch(f"GET {EVENT_PATH}", "404 Not Found", EVENT),
        batch(f"DELETE {EVENT_PATH}", "204 No Content", EVENT),
    ],
)
def test_what_google_would_not_answer_is_seen(bad):
    """Unknown members, wrong types and forms, missing members, wrong status."""
    with pytest.raises((Violation, LookupError, TypeError)):
        check_exchange(bad)
