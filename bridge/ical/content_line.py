"""One content line, as it stands in the text and as it is written (RFC 5545 section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_FOLD_OCTETS = 75
_NAME = re.compile(r"[A-Za-z0-9_.-]+(?=[:;])")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufffe\uffff]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NEEDS_QUOTES = re.compile(r"[,;:]")
_CARET = re.compile(r"\^([n^'])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentLine:
    """A name, its parameters and a raw value.

    Attributes:
        name: Upper case; "" for a line that has no readable name (kept, never interpreted).
        text: The unfolded line without its line break.
        colon: Index in `text` of the colon before the value; -1 when there is none.
        start: Offset in the calendar text of the first character; -1 for a line made by us.
        end: Offset after the line break.
    """

    name: str
    text: str
    colon: int
    start: int = -1
    end: int = -1

    @property
    def value(self) -> str:
        """The raw value, escapes untouched; "" when there is none."""
        return self.text[self.colon + 1 :] if self.colon >= 0 else ""

    @property
    def text_value(self) -> str:
        """The value read as TEXT (RFC 5545 section 3.3.11)."""
        return unescape_text(self.value)

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Name (upper case) and value of each parameter; lists stay joined by commas."""
        head = self.text[: self.colon] if self.colon >= 0 else self.text
        pairs = []
        for piece in split_outside_quotes(head, ";")[1:]:
            name, _, value = piece.partition("=")
            pairs.append((name.strip().upper(), _read_parameter(value.strip())))
        return tuple(pairs)

    def parameter(self, name: str, default: str = "") -> str:
        """Return the value of the first parameter of that name, unquoted (RFC 6868)."""
        if self.colon == len(self.name):
            return default  # nothing between name and colon, as in most lines
        for key, value in self.parameters:
            if key == name:
                return value
        return default

    @property
    def meaning(self) -> tuple[str, tuple[tuple[str, str], ...], str]:
        """Name, parameters and value: equal for lines that differ in folding or case only."""
        return self.name, self.parameters, self.value


def read_line(text: str, *, start: int = -1, end: int = -1) -> ContentLine:
    """Read an unfolded content line; one without a readable name gets the name ""."""
    match = _NAME.match(text)
    name = "" if match is None else match[0].upper()
    return ContentLine(name=name, text=text, colon=value_colon(text), start=start, end=end)


def value_colon(text: str) -> int:
    """Return the index of the colon before the value of an unfolded line; -1 without one."""
    first = text.find(":")
    if first < 0 or text.find('"', 0, first) < 0:
        return first
    quoted = False
    for index, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return index
    return -1


def make_line(name: str, value: str, parameters: Mapping[str, str] | None = None) -> ContentLine:
    """Make a line from a raw value; parameters are quoted and escaped as needed (RFC 6868)."""
    head = name + "".join(f";{key}={_write_parameter(v)}" for key, v in (parameters or {}).items())
    return ContentLine(name=name.upper(), text=f"{head}:{_raw(value)}", colon=len(head))


def text_line(name: str, value: str, parameters: Mapping[str, str] | None = None) -> ContentLine:
    """Make a line whose value is TEXT; line ends become escapes, control characters go (I13)."""
    return make_line(name, escape_text(value), parameters)


def with_value(line: ContentLine, value: str) -> ContentLine:
    """Return the line with another raw value, its parameters as they stand."""
    head = line.text[: line.colon]
    return ContentLine(name=line.name, text=f"{head}:{_raw(value)}", colon=len(head))


def with_parameter(line: ContentLine, name: str, value: str) -> ContentLine:
    """Return the line with one parameter set, or taken off for "", all others as they stand."""
    head, *pieces = split_outside_quotes(line.text[: line.colon], ";")
    kept = [piece for piece in pieces if piece.partition("=")[0].strip().upper() != name]
    added = [f"{name}={_write_parameter(value)}"] if value else []
    text = ";".join([head, *kept, *added])
    return ContentLine(name=line.name, text=f"{text}:{line.value}", colon=len(text))


def clean_text(value: str) -> str:
    r"""Return the text with line ends as `\\n`, and without what may not stand in one (I12).

    These are control characters but TAB, and the two characters that no XML can hold.
    """
    plain = value.replace("\r\n", "\n").replace("\r", "\n")
    plain = plain.replace("\x85", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    # A broken surrogate has no place in UTF-8 and would make the whole text unwritable.
    return _FORBIDDEN.sub("", plain).encode("utf-8", "ignore").decode("utf-8")


def escape_text(value: str) -> str:
    r"""Escape TEXT (RFC 5545 section 3.3.11), after `clean_text`.

    Not icalendar's own function: it reads a literal `\\N` in the text as a line end.
    """
    escaped = clean_text(value).replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,")
    return escaped.replace("\n", r"\n")


def unescape_text(value: str) -> str:
    """Take the escapes of TEXT off; an unknown escape stands for its character."""
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def split_values(value: str) -> tuple[str, ...]:
    """Split a raw list value at its unescaped commas, and take the escapes off (TEXT lists)."""
    return tuple(unescape_text(piece) for piece in re.findall(r"(?:\\.|[^,\\])+", value))


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """Split where the separator stands outside double quotes."""
    if '"' not in text:
        return text.split(separator)
    pieces, begin, quoted = [], 0, False
    for index, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            pieces.append(text[begin:index])
            begin = index + 1
    return [*pieces, text[begin:]]


def fold(line: str, line_break: str = "\r\n") -> str:
    """Fold a line at 75 octets, never inside a character, and end it with the line break."""
    if len(line) * 4 <= _FOLD_OCTETS or len(line.encode()) <= _FOLD_OCTETS:
        return line + line_break
    pieces, piece, room = [], "", _FOLD_OCTETS
    for character in line:
        size = len(character.encode())
        if size > room:
            pieces.append(piece)
            piece, room = "", _FOLD_OCTETS - 1
        piece += character
        room -= size
    pieces.append(piece)
    return f"{line_break} ".join(pieces) + line_break


def write_lines(lines: Iterable[ContentLine], line_break: str = "\r\n") -> str:
    """Write lines folded, each ended by the line break."""
    return "".join(fold(line.text, line_break) for line in lines)


def _raw(value: str) -> str:
    return clean_text(value).replace("\n", "")


def _read_parameter(value: str) -> str:
    plain = value.replace('"', "")
    if "^" not in plain:
        return plain
    return _CARET.sub(lambda match: {"n": "\n", "^": "^", "'": '"'}[match[1]], plain)


def _write_parameter(value: str) -> str:
    escaped = clean_text(value).replace("^", "^^").replace('"', "^'").replace("\n", "^n")
    return f'"{escaped}"' if _NEEDS_QUOTES.search(escaped) else escaped
