"""A plan in numbers and examples: what happens to how many items, where and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bridge.domain.identifiers import Uid
from bridge.domain.spans import Span
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.actions import (
    Action,
    Adopt,
    Create,
    Delete,
    Hold,
    Plan,
    Reduce,
    Skip,
    Update,
    Withdraw,
    Write,
    writes_of,
)
from bridge.sync.match import Pair
from bridge.sync.model import Side
from bridge.sync.ports import Lens
from bridge.sync.sight import Change

_EXAMPLES = 3


class PlanVerb(StrEnum):
    """What happens to an item, in the words of the plan.

    `REDUCE` leaves a private busy block in the calendar and nothing else. `HOLD` waits for a
    person's word, because the event has guests. `LEAVE_OUT` says what one that is written lacks.
    """

    CREATE = "create"
    ADOPT = "adopt"
    CHANGE = "change"
    REMOVE = "remove"
    REDUCE = "reduce"
    HOLD = "hold"
    LEAVE_OUT = "leave-out"
    SKIP = "skip"


_ORDER = (
    PlanVerb.REMOVE,
    PlanVerb.REDUCE,
    PlanVerb.CHANGE,
    PlanVerb.CREATE,
    PlanVerb.ADOPT,
    PlanVerb.HOLD,
    PlanVerb.LEAVE_OUT,
    PlanVerb.SKIP,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGroup:
    """Items to which the same happens for the same reason.

    Attributes:
        side: Where it happens, None when nothing is written.
        reason: Machine-readable, as in the journal.
        examples: A few titles.
    """

    verb: PlanVerb
    side: Side | None
    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedAdoption:
    """Two equal items that would be linked, not copied.

    Attributes:
        pair: What stands for the two.
        rule: Why they are taken for one: `uid` or `look-alike`.
    """

    pair: Pair
    title: str
    span: Span | None
    rule: str

    @property
    def key(self) -> str:
        """A short text that stands for the pair in a form."""
        return hashlib.sha256(json.dumps(self.pair).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """A plan in numbers, what is taken away first.

    Attributes:
        braked: Items the brakes ask about: removed, reduced, or put back where they were removed.
            Who confirms the plan confirms these, and no others.
        adoptions: What would be linked; whoever confirms the plan may have some of it copied.
    """

    groups: tuple[PlanGroup, ...]
    braked: frozenset[Uid] = frozenset()
    adoptions: tuple[OfferedAdoption, ...] = ()

    @property
    def removals(self) -> int:
        """How many items disappear from a side."""
        return self.count(PlanVerb.REMOVE)

    @property
    def reductions(self) -> int:
        """How many items keep nothing but a private busy block."""
        return self.count(PlanVerb.REDUCE)

    @property
    def fingerprint(self) -> str:
        """A text that stands for `braked`: equal for equal sets, "" when there is none."""
        if not self.braked:
            return ""
        return hashlib.sha256(json.dumps(sorted(self.braked)).encode()).hexdigest()

    def count(self, verb: PlanVerb, side: Side | None = None) -> int:
        """Return to how many items this happens, on one side or on any."""
        return sum(
            group.count
            for group in self.groups
            if group.verb is verb and (side is None or group.side is side)
        )


def summarise(plan: Plan, lens: Lens) -> PlanSummary:
    """Return the plan's actions grouped by what happens, where and why; removals first."""
    grouped: dict[tuple[PlanVerb, Side | None, str], list[str]] = {}
    for action in plan.actions:
        for verb, side, reason, item in _lines(action):
            grouped.setdefault((verb, side, reason), []).append(_title(item, side, lens))
    groups = [
        PlanGroup(
            verb=verb,
            side=side,
            reason=reason,
            count=len(titles),
            examples=tuple(title for title in titles if title)[:_EXAMPLES],
        )
        for (verb, side, reason), titles in grouped.items()
    ]
    return PlanSummary(
        groups=tuple(sorted(groups, key=lambda group: _ORDER.index(group.verb))),
        braked=frozenset(_braked(plan)),
        adoptions=tuple(_offered(each, lens) for each in plan.actions if isinstance(each, Adopt)),
    )


def _offered(action: Adopt, lens: Lens) -> OfferedAdoption:
    item = action.link.calendar.object
    view = lens.calendar_view(item) if item is not None else None
    return OfferedAdoption(
        pair=(action.uid, action.link.google.name),
        title=view.title if view else "",
        span=view.schedule.span if view else None,
        rule=action.rule,
    )


def _braked(plan: Plan) -> Iterable[Uid]:
    """Iterate over the items that count for `bridge.sync.safety`."""
    for action in plan.actions:
        if isinstance(action, Reduce):
            yield action.uid
        for write in writes_of(action):
            # What is made anew was there before: an emptied side would be filled again.
            again = isinstance(write, Create) and write.reason != Change.ADDED.value
            if again or isinstance(write, Delete | Withdraw):
                yield write.uid


_Line = tuple[PlanVerb, Side | None, str, CalendarObject | None]


def _lines(action: Action) -> Iterable[_Line]:
    """Iterate over what an action does, one line a write."""
    if isinstance(action, Reduce):
        yield PlanVerb.REDUCE, action.write.side, action.write.reason, action.write.base
        return
    for write in writes_of(action):
        yield _write_line(write)
        if write.left_out and isinstance(write, Create | Update):
            yield PlanVerb.LEAVE_OUT, write.side, write.left_out, write.item
    if isinstance(action, Adopt):
        yield PlanVerb.ADOPT, None, action.rule, action.link.calendar.object
    elif isinstance(action, Hold) and action.link.held is not None:
        yield PlanVerb.HOLD, None, action.link.held.kind.value, action.link.calendar.object
    elif isinstance(action, Skip):
        yield PlanVerb.SKIP, None, action.reason, None


def _write_line(write: Write) -> _Line:
    match write:
        case Create():
            return PlanVerb.CREATE, write.side, write.reason, write.item
        case Update():
            return PlanVerb.CHANGE, write.side, write.reason, write.item
        case Delete() | Withdraw():
            return PlanVerb.REMOVE, write.side, write.reason, write.before
        case _:
            assert_never(write)


def _title(item: CalendarObject | None, side: Side | None, lens: Lens) -> str:
    if item is None:
        return ""
    view = lens.google_view(item) if side is Side.GOOGLE else lens.calendar_view(item)
    return view.title if view else ""
