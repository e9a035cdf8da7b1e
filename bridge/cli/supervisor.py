"""Run child processes: restart one that dies, end all of them together.

A child that finds the configuration or the schema wrong would find them wrong again; then
everything ends with its exit code. Children watch their parent themselves (`bridge.worker.parent`),
so that none is left when this process is killed.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bridge.cli.failures import CONFIGURATION, SCHEMA

logger = logging.getLogger(__name__)

PARENT_VARIABLE = "_CRMDAV_PARENT"  # not a setting, so it does not begin like one
"""Tells a child the process number of the parent it must not outlive."""

_LOOK_SECONDS = 0.1
_STOP_SECONDS = 4.0
_LONGEST_PAUSE_SECONDS = 30.0
_HEALTHY_SECONDS = 60.0
_HOPELESS = frozenset({CONFIGURATION, SCHEMA, 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildCommand:
    """A child to keep running.

    Attributes:
        name: For the log.
        arguments: The whole command.
        sockets: File descriptors it inherits.
    """

    name: str
    arguments: tuple[str, ...]
    sockets: tuple[int, ...] = ()


@dataclass(slots=True)
class _Child:
    command: ChildCommand
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    deaths: int = 0


@dataclass(slots=True)
class Supervisor:
    """Keeps some children running until it is told to stop."""

    commands: Sequence[ChildCommand]
    _children: list[_Child] = field(init=False)

    def __post_init__(self) -> None:
        self._children = [_Child(command) for command in self.commands]

    def run(self, stop: threading.Event, *, started: Callable[[], None] | None = None) -> int:
        """Start the children and keep them running until `stop` is set.

        Args:
            stop: Ends everything when set.
            started: Called once, when all children were started for the first time.

        Returns:
            0 after a wanted end, else the exit code of a child that cannot run at all.
        """
        try:
            self._look()
            if started is not None:
                started()
            while not stop.wait(_LOOK_SECONDS):
                code = self._look()
                if code:
                    return code
        finally:
            self.end()
        return 0

    def end(self) -> None:
        """End all children: ask them, and kill those that do not listen in time."""
        for child in self._children:
            if child.process is not None:
                _send(child.process, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self._children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.warning("killed a child", extra={"child": child.command.name})
                child.process.kill()
                child.process.wait()
            child.process = None

    def _look(self) -> int:
        for child in self._children:
            if child.process is not None and (code := child.process.poll()) is not None:
                child.process = None
                if code in _HOPELESS:
                    return code
                self._plan_restart(child, code)
            if child.process is None and time.monotonic() >= child.start_at:
                _start(child)
        return 0

    def _plan_restart(self, child: _Child, code: int) -> None:
        now = time.monotonic()
        child.deaths = 1 if now - child.started > _HEALTHY_SECONDS else child.deaths + 1
        pause = min(0.25 * 2.0 ** min(child.deaths - 1, 10), _LONGEST_PAUSE_SECONDS)
        child.start_at = now + pause
        logger.warning(
            "a child ended and is started again",
            extra={"child": child.command.name, "exit_code": code, "pause_seconds": pause},
        )


def _start(child: _Child) -> None:
    command = child.command
    child.started = time.monotonic()
    child.process = subprocess.Popen(  # noqa: S603 - our own command line, no shell
        command.arguments,
        pass_fds=command.sockets,
        env={**os.environ, PARENT_VARIABLE: str(os.getpid())},
    )
    logger.info("started a child", extra={"child": command.name, "pid": child.process.pid})


def _send(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(number)
