"""Reports on principals (RFC 3744 section 9): there is one to find, and that is oneself."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from radicale_plugin.live_properties import named
from radicale_plugin.multistatus import PREFIXES, element, href_of, response
from radicale_plugin.property_plan import PropertyPlan, read_wanted
from radicale_plugin.resources import Kind

if TYPE_CHECKING:
    from radicale_plugin.live_properties import Context
    from radicale_plugin.resources import Resource

_SEARCH, _MATCH, _PROP = "{DAV:}property-search", "{DAV:}match", "{DAV:}prop"
_DISPLAY_NAME = "{DAV:}displayname"
_ADDRESSES = named("C:calendar-user-address-set")
_SEARCHED = {_DISPLAY_NAME: "Name", _ADDRESSES: "Calendar address"}


def search_property_set() -> bytes:
    """Return the properties that can be searched (RFC 3744 section 9.5)."""
    found = "".join(
        f"<D:principal-search-property><D:prop>{element(name, '')}</D:prop>"
        f'<D:description xml:lang="en">{text}</D:description></D:principal-search-property>'
        for name, text in _SEARCHED.items()
    )
    spaces = "".join(f' xmlns:{prefix}="{uri}"' for uri, prefix in PREFIXES.items())
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    name = "D:principal-search-property-set"
    return f"{head}<{name}{spaces}>{found}</{name}>".encode()


def search(root: ET.Element, principal: Resource, context: Context, *, minimal: bool) -> list[str]:
    """Return the response for the user's principal, if the search finds it.

    Args:
        root: A `principal-property-search`.
        principal: The user's.
        context: Of the request.
        minimal: As in `Wanted`.
    """
    tests = [_finds(found, context) for found in root.findall(_SEARCH)]
    holds = any(tests) if root.get("test") == "anyof" else all(tests)
    if not (tests and holds):
        return []
    prop = root.find(_PROP)
    asked = ET.Element("{DAV:}propfind")
    asked.append(ET.Element(_PROP) if prop is None else prop)
    plan = PropertyPlan(read_wanted(asked, minimal=minimal), Kind.PRINCIPAL, context)
    href = href_of(context.base_prefix, principal.path)
    return [response(href, plan.propstats(principal))]


def _finds(search_element: ET.Element, context: Context) -> bool:
    """Return whether one property-search finds the user, without regard to case."""
    wanted = (search_element.findtext(_MATCH) or "").strip().casefold()
    user = context.user
    values = {
        _DISPLAY_NAME: (user.name or user.login,),
        _ADDRESSES: (f"mailto:{user.email}", f"{context.base_prefix}/{user.login}/"),
    }
    names = [child.tag for prop in search_element.findall(_PROP) for child in prop]
    return bool(names) and all(
        any(wanted in value.casefold() for value in values.get(name, ())) for name in names
    )
