"""Reading all pages of an events listing, whole or not at all.

Source: Google: Synchronize resources efficiently. Pages may be short or empty while more follow;
only `nextPageToken` tells. An event can come twice while paging, the last one counts. A page that
is cut or odd spoils the whole listing, so that no sync token is taken for what was not read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge.domain.identifiers import SyncToken
from bridge.domain.message import Message
from bridge.errors import SideUnavailable
from bridge.google_calendar.transport import SIDE
from bridge.google_calendar.words import ODD_ANSWER

Event = Mapping[str, Any]
FetchPage = Callable[[str | None], Mapping[str, Any]]

EVENTS_PER_PAGE = 2500
MOST_PAGES = 400
"""A million events; a listing of more pages goes in circles."""

EVENT_FIELDS = (
    "id,etag,status,iCalUID,eventType,colorId,summary,description,location,start,end,"
    "endTimeUnspecified,recurrence,recurringEventId,originalStartTime,transparency,visibility,created,updated,"
    "organizer,attendees,attendeesOmitted,guestsCanModify,locked,extendedProperties(private),"
    "reminders,hangoutLink,conferenceData(entryPoints(entryPointType,uri)),source"
)
"""What `bridge.convert` reads, and what is needed to know the event again."""

PAGE_FIELDS = f"nextPageToken,nextSyncToken,accessRole,items({EVENT_FIELDS})"
INSTANCE_FIELDS = f"items({EVENT_FIELDS})"


def read_listing(fetch: FetchPage, take: Callable[[Event], None]) -> SyncToken:
    """Fetch page after page and return the token for the next listing; see `read_pages`.

    Raises:
        SideUnavailable: Also when the last page has no sync token.
    """
    return _sync_token(read_pages(fetch, take))


def read_pages(fetch: FetchPage, take: Callable[[Event], None]) -> Mapping[str, Any]:
    """Fetch page after page and return the last one.

    Args:
        fetch: Returns the page for a page token, the first one for None.
        take: Called with each event as it comes; what it was told counts only if the last page
            is returned in the end.

    Raises:
        SideUnavailable: A page is odd, or the pages never end.
    """
    page_token: str | None = None
    seen: set[str] = set()
    for _ in range(MOST_PAGES):
        page = fetch(page_token)
        for event in events_of(page):
            take(event)
        page_token = next_page(page)
        if page_token is None:
            return page
        if page_token in seen:
            raise _odd("the pages of a listing go in circles")
        seen.add(page_token)
    raise _odd(f"a listing did not end after {MOST_PAGES} pages")


def checked(event: Mapping[str, Any]) -> Event:
    """Return the event if it has the parts every answer must have.

    Raises:
        SideUnavailable: No id, or a live event without an etag.
    """
    etag, event_id = event.get("etag"), event.get("id")
    if not isinstance(event_id, str) or not event_id:
        raise _odd("an event has no id")
    if event.get("status") != "cancelled" and not (isinstance(etag, str) and etag):
        raise _odd("an event has no etag")
    return event


def next_page(page: Mapping[str, Any]) -> str | None:
    """Return the token of the page that follows, None after the last one.

    Raises:
        SideUnavailable: It is no token.
    """
    return _token(page, "nextPageToken")


def events_of(page: Mapping[str, Any]) -> list[Event]:
    """Return the events of a page.

    Raises:
        SideUnavailable: It holds something else.
    """
    # With `fields`, an empty list is left out altogether.
    items = page.get("items", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _odd("a listing holds something that is no event")
    return [checked(item) for item in items]


def _sync_token(page: Mapping[str, Any]) -> SyncToken:
    token = _token(page, "nextSyncToken")
    if token is None:
        raise _odd("a listing ended without a sync token")
    return SyncToken(token)


def _token(page: Mapping[str, Any], name: str) -> str | None:
    token = page.get(name)
    if token is None:
        return None
    if not isinstance(token, str) or not token:
        raise _odd(f"`{name}` is no token")
    return token


def _odd(message: str) -> SideUnavailable:
    return SideUnavailable(Message(ODD_ANSWER, what=message), side=SIDE, reason="badAnswer")
