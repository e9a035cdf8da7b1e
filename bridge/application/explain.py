"""Explain one item: why it is here, or is not; which rule, which run, and what Google answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from bridge.application.history import HistoryItem, told_item
from bridge.application.lenses import stored_lens
from bridge.application.past_items import PastItem, past_item
from bridge.application.reasons import LEFT_OUT
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
from bridge.domain.identifiers import Href, Uid
from bridge.domain.message import Clause, Message, Sentence, joined
from bridge.domain.view import View
from bridge.errors import ConversionError, NotFound
from bridge.store.database import Database
from bridge.store.history import JournalFilter
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.left_out import left_out_at_google
from bridge.sync.model import JournalEntry, JournalState, Link, Presence, Side
from bridge.sync.places import PLACES
from bridge.sync.ports import Lens
from bridge.sync.sight import view_of

_OF_GOOGLE = "@google.com"
"""What Google puts after the id of an event of its own to make its `iCalUID`."""

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
        trash_until: Until when undoing the last write brings a deleted item back, aware; None when
            nothing does.
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
    trash_until: datetime | None = None
    connection_state: ConnectionState = ConnectionState.ACTIVE


def explain(database: Database, connection: Connection, name: str) -> Explanation:
    """Return why an item is here, or is not.

    Args:
        database: Where everything is.
        connection: Whose items.
        name: UID in the calendar, href, or id of a Google event, of an instance too; of what was
            deleted as well, as long as there is a trace of it.

    Raises:
        NotFound: Nobody knows such an item.
    """
    with database.read() as work:
        for each in _spellings(name):
            if (found := _explained(work, connection, each)) is not None:
                return found
    raise NotFound(
        Message("no item `%(name)s` is known to this connection", name=name),
        hint=Message("give the UID of the activity, or the id of the Google event"),
    )


def _spellings(name: str) -> Iterator[str]:
    """Iterate over what a name may stand for: itself, what an address ends with, or an event id."""
    yield name
    _, slash, href = name.strip().rpartition("/")
    if slash and href:
        yield unquote(href)
    if name.endswith(_OF_GOOGLE):
        yield name.removesuffix(_OF_GOOGLE)


def _explained(work: UnitOfWork, connection: Connection, name: str) -> Explanation | None:
    lens = stored_lens(work, connection)
    link = work.links.find(connection.id, name)
    if link is not None and not _is_over(link):
        wanted = JournalFilter(uid=link.uid)
        entries = work.history.journal(connection.id, _LOOKED_BACK, wanted=wanted)
        return _of_link(connection, link, entries, lens, _date_words(link, lens, name))
    stored = _stored(work, connection, name)
    if stored is not None:
        return _of_stored(connection, stored)
    if link is not None:
        name = link.uid
    past = past_item(work, connection, name)
    if past is None and link is not None:
        past = PastItem(uid=link.uid, entries=(), buried=None)
    return None if past is None else _of_past(connection, past, lens)


def _is_over(link: Link) -> bool:
    """Whether the item is on neither side, and the link only waits to be forgotten."""
    return {link.calendar.presence, link.google.presence} == {Presence.REMOVED}


@dataclass(frozen=True, slots=True)
class _Stored:
    """A calendar object no link knows, and the path of its calendar."""

    uid: Uid
    calendar: str
    synced: bool


def _stored(work: UnitOfWork, connection: Connection, name: str) -> _Stored | None:
    principal = work.calendars.principal(connection.login)
    synced = [name.value for name in CollectionName]
    for calendar in principal.calendars if principal is not None else ():
        href = work.calendars.href_of_uid(calendar, Uid(name))
        found = work.calendars.object(calendar, href or Href(name))
        if found is not None:
            return _Stored(found.object.uid, calendar.slug, calendar.slug in synced)
    return None


def _of_link(
    connection: Connection,
    link: Link,
    entries: tuple[JournalEntry, ...],
    lens: Lens | None,
    date: str,
) -> Explanation:
    last = next((entry for entry in entries if entry.state is JournalState.DONE), None)
    standing, reason = standing_of(link)
    parked = link.parked
    told = told_item(last, lens) if last is not None else None
    said = [standing_words(link, standing, reason), twin_words(link), origin_words(link), date]
    said = [words for words in (*said, _left_out_words(link, lens)) if words]
    return Explanation(
        uid=link.uid,
        title=_title(link, lens),
        google_event_ids=tuple(part.name for part in link.google.parts if link.google.seen),
        standing=standing,
        sentence=_joined(connection, said, told),
        brief=_joined(connection, said, None),
        reason=reason,
        answer=parked.message if parked is not None else "",
        retry_at=parked.retry_at if parked is not None else None,
        last_write=told,
        connection_state=connection.state,
    )


def _left_out_words(link: Link, lens: Lens | None) -> str:
    if lens is None or link.google.presence is not Presence.PRESENT:
        return ""
    return LEFT_OUT.get(left_out_at_google(link, lens), "")


def _of_stored(connection: Connection, stored: _Stored) -> Explanation:
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
        uid=stored.uid,
        title="",
        google_event_ids=(),
        standing=standing,
        sentence=_joined(connection, [said], None),
        brief=_joined(connection, [said], None),
        connection_state=connection.state,
    )


def _of_past(connection: Connection, past: PastItem, lens: Lens | None) -> Explanation:
    last = past.deletion or next(iter(past.entries), None)
    told = told_item(last, lens) if last is not None else None
    refused = told is not None and told.state is not JournalState.DONE
    said = [Message("it is on neither side any more"), *past.told]
    return Explanation(
        uid=past.uid,
        title=told.title if told is not None else "",
        google_event_ids=(),
        standing=Standing.REMOVED,
        sentence=_joined(connection, said, told),
        brief=_joined(connection, said, None),
        reason=told.reason if told is not None else "",
        answer=told.detail if told is not None and refused else "",
        last_write=told,
        trash_until=past.trash_until,
        connection_state=connection.state,
    )


def _joined(connection: Connection, said: Iterable[str], last: HistoryItem | None) -> str:
    parts = [*said]
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
    views = (_view(link, side, lens) for side in (link.origin, link.origin.other))
    return next((view.title for view in views if view is not None and view.title), "")


def _date_words(link: Link, lens: Lens | None, name: str) -> str:
    """Return what is to be said of the one date that an id of an instance names, "" for nothing."""
    master, _, key = name.rpartition("_")
    if not master or master != link.google.name:
        return ""
    gone = [side for side in Side if _is_cancelled(_view(link, side, lens), key)]
    if len(gone) > 1:
        return Message("this one date of it is cancelled on both sides")
    return (
        Message("this one date of it is cancelled %(place)s", place=PLACES[gone[0]]) if gone else ""
    )


def _is_cancelled(view: View | None, key: str) -> bool:
    shown = view.by_key() if view is not None else {}
    return key in shown and shown[key] is None


def _view(link: Link, side: Side, lens: Lens | None) -> View | None:
    try:
        return view_of(lens, side, link.side(side).object) if lens is not None else None
    except ConversionError:
        return None
