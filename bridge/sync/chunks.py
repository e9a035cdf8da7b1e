"""Chunks: which actions of a plan go together, and which wait for the next run; pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import groupby

from bridge.domain.identifiers import Uid
from bridge.sync.actions import Action, Delete, Withdraw, Write, writes_of
from bridge.sync.model import Side

MOST_REQUESTS_TO_GOOGLE = 2000
"""Requests to Google in one run, so that a first sync of many items leaves room for others and is
seen to go on. Google takes 600 a minute of a user (Google: Manage quotas)."""


def within_budget(
    actions: Sequence[Action], most: int = MOST_REQUESTS_TO_GOOGLE
) -> tuple[list[Action], int]:
    """Return the actions that write, as many as one run may, and how many it has to put off.

    Writes to the calendar are not counted. Of those to Google the first ones of the plan are done;
    one item is done however many events it has.
    """
    now: list[Action] = []
    spent = put_off = 0
    for action in actions:
        cost = sum(_cost(write) for write in writes_of(action) if write.side is Side.GOOGLE)
        if cost and (put_off or (spent and spent + cost > most)):
            put_off += 1
        elif writes_of(action):
            spent += cost
            now.append(action)
    return now, put_off


def chunks(actions: Sequence[Action], size: int) -> Iterator[list[Action]]:
    """Divide actions into chunks; what takes away is in no chunk with what does not."""
    for _, alike in groupby(actions, key=takes_away):
        group = list(alike)
        for start in range(0, len(group), size):
            yield group[start : start + size]


def ordered(actions: Iterable[Action], *, first: Container[Uid]) -> tuple[Action, ...]:
    """Return the actions of a plan in their order: of these items first, what takes away last."""

    def order(action: Action) -> tuple[bool, bool]:
        return takes_away(action), action.uid not in first

    return tuple(sorted(actions, key=order))


def takes_away(action: Action) -> bool:
    """Whether the action is one of those that go last.

    A run that stops half-way has rather too much than too little.
    """
    return isinstance(action, Delete | Withdraw)


def _cost(write: Write) -> int:
    """Return how many requests to Google the write takes at most."""
    if isinstance(write, Delete | Withdraw):
        return 1
    return max(1, write.item.text.count("BEGIN:VEVENT"))
