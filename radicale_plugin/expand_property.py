"""expand-property (RFC 3253 section 3.8): a property's hrefs, replaced by what they lead to."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING

from radicale_plugin.hrefs import path_of
from radicale_plugin.live_properties import Context, Value, named
from radicale_plugin.multistatus import href_of, response
from radicale_plugin.property_plan import PropertyPlan, Wanted

if TYPE_CHECKING:
    from radicale_plugin.live_properties import LiveProperty
    from radicale_plugin.resources import Resource

Find = Callable[[str], "Resource | None"]
"""Finds what a decoded path leads to, None for what the user may not see."""

_PROPERTY = named("D:property")
_HREF = re.compile(r"<D:href>([^<]*)</D:href>")
_MOST_EXPANDED = 100


class Expander:
    """Answers one expand-property; what a path leads to is looked up once."""

    def __init__(self, context: Context, find: Find) -> None:
        self._context = context
        self._find = find
        self._known: dict[str, Resource | None] = {}
        self._left = _MOST_EXPANDED

    def told(self, asked: ET.Element, resource: Resource) -> str:
        """Return the response for a resource.

        Args:
            asked: The report, or a property in it, with the properties that are wanted.
            resource: Whose.
        """
        properties = {_name(child): child for child in asked.findall(_PROPERTY)}
        plan = PropertyPlan(Wanted(names=tuple(properties)), resource.kind, self._context)
        deep = {name: child for name, child in properties.items() if len(child)}
        further: dict[str, Value] = {
            name: self._expanding(row, deep[name])
            for name, row in plan.rows.items()
            if name in deep
        }
        if further:
            plan = PropertyPlan(
                Wanted(names=tuple(properties)), resource.kind, self._context, further=further
            )
        return response(href_of(self._context.base_prefix, resource.path), plan.propstats(resource))

    def _expanding(self, row: LiveProperty, asked: ET.Element) -> Value:
        def value(resource: Resource, context: Context) -> str | None:
            """Return the value with what its hrefs lead to."""
            plain = row.value(resource, context)
            if plain is None:
                return None
            return _HREF.sub(lambda match: self._led_to(match, asked), plain)

        return value

    def _led_to(self, match: re.Match[str], asked: ET.Element) -> str:
        """Return the response in place of an href, or the href when it leads nowhere."""
        path = path_of(unescape(match[1]), self._context.base_prefix)
        if path is None or self._left <= 0:
            return match[0]
        self._left -= 1
        if path not in self._known:
            self._known[path] = self._find(path)
        found = self._known[path]
        return match[0] if found is None else self.told(asked, found)


def _name(element: ET.Element) -> str:
    return f"{{{element.get('namespace', 'DAV:')}}}{element.get('name', '')}"
