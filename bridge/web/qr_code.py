"""QR codes as inline SVG; no style, script or picture of its own, so the CSP stays as it is."""

from __future__ import annotations

from functools import lru_cache

import segno
from markupsafe import Markup

_QUIET_ZONE = 4  # ISO/IEC 18004 section 9.1
_ERRORS = "m"


def qr_code(text: str) -> Markup:
    """Return the code of a text; black on white in both schemes, as cameras want it.

    The text does not stand in the markup. What it says has to be told beside it.

    Raises:
        segno.DataOverflowError: The text has more than some 2,300 bytes.
    """
    code = segno.make(text, error=_ERRORS, micro=False)
    drawn = code.svg_inline(border=_QUIET_ZONE, omitsize=True, dark="#000", light="#fff")
    # Made by segno of modules alone.
    return Markup(drawn)  # noqa: S704


@lru_cache(maxsize=256)
def kept_qr_code(text: str) -> Markup:
    """Return the code of a text that is no secret; drawing one takes some milliseconds."""
    return qr_code(text)


def camera_address(url: str) -> str:
    """Return the address at which a phone's camera opens a CalDAV program (DAVx5 manual, 7.1.2)."""
    return url.replace("http", "caldav", 1)
