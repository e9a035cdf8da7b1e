"""What the sync did, in plain words: runs, and each single write with what it changed.

The newest first, a page at a time; the last row's id leads to the next page. How long writes are
kept, and how they are taken back, is `bridge.application.undo`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bridge.application.field_words import field_words, value_words
from bridge.application.lenses import stored_lens, view_of_text
from bridge.application.reasons import LEFT_OUT, because
from bridge.domain.connection import Connection
from bridge.domain.identifiers import RunId, Uid
from bridge.domain.message import Message, Sentence, joined, template
from bridge.domain.view import Field, View, in_order
from bridge.errors import NotFound
from bridge.store.database import Database
from bridge.store.history import INTERRUPTED, RUNNING, JournalFilter, Run
from bridge.sync.model import JournalEntry, JournalState, Side
from bridge.sync.places import PLACES
from bridge.sync.ports import Lens

_T = TypeVar("_T")

_SENTENCES: Mapping[JournalState, Mapping[str, str]] = {
    JournalState.DONE: {
        "create": template("Created %(what)s %(place)s"),
        "update": template("Changed %(what)s %(place)s"),
        "delete": template("Deleted %(what)s %(place)s"),
        "put-back": template("Put back %(what)s %(place)s"),
        "withdraw": template("Took back %(what)s %(place)s"),
    },
    JournalState.FAILED: {
        "create": template("Could not create %(what)s %(place)s"),
        "update": template("Could not change %(what)s %(place)s"),
        "delete": template("Could not delete %(what)s %(place)s"),
        "put-back": template("Could not put back %(what)s %(place)s"),
        "withdraw": template("Could not take back %(what)s %(place)s"),
    },
    JournalState.OVERTAKEN: {
        "create": template("Did not create %(what)s %(place)s, which had changed meanwhile"),
        "update": template("Did not change %(what)s %(place)s, which had changed meanwhile"),
        "delete": template("Did not delete %(what)s %(place)s, which had changed meanwhile"),
        "put-back": template("Did not put back %(what)s %(place)s, which had changed meanwhile"),
        "withdraw": template("Did not take back %(what)s %(place)s, which had changed meanwhile"),
    },
    JournalState.INTENDED: {
        "create": template("Began to create %(what)s %(place)s"),
        "update": template("Began to change %(what)s %(place)s"),
        "delete": template("Began to delete %(what)s %(place)s"),
        "put-back": template("Began to put back %(what)s %(place)s"),
        "withdraw": template("Began to take back %(what)s %(place)s"),
    },
}
_PAST = {
    "create": template("%(count)s created"),
    "update": template("%(count)s changed"),
    "delete": template("%(count)s deleted"),
    "put-back": template("%(count)s put back"),
    "withdraw": template("%(count)s taken back"),
}
_STATES: Mapping[str, str] = {
    JournalState.FAILED.value: Message("failed"),
    JournalState.OVERTAKEN.value: Message("overtaken"),
    JournalState.INTENDED.value: Message("intended"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that a write changed.

    Attributes:
        field: Its name for programs, as undo takes it.
        label: Its name in words.
        before: Its value before, in words.
        after: Its value after, in words.
        lost: Both sides had changed it, and the value before is the one that was not kept.
    """

    field: str
    label: str
    before: str
    after: str
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """One write on one side.

    Attributes:
        title: Of the item, "" when it cannot be shown.
        sentence: What happened, where, and why.
        detail: What the side answered, or which values a merge did not keep; "" for nothing.
        undoable: Whether there is something that could be taken back.
    """

    id: str
    run_id: RunId
    uid: Uid
    side: Side
    action: str
    state: JournalState
    at: datetime
    title: str
    sentence: str
    reason: str
    detail: str
    changes: tuple[FieldChange, ...]
    undoable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRun:
    """One run.

    Attributes:
        finished_at: Aware; None while it runs.
        undone: The run or the write it took back, "" for a run of the sync.
        sentence: What it did, in numbers.
        error: Why it ended early, "" otherwise.
        counts: Writes by `<side>.<action>.<state>`, and what was left over.
    """

    id: RunId
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    undone: str
    sentence: str
    error: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """Some runs; `older` leads to the next page, "" at the end."""

    rows: tuple[HistoryRun, ...]
    older: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """Some writes; `older` leads to the next page, "" at the end."""

    rows: tuple[HistoryItem, ...]
    older: str


class History:
    """Tells of runs and writes; whose connection it is, callers have made sure of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs(
        self, connection: Connection, *, limit: int, older: str = "", eventful: bool = True
    ) -> RunPage:
        """Return the latest runs.

        Args:
            connection: Whose.
            limit: How many at most.
            older: `RunPage.older` of the page before.
            eventful: Only those that wrote something, went wrong, or took something back.

        Raises:
            NotFound: `older` names no run of this connection.
        """
        with self._database.read() as work:
            before = _given(work.history.run(connection.id, older), older) if older else None
            found = work.history.runs(connection.id, limit + 1, before=before, eventful=eventful)
        rows = tuple(told_run(run) for run in found[:limit])
        return RunPage(rows=rows, older=rows[-1].id if len(found) > limit else "")

    def items(
        self, connection: Connection, wanted: JournalFilter, *, limit: int, older: str = ""
    ) -> ItemPage:
        """Return the latest writes that the filter lets through.

        Args:
            connection: Whose.
            wanted: Which ones.
            limit: How many at most.
            older: `ItemPage.older` of the page before.

        Raises:
            NotFound: `older` names no write of this connection.
        """
        with self._database.read() as work:
            if older:
                entry = _given(work.history.entry(connection.id, older), older)
                wanted = replace(wanted, before=entry)
            found = work.history.journal(connection.id, limit + 1, wanted=wanted)
            lens = stored_lens(work, connection)
        rows = tuple(told_item(entry, lens) for entry in found[:limit])
        return ItemPage(rows=rows, older=rows[-1].id if len(found) > limit else "")


def told_run(run: Run) -> HistoryRun:
    """Return a run in words."""
    return HistoryRun(
        id=run.id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        outcome=run.outcome,
        undone=run.undone,
        sentence=_run_sentence(run),
        error=run.error,
        counts=run.counts,
    )


def told_item(entry: JournalEntry, lens: Lens | None) -> HistoryItem:
    """Return a write in words, as the present lens shows its texts."""
    before = view_of_text(lens, entry.side, entry.before)
    after = view_of_text(lens, entry.side, entry.after)
    shown = after or before
    title = shown.title if shown else ""
    return HistoryItem(
        id=entry.id,
        run_id=entry.run_id,
        uid=entry.uid,
        side=entry.side,
        action=entry.action,
        state=entry.state,
        at=entry.at,
        title=title,
        sentence=_sentence(entry, title),
        reason=entry.reason,
        detail=entry.detail,
        changes=tuple(changes_between(before, after, entry.losers)),
        undoable=entry.state is JournalState.DONE,
    )


def changes_between(
    before: View | None, after: View | None, losers: Iterable[Field] = ()
) -> Iterable[FieldChange]:
    """Iterate over the fields in which two views differ; nothing when one is not there."""
    if before is None or after is None:
        return
    lost = frozenset(losers)
    for field in in_order(after.changed_fields(before)):
        yield FieldChange(
            field=field.value,
            label=field_words(field),
            before=value_words(field, before.value_of(field)),
            after=value_words(field, after.value_of(field)),
            lost=field in lost,
        )


def _given(found: _T | None, name: str) -> _T:
    if found is None:
        raise NotFound(Message("the history has no entry `%(name)s`", name=name))
    return found


def _sentence(entry: JournalEntry, title: str) -> str:
    done = _SENTENCES[entry.state].get(entry.action)
    if done is None:
        done = template("Wrote %(what)s %(place)s")
    what = Message("“%(title)s”", title=title) if title else Message("an item")
    said = Message(done, what=what, place=PLACES[entry.side])
    if entry.state is JournalState.INTENDED:
        return Message("%(what)s; how much of it got through, the next run finds out.", what=said)
    if entry.state is not JournalState.DONE:
        return joined("", (said, "."))
    if entry.reason:
        said = Message("%(what)s, because %(reason)s", what=said, reason=because(entry.reason))
    left_out = LEFT_OUT.get(entry.left_out)
    return joined("", (joined("; ", (said, left_out) if left_out else (said,)), "."))


def _run_sentence(run: Run) -> str:
    if run.outcome == RUNNING:
        return Message("It is running.")
    parts = [
        Message("%(place)s %(counts)s", place=PLACES[side], counts=joined(", ", told))
        for side in Side
        if (told := list(_counted(run.counts, side)))
    ]
    if differences := run.counts.get("differences", 0):
        parts.append(Message("differences found and mended: %(count)s", count=differences))
    elif "compared" in run.counts:
        parts.append(Message("both sides compared in full, 0 differences"))
    if run.outcome == INTERRUPTED:
        parts.append(Message("cut off before its end"))
    return Sentence("%(phrases)s.", phrases=joined("; ", parts or [Message("nothing to do")]))


def _counted(counts: Mapping[str, int], side: Side) -> Iterable[Message]:
    for name, count in sorted(counts.items()):
        place, _, rest = name.partition(".")
        action, _, state = rest.partition(".")
        if place == side.value and state:
            done = _PAST.get(action)
            said = Message(done, count=count) if done else joined(" ", (str(count), action))
            told = _STATES.get(state, state)
            whole = state == JournalState.DONE
            yield said if whole else Message("%(what)s (%(state)s)", what=said, state=told)
