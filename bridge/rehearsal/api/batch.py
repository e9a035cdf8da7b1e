"""Batches: many calls in one multipart request, each answered for itself.

Source: Google, "Send batch requests". Headers of the outer request apply to a part unless it has
its own; those about content and connection are its own alone. Parts are answered in order; in which
order they are carried out is not promised.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.client import responses

from bridge.rehearsal.api.call import ApiAnswer, ApiRequest
from bridge.rehearsal.api.dispatch import answer_request, find_method
from bridge.rehearsal.fault_answers import refusal
from bridge.rehearsal.faults import FaultKind
from bridge.rehearsal.google_error import bad_request
from bridge.rehearsal.request_log import RequestRecord
from bridge.rehearsal.world import World

BATCH_PATHS = frozenset({"/batch/calendar/v3", "/batch"})
_OWN_HEADERS = frozenset(
    {"host", "connection", "transfer-encoding", "accept-encoding", "x-http-method-override"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """The answer to a whole batch.

    Attributes:
        content_type: Media type with the boundary.
        content: Multipart body.
        parts: What was asked in each part, and how it ended.
    """

    content_type: str
    content: bytes
    parts: tuple[RequestRecord, ...]


def answer_batch(world: World, headers: Mapping[str, str], content: bytes) -> BatchAnswer:
    """Answer all parts of a batch, in one transaction with a savepoint for each.

    Args:
        world: The rehearsal.
        headers: Headers of the outer request, names in small letters.
        content: The multipart body.

    Raises:
        GoogleError: 400 for a body that is no batch, or one with too many parts.
    """
    parts = _split(headers.get("content-type", ""), content)
    if len(parts) > world.switches.batch_limit:
        raise bad_request(
            f"The batch request contains too many calls; the limit is {world.switches.batch_limit}."
        )
    boundary = f"batch_{secrets.token_urlsafe(16)}"
    pieces: list[bytes] = []
    records = []
    requests = [_request(part, headers) for part in parts]
    for part, request, (answer, fault) in zip(
        parts, requests, _carried_out(world, requests), strict=True
    ):
        piece = _piece(answer)
        pieces.append(_framed(piece, part.get("Content-ID", ""), boundary))
        records.append(record_of(request, answer, size=len(piece), fault=fault))
    pieces.append(f"--{boundary}--\r\n".encode())
    return BatchAnswer(
        content_type=f"multipart/mixed; boundary={boundary}",
        content=b"".join(pieces),
        parts=tuple(records),
    )


def record_of(
    request: ApiRequest, answer: ApiAnswer, *, size: int, fault: str = ""
) -> RequestRecord:
    """Return the log's record of one call."""
    return RequestRecord(
        method=sys.intern(request.method),
        # Most requests of a run go to few paths; the log holds many of them.
        path=sys.intern(request.path),
        query=request.query,
        status=answer.status,
        quota_units=answer.units,
        size=size,
        operation=answer.operation,
        user=sys.intern(answer.user),
        if_match=request.headers.get("if-match", ""),
        body=request.body.decode("utf-8", "replace"),
        fault=fault,
    )


def _split(content_type: str, content: bytes) -> list[Message]:
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + content)
    parts = message.get_payload()
    mixed = message.get_content_type() == "multipart/mixed"
    if not mixed or not message.is_multipart() or not isinstance(parts, list):
        raise bad_request("Failed to parse batch request, error: no multipart/mixed body.")
    return [part for part in parts if isinstance(part, Message)]


def _request(part: Message, outer: Mapping[str, str]) -> ApiRequest:
    payload = part.get_payload(decode=True)
    raw = payload.lstrip(b"\r\n") if isinstance(payload, bytes) else b""
    line, _, rest = raw.partition(b"\n")
    if rest[:1] in (b"\r", b"\n"):
        head, body = b"", rest.lstrip(b"\r\n")
    else:
        separator = b"\r\n\r\n" if b"\r\n\r\n" in rest else b"\n\n"
        head, _, body = rest.partition(separator)
    words = line.decode("latin-1").split()
    method, target = (words[0].upper(), words[1]) if len(words) > 1 else ("", "")
    headers = {name: value for name, value in outer.items() if _is_inherited(name)}
    own = BytesParser(policy=HTTP).parsebytes(head.strip() + b"\r\n\r\n", headersonly=True)
    headers |= {name.lower(): str(value) for name, value in own.items()}
    path, _, query = target.partition("?")
    return ApiRequest(
        method=method, path=path, query=query, headers=headers, body=body
    ).overridden()


def _carried_out(world: World, requests: Sequence[ApiRequest]) -> list[tuple[ApiAnswer, str]]:
    """Return the answer of each request and the kind of the fault that struck it, in order."""
    forward = world.switches.batch_order == "as_sent"
    with world.state.transaction():
        answers = [_struck(world, each) for each in (requests if forward else requests[::-1])]
    return answers if forward else answers[::-1]


def _struck(world: World, request: ApiRequest) -> tuple[ApiAnswer, str]:
    found = find_method(request.method, request.path)
    target = request.path + (f"?{request.query}" if request.query else "")
    listing = found is not None and found[0].is_listing
    fault = world.faults.strike_part(request.method, target, listing=listing)
    if fault is None:
        return _answered(world, request), ""
    if fault.kind is FaultKind.STATUS_AFTER:
        done = _answered(world, request)
        told = replace(done, status=fault.status, body=refusal(fault).body)
        return told, fault.kind.value
    return refusal(fault), fault.kind.value


def _is_inherited(name: str) -> bool:
    return not name.startswith("content-") and name not in _OWN_HEADERS


def _answered(world: World, request: ApiRequest) -> ApiAnswer:
    if not request.path.startswith("/"):
        error = bad_request("Failed to parse batch request, error: a part is no request to a path.")
    elif request.path in BATCH_PATHS:
        error = bad_request("Failed to parse batch request, error: a batch inside of a batch.")
    else:
        return answer_request(world, request)
    return ApiAnswer(status=error.code, body=error.body())


def _piece(answer: ApiAnswer) -> bytes:
    body = b""
    lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    if answer.body is not None:
        body = json.dumps(answer.body).encode()
        lines.append("Content-Type: application/json; charset=UTF-8")
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _framed(piece: bytes, identity: str, boundary: str) -> bytes:
    head = f"--{boundary}\r\nContent-Type: application/http\r\n"
    if identity:
        head += f"Content-ID: {_response_id(identity)}\r\n"
    return head.encode() + b"\r\n" + piece + b"\r\n"


def _response_id(identity: str) -> str:
    text = " ".join(identity.split())
    return f"<response-{text[1:]}" if text.startswith("<") else f"response-{text}"
