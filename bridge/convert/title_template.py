"""Titles at Google by a template such as `{subject} · {organization}`.

A template is what stands before and after the subject. Where a record is not linked, the words that
belong to it are left out as well, so that no lone dash or bracket remains. The done mark stands
outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.ical.content_line import clean_text, make_line
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

SWITCH = "X-CRM-TITLE-TEMPLATE"
"""`OFF` on a calendar object whose title was edited at Google so that the template is lost."""
SUBJECT = "subject"
FIELDS = ("person", "organization", "deal", "type")
_FIELD = re.compile(r"\{([a-z]+)\}")
_CLOSING = re.compile(r"[)\]}»›]*")
_OPENING = re.compile(r"[(\[{«‹]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the template puts around the subject of one item."""

    before: str = ""
    after: str = ""

    def around(self, subject: str) -> str:
        """Return the title; without a subject there is none."""
        return f"{self.before}{subject}{self.after}" if subject else ""

    def subject_in(self, title: str) -> str | None:
        """Return the subject that gives this title; None when no subject does."""
        length = len(title) - len(self.before) - len(self.after)
        subject = title[len(self.before) :][: max(length, 0)].strip()
        return subject if self.around(subject) == title else None


NO_FRAME = Frame()


def title_frame(template: str, fields: Mapping[str, str]) -> Frame:
    """Return what stands around the subject.

    Args:
        template: With `{subject}` once; any other one changes no title.
        fields: Names of the linked records and of the type, by `FIELDS`; "" for none.
    """
    before, found, after = clean_text(template).partition(f"{{{SUBJECT}}}")
    if not found or f"{{{SUBJECT}}}" in after:
        return NO_FRAME
    known = {name: clean_text(fields.get(name, "")).replace("\n", " ").strip() for name in FIELDS}
    return Frame(
        before=_shown_before(_pieces(before), known).lstrip(),
        after=_shown_after(_pieces(after), known).rstrip(),
    )


def is_switched_off(component: ContentComponent) -> bool:
    """Return whether this item's title is the subject alone."""
    return component.value(SWITCH).upper() == "OFF"


def switched_off() -> PropertyChange:
    """Return the change that takes the template off one item."""
    return PropertyChange(name=SWITCH, lines=(make_line(SWITCH, "OFF"),))


def _pieces(text: str) -> list[str]:
    """Return words and names of fields in turn, words first and last; other braces are words."""
    pieces, rest = [""], 0
    for match in _FIELD.finditer(text):
        if match[1] in FIELDS:
            pieces[-1] += text[rest : match.start()]
            pieces += [match[1], ""]
            rest = match.end()
    pieces[-1] += text[rest:]
    return pieces


def _shown_after(pieces: Sequence[str], known: Mapping[str, str]) -> str:
    """Words belong to the field that they lead to, a closing bracket to the field before it."""
    shown, words = "", pieces[0]
    for name, following in zip(pieces[1::2], pieces[2::2], strict=True):
        closing = _found(_CLOSING.match(following))
        if known[name]:
            shown += words + known[name] + closing
        words = following[len(closing) :]
    return shown + words if len(pieces) == 1 or words.strip() else shown


def _shown_before(pieces: Sequence[str], known: Mapping[str, str]) -> str:
    """Words belong to the field that they follow, an opening bracket to the field after it."""
    shown, words = "", pieces[-1]
    for name, leading in zip(pieces[-2::-2], pieces[-3::-2], strict=True):
        opening = _found(_OPENING.search(leading))
        if known[name]:
            shown = opening + known[name] + words + shown
        words = leading[: len(leading) - len(opening)]
    return words + shown if len(pieces) == 1 or words.strip() else shown


def _found(match: re.Match[str] | None) -> str:
    return match[0] if match is not None else ""
