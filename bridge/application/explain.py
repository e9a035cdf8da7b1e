"""Explain one item: why it is here, or is not; which rule, which run, and what Google answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.application.history import HistoryItem, told_item
from bridge.application.lenses import stored_lens
from bridge.application.standing import (
    Standing,
    moment_words,
    origin_words,
    standing_of,
    standing_words,
    twin_words,
)
from bridge.domain.activity import CollectionName
from bridge.domain.connection import STATE_WORDS, Connection, ConnectionState
from bridge.domain.identifiers import Uid
from bridge.domain.message import Clause, Message, Sentence, joined
from bridge.errors import ConversionError, NotFound
from bridge.ical.calendar_object import CalendarObject
from bridge.store.database import Database
from bridge.store.history import JournalFilter
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.model import JournalEntry, JournalState, Link, Side
from bridge.sync.ports import Lens
from bridge.sync.sight import view_of

_LOOKED_BACK = 50
"""How many writes of one item are looked through for the last that got through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why an item is where it is.

    Attributes:
        uid: In the calendar.
        title: As shown last, "" when it cannot be shown.
        google_event_ids: Its events, the master first; empty when it is not at Google.
        standing: For programs.
        sentence: The whole story in one sentence.
        brief: The same without the last write, for whom the writes are shown beside it.
        reason: Machine-readable, "" when nothing stands between the sides.
        answer: What a side answered to a refused write, "" for nothing.
        retry_at: When a refused write is tried again, aware; None when it is not.
        last_write: The last write of a run that got through, None when there is none on record.
        connection_state: An item only moves while its connection is active.
    """

    uid: Uid
    title: str
    google_event_ids: tuple[str, ...]
    standing: Standing
    sentence: str
    brief: str
    reason: str = ""
    answer: str = ""
    retry_at: datetime | None = None
    last_write: HistoryItem | None = None
    connection_state: ConnectionState = ConnectionState.ACTIVE


def explain(database: Database, connection: Connection, name: str) -> Explanation:
    """Return why an item is here, or is not.

    Args:
        database: Where everything is.
        connection: Whose items.
        name: UID, or id of a Google event.

    Raises:
        NotFound: Nobody knows such an item.
    """
    with database.read() as work:
        lens = stored_lens(work, connection)
        link = work.links.find(connection.id, name)
        uid = link.uid if link is not None else Uid(name)
        wanted = JournalFilter(uid=uid)
        entries = work.history.journal(connection.id, _LOOKED_BACK, wanted=wanted)
        stored = None if link is not None else _stored(work, connection, uid)
    if link is not None:
        return _of_link(connection, link, entries, lens)
    if stored is not None:
        return _of_stored(connection, uid, stored)
    if entries:
        return _of_past(connection, uid, entries, lens)
    raise NotFound(
        Message("no item `%(name)s` is known to this connection", name=name),
        hint=Message("give the UID of the activity, or the id of the Google event"),
    )


@dataclass(frozen=True, slots=True)
class _Stored:
    """A calendar object no link knows, and the path of its calendar."""

    calendar: str
    synced: bool


def _stored(work: UnitOfWork, connection: Connection, uid: Uid) -> _Stored | None:
    principal = work.calendars.principal(connection.login)
    synced = [name.value for name in CollectionName]
    for calendar in principal.calendars if principal is not None else ():
        if work.calendars.href_of_uid(calendar, uid) is not None:
            return _Stored(calendar.slug, calendar.slug in synced)
    return None


def _of_link(
    connection: Connection, link: Link, entries: tuple[JournalEntry, ...], lens: Lens | None
) -> Explanation:
    last = next((entry for entry in entries if entry.state is JournalState.DONE), None)
    standing, reason = standing_of(link)
    parked = link.parked
    told = told_item(last, lens) if last is not None else None
    said = joined("; ", [standing_words(link, standing, reason), *filter(None, [twin_words(link)])])
    origin = origin_words(link)
    return Explanation(
        uid=link.uid,
        title=_title(link, lens),
        google_event_ids=tuple(part.name for part in link.google.parts if link.google.seen),
        standing=standing,
        sentence=_joined(connection, said, origin, told),
        brief=_joined(connection, said, origin, None),
        reason=reason,
        answer=parked.message if parked is not None else "",
        retry_at=parked.retry_at if parked is not None else None,
        last_write=told,
        connection_state=connection.state,
    )


def _of_stored(connection: Connection, uid: Uid, stored: _Stored) -> Explanation:
    if stored.synced:
        standing = Standing.NEW
        said = Message("it is new in the CRM, and the next sync looks at it")
    else:
        standing = Standing.OUTSIDE
        said = Message(
            "it lies in the calendar `%(calendar)s`, which is not synced with Google",
            calendar=stored.calendar,
        )
    return Explanation(
        uid=uid,
        title="",
        google_event_ids=(),
        standing=standing,
        sentence=_joined(connection, said, "", None),
        brief=_joined(connection, said, "", None),
        connection_state=connection.state,
    )


def _of_past(
    connection: Connection, uid: Uid, entries: tuple[JournalEntry, ...], lens: Lens | None
) -> Explanation:
    told = told_item(entries[0], lens)
    said = Message("it is on neither side any more")
    return Explanation(
        uid=uid,
        title=told.title,
        google_event_ids=(),
        standing=Standing.REMOVED,
        sentence=_joined(connection, said, "", told),
        brief=_joined(connection, said, "", None),
        reason=told.reason,
        answer=told.detail if told.state is not JournalState.DONE else "",
        last_write=told,
        connection_state=connection.state,
    )


def _joined(connection: Connection, said: str, origin: str, last: HistoryItem | None) -> str:
    parts = [said, *([origin] if origin else [])]
    if last is not None:
        parts.append(
            Message(
                "the last write was on %(when)s in run %(run)s: %(what)s",
                when=moment_words(last.at),
                run=last.run_id,
                what=Clause("%(sentence)s", sentence=last.sentence),
            )
        )
    if not connection.state.may_sync:
        state = STATE_WORDS[connection.state]
        parts.append(Message("nothing moves now, as the connection is %(state)s", state=state))
    return Sentence("%(phrases)s.", phrases=joined("; ", parts))


def _title(link: Link, lens: Lens | None) -> str:
    for side in (link.origin, link.origin.other):
        view = _view(lens, side, link.side(side).object)
        if view:
            return view
    return ""


def _view(lens: Lens | None, side: Side, item: CalendarObject | None) -> str:
    try:
        view = view_of(lens, side, item) if lens is not None else None
    except ConversionError:
        return ""
    return view.title if view is not None else ""
