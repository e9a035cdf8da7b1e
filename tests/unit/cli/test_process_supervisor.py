"""Child processes: restarted when they die, ended together."""

import logging
import sys
import threading
import time

from bridge.cli.supervisor import ChildCommand, Supervisor

APPEND = "import sys, time; open(sys.argv[1], 'a').write('x'); time.sleep(float(sys.argv[2]))"
DEAF = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], 'a').write('x')
time.sleep(60)
"""


def python(code, *arguments):
    """Return a child that runs this code."""
    return ChildCommand(name="test", arguments=(sys.executable, "-c", code, *map(str, arguments)))


def test_child_that_dies_is_started_again(tmp_path, caplog):
    """With a pause that grows."""
    stop, mark = threading.Event(), tmp_path / "mark"
    supervisor = Supervisor((python(APPEND, mark, 0),))

    def watch():
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and (not mark.exists() or len(mark.read_text()) < 3):
            time.sleep(0.02)
        stop.set()

    threading.Thread(target=watch).start()
    with caplog.at_level(logging.WARNING, logger="bridge.cli.supervisor"):
        assert supervisor.run(stop) == 0
    assert len(mark.read_text()) >= 3
    pauses = [record.pause_seconds for record in caplog.records]
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]


def test_child_that_finds_the_configuration_wrong_ends_everything(tmp_path):
    """It would find it wrong again."""
    mark = tmp_path / "mark"
    supervisor = Supervisor((python(APPEND, mark, 60), python("import sys; sys.exit(3)")))
    began = time.monotonic()
    assert supervisor.run(threading.Event()) == 3
    assert time.monotonic() - began < 10


def test_started_is_told_once_and_stop_ends_the_children(tmp_path):
    """Asked to end, they end at once."""
    stop, mark, told = threading.Event(), tmp_path / "mark", []

    def started():
        told.append(1)
        while not mark.exists():
            time.sleep(0.02)
        stop.set()

    assert Supervisor((python(APPEND, mark, 60),)).run(stop, started=started) == 0
    assert told == [1]


def test_child_that_does_not_listen_is_killed_in_time(tmp_path, monkeypatch):
    """Nothing is left behind."""
    monkeypatch.setattr("bridge.cli.supervisor._STOP_SECONDS", 0.3)
    stop, mark = threading.Event(), tmp_path / "mark"

    def started():
        while not mark.exists():
            time.sleep(0.02)
        stop.set()

    began = time.monotonic()
    assert Supervisor((python(DEAF, mark),)).run(stop, started=started) == 0
    assert time.monotonic() - began < 10
