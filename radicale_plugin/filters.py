"""Calendar queries: a CALDAV:filter read once, answered by the store and by our own tests.

The component and the time range outermost in the filter become an indexed question to the store.
What the store finds for them is a match; other tests look at the content lines. vobject is never
asked (RFC 4791 section 9.7).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from radicale.xmlutils import make_clark

from bridge.errors import InvalidInput
from bridge.ical.alarms import alarm_rings
from radicale_plugin.component_tests import ComponentTest, read_component_test
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
        return all(test.matches(item.source()) for test in self.tests) and all(
            alarm_rings(item, each.start or _FIRST, each.end or _LAST, floating_zone=zone)
            for each in self.alarms
        )


def read_query(filters: Iterable[ET.Element]) -> Query:
    """Read the filter of a calendar-query; without any filter everything matches.

    Raises:
        InvalidInput: It is no filter of RFC 4791 section 9.7.
    """
    found = [element for element in filters if element.tag == _FILTER]
    if not found:
        return Query()
    if len(found) > 1 or len(found[0]) != 1 or found[0][0].tag != _COMP_FILTER:
        raise InvalidInput("a filter holds exactly one comp-filter")
    top = found[0][0]
    if top.get("name", "").upper() != "VCALENDAR":
        raise InvalidInput("the outermost comp-filter is VCALENDAR's")
    inner = _pushed_down(top)
    simple = all(child.tag == _TIME_RANGE for child in (top if inner is None else inner))
    return Query(
        component=None if inner is None else inner.get("name", "").upper(),
        range=_range_of(top if inner is None else inner),
        tests=() if simple else (read_component_test(top),),
        alarms=() if inner is None else _alarm_ranges(inner),
    )


def _pushed_down(top: ET.Element) -> ET.Element | None:
    """Return the comp-filter whose component every match has, when there is just that one."""
    if len(top) != 1 or top[0].tag != _COMP_FILTER:
        return None
    inner = top[0]
    if inner.get("name", "").upper() not in _COMPONENTS or inner.find(_IS_NOT_DEFINED) is not None:
        return None
    return inner


def _alarm_ranges(element: ET.Element) -> tuple[TimeRange, ...]:
    return tuple(
        read_time_range(window)
        for child in element.findall(_COMP_FILTER)
        if child.get("name", "").upper() == "VALARM"
        for window in child.findall(_TIME_RANGE)
    )


def _range_of(element: ET.Element) -> TimeRange | None:
    found = element.find(_TIME_RANGE)
    return None if found is None else read_time_range(found)
