"""The XML we ask with, and the parts of a multistatus we understand.

Sources: RFC 4918 section 13 (multistatus), RFC 4791 section 7.9 (calendar-multiget), RFC 6578
sections 3.2 to 3.6 (sync-collection). Names are last path segments, percent-decoded once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from bridge.domain.identifiers import ETag, SyncToken
from bridge.errors import SideUnavailable
from bridge.ical.scanner import with_crlf

SIDE = "calendar"

_DAV = "{DAV:}"
_CALDAV = "{urn:ietf:params:xml:ns:caldav}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One calendar object resource as read.

    Attributes:
        text: Its calendar data, lines ended by CRLF.
    """

    etag: ETag
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPage:
    """One answer to a sync-collection report.

    Attributes:
        changed: Names of new and changed resources.
        removed: Names of those gone.
        token: For the next report.
        truncated: The server has more to tell; ask again with the token (RFC 6578 section 3.6).
    """

    changed: tuple[str, ...]
    removed: tuple[str, ...]
    token: SyncToken
    truncated: bool


def sync_request(token: SyncToken | None) -> str:
    """Return the body of a sync-collection report; None asks for everything."""
    root = ElementTree.Element(f"{_DAV}sync-collection")
    ElementTree.SubElement(root, f"{_DAV}sync-token").text = token or ""
    ElementTree.SubElement(root, f"{_DAV}sync-level").text = "1"
    ElementTree.SubElement(ElementTree.SubElement(root, f"{_DAV}prop"), f"{_DAV}getetag")
    return ElementTree.tostring(root, encoding="unicode")


def multiget_request(paths: Sequence[str]) -> str:
    """Return the body of a calendar-multiget report for these percent-encoded paths."""
    root = ElementTree.Element(f"{_CALDAV}calendar-multiget")
    wanted = ElementTree.SubElement(root, f"{_DAV}prop")
    ElementTree.SubElement(wanted, f"{_DAV}getetag")
    ElementTree.SubElement(wanted, f"{_CALDAV}calendar-data")
    for path in paths:
        ElementTree.SubElement(root, f"{_DAV}href").text = path
    return ElementTree.tostring(root, encoding="unicode")


def read_sync_page(multistatus: Any) -> SyncPage:
    """Read the answer to a sync-collection report.

    Args:
        multistatus: The parsed root element.

    Raises:
        SideUnavailable: It is no such answer.
    """
    changed, removed, truncated = [], [], False
    for response in _responses(multistatus):
        status, name = _status(response.find(f"{_DAV}status")), _name(response)
        if status == 507:  # noqa: PLR2004 - the reply is truncated
            truncated = True
        elif not name:
            continue
        elif status == 404:  # noqa: PLR2004 - the resource is gone
            removed.append(name)
        elif _etag(_found(response)):
            changed.append(name)
        else:
            raise _odd("a resource without an etag")
    token = multistatus.findtext(f"{_DAV}sync-token")
    if not token:
        raise _odd("no sync token")
    return SyncPage(
        changed=tuple(changed),
        removed=tuple(removed),
        token=SyncToken(token),
        truncated=truncated,
    )


def read_resources(multistatus: Any) -> Mapping[str, Resource | None]:
    """Read the answer to a calendar-multiget; None for a name the server says is not there.

    Args:
        multistatus: The parsed root element.

    Raises:
        SideUnavailable: It is no such answer, or a resource is told without its parts.
    """
    found: dict[str, Resource | None] = {}
    for response in _responses(multistatus):
        status = _status(response.find(f"{_DAV}status"))
        if status == 404:  # noqa: PLR2004 - the resource is gone
            found[_name(response)] = None
            continue
        properties = _found(response)
        etag, data = _etag(properties), properties.get(f"{_CALDAV}calendar-data")
        if not etag or not data:
            raise _odd("a resource without etag or data")
        # XML readers turn every line end into a bare line feed; iCalendar's is CRLF (RFC 5545 3.1).
        found[_name(response)] = Resource(etag=etag, text=with_crlf(data))
    return found


def unquoted(etag: str | None) -> ETag | None:
    """Return an entity tag without quotes; None for an absent or a weak one (RFC 9110 8.8.3)."""
    if not etag or etag.startswith("W/"):
        return None
    return ETag(etag.strip().strip('"'))


def _responses(multistatus: Any) -> Iterator[Any]:
    if multistatus is None or multistatus.tag != f"{_DAV}multistatus":
        raise _odd("no multistatus")
    yield from multistatus.iterfind(f"{_DAV}response")


def _name(response: Any) -> str:
    """Last path segment; "" for a collection."""
    path = urlsplit((response.findtext(f"{_DAV}href") or "").strip()).path
    return unquote(path.rpartition("/")[2])


def _found(response: Any) -> Mapping[str, str]:
    """Texts of the properties the server has, by qualified name."""
    properties: dict[str, str] = {}
    for propstat in response.iterfind(f"{_DAV}propstat"):
        if _status(propstat.find(f"{_DAV}status")) == 200:  # noqa: PLR2004 - OK
            for element in propstat.iterfind(f"{_DAV}prop/*"):
                properties[element.tag] = element.text or ""
    return properties


def _etag(properties: Mapping[str, str]) -> ETag | None:
    return unquoted(properties.get(f"{_DAV}getetag"))


def _status(element: Any) -> int | None:
    """Status code of a line such as `HTTP/1.1 404 Not Found`; None without one."""
    words = (element.text or "").split() if element is not None else []
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None


def _odd(what: str) -> SideUnavailable:
    return SideUnavailable(f"odd CalDAV answer: {what}", side=SIDE, reason="badAnswer")
