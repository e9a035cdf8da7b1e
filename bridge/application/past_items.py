"""What is known of an item that is on neither side any more: who deleted it, and when.

The journal has its writes and names for 30 days, tombstones have its name for 90. So long what the
sync deleted can be had back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.application.standing import moment_words
from bridge.domain.connection import Connection
from bridge.domain.identifiers import Uid, uid_of_google_event
from bridge.domain.message import Message
from bridge.store.deleted_objects import DeletedObject
from bridge.store.history import JournalFilter
from bridge.store.journal_compaction import JOURNAL_KEPT
from bridge.store.link_lookup import event_ids_of
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.model import JournalEntry, JournalState, Side
from bridge.sync.sight import Change

_DELETE, _WITHDRAW = "delete", "withdraw"
_LOOKED_BACK = 50
"""How many writes of one item are looked through for its deletion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastItem:
    """An item that was.

    Attributes:
        entries: Its writes, the newest first; may be none.
        buried: Its deletion from the calendar, None where nobody knows of one.
    """

    uid: Uid
    entries: tuple[JournalEntry, ...]
    buried: DeletedObject | None

    @property
    def deletion(self) -> JournalEntry | None:
        """The write that took it away, None when no run did, or a later one made it again."""
        through = (entry for entry in self.entries if entry.state is JournalState.DONE)
        last = next(through, None)
        return last if last is not None and last.action in (_DELETE, _WITHDRAW) else None

    @property
    def trash_until(self) -> datetime | None:
        """Until when it can be had back, None when it cannot."""
        deletion = self.deletion
        if deletion is None or deletion.action != _DELETE:
            return None
        return deletion.at + JOURNAL_KEPT

    @property
    def told(self) -> tuple[Message, ...]:
        """Who deleted it, and whether it can be had back, in words."""
        deleted = self._deleted()
        until = self.trash_until
        if until is None:
            trash = Message("it is not in the trash")
        else:
            trash = Message(
                "it is in the trash until %(when)s, from where the history brings it back",
                when=moment_words(until),
            )
        return (trash,) if deleted is None else (deleted, trash)

    def _deleted(self) -> Message | None:
        deletion = self.deletion
        if deletion is not None and deletion.reason != Change.REMOVED.value:
            return None  # the sync took it away by itself, for the reason that the write tells
        if deletion is not None and deletion.side is Side.CALENDAR:
            # Google tells no time of a deletion.
            return Message(
                "somebody deleted it at Google, which the sync saw on %(when)s",
                when=moment_words(deletion.at),
            )
        if self.buried is not None:
            return Message(
                "somebody deleted it in the CRM or in a calendar program on %(when)s",
                when=moment_words(self.buried.at),
            )
        return None


def past_item(work: UnitOfWork, connection: Connection, name: str) -> PastItem | None:
    """Return an item that no link knows any more, None when nothing is on record of it.

    Args:
        work: May be a snapshot.
        connection: Whose items.
        name: UID, id of a Google event, of an instance too, or href.
    """
    uid = work.history.uid_of(connection.id, name)
    buried = next(
        (
            found
            for each in _names(uid, name)
            if (found := work.deleted_objects.find(connection.user_id, each)) is not None
        ),
        None,
    )
    if uid is None and buried is not None:
        uid = buried.uid or Uid(name)
    if uid is None:
        return None
    wanted = JournalFilter(uid=uid)
    entries = work.history.journal(connection.id, _LOOKED_BACK, wanted=wanted)
    return PastItem(uid=uid, entries=entries, buried=buried)


def _names(uid: Uid | None, name: str) -> list[str]:
    """Return what a deleted calendar object may be found by."""
    if uid is not None:
        return [uid]
    return [name, *(uid_of_google_event(each) for each in event_ids_of(name))]
