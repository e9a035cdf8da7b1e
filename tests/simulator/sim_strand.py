"""Strands: runs that pause at each of their steps, so that one thread can weave several of them.

A strand is a greenlet: code of its own stack that goes on only when it is told to, for as long as
it is told to. Nothing runs at the same time as anything else, so the seed decides all.
"""

from __future__ import annotations

from collections.abc import Callable

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]  # ships no types for mypy

from bridge.sync.memory import Step


class Crash(BaseException):
    """The process died here: nothing but what is stored remains."""


class Broken(BaseException):
    """A promise was broken; nothing in the engine may swallow that."""


class Strand:
    """One piece of work in progress.

    Attributes:
        at: The step it waits at; None before its first step and after its end.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._greenlet = greenlet(work)
        self.at: Step | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing is left to be done."""
        return bool(self._greenlet.dead)

    def go_on(self, failure: BaseException | None = None) -> None:
        """Run to the next step, or to the end; a failure happens at the step waited at.

        Raises:
            BaseException: What the work itself raised.
        """
        if failure is None:
            self.at = self._greenlet.switch()
        else:
            self.at = self._greenlet.throw(failure)

    def kill(self) -> None:
        """Let the process die at the step waited at."""
        if self.at is None:
            # It never began, or has ended: nothing of it is anywhere.
            return
        try:
            self.go_on(Crash())
        except Crash:
            self.at = None
        else:
            raise AssertionError("the crash was survived")


def in_strand() -> bool:
    """Whether the caller is such a piece of work, and no person."""
    return getcurrent().parent is not None


def pause(step: Step) -> None:
    """Wait at a step if the caller is a strand; people do not wait."""
    parent = getcurrent().parent
    if parent is not None:
        parent.switch(step)
