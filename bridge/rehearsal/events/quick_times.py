"""The times of day and lengths that English words name, for `events.quickAdd`.

Understood are `10am`, `10:25 am`, `15:00`, `noon`, `midnight`, `at 3` (one to seven are in the
afternoon), `10am-10:25am`, `10-11am`, `from 2pm to 3:30pm`, `for 2 hours`, `for 45 min`, `for half
an hour`, `for 3 days`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta

_CLOCK = r"(?P<hour{0}>\d{{1,2}})(?::(?P<minute{0}>\d{{2}}))?(?:\s*(?P<half{0}>[ap])\.?m\b\.?)?"
_START, _END = _CLOCK.format(""), _CLOCK.format("_to")
_TO = r"\s*(?:-|–|to|until|till)\s*"
_RANGE = re.compile(
    rf"(?<![\w/:-])(?:(?:from|at)\s+)?{_START}{_TO}{_END}(?![\w/:-])", re.IGNORECASE
)
_SINGLE = re.compile(rf"(?<![\w/:-])(?P<at>(?:at\s+|@\s*))?{_START}(?![\w/:-])", re.IGNORECASE)
_WORD = re.compile(r"\b(?:at\s+)?(?P<word>noon|midnight)\b", re.IGNORECASE)
_LENGTH = re.compile(
    r"\bfor\s+(?P<number>\d{1,4}(?:\.\d{1,2})?|an?|half\s+an)\s*"
    r"(?P<unit>hours?|hrs?|h|minutes?|mins?|m|days?)\b",
    re.IGNORECASE,
)
_WORDS = {"noon": time(12), "midnight": time(0)}
_UNITS = {"h": timedelta(hours=1), "m": timedelta(minutes=1), "d": timedelta(days=1)}
_NOON = 12
_FIRST_MORNING_HOUR = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Times found in a text.

    Attributes:
        start: Time of day.
        end: Time of day, None when only a start is named.
        rest: The text without the words that named them.
    """

    start: time
    end: time | None
    rest: str


def find_times(text: str) -> Times | None:
    """Return the times of day a text names, or None."""
    for found in _RANGE.finditer(text):
        pair = _pair(found)
        if pair is not None:
            return Times(start=pair[0], end=pair[1], rest=_without(text, found))
    word = _WORD.search(text)
    if word is not None:
        start = _WORDS[word["word"].lower()]
        return Times(start=start, end=None, rest=_without(text, word))
    for found in _SINGLE.finditer(text):
        single = _single(found)
        if single is not None:
            return Times(start=single, end=None, rest=_without(text, found))
    return None


def find_length(text: str) -> tuple[timedelta, str] | None:
    """Return the length a text names, and the text without those words, or None."""
    found = _LENGTH.search(text)
    if found is None:
        return None
    words = found["number"].lower()
    number = 0.5 if words.startswith("half") else 1.0 if words in ("a", "an") else float(words)
    length = number * _UNITS[found["unit"][0].lower()]
    return (length, _without(text, found)) if length else None


def _pair(found: re.Match[str]) -> tuple[time, time] | None:
    told = any(found[name] for name in ("minute", "half", "minute_to", "half_to"))
    end = _clock(found["hour_to"], found["minute_to"], found["half_to"] or found["half"])
    start = _clock(found["hour"], found["minute"], found["half"] or found["half_to"])
    if not told or start is None or end is None:
        return None
    if start > end and not found["half"]:
        # `11-1pm` begins in the morning.
        start = _clock(found["hour"], found["minute"], None) or start
    return start, end


def _single(found: re.Match[str]) -> time | None:
    if not found["at"] and not found["minute"] and not found["half"]:
        return None
    start = _clock(found["hour"], found["minute"], found["half"])
    bare = not found["minute"] and not found["half"]
    if start is not None and bare and 0 < start.hour < _FIRST_MORNING_HOUR:
        return start.replace(hour=start.hour + _NOON)
    return start


def _clock(hour_text: str, minute_text: str | None, half: str | None) -> time | None:
    hour, minute = int(hour_text), int(minute_text or 0)
    if half:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if half.lower() == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
