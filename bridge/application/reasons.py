"""Why the sync did or left something, in words: one phrase for every reason the engine knows.

A phrase goes on from "because" and speaks of one item as "it". Texts of exceptions are never shown
instead; what a side answered is told beside them (`answer_words`).
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.domain.message import Message
from bridge.sync.left_out import CONTACTS
from bridge.sync.scope import RULE

REASONS: Mapping[str, str] = {
    # Scope (`bridge.sync.scope`).
    "window": Message("it ends before the day chosen in Sync from"),
    "type": Message("its type is not ticked"),
    "private": Message("it is private"),
    "undated": Message("it has no date"),
    # What Google cannot say of a series (`bridge.convert.series_rule`).
    "series-frequency": Message("it repeats more than once a day, which Google does not know"),
    "series-rules": Message("it repeats by several rules at once, which Google does not know"),
    "series-rule": Message("it repeats in a way that Google does not know"),
    "series-dates": Message(
        "it has further dates of another kind or length, which Google does not know"
    ),
    "series-zone": Message("its time zone is not known to Google"),
    "series-range": Message(
        "one change in it counts for all later dates, which Google does not know"
    ),
    "series-without-master": Message("it has single dates of a series, but not the series"),
    "series-to-do": Message(
        "it begins on one day and is due on another, which Google cannot repeat"
    ),
    "rule": Message("a rule leaves it at Google"),
    "event-type": Message("Google made it for a purpose of its own"),
    "switched-off": Message("its owner took it out of the sync"),
    "guests": Message("it has guests, who are never surprised"),
    "owner": Message("a colleague has it now, and an event with guests stays where it is"),
    "read-only": Message("Google does not allow to change it"),
    "direction": Message("the sync goes the other way only"),
    # What happened on the other side (`bridge.sync.sight.Change`).
    "absent": Message("it was not there"),
    "unchanged": Message("the copy was not there any more"),
    "added": Message("it was new on the other side"),
    "touched": Message("it was changed on the other side"),
    "changed": Message("it was changed on the other side"),
    "removed": Message("it was deleted on the other side"),
    # The plan (`bridge.sync.plan`).
    "agreed": Message("both sides agree"),
    "moving": Message("it is being moved between two calendars right now"),
    "in-two-calendars": Message("another one with its UID lies in a second calendar"),
    "twin": Message("another one with its UID lies in a second calendar, and that one is synced"),
    "put-back": Message("the copy was changed again after it had been put back twice"),
    "stopped": Message("the sync was ended, and this was to be taken away"),
    "kept": Message("a person chose to keep what its guests see"),
    "options": Message("changed options show it otherwise"),
    "unconvertible": Message("it holds something that cannot be carried over"),
    # Undo (`bridge.sync.undo`).
    "undone": Message("its copy was taken back, and it was not changed since"),
    "changed-since": Message("it was changed since"),
    "gone": Message("it is not there any more"),
    "there-again": Message("it is there again"),
    "already": Message("it is as it was before"),
    "unsettled": Message("another change of it waits to be synced"),
    "held": Message("its guests would learn of it, which waits for an answer"),
    "refused": Message("it cannot be had back there"),
    "unreached": Message("nothing is written at Google while the connection does not sync"),
    # Reading and writing (`bridge.sync.ingest`, `bridge.sync.execute`).
    "unreadable": Message("it cannot be read"),
    "not-synced": Message("the calendar it lies in is not synced"),
    "rejected": Message("the other side refused it"),
    "error": Message("something unexpected happened to it, which is in the log"),
    "invalid": Message("the other side refused it"),
    # Names of events (`bridge.google_calendar.collection`) and resources.
    "burnt": Message("its names at Google are used up"),
    "foreign": Message("its name at Google is taken by an event that is not ours"),
    "name-taken": Message("its name in the calendar is taken"),
    # What Google answers (Google: Handle API errors).
    "forbidden": Message("Google does not allow it"),
    "forbiddenForNonOrganizer": Message("only the organizer may change it"),
    "required": Message("Google misses something in it"),
    "conditionNotMet": Message("it was changed meanwhile"),
    "deleted": Message("it is gone"),
    "notFound": Message("it is gone"),
    "vanished": Message("it is gone"),
}


LEFT_OUT: Mapping[str, str] = {
    CONTACTS: Message(
        "linked contacts are left out at Google, because guests from outside take part"
    ),
}
"""What Google's copy of an item lacks, each with its reason; it goes on from what is there."""


def phrase(reason: str) -> str:
    """Return the phrase for a reason that the engine knows, "" for any other; rules by name."""
    if name := rule_of(reason):
        return Message("the rule “%(name)s” leaves it at Google", name=name)
    return REASONS.get(reason, "")


def rule_of(reason: str) -> str:
    """Return the name of the rule that is the reason, "" where none is."""
    kind, _, name = reason.partition(":")
    return name if kind == RULE else ""


def because(reason: str) -> str:
    """Return the phrase for a reason; one that only a side knows is quoted."""
    return phrase(reason) or Message("the other side refused it (`%(reason)s`)", reason=reason)
