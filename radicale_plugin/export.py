"""A whole calendar as one text, put together from the objects' own lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bridge.ical.content_line import text_line
from bridge.ical.scanner import scanned, with_crlf

_LINE_END = "\r\n"
_BORDER = re.compile(r"^(?:BEGIN|(END))[:;].*\n?", re.IGNORECASE | re.MULTILINE)
# A border that is folded over to the next line, which only a full reading tells.
_FOLDED = re.compile(
    r"^(?:[BE][A-Z]{0,4}\r?\n|(?:BEGIN|END)[:;].*\n)[ \t]", re.IGNORECASE | re.MULTILINE
)
_ZONE = "BEGIN:VTIMEZONE"
_FOLD = re.compile(r"\r\n[ \t]")
_TZID = re.compile(r"^TZID[^:\r\n]*:(.*)$", re.IGNORECASE | re.MULTILINE)


def whole_calendar(texts: Iterable[str], *, name: str) -> str:
    """Return one VCALENDAR with all components, and each time zone once.

    Zones are told apart by TZID alone: of two definitions of one TZID the first counts.

    Args:
        texts: Of the objects the calendar holds, all of them accepted once.
        name: Told as X-WR-CALNAME.
    """
    zones: dict[str, str] = {}
    parts = []
    for text in texts:
        for component in components_of(text):
            piece = _with_line_ends(component)
            if piece[: len(_ZONE)].upper() == _ZONE:
                zones.setdefault(_tzid(piece), piece)
            else:
                parts.append(piece)
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//crmdav//EN\r\n{_name(name)}\r\n"
    return "".join([head, *zones.values(), *parts, "END:VCALENDAR\r\n"])


def components_of(text: str) -> Iterator[str]:
    """Yield the components inside a VCALENDAR, as they stand in its text.

    Only the lines between which components stand are looked for: a calendar may hold thousands of
    objects. What is folded at such a line is read in full.
    """
    if _FOLDED.search(text):
        for component in scanned(text).components:
            yield text[component.start : component.end]
        return
    depth = start = 0
    for border in _BORDER.finditer(text):
        if border[1] is None:
            depth += 1
            if depth == 2:  # noqa: PLR2004 - one below VCALENDAR
                start = border.start()
        else:
            if depth == 2:  # noqa: PLR2004 - likewise
                yield text[start : border.end()]
            depth -= 1


def _tzid(zone: str) -> str:
    found = _TZID.search(_FOLD.sub("", zone))
    return "" if found is None else found[1].strip()


def _name(name: str) -> str:
    return text_line("X-WR-CALNAME", name).text


def _with_line_ends(text: str) -> str:
    """Return the lines with the ends that RFC 5545 section 3.1 asks for."""
    return with_crlf(text).rstrip(_LINE_END) + _LINE_END
