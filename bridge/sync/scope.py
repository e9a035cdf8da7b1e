"""The scope: which items are left alone, and why (design decision 21).

Nothing is deleted because it left the scope. Most rules leave both sides as they are. Three of them
(`switched-off`, `private`, `type`, and an activity that lost its date) withdraw our own copy at
Google; none ever deletes in the CRM.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bridge.domain.rules import skipping_rule
from bridge.domain.sync_settings import DEFAULT_EVENT_TYPE, PrivateEvents
from bridge.domain.view import Facts, MergeField, View
from bridge.sync.model import UNDONE, Side
from bridge.sync.policy import Policy
from bridge.sync.sight import HIDDEN, Change, SideSight, Sight

EVENT_TYPE = "event-type"
SWITCHED_OFF = "switched-off"
PRIVATE = "private"
WINDOW = "window"
TYPE = "type"
UNDATED = "undated"
READ_ONLY = "read-only"
GUESTS = "guests"
OWNER = "owner"
DIRECTION = "direction"
RULE = "rule"
"""Followed by a colon and the name of the rule."""


class Treatment(StrEnum):
    """What may be done with an item."""

    SYNC = "sync"
    STAY = "stay"  # both sides stay as they are
    INCOMING = "incoming"  # Google's changes come in, the calendar's stay unwritten
    WITHDRAW = "withdraw"  # our own copy at Google is taken back
    REDUCE = "reduce"  # the calendar keeps a private busy block


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How an item is treated, and the reason shown to people."""

    treatment: Treatment
    reason: str = ""


IN_SCOPE = Verdict(treatment=Treatment.SYNC)
_Rule = Callable[[Sight, Policy], Verdict | None]


def judge(sight: Sight, policy: Policy) -> Verdict:
    """Return how the item is treated under the policy; the first rule that speaks decides."""
    policy = policy.of_era(sight.link.era)
    for rule in _RULES:
        verdict = rule(sight, policy)
        if verdict is not None:
            return verdict
    return IN_SCOPE


def is_private(view: View | None) -> bool:
    """Whether only the owner may see the details, of the item or of one of its instances."""
    if view is None:
        return False
    return view.visibility in HIDDEN or any(is_private(each.view) for each in view.instances)


def _stay(reason: str) -> Verdict:
    return Verdict(treatment=Treatment.STAY, reason=reason)


def _withdraw_ours(sight: Sight, policy: Policy, reason: str) -> Verdict:
    """Take our own copy back; what is not ours, or never was there, stays."""
    ours = sight.link.origin is Side.CALENDAR and sight.google.change is not Change.ABSENT
    if ours and policy.may_write(Side.GOOGLE):
        return Verdict(treatment=Treatment.WITHDRAW, reason=reason)
    return _stay(reason)


def _unsupported(sight: Sight, _policy: Policy) -> Verdict | None:
    """What Google cannot say of an item is not left out: both sides stay as they are."""
    for facts in (sight.calendar.facts, sight.google.facts):
        if facts is not None and facts.unsupported:
            return _stay(facts.unsupported)
    return None


def _undone(sight: Sight, _policy: Policy) -> Verdict | None:
    """A person took the copy back; the original stays alone as long as it is what it was."""
    if sight.link.withheld != UNDONE:
        return None
    for side in Side:
        taken_back = sight.side(side).change is Change.ABSENT
        if taken_back and sight.side(side.other).change is Change.UNCHANGED:
            return _stay(UNDONE)
    return None


def _event_type(sight: Sight, policy: Policy) -> Verdict | None:
    """Birthdays, focus time and the like stay at Google."""
    facts = sight.google.facts
    if facts is None or facts.event_type in policy.event_types:
        return None
    return _stay(EVENT_TYPE)


def _switched_off(sight: Sight, policy: Policy) -> Verdict | None:
    """The owner took this one item out."""
    facts = sight.calendar.facts
    if facts is None or not facts.do_not_sync:
        return None
    return _withdraw_ours(sight, policy, SWITCHED_OFF)


def _private(sight: Sight, policy: Policy) -> Verdict | None:
    """Under `Do not sync`, private details pass in neither direction."""
    if policy.private_events is not PrivateEvents.DO_NOT_SYNC or not _hidden(sight):
        return None
    if sight.link.origin is Side.CALENDAR:
        hidden_here = is_private(sight.calendar.view)
        return _withdraw_ours(sight, policy, PRIVATE) if hidden_here else _stay(PRIVATE)
    came_in = sight.calendar.present and sight.calendar.state.was_synced
    newly = sight.google.present and sight.link.withheld != PRIVATE
    if came_in and newly and is_private(sight.google.view) and policy.may_write(Side.CALENDAR):
        return Verdict(treatment=Treatment.REDUCE, reason=PRIVATE)
    return _stay(PRIVATE)


def _hidden(sight: Sight) -> bool:
    """Whether the item is private: where it comes from, or where its copy is.

    A copy that is private only because the original was (the block we left) hides no more once
    the original was made visible.
    """
    original = sight.side(sight.link.origin)
    copy = sight.side(sight.link.origin.other)
    if is_private(original.view):
        return True
    was_hidden = is_private(original.base) and is_private(copy.base)
    return copy.present and is_private(copy.view) and not was_hidden


def _rule(sight: Sight, policy: Policy) -> Verdict | None:
    """What a rule of the user's skips stays at Google; what came in before stays as it is."""
    facts = sight.google.facts
    if facts is None or facts.traits is None or sight.link.origin is Side.CALENDAR:
        return None
    rule = skipping_rule(policy.rules, facts.traits)
    return None if rule is None else _stay(f"{RULE}:{rule.name}")


def _window(sight: Sight, policy: Policy) -> Verdict | None:
    """What ends before `Sync from` is left alone on both sides, linked or not."""
    last = _last_day(sight, policy)
    return _stay(WINDOW) if last is not None and last < policy.sync_from else None


def _type(sight: Sight, policy: Policy) -> Verdict | None:
    """Unticked types do not go out; what came from Google still gets Google's changes."""
    facts = sight.calendar.facts
    if facts is None or facts.type_key in policy.outgoing_types:
        return None
    if sight.link.origin is Side.GOOGLE:
        return Verdict(treatment=Treatment.INCOMING, reason=TYPE)
    return _withdraw_ours(sight, policy, TYPE)


def _undated(sight: Sight, policy: Policy) -> Verdict | None:
    """A calendar at Google can hold nothing without a date (contract section 6, to-dos)."""
    if sight.google.present and sight.google.view is None:
        return _stay(UNDATED)
    if sight.calendar.present and sight.calendar.view is None:
        return _withdraw_ours(sight, policy, UNDATED)
    return None


def _read_only(sight: Sight, _policy: Policy) -> Verdict | None:
    """The account may not change the event at Google; changes there still come in.

    So it is with everything Google makes for a purpose of its own, whatever Google allows.
    """
    facts = sight.google.facts
    if facts is None or not sight.google.present:
        return None
    if facts.read_only or facts.event_type != DEFAULT_EVENT_TYPE:
        return Verdict(treatment=Treatment.INCOMING, reason=READ_ONLY)
    return None


_RULES: tuple[_Rule, ...] = (
    _undone,
    _unsupported,
    _event_type,
    _switched_off,
    _private,
    _rule,
    _undated,
    _window,
    _type,
    _read_only,
)


def _last_day(sight: Sight, policy: Policy) -> date | None:
    """Return the last day of the item as it would be after the sync."""
    facts = _schedule_leader(sight, policy).facts
    return facts.last_day if isinstance(facts, Facts) else None


def _schedule_leader(sight: Sight, policy: Policy) -> SideSight:
    """Return the side whose time would hold on both sides (merge table: Google's wins)."""
    if not (sight.google.present and sight.calendar.present):
        return sight.google if sight.google.present else sight.calendar
    if policy.source is not None:
        return sight.side(policy.source)
    moved = MergeField.SCHEDULE
    never_agreed = sight.google.base is None or sight.calendar.base is None
    if never_agreed or moved in sight.google.differs():
        return sight.google
    return sight.calendar
