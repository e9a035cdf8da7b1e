"""Calendar queries: a CALDAV:filter read once, answered by the store and by our own tests.

The component and the time range outermost in the filter become an indexed question to the store.
A single object the store finds for them is a match; series are followed, other tests look at the
content lines. vobject is never asked (RFC 4791 section 9.7).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from radicale.xmlutils import make_clark

from bridge.errors import InvalidInput
from radicale_plugin.component_tests import ComponentTest, read_component_test
from radicale_plugin.instances import occurs
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
    """

    component: str | None = None
    range: TimeRange | None = None
    tests: tuple[ComponentTest, ...] = ()

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
        return self.range is None and not self.tests

    def matches(self, stored: StoredObject) -> bool:
        """Return whether an object the store found for component and range is a match."""
        if self.range is not None and stored.recurring and stored.first_utc is not None:
            start, end = self.range.start or _FIRST, self.range.end or _LAST
            if not occurs(stored.object, start, end):
                return False
        return all(test.matches(stored.object.source()) for test in self.tests)


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
    )


def _pushed_down(top: ET.Element) -> ET.Element | None:
    """Return the comp-filter whose component every match has, when there is just that one."""
    if len(top) != 1 or top[0].tag != _COMP_FILTER:
        return None
    inner = top[0]
    if inner.get("name", "").upper() not in _COMPONENTS or inner.find(_IS_NOT_DEFINED) is not None:
        return None
    return inner


def _range_of(element: ET.Element) -> TimeRange | None:
    found = element.find(_TIME_RANGE)
    return None if found is None else read_time_range(found)
