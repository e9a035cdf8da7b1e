"""What makes Google events a series: `recurrence` of a master, and which instance an exception is.

Sources: Google Calendar API v3, resource `events` (recurrence, recurringEventId,
originalStartTime), RFC 5545 section 3.8.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.convert.google_times import original_start, read_span
from bridge.convert.series_frame import shown_start
from bridge.convert.series_rule import zone_of
from bridge.errors import ConversionError
from bridge.ical.content_line import ContentLine, make_line, read_line
from bridge.ical.recurrence import RECURRENCE_NAMES, canonical_texts
from bridge.ical.repeat import First
from bridge.ical.times import Moment, moment_line, utc_line

_CANCELLED = "cancelled"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_cancelled(event: Mapping[str, Any]) -> bool:
    """Return whether an event is a tombstone, or an instance that does not happen."""
    return event.get("status") == _CANCELLED


def recurrence_lines(event: Mapping[str, Any]) -> list[ContentLine]:
    """Return `recurrence` of a master as content lines; of a single event there are none.

    Raises:
        ConversionError: A line is none of recurrence, or cannot be read.
    """
    told = event.get("recurrence") or []
    if not isinstance(told, list) or not all(isinstance(text, str) for text in told):
        raise ConversionError("not a list of texts", property_name="recurrence")
    lines = [read_line(text.strip()) for text in told]
    if any(line.name not in RECURRENCE_NAMES for line in lines):
        raise ConversionError("no recurrence line", property_name="recurrence")
    try:
        canonical_texts([line.text for line in lines])
    except ConversionError as error:
        raise ConversionError(str(error), property_name="recurrence") from error
    return [make_line(line.name, line.value, dict(line.parameters)) for line in lines]


def recurrence_id(
    exception: Mapping[str, Any], master: Mapping[str, Any], calendar_zone: str
) -> ContentLine:
    """Return RECURRENCE-ID of an exception, in the kind and on the clock of its master's start.

    Raises:
        ConversionError: It does not say which instance it is.
    """
    moment = original_start(exception, calendar_zone)
    first = shown_start(read_span(master, calendar_zone))
    return moment_line("RECURRENCE-ID", _like(first, moment), zone_of(first))


def cancelled_lines(own: ContentLine) -> list[ContentLine]:
    """Return what further lines an override has that is cancelled; Google guarantees no details.

    Args:
        own: Its RECURRENCE-ID.
    """
    start = read_line("DTSTART" + own.text[len("RECURRENCE-ID") :])
    return [utc_line("DTSTAMP", _EPOCH), start, make_line("STATUS", "CANCELLED")]


def _like(first: First, moment: Moment) -> First:
    if not isinstance(first, datetime):
        return moment.day
    if moment.is_date:
        return datetime.combine(moment.day, first.timetz())
    return moment.instant
