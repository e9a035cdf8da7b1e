"""Bodies as data that can be written down and sent again: JSON, forms, the parts of a batch.

What cannot be read is remembered by its length alone.
"""

from __future__ import annotations

import json
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, urlencode

Json = dict[str, Any]

BOUNDARY = "recorded"
_DEEPEST = 60
_FORM = "application/x-www-form-urlencoded"
_BATCH = "multipart/mixed"


def media_type(content_type: str) -> str:
    """Return a media type without its parameters, "" when there is none."""
    return content_type.partition(";")[0].strip().lower()


def read_body(content_type: str, content: bytes) -> Json | None:
    """Return a body as data, None for an empty one.

    Returns:
        `{"json": value}`, `{"form": [[name, value]]}`, `{"parts": [{"id", "line", "headers",
        "body"}]}` or `{"length": bytes}`.
    """
    if not content:
        return None
    kind = media_type(content_type)
    if kind == _BATCH:
        return _read_parts(content_type, content)
    try:
        # First, as the API reads JSON whatever it is called.
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        if kind == _FORM:
            return {"form": read_form(content.decode("utf-8", "replace"))}
    else:
        if _is_shallow(value):
            return {"json": value}
    return {"length": len(content)}


def _is_shallow(value: Any) -> bool:
    """Return whether a value is nested no deeper than anything the API knows, by far."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return True
    return False


def read_form(text: str) -> list[list[str]]:
    """Return the names and values of a form or query."""
    return [[name, value] for name, value in parse_qsl(text, keep_blank_values=True)]


def write_form(pairs: list[list[str]]) -> str:
    """Return a form or query as text."""
    return urlencode([(name, value) for name, value in pairs], errors="surrogatepass")


def write_body(body: Json | None) -> tuple[bytes, str]:
    """Return the bytes of a body and their media type, "" for none."""
    match body:
        case None:
            return b"", ""
        case {"json": value}:
            return json.dumps(value).encode(), "application/json"
        case {"form": pairs}:
            return write_form(pairs).encode(), _FORM
        case {"parts": parts}:
            pieces = [_write_part(part) for part in parts]
            return b"".join([*pieces, f"--{BOUNDARY}--\r\n".encode()]), (
                f"{_BATCH}; boundary={BOUNDARY}"
            )
        case _:
            # No JSON, no form, no batch, but as many bytes.
            return b"x" * int(body["length"]), "application/octet-stream"


def _read_parts(content_type: str, content: bytes) -> Json:
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + content)
    parts = message.get_payload()
    if not message.is_multipart() or not isinstance(parts, list):
        return {"length": len(content)}
    return {"parts": [_read_part(part) for part in parts if isinstance(part, Message)]}


def _read_part(part: Message) -> Json:
    payload = part.get_payload(decode=True)
    raw = payload.lstrip(b"\r\n") if isinstance(payload, bytes) else b""
    line, _, rest = raw.partition(b"\n")
    head, _, content = rest.partition(b"\r\n\r\n" if b"\r\n\r\n" in rest else b"\n\n")
    if rest[:1] in (b"\r", b"\n"):
        head, content = b"", rest.lstrip(b"\r\n")
    own = BytesParser(policy=HTTP).parsebytes(head.strip() + b"\r\n\r\n", headersonly=True)
    headers = {name.lower(): str(value) for name, value in own.items()}
    return {
        "id": str(part.get("Content-ID") or ""),
        "line": line.decode("latin-1").strip(),
        "headers": headers,
        "body": read_body(headers.get("content-type", ""), content.strip()),
    }


def _write_part(part: Json) -> bytes:
    content, _ = write_body(part["body"])
    lines = [f"--{BOUNDARY}", "Content-Type: application/http"]
    if part["id"]:
        lines.append(f"Content-ID: {part['id']}")
    lines += [
        "",
        part["line"],
        *(f"{name}: {value}" for name, value in part["headers"].items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + content + b"\r\n"
