"""comp-filter, prop-filter, param-filter and text-match on content lines (RFC 4791 9.7.1-9.7.5)."""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from http import client
from typing import TYPE_CHECKING

from radicale.xmlutils import make_clark

from bridge.errors import ConversionError, InvalidInput
from bridge.ical.times import day_start, read_moment
from radicale_plugin.refusals import Refusal
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
# Where a component may stand (RFC 5545 section 3.6); others may stand anywhere.
_PLACES = {
    **dict.fromkeys(("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"), ("VCALENDAR",)),
    **dict.fromkeys(("STANDARD", "DAYLIGHT"), ("VTIMEZONE",)),
    "VALARM": ("VEVENT", "VTODO"),
    "VCALENDAR": ("",),
}
# What no range of time can be asked of.
_UNDATED = frozenset({
    "ATTACH", "ATTENDEE", "CATEGORIES", "CLASS", "COMMENT", "CONTACT", "DESCRIPTION", "DURATION",
    "GEO", "LOCATION", "ORGANIZER", "PERCENT-COMPLETE", "PRIORITY", "RELATED-TO", "RESOURCES",
    "RRULE", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "UID", "URL",
})  # fmt: skip


def _unicode_folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold())


_FOLDS: dict[str, Callable[[str], str]] = {
    # Case beyond ASCII is folded too: nobody who types `é` means to miss `É`.
    "i;ascii-casemap": str.lower,
    "i;octet": str,
    "i;unicode-casemap": _unicode_folded,
}
COLLATIONS = tuple(_FOLDS)
"""The collations of RFC 4791 section 7.5 and RFC 5051, the default first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMatch:
    """A substring, compared as a collation says.

    Attributes:
        text: Folded.
        fold: What makes texts comparable.
        negated: Whether it must not be inside.
    """

    text: str
    fold: Callable[[str], str]
    negated: bool

    def matches(self, value: str) -> bool:
        """Return whether the value passes."""
        return (self.text in self.fold(value)) is not self.negated


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

    def matches(self, component: ContentComponent, calendar: ContentComponent, zone: str) -> bool:
        """Return whether any of the component's lines of that name passes."""
        lines = component.all(self.name)
        if not self.defined:
            return not lines
        return any(self._line_matches(line, calendar, zone) for line in lines)

    def _line_matches(self, line: ContentLine, calendar: ContentComponent, zone: str) -> bool:
        if self.text is not None and not self.text.matches(line.text_value):
            return False
        if self.range is not None and not _in_range(line, calendar, self.range, zone):
            return False
        return all(test.matches(line) for test in self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentTest:
    """A component, there or absent, and what it holds."""

    name: str
    defined: bool
    properties: tuple[PropertyTest, ...]
    components: tuple[ComponentTest, ...]

    def matches(self, calendar: ContentComponent, zone: str) -> bool:
        """Return whether a calendar, tested as VCALENDAR, passes.

        Args:
            calendar: The calendar.
            zone: IANA name of the zone floating times and days are read in.
        """
        return self._among((calendar,), calendar, zone)

    def _among(
        self, found: tuple[ContentComponent, ...], calendar: ContentComponent, zone: str
    ) -> bool:
        named = [component for component in found if component.name == self.name]
        if not self.defined:
            return not named
        return any(self._holds(component, calendar, zone) for component in named)

    def _holds(self, component: ContentComponent, calendar: ContentComponent, zone: str) -> bool:
        return all(test.matches(component, calendar, zone) for test in self.properties) and all(
            test._among(component.components, calendar, zone)  # noqa: SLF001 - of the same class
            for test in self.components
        )


def read_component_test(element: ET.Element, *, inside: str = "") -> ComponentTest:
    """Read a comp-filter and all below it, but time-ranges of components.

    Those are the query's: an instance of the series decides them, not a component of its text.

    Args:
        element: The comp-filter.
        inside: Name of the component it stands in, "" for none.

    Raises:
        InvalidInput: It holds what does not belong there, or stands where it does not belong.
        Refusal: It asks for a collation there is not.
    """
    _check(element, (_COMP_FILTER, _PROP_FILTER, _TIME_RANGE))
    name = _name(element)
    if inside not in _PLACES.get(name, (inside,)):
        raise InvalidInput(f"no {name[:40]} stands in {inside or 'nothing'}")
    return ComponentTest(
        name=name,
        defined=element.find(_IS_NOT_DEFINED) is None,
        properties=tuple(_read_property_test(each) for each in element.findall(_PROP_FILTER)),
        components=tuple(
            read_component_test(each, inside=name) for each in element.findall(_COMP_FILTER)
        ),
    )


def _read_property_test(element: ET.Element) -> PropertyTest:
    _check(element, (_TIME_RANGE, _TEXT_MATCH, _PARAM_FILTER))
    name, window = _name(element), element.find(_TIME_RANGE)
    if window is not None and name in _UNDATED:
        raise InvalidInput(f"{name} has no time")
    return PropertyTest(
        name=name,
        defined=element.find(_IS_NOT_DEFINED) is None,
        text=_read_text_match(element),
        range=None if window is None else read_time_range(window),
        parameters=tuple(_read_parameter_test(each) for each in element.findall(_PARAM_FILTER)),
    )


def _read_parameter_test(element: ET.Element) -> ParameterTest:
    _check(element, (_TEXT_MATCH,))
    return ParameterTest(
        name=_name(element),
        defined=element.find(_IS_NOT_DEFINED) is None,
        text=_read_text_match(element),
    )


def _read_text_match(element: ET.Element) -> TextMatch | None:
    found = element.find(_TEXT_MATCH)
    if found is None:
        return None
    asked, negate = found.get("collation", "default"), found.get("negate-condition", "no")
    fold = _FOLDS.get(COLLATIONS[0] if asked == "default" else asked)
    if fold is None:
        raise Refusal(
            f"no collation of that name; there are {', '.join(COLLATIONS)}",
            status=client.FORBIDDEN,
            condition="C:supported-collation",
        )
    if negate not in ("yes", "no"):
        raise InvalidInput("negate-condition is yes or no")
    return TextMatch(text=fold(found.text or ""), fold=fold, negated=negate == "yes")


def _check(element: ET.Element, children: tuple[str, ...]) -> None:
    """See that a filter holds what may be in it: one of a kind, but other filters."""
    tags = [child.tag for child in element]
    single = (_IS_NOT_DEFINED, _TIME_RANGE, _TEXT_MATCH)
    if not {*children, _IS_NOT_DEFINED}.issuperset(tags) or any(tags.count(t) > 1 for t in single):
        raise InvalidInput(f"a {_local(element)} holds what does not belong there")
    if _IS_NOT_DEFINED in tags and len(tags) > 1:
        raise InvalidInput("what is not defined holds nothing")


def _name(element: ET.Element) -> str:
    name = element.get("name", "").upper()
    if not name:
        raise InvalidInput(f"a {_local(element)} without a name")
    return name


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _in_range(line: ContentLine, calendar: ContentComponent, window: TimeRange, zone: str) -> bool:
    try:
        moment = read_moment(line, calendar, floating_zone=zone)
    except ConversionError:
        return False
    instant = day_start(moment.day, zone) if moment.is_date else moment.instant
    return window.overlaps(instant, instant)
