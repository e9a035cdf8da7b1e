"""Parts of a calendar object: `C:comp` and `C:prop` in calendar data (RFC 4791 section 9.6.1).

Lines are cut out of the text as they stand there, folds and all.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.errors import InvalidInput
from bridge.ical.scanner import scanned
from radicale_plugin.live_properties import named

if TYPE_CHECKING:
    from bridge.ical.content_line import ContentLine
    from bridge.ical.scanner import ContentComponent

_ALLCOMP, _COMP = named("C:allcomp"), named("C:comp")
_ALLPROP, _PROP = named("C:allprop"), named("C:prop")
_CALENDAR = "VCALENDAR"
# Without these no program can read what is left (RFC 5545 sections 3.6 and 3.6.1).
_ALWAYS = {_CALENDAR: frozenset({"VERSION", "PRODID"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompSelection:
    """Which parts of a component are told.

    Attributes:
        name: Of the component, upper case.
        properties: Names of its properties, upper case, and whether without their values; None
            for all.
        components: Of the components in it; None for all, whole.
    """

    name: str
    properties: Mapping[str, bool] | None
    components: tuple[CompSelection, ...] | None

    def of(self, text: str) -> str:
        """Return what is selected of a calendar.

        Raises:
            InvalidCalendarData: The text is none.
        """
        calendar = scanned(text)
        if calendar.name != self.name:
            return text
        return "".join(self._pieces(text, calendar))

    def _pieces(self, text: str, component: ContentComponent) -> Iterator[str]:
        yield text[component.start : component.body]
        for line in component.lines:
            yield self._told(text, line)
        for inner in component.components:
            if self.components is None:
                yield text[inner.start : inner.end]
                continue
            # The first of its name counts: each further one would tell the component once more.
            chosen = next((each for each in self.components if each.name == inner.name), None)
            if chosen is not None:
                yield from chosen._pieces(text, inner)  # noqa: SLF001 - of the same class
        yield f"END:{component.name}\r\n"

    def _told(self, text: str, line: ContentLine) -> str:
        whole = text[line.start : line.end]
        if self.properties is None or line.name in _ALWAYS.get(self.name, ()):
            return whole
        without_value = self.properties.get(line.name)
        if without_value is None:
            return ""
        return f"{line.text[: line.colon]}:\r\n" if without_value else whole


def read_selection(element: ET.Element) -> CompSelection:
    """Read a `C:comp` and all below it.

    Raises:
        InvalidInput: A name is missing.
    """
    properties = {_name(child): child.get("novalue") == "yes" for child in element.findall(_PROP)}
    inner = tuple(read_selection(child) for child in element.findall(_COMP))
    return CompSelection(
        name=_name(element),
        properties=None if element.find(_ALLPROP) is not None else properties,
        components=None if element.find(_ALLCOMP) is not None else inner,
    )


def _name(element: ET.Element) -> str:
    name = element.get("name", "").strip().upper()
    if not name:
        raise InvalidInput("comp and prop have a name")
    return name
