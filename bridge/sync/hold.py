"""Holds: writes that wait for a person's word, because guests would learn of them.

A new time or a deletion of an event with guests is not written to Google before a person said how
(design decision 28). A hold always means the newest wish: an answer counts for the wish it was
given to, and for no later one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HoldKind(StrEnum):
    """What would be written to Google."""

    CHANGE = "change"  # another time
    DELETE = "delete"  # the activity was deleted
    WITHDRAW = "withdraw"  # the activity is not to be at Google any more


class HoldAnswer(StrEnum):
    """What a person said to it."""

    TELL = "tell-guests"  # write it, and let Google mail the guests
    SILENT = "without-telling"  # write it without mail
    KEEP = "keep"  # leave Google's event as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One write that waits.

    Attributes:
        since: When it was held first, aware; a later wish goes on with the same hold.
        wish: Stands for what would be written: equal for equal wishes.
        answer: What a person said to this wish; None as long as nobody did.
    """

    kind: HoldKind
    since: datetime
    wish: str
    answer: HoldAnswer | None = None

    @property
    def question(self) -> str:
        """A text that stands for this wish of this hold; answers name it."""
        return f"{self.since.isoformat()} {self.kind.value} {self.wish}"

    @property
    def rests(self) -> bool:
        """Whether there is nothing to do about it now."""
        kept = self.kind is HoldKind.WITHDRAW and self.answer is HoldAnswer.KEEP
        return self.answer is None or kept
