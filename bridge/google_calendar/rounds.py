"""Conversations with Google about items, held alone or many side by side.

A conversation is a generator: it yields the calls of its next step, is sent their outcomes, and
returns or raises in the end. What it does about a refusal stands in it once, for a single write as
for one of fifty. Side by side, the next steps of all conversations make one round, sent as batches.

Order within a batch is not promised (Google: Send batch requests), so a conversation yields
together only what may happen in any order. A round is sent once: a part that collided with another
one (`conflict`) is sent again alone, once, and nothing else is repeated. After a failure of a whole
request nothing more is sent, nor once a part told that the account or the calendar cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from bridge.errors import (
    BridgeError,
    CollectionGone,
    NotConnected,
    PreconditionFailed,
    RateLimited,
    SideError,
    SideUnavailable,
)
from bridge.google_calendar.session import PARTS_PER_BATCH, GoogleSession, Guard
from bridge.sync.requests import REFUSALS, Partly

Call: TypeAlias = Any
"""A request as `googleapiclient` makes it, which has no types."""
Outcome: TypeAlias = Mapping[str, Any] | BridgeError
"""What Google answered a call, {} for nothing, or what its refusal means."""

Told = TypeVar("Told")
Steps: TypeAlias = Generator[Sequence[Call], Sequence[Outcome], Told]

_NO_MORE = (CollectionGone, NotConnected)
"""What concerns the calendar or the account as a whole, whichever conversation was told."""
_PUT_OFF = (RateLimited, SideUnavailable, *_NO_MORE)
_ANSWERS = (*REFUSALS, *_PUT_OFF)
_COLLIDED = "conflict"
_READS = "GET"


def answered(call: Call) -> Steps[Mapping[str, Any]]:
    """Send one call and return its answer; its refusal is raised."""
    (outcome,) = yield (call,)
    if isinstance(outcome, BridgeError):
        raise outcome
    return outcome


class Rounds:
    """Sends what conversations ask for; one use."""

    def __init__(self, session: GoogleSession, *, guard: Guard) -> None:
        self._session = session
        self._guard = guard
        self._heard = False
        self._failure: SideError | NotConnected | None = None

    def alone(self, steps: Steps[Told]) -> Told:
        """Hold one conversation; its error is raised."""
        held = _Held(steps)
        while held.open:
            held.go_on(self._round(held.calls))
        if held.error is not None:
            raise held.error
        return held.result

    def side_by_side(
        self, conversations: Sequence[Steps[Told]]
    ) -> list[Told | SideError | NotConnected | Partly]:
        """Hold several conversations and return how each ended, in their order.

        One that had written something before its error ended `Partly`.

        Raises:
            BridgeError: The account or the calendar cannot be used for any of them, or no answer
                came at all; nothing is known of any of them.
        """
        everyone = [_Held(steps) for steps in conversations]
        while going := [held for held in everyone if held.open]:
            outcomes = iter(self._round([call for held in going for call in held.calls]))
            for held in going:
                held.go_on([next(outcomes) for _ in held.calls])
                if isinstance(held.error, _NO_MORE):
                    self._failure = held.error
        ends = [held.error for held in everyone if isinstance(held.error, _NO_MORE)]
        if ends and len(ends) == len(everyone) and not any(held.wrote for held in everyone):
            raise ends[0]
        return [held.told for held in everyone]

    def _round(self, calls: Sequence[Call]) -> list[Outcome]:
        if len(calls) == 1:
            return [self._single(calls[0])]
        outcomes: list[Outcome] = []
        for first in range(0, len(calls), PARTS_PER_BATCH):
            portion = calls[first : first + PARTS_PER_BATCH]
            outcomes += self._batch(portion)
        return [
            self._single(call) if _collided(outcome) else outcome
            for call, outcome in zip(calls, outcomes, strict=True)
        ]

    def _batch(self, calls: Sequence[Call]) -> list[Outcome]:
        def send() -> list[Outcome]:
            told = self._session.batch({str(n): call for n, call in enumerate(calls)})
            return [told[str(n)] for n in range(len(calls))]

        return self._sent(send, len(calls))

    def _single(self, call: Call) -> Outcome:
        def send() -> list[Outcome]:
            """Make the call alone; a refusal is its outcome."""
            try:
                return [self._session.item(call)]
            except REFUSALS as error:
                return [error]

        return self._sent(send, 1)[0]

    def _sent(self, send: Callable[[], list[Outcome]], count: int) -> list[Outcome]:
        if self._failure is None:
            self._guard()
            try:
                outcomes = send()
            except _PUT_OFF as error:
                if not self._heard:
                    raise
                self._failure = error
            else:
                self._heard = True
                return outcomes
        return [self._failure] * count


class _Held(Generic[Told]):
    """One conversation and how far it is.

    Attributes:
        calls: Of its next step.
        open: Whether there is one.
        error: With what it ended, None for a result.
        wrote: Whether a write of it got through.
    """

    result: Told

    def __init__(self, steps: Steps[Told]) -> None:
        self._steps = steps
        self.calls: Sequence[Call] = ()
        self.open = True
        self.error: SideError | NotConnected | None = None
        self.wrote = False
        self.go_on(None)

    @property
    def told(self) -> Told | SideError | NotConnected | Partly:
        """How it ended."""
        if self.error is None:
            return self.result
        return Partly(error=self.error) if self.wrote else self.error

    def go_on(self, outcomes: Sequence[Outcome] | None) -> None:
        """Tell it the outcomes of its calls, None to begin."""
        for call, outcome in zip(self.calls, outcomes or (), strict=True):
            self.wrote |= call.method != _READS and not isinstance(outcome, BridgeError)
        try:
            self.calls = next(self._steps) if outcomes is None else self._steps.send(outcomes)
        except StopIteration as end:
            self.open, self.result = False, end.value
        except _ANSWERS as error:
            self.open, self.error = False, error


def _collided(outcome: Outcome) -> bool:
    return isinstance(outcome, PreconditionFailed) and outcome.reason == _COLLIDED
