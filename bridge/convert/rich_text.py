"""Descriptions in HTML, as Google's editor makes them, and what they say in plain text.

Google keeps a small part of HTML, takes away what looks like any other tag, and does not say which
descriptions are HTML; a tag of that part, or the name of a character, tells (Google: Events
resource, `description`). So `John <john@example.com>` has to be sent as HTML to stay what it is. It
is read by one pattern in one pass, because the standard library's parser takes a quarter of a
minute over a description of unfinished tags.
"""

from __future__ import annotations

import re
from html import escape, unescape

_KNOWN = re.compile(
    r"</?(?:a|b|br|div|em|h[1-6]|html-blob|i|li|ol|p|s|span|strong|u|ul)"
    r"\s{0,9}(?:\s[a-z_][\w:-]{0,40}\s{0,9}=[^<>]*)?/?>",
    re.IGNORECASE,
)
_NAMED = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_TAG_START = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)((?:\s[^<>]*)?)/?>", re.IGNORECASE)
_ADDRESS = re.compile(r"""\shref\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE)
_BLOCKS = frozenset({"div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "ul"})
_ITEM = "- "
_BLANKS = re.compile(r"[ \t\xa0]+")
_MANY_LINES = re.compile(r"\n{3,}")


def is_html(text: str) -> bool:
    """Return whether Google's editor would have written such a text."""
    return _KNOWN.search(text) is not None or _NAMED.search(text) is not None


def told_plainly(text: str) -> str:
    """Return a plain text as Google's copy has it, HTML only where it would lose something.

    Tags that Google knows are taken for such.
    """
    if _KNOWN.search(text) is not None:
        return _without_strays(text)
    lossy = _TAG_START.search(text) is not None or _NAMED.search(text) is not None
    return escape(text, quote=False) if lossy else text


def as_kept(text: str) -> str:
    """Return a description of Google's in the one form that stands for what it says.

    Idempotent; of a plain text that is what `told_plainly` makes of it.
    """
    if _KNOWN.search(text) is not None:
        return _without_strays(text)
    plain = unescape(text) if _NAMED.search(text) is not None else text
    # Tags that somebody wrote about are none.
    return text if _KNOWN.search(plain) is not None else told_plainly(plain)


def plain_text(html: str) -> str:
    """Return what a description in HTML says, without tags; links keep their address."""
    if _TAG.search(html) is None:
        return unescape(html)
    text, rest = _Text(), 0
    for tag in _TAG.finditer(html):
        text.say(unescape(html[rest : tag.start()]))
        text.read_tag(tag[2].lower(), tag[3], closing=bool(tag[1]))
        rest = tag.end()
    text.say(unescape(html[rest:]))
    return text.lines()


def _without_strays(html: str) -> str:
    """Return HTML in which all that begins like a tag is one that Google knows."""
    known = {match.start() for match in _KNOWN.finditer(html)}
    return _TAG_START.sub(lambda at: "<" if at.start() in known else "&lt;", html)


class _Text:
    """What was read so far."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._address = ""
        self._linked = 0

    def say(self, words: str) -> None:
        if words:
            self._pieces.append(words)

    def read_tag(self, name: str, attributes: str, *, closing: bool) -> None:
        """Take in a tag; those that say nothing of lines, lists and links are dropped."""
        if name == "br":
            self._pieces.append("\n")
        elif name in _BLOCKS:
            self._begin_line()
            if name == "li" and not closing:
                self._pieces.append(_ITEM)
        elif name == "a" and closing:
            self._end_link()
        elif name == "a":
            self._address, self._linked = _address(attributes), len(self._pieces)

    def lines(self) -> str:
        lines = (_BLANKS.sub(" ", line).strip() for line in "".join(self._pieces).split("\n"))
        return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip()

    def _begin_line(self) -> None:
        if self._pieces and not self._pieces[-1].endswith("\n"):
            self._pieces.append("\n")

    def _end_link(self) -> None:
        """Name the address, unless the words of the link are the address."""
        address, self._address = self._address, ""
        words = "".join(self._pieces[self._linked :]).strip()
        if address and words and words not in (address, address.removeprefix("mailto:")):
            self._pieces.append(f" <{address}>")
        elif address and not words:
            self._pieces.append(address)


def _address(attributes: str) -> str:
    match = _ADDRESS.search(attributes)
    if match is None:
        return ""
    return unescape(match[1] or match[2] or match[3] or "").strip()
