"""Rules for incoming events: what they would have matched lately, and whom they may link (B8).

A rehearsal lists the last 90 days of the chosen Google calendar; nothing is written or stored, no
sync token is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bridge.application.calendar_sync import current_connection
from bridge.application.google_account import GoogleSetup, google_session, stored_access
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import ActivityType
from bridge.domain.connection import Connection
from bridge.domain.identifiers import GoogleCalendarId
from bridge.domain.message import Message, template
from bridge.domain.rules import FIELD, ActionKind, EventTraits, Rule, RuleAction, Rules
from bridge.domain.sync_settings import PrivateEvents, SyncSettings
from bridge.domain.users import User
from bridge.errors import ConversionError, InvalidInput, InvalidTransition
from bridge.google_calendar.collection import GoogleCollection
from bridge.store.cipher import TokenCipher
from bridge.store.contact_names import ContactKind
from bridge.store.database import Database
from bridge.sync.model import Item
from bridge.sync.ports import Clock
from bridge.sync.scope import is_private

LOOKED_BACK = timedelta(days=90)
_EXAMPLES = 5
_UNKNOWN = {
    ActionKind.PERSON: template("there is no person with the name `%(name)s`"),
    ActionKind.DEAL: template("there is no deal with the name `%(name)s`"),
}
_AMBIGUOUS = {
    ActionKind.PERSON: template("there is more than one person with the name `%(name)s`"),
    ActionKind.DEAL: template("there is more than one deal with the name `%(name)s`"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatches:
    """What one rule would have matched.

    Attributes:
        count: Events that match it; a series is one.
        earlier: How many of them a rule further up decides, as it does the same kind of thing.
        examples: A few titles.
    """

    rule: Rule
    count: int
    earlier: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What rules would have matched, each as if it were on.

    Attributes:
        seen: How many events came from others or were made at Google in that time.
    """

    seen: int
    matches: tuple[RuleMatches, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """Whose rules are looked at.

    Attributes:
        settings: Of the connection.
        types: The company's active activity types in their order.
    """

    connection: Connection
    calendar_id: GoogleCalendarId
    settings: SyncSettings
    types: tuple[ActivityType, ...]


class EventRules:
    """The use cases of the page of rules; safe for threads."""

    def __init__(
        self,
        database: Database,
        *,
        google: GoogleSetup,
        cipher: TokenCipher,
        event_key: bytes,
        clock: Clock,
    ) -> None:
        """Take what it works with.

        Args:
            database: Where everything is.
            google: How to reach Google.
            cipher: Opens stored grants.
            event_key: Our own copies are known by it; 32 bytes.
            clock: What time it is.
        """
        self._database = database
        self._google = google
        self._cipher = cipher
        self._event_key = event_key
        self._clock = clock

    def of(self, user: User) -> Ruled:
        """Return the account on the page with its options; asks nobody but our database.

        Raises:
            InvalidTransition: There is none, or none with options.
        """
        with self._database.read() as work:
            account = current_connection(work.connections.of_user(user.id))
            types = work.types.list(user.company_id)
        if account is None or account.settings is None or account.google_calendar_id is None:
            raise InvalidTransition(
                "rules need an account that syncs",
                hint=Message(
                    "add an account and choose its options on the Calendar sync page first"
                ),
            )
        return Ruled(
            connection=account,
            calendar_id=account.google_calendar_id,
            settings=account.settings,
            types=tuple(each for each in types if each.active),
        )

    def linking(self, user: User, kind: ActionKind, name: str) -> RuleAction:
        """Return the action that links to the one person or deal of a name.

        Raises:
            InvalidInput: There is none of that name, or more than one.
        """
        contact = ContactKind(kind.value)
        with self._database.read() as work:
            found = work.contact_names.named(contact, user.company_id, name)
        if len(found) != 1:
            words = (_AMBIGUOUS if found else _UNKNOWN)[kind]
            raise InvalidInput(Message(words, name=name), field=FIELD)
        return RuleAction(kind=kind, value=str(found[0].id), label=found[0].name)

    def rehearse(self, user: User, rules: Rules) -> Rehearsed:
        """Return what these rules would have matched, reading from Google now.

        Raises:
            InvalidTransition: There is no account with options.
            NotConnected: There is no usable grant.
            SideError: Google did not answer, or the calendar is gone.
        """
        ruled = self.of(user)
        now = self._clock.now()
        guard = self._database.forbid_open_transaction
        access = stored_access(
            self._database, ruled.connection, google=self._google, cipher=self._cipher
        )
        with google_session(access, guard=guard) as session:
            calendar = session.calendar(ruled.calendar_id)
            collection = GoogleCollection(
                session, calendar, install_key=self._event_key, guard=guard
            )
            items = collection.between(now - LOOKED_BACK, now)
        lens = GoogleLens(
            settings=ruled.settings,
            types=ruled.types,
            calendar_zone=calendar.zone,
            own_addresses=[ruled.connection.account_email, user.email],
        )
        return rehearsed(rules, items, lens)


def rehearsed(rules: Sequence[Rule], items: Iterable[Item], lens: GoogleLens) -> Rehearsed:
    """Return what the rules would have matched among Google's items; our own copies do not count.

    What does not come in anyway, because of its event type or its privacy, is not counted either.
    """
    seen = [met for item in items if item.stamp is None and (met := _met(item, lens)) is not None]
    told = tuple(_matches(rule, rules[:number], seen) for number, rule in enumerate(rules))
    return Rehearsed(seen=len(seen), matches=told)


_Met = tuple[str, EventTraits]


def _met(item: Item, lens: GoogleLens) -> _Met | None:
    """Return title and traits of an event that comes in."""
    traits = lens.traits(item.object)
    try:
        view = lens.google_view(item.object)
    except ConversionError:
        return None  # it is parked as unreadable, and no rule gets to see it
    if view is None or traits.event_type not in lens.settings.event_types:
        return None
    if lens.settings.private_events is PrivateEvents.DO_NOT_SYNC and is_private(view):
        return None
    return view.title, traits


def _matches(rule: Rule, above: Sequence[Rule], seen: Sequence[_Met]) -> RuleMatches:
    rivals = [each for each in above if each.action.kind is rule.action.kind]
    met = [(title, traits) for title, traits in seen if rule.matches(traits)]
    return RuleMatches(
        rule=rule,
        count=len(met),
        earlier=sum(any(each.matches(traits) for each in rivals) for _, traits in met),
        examples=tuple(title or Message("(no title)") for title, _ in met[:_EXAMPLES]),
    )
