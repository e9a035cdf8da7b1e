"""Descriptions longer than Google takes: cut in Google's copy, with a mark, and never here.

An edit at Google before the mark comes back. One at the mark or after it is put back: taking the
mark away, writing below it, and taking off the end of what stands before it, which cannot be told
from another cut. `X-CRM-DESCRIPTION-CUT` remembers where Google's copy was cut after an edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bridge.convert.contact_block import trim_end
from bridge.convert.rich_text import is_html, plain_text
from bridge.ical.content_line import clean_text, make_line
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

LONGEST = 8192
"""Characters; Google answers 400 to a longer description."""
MARK = "\n…"
_LONGEST_NAME = 9
_CUT = "X-CRM-DESCRIPTION-CUT"
# Alone on its line, also after Google's editor turned line ends into tags.
_MARKS = re.compile(r"(?:\n|<br\s{0,4}/?>|<p>|\A)…[ \t]*(?=\n|<br|</p>|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A whole text with the edit that was made in its cut copy, and where that is cut now."""

    text: str
    cut: int


def shown(text: str, *, room: int, cut: int | None) -> str:
    """Return the text as Google's copy has it.

    Args:
        text: The whole of it.
        room: How many characters fit.
        cut: Where it is cut since an edit at Google, None for as late as it fits.
    """
    if len(text) <= room and cut is None:
        return text
    length = min(room - len(MARK), len(text) if cut is None else cut)
    head = text[:length]
    if is_html(text):
        head = _whole_signs(head)
    return trim_end(head) + MARK


def restored(edited: str, *, whole: str, present: str, room: int) -> Restored | None:
    """Return what an edit of the cut copy makes of the whole text; None when it is put back."""
    marks = list(_MARKS.finditer(edited))
    if not marks:
        return None
    head = trim_end(edited[: marks[-1].start()])
    if is_html(head) and not is_html(whole):
        head = trim_end(clean_text(plain_text(head)))
    if whole.startswith(head) or len(head) > room - len(MARK):
        return None
    return Restored(text=head + whole[len(present) - len(MARK) :], cut=len(head))


def _whole_signs(html: str) -> str:
    """Return HTML without the beginning of a tag or of a character's name at its end."""
    if html.rfind("<") > html.rfind(">"):
        html = html[: html.rfind("<")]
    named = html.rfind("&", max(0, len(html) - _LONGEST_NAME))
    return html if named < 0 or ";" in html[named:] else html[:named]


def cut_of(component: ContentComponent, text: str) -> int | None:
    """Return where Google's copy of this text is cut since an edit there; None for no such edit.

    What is remembered holds for the text it was remembered with.
    """
    length, _, whole = component.value(_CUT).partition("/")
    known = length.isdecimal() and whole == str(len(text)) and int(length) < len(text)
    return int(length) if known else None


def cut_change(component: ContentComponent, found: Restored | None) -> tuple[PropertyChange, ...]:
    """Return the change that remembers where Google's copy is cut, or forgets it."""
    if found is None:
        gone = PropertyChange(name=_CUT)
        return () if component.first(_CUT) is None else (gone,)
    value = f"{found.cut}/{len(found.text)}"
    return (PropertyChange(name=_CUT, lines=(make_line(_CUT, value),)),)
