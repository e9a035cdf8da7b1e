"""What single runs and the worker need: both sides of a connection, and the jobs over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from urllib.parse import quote

from bridge.application.background import Background
from bridge.application.channel_threads import ChannelThreads
from bridge.application.google_account import google_session, stored_access
from bridge.application.lease import owner_name
from bridge.application.option_plan import NEW_CALENDAR
from bridge.application.planning import Planning
from bridge.application.sides import Guard, Sides
from bridge.application.sync_connection import SyncConnection, SyncParts
from bridge.application.undo import Undo
from bridge.bootstrap.core import Core
from bridge.bootstrap.google_push import channel_keeper
from bridge.bootstrap.push import push_delivery
from bridge.caldav_calendar.client import CalDavClient
from bridge.caldav_calendar.collection import CalDavCollection
from bridge.caldav_calendar.sign_in import worker_sign_in
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import CollectionName
from bridge.domain.connection import Connection
from bridge.domain.identifiers import ConnectionId, Fencing, GoogleCalendarId
from bridge.domain.worker_token import Errand
from bridge.errors import InvalidTransition
from bridge.google_calendar.collection import GoogleCollection
from bridge.google_calendar.oauth import AccessToken
from bridge.google_calendar.session import GoogleCalendar, GoogleSession
from bridge.sync.unreached import UnreachedCollection

_ZONE_HOLDS = timedelta(minutes=15)


def sync_parts(core: Core, role: str) -> SyncParts:
    """Return what runs of connections need.

    Args:
        core: The parts of the program.
        role: Who runs, for the lease: `worker`, `command line`.
    """
    opener = SideOpener(core)
    return SyncParts(
        database=core.database,
        open_sides=opener,
        open_calendar=opener.calendar_alone,
        clock=core.clock,
        ids=core.ids,
        owner=owner_name(role),
        poll_seconds=core.settings.worker.poll_interval_seconds,
    )


def background(core: Core) -> Background:
    """Return the worker's jobs."""
    parts = sync_parts(core, "worker")
    return Background(
        core.database,
        sync=SyncConnection(parts),
        clock=core.clock,
        owner=parts.owner,
        push=push_delivery(core),
        channels=ChannelThreads(channel_keeper(core)),
    )


def planning(core: Core) -> Planning:
    """Return what makes plans without writing anything."""
    return Planning(core.database, open_sides=SideOpener(core), clock=core.clock, ids=core.ids)


def undo_of(core: Core, role: str) -> Undo:
    """Return what takes back what the sync wrote; `role` as for `sync_parts`."""
    return Undo(core.database, sync=SyncConnection(sync_parts(core, role)))


class SideOpener:
    """Opens Google and our CalDAV server for a connection; keeps access tokens while they last."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._tokens: dict[tuple[ConnectionId, str], AccessToken] = {}
        self._calendars: dict[ConnectionId, tuple[datetime, GoogleCalendar]] = {}
        self._lock = Lock()

    @contextmanager
    def __call__(
        self, connection: Connection, guard: Guard, fencing: Fencing | None = None
    ) -> Iterator[Sides]:
        """Give both sides and close them at the end; see `OpenSides`."""
        core = self._core
        calendar_id, lens = self._options(connection)
        with (
            self._google(connection, guard) as session,
            self._calendar(connection, guard, fencing) as home,
        ):
            calendar = self._google_calendar(session, connection, calendar_id)
            yield Sides(
                calendar=home,
                google=GoogleCollection(
                    session, calendar, install_key=core.keys.event_ids, guard=guard
                ),
                lens=lens(calendar.zone),
            )

    @contextmanager
    def calendar_alone(
        self, connection: Connection, guard: Guard, fencing: Fencing | None = None
    ) -> Iterator[Sides]:
        """Give our CalDAV server for a person's undo; Google is not reached, nor need it be."""
        calendar_id, lens = self._options(connection)
        with self._calendar(connection, guard, fencing, Errand.UNDO) as home:
            yield Sides(
                calendar=home,
                google=UnreachedCollection(calendar_id),
                lens=lens(connection.google_calendar_zone),
            )

    def _options(
        self, connection: Connection
    ) -> tuple[GoogleCalendarId, Callable[[str], GoogleLens]]:
        """Return what was chosen: the calendar, and the lens once its zone is known."""
        settings = connection.settings
        if settings is None or connection.google_calendar_id is None:
            raise InvalidTransition("a connection without calendar and options cannot sync")
        with self._core.database.read() as work:
            types = work.types.list(connection.company_id)
            user = work.users.get(connection.user_id)
        own = (connection.account_email, user.email if user is not None else "")

        def lens(zone: str) -> GoogleLens:
            return GoogleLens(settings=settings, types=types, calendar_zone=zone, own_addresses=own)

        return connection.google_calendar_id, lens

    @contextmanager
    def _google(self, connection: Connection, guard: Guard) -> Iterator[GoogleSession]:
        core = self._core
        access = stored_access(
            core.database, connection, google=core.google, cipher=core.keys.tokens
        )
        # A token belongs to its grant: after a reconnect the old one is not taken again.
        key = (connection.id, access.refresh_token)
        with self._lock:
            access = replace(access, access_token=self._tokens.get(key))
        with google_session(access, guard=guard) as session:
            try:
                yield session
            finally:
                token = session.access_token
                with self._lock:
                    if token is not None:
                        self._tokens[key] = token

    def _google_calendar(
        self, session: GoogleSession, connection: Connection, calendar_id: GoogleCalendarId
    ) -> GoogleCalendar:
        """Return the calendar; its zone is asked for now and then, to spare every poll a call.

        That it is still there, and ours to read, every listing tells by itself.
        """
        if calendar_id == NEW_CALENDAR:
            # A plan for a calendar that is still to be made; nobody reads from it.
            zone = connection.google_calendar_zone
            return GoogleCalendar(id=calendar_id, name="", zone=zone, access_role="owner")
        now = self._core.clock.now()
        with self._lock:
            kept = self._calendars.get(connection.id)
        if kept is not None and kept[1].id == calendar_id and now - kept[0] < _ZONE_HOLDS:
            return kept[1]
        calendar = session.calendar(calendar_id)
        with self._lock:
            self._calendars[connection.id] = (now, calendar)
        return calendar

    @contextmanager
    def _calendar(
        self,
        connection: Connection,
        guard: Guard,
        fencing: Fencing | None,
        errand: Errand = Errand.SYNC,
    ) -> Iterator[tuple[CalDavCollection, ...]]:
        core = self._core
        sign_in = worker_sign_in(
            core.keys.worker,
            login=connection.login,
            connection_id=connection.id,
            now=core.clock.now,
            fencing=fencing,
            errand=errand,
        )
        home = f"{core.settings.caldav_url}{quote(connection.login, safe='@')}/"
        with closing(CalDavClient(home, sign_in, guard=guard)) as client:
            yield tuple(
                CalDavCollection(client, f"{home}{name.value}/", name.value, guard=guard)
                for name in CollectionName
            )
