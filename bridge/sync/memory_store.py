"""The durable state of a connection, a clock and ids, in memory and deterministic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bridge.domain.identifiers import RunId, SyncToken, Uid
from bridge.errors import LeaseLost
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.lost_answers import only_announced
from bridge.sync.memory import Moment, Steps
from bridge.sync.model import MAY_BE_THROUGH, Changes, JournalEntry, Link, Side


class MemorySyncStore:
    """A `SyncStore` that survives a simulated crash, because nothing of it is in the engine.

    Attributes:
        held_links: The stored links, by UID.
        journal: The stored entries, by id.
        commits: How many commits were stored.
        lease_lost: Whether commits are refused from now on.
    """

    def __init__(self, *, steps: Steps | None = None) -> None:
        self.held_links: dict[Uid, Link] = {}
        self.journal: dict[str, JournalEntry] = {}
        self.commits = 0
        self.lease_lost = False
        self._tokens: dict[str, SyncToken] = {}
        self._steps = steps or Steps()

    def links(self) -> Sequence[Link]:
        """Return every link of the connection."""
        return list(self.held_links.values())

    def tokens(self) -> Mapping[str, SyncToken]:
        """Return the sync tokens by collection id."""
        return dict(self._tokens)

    def losses(self, since: datetime) -> Mapping[Side, int]:
        """Return what the journal counts as lost on each side since then."""
        counted = Counter[Side]()
        for entry in self.journal.values():
            if entry.at >= since and entry.state in MAY_BE_THROUGH:
                counted[entry.side] += entry.losses
        return counted

    def replaced(self, uid: Uid) -> Sequence[CalendarObject]:
        """Return what our writes to the calendar replaced of an item, the latest first."""
        return [
            CalendarObject.parse(entry.before)
            for entry in reversed(self.journal.values())
            if (entry.uid, entry.side) == (uid, Side.CALENDAR) and entry.before is not None
        ]

    def only_announced(self, uid: Uid) -> bool:
        """Return whether all that the journal has of an item are inserts at Google unanswered."""
        return only_announced(entry for entry in self.journal.values() if entry.uid == uid)

    def commit(self, changes: Changes) -> None:
        """Store the changes, all or nothing."""
        self._steps.reach("store", "commit", Moment.BEFORE)
        self.demand()
        for uid in changes.forgotten:
            self.held_links.pop(uid, None)
        self.held_links.update({link.uid: link for link in changes.links})
        for collection, token in changes.tokens.items():
            if token is None:
                self._tokens.pop(collection, None)
            else:
                self._tokens[collection] = token
        self.journal.update({entry.id: entry for entry in changes.journal})
        self.commits += 1
        self._steps.reach("store", "commit", Moment.AFTER)

    def demand(self) -> None:
        """See that nobody took the lease.

        Raises:
            LeaseLost: Somebody did.
        """
        if self.lease_lost:
            raise LeaseLost("another runner took over")


class ManualClock:
    """A clock that goes on only when told to."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the present time, aware, UTC."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by


class CountingIds:
    """Ids that count up; UIDs are derived from Google's name."""

    def __init__(self) -> None:
        self._runs = 0
        self._entries = 0

    def run_id(self) -> RunId:
        """Return a new id for a run."""
        self._runs += 1
        return RunId(f"run-{self._runs}")

    def entry_id(self) -> str:
        """Return a new id for a journal entry."""
        self._entries += 1
        return f"entry-{self._entries}"

    def uid(self, google_name: str) -> Uid:
        """Return the UID for an item that came from Google."""
        return Uid(f"{google_name}@google.example")

    def google_name(self, uid: Uid) -> str | None:
        """Return the name at Google a UID was made for."""
        name, made, _ = uid.partition("@google.example")
        return name if made else None
