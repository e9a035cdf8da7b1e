"""The policy: a connection's settings as the engine reads them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from bridge.domain.rules import Rules
from bridge.domain.sync_settings import EarlierChoice, PrivateEvents, SyncSettings, SyncType
from bridge.sync.model import Side

RULES = 3
"""Number of the scope rules themselves: raised when a version of ours judges otherwise, so that
everything that was judged before is judged anew. 2: series are synced. 3: what
Google cannot say of one is told precisely."""
_SOURCES = {
    SyncType.TWO_WAY: None,
    SyncType.CRM_TO_GOOGLE: Side.CALENDAR,
    SyncType.GOOGLE_TO_CRM: Side.GOOGLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be written where, and what is left alone.

    Attributes:
        sync_type: Two-way, or one of the two one-way modes.
        outgoing_types: Keys of the activity types that go to Google.
        private_events: What happens to items whose visibility is private or confidential.
        sync_from: First day of the window, in the zone of the Google calendar.
        event_types: Google event types that sync; all others are left alone.
        earlier: What holds instead for items of earlier eras (`Link.era`).
        guests_out: Whether guests that the calendar tells of are written to Google.
        rules: For events that come in from Google; here only those that skip matter.
        private_changes: How often `private_events` was changed for everything.
        shown: What differs whenever items are shown otherwise (`bridge.sync.reshown`); "" for the
            stock options.
    """

    sync_type: SyncType
    outgoing_types: frozenset[str]
    private_events: PrivateEvents
    sync_from: date
    event_types: frozenset[str] = frozenset({"default"})
    earlier: tuple[EarlierChoice, ...] = ()
    guests_out: bool = False
    rules: Rules = ()
    private_changes: int = 0
    shown: str = ""

    @classmethod
    def of(cls, settings: SyncSettings) -> Policy:
        """Return the policy of a connection with these settings."""
        return cls(
            sync_type=settings.sync_type,
            outgoing_types=settings.outgoing_types,
            private_events=settings.private_events,
            sync_from=settings.sync_from,
            event_types=settings.event_types,
            earlier=settings.earlier,
            guests_out=settings.guests_out,
            rules=settings.rules,
            private_changes=settings.private_changes,
            shown=_shown(settings),
        )

    def of_era(self, era: int | None) -> Policy:
        """Return the policy for items of an earlier era; None is the present one."""
        if era is None or era >= len(self.earlier):
            return self
        then = self.earlier[era]
        return replace(
            self,
            outgoing_types=then.outgoing_types,
            event_types=then.event_types,
            rules=then.rules,
        )

    @property
    def source(self) -> Side | None:
        """The side a one-way sync reads from; None in two-way."""
        return _SOURCES[self.sync_type]

    def may_write(self, side: Side) -> bool:
        """Whether this direction writes to the side at all."""
        return self.source is not side

    @property
    def fingerprint(self) -> str:
        """A short text that differs whenever a scope rule could decide otherwise."""
        told: tuple[object, ...] = (
            RULES,
            self.sync_type.value,
            sorted(self.outgoing_types),
            self.private_events.value,
            self.sync_from.isoformat(),
            sorted(self.event_types),
            [(sorted(each.outgoing_types), sorted(each.event_types)) for each in self.earlier],
            self.guests_out,
        )
        rules = [self.rules, *(each.rules for each in self.earlier)]
        if any(rules):
            told = (*told, rules)
        if self.shown:
            told = (*told, self.shown)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _shown(settings: SyncSettings) -> str:
    """Return a text of the options that say how items are shown."""
    told = (
        settings.contact_information,
        settings.title_template,
        sorted(settings.busy_only_types),
        settings.calendar_is_private,
        [(each.type_key, each.colour) for each in sorted(settings.type_colours)],
    )
    return repr(told) if any(told) else ""
