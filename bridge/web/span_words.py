"""When something is, in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.domain.spans import AllDaySpan, Span
from bridge.web.languages import say, written


def span_words(span: Span | None, zone: ZoneInfo, *, recurring: bool = False) -> str:
    """Return when something is, day and time, as a clock of this zone shows it."""
    if span is None:
        return say("without a time")
    words = _all_day(span) if isinstance(span, AllDaySpan) else _timed(span.start, span.end, zone)
    return say("%(when)s, a series", when=words) if recurring else words


def _all_day(span: AllDaySpan) -> str:
    last = span.end - timedelta(days=1)
    first = written(span.start, "long")
    if span.days == 1:
        return first
    return say("%(first)s, to %(last)s", first=first, last=written(last, "day"))


def _timed(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    begins, ends = start.astimezone(zone), end.astimezone(zone)
    day = f"{written(begins, 'long')}, {written(begins, 'time')}"
    if begins.date() == ends.date():
        return f"{day}–{written(ends, 'time')}"
    until = f"{written(ends, 'day_month')}, {written(ends, 'time')}"
    return say("%(begin)s to %(end)s", begin=day, end=until)
