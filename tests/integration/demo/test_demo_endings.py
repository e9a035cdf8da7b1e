"""How the demo ends, begins again, and what a killed worker leaves behind."""

from __future__ import annotations

import os
import signal
import socket
from collections import Counter


def test_killed_worker_leaves_each_activity_once_and_a_second_start_finds_the_data(
    start,
):
    """`kill -9` in the middle of a load, Ctrl-C, another start: nothing lost, nothing twice."""
    demo = start()
    # Writes at Google are slow now, so that the kill strikes between them.
    slow = {"method": "POST", "path_contains": "/events", "fault": "slow:0.2", "times": 30}
    demo.control("POST", "faults", {**slow, "after": 0})
    for number in range(12):
        demo.dav(
            "PUT", f"activities/load-{number}.ics", demo.event_text(f"l-{number}", f"Load {number}")
        )
    assert demo.eventually(lambda: [e for e in demo.events() if "Load" in e["summary"]], seconds=30)
    (worker,) = demo.children("worker")
    os.kill(worker, signal.SIGKILL)
    wanted = Counter(f"Load {number}" for number in range(12))

    def loaded() -> bool:
        titles = Counter(e["summary"] for e in demo.events() if "Load" in e["summary"])
        assert max(titles.values(), default=0) <= 1, titles
        return titles == wanted

    assert demo.eventually(loaded, seconds=40)
    assert demo.children("worker") != [worker]
    password = demo.description["app_password"]
    children = [*demo.children("worker"), *demo.children("serve")]
    code, seconds = demo.stop()
    assert (code, demo.output[-1]) == (0, "ready\n")
    assert seconds < 5
    assert demo.eventually(lambda: not demo.alive(children))
    again = start(demo.data)
    assert again.description["app_password"] == password
    assert again.dav("GET", "activities/load-3.ics").status == 200
    assert Counter(e["summary"] for e in again.events() if "Load" in e["summary"]) == wanted
    again.dav("PUT", "activities/later.ics", demo.event_text("later", "After the second start"))
    assert demo.eventually(lambda: again.event("After the second start"), seconds=10)


def test_children_die_with_a_killed_demo(start):
    """`kill -9` of the demo leaves no server and no worker behind."""
    demo = start()
    children = [*demo.children("worker"), *demo.children("serve")]
    assert len(children) == 2
    demo.process.kill()
    demo.process.wait(5)
    assert demo.eventually(lambda: not demo.alive(children), seconds=8)


def test_taken_port_is_said_clearly(crmdav, tmp_path):
    """The error names the port and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = crmdav(
            "demo", "--port", str(port), "--google-port", "0", "--data", str(tmp_path / "demo")
        )
    assert outcome.returncode == 3
    assert f"error: port {port} on 127.0.0.1 cannot be used: it is taken" in outcome.stderr
    assert "hint: choose another one with `--port`" in outcome.stderr
