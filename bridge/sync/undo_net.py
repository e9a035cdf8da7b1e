"""What a set of journal entries did in all to each item on each side; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bridge.domain.identifiers import Uid
from bridge.domain.view import Field
from bridge.sync.model import MAY_BE_THROUGH, JournalEntry, Side


class Effect(StrEnum):
    """What entries did to an item on one side, taken together."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """The net effect of entries on one item on one side.

    Attributes:
        before: Object text before the first of them, None when there was none.
        after: Object text meant to be there after the last, None when there is none.
        reason: Of the last.
        collection: The calendar collection it lay in before, "" when in none.
        counterpart: What the other side held last, of a deletion.
        losers: Fields whose value before lost a merge.
    """

    uid: Uid
    side: Side
    effect: Effect
    before: str | None
    after: str | None
    reason: str
    collection: str
    counterpart: str | None
    losers: frozenset[Field]


def nets(entries: Iterable[JournalEntry]) -> list[Net]:
    """Return the net effects of what got through, or may have, in the order of the first of each.

    What was made and taken away again within the entries did nothing.
    """
    found: dict[tuple[Uid, Side], list[JournalEntry]] = {}
    through = (entry for entry in entries if entry.state in MAY_BE_THROUGH)
    for entry in sorted(through, key=lambda entry: entry.at):
        found.setdefault((entry.uid, entry.side), []).append(entry)
    return [net for each in found.values() if (net := _net(each)) is not None]


def _net(entries: list[JournalEntry]) -> Net | None:
    first, last = entries[0], entries[-1]
    effect = _effect(first, last)
    if effect is None:
        return None
    return Net(
        uid=first.uid,
        side=first.side,
        effect=effect,
        before=first.before,
        after=last.after,
        reason=last.reason,
        collection=first.collection,
        counterpart=last.counterpart,
        losers=frozenset(field for entry in entries for field in entry.losers),
    )


def _effect(first: JournalEntry, last: JournalEntry) -> Effect | None:
    if first.before is None:
        return None if last.after is None else Effect.CREATED
    if last.after is not None:
        return Effect.CHANGED
    return Effect.WITHDRAWN if last.action == "withdraw" else Effect.DELETED
