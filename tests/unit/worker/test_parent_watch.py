"""A child ends when its parent is gone, even when the parent was killed."""

import os
import signal
import subprocess
import sys
import time

CHILD = """
import os, sys, time
from bridge.worker.parent import end_with_parent
end_with_parent(os.getppid(), ended=lambda: os._exit(0))
print(os.getpid(), flush=True)
time.sleep(60)
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
time.sleep(60)
"""


def gone(pid):
    """Whether no process of that number runs any more; a zombie counts as gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        pass
    try:
        os.kill(pid, 0)
    except OSError:
        return True
    return sys.platform == "linux"  # it ended between the two looks


def test_child_ends_soon_after_its_parent_was_killed():
    """`kill -9` of the parent takes the child along."""
    with subprocess.Popen([sys.executable, "-c", PARENT, CHILD], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        assert not gone(child)
        os.kill(parent.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while not gone(child) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert gone(child)
