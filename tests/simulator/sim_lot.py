"""Lots of schedules: play them, count what went wrong in them, say what never did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from sim_accidents import accidents
from sim_actors import actors
from sim_faults import AIMS, fault_points
from sim_schedule import Outcome, simulate
from sim_world import Kind


@dataclass
class Lot:
    """Schedules of one kind.

    Attributes:
        schedules: How many were played.
        strict: How many of them had no accident after which the past is not known any more.
        items: Of all schedules together.
        strict_items: Of how many of them all was known, so that every promise was asked for.
        moves: Choices of the scheduler, all schedules together.
        fewest_moves: Of the shortest schedule.
        steps: Steps of runs, all schedules together.
        fired: How often each fault point, accident and actor had its turn.
    """

    kind: Kind
    schedules: int = 0
    strict: int = 0
    items: int = 0
    strict_items: int = 0
    moves: int = 0
    fewest_moves: int = 10**9
    steps: int = 0
    fired: Counter[str] = field(default_factory=Counter)

    def play(self, seeds: Iterable[int]) -> Lot:
        """Play the schedules of these seeds and return itself.

        Raises:
            ScheduleFailed: Of the first one that breaks a promise.
        """
        for seed in seeds:
            self._count(simulate(seed, self.kind))
        return self

    def complete(self, seeds: Iterable[int]) -> Lot:
        """Play on, aiming at what was never fired, until all of it was; return itself.

        Rare points are so no matter of luck, which every change of the engine would change.
        """
        for seed in seeds:
            missing = [point for point in fault_points(self.kind) if not self.fired[str(point)]]
            if not missing:
                break
            aims = Random(f"aims {seed}").sample(missing, min(AIMS, len(missing)))  # noqa: S311 - repeatable
            self._count(simulate(seed, self.kind, aims=aims))
        return self

    def _count(self, outcome: Outcome) -> None:
        self.schedules += 1
        self.strict += not outcome.loose
        self.items += outcome.items
        self.strict_items += outcome.strict
        self.moves += outcome.moves
        self.fewest_moves = min(self.fewest_moves, outcome.moves)
        self.steps += outcome.steps
        self.fired += outcome.fired

    @property
    def faults(self) -> int:
        """How many faults were fired at steps of runs."""
        return sum(self.fired[str(point)] for point in fault_points(self.kind))

    def never_fired(self) -> list[str]:
        """Return the fault points, accidents and actors that never had their turn."""
        wanted = [str(point) for point in fault_points(self.kind)]
        wanted += [f"accident {each.name}" for each in accidents()]
        wanted += [f"actor {each.name}" for each in actors(series=self.kind.series)]
        return [name for name in wanted if not self.fired[name]]

    def report(self) -> str:
        """Return the counts as lines of text."""
        head = (
            f"simulator, {self.kind.name}: {self.schedules} schedules ({self.strict} strict),"
            f" {self.items} items ({self.strict_items} judged without excuses),"
            f" {self.moves} moves, {self.steps} steps of runs, {self.faults} faults"
        )
        lines = (f"  {count:6} {name}" for name, count in sorted(self.fired.items()))
        return "\n".join((head, *lines))
