"""Colours of activity types as a stylesheet; pages carry no style of their own (CSP).

An admin chooses any colour. What is derived from it can be read in both schemes: the tint behind
texts stays close to the page, the tone of icons stands out from the tint by 3:1 (WCAG 2.1, 1.4.11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from bridge.domain.activity import ActivityType

_Colour = tuple[float, float, float]
_HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
_GREY: _Colour = (107.0, 114.0, 128.0)
_BLACK: _Colour = (0.0, 0.0, 0.0)
_WHITE: _Colour = (255.0, 255.0, 255.0)
_LIGHT_CARD: _Colour = _WHITE
_DARK_CARD: _Colour = (26.0, 32.0, 41.0)
_ENOUGH = 3.2
_STEPS = 20
_LINEAR_BELOW = 0.03928


def class_names(types: Sequence[ActivityType]) -> Mapping[str, str]:
    """Return the class of each type by its key."""
    return {kind.key: f"t{index}" for index, kind in enumerate(types)}


def type_stylesheet(types: Sequence[ActivityType]) -> str:
    """Return the rules of all classes that `class_names` gives."""
    light = [_rule(f".t{n}", kind, _LIGHT_CARD, _BLACK) for n, kind in enumerate(types)]
    dark = [_rule(f".t{n}", kind, _DARK_CARD, _WHITE) for n, kind in enumerate(types)]
    return "\n".join([*light, "@media (prefers-color-scheme: dark) {", *dark, "}"]) + "\n"


def stylesheet_version(types: Sequence[ActivityType]) -> str:
    """Return a text that is another one as soon as the stylesheet is."""
    return sha256(type_stylesheet(types).encode()).hexdigest()[:12]


def _rule(selector: str, kind: ActivityType, card: _Colour, away: _Colour) -> str:
    match = _HEX.fullmatch(kind.color)
    own = _GREY if match is None else _read(match)
    tint = _mixed(own, card, 0.15)
    tone = _standing_out(own, tint, away)
    return f"{selector} {{ --tint: {_text(tint)}; --tone: {_text(tone)}; }}"


def _read(match: re.Match[str]) -> _Colour:
    red, green, blue = (float(int(part, 16)) for part in match.groups())
    return red, green, blue


def _standing_out(own: _Colour, tint: _Colour, away: _Colour) -> _Colour:
    """Return the colour, moved away from the tint only as far as it has to be."""
    for step in range(_STEPS):
        tone = _mixed(away, own, step / _STEPS)
        if _contrast(tone, tint) >= _ENOUGH:
            return tone
    return away


def _mixed(one: _Colour, other: _Colour, share: float) -> _Colour:
    red, green, blue = (a * share + b * (1 - share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _contrast(one: _Colour, other: _Colour) -> float:
    """Return the contrast ratio of WCAG 2.1."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: _Colour) -> float:
    red, green, blue = (_linear(each / 255) for each in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= _LINEAR_BELOW else ((value + 0.055) / 1.055) ** 2.4


def _text(colour: _Colour) -> str:
    return "#" + "".join(f"{round(each):02x}" for each in colour)
