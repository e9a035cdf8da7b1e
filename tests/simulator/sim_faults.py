"""What goes wrong at a step of a run.

A new fault is a class with `name`, `spots` and `strike`; put it into `FAULTS`. A fault point is a
fault at a spot, and every one of them has to be fired by a lot of schedules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple, Protocol

from bridge.errors import (
    BridgeError,
    ItemRejected,
    PreconditionFailed,
    RateLimited,
    SideUnavailable,
    StoreBusy,
    SyncTokenExpired,
)
from bridge.sync.memory import Moment, Step
from sim_strand import Crash
from sim_world import Kind, SimWorld

CALLS = ("changes", "page", "get", "write", "insert", "update", "delete")
WRITES = ("insert", "update", "delete")
AIMS = 9


class Spot(NamedTuple):
    """A kind of step: `google`, `calendar` or `store`, what is done there, before or after it."""

    place: str
    operation: str
    moment: Moment

    def __str__(self) -> str:
        return f"{self.moment} {self.place} {self.operation}"


def spot_of(step: Step) -> Spot:
    """Return the spot of a step."""
    place = step.place if step.place in ("google", "store") else "calendar"
    return Spot(place, step.operation, step.moment)


def all_spots(kind: Kind) -> list[Spot]:
    """Return every spot a run over such sides can pass."""
    spots = [Spot("store", "commit", moment) for moment in Moment]
    for place in ("google", "calendar"):
        for operation in CALLS:
            paged_in_memory = operation == "page" and not (kind.rehearsal and place == "google")
            moments = [Moment.BEFORE] if paged_in_memory else list(Moment)
            spots += [Spot(place, operation, moment) for moment in moments]
    if kind.rehearsal:
        spots += [Spot("google", "probe", moment) for moment in Moment]
    return spots


class Fault(Protocol):
    """One way to fail."""

    @property
    def name(self) -> str:
        """What it is called in fault points."""
        ...

    def fits(self, spot: Spot) -> bool:
        """Whether it can happen at such a step."""
        ...

    def strike(self, world: SimWorld, spot: Spot) -> BaseException | None:
        """Let it happen; return what the run has to bear, None when the side bears it."""
        ...


@dataclass(frozen=True)
class Died:
    """The process is killed."""

    name: str = "crash"

    def fits(self, spot: Spot) -> bool:
        """Anywhere."""
        return True

    def strike(self, world: SimWorld, spot: Spot) -> BaseException:
        """Kill it; an insert whose outcome was not stored may be known to nobody."""
        world.cut()
        return Crash()


@dataclass(frozen=True)
class NoAnswer:
    """The network fails: the request does not arrive, or its answer does not."""

    name: str = "no answer"

    def fits(self, spot: Spot) -> bool:
        """At every call."""
        return spot.place != "store"

    def strike(self, world: SimWorld, spot: Spot) -> BaseException | None:
        """Cut the connection."""
        world.cut()
        if spot.place == "google":
            return world.google.cut("network")
        return SideUnavailable("no answer", side="calendar", reason="network")


@dataclass(frozen=True)
class OddAnswer:
    """Google's answer is a page of HTML, or ends in the middle."""

    name: str
    kind: str

    def fits(self, spot: Spot) -> bool:
        """For every answer of Google; in memory it is one that never came."""
        return spot.place == "google" and spot.moment is Moment.BEFORE

    def strike(self, world: SimWorld, spot: Spot) -> BaseException | None:
        """Spoil the answer."""
        world.cut()
        return world.google.cut(self.kind)


@dataclass(frozen=True)
class Answered:
    """Google refuses, by status and reason."""

    status: int
    reason: str
    operations: tuple[str, ...] = CALLS

    @property
    def name(self) -> str:
        """Status and reason."""
        return f"{self.status} {self.reason}"

    def fits(self, spot: Spot) -> bool:
        """Before the request is looked at."""
        wanted = spot.operation in self.operations
        return spot.place == "google" and spot.moment is Moment.BEFORE and wanted

    def strike(self, world: SimWorld, spot: Spot) -> BaseException | None:
        """Refuse."""
        return world.google.answer(self.status, self.reason, spot.operation)


@dataclass(frozen=True)
class Refused:
    """The CalDAV server refuses."""

    name: str
    error: type[BridgeError]
    operations: tuple[str, ...]

    def fits(self, spot: Spot) -> bool:
        """Before the request is looked at."""
        here = spot.place == "calendar" and spot.moment is Moment.BEFORE
        return here and spot.operation in self.operations

    def strike(self, world: SimWorld, spot: Spot) -> BaseException:
        """Refuse."""
        return self.error(self.name, side="calendar", reason="simulated")  # type: ignore[call-arg]


@dataclass(frozen=True)
class Busy:
    """The database is locked for too long."""

    name: str = "store busy"

    def fits(self, spot: Spot) -> bool:
        """Before a commit."""
        return spot == Spot("store", "commit", Moment.BEFORE)

    def strike(self, world: SimWorld, spot: Spot) -> BaseException:
        """Refuse the commit."""
        world.cut()
        return StoreBusy("locked")


@dataclass(frozen=True)
class LateReplica:
    """A listing of Google does not show the latest change yet."""

    name: str = "stale read"

    def fits(self, spot: Spot) -> bool:
        """Before a listing."""
        return spot == Spot("google", "changes", Moment.BEFORE)

    def strike(self, world: SimWorld, spot: Spot) -> None:
        """Be late."""
        world.was_late = True
        world.google.stale()


@dataclass(frozen=True)
class ThinListing:
    """A full listing of Google lacks events that are there and linked (threats G03)."""

    name: str = "thin listing"

    def fits(self, spot: Spot) -> bool:
        """Before a listing."""
        return spot == Spot("google", "changes", Moment.BEFORE)

    def strike(self, world: SimWorld, spot: Spot) -> None:
        """Let about half of them be missing."""
        links = world.database.links()
        linked = sorted(link.google.name for link in links if link.google.name)
        world.google.thin(frozenset(linked[world.chance.randrange(2) :: 2]))


FAULTS: tuple[Fault, ...] = (
    Died(),
    NoAnswer(),
    OddAnswer("html 200", "html:200"),
    OddAnswer("html 502", "html:502"),
    OddAnswer("cut json", "cut_json"),
    Answered(403, "userRateLimitExceeded"),
    Answered(403, "rateLimitExceeded"),
    Answered(403, "dailyLimitExceeded"),
    Answered(403, "quotaExceeded", WRITES),
    Answered(429, "rateLimitExceeded"),
    Answered(500, "backendError"),
    Answered(503, "backendError"),
    Answered(401, "authError"),
    Answered(403, "requiredAccessLevel"),
    Answered(403, "forbiddenForNonOrganizer", ("update", "delete")),
    Answered(400, "invalid", WRITES),
    Answered(409, "conflict", WRITES),
    Answered(412, "conditionNotMet", ("update", "delete")),
    Answered(404, "notFound", ("changes", "page")),
    Answered(410, "fullSyncRequired", ("changes", "page")),
    Refused("412", PreconditionFailed, ("update", "delete")),
    Refused("403", ItemRejected, WRITES),
    Refused("429", RateLimited, CALLS),
    Refused("503", SideUnavailable, CALLS),
    Refused("valid-sync-token", SyncTokenExpired, ("changes",)),
    Busy(),
    LateReplica(),
    ThinListing(),
)


class FaultPoint(NamedTuple):
    """A fault and a kind of step it can happen at."""

    fault: Fault
    spot: Spot

    def __str__(self) -> str:
        return f"{self.fault.name} {self.spot}"


def fault_points(kind: Kind) -> list[FaultPoint]:
    """Return every point at which something can go wrong."""
    spots = all_spots(kind)
    return [FaultPoint(fault, spot) for fault in FAULTS for spot in spots if fault.fits(spot)]


def aims_of(seed: int, kind: Kind) -> list[FaultPoint]:
    """Return the points a schedule aims at, so that rare ones have their turn as well."""
    chance = Random(f"aims of {kind.name} {seed}")  # noqa: S311 - repeatable
    return chance.sample(fault_points(kind), AIMS)


def deletes_wanted(aims: Sequence[FaultPoint], *, on: str) -> bool:
    """Whether a schedule aims at deletions by the engine on a side; people must delete first."""
    return any((aim.spot.place, aim.spot.operation) == (on, "delete") for aim in aims)
