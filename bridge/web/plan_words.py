"""A plan in words, for the page and the command line; what is taken away comes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from zoneinfo import ZoneInfo

from bridge.application.plan_summary import OfferedAdoption, PlanGroup, PlanSummary, PlanVerb
from bridge.application.reasons import phrase, rule_of
from bridge.domain.message import Message, counted
from bridge.sync.farewell import STOPPED
from bridge.sync.places import PLACES
from bridge.sync.twins import IN_TWO_CALENDARS
from bridge.web.span_words import span_words

_SINGULAR_PLURAL: dict[PlanVerb, Callable[..., Message]] = {
    PlanVerb.CREATE: lambda count, place: counted(
        "item will be created %(place)s", "items will be created %(place)s", count, place=place
    ),
    PlanVerb.ADOPT: lambda count, place: counted(
        "item is on both sides already and will be linked, not copied",
        "items are on both sides already and will be linked, not copied",
        count,
        place=place,
    ),
    PlanVerb.CHANGE: lambda count, place: counted(
        "item will be changed %(place)s", "items will be changed %(place)s", count, place=place
    ),
    PlanVerb.REMOVE: lambda count, place: counted(
        "item will be removed %(place)s", "items will be removed %(place)s", count, place=place
    ),
    PlanVerb.REDUCE: lambda count, place: counted(
        "item will be reduced to a private busy block %(place)s",
        "items will be reduced to private busy blocks %(place)s",
        count,
        place=place,
    ),
    PlanVerb.HOLD: lambda count, place: counted(
        "item has guests and waits for your answer",
        "items have guests and wait for your answer",
        count,
        place=place,
    ),
    PlanVerb.LEAVE_OUT: lambda count, place: counted(
        "item goes to Google without linked contacts, because guests from outside take part",
        "items go to Google without linked contacts, because guests from outside take part",
        count,
        place=place,
    ),
    PlanVerb.SKIP: lambda count, place: counted(
        "item is left alone", "items are left alone", count, place=place
    ),
}
_WITH_REASON = frozenset({PlanVerb.SKIP, PlanVerb.REMOVE, PlanVerb.REDUCE})
_PLURAL_REASONS = {
    "window": Message("they end before the day chosen in Sync from"),
    "type": Message("their type is not ticked"),
    "private": Message("they are private"),
    "undated": Message("they have no date"),
    "series-frequency": Message("they repeat more than once a day, which Google does not know"),
    "series-rules": Message("they repeat by several rules at once, which Google does not know"),
    "series-rule": Message("they repeat in a way that Google does not know"),
    "series-dates": Message(
        "they have further dates of another kind or length, which Google does not know"
    ),
    "series-zone": Message("their time zones are not known to Google"),
    "series-range": Message(
        "one change in them counts for all later dates, which Google does not know"
    ),
    "series-without-master": Message("they have single dates of a series, but not the series"),
    "series-to-do": Message(
        "they begin on one day and are due on another, which Google cannot repeat"
    ),
    "event-type": Message("Google made them for a purpose of its own"),
    "switched-off": Message("their owner took them out of the sync"),
    "guests": Message("they have guests, who are never surprised"),
    "read-only": Message("Google does not allow to change them"),
    "removed": Message("they were deleted on the other side"),
    "moving": Message("they are being moved between two calendars right now"),
    "invalid": Message("the other side refused them"),
    "unreadable": Message("they cannot be read"),
    "put-back": Message("the copies were changed again after they had been put back twice"),
    "unconvertible": Message("they hold something that cannot be carried over"),
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
        counted(
            "%(count)s item will be removed %(place)s",
            "%(count)s items will be removed %(place)s",
            count,
            place=place,
        )
        for side, place in PLACES.items()
        if (count := plan.count(PlanVerb.REMOVE, side))
    ]
    if plan.reductions:
        losses.append(
            counted(
                "%(count)s item will be reduced to a private busy block",
                "%(count)s items will be reduced to private busy blocks",
                plan.reductions,
            )
        )
    if not losses:
        return ""
    return Message("Attention: %(losses)s.", losses=reduce(_and, losses))


def _and(first: Message, second: Message) -> Message:
    return Message("%(first)s, and %(second)s", first=first, second=second)


def _line(group: PlanGroup) -> PlanLine:
    return PlanLine(
        verb=group.verb, count=group.count, sentence=_sentence(group), examples=group.examples
    )


def _sentence(group: PlanGroup) -> str:
    if group.reason == IN_TWO_CALENDARS:
        return counted(
            "item lies in two calendars and only one of the two counts: delete the other one",
            "items lie in two calendars each and only one of the two counts: delete the other one",
            group.count,
        )
    place = PLACES[group.side] if group.side is not None else ""
    sentence = _SINGULAR_PLURAL[group.verb](group.count, place)
    reason = phrase(group.reason)
    if group.count != 1:
        reason = _of_several(group.reason) or reason
    # Who ended the sync and chose what goes needs no reason for it.
    if reason and group.verb in _WITH_REASON and group.reason != STOPPED:
        return Message("%(what)s, because %(reason)s", what=sentence, reason=reason)
    return sentence


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
            key=each.key,
            title=each.title or Message("(no title)"),
            when=span_words(each.span, zone),
        )
        for each in adoptions
    ]


def _of_several(reason: str) -> str:
    if name := rule_of(reason):
        return Message("the rule “%(name)s” leaves them at Google", name=name)
    return _PLURAL_REASONS.get(reason, "")
