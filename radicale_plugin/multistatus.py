"""A `DAV:multistatus` as text (RFC 4918 section 13).

Answers with thousands of rows are put together as strings: a tree of elements would cost several
times what finding the rows costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import client
from urllib.parse import quote

from radicale_plugin.limits import DEFAULT_LIMITS
from radicale_plugin.refusals import Refusal
from radicale_plugin.vocabulary import NAMESPACE

PREFIXES = {
    "DAV:": "D",
    "urn:ietf:params:xml:ns:caldav": "C",
    "http://calendarserver.org/ns/": "CS",
    "http://apple.com/ns/ical/": "I",
    "https://bitfire.at/webdav-push": "P",
    NAMESPACE: "X",
}
"""Namespaces that every multistatus declares; fragments may use these prefixes."""

CONTENT_TYPE = "application/xml; charset=utf-8"

_UNQUOTED = re.compile(r"[A-Za-z0-9_.~/-]*").fullmatch
_DECLARATIONS = "".join(f' xmlns:{prefix}="{uri}"' for uri, prefix in PREFIXES.items())
_HEAD = f'<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus{_DECLARATIONS}>'
_FOOT = "</D:multistatus>"


def escaped(text: str) -> str:
    """Return text as it stands inside an element; carriage returns survive the parser.

    The two characters that no XML can hold, which other programs may have written, are replaced.
    """
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:
        text = text.replace("\r", "&#13;")
    if not text.isascii() and ("\ufffe" in text or "\uffff" in text):
        text = text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    return text


def attribute(text: str) -> str:
    """Return text as it stands inside a double-quoted attribute."""
    return escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def href_of(base_prefix: str, path: str) -> str:
    """Return a path as it stands in a `DAV:href`, quoted as Radicale quotes it.

    Args:
        base_prefix: What stands before all paths, as in `/dav`.
        path: Decoded, with its slashes.
    """
    whole = base_prefix + path
    # What quote() leaves alone needs no escaping, and mostly that is all of it.
    return whole if _UNQUOTED(whole) else quote(whole)


def tags(name: str) -> tuple[str, str, str]:
    """Return the opening, closing and empty tag of a Clark name."""
    uri, brace, local = name[1:].partition("}") if name.startswith("{") else ("", "", name)
    prefix = PREFIXES.get(uri)
    if prefix is not None:
        return f"<{prefix}:{local}>", f"</{prefix}:{local}>", f"<{prefix}:{local}/>"
    if not brace:
        return f"<{local}>", f"</{local}>", f"<{local}/>"
    opened = f'x:{local} xmlns:x="{attribute(uri)}"'
    return f"<{opened}>", f"</x:{local}>", f"<{opened}/>"


def element(name: str, inner: str) -> str:
    """Return an element with what is in it, given as XML."""
    opening, closing, empty = tags(name)
    return f"{opening}{inner}{closing}" if inner else empty


def status_line(code: int) -> str:
    """Return a `DAV:status` element."""
    return f"<D:status>HTTP/1.1 {code:d} {client.responses[code]}</D:status>"


FOUND = f"</D:prop>{status_line(client.OK)}</D:propstat>"
"""What ends a propstat of properties that are there."""

_ABSENT = f"</D:prop>{status_line(client.NOT_FOUND)}</D:propstat>"


def propstats(found: str, absent: str) -> str:
    """Return the propstat elements of one response.

    Args:
        found: Elements of the properties with a value.
        absent: Empty elements of those without; "" when there are none or nobody wants to know.
    """
    if not absent:
        return f"<D:propstat><D:prop>{found}{FOUND}"
    if not found:
        return f"<D:propstat><D:prop>{absent}{_ABSENT}"
    return f"<D:propstat><D:prop>{found}{FOUND}<D:propstat><D:prop>{absent}{_ABSENT}"


def response(href: str, inner: str) -> str:
    """Return a response.

    Args:
        href: Of `href_of`.
        inner: Propstats, or a status.
    """
    return f"<D:response><D:href>{href}</D:href>{inner}</D:response>"


def multistatus(
    responses: Iterable[str], *, tail: str = "", most: int = DEFAULT_LIMITS.max_answer_bytes
) -> bytes:
    """Return the whole document.

    Args:
        responses: Of `response`.
        tail: What follows them, such as a sync token.
        most: The most characters that all responses may have.

    Raises:
        Refusal: They have more; names nobody has, asked of thousands of objects, have gigabytes.
    """
    told, size = [_HEAD], 0
    for each in responses:
        size += len(each)
        if size > most:
            raise Refusal(
                "the answer is too large; ask for fewer resources or properties at once",
                status=client.INSUFFICIENT_STORAGE,
                condition="D:number-of-matches-within-limits",
            )
        told.append(each)
    return "".join([*told, tail, _FOOT]).encode("utf-8", "xmlcharrefreplace")
