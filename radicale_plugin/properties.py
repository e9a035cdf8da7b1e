"""Properties of a calendar: what is ours to say, and what clients may set."""

from __future__ import annotations

from collections.abc import Mapping
from http import client
from typing import TYPE_CHECKING

from radicale import xmlutils

from radicale_plugin.dead_properties import text_of
from radicale_plugin.limits import DavLimits
from radicale_plugin.refusals import Refusal
from radicale_plugin.vocabulary import DEFAULT_TYPE

if TYPE_CHECKING:
    from bridge.store.calendar_values import StoredCalendar

DISPLAY_NAME = "D:displayname"
COMPONENTS = "C:supported-calendar-component-set"
TAG = "tag"
"""Radicale's name for the type of a collection."""

COMPONENT_ORDER = ("VEVENT", "VTODO", "VJOURNAL")
"""Components in the order they are told."""

_NAMES = {"activities": "Activities", "tasks": "Tasks"}
# Live properties (RFC 4918 section 15): the server alone knows their values.
_LIVE = frozenset(
    {
        "D:creationdate",
        "D:current-user-principal",
        "D:current-user-privilege-set",
        "D:getcontentlength",
        "D:getcontenttype",
        "D:getetag",
        "D:getlastmodified",
        "D:owner",
        "D:principal-URL",
        "D:supported-report-set",
        "D:sync-token",
        "CS:getctag",
        "C:calendar-home-set",
        "C:calendar-user-address-set",
        "C:max-resource-size",
    }
)


def default_name(calendar: StoredCalendar) -> str:
    """Return the name of a calendar that nobody gave one."""
    return _NAMES.get(calendar.slug, calendar.slug)


def properties_of(calendar: StoredCalendar) -> dict[str, str]:
    """Return all properties of a calendar by Radicale's names."""
    names = [name for name in COMPONENT_ORDER if name in calendar.components]
    told = {DISPLAY_NAME: default_name(calendar)}
    told.update(
        (xmlutils.make_human_tag(name), text_of(value))
        for name, value in calendar.properties.items()
        if name.startswith("{")
    )
    told.update(_fixed(calendar, ",".join(names)))
    return told


def properties_to_store(
    calendar: StoredCalendar, wanted: Mapping[str, str], limits: DavLimits
) -> dict[str, str]:
    """Return what a PROPPATCH leaves, by Clark name.

    Args:
        calendar: As it is.
        wanted: All properties the calendar shall have, by Radicale's names; what is not among
            them is taken away. Radicale gives the present ones with the changes applied.
        limits: How much a client may leave.

    Raises:
        Refusal: A live property would change (403), or there is too much of it (507).
    """
    present = properties_of(calendar)
    fixed = _fixed(calendar, present[COMPONENTS])
    changed = {name for name in present.keys() | wanted if present.get(name) != wanted.get(name)}
    protected = sorted(changed & (fixed.keys() | _LIVE))
    if protected:
        raise Refusal(
            f"the server alone sets {', '.join(protected)}",
            status=client.FORBIDDEN,
            condition="D:cannot-modify-protected-property",
        )
    # What Radicale does not know of stays as it is, and so does what it only saw the text of.
    gone = {xmlutils.make_clark(name) for name in changed if name != TAG}
    kept = {name: value for name, value in calendar.properties.items() if name not in gone}
    kept |= {
        xmlutils.make_clark(name): value
        for name, value in wanted.items()
        if name in changed and name not in fixed
    }
    too_long = any(len(value.encode()) > limits.max_property_bytes for value in kept.values())
    if too_long or len(kept) > limits.max_properties:
        raise Refusal("too many or too long properties", status=client.INSUFFICIENT_STORAGE)
    return kept


def _fixed(calendar: StoredCalendar, components: str) -> dict[str, str]:
    return {TAG: "VCALENDAR", COMPONENTS: components, DEFAULT_TYPE: calendar.default_type}
