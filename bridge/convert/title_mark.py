"""The done mark before a title, and how a title that begins like one is told apart.

`✓ Call Ada` means the activity "Call Ada", done. A subject that itself begins with the mark is
written with U+200B before it, so that nothing typed in the CRM turns into a mark.
"""

from __future__ import annotations

import re

MARK = "✓ "
_SIGN = MARK[0]
_ESCAPE = "\u200b"
_LOOKS_MARKED = re.compile(f"{_ESCAPE}*{_SIGN}")


def join(*, done: bool, title: str) -> str:
    """Return the title as calendars show it."""
    literal = _ESCAPE + title if _LOOKS_MARKED.match(title) else title
    return MARK + literal if done else literal


def split(shown: str) -> tuple[bool, str]:
    """Return whether a shown title carries the mark, and the title without it.

    Inverse of `join`; a mark typed without its blank counts as well.
    """
    done = shown.startswith(_SIGN)
    rest = shown[len(_SIGN) :].removeprefix(" ") if done else shown
    escaped = rest.startswith(_ESCAPE) and _LOOKS_MARKED.match(rest) is not None
    return done, rest[len(_ESCAPE) :] if escaped else rest
