"""The CPU clocks of running processes, to the nanosecond (Linux)."""

from __future__ import annotations

import os
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_REAPED_USER, _REAPED_SYSTEM = 13, 14  # in /proc/PID/stat behind the name: cutime, cstime


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process and all below it, ended children included."""
    total = 0.0
    for each in _tree(pid):
        try:
            # The kernel's number of another process's CPU clock, as clock_getcpuclockid makes it.
            total += time.clock_gettime((~each << 3) | 2)
            fields = Path(f"/proc/{each}/stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile; its parent has its time
        total += (int(fields[_REAPED_USER]) + int(fields[_REAPED_SYSTEM])) / _TICKS
    return total


def _tree(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        for task in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            try:
                waiting += map(int, task.read_text("utf-8").split())
            except OSError:
                continue  # that thread ended meanwhile
    return found
