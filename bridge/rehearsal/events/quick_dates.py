"""The days that English words name, for `events.quickAdd`.

Understood are `2026-06-03`, `June 3rd, 2026`, `3 June`, `June 3 to 5`, `6/3` (the order of day and
month is a setting of the account), `today`, `tonight`, `tomorrow`, `day after tomorrow`, `Friday`,
`next Friday`, `in 3 days`, `in 2 weeks`. A day without a year is the next one; a weekday is the
next one from today on, `next` a week later.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
WEEKDAYS = {
    name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
}

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
WEEKDAY = (
    r"(?P<weekday>mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs|rsday)?|fri(?:day)?|"
    r"sat(?:urday)?|sun(?:day)?)"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<year>\d{4}))?"
_TO = r"\s*(?:-|–|to|until|till|through)\s*"
_LONGEST_AHEAD = 3660
_LAST_YEAR = 9000


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days found in a text.

    Attributes:
        first: First day.
        last: Last day, inclusive.
        rest: The text without the words that named them.
    """

    first: date
    last: date
    rest: str


def find_days(text: str, *, today: date, day_first: bool) -> Days | None:
    """Return the days a text names, or None.

    Args:
        text: What a person typed.
        today: The present day in the calendar's zone.
        day_first: Whether `6/3` is the sixth of March.
    """
    for pattern, read in _PATTERNS:
        for found in pattern.finditer(text):
            named = _Named(found=found, today=today, day_first=day_first)
            try:
                first, last = read(named)
            except (ValueError, OverflowError):
                # Such as June 31: these words name no day.
                continue
            if last.year >= _LAST_YEAR:
                continue
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            return Days(first=first, last=last, rest=rest)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    found: re.Match[str]
    today: date
    day_first: bool

    def number(self, name: str) -> int:
        return int(self.found[name])


_Read = Callable[[_Named], tuple[date, date]]


def _iso(named: _Named) -> tuple[date, date]:
    day = date.fromisoformat(named.found["iso"])
    return day, day


def _month_and_day(named: _Named) -> tuple[date, date]:
    month = MONTHS[named.found["month"][:3].lower()]
    day = _dated(named, month, named.number("day"))
    return day, day


def _month_and_days(named: _Named) -> tuple[date, date]:
    first, _ = _month_and_day(named)
    month = named.found["last_month"]
    number = MONTHS[month[:3].lower()] if month else first.month
    last = date(first.year, number, named.number("last"))
    if last < first:
        last = last.replace(year=last.year + 1)
    return first, last


def _slashed(named: _Named) -> tuple[date, date]:
    one, other = named.number("one"), named.number("other")
    month, day = (other, one) if named.day_first else (one, other)
    found = _dated(named, month, day)
    return found, found


def _dated(named: _Named, month: int, day: int) -> date:
    if named.found["year"]:
        year = named.number("year")
        return date(year + 2000 if year < 100 else year, month, day)  # noqa: PLR2004 - two digits
    found = date(named.today.year, month, day)
    return found if found >= named.today else date(named.today.year + 1, month, day)


def _worded(named: _Named) -> tuple[date, date]:
    word = named.found["word"].lower()
    ahead = 2 if word.startswith("day") else int(word.startswith("tom"))
    day = named.today + timedelta(days=ahead)
    return day, day


def _ahead(named: _Named) -> tuple[date, date]:
    number = 1 if named.found["number"] in ("a", "one") else int(named.found["number"])
    days = number * (7 if named.found["unit"].lower() == "week" else 1)
    if days > _LONGEST_AHEAD:
        raise ValueError(days)
    day = named.today + timedelta(days=days)
    return day, day


def _weekday(named: _Named) -> tuple[date, date]:
    wanted = WEEKDAYS[named.found["weekday"][:3].lower()]
    ahead = (wanted - named.today.weekday()) % 7
    if (named.found["which"] or "").lower() == "next":
        ahead += 7
    day = named.today + timedelta(days=ahead)
    return day, day


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/]){pattern}(?![\w/])", re.IGNORECASE)


_LAST = rf"(?:{_MONTH.replace('<month>', '<last_month>')}\s+)?(?P<last>\d{{1,2}})(?:st|nd|rd|th)?"
# The longest forms first: a shorter one would leave a part of them behind.
_PATTERNS: tuple[tuple[re.Pattern[str], _Read], ...] = (
    (_compiled(r"(?:on\s+)?(?P<iso>\d{4}-\d{2}-\d{2})"), _iso),
    (
        _compiled(rf"(?:(?:from|on)\s+)?{_MONTH}\s+{_DAY}{_TO}{_LAST}(?!\s*(?::|am|pm)){_YEAR}"),
        _month_and_days,
    ),
    (_compiled(rf"(?:on\s+)?{_MONTH}\s+{_DAY}{_YEAR}"), _month_and_day),
    (_compiled(rf"(?:on\s+)?(?:the\s+)?{_DAY}(?:\s+of)?\s+{_MONTH}{_YEAR}"), _month_and_day),
    (
        _compiled(r"(?:on\s+)?(?P<one>\d{1,2})/(?P<other>\d{1,2})(?:/(?P<year>\d{4}|\d{2}))?"),
        _slashed,
    ),
    (_compiled(r"(?P<word>day after tomorrow|today|tonight|tomorrow)"), _worded),
    (_compiled(r"in\s+(?P<number>\d{1,4}|a|one)\s+(?P<unit>day|week)s?"), _ahead),
    (_compiled(rf"(?:on\s+)?(?:(?P<which>next|this)\s+)?{WEEKDAY}"), _weekday),
)
