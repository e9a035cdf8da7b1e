"""What the worker does, as one object: `bridge.worker` says when."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence

from bridge.application.channel_threads import ChannelThreads
from bridge.application.grant_warning import warn_of_ends
from bridge.application.sync_connection import SyncConnection
from bridge.application.web_push import PushDelivery
from bridge.domain.identifiers import ActivityId, ConnectionId, UserId
from bridge.errors import InvalidTransition, NotFound
from bridge.store.compaction import compact_home, homes_to_compact
from bridge.store.database import Database
from bridge.store.idle_keepers import idle_meetings
from bridge.store.journal_compaction import compact_journal, connections_to_compact
from bridge.store.meeting_heirs import hand_over
from bridge.store.occurrence_window import extension_of, objects_due, store_extension
from bridge.store.reconcile import reconcile
from bridge.sync.ports import Clock

logger = logging.getLogger(__name__)

PORTION = 200
_HOMES_AT_ONCE = 5
_SERIES_AT_ONCE = 50
_MEETINGS_AT_ONCE = 50


class Background:
    """The worker's jobs over our database."""

    def __init__(  # noqa: PLR0913  # the parts, each by its name
        self,
        database: Database,
        *,
        sync: SyncConnection,
        clock: Clock,
        owner: str,
        push: PushDelivery | None = None,
        channels: ChannelThreads | None = None,
    ) -> None:
        """Take the parts.

        Args:
            database: Where everything is.
            sync: Runs connections.
            clock: Tells the time.
            owner: Names this worker in its signs of life.
            push: Tells calendar programs of changes; None when that is switched off.
            channels: Keeps Google's push channels; None leaves them alone.
        """
        self._database = database
        self._sync = sync
        self._clock = clock
        self._owner = owner
        self._to_compact: deque[UserId] = deque()
        self._journals: deque[ConnectionId] = deque()
        self._meetings: deque[tuple[UserId, ActivityId]] = deque()
        self._push = push
        self._channels = channels

    def due(self, limit: int) -> Sequence[ConnectionId]:
        """Return connections whose time has come or whose calendar home changed."""
        with self._database.read() as work:
            return work.connections.due(self._clock.now(), limit)

    def sync(self, connection_id: ConnectionId) -> None:
        """Run one connection; one that was stopped in between is left alone.

        Raises:
            LeaseHeld: Somebody else runs it now.
        """
        try:
            report = self._sync.run(connection_id)
        except (InvalidTransition, NotFound):
            return
        if report.stopped_by is not None:
            logger.warning(
                "run ended early",
                extra={
                    "connection": connection_id,
                    "run_id": report.run_id,
                    "error": type(report.stopped_by).__name__,
                    "reason": getattr(report.stopped_by, "reason", ""),
                },
            )

    def reconcile(self) -> bool:
        """Take up one portion of what other programs changed; True while more may wait."""
        with self._database.write() as work:
            expanded = work.foreign_changes.expand_shared(PORTION)
            homes = work.foreign_changes.homes_with_entries(_HOMES_AT_ONCE)
        consumed = 0
        for home in homes:
            with self._database.write([home]) as work:
                consumed += reconcile(work, homes=[home], limit=PORTION, now=self._clock.now())
        return expanded > 0 or consumed > 0

    def extend(self) -> bool:
        """Put further instances of one portion of series on record; True while more may wait.

        Reads and follows without any lock; an object that changed meanwhile is left alone.
        """
        now = self._clock.now()
        with self._database.read() as work:
            due = objects_due(work, now=now, limit=_SERIES_AT_ONCE)
        extended = [extension_of(each, now=now) for each in due]
        for owner in sorted({each.owner_id for each in due}):
            with self._database.write([owner]) as work:
                for each in extended:
                    if each.due.owner_id == owner:
                        store_extension(work, each)
        return len(due) == _SERIES_AT_ONCE

    def push(self) -> None:
        """Start to tell calendar programs of changes; does not wait for any network."""
        if self._push is not None:
            self._push.look()

    def channels(self) -> None:
        """Start to look after Google's push channels; does not wait for any network."""
        if self._channels is not None:
            self._channels.look()

    def compact(self) -> bool:
        """Drop one portion of what is too old to be asked for; True while more may be left.

        A new round also warns of permissions that are about to end, and finds new keepers for
        meetings whose keepers do not sync any more.
        """
        now = self._clock.now()
        if not self._is_compacting:
            with self._database.read() as work:
                self._to_compact.extend(homes_to_compact(work, now=now))
                self._journals.extend(connections_to_compact(work, now=now))
                self._meetings.extend(idle_meetings(work, now=now))
            warn_of_ends(self._database, now=now)
        if self._to_compact:
            self._compact_home()
        elif self._journals:
            self._compact_journal()
        elif self._meetings:
            self._hand_over()
        return self._is_compacting

    @property
    def _is_compacting(self) -> bool:
        return bool(self._to_compact or self._journals or self._meetings)

    def _hand_over(self) -> None:
        """Let colleagues take over a portion of one keeper's meetings."""
        keeper, _ = self._meetings[0]
        with self._database.write([keeper]) as work:
            for _ in range(_MEETINGS_AT_ONCE):
                if not self._meetings or self._meetings[0][0] != keeper:
                    break
                hand_over(work.connection, self._meetings[0][1], now=self._clock.now())
                self._meetings.popleft()

    def _compact_journal(self) -> None:
        now = self._clock.now()
        with self._database.write() as work:
            more = compact_journal(work, self._journals[0], now=now, limit=PORTION)
        if not more:
            self._journals.popleft()

    def _compact_home(self) -> None:
        home = self._to_compact[0]
        with self._database.write([home]) as work:
            more = compact_home(work, home, now=self._clock.now(), limit=PORTION)
        if not more:
            self._to_compact.popleft()

    def beat(self) -> None:
        """Leave a sign of life for the readiness check."""
        with self._database.write() as work:
            work.beats.beat(self._owner, self._clock.now())

    def interrupt(self) -> None:
        """Make running syncs end before their next request."""
        self._sync.interrupt()
        if self._push is not None:
            self._push.close()
        if self._channels is not None:
            self._channels.close()
