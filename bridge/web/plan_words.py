"""A plan in words, for the page and the command line; what is taken away comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bridge.application.plan_summary import OfferedAdoption, PlanGroup, PlanSummary, PlanVerb
from bridge.application.reasons import phrase
from bridge.sync.model import Side
from bridge.web.span_words import span_words

_PLACES = {Side.CALENDAR: "in the CRM", Side.GOOGLE: "at Google"}
_SINGULAR_PLURAL = {
    PlanVerb.CREATE: ("item will be created", "items will be created"),
    PlanVerb.ADOPT: (
        "item is on both sides already and will be linked, not copied",
        "items are on both sides already and will be linked, not copied",
    ),
    PlanVerb.CHANGE: ("item will be changed", "items will be changed"),
    PlanVerb.REMOVE: ("item will be removed", "items will be removed"),
    PlanVerb.REDUCE: (
        "item will be reduced to a private busy block",
        "items will be reduced to private busy blocks",
    ),
    PlanVerb.HOLD: (
        "item has guests and waits for your answer",
        "items have guests and wait for your answer",
    ),
    PlanVerb.SKIP: ("item is left alone", "items are left alone"),
}
_WITH_REASON = frozenset({PlanVerb.SKIP, PlanVerb.REMOVE, PlanVerb.REDUCE})
_PLURAL_REASONS = {
    "window": "they end before the day chosen in Sync from",
    "type": "their type is not ticked",
    "private": "they are private",
    "undated": "they have no date",
    "series-frequency": "they repeat more than once a day, which Google does not know",
    "series-rules": "they repeat by several rules at once, which Google does not know",
    "series-rule": "they repeat in a way that Google does not know",
    "series-dates": "they have further dates of another kind or length, which Google does not know",
    "series-zone": "their time zones are not known to Google",
    "series-range": "one change in them counts for all later dates, which Google does not know",
    "series-without-master": "they have single dates of a series, but not the series",
    "series-to-do": "they begin on one day and are due on another, which Google cannot repeat",
    "event-type": "Google made them for a purpose of its own",
    "switched-off": "their owner took them out of the sync",
    "guests": "they have guests, who are never surprised",
    "read-only": "Google does not allow to change them",
    "removed": "they were deleted on the other side",
    "moving": "they are being moved between two calendars right now",
    "invalid": "the other side refused them",
    "unreadable": "they cannot be read",
    "put-back": "the copies were changed again after they had been put back twice",
    "unconvertible": "they hold something that cannot be carried over",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One line of the plan.

    Attributes:
        verb: What happens; tells the page how to show the line.
    """

    verb: PlanVerb
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
    return PlanInWords(warning=_warning(plan), groups=tuple(_line(each) for each in plan.groups))


def _warning(plan: PlanSummary) -> str:
    losses = [
        f"{_items(count)} will be removed {place}"
        for side, place in _PLACES.items()
        if (count := plan.count(PlanVerb.REMOVE, side))
    ]
    if plan.reductions:
        reduced = _SINGULAR_PLURAL[PlanVerb.REDUCE][plan.reductions != 1].partition(" ")[2]
        losses.append(f"{_items(plan.reductions)} {reduced}")
    return f"Attention: {', and '.join(losses)}." if losses else ""


def _items(count: int) -> str:
    return f"{count} {'item' if count == 1 else 'items'}"


def _line(group: PlanGroup) -> PlanLine:
    singular, plural = _SINGULAR_PLURAL[group.verb]
    sentence = singular if group.count == 1 else plural
    if group.side is not None:
        sentence += f" {_PLACES[group.side]}"
    reason = phrase(group.reason)
    if group.count != 1:
        reason = _PLURAL_REASONS.get(group.reason) or reason.replace(" leaves it ", " leaves them ")
    if reason and group.verb in _WITH_REASON:
        sentence += f", because {reason}"
    return PlanLine(verb=group.verb, count=group.count, sentence=sentence, examples=group.examples)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionInWords:
    """Two equal items, as the plan page offers to link them.

    Attributes:
        key: What a form names the pair by.
    """

    key: str
    title: str
    when: str


def adoptions_in_words(
    adoptions: Sequence[OfferedAdoption], *, zone: ZoneInfo
) -> list[AdoptionInWords]:
    """Return the offered adoptions, times as the user's clock shows them."""
    return [
        AdoptionInWords(
            key=each.key, title=each.title or "(no title)", when=span_words(each.span, zone)
        )
        for each in adoptions
    ]
