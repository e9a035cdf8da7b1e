"""Calendar queries: a CALDAV:filter read once, answered by the store and by our own tests.

The component and the time range outermost in the filter become an indexed question to the store.
What the store finds for them is a match; other tests look at the content lines. vobject is never
asked (RFC 4791 section 9.7).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import client
from typing import TYPE_CHECKING

from radicale.xmlutils import make_clark

from bridge.errors import InvalidInput
from bridge.ical.alarms import alarm_rings
from radicale_plugin.component_tests import ComponentTest, read_component_test
from radicale_plugin.refusals import Refusal
from radicale_plugin.time_range import TimeRange, read_time_range

if TYPE_CHECKING:
    from bridge.store.calendar_values import StoredObject

_FILTER = make_clark("C:filter")
_COMP_FILTER = make_clark("C:comp-filter")
_TIME_RANGE = make_clark("C:time-range")
_IS_NOT_DEFINED = make_clark("C:is-not-defined")
_COMPONENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL"})
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a calendar-query asks.

    Attributes:
        component: Only objects of this component; None for any.
        range: Only objects with an instance in it; None for any time, undated ones too.
        tests: What else must hold.
        alarms: In each of these an alarm must ring.
    """

    component: str | None = None
    range: TimeRange | None = None
    tests: tuple[ComponentTest, ...] = ()
    alarms: tuple[TimeRange, ...] = ()

    @property
    def start(self) -> datetime | None:
        """Inclusive start of the range; None when open."""
        return None if self.range is None else self.range.start

    @property
    def end(self) -> datetime | None:
        """Exclusive end of the range; None when open."""
        return None if self.range is None else self.range.end

    @property
    def is_of_component_only(self) -> bool:
        """Whether nothing but the component decides."""
        return self.range is None and self.is_of_store_only

    @property
    def is_of_store_only(self) -> bool:
        """Whether all that the store finds for component and range are matches."""
        return not (self.tests or self.alarms)

    def matches(self, stored: StoredObject, zone: str = "UTC") -> bool:
        """Return whether an object the store found for component and range is a match.

        Args:
            stored: The object.
            zone: IANA name of the zone floating times and days are read in.
        """
        item = stored.object
        return all(test.matches(item.source(), zone) for test in self.tests) and all(
            alarm_rings(item, each.start or _FIRST, each.end or _LAST, floating_zone=zone)
            for each in self.alarms
        )


def read_query(filters: Iterable[ET.Element]) -> Query:
    """Read the filter of a calendar-query; without any filter everything matches.

    Raises:
        Refusal: It is no filter of RFC 4791 section 9.7 (`valid-filter`), or asks for what is not
            answered (`supported-filter`, `supported-collation`; section 7.8).
    """
    try:
        return _read(filters)
    except InvalidInput as error:
        raise Refusal(str(error), status=client.FORBIDDEN, condition="C:valid-filter") from error


def _read(filters: Iterable[ET.Element]) -> Query:
    found = [element for element in filters if element.tag == _FILTER]
    if not found:
        return Query()
    if len(found) > 1 or len(found[0]) != 1 or found[0][0].tag != _COMP_FILTER:
        raise InvalidInput("a filter holds exactly one comp-filter")
    top = found[0][0]
    if top.get("name", "").upper() != "VCALENDAR":
        raise InvalidInput("the outermost comp-filter is VCALENDAR's")
    test = read_component_test(top)
    inner = _pushed_down(top)
    timed = top if inner is None or _is_timed(top) else inner
    alarms = () if inner is None else tuple(_alarms(inner))
    _refuse_other_ranges(top, (timed, *alarms))
    return Query(
        component=None if inner is None else inner.get("name", "").upper(),
        range=_range_of(timed),
        tests=() if _is_simple(top, inner) else (test,),
        alarms=tuple(window for each in alarms if (window := _range_of(each)) is not None),
    )


def _pushed_down(top: ET.Element) -> ET.Element | None:
    """Return the comp-filter whose component every match has, when there is just one."""
    inner = [
        child
        for child in top.findall(_COMP_FILTER)
        if child.get("name", "").upper() in _COMPONENTS and child.find(_IS_NOT_DEFINED) is None
    ]
    return inner[0] if len(inner) == 1 else None


def _is_simple(top: ET.Element, inner: ET.Element | None) -> bool:
    """Return whether nothing but component and range is asked."""
    children = [child for child in top if child is not inner]
    return all(child.tag == _TIME_RANGE for child in (*children, *(() if inner is None else inner)))


def _alarms(element: ET.Element) -> Iterator[ET.Element]:
    for child in element.findall(_COMP_FILTER):
        if child.get("name", "").upper() == "VALARM" and _is_timed(child):
            yield child


def _refuse_other_ranges(top: ET.Element, answered: tuple[ET.Element, ...]) -> None:
    """Refuse ranges of components that are not looked at: too much would be found."""
    for element in top.iter(_COMP_FILTER):
        # Nobody can store free-busy components here, so that none is found at any time.
        never_found = element.get("name", "").upper() == "VFREEBUSY"
        if element in answered or never_found or not _is_timed(element):
            continue
        raise Refusal(
            "one range of time, of one component or of its alarms, can be asked",
            status=client.FORBIDDEN,
            condition="C:supported-filter",
        )


def _is_timed(element: ET.Element) -> bool:
    return element.find(_TIME_RANGE) is not None


def _range_of(element: ET.Element) -> TimeRange | None:
    found = element.find(_TIME_RANGE)
    return None if found is None else read_time_range(found)
