"""An update that was sent and not answered yet, of an item that is not agreed on as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.ical.calendar_object import CalendarObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """What is written down before it is sent, so that it is known again if no answer comes.

    Attributes:
        item: What was sent.
        target_base: What is agreed on the written side if it got through; None when all of it is.
        source_base: What is agreed on the other side then.
    """

    item: CalendarObject
    target_base: CalendarObject | None
    source_base: CalendarObject | None
