"""What nobody can know of a write whose answer was lost, and for how long.

Such a write leaves a doubt only if a person did something to the item between the beginning of its
run, which read the sides then, and the end of a run after it: who changed or deleted that copy may
or may not have seen what was written. All else is known, and judged as strictly as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_NEVER = 10**9


@dataclass(slots=True)
class _Lost:
    """A write whose answer was lost.

    Attributes:
        operation: What it did; `revival` of an insert of what a person had deleted, `lease` of any
            write that was on its way while another worker worked.
        sent: When the run had begun that sent it.
        cut: When its answer was lost.
        known: When a run that began later had come to its end.
    """

    operation: str
    sent: int
    cut: int
    known: int = _NEVER

    def covers(self, moment: int) -> bool:
        """Whether nobody knew of it then."""
        return self.sent <= moment <= self.known


@dataclass(slots=True)
class Doubts:
    """The lost answers of one item, and when people had their hands on it.

    Attributes:
        acts: The moments at which a person changed or deleted a copy.
        untold: The moments of listings that tell neither that an item is there nor that it is gone.
    """

    acts: list[int] = field(default_factory=list)
    untold: list[int] = field(default_factory=list)
    _lost: list[_Lost] = field(default_factory=list)

    def lose(self, operation: str, *, sent: int, now: int) -> None:
        """Note that the answer to a write did not come."""
        if all((each.operation, each.sent) != (operation, sent) for each in self._lost):
            self._lost.append(_Lost(operation, sent, now))

    def clear(self, *, since: int, now: int) -> None:
        """Note that a run that began at `since` has come to its end."""
        for each in self._lost:
            if each.known == _NEVER and each.cut < since:
                each.known = now

    def met(self, operation: str) -> bool:
        """Whether a person may or may not have seen what such an operation did."""
        return any(True for _ in self._met(operation))

    @property
    def untold_insert(self) -> bool:
        """Whether there is such an insert, and no listing told that it got through."""
        return any(each.covers(moment) for each in self._met("insert") for moment in self.untold)

    def _met(self, operation: str) -> Iterator[_Lost]:
        for each in self._lost:
            if each.operation == operation and any(each.covers(act) for act in self.acts):
                yield each
