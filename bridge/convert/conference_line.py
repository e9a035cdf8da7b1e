"""The CRM's meeting link as a line of a Google description.

Google makes its own conferences and warns against copying them, so a link from elsewhere is no
`conferenceData`: people find it at the end of the description (decision record 13). The line never
comes back as text.
"""

from __future__ import annotations

import re

from bridge.convert.contact_block import trim_end, trim_start
from bridge.convert.properties.conference import WEB_ADDRESS, web_link
from bridge.convert.rich_text import is_html

_LEAD = "CRM meeting link: "
_LINE = re.compile(rf"{re.escape(_LEAD)}(?:<a\b[^<>\n]*>)?({WEB_ADDRESS})(?:</a>)?")


def size(link: str) -> int:
    """Return how many characters a description grows by the line, at most."""
    return len(_joined("<br>", link)) if link else 0


def append(text: str, link: str) -> str:
    """Return the text, which has no such line, with the line for this link at its end."""
    return _joined(text, link) if link else text


def split(text: str) -> tuple[str, str]:
    """Return the text without any such line, and the link of the first one, "" without one."""
    kept: list[str] = []
    link, rest = "", 0
    for match in _LINE.finditer(text):
        link = link or web_link(match[1])
        before = text[rest : match.start()]
        kept.append(trim_end(trim_start(before) if kept else before))
        rest = match.end()
    if not kept:
        return text, ""
    kept.append(trim_start(text[rest:]))
    return "\n".join(piece for piece in kept if piece), link


def _joined(text: str, link: str) -> str:
    if not is_html(text):
        return "\n\n".join(part for part in (text, _LEAD + link) if part)
    # Google would read a bare ampersand as the start of a character's name.
    return f"{text}<br><br>{_LEAD}{link.replace('&', '&amp;')}"
