"""The decision tables: what to do about every pair of changes (design section 6).

Two-way and one-way are two tables, not a condition in one. A table knows nothing of contents,
scope, guests or brakes; it is complete over all pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bridge.sync.model import Side
from bridge.sync.own_fields import changes_only_its_own
from bridge.sync.policy import Policy
from bridge.sync.sight import Change, Sight


class Verb(StrEnum):
    """What a table decides."""

    NOTHING = "nothing"
    WRITE = "write"  # create or update on the target
    DELETE = "delete"  # on the target
    COMPARE = "compare"  # same view: record only; otherwise merge
    PUT_BACK = "put-back"  # undo what happened to our copy on the target of a one-way sync
    LEAVE = "leave"  # not this direction's business
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verb and the side it is done on, if it concerns one."""

    verb: Verb
    target: Side | None = None


_ABSENT, _UNCHANGED, _ADDED = Change.ABSENT, Change.UNCHANGED, Change.ADDED
_TOUCHED, _CHANGED, _REMOVED = Change.TOUCHED, Change.CHANGED, Change.REMOVED

_NOTHING = Decision(Verb.NOTHING)
_COMPARE = Decision(Verb.COMPARE)
_FORGET = Decision(Verb.FORGET)
_TO_GOOGLE = Decision(Verb.WRITE, Side.GOOGLE)
_TO_CALENDAR = Decision(Verb.WRITE, Side.CALENDAR)
_DELETE_AT_GOOGLE = Decision(Verb.DELETE, Side.GOOGLE)
_DELETE_IN_CALENDAR = Decision(Verb.DELETE, Side.CALENDAR)

TWO_WAY: Mapping[tuple[Change, Change], Decision] = {
    # Of each pair the first is Google, the second the calendar.
    # Neither side has it.
    (_ABSENT, _ABSENT): _FORGET,
    # Google's copy was withdrawn, and the item is back in scope.
    (_ABSENT, _UNCHANGED): _TO_GOOGLE,
    # New in the calendar.
    (_ABSENT, _ADDED): _TO_GOOGLE,
    # Withdrawn from Google, changed in the calendar, and back in scope.
    (_ABSENT, _TOUCHED): _TO_GOOGLE,
    (_ABSENT, _CHANGED): _TO_GOOGLE,
    # Withdrawn from Google, then deleted in the calendar.
    (_ABSENT, _REMOVED): _FORGET,
    # Google had agreed to it, the calendar never held it: bring it in.
    (_UNCHANGED, _ABSENT): _TO_CALENDAR,
    # Nobody did anything.
    (_UNCHANGED, _UNCHANGED): _NOTHING,
    # The calendar holds it in a version never agreed on, beside an agreed one at Google.
    (_UNCHANGED, _ADDED): _COMPARE,
    # Edited in the calendar only.
    (_UNCHANGED, _TOUCHED): _TO_GOOGLE,
    (_UNCHANGED, _CHANGED): _TO_GOOGLE,
    # Deleted in the calendar, untouched at Google.
    (_UNCHANGED, _REMOVED): _DELETE_AT_GOOGLE,
    # New at Google.
    (_ADDED, _ABSENT): _TO_CALENDAR,
    # Google holds it in a version never agreed on, beside an agreed one in the calendar.
    (_ADDED, _UNCHANGED): _COMPARE,
    # New on both sides, or our own write whose answer was lost.
    (_ADDED, _ADDED): _COMPARE,
    (_ADDED, _TOUCHED): _COMPARE,
    (_ADDED, _CHANGED): _COMPARE,
    # Deleted in the calendar, while Google holds something nobody agreed to delete.
    (_ADDED, _REMOVED): _TO_CALENDAR,
    # Changed at Google, never brought into the calendar.
    (_TOUCHED, _ABSENT): _TO_CALENDAR,
    # Edited at Google only.
    (_TOUCHED, _UNCHANGED): _TO_CALENDAR,
    (_TOUCHED, _ADDED): _COMPARE,
    # Edited on both sides.
    (_TOUCHED, _TOUCHED): _COMPARE,
    (_TOUCHED, _CHANGED): _COMPARE,
    # Deleted in the calendar; what changed at Google does not beat a delete.
    (_TOUCHED, _REMOVED): _DELETE_AT_GOOGLE,
    # Changed at Google, never brought into the calendar.
    (_CHANGED, _ABSENT): _TO_CALENDAR,
    # Edited at Google only.
    (_CHANGED, _UNCHANGED): _TO_CALENDAR,
    (_CHANGED, _ADDED): _COMPARE,
    # Edited on both sides.
    (_CHANGED, _TOUCHED): _COMPARE,
    (_CHANGED, _CHANGED): _COMPARE,
    # Deleted in the calendar, edited by a person at Google: the edit wins.
    (_CHANGED, _REMOVED): _TO_CALENDAR,
    # Deleted at Google, never in the calendar.
    (_REMOVED, _ABSENT): _FORGET,
    # Deleted at Google, untouched in the calendar.
    (_REMOVED, _UNCHANGED): _DELETE_IN_CALENDAR,
    # Deleted at Google, while the calendar holds something nobody agreed to delete.
    (_REMOVED, _ADDED): _TO_GOOGLE,
    # Deleted at Google; what changed in the calendar does not beat a delete.
    (_REMOVED, _TOUCHED): _DELETE_IN_CALENDAR,
    # Deleted at Google, edited by a person in the calendar: the edit wins.
    (_REMOVED, _CHANGED): _TO_GOOGLE,
    # Deleted on both sides.
    (_REMOVED, _REMOVED): _FORGET,
}

ONE_WAY: Mapping[tuple[Change, Change], Verb] = {
    # Of each pair the first is the source, the second the target.
    # Neither side has it.
    (_ABSENT, _ABSENT): Verb.FORGET,
    # Only the target has it: its own business.
    (_ABSENT, _UNCHANGED): Verb.LEAVE,
    (_ABSENT, _ADDED): Verb.LEAVE,
    (_ABSENT, _TOUCHED): Verb.LEAVE,
    (_ABSENT, _CHANGED): Verb.LEAVE,
    (_ABSENT, _REMOVED): Verb.FORGET,
    # The source has it, the target not (yet, or not any more because it was withdrawn).
    (_UNCHANGED, _ABSENT): Verb.WRITE,
    (_ADDED, _ABSENT): Verb.WRITE,
    (_TOUCHED, _ABSENT): Verb.WRITE,
    (_CHANGED, _ABSENT): Verb.WRITE,
    # Nobody did anything.
    (_UNCHANGED, _UNCHANGED): Verb.NOTHING,
    # Both have it, and have never agreed.
    (_UNCHANGED, _ADDED): Verb.COMPARE,
    (_ADDED, _UNCHANGED): Verb.COMPARE,
    (_ADDED, _ADDED): Verb.COMPARE,
    (_ADDED, _TOUCHED): Verb.COMPARE,
    (_ADDED, _CHANGED): Verb.COMPARE,
    (_TOUCHED, _ADDED): Verb.COMPARE,
    (_CHANGED, _ADDED): Verb.COMPARE,
    # Our copy on the target was edited.
    (_UNCHANGED, _TOUCHED): Verb.PUT_BACK,
    (_UNCHANGED, _CHANGED): Verb.PUT_BACK,
    # Our copy on the target was deleted.
    (_UNCHANGED, _REMOVED): Verb.PUT_BACK,
    # The source was edited; whatever happened to the target gives way.
    (_TOUCHED, _UNCHANGED): Verb.WRITE,
    (_TOUCHED, _TOUCHED): Verb.WRITE,
    (_TOUCHED, _CHANGED): Verb.WRITE,
    (_TOUCHED, _REMOVED): Verb.WRITE,
    (_CHANGED, _UNCHANGED): Verb.WRITE,
    (_CHANGED, _TOUCHED): Verb.WRITE,
    (_CHANGED, _CHANGED): Verb.WRITE,
    (_CHANGED, _REMOVED): Verb.WRITE,
    # New at the source beside a deleted copy on the target.
    (_ADDED, _REMOVED): Verb.WRITE,
    # The source deleted it: so does the target, edited or not.
    (_REMOVED, _ABSENT): Verb.FORGET,
    (_REMOVED, _UNCHANGED): Verb.DELETE,
    (_REMOVED, _TOUCHED): Verb.DELETE,
    (_REMOVED, _CHANGED): Verb.DELETE,
    # The target holds something nobody agreed to delete.
    (_REMOVED, _ADDED): Verb.LEAVE,
    # Deleted on both sides.
    (_REMOVED, _REMOVED): Verb.FORGET,
}


def decide(sight: Sight, policy: Policy) -> Decision:
    """Return what the table of the policy's direction says about the item."""
    source = policy.source
    if source is None:
        return TWO_WAY[(sight.google.change, sight.calendar.change)]
    target = source.other
    verb = ONE_WAY[(sight.side(source).change, sight.side(target).change)]
    # Putting back concerns our copies only, and of those what is not the target's own.
    if verb is Verb.PUT_BACK and (
        sight.link.origin is target or changes_only_its_own(sight, target)
    ):
        verb = Verb.LEAVE
    return Decision(verb, target)
