"""`DAV:current-user-privilege-set`, true to the letters of the rights (RFC 3744 section 5.5)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from radicale_plugin.resources import Kind

if TYPE_CHECKING:
    from radicale_plugin.resources import Resource


def privileges_of(resource: Resource) -> str:
    """Return what the user may do with a resource, as `DAV:privilege` elements."""
    return _told(resource.kind, resource.rights)


@lru_cache(maxsize=256)
def _told(kind: Kind, rights: str) -> str:
    names = _in_calendar(kind, rights) if kind in (Kind.CALENDAR, Kind.OBJECT) else _above(rights)
    return "".join(f"<D:privilege><{name}/></D:privilege>" for name in names)


def _in_calendar(kind: Kind, rights: str) -> list[str]:
    """Return the privileges on a calendar, or on what is in it.

    `DAV:write` stands for all that write (RFC 3744 section 3.2), so it is told only with all.
    """
    names = []
    if "r" in rights:
        names += ["D:read", "D:read-current-user-privilege-set"]
    if kind is Kind.CALENDAR and ("r" in rights or "f" in rights):
        names.append("C:read-free-busy")
    if "w" not in rights:
        return names
    if kind is Kind.OBJECT:
        return [*names, "D:write", "D:write-content"]
    if "l" not in rights:
        names += ["D:write", "D:write-properties"]
    return [*names, "D:write-content", "D:bind", "D:unbind"]


def _above(rights: str) -> list[str]:
    """Return the privileges on the root or a home; who writes there makes calendars."""
    names = ["D:read", "D:read-current-user-privilege-set"] if "R" in rights else []
    return [*names, "D:bind", "D:unbind"] if "W" in rights else names
