"""Who answers, who waits and who is let go, under our gunicorn worker."""

from __future__ import annotations

import threading
import time

import pytest

from bridge.cli import web_worker


def has_ended(wire):
    """Tell whether the server closed a connection without a word."""
    try:
        return wire.recv(100) == b""
    except ConnectionResetError:  # it had not read everything
        return True


def echo(environ, start_response):
    """Answer with the path and the body."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    answer = environ["PATH_INFO"].encode("latin-1") + b" " + body
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


def eventually(look, seconds=5.0):
    """Tell whether something came true in time."""
    deadline = time.monotonic() + seconds
    while not look() and time.monotonic() < deadline:
        time.sleep(0.01)
    return look()


def test_a_connection_serves_one_request_after_the_other(serve):
    """Head and body of an answer arrive together; the connection stays."""
    served = serve(echo)
    with served.open() as wire:
        for number in range(20):
            served.ask(wire, f"/{number}", b"body")
            answer = wire.recv(65536)
            assert b"Connection: keep-alive" in answer
            assert answer.endswith(f"\r\n\r\n/{number} body".encode())


def test_requests_sent_at_once_are_answered_in_their_order(serve):
    """What was read ahead makes no event; it is not forgotten (RFC 9112 section 9.3.2)."""
    served = serve(echo)
    with served.open() as wire:
        one = b"PUT /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n%s\r\nab"
        wire.sendall(one % (1, b"") + one % (2, b"") + one % (3, b"Connection: close\r\n"))
        answer = served.until_end(wire)
    assert [answer.index(b"/%d ab" % number) for number in (1, 2, 3)] == sorted(
        answer.index(b"/%d ab" % number) for number in (1, 2, 3)
    )


def test_many_connections_are_served_by_few_threads(serve):
    """More connections than threads, each with several requests."""
    served = serve(echo, threads=2)
    wires = [served.open() for _ in range(30)]
    try:
        for turn in range(3):
            for number, wire in enumerate(wires):
                served.ask(wire, f"/{turn}-{number}")
            for number, wire in enumerate(wires):
                assert wire.recv(65536).endswith(f"/{turn}-{number} ".encode())
    finally:
        for wire in wires:
            wire.close()


def test_stalled_bodies_leave_the_other_threads_working_and_are_given_up(serve):
    """A body that does not come is cut by its deadline, its thread is free again (X10)."""
    served = serve(echo, threads=3, timeout=1)
    stalled = [served.open() for _ in range(2)]
    try:
        for wire in stalled:
            wire.sendall(b"PUT /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
        assert served.get("/fast").endswith(b"/fast ")
        for wire in stalled:
            assert has_ended(wire)
        assert served.get("/after").endswith(b"/after ")
    finally:
        for wire in stalled:
            wire.close()


def test_a_head_that_comes_too_slowly_is_given_up(serve, monkeypatch):
    """A byte now and then does not prolong the deadline."""
    monkeypatch.setattr(web_worker, "_HEAD_SECONDS", 0.3)
    served = serve(echo)
    with served.open() as wire:
        began = time.monotonic()
        for _ in range(20):
            try:
                wire.sendall(b"G")
            except OSError:
                break
            time.sleep(0.05)
        assert has_ended(wire)
    assert time.monotonic() - began < 5


def test_silent_connections_are_closed_after_the_time_of_keeping(serve, monkeypatch):
    """One that never spoke and one that was answered."""
    monkeypatch.setattr(web_worker, "_TURN_SECONDS", 0.05)
    served = serve(echo, keepalive=1)
    with served.open() as silent, served.open() as answered:
        served.ask(answered, "/one")
        assert answered.recv(65536).endswith(b"/one ")
        assert answered.recv(1) == b""
        assert silent.recv(1) == b""
    assert served.get("/two").endswith(b"/two ")


def test_what_an_application_raises_is_500_and_the_thread_lives(serve):
    """Even SystemExit, which would end a thread without a word."""

    def application(environ, _start_response):
        raise SystemExit if environ["PATH_INFO"] == "/exit" else KeyError("contents")

    served = serve(application, threads=1)
    paths = ("/exit", "/error", "/exit")
    for path in paths:
        answer = served.get(path)
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b"contents" not in answer
    assert served.log.lines == [
        f"Error handling request PUT {path}" for path in ("/exit", "/error", "/exit")
    ]


def test_an_answer_that_breaks_off_ends_the_connection(serve):
    """No second answer is written into the first one."""

    def application(_environ, start_response):
        start_response("200 OK", [("Content-Length", "100")])
        yield b"first"
        raise ValueError

    served = serve(application)
    answer = served.get()
    assert answer.endswith(b"\r\n\r\nfirst")
    assert served.log.lines == ["An answer broke off"]


def test_pieces_of_an_answer_arrive_as_they_are_made(serve):
    """Only the head waits for the first piece."""
    goes_on = threading.Event()

    def application(_environ, start_response):
        start_response("200 OK", [("Content-Length", "10")])
        yield b"first"
        goes_on.wait(5)
        yield b"later"

    served = serve(application)
    with served.open() as wire:
        served.ask(wire, "/")
        assert wire.recv(65536).endswith(b"first")
        goes_on.set()
        assert wire.recv(65536) == b"later"


def test_a_large_answer_arrives_whole(serve):
    """Larger than every buffer between."""
    size = 20_000_000

    def application(_environ, start_response):
        start_response("200 OK", [("Content-Length", str(size))])
        return [b"x" * size]

    served = serve(application)
    answer = served.get()
    assert len(answer.partition(b"\r\n\r\n")[2]) == size


def test_headers_with_an_underscore_are_dropped(serve):
    """`X_Forwarded_For` would pass for the proxy's `X-Forwarded-For`."""

    def application(environ, start_response):
        told = environ.get("HTTP_X_FORWARDED_FOR", "none").encode()
        start_response("200 OK", [("Content-Length", str(len(told)))])
        return [told]

    served = serve(application)
    with served.open() as wire:
        served.ask(wire, "/", more="X-Forwarded-For: proxy\r\nX_Forwarded_For: made up\r\n")
        assert wire.recv(65536).endswith(b"\r\n\r\nproxy")
        served.ask(wire, "/", more="X_Forwarded_For: made up\r\n")
        assert wire.recv(65536).endswith(b"\r\n\r\nnone")


def test_no_more_connections_are_taken_than_allowed_and_the_next_waits(serve, monkeypatch):
    """It is answered as soon as another one ends."""
    monkeypatch.setattr(web_worker, "_TURN_SECONDS", 0.05)
    served = serve(echo, worker_connections=2, threads=1)
    first, second, third = served.open(), served.open(), served.open()
    try:
        for wire in (first, second, third):
            served.ask(wire, "/x")
        assert first.recv(65536).endswith(b"/x ")
        assert second.recv(65536).endswith(b"/x ")
        third.settimeout(0.3)
        with pytest.raises(TimeoutError):
            third.recv(1)
        first.close()
        third.settimeout(10)
        assert third.recv(65536).endswith(b"/x ")
    finally:
        for wire in (first, second, third):
            wire.close()


def test_the_end_waits_for_answers_under_way_and_for_nobody_else(serve):
    """The answer is whole and tells that the connection ends; silent ones are closed."""
    entered, goes_on = threading.Event(), threading.Event()

    def application(environ, start_response):
        if environ["PATH_INFO"] == "/slow":
            entered.set()
            goes_on.wait(5)
        return echo(environ, start_response)

    served = serve(application)
    with served.open() as idle, served.open() as slow:
        served.ask(idle, "/idle")
        assert idle.recv(65536).endswith(b"/idle ")
        served.ask(slow, "/slow", b"body")
        assert entered.wait(5)
        began = time.monotonic()
        served.tell_to_end()
        assert idle.recv(1) == b""
        goes_on.set()
        answer = served.until_end(slow)
        assert answer.endswith(b"/slow body")
        assert b"Connection: close" in answer
        assert eventually(lambda: not served.thread.is_alive())
        assert time.monotonic() - began < 2.5


def test_a_request_that_comes_just_before_the_end_is_answered(serve):
    """A kept connection is open for a moment more; its answer says that it ends."""
    served = serve(echo)
    with served.open() as wire:
        served.ask(wire, "/one")
        assert wire.recv(65536).endswith(b"/one ")
        served.tell_to_end()
        served.ask(wire, "/two")
        answer = served.until_end(wire)
        assert b"Connection: close" in answer
        assert answer.endswith(b"/two ")


def test_an_answer_that_takes_too_long_does_not_keep_the_process(serve):
    """The time that is granted is kept."""
    entered, goes_on = threading.Event(), threading.Event()

    def application(environ, start_response):
        entered.set()
        goes_on.wait(20)
        return echo(environ, start_response)

    served = serve(application, graceful_timeout=1)
    with served.open() as wire:
        served.ask(wire, "/slow")
        assert entered.wait(5)
        served.tell_to_end()
        assert eventually(lambda: not served.thread.is_alive(), seconds=4)
        goes_on.set()
        assert served.until_end(wire)
