"""The block with linked contacts at the end of a Google description; it never comes back."""

from __future__ import annotations

import re

from bridge.convert.properties.crm_links import DEAL, ORGANIZATION, PERSON
from bridge.ical.scanner import ContentComponent

BEGIN = "--- CRM contact ---"
END = "--- end of CRM contact ---"
# Google's editor turns line ends into tags once a person edits the text.
_TAG_AT_END = re.compile(r"(?:<br\s{0,4}/?>|&nbsp;|<p>)\Z")
_TAG_AT_START = re.compile(r"<br\s{0,4}/?>|&nbsp;|</p>")
_LONGEST_TAG = 12


def block_of(component: ContentComponent) -> str:
    """Return the block for the records linked to a component, "" when there are none."""
    links = {name: component.text(name) for name in (PERSON, ORGANIZATION, DEAL)}
    if not any(links.values()):
        return ""
    lines = [
        component.text("CONTACT") or links[PERSON] or links[ORGANIZATION],
        f"Deal: {links[DEAL]}" if links[DEAL] else "",
        component.value("URL"),
    ]
    # Dashes in a row are ours alone: a record's own name must not end the block early.
    inner = "\n".join(line.strip().replace("---", "–") for line in lines if line.strip())
    return f"{BEGIN}\n{inner}\n{END}"


def append(text: str, block: str) -> str:
    """Return the text with the block at its end, in place of any block in it."""
    plain = strip(text)
    return "\n\n".join(part for part in (plain, block) if part)


def strip(text: str) -> str:
    """Return the text without any block, and trimmed at its end."""
    kept = []
    rest = text
    while BEGIN in rest:
        before, _, after = rest.partition(BEGIN)
        kept.append(trim_end(before))
        rest = trim_start(after.partition(END)[2])
    kept.append(rest)
    return trim_end("\n".join(piece for piece in kept if piece))


def trim_end(text: str) -> str:
    """Return the text without blanks and empty lines at its end, in plain text or in HTML."""
    text = text.rstrip()
    while (tag := _TAG_AT_END.search(text, max(0, len(text) - _LONGEST_TAG))) is not None:
        text = text[: tag.start()].rstrip()
    return text


def trim_start(text: str) -> str:
    """Return the text without blanks and empty lines at its start, in plain text or in HTML."""
    text = text.lstrip()
    while (tag := _TAG_AT_START.match(text)) is not None:
        text = text[tag.end() :].lstrip()
    return text
