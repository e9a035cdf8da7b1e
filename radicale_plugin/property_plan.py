"""What a request wants to know, prepared once for each kind of resource.

A listing of ten thousand objects looks a property up once, not ten thousand times.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from radicale_plugin.collection import CalendarCollection
from radicale_plugin.dead_properties import element_of
from radicale_plugin.live_properties import BY_KIND, Context, Value
from radicale_plugin.multistatus import propstats, tags
from radicale_plugin.resources import Kind, Resource

if TYPE_CHECKING:
    from radicale_plugin.live_properties import LiveProperty

_PROP = "{DAV:}prop"
_ALLPROP = "{DAV:}allprop"
_PROPNAME = "{DAV:}propname"
_INCLUDE = "{DAV:}include"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The properties a request names.

    Attributes:
        names: Clark names, each once; with `all` those asked for besides.
        all: Those of `allprop` and what clients left.
        names_only: No values.
        minimal: Not to be told what is absent (RFC 8144 section 2.1).
    """

    names: tuple[str, ...] = ()
    all: bool = False
    names_only: bool = False
    minimal: bool = False


def read_wanted(root: ET.Element | None, *, minimal: bool = False) -> Wanted:
    """Read a `DAV:propfind`, or a report's `DAV:prop`; nothing asks for everything.

    Args:
        root: The request, None for an empty body.
        minimal: As in `Wanted`.
    """
    if root is None or (root.find(_PROPNAME) is None and root.find(_PROP) is None):
        include = None if root is None else root.find(_INCLUDE)
        return Wanted(names=_names(include), all=True, minimal=minimal)
    if root.find(_PROPNAME) is not None:
        return Wanted(all=True, names_only=True, minimal=minimal)
    return Wanted(names=_names(root.find(_PROP)), minimal=minimal)


def _names(element: ET.Element | None) -> tuple[str, ...]:
    return () if element is None else tuple(dict.fromkeys(child.tag for child in element))


class PropertyPlan:
    """Renders the propstats of resources of one kind."""

    def __init__(
        self,
        wanted: Wanted,
        kind: Kind,
        context: Context,
        *,
        further: Mapping[str, Value] | None = None,
    ) -> None:
        """Look everything up.

        Args:
            wanted: What the request names.
            kind: Of the resources.
            context: Of the request.
            further: Values that only this request has, such as calendar data.
        """
        self._wanted = wanted
        self._kind = kind
        self._context = context
        known = BY_KIND[kind]
        names = dict.fromkeys(wanted.names)
        if wanted.all:
            every = wanted.names_only
            names = dict.fromkeys(n for n, row in known.items() if row.in_allprop or every) | names
        self.rows = {name: known[name] for name in names if name in known}
        """Rows of the table that are wanted."""
        values: dict[str, Value] = {name: row.value for name, row in self.rows.items()}
        values |= {name: value for name, value in (further or {}).items() if name in names}
        self._makers = [(name, *tags(name), value) for name, value in values.items()]
        self._dead = kind is Kind.CALENDAR
        self._unknown = [name for name in names if name not in values]
        self._absent = "".join(tags(name)[2] for name in self._unknown)
        self.details = any(row.details for row in self.rows.values())
        """Whether objects are to be listed with time and size."""

    def propstats(self, resource: Resource) -> str:
        """Return the propstat elements of a resource of the kind."""
        context = self._context
        left = _left_on(resource) if self._dead else {}
        found, absent = [], []
        for name, opening, closing, empty, make in self._makers:
            if left and name in left:
                continue
            value = make(resource, context)
            if value is None:
                absent.append(empty)
            elif value and not self._wanted.names_only:
                found.append(f"{opening}{value}{closing}")
            else:
                found.append(empty)
        if self._dead:
            found.extend(self._left(left))
            absent.extend(tags(name)[2] for name in self._unknown if name not in left)
        elif self._absent:
            absent.append(self._absent)
        missing = self._wanted.minimal or (self._wanted.all and not self._wanted.names)
        return propstats("".join(found), "" if missing else "".join(absent))

    def _left(self, left: Mapping[str, str]) -> Iterable[str]:
        """Yield what clients left, as far as it is wanted."""
        if self._wanted.names_only:
            return (tags(name)[2] for name in left)
        chosen = left if self._wanted.all else [n for n in self._wanted.names if n in left]
        return (element_of(name, left[name]) for name in chosen)


def _left_on(resource: Resource) -> Mapping[str, str]:
    """Return what clients left on a resource, by Clark name."""
    collection = resource.collection
    return collection.stored.properties if isinstance(collection, CalendarCollection) else {}


def protected_names(kind: Kind) -> Mapping[str, LiveProperty]:
    """Return the rows that clients may not set on a kind of resource."""
    return {name: row for name, row in BY_KIND[kind].items() if row.protected}
