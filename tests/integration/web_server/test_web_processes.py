"""The web server as processes: started, killed, told to end."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bridge.cli.web_server import listening

PROGRAM = """
import os, sys
from bridge.cli.web_server import WebServer
from bridge.config import load_settings

def application(environ, start_response):
    answer = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]

settings = load_settings(None, environ={}, flags={"server.processes": int(sys.argv[2])})
WebServer(lambda: application, settings, inherited=int(sys.argv[1])).run()
"""


@pytest.fixture(params=[1, 2])
def processes(request, tmp_path):
    """How many processes serve, the server's first process, and its port."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with listening("127.0.0.1", 0) as listener:
        number, port = listener.fileno(), listener.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(number), str(request.param)],
            pass_fds=[number],
            cwd=tmp_path,
            env=environment,
        )
    try:
        yield request.param, server, port
    finally:
        server.kill()
        server.wait(10)


def who_answers(port):
    """Return the process number of whoever answers; until somebody does, the kernel holds us."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/")
        return int(connection.getresponse().read())
    finally:
        connection.close()


def test_a_killed_process_is_replaced_and_no_connection_refused(processes):
    """The listening socket outlives it."""
    _, server, port = processes
    first = who_answers(port)
    assert first != server.pid
    os.kill(first, signal.SIGKILL)
    assert who_answers(port) != first


def test_they_end_on_sigterm_at_once_and_without_an_error(processes):
    """With a kept connection open, which waits for nothing."""
    _, server, port = processes
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/")
    pid = int(connection.getresponse().read())
    began = time.monotonic()
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0
    assert time.monotonic() - began < 3
    connection.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_process_ends_when_its_parent_was_killed(processes):
    """None is left to serve without anybody to end it."""
    _, server, port = processes
    pid = who_answers(port)
    server.kill()
    server.wait(10)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
