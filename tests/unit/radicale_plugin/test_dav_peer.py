"""Who sent a request, with and without proxies."""

from __future__ import annotations

import pytest

from radicale_plugin.peer import Addresses, peer_of

PROXIES = Addresses(["10.0.0.0/8"])


def test_direct_request_is_counted_for_its_socket():
    """Without headers the socket's address is all there is."""
    peer = peer_of({"REMOTE_ADDR": "192.0.2.1"}, proxies=PROXIES)
    assert (peer.address, peer.client, peer.forwarded) == ("192.0.2.1", "192.0.2.1", False)


def test_header_of_a_stranger_is_not_believed():
    """Anybody can write X-Forwarded-For; it is noted, not believed."""
    environ = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    peer = peer_of(environ, proxies=PROXIES)
    assert (peer.client, peer.forwarded) == ("192.0.2.1", True)


def test_trusted_proxies_are_looked_through_from_the_right():
    """What stands left of the first untrusted address was made up by it."""
    environ = {
        "REMOTE_ADDR": "10.0.0.1",
        "HTTP_X_FORWARDED_FOR": "127.0.0.1, 203.0.113.9, 10.1.1.1",
    }
    assert peer_of(environ, proxies=PROXIES).client == "203.0.113.9"


@pytest.mark.parametrize("header", ["HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP"])
def test_any_forwarding_header_counts_as_forwarded(header):
    """The worker never sends one of them."""
    assert peer_of({"REMOTE_ADDR": "127.0.0.1", header: "x"}).forwarded


def test_addresses_hold_networks_and_mapped_addresses():
    """An IPv4 address seen on an IPv6 socket is the same address; a name is none."""
    loopback = Addresses(["127.0.0.1", "::1"])
    assert "::ffff:127.0.0.1" in loopback
    assert "127.0.0.2" not in loopback
    assert "" not in loopback
