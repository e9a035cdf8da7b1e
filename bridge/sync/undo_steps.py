"""What an undo consists of, as values: what is asked for, and what becomes of each effect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bridge.domain.identifiers import Uid
from bridge.domain.view import Field
from bridge.sync.actions import Action, Merge, Plan, Update, Withdraw, writes_of
from bridge.sync.model import JournalEntry, JournalState
from bridge.sync.undo_net import Net


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be taken back.

    Attributes:
        entries: Of a run, or a single one.
        fields: Only these of changed items, as `Field.value` tells them; None for all. With fields
            nothing is created or removed.
    """

    entries: tuple[JournalEntry, ...]
    fields: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is not taken back; `field` is None for the item as a whole."""

    field: Field | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What becomes of one net effect.

    Attributes:
        fields: Those that are restored; empty for whole items.
        actions: How; empty when nothing is done.
        kept: What stays as it is, and why.
    """

    net: Net
    fields: tuple[Field, ...] = ()
    actions: tuple[Action, ...] = ()
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """A plan to take something back, as a value to show and to carry out."""

    steps: tuple[Step, ...]

    @property
    def uids(self) -> frozenset[Uid]:
        """The items for which something is done."""
        return frozenset(step.net.uid for step in self.steps if step.actions)

    @property
    def plan(self) -> Plan:
        """The actions; several writes of one item follow each other."""
        by_uid: dict[Uid, list[Action]] = {}
        for step in self.steps:
            by_uid.setdefault(step.net.uid, []).extend(step.actions)
        return Plan(actions=tuple(_joined(by_uid.values())))


def regained(
    request: Request, undoing: Undoing, written: Iterable[JournalEntry]
) -> tuple[JournalEntry, ...]:
    """Return the entries whose losses were made good, counting for no brake any more.

    Args:
        request: What was to be taken back.
        undoing: How.
        written: The entries of the undo itself.
    """
    through = {entry.uid for entry in written if entry.state is JournalState.DONE}
    whole = {step.net.uid for step in undoing.steps if step.actions and not step.kept}
    back = through & whole
    return tuple(replace(e, losses=0) for e in request.entries if e.losses and e.uid in back)


def _joined(groups: Iterable[list[Action]]) -> Iterable[Action]:
    for actions in groups:
        writes = [write for action in actions for write in writes_of(action)]
        changes = [write for write in writes if isinstance(write, Update | Withdraw)]
        if len(changes) > 1 and len(changes) == len(writes):
            yield from (action for action in actions if not writes_of(action))
            yield Merge(uid=changes[0].uid, writes=tuple(changes))
        else:
            yield from actions
