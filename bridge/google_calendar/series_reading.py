"""Groups read whole: the master of exceptions that came alone, all exceptions of a master.

An incremental listing tells what changed: a master without its exceptions, or exceptions without
their master, which may be one the account does not see at all (a guest invited to one instance). A
full listing tells everything that can be seen.

What a listing told of an event stays even where a later answer says otherwise: the listing's token
covers exactly that, and whatever is newer comes by the next listing. Answers may be older, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge.domain.identifiers import ETag
from bridge.errors import BridgeError, ItemRejected, SideUnavailable
from bridge.google_calendar.event_calls import EventCalls, check_role, definite
from bridge.google_calendar.failures import of_listing
from bridge.google_calendar.grouping import EventGroup, etag_of, group_of, is_cancelled, series_id
from bridge.google_calendar.listing import events_of, next_page
from bridge.google_calendar.rounds import Outcome, Steps
from bridge.google_calendar.transport import SIDE

_MOST_PAGES = 20
"""Fifty thousand exceptions of one series."""


def complete(calls: EventCalls, groups: Sequence[EventGroup], *, full: bool) -> Steps[None]:
    """Read what a listing did not tell of these groups, all of them together.

    Args:
        calls: About the calendar's events.
        groups: As a listing told them; they are filled in.
        full: It was a listing of everything.

    Raises:
        BridgeError: An answer is not definite; the groups are not whole then.
    """
    orphans = [group for group in groups if group.master is None]
    if orphans:
        outcomes = yield [calls.getting(group.name) for group in orphans]
        for group, outcome in zip(orphans, outcomes, strict=True):
            _take_master(group, outcome)
    yield from read_exceptions(
        calls, [group for group in groups if group.is_series and not (full and group.listed)]
    )


def read_groups(calls: EventCalls, names: Sequence[str]) -> Steps[list[EventGroup | None]]:
    """Read events by their ids, each with its group; None for those that are not there.

    Raises:
        BridgeError: An answer is not definite.
    """
    outcomes = yield [calls.getting(name) for name in names]
    events = [definite(outcome) for outcome in outcomes]
    groups = [None if event is None or is_cancelled(event) else group_of(event) for event in events]
    yield from complete(calls, [group for group in groups if group is not None], full=False)
    return groups


def read_tombstones(calls: EventCalls, names: Sequence[str]) -> Steps[Mapping[str, ETag]]:
    """Read events by their ids, and return the versions of those that are deleted, by id.

    Raises:
        BridgeError: An answer is not definite.
    """
    outcomes = yield [calls.getting(name) for name in names]
    events = [definite(outcome) for outcome in outcomes]
    deleted = [event for event in events if event is not None and is_cancelled(event)]
    return {event["id"]: etag_of(event) for event in deleted if etag_of(event)}


def _take_master(group: EventGroup, outcome: Outcome) -> None:
    if isinstance(outcome, ItemRejected):
        group.refused = True
    else:
        group.master = definite(outcome)


def read_exceptions(calls: EventCalls, groups: Sequence[EventGroup]) -> Steps[None]:
    """Read all exceptions of series, cancelled ones too, from what shares the master's UID.

    Raises:
        BridgeError: An answer is not definite.
    """
    waiting = [(group, "") for group in groups]
    for _ in range(_MOST_PAGES):
        if not waiting:
            return
        outcomes = yield [calls.of_uid(_uid(group), page=page) for group, page in waiting]
        pages = zip(waiting, outcomes, strict=True)
        told = [(group, _take_exceptions(group, outcome)) for (group, _), outcome in pages]
        waiting = [(group, page) for group, page in told if page]
    raise SideUnavailable("the listing of a series does not end", side=SIDE, reason="badAnswer")


def _take_exceptions(group: EventGroup, outcome: Outcome) -> str:
    """Take in what a page tells of the group, and return the token of the next page."""
    if isinstance(outcome, ItemRejected):
        group.refused = True
        return ""
    if isinstance(outcome, BridgeError):
        raise of_listing(outcome)
    check_role(outcome.get("accessRole", "owner"))
    for event in events_of(outcome):
        # Others have the same UID: the calendar's owner can be invited to instances one by one.
        if series_id(event) == group.name:
            group.exceptions.setdefault(event["id"], event)
    return next_page(outcome) or ""


def _uid(group: EventGroup) -> str:
    uid = group.master.get("iCalUID") if group.master is not None else None
    return uid if isinstance(uid, str) and uid else f"{group.name}@google.com"
