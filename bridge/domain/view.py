"""The view: what both sides of a sync can express, and what they are compared by.

Two versions of an item are equal when their views are equal; everything else (reminders, colour,
etags, properties only one side knows) is that side's own business (design decision 20).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bridge.domain.spans import Span


class Visibility(StrEnum):
    """Who may see details; values are Google's. An absent CLASS is `DEFAULT`, not public."""

    DEFAULT = "default"
    PUBLIC = "public"
    PRIVATE = "private"
    CONFIDENTIAL = "confidential"


class MergeField(StrEnum):
    """The fields of a view that merge as one (design decisions 24 and 25)."""

    TITLE = "title"
    SCHEDULE = "schedule"
    LOCATION = "location"
    DESCRIPTION = "description"
    BUSY = "busy"
    VISIBILITY = "visibility"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Span and recurrence of an item, one merge field.

    Attributes:
        span: Of the single event or of the series' first instance.
        recurrence: RRULE, RDATE and EXDATE content lines in a canonical order; empty when single.
    """

    span: Span
    recurrence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    r"""The shared projection of one item.

    Attributes:
        title: Without the done mark, trimmed; "" when absent.
        description: Plain text or the HTML subset, line ends as `\\n`, trimmed at the end.
        busy: True blocks time.
        done: Marked done.
    """

    title: str
    schedule: Schedule
    location: str = ""
    description: str = ""
    busy: bool = True
    visibility: Visibility = Visibility.DEFAULT
    done: bool = False

    def changed_fields(self, other: View) -> frozenset[MergeField]:
        """Return the fields in which the two views differ."""
        return frozenset(
            field
            for field in MergeField
            if getattr(self, field.value) != getattr(other, field.value)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What scope and safety rules ask of one item besides its view.

    Attributes:
        type_key: Activity type the object names, or that its collection gives it; "" at Google.
        last_day: Last day it touches, in the zone of the Google calendar; None when undated.
            A series without an end has `date.max`.
        recurring: It is a series, or a lone override of one.
        do_not_sync: Its owner took this one item out (`X-CRM-SYNC:FALSE`).
        guests: It has attendees besides the owner.
        event_type: Google's `eventType`; `default` on the calendar side.
        read_only: The account may not change it at Google.
    """

    type_key: str = ""
    last_day: date | None = None
    recurring: bool = False
    do_not_sync: bool = False
    guests: bool = False
    event_type: str = "default"
    read_only: bool = False
