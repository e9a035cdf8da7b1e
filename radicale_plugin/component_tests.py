"""comp-filter, prop-filter, param-filter and text-match on content lines (RFC 4791 9.7.1-9.7.5)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING

from radicale.xmlutils import make_clark

from bridge.errors import ConversionError, InvalidInput
from bridge.ical.times import day_start, read_moment
from radicale_plugin.time_range import TimeRange, read_time_range

if TYPE_CHECKING:
    from bridge.ical.content_line import ContentLine
    from bridge.ical.scanner import ContentComponent

_COMP_FILTER = make_clark("C:comp-filter")
_PROP_FILTER = make_clark("C:prop-filter")
_PARAM_FILTER = make_clark("C:param-filter")
_TEXT_MATCH = make_clark("C:text-match")
_TIME_RANGE = make_clark("C:time-range")
_IS_NOT_DEFINED = make_clark("C:is-not-defined")
_EXACT = "i;octet"
_FLOATING_ZONE = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMatch:
    """A substring, without regard to case unless `exact`."""

    text: str
    exact: bool
    negated: bool

    def matches(self, value: str) -> bool:
        """Return whether the value passes."""
        inside = self.text in value if self.exact else self.text.lower() in value.lower()
        return inside is not self.negated


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterTest:
    """A parameter of a property, there or absent, and what its value holds."""

    name: str
    defined: bool
    text: TextMatch | None

    def matches(self, line: ContentLine) -> bool:
        """Return whether the line passes."""
        values = [value for name, value in line.parameters if name == self.name]
        if not self.defined:
            return not values
        return any(self.text is None or self.text.matches(value) for value in values)


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyTest:
    """A property of a component, there or absent, and what its value holds."""

    name: str
    defined: bool
    text: TextMatch | None
    range: TimeRange | None
    parameters: tuple[ParameterTest, ...]

    def matches(self, component: ContentComponent, calendar: ContentComponent) -> bool:
        """Return whether any of the component's lines of that name passes."""
        lines = component.all(self.name)
        if not self.defined:
            return not lines
        return any(self._line_matches(line, calendar) for line in lines)

    def _line_matches(self, line: ContentLine, calendar: ContentComponent) -> bool:
        if self.text is not None and not self.text.matches(line.text_value):
            return False
        if self.range is not None and not _in_range(line, calendar, self.range):
            return False
        return all(test.matches(line) for test in self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentTest:
    """A component, there or absent, and what it holds."""

    name: str
    defined: bool
    properties: tuple[PropertyTest, ...]
    components: tuple[ComponentTest, ...]

    def matches(self, calendar: ContentComponent) -> bool:
        """Return whether a calendar, tested as VCALENDAR, passes."""
        return self._among((calendar,), calendar)

    def _among(self, found: tuple[ContentComponent, ...], calendar: ContentComponent) -> bool:
        named = [component for component in found if component.name == self.name]
        if not self.defined:
            return not named
        return any(self._holds(component, calendar) for component in named)

    def _holds(self, component: ContentComponent, calendar: ContentComponent) -> bool:
        return all(test.matches(component, calendar) for test in self.properties) and all(
            test._among(component.components, calendar)  # noqa: SLF001 - of the same class
            for test in self.components
        )


def read_component_test(element: ET.Element) -> ComponentTest:
    """Read a comp-filter and all below it, but time-ranges of components.

    Those are the query's: an instance of the series decides them, not a component of its text.

    Raises:
        InvalidInput: It holds what does not belong there.
    """
    properties, components = [], []
    for child in element:
        if child.tag == _PROP_FILTER:
            properties.append(_read_property_test(child))
        elif child.tag == _COMP_FILTER:
            components.append(read_component_test(child))
        elif child.tag not in (_IS_NOT_DEFINED, _TIME_RANGE):
            raise InvalidInput("a comp-filter holds comp-filter, prop-filter and time-range only")
    return ComponentTest(
        name=element.get("name", "").upper(),
        defined=element.find(_IS_NOT_DEFINED) is None,
        properties=tuple(properties),
        components=tuple(components),
    )


def _read_property_test(element: ET.Element) -> PropertyTest:
    window = element.find(_TIME_RANGE)
    return PropertyTest(
        name=element.get("name", "").upper(),
        defined=element.find(_IS_NOT_DEFINED) is None,
        text=_read_text_match(element),
        range=None if window is None else read_time_range(window),
        parameters=tuple(
            ParameterTest(
                name=child.get("name", "").upper(),
                defined=child.find(_IS_NOT_DEFINED) is None,
                text=_read_text_match(child),
            )
            for child in element.findall(_PARAM_FILTER)
        ),
    )


def _read_text_match(element: ET.Element) -> TextMatch | None:
    found = element.find(_TEXT_MATCH)
    if found is None:
        return None
    return TextMatch(
        text=found.text or "",
        exact=found.get("collation") == _EXACT,
        negated=found.get("negate-condition") == "yes",
    )


def _in_range(line: ContentLine, calendar: ContentComponent, window: TimeRange) -> bool:
    try:
        moment = read_moment(line, calendar, floating_zone=_FLOATING_ZONE)
    except ConversionError:
        return False
    instant = day_start(moment.day, _FLOATING_ZONE) if moment.is_date else moment.instant
    return window.overlaps(instant, instant)
