"""What the pages are given: the use cases and how they are reached from outside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bridge.application.access_secrets import AccessSecrets
from bridge.application.activity_editing import ActivityEditing
from bridge.application.activity_types import ActivityTypes
from bridge.application.agenda import Agendas
from bridge.application.calendar_links import CalendarLinks
from bridge.application.calendar_sync import CalendarSync
from bridge.application.company_health import CompanyHealth
from bridge.application.company_people import CompanyPeople
from bridge.application.company_sharing import CompanySharing
from bridge.application.event_rules import EventRules
from bridge.application.held_changes import HeldChanges
from bridge.application.openid_sign_in import OpenIdSignIn
from bridge.application.own_account import OwnAccount
from bridge.application.personal_history import PersonalHistory
from bridge.application.sign_in import SignIn
from bridge.application.single_dates import SingleDates
from bridge.application.undo import Undo


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminServices:
    """What the pages of admins call.

    Attributes:
        people: The users of their company.
        sharing: Who sees whose calendars.
        types: Activity types.
        health: Connections, and the Google client.
    """

    people: CompanyPeople
    sharing: CompanySharing
    types: ActivityTypes
    health: CompanyHealth


@dataclass(frozen=True, slots=True, kw_only=True)
class WebServices:
    """The pages' surroundings.

    Attributes:
        sign_in: Who is it.
        calendar_sync: What the Calendar sync page does.
        event_rules: Rules for incoming events.
        held_changes: What waits for a person's word.
        calendar_links: Subscription links.
        app_passwords: What calendar programs sign in with.
        agendas: What users have to do.
        activity_editing: How they change it.
        single_dates: How they change single dates of series.
        history: What the sync did.
        undo: Takes it back.
        own_account: What users do with theirs.
        admin: What admins do.
        base_url: Public address, without a trailing slash; redirects are built from it only.
        caldav_url: Public address of the DAV tree, with its trailing slash.
        consent_url: Google's authorization address; forms may lead there.
        flash_key: Signs the one-time notices; nothing secret is in them.
        openid: Sign-in by an OpenID provider, None where there is none.
        openid_label: What its button names.
    """

    sign_in: SignIn
    calendar_sync: CalendarSync
    event_rules: EventRules
    held_changes: HeldChanges
    calendar_links: CalendarLinks
    app_passwords: AccessSecrets
    agendas: Agendas
    activity_editing: ActivityEditing
    single_dates: SingleDates
    history: PersonalHistory
    undo: Undo
    own_account: OwnAccount
    admin: AdminServices
    base_url: str
    caldav_url: str
    consent_url: str
    flash_key: bytes
    openid: OpenIdSignIn | None = None
    openid_label: str = ""

    @property
    def root(self) -> Path:
        """Folder of templates and static files."""
        return Path(__file__).parent

    @property
    def secure(self) -> bool:
        """Whether the pages are reached by TLS."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def origin(self) -> str:
        """Origin of our own forms."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def consent_origin(self) -> str:
        """Origin of Google's consent page."""
        parts = urlsplit(self.consent_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def cookie_name(self) -> str:
        """Name of the session cookie (contract section 4)."""
        return "__Host-crmdav" if self.secure else "crmdav"
