"""One port: pages, DAV tree and health checks side by side (contract section 4).

Clients look for CalDAV at `/.well-known/caldav` (RFC 6764 section 5) or at `/`. Both lead to the
DAV tree by a redirect; for other methods than GET by one that keeps method and body.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from bridge.config.settings import PUSH_PATH

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Readiness = Callable[[], dict[str, str]]
"""Returns `ok` or what is wrong, by the name of what was looked at."""

WELL_KNOWN = "/.well-known/caldav"
CALENDAR_FILES = "/calendars/"
_DAV_METHODS = frozenset({"PROPFIND", "PROPPATCH", "REPORT", "OPTIONS"})
_DATES = ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_RANGE")
_OK = "ok"


class Front:
    """Sends each request to the application it is for."""

    def __init__(  # noqa: PLR0913  # the applications, each by its name
        self,
        *,
        pages: WsgiApplication,
        calendar_files: WsgiApplication,
        google_push: WsgiApplication,
        dav: WsgiApplication,
        readiness: Readiness,
        prefix: str,
    ) -> None:
        """Take the applications.

        Args:
            pages: Everything that is not named here.
            calendar_files: What is below `/calendars/`.
            google_push: What Google sends.
            dav: The DAV tree; gets paths with its prefix.
            readiness: Asked by `/readyz`.
            prefix: Path of the DAV tree, without a slash at the end.
        """
        self._pages = pages
        self._calendar_files = calendar_files
        self._by_path = {
            PUSH_PATH: google_push,
            "/healthz": _alive,
            "/readyz": self._ready,
        }
        self._dav = dav
        self._readiness = readiness
        self._prefix = prefix

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if path == self._prefix or path.startswith(f"{self._prefix}/"):
            return self._dav(environ, start_response)
        if path.rstrip("/") == WELL_KNOWN or (path in {"", "/"} and method in _DAV_METHODS):
            return self._to_dav(method, start_response)
        if path.startswith(CALENDAR_FILES):
            return self._calendar_files(_readable(environ), start_response)
        own = self._by_path.get(path)
        if own is not None:
            return own(environ, start_response)
        return self._pages(_readable(environ), start_response)

    def _to_dav(self, method: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
        moved = method in {"GET", "HEAD"}
        status = HTTPStatus.MOVED_PERMANENTLY if moved else HTTPStatus.TEMPORARY_REDIRECT
        headers = [("Location", f"{self._prefix}/"), ("Content-Length", "0")]
        start_response(f"{status.value} {status.phrase}", headers)
        return [b""]

    def _ready(
        self, _environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        found = self._readiness()
        ready = all(word == _OK for word in found.values())
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return _answer(start_response, status, found)


def _readable(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the request without dates that are beyond all clocks.

    A date that is none is to be ignored (RFC 9110 section 13.1.3); werkzeug fails on such a year.
    """
    return {
        name: value
        for name, value in environ.items()
        if name not in _DATES or not _is_beyond_clocks(str(value))
    }


def _is_beyond_clocks(date: str) -> bool:
    try:
        parsedate_to_datetime(date)
    except OverflowError:
        return True
    except ValueError:
        return False  # an ETag, or what werkzeug knows for no date itself
    return False


def _alive(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    return _answer(start_response, HTTPStatus.OK, {"status": _OK})


def _answer(
    start_response: Callable[..., Any], status: HTTPStatus, value: dict[str, str]
) -> Iterable[bytes]:
    body = json.dumps(value).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
