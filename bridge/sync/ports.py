"""What the engine needs from outside: collections, a store, a lens, a clock, ids.

Glossary. *Name*: what a collection calls an item, an href in CalDAV and an event id at Google.
*ETag*: the version, opaque, without quotes. *Token*: where the next listing goes on, opaque.
All writes are conditional; a write that fails a precondition has changed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bridge.domain.identifiers import ETag, RunId, SyncToken, Uid
from bridge.domain.view import Facts, View
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.split_off import Predecessor, SplitOff
from bridge.sync.model import Changes, Delta, Item, Link, Part, Side
from bridge.sync.requests import Answer, Request


class Collection(Protocol):
    """One calendar of one side.

    Every method may raise `SideUnavailable` or `RateLimited` (nothing is known then: the write may
    or may not have happened), `CollectionGone`, `NotConnected`, and `LeaseLost` (this request did
    nothing: another runner took over before it was sent, or before it reached our own server). No
    method may be called while a database transaction of the caller's is open (design decision 3).
    """

    @property
    def side(self) -> Side:
        """The side it belongs to."""
        ...

    @property
    def id(self) -> str:
        """Its lasting id: `activities`, `tasks`, or the resolved Google calendar id."""
        ...

    def changes(self, token: SyncToken | None) -> Delta:
        """List what changed since the token; with None everything.

        Raises:
            SyncTokenExpired: The token is not served any more; list with None.
        """
        ...

    def get(self, names: Sequence[str]) -> Mapping[str, Item | None]:
        """Ask for these items one by one; None for those the side says are gone.

        Only a definite answer (404, 410, cancelled) is None; anything else raises.
        """
        ...

    def tombstones(self, names: Sequence[str]) -> Mapping[str, ETag]:
        """Return the versions of deletions, of those names whose deletion the side has one of."""
        ...

    def name_for(self, uid: Uid, *, generation: int = 0) -> str:
        """Return the name an item of ours gets; the same arguments give the same name."""
        ...

    def split_off(self, name: str) -> SplitOff | None:
        """Return what a series was split off, and where, as its name tells; None for all others."""
        ...

    def insert(self, name: str, item: CalendarObject) -> Item:
        """Create the item under this name; repeating an insert that got through is success.

        What people made of it since is never overwritten: it is the answer, or refused as taken.
        The answer tells whether the item was made by it (`Item.made`).

        Raises:
            ItemExists: The name is taken by something that is not ours, or is burnt for good
                (`reason` is `burnt`): the caller takes the next generation.
            ItemRejected: The side refuses this item.
        """
        ...

    def update(  # noqa: PLR0913  # a write and its conditions, each by its name
        self,
        name: str,
        item: CalendarObject,
        *,
        base: CalendarObject | None,
        if_match: ETag,
        parts: Sequence[Part] = (),
        tell_guests: bool = False,
    ) -> Item:
        """Write the item over the version `if_match`; fields equal to `base` are left untouched.

        Args:
            name: Of the item, and of its master.
            item: As it is to be, whole.
            base: As it is there now; None for unknown.
            if_match: Version of the master.
            parts: The exceptions of a series as they were seen last, each with its version; a side
                that keeps an item in one resource has none.
            tell_guests: Let the side mail the guests about the new times in this one write, a mail
                for each part that has one, because a person said so; without it nobody is mailed
                (design decision 28).

        Raises:
            PreconditionFailed: The item changed since.
            ItemMissing: It is gone.
            ItemRejected: The side refuses this change.
        """
        ...

    def delete(self, name: str, *, if_match: ETag, tell_guests: bool = False) -> None:
        """Delete that version of the item; one that is gone already is success.

        Args:
            name: Of the item, and of its master.
            if_match: Version of the master.
            tell_guests: As for `update`.

        Raises:
            PreconditionFailed: The item changed since.
            ItemRejected: The side refuses the deletion.
        """
        ...

    @property
    def most_at_once(self) -> int:
        """How many requests `write` takes at once, at least 1."""
        ...

    def write(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Carry several requests out, about different items, and return each one's answer in order.

        A refusal is an answer, and so is a pause asked for or a fault of one of them; the others
        go on. What is raised (no answer at all) means that nothing is known of any of them: each
        may or may not have happened.
        """
        ...


class SyncStore(Protocol):
    """The durable state of one connection, guarded by its lease."""

    def links(self) -> Sequence[Link]:
        """Return every link of the connection."""
        ...

    def tokens(self) -> Mapping[str, SyncToken]:
        """Return the sync token of each collection that has one, by collection id."""
        ...

    def losses(self, since: datetime) -> Mapping[Side, int]:
        """Return what the journal counts as lost on each side since then (design decision 29).

        That is the sum of `JournalEntry.losses` over writes that got through, or may have.
        """
        ...

    def replaced(self, uid: Uid) -> Sequence[CalendarObject]:
        """Return what our writes to the calendar replaced of an item, as the journal has it.

        The latest is the first; the journal does not go back for ever.
        """
        ...

    def only_announced(self, uid: Uid) -> bool:
        """Return whether all that the journal has of an item are inserts at Google without answer.

        Its event has never been there before these, as far as the journal goes back; nor was the
        item deleted on both sides and brought back between them.
        """
        ...

    def commit(self, changes: Changes) -> None:
        """Store the changes, all or nothing, and renew the lease.

        Raises:
            LeaseLost: Another runner took over; nothing was stored.
        """
        ...


class Lens(Protocol):
    """How Google shows a calendar object and how an edit there comes back (design decision 23).

    Pure; made for one connection's settings.
    """

    def calendar_view(self, item: CalendarObject) -> View | None:
        """Return how Google should show this calendar object; None when it cannot be shown."""
        ...

    def withholds_contacts(self, item: CalendarObject, there: CalendarObject | None = None) -> bool:
        """Return whether linked contacts of a calendar object stay away for its guests' sake.

        Args:
            item: In the calendar.
            there: Google's item, None while there is none.
        """
        ...

    def google_view(self, item: CalendarObject, *, whole: bool = False) -> View | None:
        """Return what Google shows, in the same terms; None when it has no time.

        Args:
            item: Of Google.
            whole: Also what the options hide because it is private.
        """
        ...

    def unveiled(self, view: View, beside: View) -> View:
        """Return a view of Google with what the options hide of it as another view has it."""
        ...

    def calendar_facts(self, item: CalendarObject) -> Facts:
        """Return what scope rules ask of a calendar object."""
        ...

    def google_facts(self, item: CalendarObject) -> Facts:
        """Return what scope rules ask of an item from Google."""
        ...

    def put_calendar(self, view: View, item: CalendarObject) -> CalendarObject:
        """Return the calendar object showing this view, all else untouched."""
        ...

    def put_google(self, view: View, item: CalendarObject) -> CalendarObject:
        """Return Google's item showing this view, all else untouched."""
        ...

    def new_for_calendar(
        self, item: CalendarObject, *, uid: Uid, before: Predecessor | None = None
    ) -> tuple[str, CalendarObject]:
        """Return collection id and a new calendar object for Google's item.

        Args:
            item: From Google.
            uid: Of the new object.
            before: What it goes on from: all that Google does not know of that is taken along, but
                for what was done. Without one it is of the incoming type.
        """
        ...

    def new_for_google(self, item: CalendarObject) -> CalendarObject:
        """Return Google's item for a calendar object."""
        ...

    def block_at_google(self, block: CalendarObject) -> CalendarObject:
        """Return Google's item of which no more is known than a busy block in the calendar says."""
        ...


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present time, aware, UTC."""
        ...


class Ids(Protocol):
    """Makes identifiers; the only source of randomness."""

    def run_id(self) -> RunId:
        """Return a new id for a run."""
        ...

    def entry_id(self) -> str:
        """Return a new id for a journal entry."""
        ...

    def uid(self, google_name: str) -> Uid:
        """Return the UID for an item that came from Google; the same name gives the same UID."""
        ...

    def google_name(self, uid: Uid) -> str | None:
        """Return the name at Google a UID was made for; None for another UID, or a long name."""
        ...
