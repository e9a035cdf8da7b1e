"""End with the parent: a child process must not outlive whoever started it.

On Linux the kernel tells (`PR_SET_PDEATHSIG`, prctl(2)); elsewhere, and for the moment between fork
and that call, the parent's number is looked at.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 0.5


def end_with_parent(parent: int, *, ended: Callable[[], None]) -> None:
    """Watch the parent from a daemon thread.

    Args:
        parent: Process number of the parent that must be alive.
        ended: Called once, from that thread, when it is not our parent any more.
    """
    if sys.platform == "linux":
        _ask_kernel(signal.SIGTERM)
    threading.Thread(target=_watch, args=(parent, ended), name="parent", daemon=True).start()


def _ask_kernel(number: int) -> None:
    # Without it the watching thread still notices, only later.
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number)


def _watch(parent: int, ended: Callable[[], None]) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(_LOOK_SECONDS)
    ended()
