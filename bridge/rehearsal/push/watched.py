"""What is new of a watched resource: its latest change, and whether the channel's query meets it.

Channels of events may watch with the filters of a listing; they are told only of changes to events
that fit.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.rehearsal.api.parameters import Declared, Kind, Parameters
from bridge.rehearsal.calendars.resource import Calendar, find_calendar
from bridge.rehearsal.events.filters import fits, read_query
from bridge.rehearsal.events.rows import by_change
from bridge.rehearsal.google_error import GoogleError
from bridge.rehearsal.push.channels import Watched
from bridge.rehearsal.world import World

_FILTERS: Declared = {
    "eventTypes": Kind.TEXTS,
    "iCalUID": Kind.TEXT,
    "privateExtendedProperty": Kind.TEXTS,
    "q": Kind.TEXT,
    "sharedExtendedProperty": Kind.TEXTS,
    "timeMax": Kind.TEXT,
    "timeMin": Kind.TEXT,
}
_NEWEST = {
    "calendarList": "SELECT max(change) AS newest FROM calendar_entry WHERE email = :email",
    "settings": "SELECT max(change) AS newest FROM setting WHERE email = :email",
    "acl": "SELECT max(change) AS newest FROM acl_rule WHERE calendar_id = :calendar_id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is new of a resource.

    Attributes:
        newest: Number of its latest change.
        exists: Whether it is still there for the account.
        is_told: Whether something changed that the channel watches.
    """

    newest: int
    exists: bool
    is_told: bool


def newest_change(world: World, watched: Watched) -> int | None:
    """Return the number of a resource's latest change, None when its account sees it no more."""
    if watched.kind == "events":
        calendar = _calendar(world, watched)
        return calendar.latest_change if calendar is not None else None
    if watched.calendar_id and _calendar(world, watched) is None:
        return None
    whose = {"email": watched.email, "calendar_id": watched.calendar_id}
    row = world.state.row(_NEWEST[watched.kind], whose)
    return int(row["newest"] or 0) if row is not None else 0


def news_of(world: World, watched: Watched, *, since: int) -> News:
    """Return what happened to a resource after a change number."""
    newest = newest_change(world, watched)
    if newest is None:
        return News(newest=since, exists=False, is_told=False)
    is_told = newest > since and _fits_some(world, watched, since)
    return News(newest=newest, exists=True, is_told=is_told)


def _calendar(world: World, watched: Watched) -> Calendar | None:
    try:
        return find_calendar(world, watched.calendar_id, viewer=watched.email)
    except GoogleError:
        return None


def _fits_some(world: World, watched: Watched, since: int) -> bool:
    calendar = _calendar(world, watched) if watched.kind == "events" else None
    if calendar is None or not watched.query.keys() & _FILTERS.keys():
        return True
    query = read_query(Parameters(watched.query, _FILTERS))
    changed = by_change(world, calendar.calendar_id, after=since)
    return any(fits(event, query, calendar) for event in changed)
