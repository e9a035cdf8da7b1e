"""Which addresses messages may be sent to."""

from __future__ import annotations

import pytest

from bridge.domain.web_push import PushHosts, decode_base64url, encode_base64url, push_topic
from bridge.errors import InvalidInput
from bridge.web_push.connection import is_public


@pytest.mark.parametrize(
    ("entries", "address"),
    [
        (["ntfy.sh"], "https://ntfy.sh/upABC?up=1"),
        (["NTFY.sh"], "https://NTFY.SH:443/upABC"),
        (["*.push.apple.com"], "https://web.push.apple.com/x"),
        (["*"], "https://anything.example/x"),
        (["http://127.0.0.1:8080"], "http://127.0.0.1:8080/x"),
        (["https://push.lan:8443"], "https://push.lan:8443/x"),
        (["http://[::1]:8080"], "http://[::1]:8080/x"),
    ],
)
def test_addresses_on_the_list_are_allowed(entries, address):
    """Names, names below a name, everything, and origins as they are written."""
    found = PushHosts(entries).destination(address)
    assert found.private == ("://" in entries[0])


@pytest.mark.parametrize(
    ("entries", "address"),
    [
        ([], "https://ntfy.sh/x"),
        (["ntfy.sh"], "http://ntfy.sh/x"),
        (["ntfy.sh"], "https://ntfy.sh:8443/x"),
        (["ntfy.sh"], "https://ntfy.sh.evil.example/x"),
        (["ntfy.sh"], "https://evil.example/ntfy.sh"),
        (["ntfy.sh"], "https://ntfy.sh@evil.example/x"),
        (["ntfy.sh"], "https://user:pw@ntfy.sh/x"),
        (["*.example.com"], "https://example.com/x"),
        (["*.example.com"], "https://badexample.com/x"),
        (["http://127.0.0.1:8080"], "http://127.0.0.1:8081/x"),
        (["http://127.0.0.1:8080"], "https://127.0.0.1:8080/x"),
        (["*"], "http://anything.example/x"),
        (["*"], "ftp://anything.example/x"),
        (["*"], "file:///etc/passwd"),
        (["*"], "https:///x"),
        (["*"], "https://host:99999/x"),
        (["*"], "https://host/a b"),
        (["*"], "https://host/a\r\nX: 1"),
        (["*"], "https://host\\@evil.example/"),
        (["*"], "https://h\u00f6st.example/"),
        (["*"], "https://host/" + "x" * 3000),
        (["*"], ""),
    ],
)
def test_all_other_addresses_are_refused(entries, address):
    """Other hosts, schemes and ports, and whatever two programs could read differently."""
    with pytest.raises(InvalidInput):
        PushHosts(entries).destination(address)


def test_the_origin_leaves_out_the_usual_port():
    """A push service compares the audience of the token with its own origin (RFC 6454)."""
    hosts = PushHosts(["*", "https://[::1]:8443"])
    assert hosts.destination("https://A.example:443/x").origin == "https://a.example"
    assert hosts.destination("https://[::1]:8443/x").origin == "https://[::1]:8443"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - looked at, never bound
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fec0::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "ff02::1",
    ],
)
def test_addresses_inside_are_not_public(address):
    """Private, loopback, link-local, shared and multicast ones, also in their IPv6 disguises."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909"]
)
def test_addresses_of_the_internet_are_public(address):
    """What push services have."""
    assert is_public(address)


def test_topics_differ_by_calendar_viewer_and_installation():
    """A topic names one view of one calendar in the whole world, and tells nothing of either."""
    topics = {push_topic(key, *who) for key in (b"a", b"b") for who in ((1, 2), (2, 1), (12, 1))}
    assert len(topics) == 6
    assert all(len(decode_base64url(topic)) == 16 for topic in topics)


@pytest.mark.parametrize("text", ["a b", "+/+/", "a", "\u00e9\u00e9"])
def test_text_that_is_no_base64url_is_refused(text):
    """Keys come from strangers."""
    with pytest.raises(InvalidInput):
        decode_base64url(text)


def test_base64url_is_read_with_and_without_padding():
    """Clients send both."""
    assert decode_base64url("YQ==") == decode_base64url(" YQ ") == b"a"
    assert encode_base64url(b"a") == "YQ"
