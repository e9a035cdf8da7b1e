"""Listing events: full, incremental, sorted, expanded.

Source: Google, Events: list; "Synchronize resources efficiently". A full listing goes by order of
creation and ends with a token for the moment it began, so that changes made while paging are
reported afterwards; an incremental one goes by order of change. Expanded and sorted ones are worked
out at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.expansion import cancelled_instances, plain_instances
from bridge.rehearsal.events.filters import ListQuery, fits, in_window, is_of_type
from bridge.rehearsal.events.resource import StoredEvent, tombstone
from bridge.rehearsal.events.rows import (
    LatestWrite,
    by_change,
    by_position,
    find_event,
    latest_write,
    span_of,
)
from bridge.rehearsal.events.showing import has_id_only, shown
from bridge.rehearsal.events.sync_tokens import Token, encode, read_page_token, read_sync_token
from bridge.rehearsal.events.writing import is_expired
from bridge.rehearsal.google_error import GoogleError, Json, invalid
from bridge.rehearsal.world import World

_DAY_MILLISECONDS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a listing.

    Attributes:
        items: Event resources.
        next_page_token: Set while more follow.
        next_sync_token: Set on the last page, unless no token can stand for the query.
    """

    items: list[Json]
    next_page_token: str = ""
    next_sync_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """A listing under way.

    Attributes:
        query: What was asked for, with the window of its sync token.
        since: Changes up to here are known to the reader; None in a full listing.
        ceiling: Changes after this one are not shown.
        hidden: The latest write, when it is to be missed.
    """

    world: World
    calendar: Calendar
    query: ListQuery
    since: int | None
    ceiling: int
    hidden: LatestWrite | None

    @property
    def at_once(self) -> bool:
        """Whether the whole result is worked out and sorted before its first page."""
        first = self.world.switches.listing_order == "exceptions_first"
        return first or self.query.is_worked_out_at_once

    @property
    def streamed(self) -> bool:
        """Whether it goes by order of change, and so meets what changes meanwhile."""
        return self.since is not None and not self.at_once


# An entry of a listing: where it stands, and the resource.
_Entry = tuple[list[int | str], Json]


def list_page(world: World, calendar: Calendar, query: ListQuery, *, stale: bool = False) -> Page:
    """Return one page of a calendar's events.

    Args:
        world: The rehearsal.
        calendar: What is listed.
        query: What is asked for.
        stale: Whether the latest write is missed, as Google's listings may right after it.

    Raises:
        GoogleError: 410 for an expired sync token or too old an updatedMin; 400 for changed
            parameters.
    """
    listing = _begun(world, calendar, query, stale=stale)
    _check_updated_min(listing)
    token = _position(listing)
    read = _all_at_once if listing.at_once else _one_by_one
    return _cut(listing, token, read(listing, token))


def _begun(world: World, calendar: Calendar, query: ListQuery, *, stale: bool) -> _Listing:
    hidden = latest_write(world, calendar.calendar_id) if stale else None
    ceiling = calendar.latest_change if hidden is None else hidden.change - 1
    since = None
    if query.sync_token:
        known = read_sync_token(
            world, query.sync_token, collection=calendar.calendar_id, viewer=calendar.viewer
        )
        query = query.within(known.frozen)
        if query.frozen() != known.frozen:
            raise invalid("An incremental listing needs the parameters of the first one.")
        since = known.change
        ceiling = max(ceiling, since)
    return _Listing(
        world=world, calendar=calendar, query=query, since=since, ceiling=ceiling, hidden=hidden
    )


def _check_updated_min(listing: _Listing) -> None:
    oldest = listing.world.clock.milliseconds() - (
        listing.world.switches.tombstone_days * _DAY_MILLISECONDS
    )
    if listing.query.updated_min is not None and listing.query.updated_min < oldest:
        raise GoogleError(
            "The requested minimum modification time lies too far in the past.",
            code=410,
            reason="updatedMinTooLongAgo",
            domain="calendar",
            location=("parameter", "updatedMin"),
        )


def _position(listing: _Listing) -> Token:
    world, calendar, query = listing.world, listing.calendar, listing.query
    if query.page_token:
        return read_page_token(
            world,
            query.page_token,
            collection=calendar.calendar_id,
            viewer=calendar.viewer,
            frozen=query.page_parameters(),
        )
    return Token(
        kind="page",
        collection=calendar.calendar_id,
        viewer=calendar.viewer,
        epoch=world.state.meta("epoch") or "",
        issued=world.clock.milliseconds(),
        frozen=query.page_parameters(),
        change=listing.ceiling,
        after=listing.since or 0 if listing.streamed else 0,
    )


def _cut(listing: _Listing, token: Token, entries: Iterator[_Entry]) -> Page:
    size = _page_size(listing, token)
    taken = list(islice(entries, size + 1))
    items = [item for _, item in taken[:size]]
    if len(taken) > size:
        following = replace(token, pages=token.pages + 1)
        if size and listing.at_once:
            following = replace(following, key=taken[size - 1][0])
        elif size:
            following = replace(following, after=int(taken[size - 1][0][0]))
        return Page(items=items, next_page_token=encode(listing.world, following))
    if not listing.query.has_sync_token:
        return Page(items=items)
    # An incremental listing has come to the end of all changes; a full one only knows those before
    # it began.
    last = replace(
        token,
        kind="sync",
        frozen=listing.query.frozen(),
        change=listing.ceiling if listing.streamed else token.change,
        after=0,
        key=[],
        pages=0,
    )
    return Page(items=items, next_sync_token=encode(listing.world, last))


def _page_size(listing: _Listing, token: Token) -> int:
    size = listing.query.max_results
    if listing.world.switches.pages == "short":
        return 0 if token.pages == 0 else max(1, size // 2)
    return size


def _one_by_one(listing: _Listing, token: Token) -> Iterator[_Entry]:
    incremental = listing.since is not None
    read = by_change if incremental else by_position
    rows = read(listing.world, listing.calendar.calendar_id, after=token.after)
    for event in rows:
        for each in _visible(listing, [event]):
            yield [event.change if incremental else event.position], _shown(listing, each)


def _all_at_once(listing: _Listing, token: Token) -> Iterator[_Entry]:
    calendar_id = listing.calendar.calendar_id
    if listing.since is None:
        rows = by_position(listing.world, calendar_id, after=0)
    else:
        rows = by_change(listing.world, calendar_id, after=listing.since)
    found = [
        (_key(listing, row, each), each)
        for row in _visible(listing, rows)
        for each in (_expanded(listing, row) if listing.query.single_events else [row])
    ]
    found.sort(key=lambda entry: entry[0])
    return ((key, _shown(listing, event)) for key, event in found if key > token.key)


def _key(listing: _Listing, row: StoredEvent, event: StoredEvent) -> list[int | str]:
    """Return where an event stands, which may be an instance of the series in `row`."""
    starts = span_of(event, listing.calendar)[0]
    if listing.query.order_by == "updated":
        return [event.updated, row.position, starts, event.event_id]
    if listing.query.order_by == "startTime":
        return [starts, event.event_id]
    exceptions_first = listing.world.switches.listing_order == "exceptions_first"
    late = int(exceptions_first and not row.series_id)
    return [late, row.position, starts, event.event_id]


def _visible(listing: _Listing, rows: Iterable[StoredEvent]) -> Iterator[StoredEvent]:
    for row in rows:
        event: StoredEvent | None = row
        if listing.hidden is not None and row.event_id == listing.hidden.event_id:
            event = listing.hidden.prior
        if event is None or _waits_unseen(listing, event):
            continue
        if _is_visible(listing, event):
            yield event


def _waits_unseen(listing: _Listing, event: StoredEvent) -> bool:
    return bool(event.body.get("hiddenInvitation")) and not listing.query.hidden_invitations


def _is_visible(listing: _Listing, event: StoredEvent) -> bool:
    query, switches = listing.query, listing.world.switches
    if not is_of_type(event, query) or (
        switches.series_tombstones == "master_only" and event.body.get("cancelledWithSeries")
    ):
        return False
    if listing.since is not None:
        return event.change > listing.since and (
            event.cancelled
            or switches.window_exit != "silent"
            or in_window(event, query, listing.calendar)
        )
    if event.cancelled and not _shows_cancelled(listing, event):
        return False
    any_property = switches.property_constraints == "any"
    return fits(event, query, listing.calendar, any_property=any_property)


def _shows_cancelled(listing: _Listing, event: StoredEvent) -> bool:
    query = listing.query
    if query.show_deleted or query.updated_min is not None:
        return not is_expired(listing.world, event)
    if not event.series_id or query.single_events or event.body.get("lostStart"):
        return False
    # Cancelled instances are listed as long as their series lives.
    series = find_event(listing.world, event.calendar_id, event.series_id)
    return series is not None and series.is_series and not series.cancelled


def _expanded(listing: _Listing, event: StoredEvent) -> Iterator[StoredEvent]:
    if not event.is_series:
        yield event
    elif event.cancelled:
        yield from cancelled_instances(listing.world, listing.calendar, event)
    else:
        query = listing.query
        yield from plain_instances(
            listing.world, listing.calendar, event, after=query.time_min, before=query.time_max
        )


def _shown(listing: _Listing, event: StoredEvent) -> Json:
    query, calendar = listing.query, listing.calendar
    zone = query.zone or calendar.zone
    if _is_bare(listing, event):
        return tombstone(event, zone=zone)
    return shown(listing.world, event, calendar, zone=zone, max_attendees=query.max_attendees)


def _is_bare(listing: _Listing, event: StoredEvent) -> bool:
    switches, query = listing.world.switches, listing.query
    if event.cancelled:
        if has_id_only(listing.world, event):
            return True
        documented = switches.tombstone_details == "documented" and query.show_deleted
        return not documented and switches.tombstone_details != "always"
    return (
        listing.since is not None
        and switches.window_exit == "cancelled"
        and not in_window(event, query, listing.calendar)
    )
