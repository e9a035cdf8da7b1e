"""The one request to a push service, against servers on loopback that misbehave."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing

import pytest

from bridge.domain.web_push import PushHosts
from bridge.errors import SideUnavailable
from bridge.web_push.connection import post


@pytest.fixture
def serve():
    """Return a function that starts a server whose one connection a function handles."""
    threads, listeners = [], []

    def start(handle):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run():
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            with closing(accepted):
                try:
                    accepted.recv(65536)
                    handle(accepted)
                except OSError:
                    return

        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        return PushHosts([origin]).destination(f"{origin}/x")

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def drip(accepted):
    """Send a byte now and then, so that no read ever waits long."""
    accepted.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100):
        accepted.sendall(b"X")
        time.sleep(0.05)


def drip_body(accepted):
    """The same in the body, after the headers are through."""
    accepted.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(100):
        accepted.sendall(b"X")
        time.sleep(0.05)


def test_a_server_that_drips_is_cut_off_at_the_deadline(serve):
    """The deadline is for the whole, not for each read."""
    begun = time.monotonic()
    with pytest.raises(SideUnavailable):
        post(serve(drip), {}, b"x", deadline_seconds=0.3)
    assert time.monotonic() - begun < 2


def test_a_body_that_drips_is_cut_off_too(serve):
    """The status is known by then, so it counts; nobody waits for the rest."""
    begun = time.monotonic()
    assert post(serve(drip_body), {}, b"x", deadline_seconds=0.3).status == 200
    assert time.monotonic() - begun < 2


def test_an_endless_body_is_not_read(serve):
    """A few kilobytes are enough of any answer."""
    answer = post(
        serve(lambda one: one.sendall(b"HTTP/1.1 201 Created\r\n\r\n" + b"x" * 1_000_000)),
        {},
        b"x",
    )
    assert answer.status == 201


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"]
)
def test_what_is_no_answer_is_a_failure(serve, answer):
    """An early end, other protocols, and headers without end."""
    with pytest.raises(SideUnavailable):
        post(serve(lambda accepted: accepted.sendall(answer)), {}, b"x")


def test_nobody_there_is_a_failure(serve):
    """A refused connection is an outcome like others."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(SideUnavailable) as caught:
        post(PushHosts([origin]).destination(f"{origin}/x"), {}, b"x")
    assert caught.value.reason == "network"


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f000001", "127.1"]
)
def test_a_name_that_leads_inside_is_not_dialled(host):
    """Looked at after the name was resolved, so no record of a stranger's DNS helps."""
    with pytest.raises(SideUnavailable) as caught:
        post(PushHosts(["*"]).destination(f"https://{host}/x"), {}, b"x")
    assert caught.value.reason == "private"


def test_an_address_among_public_ones_that_leads_inside_spoils_all(monkeypatch):
    """Of several addresses every one must be public; none is tried before all were looked at."""
    found = [(2, 1, 6, "", ("9.9.9.9", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(SideUnavailable) as caught:
        post(PushHosts(["*"]).destination("https://push.example/x"), {}, b"x")
    assert caught.value.reason == "private"


def test_a_certificate_nobody_vouches_for_is_a_failure(serve):
    """TLS is always checked; a plain answer to its greeting is no answer."""
    plain = serve(lambda accepted: accepted.sendall(b"HTTP/1.1 200 OK\r\n\r\n"))
    origin = plain.origin.replace("http:", "https:")
    with pytest.raises(SideUnavailable):
        post(PushHosts([origin]).destination(f"{origin}/x"), {}, b"x")
