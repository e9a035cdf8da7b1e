"""The recorder: an observer that writes every exchange down, one JSON object a line.

The first line says how the rehearsal began. Each line is on the disk before its answer leaves. What
only looks on (`GET` below `/_rehearsal/`) is not recorded. Requests that were answered at the same
time stand in the order of their answers, which need not be that of their writes.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from urllib.parse import quote, unquote, urlsplit

from bridge.errors import ConfigError
from bridge.rehearsal.accounts import all_accounts, client
from bridge.rehearsal.api.dispatch import BASE, find_method
from bridge.rehearsal.observers import Exchange
from bridge.rehearsal.recording.anonymiser import Anonymiser
from bridge.rehearsal.recording.bodies import Json, media_type, read_body, read_form, write_form
from bridge.rehearsal.recording.vocabulary import SEGMENTS, choices
from bridge.rehearsal.world import World

VERSION = 1
_MEDIA = frozenset(
    {
        "application/json", "application/x-www-form-urlencoded", "multipart/mixed", "text/html",
        "text/css", "multipart/form-data", "text/plain", "application/octet-stream",
    }
)  # fmt: skip
_SEEN_HEADERS = ("content-type", "authorization", "if-match", "if-none-match")
_FOREIGN = "elsewhere.invalid"
_CODINGS = ("", "identity", "gzip", "deflate", "br")
_OVERRIDE = "x-http-method-override"


class Recorder:
    """Writes a recording; call it with each exchange.

    Args:
        path: The new file, readable by its owner alone.
        world: The rehearsal, before its first exchange.

    Raises:
        ConfigError: The file exists, or cannot be made.
    """

    def __init__(self, path: Path, world: World) -> None:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise ConfigError(
                f"the recording exists: `{path}`", hint="choose a new file with `--record`"
            ) from error
        except OSError as error:
            raise ConfigError(f"the recording cannot be written: `{path}`") from error
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        self._anonymiser = Anonymiser()
        self._write(self._start(world))

    def __call__(self, exchange: Exchange) -> None:
        """Write an exchange, durably."""
        path, _, query = exchange.target.partition("?")
        if path.startswith("/_rehearsal/") and exchange.method == "GET":
            return
        headers = {name.lower(): value for name, value in exchange.request_headers}
        answer_headers = {name.lower(): value for name, value in exchange.answer_headers}
        body = read_body(headers.get("content-type", ""), exchange.request_body)
        answered = read_body(answer_headers.get("content-type", ""), exchange.answer_body)
        self._write(
            {
                "moment": exchange.moment,
                "method": self._method(exchange.method),
                "target": self._target(headers.get(_OVERRIDE, exchange.method), path, query),
                "headers": self._headers(headers),
                "body": self._body(body),
                "fault": exchange.fault,
                "answer": {
                    "status": exchange.status,
                    "type": _known_media(answer_headers.get("content-type", "")),
                    "location": self._location(answer_headers.get("location", "")),
                    "body": self._body(answered),
                },
            }
        )

    def close(self) -> None:
        """End the recording."""
        self._file.close()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, line: Json) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _start(self, world: World) -> Json:
        known, hide = client(world), self._anonymiser
        return {
            "recording": VERSION,
            "moment": world.clock.source_milliseconds(),
            "client_id": hide.text("client_id", known.client_id),
            "client_secret": hide.text("client_secret", known.client_secret),
            "redirect_uris": [hide.redirect(address) for address in world.redirect_uris],
            "allow_http_push": world.allow_http_push,
            "accounts": [
                {
                    "email": hide.text("email", account.email),
                    "timezone": hide.text("timezone", account.zone),
                    "access_token": hide.text("access_token", account.access_token),
                    "calendars": [hide.text("id", each) for each in account.calendars],
                }
                for account in all_accounts(world)
            ],
        }

    def _method(self, method: str) -> str:
        return method if method in choices() else self._anonymiser.stand_ins.text(method)

    def _target(self, method: str, path: str, query: str) -> str:
        shown = self._path(method.upper(), path)
        return f"{shown}?{write_form(self._anonymiser.pairs(read_form(query)))}" if query else shown

    def _path(self, method: str, path: str) -> str:
        found = find_method(method, path) if path.startswith(BASE) else None
        hide = self._anonymiser
        if found is None:
            return "/".join(self._segment(segment) for segment in path.split("/"))
        shown = found[0].template
        for name, value in found[1].items():
            shown = shown.replace(f"{{{name}}}", quote(hide.text(name, value), safe=""))
        return BASE + shown

    def _segment(self, segment: str) -> str:
        if segment in SEGMENTS:
            return segment
        return quote(self._anonymiser.stand_ins.identifier(unquote(segment)), safe="")

    def _headers(self, headers: dict[str, str]) -> Json:
        shown: Json = {}
        hide = self._anonymiser
        for name in _SEEN_HEADERS:
            value = headers.get(name, "")
            if name == "content-type":
                value = _known_media(value)
            elif name == "authorization":
                value = hide.authorization(value)
            else:
                value = hide.etags(value)
            if value:
                shown[name] = value
        shown |= _origin(headers)
        coding = headers.get("content-encoding", "").lower()
        if coding:
            shown["content-encoding"] = coding if coding in _CODINGS else "other"
        if _OVERRIDE in headers:
            shown[_OVERRIDE] = self._method(headers[_OVERRIDE])
        return shown

    def _body(self, body: Json | None) -> Json | None:
        match body:
            case {"json": value}:
                return {"json": self._anonymiser.value("", value)}
            case {"form": pairs}:
                return {"form": self._anonymiser.pairs(pairs)}
            case {"parts": parts}:
                return {"parts": [self._part(part, number) for number, part in enumerate(parts)]}
            case _:
                return body

    def _part(self, part: Json, number: int) -> Json:
        words = part["line"].split()
        headers = {str(name).lower(): str(value) for name, value in part["headers"].items()}
        if words and words[0].startswith("HTTP/") and words[1:] and words[1].isdigit():
            line = f"HTTP/1.1 {words[1]}"
        elif len(words) > 1:
            path, _, query = words[1].partition("?")
            method = headers.get(_OVERRIDE, words[0])
            line = f"{self._method(words[0])} {self._target(method, path, query)}"
        else:
            line = self._anonymiser.stand_ins.text(part["line"])
        return {
            # Ids of a batch only say which answer belongs to which call.
            "id": f"<part-{number}>" if part["id"] else "",
            "line": line,
            "headers": self._headers(headers),
            "body": self._body(part["body"]),
        }

    def _location(self, location: str) -> str:
        address, _, query = location.partition("?")
        if address.startswith("/"):
            return self._target("GET", address, query)
        shown = self._anonymiser.redirect(address)
        return f"{shown}?{write_form(self._anonymiser.pairs(read_form(query)))}" if query else shown


def _origin(headers: dict[str, str]) -> Json:
    """Tell of another host or site only that it is another one."""
    shown: Json = {}
    host, origin = headers.get("host", ""), headers.get("origin", "")
    name = urlsplit(f"//{host}").hostname if host.isascii() else None
    if host and name not in ("localhost", "127.0.0.1"):
        shown["host"] = _FOREIGN
    if origin and origin != f"http://{host}":
        shown["origin"] = f"http://{_FOREIGN}"
    return shown


def _known_media(content_type: str) -> str:
    kind = media_type(content_type)
    return kind if kind in _MEDIA or not kind else "application/octet-stream"
