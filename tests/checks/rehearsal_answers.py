"""Every answer of every rehearsal Google in a test run is checked against Google's own schemas.

A pytest plugin: each rehearsal that is started in the run's processes gets an observer, and the
test during which it gave an answer that Google would not give fails. Parts of batches, refusals,
empty bodies and the OAuth addresses are checked as well; answers that a fault spoils are not.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP, compat32
from typing import Any
from urllib.parse import parse_qs

import pytest

from bridge.rehearsal import server
from bridge.rehearsal.application import Application
from bridge.rehearsal.observers import Exchange
from bridge.rehearsal.world import World
from google_schemas import BASE, Violation, check_resource, method_of

_BATCHES = ("/batch", "/batch/calendar/v3")
_GRANT = frozenset(
    {"access_token", "expires_in", "scope", "token_type", "refresh_token", "id_token"}
    | {"refresh_token_expires_in"}
)
_CLAIMS = frozenset({"sub", "email", "email_verified", "name", "given_name", "family_name"})
_CLAIMS |= {"picture", "hd"}


def check_exchange(exchange: Exchange) -> None:
    """Raise `Violation` when Google would not have answered like this."""
    if exchange.status == 0 or exchange.fault == "html":
        return
    path, _, query = exchange.target.partition("?")
    headers = {name.lower(): value for name, value in exchange.request_headers}
    answer = _Answer(
        exchange.status,
        {name.lower(): value for name, value in exchange.answer_headers},
        exchange.answer_body,
    )
    if path in _BATCHES and answer.status == 200:
        _check_batch(headers, exchange.request_body, answer)
    elif path in _BATCHES:
        answer.check_refusal()
    elif path.startswith(BASE):
        method = headers.get("x-http-method-override", exchange.method).upper()
        if method != exchange.method and method == "GET":
            query += "&" + exchange.request_body.decode("latin-1")
        _check_call(method, path, query, answer)
    elif path in _OAUTH:
        _OAUTH[path](answer)


class _Answer:
    """Status, headers and body of one answer, alone or in a batch."""

    def __init__(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.status = status
        self._headers = headers
        self._content = content

    def json(self) -> Any:
        if self._headers.get("content-type", "").lower() != "application/json; charset=utf-8":
            raise Violation(f"JSON as {self._headers.get('content-type')!r}")
        return json.loads(self._content.decode())

    def check_empty(self) -> None:
        if self._content:
            raise Violation(f"{self.status} with a body")

    def parts(self) -> list[Message]:
        head = f"Content-Type: {self._headers['content-type']}\r\n\r\n".encode()
        return _parts(head + self._content)

    def check_refusal(self) -> None:
        """Facts 12: Google's form of an error."""
        body = self.json()
        _only(body, {"error"})
        error = body["error"]
        _only(error, {"errors", "code", "message", "status", "details"})
        if error["code"] != self.status or not isinstance(error["message"], str):
            raise Violation(f"{self.status} told as {error!r}")
        for each in error["errors"]:
            _only(each, {"domain", "reason", "message", "locationType", "location", "extendedHelp"})
            if not all(isinstance(text, str) and text for text in each.values()):
                raise Violation(f"an empty member in {each!r}")
            if not {"domain", "reason", "message"} <= each.keys():
                raise Violation(f"a member is missing in {each!r}")
        if not error["errors"]:
            raise Violation("a refusal without a reason")


def _check_call(http: str, path: str, query: str, answer: _Answer) -> None:
    method = method_of(http, path)
    if answer.status >= 400:
        answer.check_refusal()
    elif method is None:
        raise Violation(f"{answer.status} for {http} {path}, which Google does not know")
    elif answer.status == 304:
        answer.check_empty()
    elif "response" not in method:
        if answer.status != 204:
            raise Violation(f"{answer.status} for {method['id']}, which answers nothing")
        answer.check_empty()
    elif answer.status != 200:
        raise Violation(f"{answer.status} for {method['id']}")
    else:
        schema = method["response"]["$ref"]
        check_resource(answer.json(), schema, partial="fields" in parse_qs(query))


def _check_batch(headers: dict[str, str], content: bytes, answer: _Answer) -> None:
    head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
    asked, answered = _parts(head + content), answer.parts()
    if len(asked) != len(answered):
        raise Violation(f"{len(answered)} answers to {len(asked)} calls")
    for question, part in zip(asked, answered, strict=True):
        _check_part(question, part)


def _check_part(question: Message, part: Message) -> None:
    line = _payload(question).lstrip().partition(b"\n")[0].decode("latin-1").split()
    status_line, _, rest = _payload(part).partition(b"\r\n")
    head, _, body = rest.partition(b"\r\n\r\n")
    # The older policy gives values as they were sent.
    message = BytesParser(policy=compat32).parsebytes(head + b"\r\n\r\n", headersonly=True)
    headers = {name.lower(): str(value) for name, value in message.items()}
    answer = _Answer(int(status_line.split()[1]), headers, body)
    if len(line) < 2:
        answer.check_refusal()
        return
    path, _, query = line[1].partition("?")
    asked, _, form = _payload(question).decode("latin-1").partition("\r\n\r\n")
    override = asked.lower().partition("x-http-method-override:")[2].split()
    if override and override[0] == "get":
        query += f"&{form.strip()}"
    _check_call((override[0] if override else line[0]).upper(), path, query, answer)


def _parts(raw: bytes) -> list[Message]:
    payload = BytesParser(policy=HTTP).parsebytes(raw).get_payload()
    return [part for part in payload if isinstance(part, Message)]


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _only(value: Any, known: set[str] | frozenset[str]) -> None:
    if not isinstance(value, dict) or value.keys() - known:
        raise Violation(f"more than {sorted(known)} in {value!r}")


def _check_token(answer: _Answer) -> None:
    """RFC 6749 sections 5.1 and 5.2."""
    body = answer.json()
    if answer.status != 200:
        _check_oauth_refusal(answer)
        return
    _only(body, _GRANT)
    if body["token_type"] != "Bearer" or body["expires_in"] <= 0 or not body["access_token"]:
        raise Violation(f"a grant without its members: {sorted(body)}")


def _check_oauth_refusal(answer: _Answer) -> None:
    body = answer.json()
    if "errors" in str(body.get("error")):
        answer.check_refusal()
    else:
        _only(body, {"error", "error_description"})


def _check_revocation(answer: _Answer) -> None:
    if answer.status == 200:
        _only(answer.json(), set())
    else:
        _check_oauth_refusal(answer)


def _check_userinfo(answer: _Answer) -> None:
    if answer.status == 200:
        _only(answer.json(), _CLAIMS)
    else:
        _check_oauth_refusal(answer)


_OAUTH = {
    "/token": _check_token,
    "/revoke": _check_revocation,
    "/oauth2/v3/userinfo": _check_userinfo,
}


class _Violations:
    """What was seen since the last look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: list[str] = []

    def look_at(self, exchange: Exchange) -> None:
        try:
            check_exchange(exchange)
        except (Violation, LookupError, ValueError, TypeError) as error:
            told = f"{exchange.method} {exchange.target}: {type(error).__name__}: {error}"
            with self._lock:
                self._seen.append(told)

    def fail(self) -> None:
        with self._lock:
            seen, self._seen = self._seen, []
        if seen:
            pytest.fail("Google would not answer this:\n" + "\n".join(seen), pytrace=False)


VIOLATIONS = _Violations()


class _WatchedApplication(Application):
    """The rehearsal, with the check as one of its observers."""

    def __init__(self, world: World) -> None:
        world.observers.add(VIOLATIONS.look_at)
        super().__init__(world)


_PATCH = pytest.MonkeyPatch()


def pytest_configure() -> None:
    """Have every rehearsal of this process watched."""
    _PATCH.setattr(server, "Application", _WatchedApplication)


def pytest_unconfigure() -> None:
    """Leave the module as it was."""
    _PATCH.undo()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    """Fail a test whose fixtures got an impossible answer."""
    yield
    VIOLATIONS.fail()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Fail a test that got an impossible answer; its own failure comes first."""
    yield
    VIOLATIONS.fail()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Fail a test whose end got an impossible answer."""
    yield
    VIOLATIONS.fail()
