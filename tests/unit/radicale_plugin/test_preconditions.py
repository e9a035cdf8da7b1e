"""If-Match and If-None-Match."""

from __future__ import annotations

import pytest

from bridge.domain.identifiers import ETag
from bridge.errors import ObjectChanged
from radicale_plugin.preconditions import Preconditions

PRESENT = ETag("e-1-7")


def holds(etag, **headers):
    """Return whether the headers let a write through."""
    try:
        Preconditions.of({f"HTTP_{name.upper()}": value for name, value in headers.items()}).check(
            etag
        )
    except ObjectChanged:
        return False
    return True


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"e-1-7"', True),
        ('"e-1-6"', False),
        ('"x", "e-1-7"', True),
        ("*", True),
        ('W/"e-1-7"', False),
        ("e-1-7", False),
        ('"e-1-7', False),
        ("", False),
        (" ", False),
        (", ".join(f'"{n}"' for n in range(10_000)), False),
    ],
)
def test_if_match_compares_strongly(header, expected):
    """Lists are read, weak tags and malformed ones match nothing (X13)."""
    assert holds(PRESENT, if_match=header) is expected


def test_if_match_fails_on_what_is_not_there():
    """An update of a deleted object must not create it anew."""
    assert not holds(None, if_match="*")
    assert not holds(None, if_match='"e-1-7"')


@pytest.mark.parametrize(("header", "expected"), [("*", False), ('"e-1-7"', False), ('"x"', True)])
def test_if_none_match_protects_what_is_there(header, expected):
    """`*` protects whatever is there, a tag that version."""
    assert holds(PRESENT, if_none_match=header) is expected
    assert holds(None, if_none_match=header)


def test_an_empty_if_none_match_protects_nothing():
    """It names no version, and so the one that is there is none of those."""
    assert holds(PRESENT, if_none_match="")


def test_without_headers_everything_goes():
    """No condition, no refusal."""
    assert holds(PRESENT)
    assert holds(None)
