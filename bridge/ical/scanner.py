"""The cheap first look at calendar text: size, lines, nesting, control characters.

Runs before any library sees the text, in time linear in its length. What it returns is an
immutable tree whose lines know where they stand in the text, so that a patch can leave all
others untouched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from bridge.errors import InvalidCalendarData, InvalidResource
from bridge.ical.content_line import ContentLine, read_line, value_colon
from bridge.ical.limits import DEFAULT_LIMITS, Limits

BYTE_ORDER_MARK = "\ufeff"
_LONGEST_REMEMBERED = 100_000  # characters; 256 larger ones would fill the memory
# A line break that was folded between its CR and its LF. libical before 4.0.3 writes one where no
# colon, semicolon or blank stands in the last 74 octets of a line (libical pull request 1338), and
# with it Evolution, GNOME Calendar and KOrganizer do.
_TORN = r"\r\r\n[ \t]\r?\n"
_TORN_BREAK = re.compile(_TORN)
# Control characters except TAB and line ends, those some readers take for a line end (I12), and
# what no XML can hold, so that one object would make all reports of its calendar unreadable.
_STRAY = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff"
_FORBIDDEN = re.compile(rf"[{_STRAY}]|(?!{_TORN})\r(?!\n)")
_ALLOWED = re.compile(f"[^{_STRAY}]*")
# A line and those that go on with it, in a text without empty lines.
_LOGICAL_LINE = re.compile(r"(?!\Z)((?:([A-Za-z0-9_.-]+)([:;]))?[^\n]*(?:\n[ \t][^\n]*)*)\n?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentComponent:
    """One component of a calendar text.

    Attributes:
        name: Upper case (`VEVENT`).
        lines: Its own content lines, without those of `components`.
        components: Inner components in their order.
        start: Offset of its BEGIN line in the text.
        body: Offset after its BEGIN line.
        tail: Offset where its own last property line ends; new lines go here.
        end: Offset after its END line.
    """

    name: str
    lines: tuple[ContentLine, ...]
    components: tuple[ContentComponent, ...]
    start: int
    body: int
    tail: int
    end: int
    # Dozens of questions are asked of a component by name, in one request.
    _by_name: dict[str, list[ContentLine]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[ContentLine]] = {}
        for line in self.lines:
            by_name.setdefault(line.name, []).append(line)
        object.__setattr__(self, "_by_name", by_name)

    def __hash__(self) -> int:
        # Equal components are equal in these; all of the lines would take a thousand times longer.
        return hash((self.name, self.start, self.end, len(self.lines)))

    def all(self, name: str) -> tuple[ContentLine, ...]:
        """Return the lines of that name, in their order."""
        return tuple(self._by_name.get(name, ()))

    def first(self, name: str) -> ContentLine | None:
        """Return the first line of that name, or None."""
        found = self._by_name.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        """Return the first value of that name read as TEXT, "" when absent."""
        line = self.first(name)
        return "" if line is None else line.text_value

    def value(self, name: str) -> str:
        """Return the first raw value of that name, trimmed, "" when absent."""
        line = self.first(name)
        return "" if line is None else line.value.strip()


def scan(text: str, *, limits: Limits = DEFAULT_LIMITS) -> ContentComponent:
    """Read the text into its VCALENDAR component.

    Raises:
        InvalidCalendarData: It is too large or too deep, has a character that may not stand in
            it, or is not exactly one well-nested VCALENDAR.
        InvalidResource: It is several of them, one after another.
    """
    _check_size(text, limits)
    plain = _ALLOWED.fullmatch(text) and text.count("\r") == text.count("\r\n")
    # The search takes twenty times as long; it finds what to tell.
    stray = None if plain else _FORBIDDEN.search(text)
    if stray is not None:
        raise InvalidCalendarData(f"a character that may not stand here: U+{ord(stray[0]):04X}")
    return _build(text, limits)


def scanned(text: str) -> ContentComponent:
    """Read text within the default limits; the immutable tree is shared between callers.

    Raises:
        InvalidCalendarData: As `scan`; text that was accepted before never does.
    """
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _large_remembered(text)


@lru_cache(maxsize=256)
def _remembered(text: str) -> ContentComponent:
    return scan(text)


# One request asks for the tree of its one object dozens of times.
@lru_cache(maxsize=4)
def _large_remembered(text: str) -> ContentComponent:
    return scan(text)


def line_break_of(text: str) -> str:
    r"""Return the line end the text uses, CRLF unless its first line ends with a bare `\\n`."""
    first = text.find("\n")
    return "\n" if first == 0 or (first > 0 and text[first - 1] != "\r") else "\r\n"


def with_crlf(text: str) -> str:
    """Return the text with CRLF for every line break; one torn by a fold is whole again."""
    whole = _TORN_BREAK.sub("\n", text) if "\r\r" in text else text
    return whole.replace("\r\n", "\n").replace("\n", "\r\n")


def _check_size(text: str, limits: Limits) -> None:
    # Counting characters first keeps a hostile text from being encoded at all.
    if len(text) > limits.max_bytes:
        raise InvalidCalendarData(f"larger than {limits.max_bytes} bytes")
    if not text.isascii() and len(text.encode("utf-8", "replace")) > limits.max_bytes:
        raise InvalidCalendarData(f"larger than {limits.max_bytes} bytes")
    if text.count("\n") > limits.max_lines:
        raise InvalidCalendarData(f"more than {limits.max_lines} lines")


def _logical_lines(text: str, limits: Limits) -> Iterator[ContentLine]:
    """Unfold: a line that begins with a blank goes on with the one before it."""
    offset = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    odd = "\n\n" in text or "\n\r\n" in text or "\r\r" in text
    if odd or text[offset : offset + 1] in ("\r", "\n"):
        yield from _spaced_lines(text, offset, limits)
        return
    for match in _LOGICAL_LINE.finditer(text, offset):
        line, name, mark = match.groups()
        if "\n" in line:
            line = line.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
        line = line.removesuffix("\r")
        start, end = match.span()
        if name is None:
            yield _checked(line, start, end, limits)
            continue
        if len(line) > limits.max_line:
            raise _too_long(limits)
        colon = len(name) if mark == ":" else value_colon(line)
        yield ContentLine(name=name.upper(), text=line, colon=colon, start=start, end=end)


def _spaced_lines(text: str, offset: int, limits: Limits) -> Iterator[ContentLine]:
    """Unfold a text with empty lines or torn line breaks.

    Empty lines count for nothing, not even between folded ones.
    """
    pieces: list[str] = []
    start = offset
    while offset < len(text):
        newline = text.find("\n", offset)
        stop = len(text) if newline < 0 else newline
        following = len(text) if newline < 0 else newline + 1
        piece = text[offset:stop].rstrip("\r")
        if pieces and piece[:1] in (" ", "\t"):
            pieces.append(piece[1:])
        elif piece:
            if pieces:
                yield _joined(pieces, start, offset, limits)
            pieces, start = [piece], offset
        offset = following
    if pieces:
        yield _joined(pieces, start, offset, limits)


def _joined(pieces: list[str], start: int, end: int, limits: Limits) -> ContentLine:
    return _checked("".join(pieces), start, end, limits)


def _checked(line: str, start: int, end: int, limits: Limits) -> ContentLine:
    if len(line) > limits.max_line:
        raise _too_long(limits)
    return read_line(line, start=start, end=end)


def _too_long(limits: Limits) -> InvalidCalendarData:
    return InvalidCalendarData(f"a line of more than {limits.max_line} characters")


class _Open:
    """A component whose END has not come yet."""

    __slots__ = ("begin", "components", "lines", "name")

    def __init__(self, name: str, begin: ContentLine) -> None:
        self.name = name
        self.begin = begin
        self.lines: list[ContentLine] = []
        self.components: list[ContentComponent] = []

    def closed(self, end: int) -> ContentComponent:
        """Return the component, whose END line ends at this offset."""
        return ContentComponent(
            name=self.name,
            lines=tuple(self.lines),
            components=tuple(self.components),
            start=self.begin.start,
            body=self.begin.end,
            tail=self.lines[-1].end if self.lines else self.begin.end,
            end=end,
        )


def _build(text: str, limits: Limits) -> ContentComponent:
    stack: list[_Open] = []
    root: ContentComponent | None = None
    count = 0
    for line in _logical_lines(text, limits):
        if line.name == "BEGIN":
            _check_begin(line, stack, root, limits)
            stack.append(_Open(line.value.strip().upper(), line))
        elif line.name == "END":
            root = _close(line, stack) or root
        else:
            count += 1
            if count > limits.max_properties:
                raise InvalidCalendarData(f"more than {limits.max_properties} properties")
            _check_place(line, stack)
            stack[-1].lines.append(line)
    if stack:
        raise InvalidCalendarData(f"`END:{stack[-1].name}` is missing")
    if root is None:
        raise InvalidCalendarData("no VCALENDAR component")
    return root


def _check_begin(
    line: ContentLine, stack: list[_Open], root: ContentComponent | None, limits: Limits
) -> None:
    if root is not None:
        raise InvalidResource("more than one calendar in one text")
    if not stack and line.value.strip().upper() != "VCALENDAR":
        raise InvalidCalendarData("the text does not begin with a VCALENDAR component")
    if len(stack) >= limits.max_depth:
        raise InvalidCalendarData(f"components nested deeper than {limits.max_depth}")


def _check_place(line: ContentLine, stack: list[_Open]) -> None:
    if not stack:
        raise InvalidCalendarData("a line outside of the VCALENDAR component")
    if line.colon < 0 and stack[-1].name != "VEVENT":
        raise InvalidCalendarData("a line without a value", property_name=line.name)


def _close(line: ContentLine, stack: list[_Open]) -> ContentComponent | None:
    name = line.value.strip().upper()
    if not stack or stack[-1].name != name:
        raise InvalidCalendarData(f"`END:{name}` closes nothing that is open")
    component = stack.pop().closed(line.end)
    if stack:
        stack[-1].components.append(component)
        return None
    return component
