"""When something is, in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.domain.spans import AllDaySpan, Span


def span_words(span: Span | None, zone: ZoneInfo, *, recurring: bool = False) -> str:
    """Return when something is, day and time, as a clock of this zone shows it."""
    if span is None:
        return "without a time"
    words = _all_day(span) if isinstance(span, AllDaySpan) else _timed(span.start, span.end, zone)
    return f"{words}, a series" if recurring else words


def _all_day(span: AllDaySpan) -> str:
    last = span.end - timedelta(days=1)
    first = f"{span.start:%A}, {span.start.day} {span.start:%B %Y}"
    return first if span.days == 1 else f"{first}, to {last.day} {last:%B %Y}"


def _timed(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    begins, ends = start.astimezone(zone), end.astimezone(zone)
    day = f"{begins:%A}, {begins.day} {begins:%B %Y}, {begins:%H:%M}"
    if begins.date() == ends.date():
        return f"{day}–{ends:%H:%M}"
    return f"{day} to {ends.day} {ends:%B, %H:%M}"
