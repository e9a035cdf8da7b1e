"""Request XML within bounds and of a readable shape (threats 3.4, X01-X06)."""

from __future__ import annotations

import time

import pytest

from bridge.errors import InvalidInput
from radicale_plugin.limits import DavLimits
from radicale_plugin.refusals import Refusal
from radicale_plugin.xml_request import check, free_busy_window, read_xml

LIMITS = DavLimits()
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><x>&j;</x>"
)


def read(text):
    """Parse and check a request."""
    root = read_xml(text if isinstance(text, bytes) else text.encode(), limits=LIMITS)
    check(root, limits=LIMITS)
    return root


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS,
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]><x/>',
        b"<a>" * 100_000,
        b"<x>" + b"<a/>" * 10_001 + b"</x>",
        b"<x",
        b"",
        b"\xff\xfe<\x00x\x00",
        b'<?xml version="1.0" encoding="utf-7"?><x/>',
        b'<?xml version="1.0" encoding="nonsense"?><x/>',
        b"<x>\x00</x>",
    ],
)
def test_hostile_bodies_are_refused_at_once(body):
    """Entities, depth, number and broken encodings never reach a handler."""
    begin = time.perf_counter()
    with pytest.raises(InvalidInput):
        read(body)
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize("names", [["p" * 40_000], [f"p{n}" for n in range(2_000)]])
def test_more_names_of_properties_than_programs_ask_are_refused(names):
    """Every one of them would be told again for each of thousands of resources."""
    wanted = "".join(f"<D:{name}/>" for name in names)
    with pytest.raises(InvalidInput):
        read(f"<D:propfind {SPACES}><D:prop>{wanted}</D:prop></D:propfind>")


def test_declared_encodings_are_decoded():
    """UTF-16 with its mark is proper XML (X08)."""
    assert read("<x>é</x>".encode("utf-16")).text == "é"


@pytest.mark.parametrize(
    "body",
    [
        f"<C:calendar-multiget {SPACES}><D:href/></C:calendar-multiget>",
        '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"/>',
        f"<C:mkcalendar {SPACES}><C:supported-calendar-component-set><C:comp/>"
        "</C:supported-calendar-component-set></C:mkcalendar>",
    ],
)
def test_shapes_nobody_can_read_are_refused(body):
    """Each of them is a 500 in Radicale 3.9.0."""
    with pytest.raises(InvalidInput):
        read(body)


def test_too_many_hrefs_are_refused_with_a_reason():
    """A multiget is bounded (X06)."""
    hrefs = "<D:href>/a</D:href>" * 5_001
    with pytest.raises(Refusal) as caught:
        read(f"<C:calendar-multiget {SPACES}>{hrefs}</C:calendar-multiget>")
    assert caught.value.status == 403


def test_free_busy_with_an_open_end_is_bounded():
    """A window without an end is a century long."""
    root = read(
        f'<C:free-busy-query {SPACES}><C:time-range start="20260301T000000Z"/></C:free-busy-query>'
    )
    assert free_busy_window(root).end.year == 2126
