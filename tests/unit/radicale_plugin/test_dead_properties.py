"""What clients leave on a calendar comes back as they left it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radicale_plugin.dead_properties import element_of, kept_value, text_of

NESTED = [
    '<p xmlns="urn:a"><q/></p>',
    '<p xmlns="urn:a">one <b>two</b> three</p>',
    '<p xmlns="urn:a" xmlns:z="urn:z" z:k="&quot;&lt;&#10;">x</p>',
    '<p xmlns="urn:a" xml:lang="cs">Práce</p>',
    '<p xmlns="urn:a"><q xmlns=""><r xmlns="urn:b" k="v"/></q>&amp;</p>',
    '<schedule-calendar-transp xmlns="urn:ietf:params:xml:ns:caldav"><transparent/>'
    "</schedule-calendar-transp>",
]
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.just("\n"))


def parse(text):
    """Return XML as a tree."""
    return ET.fromstring(text)  # noqa: S314 - our own text


def shape(node):
    """Return what two equal trees have in common."""
    children = [(shape(child), child.tail or "") for child in node]
    return node.tag, dict(node.attrib), node.text or "", children


@pytest.mark.parametrize("text", NESTED)
def test_elements_and_attributes_are_kept(text):
    """The whole subtree, whatever namespaces are in it."""
    node = parse(text)
    told = parse(f"<D:prop xmlns:D='DAV:'>{element_of(node.tag, kept_value(node))}</D:prop>")
    assert shape(told[0]) == shape(node)


@given(TEXT)
def test_text_is_kept_as_it_is(text):
    """So that everybody who reads it reads text."""
    node = ET.Element("{urn:a}p")
    node.text = text
    assert kept_value(node) == text
    told = parse(element_of(node.tag, kept_value(node)))
    assert (told.text or "") == text
    assert text_of(kept_value(node)) == text


def test_the_language_of_what_is_around_is_kept():
    """RFC 4918 section 4.3."""
    node = parse('<p xmlns="urn:a">Práce</p>')
    told = parse(element_of(node.tag, kept_value(node, language="cs")))
    assert told.get("{http://www.w3.org/XML/1998/namespace}lang") == "cs"
    assert text_of(kept_value(node, language="cs")) == "Práce"


def test_markup_typed_as_text_stays_text():
    """No value can be taken for an element."""
    node = ET.Element("{DAV:}displayname")
    node.text = "<script>alert(1)</script>"
    assert element_of(node.tag, kept_value(node)).count("&lt;") == 2
