"""Colours of types as a stylesheet."""

import re
from dataclasses import replace

import pytest

from bridge.domain.activity import STOCK_TYPES
from bridge.web.type_colours import class_names, stylesheet_version, type_stylesheet

_RULE = re.compile(r"\.t\d+ \{ --tint: (#[0-9a-f]{6}); --tone: (#[0-9a-f]{6}); \}")
_INK = {"light": "#1b2430", "dark": "#e7ebf1"}


def _contrast(one, other):
    def light(colour):
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#ffff00", "#2f7de1", "#808080", ""])
def test_any_colour_can_be_read_in_both_schemes(colour):
    """Texts on the tint by 4.5:1, icons by 3:1 (WCAG 2.1, 1.4.3 and 1.4.11)."""
    rules = _RULE.findall(type_stylesheet([replace(STOCK_TYPES[0], color=colour)]))
    assert len(rules) == 2
    for ink, (tint, tone) in zip(_INK.values(), rules, strict=True):
        assert _contrast(ink, tint) >= 4.5
        assert _contrast(tone, tint) >= 3


def test_an_odd_colour_of_another_program_is_no_rule_of_its_own():
    """S14: what stands in the table never becomes a style."""
    odd = replace(STOCK_TYPES[0], color="red; } body { display: none", key="a b{}")
    text = type_stylesheet([odd])
    assert "body" not in text
    assert class_names([odd]) == {"a b{}": "t0"}


def test_the_version_follows_the_colours():
    """A stylesheet that a browser keeps is asked for anew once an admin chooses another colour."""
    other = replace(STOCK_TYPES[0], color="#123456")
    assert stylesheet_version(STOCK_TYPES) == stylesheet_version(list(STOCK_TYPES))
    assert stylesheet_version(STOCK_TYPES) != stylesheet_version([other, *STOCK_TYPES[1:]])
