"""`crmdav run` on an installation of its own, as an administrator starts it."""

from __future__ import annotations

import json
import signal
import socket
import time

import pytest


@pytest.fixture
def installed(tmp_path, crmdav):
    """An installation that was set up by the commands of the README."""
    config = str(tmp_path / "crmdav.toml")
    assert crmdav("init", str(tmp_path)).returncode == 0
    assert crmdav("migrate", "--config", config).returncode == 0
    return config


def test_run_serves_and_works_until_it_is_told_to_end(installed, spawn, web):
    """Server and worker get ready, and end within five seconds with exit code 0."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = spawn("run", "--bind", f"127.0.0.1:{port}", "--config", installed)

    def ready():
        try:
            answer = web.request("GET", f"http://127.0.0.1:{port}/readyz")
        except OSError:
            return False
        return answer.status == 200 and set(json.loads(answer.body).values()) == {"ok"}

    assert web.eventually(ready, seconds=60)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    assert time.monotonic() - began < 5


def test_taken_port_and_outdated_schema_are_told_before_anything_starts(
    installed, crmdav, tmp_path
):
    """Each with its own exit code and hint."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        outcome = crmdav("run", "--bind", bind, "--config", installed)
    assert outcome.returncode == 3
    assert f"error: `{bind}` cannot be listened on" in outcome.stderr
    (tmp_path / "crmdav-data" / "crmdav.sqlite3").unlink()
    outcome = crmdav("serve", "--bind", "127.0.0.1:0", "--config", installed)
    assert outcome.returncode == 4
    assert "hint: run `crmdav migrate`" in outcome.stderr
