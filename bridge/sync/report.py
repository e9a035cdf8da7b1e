"""What a run did, in numbers and entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from bridge.domain.identifiers import RunId
from bridge.errors import BridgeError
from bridge.sync.model import JournalEntry, JournalState, Link, Presence, Side
from bridge.sync.proof import Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many writes of one kind on one side ended in one state."""

    side: Side
    action: str
    state: JournalState
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """How many items are withheld for one reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """The outcome of one run.

    Attributes:
        links: How many items are linked or seen.
        parked: How many of them wait after a refusal.
        unknown: How many were missing from a listing and not answered for.
        withheld: How many are left alone, by reason.
        put_off: How many writes wait for the next run, because one run makes only so many.
        stopped_by: What ended the run early, or None.
        entries: Every write attempted, in its last state.
        proof: What a full comparison found, None when there was none.
    """

    run_id: RunId
    started_at: datetime
    ended_at: datetime
    links: int = 0
    parked: int = 0
    unknown: int = 0
    withheld: tuple[Withheld, ...] = ()
    put_off: int = 0
    stopped_by: BridgeError | None = None
    entries: tuple[JournalEntry, ...] = ()
    proof: Proof | None = None

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """The writes counted by side, action and state, in a fixed order."""
        counted = Counter((entry.side, entry.action, entry.state) for entry in self.entries)
        return tuple(
            Tally(side=side, action=action, state=state, count=count)
            for (side, action, state), count in sorted(counted.items())
        )

    @property
    def done(self) -> int:
        """How many writes got through."""
        return sum(entry.state is JournalState.DONE for entry in self.entries)

    def summary(self) -> dict[str, object]:
        """Return the report as JSON-ready values, without contents of items."""
        writes: dict[str, dict[str, int]] = {side.value: {} for side in Side}
        for tally in self.tallies:
            name = tally.action if tally.state is JournalState.DONE else tally.state.value
            here = writes[tally.side.value]
            here[name] = here.get(name, 0) + tally.count
        stopped = self.stopped_by
        return {
            "run_id": self.run_id,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
            "links": self.links,
            "writes": writes,
            "parked": self.parked,
            "unknown": self.unknown,
            "withheld": {entry.reason: entry.count for entry in self.withheld},
            "put_off": self.put_off,
            "proof": asdict(self.proof) if self.proof else None,
            "stopped_by": type(stopped).__name__ if stopped is not None else None,
            "message": str(stopped) if stopped is not None else "",
        }


def withheld_of(links: Iterable[Link]) -> tuple[Withheld, ...]:
    """Count withheld links by reason; the names that people gave to rules stay out of logs."""
    counted = Counter(link.withheld.partition(":")[0] for link in links if link.withheld)
    return tuple(Withheld(reason=reason, count=count) for reason, count in sorted(counted.items()))


def why_left_alone(link: Link) -> str:
    """Return why nothing is done about the link, machine-readable, or ""."""
    return link.withheld if link.parked is None else link.parked.reason


def is_unknown(link: Link) -> bool:
    """Whether a side of the link has not answered yet whether the item is there."""
    return any(link.side(side).presence is Presence.UNKNOWN for side in Side)
