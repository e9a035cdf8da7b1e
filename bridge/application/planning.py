"""Show what a run would do before it does it (contract section 5: plan, then `Confirm`).

A plan is made by the engine's dry run: both sides are read, nothing is written, nothing stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from bridge.application.lease import unleased_store
from bridge.application.sides import OpenSides
from bridge.domain.connection import Connection
from bridge.domain.identifiers import ConnectionId, GoogleCalendarId, Uid
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import InvalidTransition, NotFound
from bridge.google_calendar.session import GoogleCalendar
from bridge.ical.calendar_object import CalendarObject
from bridge.store.database import Database
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
from bridge.sync.memory import MemoryCollection
from bridge.sync.memory_store import MemorySyncStore
from bridge.sync.model import Side
from bridge.sync.policy import Policy
from bridge.sync.ports import Clock, Collection, Ids, Lens, SyncStore
from bridge.sync.run import dry_run
from bridge.sync.sight import Change

_EXAMPLES = 3


class PlanVerb(StrEnum):
    """What happens to an item, in the words of the plan.

    `REDUCE` leaves a private busy block in the calendar and nothing else. `HOLD` waits for a
    person's word, because the event has guests.
    """

    CREATE = "create"
    ADOPT = "adopt"
    CHANGE = "change"
    REMOVE = "remove"
    REDUCE = "reduce"
    HOLD = "hold"
    SKIP = "skip"


_ORDER = (
    PlanVerb.REMOVE,
    PlanVerb.REDUCE,
    PlanVerb.CHANGE,
    PlanVerb.CREATE,
    PlanVerb.ADOPT,
    PlanVerb.HOLD,
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
class PlanSummary:
    """A plan in numbers, what is taken away first.

    Attributes:
        braked: Items the brakes ask about: removed, reduced, or put back where they were removed.
            Who confirms the plan confirms these, and no others.
    """

    groups: tuple[PlanGroup, ...]
    braked: frozenset[Uid] = frozenset()

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


class Planning:
    """Makes plans for connections; safe for threads."""

    def __init__(
        self, database: Database, *, open_sides: OpenSides, clock: Clock, ids: Ids
    ) -> None:
        self._database = database
        self._open_sides = open_sides
        self._clock = clock
        self._ids = ids

    def of(self, connection_id: ConnectionId) -> PlanSummary:
        """Return what the next run of a connection would do.

        Raises:
            NotFound: There is no such connection.
            InvalidTransition: It has no options yet.
            SideError: A side could not be read.
            NotConnected: There is no usable grant.
        """
        with self._database.read() as work:
            connection = work.connections.get(connection_id)
        if connection is None:
            raise NotFound("there is no such connection")
        if connection.settings is None:
            raise InvalidTransition(
                "this connection has no options yet",
                hint="choose them on the Calendar sync page",
            )
        return self._planned(connection, connection.settings, linked=True, empty_google=False)

    def preview(
        self, connection: Connection, *, calendar: GoogleCalendar | None, settings: SyncSettings
    ) -> PlanSummary:
        """Return what a run would do with these options instead of the saved ones.

        Args:
            connection: Whose account.
            calendar: The chosen one, None for one that is still to be made, thus empty.
            settings: The options in question.

        Raises:
            SideError: A side could not be read.
            NotConnected: There is no usable grant.
        """
        candidate = replace(
            connection,
            settings=settings,
            google_calendar_id=GoogleCalendarId(calendar.id if calendar else "new"),
            google_calendar_zone=calendar.zone if calendar else connection.google_calendar_zone,
        )
        same = candidate.google_calendar_id == connection.google_calendar_id
        return self._planned(candidate, settings, linked=same, empty_google=calendar is None)

    def _planned(
        self, connection: Connection, settings: SyncSettings, *, linked: bool, empty_google: bool
    ) -> PlanSummary:
        # Another calendar than before begins without links: see `Connecting`.
        stored = unleased_store(self._database, connection, clock=self._clock)
        store: SyncStore = stored if linked else MemorySyncStore()
        guard = self._database.forbid_open_transaction
        with self._open_sides(connection, guard) as sides:
            google: Collection = sides.google
            if empty_google:
                google = MemoryCollection(Side.GOOGLE, google.id)
            plan = dry_run(
                calendars=sides.calendar,
                google=google,
                store=store,
                lens=sides.lens,
                policy=Policy.of(settings),
                clock=self._clock,
                ids=self._ids,
            )
            return summarise(plan, sides.lens)


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
