"""A series that was split off another one, and what it goes on from, as values.

"This and following" at Google ends the old series before an instance and begins a new one there.
What Google does not know of the old one, its type, its links, what was done, is not to end with it
(features F2).
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.ical.calendar_object import CalendarObject


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOff:
    """What the name of a series that was split off says.

    Attributes:
        series: Name of the first of all series it comes from; a split of a split names that, too.
        key: Original start of the instance it was split off at, as `Instance.key`.
    """

    series: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """The series that a new one goes on from, as it was before it was shortened.

    Attributes:
        object: From the calendar side.
        key: The instance of it that the new series begins at; "" when no version that is known
            still has that one, so that nothing can be told of single dates.
        collection: Where it is in the calendar; "" when it is there no more.
        agreed: The object as Google knows it, None where it says nothing else, or nobody knows.
    """

    object: CalendarObject
    key: str = ""
    collection: str = ""
    agreed: CalendarObject | None = None
