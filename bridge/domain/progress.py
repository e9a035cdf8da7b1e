"""How far a sync has come: what a first load still has to write."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Items of a connection, counted.

    Attributes:
        done: On both sides.
        left: Still to be written; what is left alone for a reason, or refused, is in neither.
    """

    done: int = 0
    left: int = 0

    @property
    def total(self) -> int:
        """How many there are."""
        return self.done + self.left


NO_PROGRESS = Progress()
