"""`/google/push`: where Google's push messages come in (threats 3.8, S11 to S13).

A small WSGI application beside the pages: it knows no session, reads no body, and logs no header.
Whatever is not a message over a channel of ours gets the same 404.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from bridge.application.google_messages import PushMessages, Reception
from bridge.domain.google_push import PushMessage
from bridge.errors import StoreError

MOST_BODY_BYTES = 4096
"""A message has no body; what is longer than this is none."""

RETRY_SECONDS = "2"

_STATUS = {
    Reception.TAKEN: HTTPStatus.NO_CONTENT,
    Reception.UNKNOWN: HTTPStatus.NOT_FOUND,
    # One of those after which Google sends a message again.
    Reception.LATER: HTTPStatus.SERVICE_UNAVAILABLE,
}


class GooglePush:
    """The WSGI application of the webhook."""

    def __init__(self, messages: PushMessages) -> None:
        self._messages = messages

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        status = self._status(environ)
        headers = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append(("Allow", "POST"))
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers.append(("Retry-After", RETRY_SECONDS))
        if status is not HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", "0"))
        start_response(f"{status.value} {status.phrase}", headers)
        return []

    def _status(self, environ: dict[str, Any]) -> HTTPStatus:
        if environ["REQUEST_METHOD"] != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED
        if _body_bytes(environ) > MOST_BODY_BYTES:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        try:
            return _STATUS[self._messages.receive(_message(environ))]
        except StoreError:
            return HTTPStatus.SERVICE_UNAVAILABLE


def _message(environ: dict[str, Any]) -> PushMessage:
    return PushMessage(
        channel_id=environ.get("HTTP_X_GOOG_CHANNEL_ID", ""),
        token=environ.get("HTTP_X_GOOG_CHANNEL_TOKEN", ""),
        resource_id=environ.get("HTTP_X_GOOG_RESOURCE_ID", ""),
        resource_state=environ.get("HTTP_X_GOOG_RESOURCE_STATE", ""),
    )


def _body_bytes(environ: dict[str, Any]) -> int:
    """Return how long the body is told to be; one in chunks is not told, and is never read."""
    told = environ.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isascii() and told.isdigit() else 0
