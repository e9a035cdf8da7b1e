"""What the Calendar sync page does, in one place: overview, consent, options, plan, start, stop.

Every method takes the signed-in user and sees that user's connections only; somebody else's id is
answered like one that does not exist (S18).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bridge.application.attention import GRANT_IS_DEAD
from bridge.application.connecting import Answer, Connecting, PlanConsent
from bridge.application.in_two_calendars import InTwoCalendars, in_two_calendars
from bridge.application.option_plan import (
    NEW_CALENDAR,
    NO_ANSWERS,
    OptionsPlan,
    PlanAnswers,
    SyncOptions,
    goes_on,
    option_changes,
    wanted_settings,
)
from bridge.application.plan_summary import PlanSummary
from bridge.application.planning import Planning
from bridge.application.sample_views import sample_views
from bridge.application.sign_in import session_digest
from bridge.domain.activity import ActivityType
from bridge.domain.connection import Connection, ConnectionState, Farewell
from bridge.domain.grant_end import ends_soon
from bridge.domain.identifiers import ConnectionId, Uid
from bridge.domain.message import Message
from bridge.domain.progress import NO_PROGRESS, Progress
from bridge.domain.users import User
from bridge.errors import InvalidInput, InvalidTransition, NotFound
from bridge.google_calendar.oauth import missing_scopes
from bridge.google_calendar.session import GoogleCalendar
from bridge.store.database import Database
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.match import Pair
from bridge.sync.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the page shows before anything is asked of Google.

    Attributes:
        account: The connection that is on the page, None when there is none but stopped ones.
        running: It syncs.
        needs_consent: Going through Google's consent page again may help.
        next_run_at: When the worker looks next, at the latest; aware.
        ends_at: When Google ends the permission, if that is soon; aware.
        push: How it stands with Google's messages, in a word.
        progress: How far the sync has come.
        doubled: What lies in two calendars.
        previous: Stopped connections, the latest first.
        types: The company's active activity types in their order.
    """

    account: Connection | None
    running: bool
    needs_consent: bool
    next_run_at: datetime | None
    ends_at: datetime | None
    push: str
    progress: Progress
    doubled: Sequence[InTwoCalendars]
    previous: tuple[Connection, ...]
    types: tuple[ActivityType, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What can be chosen now, read live from Google."""

    calendars: Sequence[GoogleCalendar]
    may_create: bool


class CalendarSync:
    """The use cases of the page; safe for threads."""

    def __init__(
        self, database: Database, *, connecting: Connecting, planning: Planning, clock: Clock
    ) -> None:
        self._database = database
        self._connecting = connecting
        self._planning = planning
        self._clock = clock

    def today(self, user: User) -> date:
        """Return the day it is for the user."""
        return self._clock.now().astimezone(ZoneInfo(user.timezone)).date()

    def overview(self, user: User) -> Overview:
        """Return what the page shows; asks nobody but our database."""
        with self._database.read() as work:
            mine = work.connections.of_user(user.id)
            types = work.types.list(user.company_id)
            account = current_connection(mine)
            standing = _standing(work, account, self._clock.now()) if account else _NO_STANDING
        return Overview(
            account=account,
            running=account is not None and account.state.may_sync,
            needs_consent=account is not None
            and (not standing.granted or account.attention == GRANT_IS_DEAD),
            next_run_at=standing.next_run_at,
            ends_at=standing.ends_at,
            push=standing.push,
            progress=standing.progress,
            doubled=standing.doubled,
            previous=_stopped(mine),
            types=tuple(each for each in types if each.active),
        )

    def begin(self, user: User, *, session_token: str, login_hint: str) -> str:
        """Return the address of Google's consent page for a new account."""
        return self._connecting.begin(
            user, session_digest=session_digest(session_token), login_hint=login_hint
        )

    def finish(self, user: User, *, session_token: str, state: str, code: str) -> Connection:
        """Take up what Google's redirect brought back; see `Connecting.finish`."""
        return self._connecting.finish(
            user,
            Answer(state=state, code=code),
            session_digest=session_digest(session_token),
        )

    def choices(self, user: User) -> Choices:
        """Return the calendars that can be chosen, asking Google.

        Raises:
            NotFound: There is no account on the page.
            NotConnected: The grant is dead; reconnecting helps.
            SideUnavailable: Google did not answer.
        """
        account = self._account(user)
        return Choices(
            calendars=self._connecting.calendars(account),
            may_create=not missing_scopes(account.granted_scopes).create_calendar,
        )

    def plan(
        self, user: User, options: SyncOptions, answers: PlanAnswers = NO_ANSWERS
    ) -> OptionsPlan:
        """Return what these options would do, changing nothing on either side.

        Args:
            user: Whose account.
            options: As chosen.
            answers: How far each change is to reach; the rest says nothing here.

        Raises:
            InvalidInput: The calendar or a type is none that can be chosen; the field is named.
            SideError: A side could not be read.
            NotConnected: There is no usable grant.
        """
        account = self._account(user)
        self._demand_types(user, options)
        calendar = None
        if options.google_calendar != NEW_CALENDAR:
            calendar = self._chosen(account, options.google_calendar)
        before = goes_on(account, options)
        wanted = wanted_settings(before, options, answers)
        summary = self._planning.preview(
            account, calendar=calendar, settings=wanted.settings, era=wanted.era
        )
        with self._database.read() as work:
            types = work.types.list(user.company_id)
        return OptionsPlan(
            summary=summary,
            changes=option_changes(before, options, answers),
            samples=sample_views(account, wanted.settings, types, now=self._clock.now()),
        )

    def confirm(
        self, user: User, options: SyncOptions, answers: PlanAnswers = NO_ANSWERS
    ) -> OptionsPlan | None:
        """Save the options and sync with them; the calendar is made now if one was wished for.

        Args:
            user: Who confirms.
            options: As they were when the plan was shown.
            answers: To the plan that was shown. Its removals pass the brakes, once.

        Returns:
            None when the sync goes on; else the plan as it is by now, because other items would be
            taken away than those that were shown. Nothing was saved then.

        Raises:
            InvalidInput: The calendar or a type is none that can be chosen; the field is named.
            SideError: Google did not answer.
            NotConnected: There is no usable grant.
            AlreadyExists: Another account of this user is syncing.
        """
        confirmed: frozenset[Uid] = frozenset()
        apart: tuple[Pair, ...] = ()
        if answers.fingerprint or answers.apart:
            now = self.plan(user, options, answers)
            shown = now.summary
            if shown.braked and shown.fingerprint != answers.fingerprint:
                return now
            confirmed = shown.braked
            apart = tuple(each.pair for each in shown.adoptions if each.key in answers.apart)
        self._start(user, options, answers, PlanConsent(confirmed=confirmed, apart=apart))
        return None

    def _start(
        self, user: User, options: SyncOptions, answers: PlanAnswers, consent: PlanConsent
    ) -> None:
        account = self._account(user)
        wanted = wanted_settings(goes_on(account, options), options, answers)
        self._demand_types(user, options)
        if options.google_calendar == NEW_CALENDAR:
            calendar = self._connecting.create_calendar(account, zone=user.timezone)
        else:
            calendar = self._chosen(account, options.google_calendar)
        self._connecting.choose_and_start(
            account,
            calendar=calendar,
            settings=wanted.settings,
            consent=replace(consent, era=wanted.era),
        )

    def sync_now(self, user: User) -> None:
        """Make the next run due at once.

        Raises:
            InvalidInput: Nothing is syncing.
        """
        account = self._account(user)
        if not account.state.may_sync:
            raise InvalidInput(
                "this account is not syncing", hint=Message("choose Start syncing first")
            )
        with self._database.write() as work:
            work.connections.run_soon(account.id)

    def stop(self, user: User) -> Connection:
        """Stop at once; both sides stay as they are, and the options are kept."""
        return self._connecting.stop(self._account(user))

    def farewell_plan(self, user: User, connection_id: ConnectionId, wish: Farewell) -> PlanSummary:
        """Return what would be taken away of a sync that has ended; asks nobody.

        Raises:
            NotFound: There is no such connection.
            InvalidTransition: It is not stopped, or another account syncs.
        """
        return self._planning.farewell(self._stopped_one(user, connection_id), wish)

    def take_away(
        self, user: User, connection_id: ConnectionId, wish: Farewell, *, fingerprint: str
    ) -> PlanSummary | None:
        """Let the worker take away what was shown.

        Returns:
            None when it does; else the plan as it is by now, and nothing was begun.

        Raises:
            NotFound: There is no such connection.
            InvalidTransition: It is not stopped, or another account syncs.
        """
        connection = self._stopped_one(user, connection_id)
        now = self._planning.farewell(connection, wish)
        if now.fingerprint != fingerprint:
            return now
        if now.braked:
            with self._database.write() as work:
                work.connections.save(replace(connection, farewell=wish))
                work.connections.set_confirmed(connection.id, now.braked)
                work.connections.run_soon(connection.id)
        return None

    def stopped(self, user: User, connection_id: ConnectionId) -> Connection | None:
        """Return a connection of this user's that is stopped, None when it is not there or not."""
        found = next((one for one in self.overview(user).previous if one.id == connection_id), None)
        return found if found is not None and found.settings is not None else None

    def _stopped_one(self, user: User, connection_id: ConnectionId) -> Connection:
        connection = self._connecting.connection(user.id, connection_id)
        # Another account that syncs may have taken over what this one left.
        if connection.state is not ConnectionState.STOPPED or self.overview(user).running:
            raise InvalidTransition(
                "an account is syncing", hint=Message("choose Stop syncing before you clear up")
            )
        return connection

    def reconnect(
        self, user: User, connection_id: ConnectionId, *, session_token: str
    ) -> str | None:
        """Reopen the options of a connection; return where to go, None for the page itself.

        A grant that is still there is used again; otherwise Google is asked anew, and answers
        for the same account only. So it is while the account syncs: the sync goes on meanwhile,
        with the new grant from then on.
        """
        connection = self._connecting.connection(user.id, connection_id)
        with self._database.read() as work:
            granted = work.connections.refresh_token(connection.id)
        asks = (ConnectionState.NEEDS_ATTENTION, ConnectionState.ACTIVE)
        if granted is None or connection.state in asks:
            return self._connecting.begin(
                user,
                session_digest=session_digest(session_token),
                login_hint=connection.account_email,
                connection_id=connection.id,
            )
        with self._database.write() as work:
            work.connections.save(connection.moved_to(ConnectionState.NEW))
        return None

    def disconnect(self, user: User, connection_id: ConnectionId) -> bool:
        """Revoke the grant and forget the account; a Google that is down is no obstacle.

        Returns:
            Whether Google took the permission back.
        """
        connection = self._connecting.connection(user.id, connection_id)
        return self._connecting.disconnect(connection)

    def _account(self, user: User) -> Connection:
        with self._database.read() as work:
            account = current_connection(work.connections.of_user(user.id))
        if account is None:
            raise NotFound("there is no account", hint=Message("choose Add new account"))
        return account

    def _demand_types(self, user: User, options: SyncOptions) -> None:
        with self._database.read() as work:
            known = {kind.key for kind in work.types.list(user.company_id) if kind.active}
        settings = options.settings
        if settings.incoming_type not in known:
            raise InvalidInput("choose one of the activity types", field="incoming_type")
        for name in ("outgoing_types", "busy_only_types"):
            if not getattr(settings, name) <= known:
                raise InvalidInput("choose among the activity types", field=name)
        if not {each.type_key for each in settings.type_colours} <= known:
            raise InvalidInput("choose among the activity types", field="type_colours")

    def _chosen(self, account: Connection, calendar_id: str) -> GoogleCalendar:
        for calendar in self._connecting.calendars(account):
            if calendar.id == calendar_id:
                return calendar
        raise InvalidInput("choose one of the calendars on the list", field="google_calendar")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What is stored of a connection beside itself."""

    granted: bool = False
    ends_at: datetime | None = None
    next_run_at: datetime | None = None
    push: str = ""
    progress: Progress = NO_PROGRESS
    doubled: Sequence[InTwoCalendars] = ()


_NO_STANDING = _Standing()


def _standing(work: UnitOfWork, account: Connection, now: datetime) -> _Standing:
    token = work.connections.refresh_token(account.id)
    latest = next(iter(work.history.runs(account.id, 1)), None)
    put_off = latest.counts.get("put_off", 0) if latest else 0
    progress = work.links.progress(account.id)
    return _Standing(
        granted=token is not None,
        ends_at=ends_soon(token.expires_at if token else None, now=now),
        next_run_at=work.connections.next_run_at(account.id),
        push=work.google_push.state(account.id, now).word,
        # Changes of what is on both sides wait as well; the run that put them off counted those.
        progress=replace(progress, left=progress.left or put_off),
        doubled=in_two_calendars(work, account, now),
    )


def current_connection(mine: Sequence[Connection]) -> Connection | None:
    """Return the connection on the page: the one that is not stopped, the syncing one first."""
    live = [each for each in mine if each.state is not ConnectionState.STOPPED]
    return min(live, key=lambda each: (not each.state.may_sync, -each.id), default=None)


def _stopped(mine: Sequence[Connection]) -> tuple[Connection, ...]:
    stopped = [each for each in mine if each.state is ConnectionState.STOPPED]
    return tuple(sorted(stopped, key=lambda each: (each.stopped_at is None, -each.id)))
