"""One transaction with its repositories."""

from __future__ import annotations

from functools import cached_property

from bridge.store.activities import ActivityRepository
from bridge.store.activity_sync import ActivitySyncRepository
from bridge.store.agenda import AgendaRepository
from bridge.store.app_passwords import SecretRepository
from bridge.store.beats import BeatRepository
from bridge.store.calendar_links import CalendarLinkRepository
from bridge.store.calendars import CalendarRepository
from bridge.store.companies import CompanyRepository
from bridge.store.connections import ConnectionRepository
from bridge.store.contact_names import ContactNameRepository
from bridge.store.contacts import ContactRepository
from bridge.store.deleted_objects import DeletedObjectRepository
from bridge.store.foreign_changes import ForeignChangeRepository
from bridge.store.google_channels import GoogleChannelRepository
from bridge.store.google_push import GooglePushRepository
from bridge.store.grants import GrantRepository
from bridge.store.guest_persons import GuestPersonRepository
from bridge.store.held_changes import HeldChangeRepository
from bridge.store.history import HistoryRepository
from bridge.store.installation import InstallationRepository
from bridge.store.kept_apart import KeptApartRepository
from bridge.store.leases import LeaseRepository
from bridge.store.link_lookup import LinkRepository
from bridge.store.meeting_copies import MeetingCopyRepository
from bridge.store.oauth_attempts import OAuthAttemptRepository
from bridge.store.push_subscriptions import PushSubscriptionRepository
from bridge.store.schema import access
from bridge.store.sessions import SessionRepository
from bridge.store.transaction import Transaction
from bridge.store.types import TypeRepository
from bridge.store.users import UserRepository


class UnitOfWork(Transaction):
    """An open transaction and the repositories that work in it.

    It ends with the `with` block that `Database.read` or `Database.write` opened it for.
    Repositories return values that stay good afterwards.
    """

    @cached_property
    def installation(self) -> InstallationRepository:
        """What tells this database from its copies."""
        return InstallationRepository(self)

    @cached_property
    def companies(self) -> CompanyRepository:
        """The tenants."""
        return CompanyRepository(self)

    @cached_property
    def users(self) -> UserRepository:
        """The people of the CRM."""
        return UserRepository(self)

    @cached_property
    def grants(self) -> GrantRepository:
        """What owners let colleagues see."""
        return GrantRepository(self)

    @cached_property
    def types(self) -> TypeRepository:
        """Activity types."""
        return TypeRepository(self)

    @cached_property
    def contacts(self) -> ContactRepository:
        """Persons, organizations and deals."""
        return ContactRepository(self)

    @cached_property
    def contact_names(self) -> ContactNameRepository:
        """Persons, organizations and deals by their names."""
        return ContactNameRepository(self)

    @cached_property
    def guest_persons(self) -> GuestPersonRepository:
        """Guests of activities among the persons."""
        return GuestPersonRepository(self)

    @cached_property
    def app_passwords(self) -> SecretRepository:
        """CalDAV passwords."""
        return SecretRepository(self, access.AppPassword)

    @cached_property
    def api_tokens(self) -> SecretRepository:
        """REST tokens."""
        return SecretRepository(self, access.ApiToken)

    @cached_property
    def calendar_links(self) -> CalendarLinkRepository:
        """Subscription links."""
        return CalendarLinkRepository(self)

    @cached_property
    def push_subscriptions(self) -> PushSubscriptionRepository:
        """Who wants to be told of changes."""
        return PushSubscriptionRepository(self)

    @cached_property
    def sessions(self) -> SessionRepository:
        """Signed-in browsers."""
        return SessionRepository(self)

    @cached_property
    def oauth_attempts(self) -> OAuthAttemptRepository:
        """Trips to Google's consent page."""
        return OAuthAttemptRepository(self)

    @cached_property
    def connections(self) -> ConnectionRepository:
        """Connections to Google calendars."""
        return ConnectionRepository(self)

    @cached_property
    def leases(self) -> LeaseRepository:
        """Who may sync now."""
        return LeaseRepository(self)

    @cached_property
    def google_push(self) -> GooglePushRepository:
        """What Google's push means for connections."""
        return GooglePushRepository(self)

    @cached_property
    def google_channels(self) -> GoogleChannelRepository:
        """Over which Google tells us of changes."""
        return GoogleChannelRepository(self)

    @cached_property
    def held_changes(self) -> HeldChangeRepository:
        """What waits for a person's word."""
        return HeldChangeRepository(self)

    @cached_property
    def kept_apart(self) -> KeptApartRepository:
        """Equal items that stay two."""
        return KeptApartRepository(self)

    @cached_property
    def history(self) -> HistoryRepository:
        """Runs and journal."""
        return HistoryRepository(self)

    @cached_property
    def links(self) -> LinkRepository:
        """Single items of a connection."""
        return LinkRepository(self)

    @cached_property
    def calendars(self) -> CalendarRepository:
        """Calendars and their objects, as CalDAV sees them."""
        return CalendarRepository(self)

    @cached_property
    def deleted_objects(self) -> DeletedObjectRepository:
        """What was deleted from the calendars."""
        return DeletedObjectRepository(self)

    @cached_property
    def activities(self) -> ActivityRepository:
        """Activities, as the CRM sees them."""
        return ActivityRepository(self)

    @cached_property
    def meeting_copies(self) -> MeetingCopyRepository:
        """Copies of meetings that colleagues keep."""
        return MeetingCopyRepository(self)

    @cached_property
    def agenda(self) -> AgendaRepository:
        """Activities in a stretch of time."""
        return AgendaRepository(self)

    @cached_property
    def activity_sync(self) -> ActivitySyncRepository:
        """How activities stand with Google."""
        return ActivitySyncRepository(self)

    @cached_property
    def foreign_changes(self) -> ForeignChangeRepository:
        """What other programs wrote and nobody carried into the calendars yet."""
        return ForeignChangeRepository(self)

    @cached_property
    def beats(self) -> BeatRepository:
        """Signs of life of the workers."""
        return BeatRepository(self)
