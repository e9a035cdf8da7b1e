"""The XML of a request: parsed within bounds, and of a shape that Radicale can read.

Radicale answers 500 to several shapes a stranger can send; they are refused here (threats 3.4).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from http import client

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from radicale.xmlutils import make_clark

from bridge.errors import InvalidInput
from radicale_plugin.limits import DavLimits
from radicale_plugin.refusals import Refusal
from radicale_plugin.request import Expansion
from radicale_plugin.time_range import read_time_range

FREE_BUSY_QUERY = make_clark("C:free-busy-query")
_HREF = make_clark("D:href")
_COMP = make_clark("C:comp")
_TIME_RANGE = make_clark("C:time-range")
_COMPONENT_SET = make_clark("C:supported-calendar-component-set")
_PROP = make_clark("D:prop")
# Each name is told again for every resource; what programs ask comes to a few thousand characters.
_MOST_NAMES = 32 * 1024
_AROUND_NAME = 20  # characters of an element besides its name


class _BoundedBuilder(ET.TreeBuilder):
    """Builds a tree, and gives up when it grows beyond the limits."""

    def __init__(self, limits: DavLimits) -> None:
        super().__init__()
        self._limits = limits
        self._depth = 0
        self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        """Begin an element; too many or too deep ones are refused."""
        self._depth += 1
        self._elements += 1
        if self._depth > self._limits.max_xml_depth:
            raise InvalidInput("the XML is nested too deeply")
        if self._elements > self._limits.max_xml_elements:
            raise InvalidInput("the XML has too many elements")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


def read_xml(body: bytes, *, limits: DavLimits) -> ET.Element:
    """Return the root element.

    Raises:
        InvalidInput: It is not well-formed, declares a document type, or is beyond the limits.
    """
    parser = DefusedXMLParser(target=_BoundedBuilder(limits), forbid_dtd=True)
    try:
        parser.feed(body)
        root = parser.close()
    except InvalidInput:
        raise
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise InvalidInput("the body is not well-formed XML") from error
    if not isinstance(root, ET.Element):
        raise InvalidInput("the body holds no element")
    return root


def check(root: ET.Element, *, limits: DavLimits) -> None:
    """See that the request can be read.

    Raises:
        InvalidInput: It cannot, or asks for too many properties.
        Refusal: A multiget names too many resources.
    """
    wanted = [child for prop in root.findall(_PROP) for child in prop]
    if sum(len(child.tag) + _AROUND_NAME for child in wanted) > _MOST_NAMES:
        raise InvalidInput("too many properties at once")
    for component_set in root.iter(_COMPONENT_SET):
        if any(not child.get("name") for child in component_set.iter(_COMP)):
            raise InvalidInput("a component without a name")
    hrefs = root.findall(_HREF)
    if any(not (href.text or "").strip() for href in hrefs):
        raise InvalidInput("an empty href")
    if len(hrefs) > limits.max_hrefs:
        raise Refusal(
            f"more than {limits.max_hrefs} resources at once",
            status=client.FORBIDDEN,
            condition="D:number-of-matches-within-limits",
        )
    if root.tag == FREE_BUSY_QUERY and root.find(_TIME_RANGE) is None:
        raise InvalidInput("a free-busy-query has a time-range")


def free_busy_window(root: ET.Element) -> Expansion:
    """Return the window of a free-busy-query; an open end is set a century off.

    Raises:
        InvalidInput: The window is none.
    """
    element = root.find(_TIME_RANGE)
    if element is None:
        raise InvalidInput("a free-busy-query has a time-range")
    window = read_time_range(element)
    start = window.start or datetime(1900, 1, 1, tzinfo=UTC)
    return Expansion(start=start, end=window.end or start + timedelta(days=36525))
