"""Descriptions: the part of HTML that Google keeps.

Source: `google-calendar-facts`, section 10 (HTML subset, sanitised on write). Text without a tag is
kept to the letter.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

_KEPT = frozenset({"a", "b", "br", "em", "i", "li", "ol", "p", "s", "span", "strong", "u", "ul"})
_DROPPED_WITH_CONTENT = frozenset({"script", "style", "iframe", "object"})
_LINKS = ("http://", "https://", "mailto:", "tel:")


class _Sanitizer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag if Google does, with nothing but a link's address."""
        if tag in _DROPPED_WITH_CONTENT:
            self._silent += 1
        elif tag in _KEPT and not self._silent:
            address = dict(attrs).get("href") or ""
            link = tag == "a" and address.lower().startswith(_LINKS)
            self.pieces.append(f'<{tag} href="{escape(address)}">' if link else f"<{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _DROPPED_WITH_CONTENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Keep the tag if Google does."""
        if tag in _DROPPED_WITH_CONTENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _KEPT and not self._silent:
            self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._keep(f"&#{name};")

    def _keep(self, text: str) -> None:
        if not self._silent:
            self.pieces.append(text)


def sanitized(text: str) -> str:
    """Return a description as Google stores it."""
    if "<" not in text or ">" not in text:
        return text
    sanitizer = _Sanitizer()
    sanitizer.feed(text)
    sanitizer.close()
    return "".join(sanitizer.pieces)
