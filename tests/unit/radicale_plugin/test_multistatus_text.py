"""Texts inside a multistatus."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from radicale_plugin.multistatus import escaped


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a < b & c > d", "a < b & c > d"),
        ("one\r\ntwo\rthree\t", "one\r\ntwo\rthree\t"),
        ("]]> ž \U0001f600 \U0001fffe", "]]> ž \U0001f600 \U0001fffe"),
        ("a\ufffeb\uffffc", "a\ufffdb\ufffdc"),
    ],
)
def test_a_text_comes_out_of_a_parser_as_it_went_in(text, read):
    """Unless XML has no place for it; then all else of the answer has to stay readable."""
    assert ET.fromstring(f"<a>{escaped(text)}</a>").text == read  # noqa: S314 - our own text
