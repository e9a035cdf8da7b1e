"""What every command needs: database, keys, clock, and what is configured about Google."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bridge.application.access_secrets import AccessSecrets, SecretKind
from bridge.application.calendar_links import CalendarLinks
from bridge.application.connecting import Connecting
from bridge.application.google_account import GoogleSetup
from bridge.application.keys import InstallationKeys, read_key_file
from bridge.bootstrap.system import RandomIds, SystemClock
from bridge.config import Settings
from bridge.google_calendar.addresses import GoogleAddresses, GoogleClient
from bridge.store.database import Database
from bridge.store.home_slots import slot_file_beside

CALLBACK_PATH = "/oauth/google/callback"
OPENID_CALLBACK_PATH = "/oauth/openid/callback"
DAV_PREFIX = "/dav"


@dataclass(frozen=True, kw_only=True)
class Core:
    """The parts, each made when it is first asked for.

    Attributes:
        settings: The effective settings.
    """

    settings: Settings

    @cached_property
    def clock(self) -> SystemClock:
        """The machine's clock."""
        return SystemClock()

    @cached_property
    def ids(self) -> RandomIds:
        """The source of identifiers."""
        return RandomIds()

    @cached_property
    def database(self) -> Database:
        """The database; nothing is connected yet."""
        key_file = self.settings.secrets.key_file
        return Database(self.settings.database.url, slot_file=slot_file_beside(key_file))

    @cached_property
    def keys(self) -> InstallationKeys:
        """The installation's keys, read from the key file."""
        return read_key_file(self.settings.secrets.key_file)

    @cached_property
    def google(self) -> GoogleSetup:
        """Where Google is, and as whom we come."""
        google = self.settings.google
        return GoogleSetup(
            addresses=GoogleAddresses(
                authorization_url=google.authorization_url,
                token_url=google.token_url,
                revocation_url=google.revocation_url,
                api_url=google.api_url,
            ),
            client=GoogleClient(
                client_id=google.client_id, client_secret=google.client_secret.reveal()
            ),
            redirect_uri=self.settings.server.public_url + CALLBACK_PATH,
            testing=google.publishing_status == "testing",
        )

    @cached_property
    def connecting(self) -> Connecting:
        """Consent, choice of calendar, start and stop."""
        return Connecting(
            self.database, google=self.google, cipher=self.keys.tokens, clock=self.clock
        )

    @cached_property
    def calendar_links(self) -> CalendarLinks:
        """Subscription links."""
        return CalendarLinks(
            self.database,
            key=self.keys.calendar_links,
            base_url=self.settings.server.public_url,
            clock=self.clock,
        )

    def secrets(self, kind: SecretKind) -> AccessSecrets:
        """Return the app passwords or the API tokens."""
        return AccessSecrets(self.database, kind, key=self.keys.app_passwords, clock=self.clock)
