"""Names a resource may have (threats P01-P05)."""

from __future__ import annotations

import pytest

from radicale_plugin import names


@pytest.mark.parametrize(
    "name", ["a.ics", "übung.ics", "会议.ics", "urn:uuid:1,2.ics", "a b.ics", "..a", "x@y.z"]
)
def test_ordinary_names_are_taken(name):
    """Hrefs are keys here, so that what clients make of UIDs is taken."""
    assert names.is_acceptable(name)


@pytest.mark.parametrize(
    "name", ["a\x00", "a\\b", "C:", "CON", "nul", "a.", "..", "a\r\nb", "x" * 256, "ü" * 128]
)
def test_dangerous_names_are_not(name):
    """Control characters, devices, drives, trailing dots and long names are refused (P02, P03)."""
    assert not names.is_acceptable(name)


def test_composed_and_decomposed_forms_are_one_name():
    """One defined resource, never two (P04)."""
    assert names.normal("u\u0308bung") == "\u00fcbung"
