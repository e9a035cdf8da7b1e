"""Whether two pictures of a page show the same.

Compared is the mean colour of squares of 8 x 8 pixels. Another version of the browser smooths a
letter differently, which moves such a mean by a little; a button that moved, a text that changed
and another colour move it by much, or move many. The tolerance: a square may be off by up to
`SHADE` of 255 in each of red, green and blue, `SQUARES` of them by more, and the heights of the
pictures may differ by `ROWS` pixels.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageChops

SHADE = 10
SQUARES = 3
ROWS = 2

_SIDE = 8


def difference(reference: Path, taken: Path) -> str:
    """Return what is different, in words; nothing when the pictures are alike."""
    with Image.open(reference) as old, Image.open(taken) as new:
        was, now = old.convert("RGB"), new.convert("RGB")
    if was.width != now.width or abs(was.height - now.height) > ROWS:
        return f"the size was {was.size} and is {now.size}"
    size = (was.width, min(was.height, now.height))
    squares = [each.crop((0, 0, *size)).reduce(_SIDE) for each in (was, now)]
    red, green, blue = ImageChops.difference(*squares).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    off = most.point([0] * (SHADE + 1) + [255] * (255 - SHADE))
    count = off.histogram()[255]
    if count <= SQUARES:
        return ""
    left, top, right, bottom = (edge * _SIDE for edge in off.getbbox() or (0, 0, 0, 0))
    return f"{count} squares differ, between ({left}, {top}) and ({right}, {bottom})"
