"""Time zones that Outlook and Exchange name in words: cities, or a title in English."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

_OFFSET = re.compile(r"\((?:UTC|GMT)(?:[+-]\d{1,2}[:.]\d{2})?\)\s*", re.IGNORECASE | re.ASCII)
_TITLES = {
    "newfoundland": "America/St_Johns",
    "atlantic time (canada)": "America/Halifax",
    "eastern time (us & canada)": "America/New_York",
    "central time (us & canada)": "America/Chicago",
    "mountain time (us & canada)": "America/Denver",
    "arizona": "America/Phoenix",
    "pacific time (us & canada)": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "coordinated universal time": "UTC",
}
_REGIONS = (
    "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian",
    "Pacific",
)  # fmt: skip


def zone_in_words(words: str) -> str | None:
    """Return the IANA name of a zone named in words, None for words nobody knows.

    Args:
        words: Such as `(UTC-05:00) Eastern Time (US and Canada)` or
            `Amsterdam, Berlin, Bern, Rome`: of a list the first known city counts.
    """
    plain = _OFFSET.sub("", words, count=1).strip().lower()
    title = _TITLES.get(plain.replace(" and canada", " & canada"))
    if title is not None or ("," not in plain and plain == words.strip().lower()):
        return title
    cities = (city.strip() for city in plain.split(","))
    return next((_cities()[city] for city in cities if city in _cities()), None)


@cache
def _cities() -> dict[str, str]:
    """City in lower case to IANA name; of two names of one city the longer, present one."""
    names = (name for name in available_timezones() if name.startswith(_REGIONS))
    return {
        name.rpartition("/")[2].replace("_", " ").lower(): name
        for name in sorted(names, key=lambda name: (name.count("/"), name))
    }
