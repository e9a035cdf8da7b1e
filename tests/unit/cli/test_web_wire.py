"""What our worker's wire holds back, and when it gives up."""

from __future__ import annotations

import socket
import time

import pytest

from bridge.cli.web_wire import Wire


@pytest.fixture
def pair():
    """Our end of a connection as a wire, and the client's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(5)
        yield Wire(ours), theirs


def test_head_waits_for_the_first_piece_of_the_body(pair):
    """Both leave together; what follows leaves at once."""
    wire, theirs = pair
    wire.begin()
    wire.sendall(b"head ")
    assert not wire.started
    wire.sendall(b"body ")
    assert wire.started
    assert theirs.recv(100) == b"head body "
    wire.sendall(b"more")
    assert theirs.recv(100) == b"more"


def test_an_answer_without_a_body_is_sent_at_its_end(pair):
    """Flushing twice sends once; the next answer begins anew."""
    wire, theirs = pair
    for number in (b"one", b"two"):
        wire.begin()
        wire.sendall(number)
        wire.flush()
        wire.flush()
        assert theirs.recv(100) == number


def test_a_large_piece_follows_its_head(pair):
    """It is not copied to be joined; the order stays."""
    wire, theirs = pair
    wire.begin()
    wire.sendall(b"head")
    wire.sendall(b"x" * 70_000)
    received = b""
    while len(received) < 70_004:
        received += theirs.recv(100_000)
    assert received == b"head" + b"x" * 70_000


def test_an_interim_answer_overtakes_a_head_that_waits(pair):
    """The client waits for 100 before it sends its body."""
    wire, theirs = pair
    wire.begin()
    wire.send(b"100 ")
    wire.sendall(b"head")
    wire.flush()
    assert theirs.recv(4) == b"100 "


def test_all_reads_together_have_one_deadline(pair):
    """A byte now and then does not prolong it."""
    wire, theirs = pair
    wire.expect(0.2)

    def trickle():
        for _ in range(100):
            theirs.send(b"x")
            wire.recv(100)
            time.sleep(0.02)

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        trickle()
    assert time.monotonic() - began < 1
    assert wire.broken


def test_a_silent_client_is_given_up(pair):
    """The time is over while it is read."""
    wire, _ = pair
    wire.expect(0.05)
    with pytest.raises(TimeoutError):
        wire.recv(100)
    assert wire.broken


def test_a_client_that_left_is_known_as_such(pair):
    """Nobody is there to be answered."""
    wire, theirs = pair
    theirs.close()
    wire.begin()
    wire.sendall(b"head")
    with pytest.raises(OSError, match=r".+"):
        wire.flush()
    assert wire.broken
