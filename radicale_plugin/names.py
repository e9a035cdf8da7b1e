"""Which names a resource may have (threats, section 3.6 and rows P01-P05)."""

from __future__ import annotations

import re
import unicodedata

LONGEST_PATH = 4096
"""Bytes of a path, decoded."""

LONGEST_NAME = 255
"""Bytes of one segment in UTF-8."""

# Names that some system reads as a device, a drive or a parent folder. Hrefs are only keys here,
# but clients keep them as file names.
_UNSAFE = re.compile(
    r"""[\x00-\x1f\x7f\\]            # control characters, backslash
        | \A [A-Za-z]: \Z            # a drive
        | \. \Z                      # a trailing dot; also "." and ".."
        | \A (con|prn|aux|nul|com[1-9]|lpt[1-9]) \Z
    """,
    re.IGNORECASE | re.VERBOSE,
)


def normal(path: str) -> str:
    """Return the path in the one form it is stored and compared in (Unicode NFC)."""
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def is_acceptable(name: str) -> bool:
    """Return whether one path segment may name something."""
    if name.isascii():
        return len(name) <= LONGEST_NAME and not _UNSAFE.search(name)
    long = len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME
    return not (long or _UNSAFE.search(name) or any(map(_is_invisible, name)))


def _is_invisible(character: str) -> bool:
    """Whether it is a control, format, private, surrogate or unassigned character."""
    return unicodedata.category(character).startswith("C")
