"""Properties that clients leave on a calendar, kept exactly (RFC 4918 section 4.4).

A value is kept as it is when it is text. One that holds elements or attributes is kept as a whole
element behind a mark that no XML text can hold, so that no text can be taken for one.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from radicale_plugin.multistatus import attribute, element, escaped

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
"""Clark name of `xml:lang`, which holds for all that is in its element."""

_MARK = "\x01"  # XML 1.0 section 2.2 forbids it in any document
_XML = "http://www.w3.org/XML/1998/namespace"


def kept_value(prop: ET.Element, *, language: str = "") -> str:
    """Return what is stored of a property a client sets.

    Args:
        prop: The property's element.
        language: `xml:lang` in whose scope it stands, "" for none.
    """
    if not len(prop) and not prop.attrib and not language:
        return prop.text or ""
    return _MARK + _written(prop, language=language)


def element_of(name: str, value: str) -> str:
    """Return the property's element as XML.

    Args:
        name: Clark name.
        value: Of `kept_value`.
    """
    if value.startswith(_MARK):
        return value.removeprefix(_MARK)
    return element(name, escaped(value))


def text_of(value: str) -> str:
    """Return the text a value comes to, all markup left out."""
    if not value.startswith(_MARK):
        return value
    found = ET.fromstring(value.removeprefix(_MARK))  # noqa: S314 - written by ourselves
    return "".join(found.itertext())


def _written(node: ET.Element, *, language: str = "", within: str = "") -> str:
    """Return a tree as XML that needs nothing declared around it.

    Args:
        node: The tree; its tail is not written.
        language: As in `kept_value`.
        within: Default namespace that is in force.
    """
    uri, local = _split(node.tag)
    parts = [f"<{local}"]
    if uri != within:
        parts.append(f' xmlns="{attribute(uri)}"')
    attributes = dict(node.attrib)
    if language:
        attributes.setdefault(XML_LANG, language)
    for number, (name, value) in enumerate(attributes.items()):
        parts.append(_attribute(number, name, value))
    inner = escaped(node.text or "") + "".join(
        _written(child, within=uri) + escaped(child.tail or "") for child in node
    )
    parts.append(f">{inner}</{local}>" if inner else "/>")
    return "".join(parts)


def _attribute(number: int, name: str, value: str) -> str:
    uri, local = _split(name)
    if not uri:
        return f' {local}="{attribute(value)}"'
    if uri == _XML:
        return f' xml:{local}="{attribute(value)}"'
    return f' xmlns:a{number}="{attribute(uri)}" a{number}:{local}="{attribute(value)}"'


def _split(name: str) -> tuple[str, str]:
    uri, brace, local = name.partition("}")
    return (uri[1:], local) if brace else ("", name)
