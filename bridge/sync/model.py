"""The engine's words: side, item, delta, link, parked, action, journal entry.

A *side* is the calendar (our CalDAV server, all collections of one home) or Google (one calendar).
An *item* is everything with one UID on one side: one resource in CalDAV, a group of events at
Google. A *link* ties the two together for life. *Seen* is the version a listing told us last;
*synced* is the version both sides agreed on. Work to do is exactly where they differ
(design decisions 18 to 22).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bridge.domain.identifiers import ETag, RunId, SyncToken, Uid
from bridge.domain.view import Field, View
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.hold import Held
from bridge.sync.twin import Twin
from bridge.sync.unanswered import Unanswered

NOT_THIS_VERSION = ETag("")
"""`Part.synced` of a part that was agreed once, but in no version the side has now."""

INTENDED = ETag("?intended")
"""`Part.synced` while an update is under way: `base` is what it sends, `object` what it found."""
WITHDRAWING = ETag("?withdrawing")
"""`Part.synced` while our copy is being withdrawn: its removal is then nobody's wish to delete."""
REVIVING = ETag("?reviving")
"""`Part.synced` while an insert under a deleted item's name is under way: a removal may be old."""


class Side(StrEnum):
    """The two sides of a connection."""

    CALENDAR = "calendar"
    GOOGLE = "google"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.GOOGLE if self is Side.CALENDAR else Side.CALENDAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One stored resource of an item: the CalDAV resource, or one Google event.

    Attributes:
        name: Href (CalDAV) or event id (Google).
        seen: ETag a listing or a write told last; None once it is gone.
        synced: ETag both sides agreed on; None when never agreed.
        recurrence_id: UTC instant or date of the instance an exception replaces, "" for the master.
    """

    name: str
    seen: ETag | None = None
    synced: ETag | None = None
    recurrence_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of one stored resource."""

    name: str
    etag: ETag


MOST_REPLACED = 8
"""How many versions that our own writes replaced a side's state remembers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item as a side tells it.

    Attributes:
        name: Name of the master part.
        etag: Version of the master part.
        object: The whole item as a calendar object.
        stamp: UID in our own valid stamp (design decision 26), or None. Only Google has stamps.
        parts: Exceptions besides the master; empty for a single event.
        made: Of the answer to an insert: it was not there before; what differs is the side's doing.
    """

    name: str
    etag: ETag
    object: CalendarObject
    stamp: Uid | None = None
    parts: tuple[Part, ...] = ()
    made: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An item the side told us of that cannot be converted; it is parked, never lost."""

    name: str
    etag: ETag
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """The answer to one listing.

    Attributes:
        items: New and changed items; of a full listing all items. The last one of a name wins.
        removed: Names the side says are gone.
        unreadable: Items that cannot be converted.
        token: For the next listing; stored in the same transaction as what the listing told.
        full: It was a listing of everything: what is linked and not in it is `unknown`.
        asked: It is no listing but the answer to a question about these names, and up to date.
        tombstones: Versions of the deletions in `removed`, as far as the side tells any.
    """

    items: tuple[Item, ...]
    removed: tuple[str, ...]
    token: SyncToken
    unreadable: tuple[Unreadable, ...] = ()
    full: bool = False
    asked: bool = False
    tombstones: Mapping[str, ETag] = field(default_factory=dict)


class Presence(StrEnum):
    """Whether the item is on a side, as far as we know."""

    ABSENT = "absent"  # never was there
    PRESENT = "present"
    REMOVED = "removed"  # the side said so
    UNKNOWN = "unknown"  # missing from a full listing, not asked yet


@dataclass(frozen=True, slots=True, kw_only=True)
class SideState:
    """What a link knows of its item on one side.

    Attributes:
        collection: Which collection of the side holds it; "" while absent.
        parts: The master first; empty while absent, unless an insert is under way.
        object: As last seen; kept after a removal, for the trash and for undo.
        base: As agreed, kept only while `object` says something not agreed yet. The base is an
            object, not a view, so that it is always looked at through the present lens: a changed
            option is not an edit (design decision 20). While absent: what an insert under way makes
            of the side, so that a lost answer loses no edit.
        replaced: Versions that our own writes replaced, the latest at the end. A listing that is
            late may still tell of them, and they are nobody's edit. Deletions told count as such.
        unanswered: An update of what was not agreed as a whole is under way, or its answer was
            lost; of others `INTENDED` tells.
    """

    presence: Presence = Presence.ABSENT
    collection: str = ""
    parts: tuple[Part, ...] = ()
    object: CalendarObject | None = None
    base: CalendarObject | None = None
    replaced: tuple[Version, ...] = ()
    unanswered: Unanswered | None = None

    @property
    def name(self) -> str:
        """Name of the master part, "" while absent."""
        return self.parts[0].name if self.parts else ""

    @property
    def seen(self) -> ETag | None:
        """Version of the master part seen last."""
        return self.parts[0].seen if self.parts else None

    @property
    def settled(self) -> bool:
        """Whether every part was agreed in the version seen last."""
        return all(part.seen == part.synced for part in self.parts)

    @property
    def was_synced(self) -> bool:
        """Whether any version was ever agreed."""
        return any(part.synced is not None for part in self.parts)

    @property
    def being_inserted(self) -> bool:
        """Whether an insert is under way, or its answer was lost."""
        return self.presence is Presence.ABSENT and bool(self.parts)

    @property
    def announced(self) -> bool:
        """Whether an update is under way, or its answer was lost."""
        return bool(self.parts) and self.parts[0].synced == INTENDED

    @property
    def withdrawing(self) -> bool:
        """Whether our copy is being withdrawn, or the answer to that was lost."""
        return any(part.synced == WITHDRAWING for part in self.parts)

    @property
    def reviving(self) -> bool:
        """Whether an insert over a deletion is under way, or its answer was lost."""
        return self.being_inserted and self.parts[0].synced == REVIVING

    def unannounced(self) -> SideState:
        """Return the state as it was before an update that did not get through."""
        if self.unanswered is not None:
            return replace(self, unanswered=None)
        return self.agreed() if self.announced else self

    @property
    def agreed_object(self) -> CalendarObject | None:
        """The object both sides agreed on last, None when never or when it is not known."""
        if self.base is not None or not self.was_synced:
            return self.base
        return self.object if self.seen is None or self.settled else None

    def replaced_by(self, parts: Iterable[Part]) -> tuple[Version, ...]:
        """Return the versions our own writes replaced, once these parts are there instead."""
        now = {part.name: part.seen for part in parts}
        old = (
            Version(name=part.name, etag=part.seen)
            for part in reversed(self.parts)
            if part.seen and part.seen != now.get(part.name)
        )
        return (*self.replaced, *old)[-MOST_REPLACED:]

    def agreed(self) -> SideState:
        """Return the state with every seen version agreed."""
        parts = tuple(replace(part, synced=part.seen) for part in self.parts)
        return replace(self, parts=parts, base=None)

    def agreed_on(self, base: CalendarObject | None) -> SideState:
        """Return the state agreed only as far as `base` goes; None means all of it is agreed."""
        if base is None:
            return self.agreed()
        parts = tuple(replace(part, synced=NOT_THIS_VERSION) for part in self.parts)
        return replace(self, parts=parts, base=base)


PUT_BACK = "put-back"
"""`Parked.reason`: our copy was changed again after it had been put back (design decision 30)."""
UNDONE = "undone"
"""`Link.withheld`: a person took the copy back; it is made again when its original changes."""
UNREADABLE = "unreadable"
"""`Parked.reason`: the item cannot be converted; `Parked.side` is the side it is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A piece of work that failed and waits; it never blocks the others.

    Attributes:
        side: The side that refused.
        version: `seen` of the source side the work was for; a newer one is tried at once.
        reason: Machine-readable, such as `forbiddenForNonOrganizer` or `unreadable`.
        message: For people.
        retry_at: Aware; None waits for a newer version.
        attempts: How often it was tried.
    """

    side: Side
    version: ETag | None
    reason: str
    message: str
    retry_at: datetime | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One item of a connection on both sides (design decision 18).

    Attributes:
        uid: UID on the calendar side; identifies the link within the connection.
        origin: The side the item was first seen on.
        agreed: The view both sides had when they last agreed, None before.
        generation: How many of our own names were burnt for this UID (design decision 26).
        withheld: Why no work is done now (`window`, `type`, `private`, ...), "" when in scope.
        put_backs: How often a one-way run put the target back for its present version.
        judged: Fingerprint of the policy under which `withheld` was decided; "" after a change of
            the item, or another one after a change of options, means: decide again.
        held: What waits for a person's word because of the event's guests.
        era: By which of the earlier choices of what syncs it is judged; None for the present one.
            Written where options change, never by a run.
        private_changes: Of the settings, as they were when it was last brought in line with them
            (`bridge.sync.private_anew`).
        twins: What else has its UID, in other calendar collections.
    """

    uid: Uid
    origin: Side
    calendar: SideState = SideState()
    google: SideState = SideState()
    agreed: View | None = None
    generation: int = 0
    withheld: str = ""
    parked: Parked | None = None
    put_backs: int = 0
    judged: str = ""
    held: Held | None = None
    era: int | None = None
    private_changes: int = 0
    twins: tuple[Twin, ...] = ()

    def side(self, side: Side) -> SideState:
        """Return the state of one side."""
        return self.calendar if side is Side.CALENDAR else self.google

    def with_side(self, side: Side, state: SideState) -> Link:
        """Return the link with another state on one side."""
        if side is Side.CALENDAR:
            return replace(self, calendar=state)
        return replace(self, google=state)


class JournalState(StrEnum):
    """How far a write got; `intended` after a crash means: look at the side."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"
    OVERTAKEN = "overtaken"  # the precondition failed; planned anew next run


MAY_BE_THROUGH = (JournalState.DONE, JournalState.INTENDED)
"""States of writes that happened, or whose answer was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One write on one side, with before and after (design decision 31).

    Attributes:
        id: Unique text, made by the `Ids` port; committing it again updates the entry.
        action: `create`, `update`, `delete`, `put-back`, `withdraw`.
        before: Object text on that side before, or None.
        after: Object text meant to be there after, or None for a delete.
        reason: Why, machine-readable.
        detail: Losing values of a merge, or the error; for people.
        collection: The calendar collection the item lies in, or lay in; "" when in none.
        counterpart: Object text the other side held last, of a deletion only: with the item the
            link ends, which remembered it.
        losers: Fields changed on both sides whose value on this side was not kept; it stands in
            `before`.
        losses: What the brakes count of it; 0 for what a person confirmed.
        tells_guests: Google was asked to mail the guests about it.
        event_id: Of the item's event at Google, a series' master; "" when it has none.
        href: In the calendar collection; "" when it has none.
        left_out: What was not written for the guests' sake, machine-readable; "" for nothing.
    """

    id: str
    run_id: RunId
    uid: Uid
    side: Side
    action: str
    state: JournalState
    at: datetime
    before: str | None = None
    after: str | None = None
    reason: str = ""
    detail: str = ""
    collection: str = ""
    counterpart: str | None = None
    losers: tuple[Field, ...] = ()
    losses: int = 0
    tells_guests: bool = False
    event_id: str = ""
    href: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one commit stores, all or nothing.

    Attributes:
        links: Inserted or replaced by UID.
        forgotten: Links to drop.
        tokens: By collection id; None forgets the token, so that the next listing is a full one.
        journal: Inserted or replaced by id.
    """

    links: tuple[Link, ...] = ()
    forgotten: tuple[Uid, ...] = ()
    tokens: Mapping[str, SyncToken | None] = field(default_factory=dict)
    journal: tuple[JournalEntry, ...] = ()
