"""Show what a run would do before it does it (contract section 5: plan, then `Confirm`).

A plan is made by the engine's dry run: both sides are read, nothing is written, nothing stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bridge.application.lease import unleased_store
from bridge.application.other_users import others_of
from bridge.application.plan_summary import PlanSummary, summarise
from bridge.application.sides import OpenSides
from bridge.convert.lens import GoogleLens
from bridge.domain.connection import Connection, Farewell
from bridge.domain.identifiers import ConnectionId, GoogleCalendarId, SyncToken, Uid
from bridge.domain.message import Message
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import InvalidTransition, NotFound
from bridge.google_calendar.session import GoogleCalendar
from bridge.ical.calendar_object import CalendarObject
from bridge.store.database import Database
from bridge.sync.farewell import farewell
from bridge.sync.memory import MemoryCollection
from bridge.sync.memory_store import MemorySyncStore
from bridge.sync.model import Changes, Link, Side
from bridge.sync.policy import Policy
from bridge.sync.ports import Clock, Collection, Ids, SyncStore
from bridge.sync.run import dry_run
from bridge.sync.session import Session, Wishes


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
                hint=Message("choose them on the Calendar sync page"),
            )
        store = unleased_store(self._database, connection, clock=self._clock)
        return self._planned(connection, connection.settings, store=store, empty_google=False)

    def preview(
        self,
        connection: Connection,
        *,
        calendar: GoogleCalendar | None,
        settings: SyncSettings,
        era: int | None = None,
    ) -> PlanSummary:
        """Return what a run would do with these options instead of the saved ones.

        Args:
            connection: Whose account.
            calendar: The chosen one, None for one that is still to be made, thus empty.
            settings: The options in question.
            era: Of what was met until now, if one begins with these options.

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
        # Another calendar than before begins without links: see `Connecting`.
        same = candidate.google_calendar_id == connection.google_calendar_id
        store: SyncStore = MemorySyncStore()
        if same:
            store = unleased_store(self._database, connection, clock=self._clock)
        if era is not None:
            store = _InEra(store, era)
        return self._planned(candidate, settings, store=store, empty_google=calendar is None)

    def farewell(self, connection: Connection, wish: Farewell) -> PlanSummary:
        """Return what would be taken away now that the sync has ended; asks nobody.

        Raises:
            InvalidTransition: The connection never had options, so nothing was synced.
        """
        if connection.settings is None:
            raise InvalidTransition("this connection has no options yet")
        with self._database.read() as work:
            types = work.types.list(connection.company_id)
        lens = GoogleLens(
            settings=connection.settings,
            types=types,
            calendar_zone=connection.google_calendar_zone,
        )
        links = unleased_store(self._database, connection, clock=self._clock).links()
        return summarise(farewell(links, wish, lens=lens, uid_for=self._ids.uid), lens)

    def _planned(
        self,
        connection: Connection,
        settings: SyncSettings,
        *,
        store: SyncStore,
        empty_google: bool,
    ) -> PlanSummary:
        with self._database.read() as work:
            apart = work.kept_apart.of(connection.id)
        guard = self._database.forbid_open_transaction
        with self._open_sides(connection, guard) as sides:
            google: Collection = sides.google
            if empty_google:
                google = MemoryCollection(Side.GOOGLE, google.id)
            session = Session(
                run_id=self._ids.run_id(),
                calendars=sides.calendar,
                google=google,
                store=store,
                lens=sides.lens,
                policy=Policy.of(settings),
                clock=self._clock,
                ids=self._ids,
            )
            elsewhere = others_of(self._database, connection)
            plan = dry_run(session, Wishes(apart=apart, elsewhere=elsewhere))
            return summarise(plan, sides.lens)


class _InEra:
    """A store whose links are in an era that begins, where they are in none."""

    def __init__(self, store: SyncStore, era: int) -> None:
        self._store = store
        self._era = era

    def links(self) -> Sequence[Link]:
        """Return all links, those of no era in the one that begins."""
        return [
            replace(link, era=self._era) if link.era is None else link
            for link in self._store.links()
        ]

    def tokens(self) -> Mapping[str, SyncToken]:
        return self._store.tokens()

    def commit(self, changes: Changes) -> None:
        raise AssertionError("a dry run stores nothing")

    def losses(self, since: datetime) -> Mapping[Side, int]:
        return self._store.losses(since)

    def replaced(self, uid: Uid) -> Sequence[CalendarObject]:
        return self._store.replaced(uid)

    def only_announced(self, uid: Uid) -> bool:
        return self._store.only_announced(uid)
