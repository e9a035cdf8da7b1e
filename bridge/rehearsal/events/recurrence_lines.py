"""Recurrence lines as clients send them: checking, and Google's rewriting.

Source: RFC 5545 sections 3.3.10 and 3.8.5; `google-calendar-facts` sections 7 and 8.
"""

from __future__ import annotations

import re
from itertools import groupby

from bridge.rehearsal.google_error import GoogleError, invalid

_MOST_LINE_CHARACTERS = 32 * 1024
_PARTS = (
    "FREQ", "WKST", "UNTIL", "COUNT", "INTERVAL", "BYSETPOS", "BYMONTH", "BYMONTHDAY", "BYWEEKNO",
    "BYYEARDAY", "BYDAY",
)  # fmt: skip
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_NUMBERED_DAY = f"(?:[+-]?[1-9][0-9]?)?{_DAY}"
_FORMS = {
    "WKST": re.compile(_DAY),
    "UNTIL": re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?"),
    "BYDAY": re.compile(f"{_NUMBERED_DAY}(,{_NUMBERED_DAY})*"),
}
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}")
_LARGEST = {"BYSETPOS": 366, "BYMONTH": 12, "BYMONTHDAY": 31, "BYWEEKNO": 53, "BYYEARDAY": 366}
_LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[A-Za-z\-]+=[^:;]+)*):(.+)")
_MOMENT = re.compile(r"\d{8}(T\d{6}Z?)?")


def rewritten(lines: list[str]) -> list[str]:
    """Return recurrence lines as Google stores them, or refuse them.

    Parts of a rule come in a fixed order, a weekly rule names its WKST, EXDATE and RDATE lines with
    the same parameters are joined and sorted.

    Raises:
        GoogleError: 400 "Invalid recurrence rule." or the size limit.
    """
    parsed = [parsed_line(line) for line in lines]
    if sum(name == "RRULE" for name, _, _ in parsed) > 1:
        raise refused_rule()
    rules = [f"{name}:{_rule(value)}" for name, _, value in parsed if name in ("RRULE", "EXRULE")]
    dates = sorted(entry for entry in parsed if entry[0] in ("EXDATE", "RDATE"))
    joined = []
    for (name, parameters), group in groupby(dates, key=lambda entry: entry[:2]):
        values = sorted({value for _, _, text in group for value in text.split(",")})
        joined.append(f"{name}{parameters}:{','.join(values)}")
    for line in rules + joined:
        if len(line) > _MOST_LINE_CHARACTERS:
            raise invalid("A provided value exceeds the allowed size limit.")
    return rules + joined


def refused_rule() -> GoogleError:
    """Return the 400 for a line that cannot be used."""
    return invalid("Invalid recurrence rule.")


def parsed_line(line: str) -> tuple[str, str, str]:
    """Return name, parameters with their semicolons, and value of a line.

    Raises:
        GoogleError: 400 "Invalid recurrence rule.".
    """
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise refused_rule()
    name, parameters, value = found.groups()
    if name in ("EXDATE", "RDATE"):
        if "PERIOD" in parameters.upper() or not all(map(_MOMENT.fullmatch, value.split(","))):
            raise refused_rule()
    elif parameters:
        raise refused_rule()
    return name, parameters, value


def _rule(text: str) -> str:
    pairs = [part.partition("=")[::2] for part in text.upper().rstrip(";").split(";")]
    parts = dict(pairs)
    known = set(parts) <= set(_PARTS) and all(parts.values()) and len(parts) == len(pairs)
    if not known or parts.get("FREQ") not in _FREQUENCIES or {"COUNT", "UNTIL"} <= set(parts):
        raise refused_rule()
    if not all(_is_fine(name, value) for name, value in parts.items()):
        raise refused_rule()
    if parts["FREQ"] == "WEEKLY":
        parts.setdefault("WKST", "MO")
    return ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)


def _is_fine(name: str, value: str) -> bool:
    """Return whether a part of a rule has a value of its kind (RFC 5545 section 3.3.10)."""
    if name in ("COUNT", "INTERVAL"):
        return value.isascii() and value.isdigit() and 0 < int(value) < 2**31
    if name in _FORMS:
        return _FORMS[name].fullmatch(value) is not None
    if name not in _LARGEST:
        return True
    numbers = value.split(",")
    return all(
        _NUMBER.fullmatch(each) is not None
        and 0 < abs(int(each)) <= _LARGEST[name]
        and (name != "BYMONTH" or int(each) > 0)
        for each in numbers
    )
