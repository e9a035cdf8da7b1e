"""The colours of the rehearsal's pages in light and dark (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from importlib.resources import files

import pytest

_SHEET = (files("bridge.rehearsal") / "static/rehearsal.css").read_text()
_LIGHT, _DARK = (
    dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]+)", block))
    for block in re.findall(r":root \{(.*?)\}", _SHEET, re.DOTALL)
)
_TEXTS = [
    ("ink", "page"), ("ink", "card"), ("ink", "wash"), ("soft", "page"), ("soft", "card"),
    ("soft", "outside"), ("soft", "wash"), ("blue", "page"), ("blue", "card"), ("blue", "wash"),
    ("on-blue", "blue"), ("red", "card"), ("red", "wash"), ("note-ink", "note"),
    *[("on5" if number == 5 else "on", f"c{number}") for number in range(12)],
]  # fmt: skip


def luminance(colour):
    """Return the relative luminance of `#rgb` or `#rrggbb`."""
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Return the contrast ratio of two colours."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [_LIGHT, _DARK], ids=["light", "dark"])
def test_every_text_is_readable_on_its_ground(scheme):
    """4.5 to 1 for text, also on bars of every event colour; 3 to 1 for the edges of fields."""
    weak = [pair for pair in _TEXTS if contrast(scheme[pair[0]], scheme[pair[1]]) < 4.5]
    assert weak == []
    assert contrast(scheme["edge"], scheme["card"]) >= 3
