"""A plan in the words of the page: counts with examples, what is taken away first."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.application.planning import PlanGroup, PlanSummary, PlanVerb
from bridge.sync.model import Side

_PLACES = {Side.CALENDAR: "in the CRM", Side.GOOGLE: "at Google"}
_SINGULAR_PLURAL = {
    PlanVerb.CREATE: ("item will be created", "items will be created"),
    PlanVerb.ADOPT: (
        "item is on both sides already and will be linked, not copied",
        "items are on both sides already and will be linked, not copied",
    ),
    PlanVerb.CHANGE: ("item will be changed", "items will be changed"),
    PlanVerb.REMOVE: ("item will be removed", "items will be removed"),
    PlanVerb.SKIP: ("item is left alone", "items are left alone"),
}
_REASONS = {
    "window": "it ends before the day chosen in Sync from",
    "type": "its type is not ticked",
    "private": "it is private",
    "undated": "it has no date",
    "recurring": "recurring series are not synced yet",
    "event-type": "Google made it for a purpose of its own",
    "switched-off": "its owner took it out of the sync",
    "guests": "it has guests, who are never surprised",
    "read-only": "Google does not allow to change it",
    "direction": "the sync goes the other way only",
    "removed": "it was deleted on the other side",
}
_PLURAL_REASONS = {
    "window": "they end before the day chosen in Sync from",
    "type": "their type is not ticked",
    "private": "they are private",
    "undated": "they have no date",
    "event-type": "Google made them for a purpose of its own",
    "switched-off": "their owner took them out of the sync",
    "guests": "they have guests, who are never surprised",
    "read-only": "Google does not allow to change them",
    "removed": "they were deleted on the other side",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One line of the plan page."""

    count: int
    sentence: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInWords:
    """What the plan page shows; `warning` is its first line, "" when nothing is taken away."""

    warning: str
    groups: tuple[PlanLine, ...]


def plan_in_words(plan: PlanSummary) -> PlanInWords:
    """Return the plan as sentences."""
    warning = ""
    if plan.removals:
        noun = "item" if plan.removals == 1 else "items"
        warning = f"Attention: {plan.removals} {noun} will be removed."
    return PlanInWords(warning=warning, groups=tuple(_line(group) for group in plan.groups))


def _line(group: PlanGroup) -> PlanLine:
    singular, plural = _SINGULAR_PLURAL[group.verb]
    sentence = singular if group.count == 1 else plural
    if group.side is not None:
        sentence += f" {_PLACES[group.side]}"
    reason = _REASONS.get(group.reason, "")
    if group.count != 1:
        reason = _PLURAL_REASONS.get(group.reason, reason)
    if reason and group.verb in (PlanVerb.SKIP, PlanVerb.REMOVE):
        sentence += f", because {reason}"
    return PlanLine(count=group.count, sentence=sentence, examples=group.examples)
