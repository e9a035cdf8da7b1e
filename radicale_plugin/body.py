"""Reading a request's body to a cap, however it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from http import client
from typing import Any

from bridge.errors import InvalidInput
from radicale_plugin.refusals import Refusal

_PIECE = 64 * 1024
_MOST_DIGITS = 15


def read_body(environ: Mapping[str, Any], *, cap: int) -> bytes:
    """Return the whole body.

    Radicale reads only what CONTENT_LENGTH announces, so that a chunked PUT would be empty to it.

    Args:
        environ: The WSGI environment.
        cap: The most bytes that are taken.

    Raises:
        Refusal: 413 when the body is larger (told by its length before a byte of it is read),
            415 when it is compressed.
        InvalidInput: The length is no number, or the body ends early.
    """
    body = _read_plain(environ, cap)
    # Refused only when it is read: what is left unread would cost the client its connection.
    if environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        raise Refusal("a compressed body is not taken", status=client.UNSUPPORTED_MEDIA_TYPE)
    return body


def _read_plain(environ: Mapping[str, Any], cap: int) -> bytes:
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return _read_to_end(environ["wsgi.input"], cap)
    length = _length(environ)
    if length > cap:
        raise _too_large(cap)
    return _read_exactly(environ["wsgi.input"], length) if length else b""


def _length(environ: Mapping[str, Any]) -> int:
    text = str(environ.get("CONTENT_LENGTH") or "0").strip()
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput("Content-Length is no number", field="Content-Length")
    return int(text) if len(text) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _read_exactly(stream: Any, length: int) -> bytes:
    pieces = []
    missing = length
    while missing:
        piece = _read(stream, min(missing, _PIECE))
        if not piece:
            raise InvalidInput("the body ends early")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _read_to_end(stream: Any, cap: int) -> bytes:
    pieces = []
    size = 0
    while piece := _read(stream, _PIECE):
        size += len(piece)
        if size > cap:
            raise _too_large(cap)
        pieces.append(piece)
    return b"".join(pieces)


def _read(stream: Any, size: int) -> bytes:
    try:
        piece: bytes = stream.read(size)
    except OSError as error:  # a cut connection, or a chunk that is none
        raise InvalidInput("the body cannot be read") from error
    return piece


def _too_large(cap: int) -> Refusal:
    return Refusal(
        f"a body of at most {cap} bytes is taken",
        status=client.REQUEST_ENTITY_TOO_LARGE,
        condition="C:max-resource-size",
    )
