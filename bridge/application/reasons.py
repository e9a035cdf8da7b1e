"""Why the sync did or left something, in words: one phrase for every reason the engine knows.

A phrase goes on from "because" and speaks of one item as "it". Texts of exceptions are never shown
instead; what a side answered is told beside them (`answer_words`).
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.sync.scope import RULE

REASONS: Mapping[str, str] = {
    # Scope (`bridge.sync.scope`).
    "window": "it ends before the day chosen in Sync from",
    "type": "its type is not ticked",
    "private": "it is private",
    "undated": "it has no date",
    # What Google cannot say of a series (`bridge.convert.series_rule`).
    "series-frequency": "it repeats more than once a day, which Google does not know",
    "series-rules": "it repeats by several rules at once, which Google does not know",
    "series-rule": "it repeats in a way that Google does not know",
    "series-dates": "it has further dates of another kind or length, which Google does not know",
    "series-zone": "its time zone is not known to Google",
    "series-range": "one change in it counts for all later dates, which Google does not know",
    "series-without-master": "it has single dates of a series, but not the series",
    "series-to-do": "it begins on one day and is due on another, which Google cannot repeat",
    "rule": "a rule leaves it at Google",
    "event-type": "Google made it for a purpose of its own",
    "switched-off": "its owner took it out of the sync",
    "guests": "it has guests, who are never surprised",
    "owner": "a colleague has it now, and an event with guests stays where it is",
    "read-only": "Google does not allow to change it",
    "direction": "the sync goes the other way only",
    # What happened on the other side (`bridge.sync.sight.Change`).
    "absent": "it was not there",
    "unchanged": "the copy was not there any more",
    "added": "it was new on the other side",
    "touched": "it was changed on the other side",
    "changed": "it was changed on the other side",
    "removed": "it was deleted on the other side",
    # The plan (`bridge.sync.plan`).
    "agreed": "both sides agree",
    "moving": "it is being moved between two calendars right now",
    "put-back": "the copy was changed again after it had been put back twice",
    "stopped": "the sync was ended, and this was to be taken away",
    "kept": "a person chose to keep what its guests see",
    "unconvertible": "it holds something that cannot be carried over",
    # Undo (`bridge.sync.undo`).
    "undone": "its copy was taken back, and it was not changed since",
    "changed-since": "it was changed since",
    "gone": "it is not there any more",
    "there-again": "it is there again",
    "already": "it is as it was before",
    "unsettled": "another change of it waits to be synced",
    "held": "its guests would learn of it, which waits for an answer",
    "refused": "it cannot be had back there",
    # Reading and writing (`bridge.sync.ingest`, `bridge.sync.execute`).
    "unreadable": "it cannot be read",
    "not-synced": "the calendar it lies in is not synced",
    "rejected": "the other side refused it",
    "error": "something unexpected happened to it, which is in the log",
    "invalid": "the other side refused it",
    # Names of events (`bridge.google_calendar.collection`) and resources.
    "burnt": "its names at Google are used up",
    "foreign": "its name at Google is taken by an event that is not ours",
    "name-taken": "its name in the calendar is taken",
    # What Google answers (Google: Handle API errors).
    "forbidden": "Google does not allow it",
    "forbiddenForNonOrganizer": "only the organizer may change it",
    "required": "Google misses something in it",
    "conditionNotMet": "it was changed meanwhile",
    "deleted": "it is gone",
    "notFound": "it is gone",
    "vanished": "it is gone",
}


def phrase(reason: str) -> str:
    """Return the phrase for a reason that the engine knows, "" for any other; rules by name."""
    kind, _, name = reason.partition(":")
    if kind == RULE and name:
        return f"the rule “{name}” leaves it at Google"
    return REASONS.get(reason, "")


def because(reason: str) -> str:
    """Return the phrase for a reason; one that only a side knows is quoted."""
    return phrase(reason) or f"the other side refused it (`{reason}`)"
