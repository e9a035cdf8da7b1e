"""What people did to single instances of a series, and what must be left of it.

Texts and times typed into an instance are unique, and a text goes on in those made of it. So each
of them either stands at the end, or a person who saw it let it go, or the history says that it was
not kept: a write that takes one away says so itself, or one before it did. An instance that was
cancelled stays so, unless somebody edited it without knowing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from bridge.domain.spans import TimedSpan
from bridge.domain.view import MergeField, View
from bridge.sync.instances import plain_instance
from bridge.sync.model import MAY_BE_THROUGH, JournalEntry

Typed = tuple[MergeField, str]
"""What a person typed into an instance: a title with a number of its own, or a start."""

_NUMBERED = re.compile(r" i\d{4}$")


@dataclass(frozen=True, slots=True)
class _Act:
    """What a person made of an instance, None for cancelled, and what it had been to them."""

    before: View | None
    after: View | None


@dataclass(slots=True)
class InstanceStory:
    """The instances of one item.

    Attributes:
        typed: What people typed, wherever they did.
        let_go: What a person saw who made something else of it, or deleted the item.
        moved: A person gave the series another schedule, or ended it: names mean other moments.
    """

    typed: set[Typed] = field(default_factory=set)
    let_go: set[Typed] = field(default_factory=set)
    moved: bool = False
    acts: dict[str, list[_Act]] = field(default_factory=lambda: defaultdict(list))

    def wrote(self, before: View | None, after: View) -> None:
        """Note what a person made of a copy."""
        old, new = typed_in(before), typed_in(after)
        self.typed |= new - old
        self.let_go |= old - new
        if before is None or before.schedule != after.schedule:
            self.moved |= before is not None
            return
        for key in sorted(before.by_key().keys() | after.by_key().keys()):
            was, now = _state(before, key), _state(after, key)
            if was != now:
                self.acts[key].append(_Act(was, now))

    def deleted(self, before: View) -> None:
        """Note that a person deleted a copy, or ended the series."""
        self.let_go |= typed_in(before)
        self.moved = True

    def taken(self, before: View | None, after: View | None) -> set[Typed]:
        """Return what a write takes away from a copy, though nobody let it go."""
        return (self.typed & typed_in(before)) - typed_in(after) - self.let_go

    def must_stand(self, final: View | None) -> set[Typed]:
        """Return what nobody let go and is not there any more."""
        return self.typed - self.let_go - typed_in(final)

    def stay_cancelled(self) -> list[str]:
        """Return the names of instances that were cancelled last, by people who saw all edits."""
        return [] if self.moved else [key for key in sorted(self.acts) if self._is_over(key)]

    def _is_over(self, key: str) -> bool:
        acts = self.acts[key]
        last_edit = max((at for at, act in enumerate(acts) if act.after is not None), default=-1)
        if last_edit == len(acts) - 1:
            return False
        # Whoever cancelled it saw each edit if all of them were made one of the other.
        up_to_cancelled = acts[: last_edit + 2]
        return all(late.before == early.after for early, late in pairwise(up_to_cancelled))


def typed_in(view: View | None) -> set[Typed]:
    """Return what people typed into the instances that a copy shows."""
    if view is None or not view.schedule.recurrence:
        return set()
    found: set[Typed] = set()
    for key, shown in view.by_key().items():
        if shown is None:
            continue
        if _NUMBERED.search(shown.title):
            found.add((MergeField.TITLE, shown.title))
        if _start(shown) != _start(plain_instance(view, key)):
            found.add((MergeField.SCHEDULE, _start(shown)))
    return found


def is_told(typed: Typed, history: Iterable[JournalEntry]) -> bool:
    """Whether a write that got through, or may have, told that this was not kept."""
    what, value = typed
    sought = value if what is MergeField.TITLE else f"start={_as_told(value)}"
    return any(sought in entry.detail for entry in history if entry.state in MAY_BE_THROUGH)


def _as_told(value: str) -> str:
    return repr(datetime.strptime(value, "%Y%m%dT%H%M%SZ")).removesuffix(")")  # noqa: DTZ007 - as printed


def _state(view: View, key: str) -> View | None:
    told: Mapping[str, View | None] = view.by_key()
    return told[key] if key in told else plain_instance(view, key)


def _start(view: View) -> str:
    span = view.schedule.span
    assert isinstance(span, TimedSpan)
    return f"{span.start_utc:%Y%m%dT%H%M%SZ}"
