"""One schedule: who does what next is the seed's choice, and in the end all promises are checked.

    outcome = simulate(seed, MEMORY)

A failure names its seed, and needs no other report than that.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from bridge.sync.model import Side
from sim_accidents import Accident, accidents
from sim_actors import actors
from sim_checks import check_end
from sim_faults import FaultPoint, aims_of, deletes_wanted
from sim_strand import Broken
from sim_worker import Worker
from sim_world import BASE, Kind, SimWorld

FEWEST_STEPS, MOST_STEPS = 40, 80
LONGEST_BURST = 40
ROUNDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a schedule was.

    Attributes:
        moves: Choices of the scheduler.
        steps: Steps of runs.
        fired: How often each fault point, accident and actor had its turn.
        digest: Of the trace.
        loose: After which accidents the strictest promises were not asked for, of the items there
            were.
        items: How many items there were.
        strict: Of how many of them all was known, so that every promise was asked for.
    """

    moves: int
    steps: int
    fired: Counter[str] = field(default_factory=Counter)
    digest: str = ""
    loose: frozenset[str] = frozenset()
    items: int = 0
    strict: int = 0


class ScheduleFailed(AssertionError):
    """A schedule ended badly; its seed is in the text."""


@dataclass
class _Scheduler:
    world: SimWorld
    workers: list[Worker]
    accidents: list[Accident] = field(default_factory=accidents)

    def __post_init__(self) -> None:
        self.people = actors(series=self.world.kind.series)

    def play(self) -> int:
        """Play the schedule; return how many choices were made."""
        chance = self.world.chance
        # Every other schedule has no accident after which the past is not known any more.
        if chance.random() < 0.5:
            self.accidents = [each for each in self.accidents if not each.loosens]
        moves = chance.randint(FEWEST_STEPS, MOST_STEPS)
        for _ in range(moves):
            turn = chance.choices((self._person, self._worker, self._accident), (9, 11, 2))[0]
            turn()
        return moves

    def _person(self) -> None:
        person = self.world.chance.choices(self.people, [who.weight for who in self.people])[0]
        done = person.act(self.world)
        self.world.note(f"{person.name}: {done}")
        if done:
            self.world.fired[f"actor {person.name}"] += 1
            self.world.hints += 1

    def _worker(self) -> None:
        world = self.world
        worker = world.chance.choice(self.workers)
        world.note(f"{worker.name}:")
        if worker.strand is None:
            hinted = world.hints > 0
            if not hinted and world.chance.random() < 0.5:
                return
            world.hints = max(0, world.hints - 1)
            worker.begin(world, confirmed=world.chance.random() < 0.8)
        burst = world.chance.randint(1, LONGEST_BURST)
        worker.go_on(world, steps=burst, faults=True)

    def _accident(self) -> None:
        chance = self.world.chance
        accident = chance.choices(self.accidents, [each.weight for each in self.accidents])[0]
        told = accident.happen(self.world)
        self.world.note(f"{accident.name}: {told}")
        self.world.fired[f"accident {accident.name}"] += 1

    def settle(self) -> None:
        """Without faults, two rounds converge and a third writes nothing."""
        world = self.world
        for worker in self.workers:
            world.google.end()
            worker.go_on(world, steps=10**6, faults=False)
        world.google.end()
        world.finish_moves()
        world.database.options = BASE
        world.note("settle")
        for number in range(ROUNDS + 1):
            # Whatever waits for its time, a lease or a parked item, has waited enough.
            world.clock.advance(timedelta(hours=26 if number < ROUNDS else 0))
            worker = self.workers[number % 2]
            worker.begin(world, confirmed=True)
            worker.go_on(world, steps=10**6, faults=False)
            check_end(world, worker.report, last=number == ROUNDS)


def simulate(
    seed: int,
    kind: Kind,
    *,
    aims: Sequence[FaultPoint] = (),
    trace: list[str] | None = None,
) -> Outcome:
    """Play the schedule of a seed over sides of a kind.

    Args:
        seed: Decides everything.
        kind: One of `sim_world.KINDS`.
        aims: Fault points to aim at; without any, the seed chooses them.
        trace: Gets the lines of the trace, also when a promise is broken.

    Raises:
        ScheduleFailed: A promise was broken; the message begins with kind and seed.
    """
    world = SimWorld(kind=kind, chance=Random(f"{kind.name} {seed}"))  # noqa: S311 - repeatable
    if trace is not None:
        world.trace = trace
    aimed = list(aims) or aims_of(seed, kind)
    world.deleters = frozenset(side for side in Side if deletes_wanted(aimed, on=side.other.value))
    scheduler = _Scheduler(world, [Worker("w1", aimed), Worker("w2", aimed)])
    try:
        with _quiet():
            moves = scheduler.play()
            scheduler.settle()
    except (Exception, Broken) as error:
        end = "\n".join(world.trace[-12:])
        raise ScheduleFailed(f"{kind.name} seed {seed}: {error!r}\n{end}") from error
    finally:
        world.database.close()
    return Outcome(
        moves=moves,
        steps=world.steps.count,
        fired=world.fired,
        digest=world.digest(),
        loose=frozenset(world.loose),
        items=len(world.ledger.stories),
        strict=world.known_items(),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Refused items are expected by the thousand here; their records would only fill memory."""
    logger = logging.getLogger("bridge")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
