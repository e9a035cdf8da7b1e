"""The database of the simulated installation: what survives a crash, and goes back in a restore.

It holds the state of one connection, its options and its lease. The rules of the lease are those of
`bridge.store.leases`: owner, expiry, a fencing number that grows, checked in every commit. The same
in a file is `sim_sql`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bridge.application.lease import KeptLease, RunStore
from bridge.domain.identifiers import SyncToken, Uid
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import LeaseHeld, LeaseLost
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.memory import Moment, Steps
from bridge.sync.memory_store import ManualClock, MemorySyncStore
from bridge.sync.model import Changes, JournalEntry, Link, Presence, Side, SideState
from sim_strand import Broken

LEASE = timedelta(seconds=90)


@dataclass
class Tables:
    """Everything stored; a backup is a copy of it."""

    options: SyncSettings
    state: MemorySyncStore = field(default_factory=MemorySyncStore)
    owner: str = ""
    fencing: int = 0
    expires_at: datetime | None = None

    def copy(self) -> Tables:
        """Return a copy that later commits leave as it is."""
        state = MemorySyncStore()
        state.held_links = dict(self.state.held_links)
        state.journal = dict(self.state.journal)
        state._tokens = dict(self.state._tokens)
        return replace(self, state=state)


class SimDatabase:
    """The tables, and the history of them that no restore takes back.

    Attributes:
        tables: What is stored now.
        committed: Called after each commit of a run.
        history: Every journal entry there ever was, by id, in its last state.
        let_go: Items whose copy at Google, deleted there, was to be taken back anyway.
    """

    def __init__(self, *, options: SyncSettings, clock: ManualClock, steps: Steps) -> None:
        self.tables = Tables(options=options)
        self.history: dict[str, JournalEntry] = {}
        self.let_go: set[Uid] = set()
        self.clock = clock
        self.steps = steps
        self.committed: Callable[[], None] = lambda: None

    @property
    def options(self) -> SyncSettings:
        """What is chosen now."""
        return self.tables.options

    @options.setter
    def options(self, chosen: SyncSettings) -> None:
        self.tables.options = chosen

    def links(self) -> Sequence[Link]:
        """Return what is linked."""
        return self.tables.state.links()

    def backup(self) -> Tables:
        """Return a copy that later commits leave as it is."""
        return self.tables.copy()

    def restore(self, kept: Tables) -> None:
        """Put a copy back."""
        self.tables = kept

    def close(self) -> None:
        """Leave nothing behind."""

    def acquire(self, owner: str) -> WatchedStore:
        """Take the lease.

        Raises:
            LeaseHeld: Somebody else has it and it has not expired.
        """
        tables, now = self.tables, self.clock.now()
        if tables.owner != owner and tables.expires_at is not None and tables.expires_at > now:
            raise LeaseHeld("somebody else runs", owner=tables.owner)
        tables.owner, tables.fencing = owner, tables.fencing + 1
        tables.expires_at = now + LEASE
        store = LeasedStore(self, owner=owner, fencing=tables.fencing)
        return WatchedStore(self, store, release=store.release)

    def take_from(self, owner: str) -> None:
        """End the lease of an owner who is known to be dead."""
        if self.tables.owner == owner:
            self.tables.owner, self.tables.expires_at = "", None

    def forget(self, *, links: bool) -> None:
        """Forget the tokens, as reconnecting does; with `links` all that is known of the items.

        It takes the lease for that, so that a run under way stores nothing more.
        """
        self.tables.owner, self.tables.expires_at = "", None
        self.tables.fencing += 1
        state = MemorySyncStore()
        state.journal = self.tables.state.journal
        if not links:
            state.held_links = self.tables.state.held_links
        self.tables.state = state


class Installation(Protocol):
    """A database, as the accidents and the workers know it."""

    history: dict[str, JournalEntry]
    let_go: set[Uid]
    clock: ManualClock
    steps: Steps
    committed: Callable[[], None]
    options: SyncSettings

    def links(self) -> Sequence[Link]:
        """Return what is linked."""
        ...

    def acquire(self, owner: str) -> WatchedStore:
        """Take the lease."""
        ...

    def take_from(self, owner: str) -> None:
        """End the lease of an owner who is known to be dead."""
        ...

    def forget(self, *, links: bool) -> None:
        """Forget the tokens; with `links` all that is known of the items."""
        ...

    def backup(self) -> Any:
        """Return a copy that later commits leave as it is."""
        ...

    def restore(self, kept: Any) -> None:
        """Put a copy back."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


class RunLease(KeptLease):
    """The lease of one run; what the guard asks of it once a second is asked each time."""

    def keep(self) -> None:
        """Let a request be made.

        Raises:
            LeaseLost: Another runner took over, or the lease has expired.
        """
        super().keep()
        self.demand()


class WatchedStore:
    """A `SyncStore` for the length of one run: a step before and one after each commit.

    Attributes:
        lease: Of the run.
    """

    def __init__(
        self, database: Installation, store: RunStore, *, release: Callable[[], None]
    ) -> None:
        self._database = database
        self._store = store
        self.lease = RunLease(store, database.clock)
        self.release = release

    def links(self) -> Sequence[Link]:
        """Return every link of the connection."""
        return self._store.links()

    def tokens(self) -> Mapping[str, SyncToken]:
        """Return the sync tokens by collection id."""
        return self._store.tokens()

    def losses(self, since: datetime) -> Mapping[Side, int]:
        """Return what the journal counts as lost on each side since then."""
        return self._store.losses(since)

    def replaced(self, uid: Uid) -> Sequence[CalendarObject]:
        """Return what our writes to the calendar replaced of an item, the latest first."""
        return self._store.replaced(uid)

    def only_announced(self, uid: Uid) -> bool:
        """Return whether the journal has nothing of an item but unanswered inserts at Google."""
        return self._store.only_announced(uid)

    def commit(self, changes: Changes) -> None:
        """Store the changes, all or nothing, and renew the lease."""
        self._database.steps.reach("store", "commit", Moment.BEFORE)
        for link in changes.links:
            if link.parked is not None and link.parked.reason == "error":
                raise Broken(f"the engine stumbled over an item: {link.parked.message}")
        let_go = self._let_go(changes.links)
        self._store.commit(changes)
        self._database.let_go |= let_go
        self._database.history |= {entry.id: entry for entry in changes.journal}
        self._database.committed()
        self._database.steps.reach("store", "commit", Moment.AFTER)

    def _let_go(self, links: Sequence[Link]) -> set[Uid]:
        """Return what comes out of scope while its copy at Google is deleted there."""
        left = {link.uid for link in links if link.withheld and link.google == SideState()}
        known = [link for link in self.links() if link.uid in left] if left else []
        return {link.uid for link in known if link.google.presence is Presence.REMOVED}


class LeasedStore:
    """The tables for who has the lease."""

    def __init__(self, database: SimDatabase, *, owner: str, fencing: int) -> None:
        self._database = database
        self._owner = owner
        self._fencing = fencing

    def links(self) -> Sequence[Link]:
        """Return every link of the connection."""
        return self._database.tables.state.links()

    def tokens(self) -> Mapping[str, SyncToken]:
        """Return the sync tokens by collection id."""
        return self._database.tables.state.tokens()

    def losses(self, since: datetime) -> Mapping[Side, int]:
        """Return what the journal counts as lost on each side since then."""
        return self._database.tables.state.losses(since)

    def replaced(self, uid: Uid) -> Sequence[CalendarObject]:
        """Return what our writes to the calendar replaced of an item, the latest first."""
        return self._database.tables.state.replaced(uid)

    def only_announced(self, uid: Uid) -> bool:
        """Return whether the journal has nothing of an item but unanswered inserts at Google."""
        return self._database.tables.state.only_announced(uid)

    def commit(self, changes: Changes) -> None:
        """Store the changes, all or nothing, and renew the lease."""
        tables, now = self._database.tables, self._database.clock.now()
        if not self._is_mine or tables.expires_at is None or tables.expires_at <= now:
            raise LeaseLost("another runner took over, or the lease expired")
        tables.expires_at = now + LEASE
        tables.state.commit(changes)

    def demand(self) -> None:
        """See that nobody took the lease; one that only expired is still the last one."""
        if self._database.tables.fencing != self._fencing:
            raise LeaseLost("another runner took over")

    def release(self) -> None:
        """Give the lease back; one that was lost stays with whom it is."""
        if self._is_mine:
            self._database.tables.owner, self._database.tables.expires_at = "", None

    @property
    def _is_mine(self) -> bool:
        tables = self._database.tables
        return (tables.owner, tables.fencing) == (self._owner, self._fencing)
