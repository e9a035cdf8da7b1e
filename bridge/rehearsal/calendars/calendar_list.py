"""The calendar list of an account, with pages and sync tokens of its own.

Source: Google, CalendarList: list. Entries taken off the list are always in an incremental listing;
changes of a calendar's own properties alone are not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bridge.rehearsal.api.parameters import Parameters
from bridge.rehearsal.calendars.access import ROLE_ORDER
from bridge.rehearsal.calendars.resource import calendar_from_row
from bridge.rehearsal.events.sync_tokens import Token, encode, read_page_token, read_sync_token
from bridge.rehearsal.google_error import GoogleError, Json, invalid
from bridge.rehearsal.world import World, etag_of

_COLLECTION = "calendarList"
_DEFAULT_PAGE, _LARGEST_PAGE = 100, 250


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesQuery:
    """The parameters of a listing, read.

    Attributes:
        max_results: Size of a page.
        page_token: "" for the first page.
        sync_token: "" for a full listing.
        min_role: Least access role wanted, "" for any.
        show_deleted: Whether removed entries are listed.
        show_hidden: Whether hidden entries are listed.
    """

    max_results: int
    page_token: str
    sync_token: str
    min_role: str
    show_deleted: bool
    show_hidden: bool

    def frozen(self) -> dict[str, Any]:
        """Return what must not change between the pages of a listing."""
        return {
            "syncToken": self.sync_token,
            "minAccessRole": self.min_role,
            "showDeleted": self.show_deleted,
            "showHidden": self.show_hidden,
        }


def read_entries_query(parameters: Parameters) -> EntriesQuery:
    """Return the query of a call.

    Raises:
        GoogleError: 400 for parameters that do not go together.
    """
    if "syncToken" in parameters:
        if "minAccessRole" in parameters:
            raise GoogleError(
                "Sync token cannot be used with the parameter minAccessRole.",
                code=400,
                reason="invalid",
                location=("parameter", "syncToken"),
            )
        for name in ("showDeleted", "showHidden"):
            if name in parameters and not parameters.flag(name):
                raise invalid(f"{name} cannot be false together with a sync token.")
    return EntriesQuery(
        max_results=min(parameters.number("maxResults", _DEFAULT_PAGE), _LARGEST_PAGE),
        page_token=parameters.text("pageToken"),
        sync_token=parameters.text("syncToken"),
        min_role=parameters.text("minAccessRole"),
        show_deleted=parameters.flag("showDeleted"),
        show_hidden=parameters.flag("showHidden"),
    )


def list_entries(world: World, email: str, query: EntriesQuery) -> Json:
    """Return the `calendar#calendarList` resource of one page.

    Raises:
        GoogleError: 410 for an expired sync token, 400 for a bad page token.
    """
    newest = _newest_change(world, email)
    since = None
    if query.sync_token:
        since = read_sync_token(
            world, query.sync_token, collection=_COLLECTION, viewer=email
        ).change
    token = _position(world, email, query, newest=newest)
    rows = world.state.rows(
        "SELECT calendar.*, entry.position, entry.email, entry.role, entry.body AS entry_body, "
        "entry.stamp AS entry_stamp, entry.deleted FROM calendar_entry AS entry "
        "JOIN calendar ON calendar.id = entry.calendar_id "
        "WHERE entry.email = ? AND entry.position > ? AND entry.change > ? ORDER BY entry.position",
        (email, token.after, since or 0),
    )
    wanted = [row for row in rows if _is_wanted(row, query, incremental=since is not None)]
    body: Json = {"kind": "calendar#calendarList", "etag": _etag(world, email, newest=newest)}
    if len(wanted) > query.max_results:
        after = wanted[query.max_results - 1]["position"]
        body["nextPageToken"] = encode(world, replace(token, after=after))
    elif not query.min_role:
        body["nextSyncToken"] = encode(world, replace(token, kind="sync", frozen={}, after=0))
    body["items"] = [_shown(row) for row in wanted[: query.max_results]]
    return body


def _newest_change(world: World, email: str) -> int:
    row = world.state.row(
        "SELECT max(change) AS newest FROM calendar_entry WHERE email = ?", (email,)
    )
    return int(row["newest"] or 0) if row is not None else 0


def _etag(world: World, email: str, *, newest: int) -> str:
    # What an entry shows of its calendar, and the role, change without a change of the list.
    row = world.state.row(
        "SELECT max(max(calendar.stamp, entry.stamp)) AS newest FROM calendar_entry AS entry "
        "JOIN calendar ON calendar.id = entry.calendar_id WHERE entry.email = ?",
        (email,),
    )
    stamp = int(row["newest"] or 0) if row is not None else 0
    return f'"p{newest:x}.{stamp:x}"'


def _position(world: World, email: str, query: EntriesQuery, *, newest: int) -> Token:
    if query.page_token:
        return read_page_token(
            world,
            query.page_token,
            collection=_COLLECTION,
            viewer=email,
            frozen=query.frozen(),
        )
    return Token(
        kind="page",
        collection=_COLLECTION,
        viewer=email,
        epoch=world.state.meta("epoch") or "",
        issued=world.clock.milliseconds(),
        frozen=query.frozen(),
        change=newest,
    )


def _is_wanted(row: Any, query: EntriesQuery, *, incremental: bool) -> bool:
    if row["deleted"] and not (incremental or query.show_deleted):
        return False
    if calendar_from_row(row).entry.get("hidden") and not (incremental or query.show_hidden):
        return False
    lowest = ROLE_ORDER.index(query.min_role) if query.min_role else 0
    return ROLE_ORDER.index(row["role"]) >= lowest


def _shown(row: Any) -> Json:
    if row["deleted"]:
        return {
            "kind": "calendar#calendarListEntry",
            "etag": etag_of(row["entry_stamp"]),
            "id": row["id"],
            "deleted": True,
        }
    return calendar_from_row(row).entry_to_json()
