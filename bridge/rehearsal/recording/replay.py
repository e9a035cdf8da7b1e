"""The replay: a recording run again against a fresh rehearsal, and what is different now.

The rehearsal lives in memory, in this process; its clock stands at the recorded moments, and slow
answers come at once.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, unquote_to_bytes
from wsgiref.types import WSGIEnvironment

from bridge.errors import ConfigError
from bridge.rehearsal.accounts import all_accounts, client, settle
from bridge.rehearsal.application import Application
from bridge.rehearsal.clock import Clock
from bridge.rehearsal.observers import Exchange
from bridge.rehearsal.recording.bindings import Bindings
from bridge.rehearsal.recording.bodies import (
    Json,
    media_type,
    read_body,
    read_form,
    write_body,
    write_form,
)
from bridge.rehearsal.recording.recorder import VERSION
from bridge.rehearsal.state import State
from bridge.rehearsal.world import World

_MEMBERS = frozenset({"moment", "method", "target", "headers", "body", "answer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One exchange, run again.

    Attributes:
        number: Line of the recording, the first exchange is 2.
        request: Method and target as recorded.
        differences: Where the answer differs, for people; empty when it does not.
    """

    number: int
    request: str
    differences: tuple[str, ...]


def replay(path: Path) -> Iterator[Replayed]:
    """Run a recording again and yield each exchange. A last line cut off by a kill is left out.

    Raises:
        ConfigError: The file is no recording of this version.
    """
    start, lines = _read(path)
    stage = _Stage(start)
    try:
        for number, line in lines:
            differences = stage.play(line)
            request = f"{line['method']} {line['target']}"
            yield Replayed(number=number, request=request, differences=tuple(differences))
    finally:
        stage.close()


def _read(path: Path) -> tuple[Json, list[tuple[int, Json]]]:
    try:
        raw = path.read_text("utf-8")
        texts = raw.splitlines()
        if raw and not raw.endswith("\n"):
            texts.pop()
        start, *lines = (json.loads(text) for text in texts)
        version = start["recording"]
        is_whole = all(line.keys() >= _MEMBERS for line in lines)
    except OSError as error:
        raise ConfigError(f"the recording cannot be read: `{path}`") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ConfigError(f"not a recording of the rehearsal Google: `{path}`") from error
    if not is_whole:
        raise ConfigError(f"not a recording of the rehearsal Google: `{path}`")
    if version != VERSION:
        raise ConfigError(f"a recording of another version ({version}): `{path}`")
    return start, list(enumerate(lines, start=2))


def _start_response(
    _status: str, _headers: list[tuple[str, str]], _error: object = None, /
) -> Callable[[bytes], object]:
    """Take the head of an answer, which an observer is told as well."""
    return bytes


class _Stage:
    """A fresh rehearsal set up as the recorded one began."""

    def __init__(self, start: Json) -> None:
        self._moment = int(start["moment"])
        self._bindings = Bindings()
        self._told: list[Exchange] = []
        self._world = World(
            state=State(),
            clock=Clock(self._now),
            redirect_uris=tuple(start["redirect_uris"]),
            allow_http_push=bool(start["allow_http_push"]),
        )
        # Whatever would wait, need not.
        self._world.stopping.set()
        self._world.observers.add(self._told.append)
        self._application = Application(self._world)
        emails = tuple(account["email"] for account in start["accounts"])
        zones = {each["email"].lower(): each["timezone"] for each in start["accounts"]}
        settle(self._world, emails, zones=zones)
        self._bind(start)

    def close(self) -> None:
        self._world.state.close()

    def play(self, line: Json) -> list[str]:
        """Run an exchange and return where its answer differs."""
        self._moment = int(line["moment"])
        content, kind = write_body(self._body(line["body"]))
        self._application(self._environment(line, content, kind), _start_response)
        return self._compare(line["answer"], self._told.pop())

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._moment / 1000, tz=UTC)

    def _bind(self, start: Json) -> None:
        known = client(self._world)
        pairs = [
            (start["client_id"], known.client_id),
            (start["client_secret"], known.client_secret),
        ]
        for recorded, now in zip(start["accounts"], all_accounts(self._world), strict=True):
            pairs.append((recorded["access_token"], now.access_token))
            pairs += zip(recorded["calendars"], now.calendars, strict=True)
        for one, other in pairs:
            self._bindings.bind(one, other)

    def _body(self, body: Json | None) -> Json | None:
        if body is None or "length" in body:
            return body
        if "parts" not in body:
            return {name: self._bindings.now(value) for name, value in body.items()}
        parts = []
        for part in body["parts"]:
            method, _, target = part["line"].partition(" ")
            line = f"{method} {self._target(target)} HTTP/1.1" if target else part["line"]
            headers = self._headers(part["headers"])
            parts.append(
                {**part, "line": line, "headers": headers, "body": self._body(part["body"])}
            )
        return {"parts": parts}

    def _target(self, target: str) -> str:
        path, _, query = target.partition("?")
        segments = (
            quote(self._bindings.now(unquote(segment)), safe="") for segment in path.split("/")
        )
        joined = "/".join(segments)
        if not query:
            return joined
        return f"{joined}?{write_form(self._bindings.now(read_form(query)))}"

    def _headers(self, headers: Json) -> dict[str, str]:
        shown = {name: str(self._bindings.now(value)) for name, value in headers.items()}
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            plain = ":".join(self._bindings.now(each) for each in credentials.split(":"))
            shown["authorization"] = f"Basic {base64.b64encode(plain.encode()).decode()}"
        return shown

    def _environment(self, line: Json, content: bytes, kind: str) -> WSGIEnvironment:
        target = self._target(line["target"])
        path, _, query = target.partition("?")
        environment: dict[str, Any] = {
            "REQUEST_METHOD": line["method"],
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "REQUEST_URI": target,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(content),
        }
        for name, value in self._headers(line["headers"]).items():
            environment[f"HTTP_{name.upper().replace('-', '_')}"] = value
        environment.pop("HTTP_CONTENT_TYPE", None)
        recorded = line["headers"].get("content-type", "")
        # The boundary of a batch is the replay's; a form without its media type is none.
        if recorded:
            environment["CONTENT_TYPE"] = kind if media_type(kind) == recorded else recorded
        return environment

    def _compare(self, recorded: Json, exchange: Exchange) -> list[str]:
        headers = {name.lower(): value for name, value in exchange.answer_headers}
        if exchange.status != recorded["status"]:
            return [f"recorded status {recorded['status']}, now {exchange.status}"]
        kind = media_type(headers.get("content-type", ""))
        found = [] if kind == recorded["type"] else [f"recorded {recorded['type']}, now {kind}"]
        found += self._compare_location(recorded["location"], headers.get("location", ""))
        body = read_body(headers.get("content-type", ""), exchange.answer_body)
        return found + self._compare_bodies(recorded["body"], body)

    def _compare_location(self, recorded: str, now: str) -> list[str]:
        address, _, query = recorded.partition("?")
        address_now, _, query_now = now.partition("?")
        if self._target(address) != self._target(address_now) and address != address_now:
            return [f"recorded redirect to {address}, now to {address_now}"]
        return self._bindings.differences(
            dict(read_form(query)), dict(read_form(query_now)), where="location"
        )

    def _compare_bodies(self, recorded: Json | None, now: Json | None) -> list[str]:
        match recorded, now:
            case {"parts": parts}, {"parts": parts_now}:
                if len(parts) != len(parts_now):
                    return [f"recorded {len(parts)} parts, now {len(parts_now)}"]
                return [
                    f"part {number}: {difference}"
                    for number, (one, other) in enumerate(zip(parts, parts_now, strict=True))
                    for difference in self._compare_parts(one, other)
                ]
            case {"length": _}, {"length": _}:
                return []
            case _:
                return self._bindings.differences(recorded, now)

    def _compare_parts(self, recorded: Json, now: Json) -> list[str]:
        status = recorded["line"].split()[1]
        status_now = now["line"].split()[1]
        if status != status_now:
            return [f"recorded status {status}, now {status_now}"]
        return self._compare_bodies(recorded["body"], now["body"])
