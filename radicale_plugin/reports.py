"""Which reports a resource answers (RFC 3253 section 3.1.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_plugin.resources import Kind

if TYPE_CHECKING:
    from radicale_plugin.resources import Resource

_OF_PRINCIPALS = (
    "D:expand-property",
    "D:principal-property-search",
    "D:principal-search-property-set",
)
_OF_CALENDARS = (
    "C:calendar-query",
    "C:calendar-multiget",
    "C:free-busy-query",
    "D:sync-collection",
    "D:expand-property",
)
_REPORTS = {
    Kind.ROOT: _OF_PRINCIPALS,
    Kind.PRINCIPAL: _OF_PRINCIPALS,
    Kind.CALENDAR: _OF_CALENDARS,
    Kind.OBJECT: ("C:calendar-query", "C:calendar-multiget", "D:expand-property"),
}


def reports_of(resource: Resource) -> tuple[str, ...]:
    """Return the names of the reports, with the prefixes of `multistatus`."""
    if resource.kind is Kind.CALENDAR and "r" not in resource.rights:
        return ("C:free-busy-query",)
    return _REPORTS[resource.kind]


def supported_reports(resource: Resource) -> str:
    """Return them as `DAV:supported-report` elements."""
    return "".join(
        f"<D:supported-report><D:report><{name}/></D:report></D:supported-report>"
        for name in reports_of(resource)
    )
