"""What a user chose on the Calendar sync page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bridge.domain.rules import Rules


class SyncType(StrEnum):
    """Direction of the sync."""

    TWO_WAY = "two-way"
    CRM_TO_GOOGLE = "crm-to-google"
    GOOGLE_TO_CRM = "google-to-crm"


class IncomingVisibility(StrEnum):
    """Who sees new activities that come from Google."""

    EVERYONE = "everyone"
    ONLY_ME = "only-me"


class PrivateEvents(StrEnum):
    """What happens to private events from Google."""

    SAVE_AS_PRIVATE = "save-as-private"
    SAVE_AS_PUBLIC = "save-as-public"
    DO_NOT_SYNC = "do-not-sync"


DEFAULT_EVENT_TYPE = "default"
SPECIAL_EVENT_TYPES = ("birthday", "workingLocation", "focusTime", "outOfOffice", "fromGmail")
"""What Google makes for purposes of its own; where it syncs, it comes in read-only."""

TEMPLATE_SUBJECT = "subject"
TEMPLATE_FIELDS = ("person", "organization", "deal", "type")
"""What a title template may name in braces, beside the subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierChoice:
    """What synced until a change that holds from then on only.

    Attributes:
        outgoing_types: As in `SyncSettings`.
        event_types: As in `SyncSettings`.
        rules: As in `SyncSettings`; of these, only those that skip still matter.
    """

    outgoing_types: frozenset[str]
    event_types: frozenset[str]
    rules: Rules = ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TypeColour:
    """Which colour copies of a type have at Google.

    Attributes:
        type_key: Key of the activity type.
        colour: Google's `colorId`, `1` to `11`.
    """

    type_key: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """The options of one connection.

    Attributes:
        incoming_type: Key of the activity type that new events from Google become.
        outgoing_types: Keys of the types that go to Google.
        private_events: For events whose visibility at Google is private or confidential.
        contact_information: Whether linked contacts go into the Google description.
        sync_from: Items that end before this day (in the calendar's zone) are left alone on both
            sides, linked or not.
        event_types: Google's `eventType` values that sync; all but `default` are read-only.
        incoming_visibility: For events that say neither public nor private.
        calendar_is_private: Events of Google's calendar that say `default` are private: Google does
            not tell a calendar's own default.
        busy_only_types: Keys of the types of which Google gets the time and nothing else.
        title_template: How titles read at Google, such as `{subject} · {organization}`; "" for the
            subject alone.
        type_colours: Colours of copies by type, each type at most once; others have the calendar's.
        guests_out: Whether attendees are written to Google, still without mail.
        persons_from_guests: Whether guests whom the CRM does not know become persons of it.
        rules: For events that come in from Google, in their order (`bridge.domain.rules`).
        earlier: What holds for items met before changes that do not concern them, the oldest first
            (`bridge.domain.option_changes`); an item names its own by number.
        private_changes: How often `private_events` was changed for everything.
    """

    incoming_type: str
    outgoing_types: frozenset[str]
    sync_from: date
    sync_type: SyncType = SyncType.TWO_WAY
    private_events: PrivateEvents = PrivateEvents.SAVE_AS_PRIVATE
    contact_information: bool = False
    event_types: frozenset[str] = frozenset({DEFAULT_EVENT_TYPE})
    incoming_visibility: IncomingVisibility = IncomingVisibility.EVERYONE
    calendar_is_private: bool = False
    busy_only_types: frozenset[str] = frozenset()
    title_template: str = ""
    type_colours: frozenset[TypeColour] = frozenset()
    guests_out: bool = False
    persons_from_guests: bool = False
    rules: Rules = ()
    earlier: tuple[EarlierChoice, ...] = ()
    private_changes: int = 0
