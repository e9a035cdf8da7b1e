"""Choose a connected account's calendar and options, start, stop, disconnect."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from bridge.application.consent import Answer, Consent
from bridge.application.google_account import (
    google_session,
    stored_access,
)
from bridge.application.lease import leased_store, owner_name
from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.google_push import Channel, ChannelState
from bridge.domain.identifiers import GoogleCalendarId, Uid
from bridge.domain.message import Message
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import (
    AlreadyExists,
    InvalidInput,
    NotConnected,
    SideError,
)
from bridge.google_calendar.access import GoogleAccess
from bridge.google_calendar.channels import GoogleChannels
from bridge.google_calendar.oauth import (
    missing_scopes,
    revoke,
)
from bridge.google_calendar.session import GoogleCalendar
from bridge.sync.match import Pair
from bridge.sync.model import Changes

logger = logging.getLogger(__name__)

__all__ = ["Answer", "Connecting"]

_CREATED_CALENDAR = "CRM activities"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanConsent:
    """What a person said to a plan.

    Attributes:
        confirmed: Items whose removal was confirmed; the brakes let them through once.
        apart: Equal items that are to be two.
        era: Of what was met until now (`bridge.domain.option_changes`), None when none begins.
    """

    confirmed: Collection[Uid] = ()
    apart: Collection[Pair] = ()
    era: int | None = None


NOTHING_SAID = PlanConsent()


class Connecting(Consent):
    """Everything between a user's wish to connect and a connection that syncs."""

    def calendars(self, connection: Connection) -> Sequence[GoogleCalendar]:
        """Return the calendars the account may write, read from Google now.

        Raises:
            NotConnected: The grant is dead.
            SideUnavailable: Google did not answer.
        """
        access = stored_access(self._database, connection, google=self._google, cipher=self._cipher)
        with google_session(access, guard=self._database.forbid_open_transaction) as session:
            return session.calendars(writable_only=True)

    def create_calendar(self, connection: Connection, *, zone: str) -> GoogleCalendar:
        """Make a calendar of its own for the activities at Google.

        Args:
            connection: Whose account.
            zone: IANA name of the user's zone.

        Raises:
            InvalidInput: The permission to create calendars was not given.
            SideUnavailable: Google did not answer; the calendar may have been made.
        """
        if missing_scopes(connection.granted_scopes).create_calendar:
            raise InvalidInput(
                "Google did not allow to create calendars",
                field="google_calendar",
                hint=Message("choose another calendar, or reconnect and allow it"),
            )
        access = stored_access(self._database, connection, google=self._google, cipher=self._cipher)
        with google_session(access, guard=self._database.forbid_open_transaction) as session:
            return session.create_calendar(_CREATED_CALENDAR, zone)

    def choose_and_start(
        self,
        connection: Connection,
        *,
        calendar: GoogleCalendar,
        settings: SyncSettings,
        consent: PlanConsent = NOTHING_SAID,
    ) -> Connection:
        """Save calendar and options and start syncing; the worker takes it up at once.

        Args:
            connection: Of any state but one that cannot start. Another calendar than before
                begins anew: what was linked stays on both sides, unlinked.
            calendar: From `calendars` or `create_calendar`, so that its id is a resolved one.
            settings: The options.
            consent: What a person said to the plan of these options.

        Raises:
            InvalidInput: The calendar may not be written, or a type does not exist.
            AlreadyExists: Another connection of this user is syncing.
            InvalidTransition: The connection cannot start from its state.
            LeaseHeld: A run on the calendar chosen before has not ended yet.
        """
        if not calendar.writable:
            raise InvalidInput("this calendar may not be written", field="google_calendar")
        chosen = replace(
            connection,
            google_calendar_id=GoogleCalendarId(calendar.id),
            google_calendar_name=calendar.name,
            google_calendar_zone=calendar.zone,
            settings=settings,
            stopped_at=None,
        ).moved_to(ConnectionState.ACTIVE)
        if connection.google_calendar_id not in {None, chosen.google_calendar_id}:
            self._forget_links(connection)
        with self._database.write() as work:
            known = {kind.key for kind in work.types.list(connection.company_id)}
            _demand_types(settings, known)
            mine = work.connections.of_user(connection.user_id)
            _demand_only_one(mine, chosen)
            for other in mine:
                if other.farewell is not None:
                    # What is left may be taken over by this sync.
                    work.connections.save(replace(other, farewell=None))
            work.connections.save(chosen)
            work.connections.set_confirmed(chosen.id, consent.confirmed)
            work.kept_apart.add(chosen, consent.apart)
            if consent.era is not None:
                work.connections.begin_era(chosen.id, consent.era)
            work.connections.run_soon(chosen.id)
        return chosen

    def stop(self, connection: Connection) -> Connection:
        """Stop at once; both sides stay as they are, account and options are kept.

        Stopping a stopped connection changes nothing.
        """
        if connection.state is ConnectionState.STOPPED:
            return connection
        stopped = replace(
            connection.moved_to(ConnectionState.STOPPED), stopped_at=self._clock.now()
        )
        with self._database.write() as work:
            work.connections.save(stopped)
        return stopped

    def disconnect(self, connection: Connection) -> bool:
        """Forget the account with its links at once, then tell Google.

        Its push channels are stopped and the permission is given back. What Google does not hear
        ends there by itself; messages over a channel that is left are answered like a stranger's.

        Returns:
            Whether Google took the permission back; if not, the person can do so in the Google
            account's own settings.
        """
        try:
            access = stored_access(
                self._database, connection, google=self._google, cipher=self._cipher
            )
        except NotConnected:
            access = None
        with self._database.write() as work:
            channels = work.google_channels.of(connection.id)
            work.connections.delete(connection.id)
        if access is None:
            return True
        self._stop_channels(access, channels)
        try:
            revoke(self._google.addresses, access.refresh_token)
        except SideError as error:
            logger.warning(
                "permission not given back",
                extra={"connection": connection.id, "reason": error.reason},
            )
            return False
        return True

    def _stop_channels(self, access: GoogleAccess, channels: Sequence[Channel]) -> None:
        """Stop what may still be open; what Google does not hear ends by itself."""
        left = [each for each in channels if each.state is not ChannelState.CLOSED]
        left = [each for each in left if each.expires_at > self._clock.now()]
        if not left:
            return
        with (
            suppress(NotConnected, SideError),
            google_session(access, guard=self._database.forbid_open_transaction) as session,
        ):
            for channel in left:
                GoogleChannels(session).stop(channel)

    def _forget_links(self, connection: Connection) -> None:
        owner = owner_name("calendar change")
        with leased_store(self._database, connection, owner=owner, clock=self._clock) as store:
            store.commit(
                Changes(
                    forgotten=tuple(link.uid for link in store.links()),
                    tokens=dict.fromkeys(store.tokens()),
                )
            )


def _demand_types(settings: SyncSettings, known: set[str]) -> None:
    named = {settings.incoming_type, *settings.outgoing_types, *settings.busy_only_types}
    named |= {each.type_key for each in settings.type_colours}
    unknown = named - known
    if unknown:
        raise InvalidInput(
            Message("there is no activity type `%(key)s`", key=min(unknown)), field="types"
        )


def _demand_only_one(mine: Sequence[Connection], chosen: Connection) -> None:
    for other in mine:
        if other.id != chosen.id and other.state.may_sync:
            raise AlreadyExists(
                Message("`%(account)s` is syncing already", account=other.account_email),
                hint=Message("choose Stop syncing there first"),
            )
