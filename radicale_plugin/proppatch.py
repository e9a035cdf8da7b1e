"""PROPPATCH of a calendar (RFC 4918 section 9.2): all of it, or nothing."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import client
from typing import TYPE_CHECKING, Any

from bridge.domain.identifiers import ETag
from bridge.errors import InvalidInput
from radicale_plugin.dead_properties import XML_LANG, kept_value
from radicale_plugin.live_properties import calendar_of
from radicale_plugin.multistatus import href_of, response, status_line, tags
from radicale_plugin.part import MINIMAL, DavPart, answer, wants_minimal
from radicale_plugin.preconditions import Preconditions
from radicale_plugin.property_plan import protected_names
from radicale_plugin.refusals import Forbidden
from radicale_plugin.resources import Kind, Resource

if TYPE_CHECKING:
    from radicale.types import WSGIEnviron, WSGIResponse

    from radicale_plugin.limits import DavLimits

_UPDATE, _SET, _REMOVE, _PROP = (
    "{DAV:}propertyupdate",
    "{DAV:}set",
    "{DAV:}remove",
    "{DAV:}prop",
)
_PROTECTED = "<D:error><D:cannot-modify-protected-property/></D:error>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One instruction.

    Attributes:
        name: Clark name of the property.
        value: Of `kept_value`; None to take the property away.
    """

    name: str
    value: str | None


def read_changes(root: ET.Element) -> tuple[Change, ...]:
    """Read a `DAV:propertyupdate`, its instructions in the order of the document.

    Raises:
        InvalidInput: It is none, or changes nothing.
    """
    if root.tag != _UPDATE:
        raise InvalidInput("the body is no propertyupdate")
    changes = tuple(_changes(root))
    if not changes:
        raise InvalidInput("the propertyupdate changes nothing")
    return changes


def _changes(root: ET.Element) -> Iterator[Change]:
    outermost = root.get(XML_LANG, "")
    for instruction in root:
        if instruction.tag not in (_SET, _REMOVE):
            continue
        language = instruction.get(XML_LANG, outermost)
        for prop in instruction.findall(_PROP):
            inner = prop.get(XML_LANG, language)
            for child in prop:
                value = kept_value(child, language=inner) if instruction.tag == _SET else None
                yield Change(name=child.tag, value=value)


def changed(present: Mapping[str, str], changes: tuple[Change, ...]) -> dict[str, str]:
    """Return the properties that the changes leave."""
    kept = dict(present)
    for change in changes:
        kept.pop(change.name, None)
        if change.value is not None:
            kept[change.name] = change.value
    return kept


def failures(
    changes: tuple[Change, ...], kept: Mapping[str, str], limits: DavLimits
) -> dict[str, int]:
    """Return the status of each property that cannot be changed, by Clark name.

    Args:
        changes: What is asked.
        kept: What they would leave.
        limits: How much a client may leave.
    """
    protected = protected_names(Kind.CALENDAR)
    many = len(kept) > limits.max_properties
    failed = {}
    for change in changes:
        size = len((change.value or "").encode())
        if change.name in protected:
            failed[change.name] = client.FORBIDDEN
        elif change.value is not None and (many or size > limits.max_property_bytes):
            failed[change.name] = client.INSUFFICIENT_STORAGE
    return {name: int(status) for name, status in failed.items()}


def told(changes: tuple[Change, ...], failed: Mapping[str, int]) -> str:
    """Return the propstats: what failed, and that all else failed for it."""
    rest = client.FAILED_DEPENDENCY if failed else client.OK
    by_status: dict[int, list[str]] = {}
    for name in dict.fromkeys(change.name for change in changes):
        by_status.setdefault(failed.get(name, int(rest)), []).append(tags(name)[2])
    return "".join(
        f"<D:propstat><D:prop>{''.join(names)}</D:prop>{status_line(status)}"
        f"{_PROTECTED if status == client.FORBIDDEN else ''}</D:propstat>"
        for status, names in by_status.items()
    )


class ProppatchPart(DavPart):
    """Answers PROPPATCH."""

    def do_PROPPATCH(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Set and remove properties that clients may leave on a calendar.

        Raises:
            BridgeError: The request is refused as a whole.
        """
        del request_info
        root = self._xml(environ)
        if root is None:
            raise InvalidInput("a PROPPATCH has a body")
        changes = read_changes(root)
        with self._storage.acquire_lock("w", user, path=path, request="PROPPATCH", actor=user):
            resource = self._resource(path, user, user_groups)
            if not _may_change(resource):
                raise Forbidden
            calendar = calendar_of(resource)
            Preconditions.of(environ).check(ETag(calendar.etag.strip('"')))
            kept = changed(calendar.stored.properties, changes)
            failed = failures(changes, kept, self._limits)
            if not failed:
                calendar.set_properties(kept)
        if wants_minimal(environ) and not failed:
            return client.OK, {"Preference-Applied": MINIMAL}, None, None
        href = href_of(base_prefix, resource.path)
        return answer([response(href, told(changes, failed))])


def _may_change(resource: Resource) -> bool:
    rights = resource.rights
    return resource.kind is Kind.CALENDAR and "w" in rights and "l" not in rights
