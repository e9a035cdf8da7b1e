"""Take back a run or a single write: look first, then do it.

The journal keeps what was written, with what was there before, for 30 days
(`bridge.store.journal_compaction`); so long what the sync deleted or overwrote can be had back.
Taking something back is a run like any other: it needs the lease, is journalled, and can be taken
back itself.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from bridge.application.field_words import field_words
from bridge.application.history import FieldChange, changes_between
from bridge.application.lenses import view_of_text
from bridge.application.reasons import because
from bridge.application.sync_connection import SyncConnection
from bridge.domain.connection import STATE_WORDS, Connection, ConnectionState
from bridge.domain.identifiers import RunId, Uid
from bridge.domain.message import Message, joined, template
from bridge.errors import InvalidInput, LeaseHeld, NotConnected, NotFound
from bridge.store.database import Database
from bridge.store.history import JournalFilter
from bridge.store.journal_compaction import JOURNAL_KEPT
from bridge.sync.model import JournalEntry, Side
from bridge.sync.places import PLACES
from bridge.sync.ports import Lens
from bridge.sync.report import RunReport
from bridge.sync.undo_net import Effect, Net
from bridge.sync.undo_steps import Request, Step, Undoing

_MOST_ENTRIES = 100_000
_BETWEEN_TRIES = 0.1
_VERBS = {
    Effect.CHANGED: template("Restore %(what)s %(place)s"),
    Effect.CREATED: template("Take back the copy of %(what)s %(place)s"),
    Effect.DELETED: template("Bring back %(what)s %(place)s"),
    Effect.WITHDRAWN: template("Let out again %(what)s %(place)s"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoLine:
    """What becomes of one item.

    Attributes:
        done: Whether anything is taken back of it.
        fields: What is restored, from the value written to the value before it.
        kept: What stays as it is and why, one phrase each.
        sentence: All of it in words.
    """

    uid: Uid
    title: str
    side: Side
    effect: Effect
    done: bool
    fields: tuple[FieldChange, ...]
    kept: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPlan:
    """What taking something back would do.

    Attributes:
        target: Names the run or the write.
        alone: Of a connection that does not sync: it is done in the CRM only, and a two-way sync
            takes it for what a person changed there once it runs again.
        state: Of the connection.
    """

    target: str
    lines: tuple[UndoLine, ...]
    alone: bool = False
    state: ConnectionState = ConnectionState.ACTIVE

    @property
    def notice(self) -> str:
        """What is to be said of a connection that does not sync, "" of others."""
        if not self.alone:
            return ""
        return Message(
            "The connection is %(state)s, so that only the CRM is changed now. The sync goes on"
            " from there once it runs again, and what it wrote at Google can be taken back then:"
            " choose Start syncing or Reconnect on the Calendar sync page.",
            state=STATE_WORDS[self.state],
        )

    @property
    def items(self) -> int:
        """For how many items something is done."""
        return len({line.uid for line in self.lines if line.done})


class Undo:
    """Plans and carries out; of connections that do not sync in the CRM only; safe for threads."""

    def __init__(
        self, database: Database, *, sync: SyncConnection, patience_seconds: float = 10.0
    ) -> None:
        """Take the parts.

        Args:
            database: Where the history is.
            sync: Runs connections.
            patience_seconds: How long to wait for a run of somebody else to end.
        """
        self._database = database
        self._sync = sync
        self._patience = patience_seconds

    def plan(
        self, connection: Connection, target: str, *, fields: Collection[str] = ()
    ) -> UndoPlan:
        """Return what taking something back would do now; both sides are read, nothing is written.

        Args:
            connection: Whose.
            target: Id of a run, or of a write.
            fields: Only these of changed items, as `FieldChange.field` names them; with them
                nothing is created or removed. Empty for all.

        Raises:
            NotFound: There is no such run or write, or it is too long ago.
            InvalidInput: A field was not changed by what is taken back.
            InvalidTransition: The connection never synced.
            SideError: A side could not be read.
        """
        request = self._request(connection, target, fields)
        looked = self._sync.look_at_undo(connection.id, request)
        _demand_known(looked.undoing, fields)
        lines = tuple(_line(step, looked.lens) for step in looked.undoing.steps)
        return UndoPlan(target=target, lines=lines, alone=looked.alone, state=looked.state)

    def carry_out(
        self, connection: Connection, target: str, *, fields: Collection[str] = ()
    ) -> RunReport:
        """Take something back, as far as both sides still are what was looked at.

        Every write is conditional: what changes while it goes on is kept.

        Args:
            connection: Whose.
            target: Id of a run, or of a write.
            fields: As for `plan`.

        Raises:
            NotFound: There is no such run or write, or it is too long ago.
            InvalidTransition: The connection never synced.
            LeaseHeld: Somebody else syncs it, and for longer than we wait.
        """
        request = self._request(connection, target, fields)
        report = self._run(connection, request, target)
        if isinstance(report.stopped_by, NotConnected) and not report.entries:
            # That is on record by now, and what is in the CRM goes without Google.
            report = self._run(connection, request, target)
        return report

    def _run(self, connection: Connection, request: Request, target: str) -> RunReport:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return self._sync.run(connection.id, undo=request, undone=target)
            except LeaseHeld:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(_BETWEEN_TRIES)

    def _request(self, connection: Connection, target: str, fields: Collection[str]) -> Request:
        entries = self._entries(connection, target)
        return Request(entries=entries, fields=frozenset(fields) if fields else None)

    def _entries(self, connection: Connection, target: str) -> tuple[JournalEntry, ...]:
        with self._database.read() as work:
            run = work.history.run(connection.id, target)
            if run is None:
                entry = work.history.entry(connection.id, target)
                if entry is not None:
                    return (entry,)
                raise NotFound(
                    Message("the history has no run and no write `%(target)s`", target=target),
                    hint="`crmdav history LOGIN` lists the runs",
                )
            wanted = JournalFilter(run_id=RunId(target))
            entries = work.history.journal(connection.id, _MOST_ENTRIES, wanted=wanted)
        if run.entries and not entries:
            raise NotFound(
                Message("what the run `%(target)s` wrote is not on record any more", target=target),
                hint=Message("it is kept for %(days)s days", days=JOURNAL_KEPT.days),
            )
        return entries


def _demand_known(undoing: Undoing, fields: Collection[str]) -> None:
    told = {field.value for step in undoing.steps for field in step.fields}
    told |= {kept.field.value for step in undoing.steps for kept in step.kept if kept.field}
    if unknown := sorted(set(fields) - told):
        raise InvalidInput(
            Message("this field was not changed: %(field)s", field=unknown[0]), field="fields"
        )


def _line(step: Step, lens: Lens) -> UndoLine:
    net = step.net
    before = view_of_text(lens, net.side, net.before)
    after = view_of_text(lens, net.side, net.after)
    shown = after or before
    title = shown.title if shown else ""
    names = {field.value for field in step.fields}
    # Told the other way round: from what was written to what was there before.
    told = [each for each in changes_between(after, before, net.losers) if each.field in names]
    kept = tuple(
        Message(
            "%(field)s is kept, because %(reason)s",
            field=field_words(each.field) if each.field else Message("all of it"),
            reason=because(each.reason),
        )
        for each in step.kept
    )
    return UndoLine(
        uid=net.uid,
        title=title,
        side=net.side,
        effect=net.effect,
        done=bool(step.actions),
        fields=tuple(told),
        kept=kept,
        sentence=_sentence(net, title, told, kept, done=bool(step.actions)),
    )


def _sentence(
    net: Net, title: str, fields: Collection[FieldChange], kept: Collection[str], *, done: bool
) -> str:
    what = Message("“%(title)s”", title=title) if title else Message("an item")
    place = PLACES[net.side]
    if not done:
        why = joined("; ", kept) or Message("nothing to do")
        return Message(
            "Leave %(what)s %(place)s as it is: %(why)s.", what=what, place=place, why=why
        )
    said = Message(_VERBS[net.effect], what=what, place=place)
    values = joined(
        ", ", (Message("%(field)s to %(value)s", field=f.label, value=f.after) for f in fields)
    )
    told = Message("%(what)s: %(values)s", what=said, values=values) if values else said
    return joined("", (joined("; ", (told, *kept)), "."))
