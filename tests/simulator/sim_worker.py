"""A worker: takes the lease, runs the engine step by step, and may be killed at any of them."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.domain.sync_settings import SyncSettings
from bridge.errors import LeaseHeld, LeaseLost
from bridge.sync.policy import Policy
from bridge.sync.report import RunReport
from bridge.sync.run import run
from bridge.sync.session import Session, Wishes
from sim_faults import FAULTS, Fault, FaultPoint, Spot, spot_of
from sim_judge import judge_what_followed
from sim_strand import Crash, Strand
from sim_world import BASE, SimWorld

CHANCE_OF_FAULT = {
    "changes": 0.02,
    "commit": 0.015,
    "page": 0.03,
    "probe": 0.1,
    "get": 0.1,
    "write": 0.02,
    "insert": 0.08,
    "update": 0.08,
    "delete": 0.1,
}


@dataclass
class Worker:
    """One process of the installation.

    Attributes:
        aims: Fault points the schedule aims at and has not fired yet; all workers share them.
        lives: How often it was started anew; each life has a name of its own.
        report: Of the last run that came to its end.
    """

    name: str
    aims: list[FaultPoint]
    strand: Strand | None = None
    lives: int = 1
    options: SyncSettings = BASE
    report: RunReport | None = None

    def begin(self, world: SimWorld, *, confirmed: bool) -> None:
        """Begin a run."""
        self.report = None
        self.strand = Strand(lambda: self._run(world, confirmed=confirmed))

    def go_on(self, world: SimWorld, *, steps: int, faults: bool) -> None:
        """Let the run go on for some steps, or to its end."""
        for _ in range(steps):
            strand = self.strand
            if strand is None:
                return
            world.options, world.acting = self.options, self.name
            failure = self._failure(world, strand) if faults else None
            try:
                strand.go_on(failure)
            except Crash:
                self.die(world)
                return
            if strand.ended:
                self.strand = None
            elif strand.at is not None:
                world.note(f"    {self.name} {spot_of(strand.at)} {strand.at.subject[:12]}")

    def die(self, world: SimWorld) -> None:
        """Be dead, and start anew under another name.

        The lease stays with the dead one, unless it died on a machine where that is seen.
        """
        world.note(f"    {self.name} died")
        if world.chance.random() < 0.5:
            world.database.take_from(f"{self.name}/{self.lives}")
        self.strand = None
        world.running.pop(self.name, None)
        world.still_to_come.pop(self.name, None)
        self.lives += 1

    def _failure(self, world: SimWorld, strand: Strand) -> BaseException | None:
        if strand.at is None:
            return None
        spot = spot_of(strand.at)
        fault = self._aimed(world, spot) or self._by_chance(world, spot)
        if fault is None:
            return None
        world.fired[f"{fault.name} {spot}"] += 1
        world.note(f"    {self.name} FAULT {fault.name} {spot}")
        return fault.strike(world, spot)

    def _aimed(self, world: SimWorld, spot: Spot) -> Fault | None:
        aim = next((point for point in self.aims if point.spot == spot), None)
        if aim is None or world.chance.random() < 0.4:
            return None
        self.aims.remove(aim)
        return aim.fault

    @staticmethod
    def _by_chance(world: SimWorld, spot: Spot) -> Fault | None:
        if world.chance.random() >= CHANCE_OF_FAULT[spot.operation]:
            return None
        fitting = [fault for fault in FAULTS if fault.fits(spot)]
        return world.chance.choice(fitting) if fitting else None

    def _run(self, world: SimWorld, *, confirmed: bool) -> None:
        try:
            store = world.database.acquire(f"{self.name}/{self.lives}")
        except LeaseHeld:
            world.note(f"  {self.name} waits for the lease")
            return
        world.leases[self.name] = store.lease
        self.options = world.options = world.running[self.name] = world.database.options
        begun = world.begun[self.name] = world.ledger.now()
        report = run(
            Session(
                run_id=world.ids.run_id(),
                calendars=world.calendars,
                google=world.google.collection(self.name),
                store=store,
                lens=world.lens(self.options),
                policy=Policy.of(self.options),
                clock=world.clock,
                ids=world.ids,
            ),
            Wishes(confirmed=confirmed),
        )
        store.release()
        del world.running[self.name]
        if isinstance(report.stopped_by, LeaseLost):
            world.overtaken(begun)
        if report.stopped_by is None:
            judge_what_followed(world)
            world.knows_again(begun)
        world.still_to_come.pop(self.name, None)
        stopped = type(report.stopped_by).__name__ if report.stopped_by else "nothing"
        world.note(f"  {self.name} ended, stopped by {stopped}")
        self.report = report
