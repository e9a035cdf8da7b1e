"""`/calendars/<secret>.ics`: a subscription link's file, for programs without a sign-in.

A small WSGI application beside the pages: it knows no session, and every address it does not
serve, unknown or revoked, gets the same 404. The secret is logged nowhere.
"""

from __future__ import annotations

import gzip
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Request, Response

from bridge.application.calendar_links import CalendarFile, CalendarLinks, FileVersion
from bridge.errors import SignInThrottled, StoreBusy

PREFIX = "/calendars/"
SUFFIX = ".ics"
BUSY_SECONDS = 2
"""What `Retry-After` says when the database is busy."""

_METHODS = ("GET", "HEAD")
_WORTH_PACKING = 512
_GZIP_LEVEL = 5
_HARDENING = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class CalendarFiles:
    """The WSGI application below `PREFIX`."""

    def __init__(self, links: CalendarLinks) -> None:
        self._links = links

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        response = self._answer(Request(environ))
        response.headers.extend(_HARDENING)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method not in _METHODS:
            return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": ", ".join(_METHODS)})
        secret = request.path.removeprefix(PREFIX).removesuffix(SUFFIX)
        if request.path != f"{PREFIX}{secret}{SUFFIX}":
            secret = ""
        try:
            file = self._links.read(
                secret,
                address=request.remote_addr or "",
                known=lambda version: _has(request, version),
            )
        except SignInThrottled as error:
            wait = max(1, math.ceil(error.retry_after))
            return _refusal(HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(wait)})
        except StoreBusy:
            wait = BUSY_SECONDS
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(wait)})
        return _refusal(HTTPStatus.NOT_FOUND, {}) if file is None else _served(request, file)


def _has(request: Request, version: FileVersion) -> bool:
    """Whether the subscriber has this version (RFC 9110 sections 13.1.2 and 13.1.3)."""
    if request.if_none_match:
        return request.if_none_match.contains_weak(version.etag)
    since: datetime | None = request.if_modified_since
    # Equal, not later: a restored backup has an earlier time and other contents.
    return since is not None and since == version.modified_at


def _served(request: Request, file: CalendarFile) -> Response:
    response = Response(content_type="text/calendar; charset=utf-8")
    # Weak, as the packed and the plain file share it.
    response.set_etag(file.version.etag, weak=True)
    if file.version.modified_at is not None:
        response.last_modified = file.version.modified_at
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    if file.text is None:
        response.status_code = HTTPStatus.NOT_MODIFIED
        del response.headers["Content-Type"]
        return response
    body = file.text.encode()
    if len(body) >= _WORTH_PACKING and request.accept_encodings["gzip"] > 0:
        body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Disposition"] = 'attachment; filename="activities.ics"'
    response.set_data(body)
    return response


def _refusal(status: HTTPStatus, headers: dict[str, str]) -> Response:
    told = {"Cache-Control": "no-store", **headers}
    return Response(f"{status.phrase}\n", status, told, content_type="text/plain; charset=utf-8")
