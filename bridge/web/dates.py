"""Days and times as the reader's language writes them (CLDR patterns, told by Babel).

English keeps the plain forms the pages have always had; weeks begin on Monday everywhere.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from babel.dates import format_datetime

Style = Literal[
    "moment",
    "second",
    "time",
    "weekday",
    "weekday_name",
    "long",
    "short",
    "short_year",
    "day",
    "month",
    "day_month",
    "date",
]

_PATTERNS: dict[str, dict[Style, str]] = {
    "en": {
        "moment": "y-MM-dd HH:mm",
        "second": "d MMMM y, HH:mm:ss",
        "time": "HH:mm",
        "weekday": "EEE",
        "weekday_name": "EEEE",
        "long": "EEEE, d MMMM y",
        "short": "EEE d MMM",
        "day": "d MMMM y",
        "month": "MMMM y",
        "day_month": "d MMMM",
        "date": "d",
        "short_year": "EEE d MMM y",
    },
    "cs": {
        "moment": "d. M. y HH:mm",
        "second": "d. MMMM y H:mm:ss",
        "time": "HH:mm",
        "weekday": "EEEEEE",
        "weekday_name": "EEEE",
        "long": "EEEE d. MMMM y",
        "short": "EEEEEE d. M.",
        "day": "d. MMMM y",
        "month": "LLLL y",
        "day_month": "d. MMMM",
        "date": "d.",
        "short_year": "EEEEEE d. M. y",
    },
    "de": {
        "moment": "dd.MM.y, HH:mm",
        "second": "d. MMMM y, HH:mm:ss",
        "time": "HH:mm",
        "weekday": "EEEEEE",
        "weekday_name": "EEEE",
        "long": "EEEE, d. MMMM y",
        "short": "EEEEEE, d. MMM",
        "day": "d. MMMM y",
        "month": "MMMM y",
        "day_month": "d. MMMM",
        "date": "d.",
        "short_year": "EEEEEE, d. MMM y",
    },
}


def written_in(code: str, when: date, style: Style) -> str:
    """Return a day or a moment in a language; a moment by its own clock."""
    clock = when.replace(tzinfo=None) if isinstance(when, datetime) else None
    at = clock or datetime(when.year, when.month, when.day)  # noqa: DTZ001 - only written
    return format_datetime(at, _PATTERNS[code][style], locale=code)
