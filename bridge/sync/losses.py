"""What a write takes away without deleting an item; counted by the brakes (design decision 29)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from bridge.domain.view import Schedule, View
from bridge.errors import ConversionError
from bridge.ical.ordinals import starts
from bridge.ical.times import utc_text
from bridge.sync.instances import pattern_of

LOOKED_AHEAD = timedelta(days=2 * 366)
"""How far into the future instances of an endless series are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What one write takes away.

    Attributes:
        cancelled: How many instances of a series are cancelled by it.
        emptied: Title and text are gone, and there was one of them.
        halved: A series loses over half of the instances it still has before it.
    """

    cancelled: int = 0
    emptied: bool = False
    halved: bool = False

    @property
    def count(self) -> int:
        """How much it weighs beside deletions, each of which is one."""
        return self.cancelled + self.emptied + self.halved


NO_LOSS = Loss()


def loss_between(before: View, after: View, now: datetime) -> Loss:
    """Return what goes when one view takes another one's place.

    Args:
        before: What is shown now.
        after: What will be shown.
        now: Aware; instances that began before it are past.
    """
    if before == after:
        return NO_LOSS
    return Loss(
        cancelled=_newly_cancelled(before, after),
        emptied=bool(before.title or before.description) and not (after.title or after.description),
        halved=_is_halved(before.schedule, after.schedule, now),
    )


def _newly_cancelled(before: View, after: View) -> int:
    gone, known = _cancelled(after), _cancelled(before)
    if before.schedule == after.schedule:
        return len(gone - known)
    # The series moved, and its instances have other names.
    return max(0, len(gone) - len(known))


def _cancelled(view: View) -> frozenset[str]:
    return frozenset(instance.key for instance in view.instances if instance.view is None)


def _is_halved(before: Schedule, after: Schedule, now: datetime) -> bool:
    if before == after or not before.recurrence:
        return False
    try:
        had = sum(1 for _ in _to_come(before, now))
        return 2 * sum(1 for _ in _to_come(after, now)) < had
    except ConversionError:
        return False  # nobody can count it; it is carried as it is


def _to_come(schedule: Schedule, now: datetime) -> Iterator[str]:
    """Iterate over the starts from now on; a day begins at midnight in UTC."""
    first, last = utc_text(now), utc_text(now + LOOKED_AHEAD)
    coming = takewhile(lambda key: key < last, starts(pattern_of(schedule)))
    return (key for key in coming if key >= first[: len(key)])
