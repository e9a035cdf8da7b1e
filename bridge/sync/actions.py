"""What a plan consists of: actions with their reasons, as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.domain.identifiers import ETag, Uid
from bridge.domain.view import Field, View
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.hold import Held
from bridge.sync.losses import NO_LOSS, Loss
from bridge.sync.model import Link, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What the link knows once a write got through.

    Attributes:
        agreed: The view both sides agree on then.
        target_base: What is agreed on the written side; None when all of it is.
        source_base: What is agreed on the other side; None when all of it is.
        withheld: Why a part of the item stays unwritten, or "".
        judged: Fingerprint of the policy, or "" when another write follows.
        put_backs: How often the target was put back for the source's present version.
        held: What still waits for a person's word.
        private_changes: Of the link; None leaves it as it is.
    """

    agreed: View | None
    target_base: CalendarObject | None = None
    source_base: CalendarObject | None = None
    withheld: str = ""
    judged: str = ""
    put_backs: int = 0
    held: Held | None = None
    private_changes: int | None = None

    def known(self, before: int) -> int:
        """Return the `private_changes` of a link that knew so many."""
        return before if self.private_changes is None else self.private_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    """A conditional write of one item on one side.

    Attributes:
        side: Where it is written.
        reason: Machine-readable, for the plan and the journal.
        collection: Collection of that side, "" for Google's only one.
        source: Version of the other side this was planned from; None while that side has none.
        detail: Losing values of a merge, for people.
        losers: Fields changed on both sides whose value on this side is not kept.
        tell_guests: A person said that Google is to mail the guests about this write.
        left_out: What stays away from Google for the guests' sake, "" for nothing
            (`bridge.sync.left_out`).
    """

    uid: Uid
    side: Side
    reason: str
    collection: str
    source: ETag | None
    detail: str = ""
    losers: tuple[Field, ...] = ()
    tell_guests: bool = False
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(_Write):
    """Create the item under an own name."""

    item: CalendarObject
    after: After


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(_Write):
    """Write the item over the version `if_match`.

    Attributes:
        base: What is there now; fields equal to it stay untouched.
        edit: It counts as a person's edit of this side, not agreed with the other one yet; `after`
            does not hold then.
        takes: What of it is taken away.
    """

    name: str
    item: CalendarObject
    base: CalendarObject
    if_match: ETag
    after: After
    edit: bool = False
    takes: Loss = NO_LOSS


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(_Write):
    """Delete the version `if_match`, because the other side deleted the item."""

    name: str
    before: CalendarObject
    if_match: ETag


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(_Write):
    """Take a copy back, for scope's sake our own at Google; the item stays on the other side."""

    name: str
    before: CalendarObject
    if_match: ETag
    judged: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduce:
    """Leave only a private busy block in the calendar."""

    uid: Uid
    write: Update


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """Undo what happened to our copy on the target of a one-way sync."""

    uid: Uid
    write: Create | Update


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Several writes of one item, each done only if the one before it got through."""

    uid: Uid
    writes: tuple[Update | Withdraw, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """Link two equal items instead of copying them.

    Attributes:
        absorbed: UID of the link of Google's item, which ends.
        link: The joined link, not agreed yet.
        rule: `uid` or `look-alike`.
    """

    uid: Uid
    absorbed: Uid
    link: Link
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Only store what is known: both sides agree already, or a state changed."""

    uid: Uid
    link: Link
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Drop the link: the item is on neither side."""

    uid: Uid


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Ask the side whether the item is still there; nothing else is planned until it answered."""

    uid: Uid
    side: Side
    collection: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Leave the item, or a part of it, alone for a reason shown to people."""

    uid: Uid
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Wait for a person's word, because guests would learn of it (`bridge.sync.hold`).

    Attributes:
        link: With what is held.
    """

    uid: Uid
    link: Link


def left_alone(link: Link) -> Hold | Skip:
    """Say why nothing is done about the item, or a part of it, now."""
    if link.held is not None and link.held.answer is None:
        return Hold(uid=link.uid, link=link)
    return Skip(uid=link.uid, reason=link.withheld)


Write = Create | Update | Delete | Withdraw
Action = Write | Reduce | PutBack | Merge | Adopt | Record | Forget | Ask | Skip | Hold


def writes_of(action: Action) -> tuple[Write, ...]:
    """Return the writes an action consists of, in order; none for those that write nowhere."""
    match action:
        case Create() | Update() | Delete() | Withdraw():
            return (action,)
        case Reduce() | PutBack():
            return (action.write,)
        case Merge():
            return action.writes
        case _:
            return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would do, in the order it would do it; a value to show, check and carry out."""

    actions: tuple[Action, ...]

    def writes(self) -> Iterator[Write]:
        """Iterate over every write on either side."""
        for action in self.actions:
            yield from writes_of(action)
