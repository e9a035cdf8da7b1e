"""Write one commit of the engine to the tables; transaction and lease are the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bridge.domain.identifiers import CompanyId, ConnectionId, SyncToken, Uid
from bridge.store.schema import google
from bridge.store.schema.base import Base
from bridge.store.sync_rows import (
    event_values,
    guest_mail_values,
    held_values,
    journal_values,
    link_values,
    parked_values,
)
from bridge.sync.model import Changes, JournalEntry, Link

_OfLink = google.LinkEvent | google.ParkedItem | google.HeldChange

_PORTION = 1000  # names in one statement; SQLite allows 32,766 parameters


class ChangeWriter:
    """Writes to the rows of one connection and to no others."""

    def __init__(
        self, connection: Connection, connection_id: ConnectionId, company_id: CompanyId
    ) -> None:
        self._connection = connection
        self._connection_id = connection_id
        self._keys = {"connection_id": connection_id, "company_id": company_id}

    def write(self, changes: Changes) -> None:
        """Write links, tokens and journal; running it twice leaves the same rows."""
        # Event ids are unique in a connection and may pass from one link to another in one
        # commit, so all rows of all links concerned go first.
        touched = [*changes.forgotten, *(link.uid for link in changes.links)]
        self._clear(touched, google.LinkEvent, google.ParkedItem)
        waiting = {link.uid for link in changes.links if link.held is not None}
        # The answer to what is still held may be on its way from a page.
        self._clear([uid for uid in touched if uid not in waiting], google.HeldChange)
        self._forget(changes.forgotten)
        self._put_links(changes.links)
        self._put_tokens(changes.tokens)
        self._put_journal(changes.journal)

    def _clear(self, uids: Sequence[Uid], *tables: type[_OfLink]) -> None:
        for portion in _portions(uids):
            ids = select(google.Link.id).where(
                google.Link.connection_id == self._connection_id, google.Link.uid.in_(portion)
            )
            for table in tables:
                mine = table.connection_id == self._connection_id
                self._connection.execute(delete(table).where(mine, table.link_id.in_(ids)))

    def _forget(self, uids: Sequence[Uid]) -> None:
        table = google.Link
        for portion in _portions(uids):
            mine = table.connection_id == self._connection_id
            self._connection.execute(delete(table).where(mine, table.uid.in_(portion)))

    def _put_links(self, links: Sequence[Link]) -> None:
        self._upsert(
            google.Link, [link_values(link) for link in links], unique=("connection_id", "uid")
        )
        ids = self._link_ids([link.uid for link in links])
        events = [
            {"link_id": ids[link.uid], **values} for link in links for values in event_values(link)
        ]
        parked = [
            {"link_id": ids[link.uid], **parked_values(link.parked)}
            for link in links
            if link.parked is not None
        ]
        # Where Google split a series, an exception of the rest has the id of the one it was before.
        self._upsert(google.LinkEvent, events, unique=("connection_id", "google_event_id"))
        self._insert(google.ParkedItem, parked)
        held = [
            {"link_id": ids[link.uid], **held_values(link.held)}
            for link in links
            if link.held is not None
        ]
        self._upsert(google.HeldChange, held, unique=("link_id",))

    def _link_ids(self, uids: Sequence[Uid]) -> dict[str, int]:
        table = google.Link
        ids: dict[str, int] = {}
        for portion in _portions(uids):
            mine = table.connection_id == self._connection_id
            found = select(table.uid, table.id).where(mine, table.uid.in_(portion))
            ids.update((row.uid, row.id) for row in self._connection.execute(found))
        return ids

    def _put_tokens(self, tokens: Mapping[str, SyncToken | None]) -> None:
        table = google.CollectionToken
        dropped = [collection for collection, token in tokens.items() if token is None]
        mine = table.connection_id == self._connection_id
        if dropped:
            self._connection.execute(delete(table).where(mine, table.collection.in_(dropped)))
        kept = [
            {"collection": collection, "token": token}
            for collection, token in tokens.items()
            if token is not None
        ]
        self._upsert(table, kept, unique=("connection_id", "collection"))

    def _put_journal(self, entries: Sequence[JournalEntry]) -> None:
        rows = [journal_values(entry) for entry in entries]
        self._upsert(google.JournalEntry, rows, unique=("id",))
        mails = [guest_mail_values(entry) for entry in entries if entry.tells_guests]
        self._upsert(google.GuestMail, mails, unique=("entry_id",))

    def _insert(self, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            statement = table.__table__.insert()  # type: ignore[attr-defined] # declared as FromClause, is a Table
            self._connection.execute(statement, [{**self._keys, **row} for row in rows])

    def _upsert(
        self, table: type[Base], rows: Sequence[Mapping[str, Any]], *, unique: tuple[str, ...]
    ) -> None:
        if not rows:
            return
        statement = self._insert_or_update(table)
        changed = {name: statement.excluded[name] for name in rows[0] if name not in unique}
        columns = table.__table__.columns
        upsert = statement.on_conflict_do_update(
            index_elements=unique,
            set_=changed,
            where=columns["connection_id"] == self._connection_id,
        )
        self._connection.execute(upsert, [{**self._keys, **row} for row in rows])

    def _insert_or_update(self, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
        if self._connection.dialect.name == "sqlite":
            return sqlite.insert(table)
        return postgresql.insert(table)


def _portions(uids: Iterable[Uid]) -> Iterator[list[Uid]]:
    rest = iter(uids)
    while portion := list(islice(rest, _PORTION)):
        yield portion
