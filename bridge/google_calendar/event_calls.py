"""Calls about the events of one Google calendar: list, get, insert, patch, update, delete.

Every write carries a precondition or an id of our own, and says `sendUpdates=none`, so that no
guest is mailed. The one exception is a change or deletion of which a person said that the guests
are to be told (design decision 28); nothing is ever created with a mail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from bridge.domain.identifiers import ETag, SyncToken
from bridge.domain.message import Message
from bridge.errors import BridgeError, CollectionGone, ItemMissing
from bridge.google_calendar.listing import (
    EVENT_FIELDS,
    EVENTS_PER_PAGE,
    INSTANCE_FIELDS,
    PAGE_FIELDS,
    Event,
    checked,
    read_listing,
    read_pages,
)
from bridge.google_calendar.rounds import Call, Outcome, Steps, answered
from bridge.google_calendar.session import WRITER_ROLES, GoogleSession, Guard
from bridge.google_calendar.transport import SIDE

_NO_MAIL = "none"
_MAIL = "all"


class EventCalls:
    """The events of one calendar, as Google's JSON."""

    def __init__(self, session: GoogleSession, calendar_id: str, *, guard: Guard) -> None:
        self._session = session
        self._calendar_id = calendar_id
        self._guard = guard

    def listing(self, sync_token: SyncToken | None, take: Callable[[Event], None]) -> SyncToken:
        """Read what changed since the token, with None everything; series as masters.

        Args:
            sync_token: Of the listing before.
            take: Called with each event; it counts only if a token is returned in the end.

        Raises:
            SyncTokenExpired: The token is not served any more.
            CollectionGone: The calendar is not there, or no longer ours to write.
            SideUnavailable: The answer is not whole.
        """
        return read_listing(partial(self._page, syncToken=sync_token), take)

    def between(self, since: datetime, until: datetime, take: Callable[[Event], None]) -> None:
        """Read what takes place in a span of time, series as masters; no token comes of it.

        Args:
            since: Aware; what ends later is told.
            until: Aware; what starts earlier is told.
            take: Called with each event; it counts only when this returns.

        Raises:
            CollectionGone: The calendar is not there, or no longer ours to write.
            SideUnavailable: The answer is not whole.
        """
        window = {"timeMin": since.isoformat(), "timeMax": until.isoformat()}
        read_pages(partial(self._page, **window), take)

    def _page(self, page_token: str | None, **which: str | None) -> Mapping[str, Any]:
        self._guard()
        page = self._session.listing(
            self._session.events.list(
                calendarId=self._calendar_id,
                singleEvents=False,
                maxResults=EVENTS_PER_PAGE,
                pageToken=page_token,
                fields=PAGE_FIELDS,
                **which,
            )
        )
        check_role(page.get("accessRole", "owner"))
        return page

    def getting(self, event_id: str) -> Call:
        """Return the call that reads one event."""
        return self._session.events.get(
            calendarId=self._calendar_id, eventId=event_id, fields=EVENT_FIELDS
        )

    def of_uid(self, uid: str, *, page: str = "") -> Call:
        """Return the call that lists the events of one iCalUID, a series with its exceptions.

        Deleted ones are told, so that no cancelled instance is missing.
        """
        return self._session.events.list(
            calendarId=self._calendar_id,
            iCalUID=uid,
            singleEvents=False,
            showDeleted=True,
            maxResults=EVENTS_PER_PAGE,
            pageToken=page or None,
            fields=PAGE_FIELDS,
        )

    def instance(self, master_id: str, original_start: str) -> Call:
        """Return the call that reads one instance of a series.

        Args:
            master_id: Of the series.
            original_start: RFC 3339, or a date.
        """
        return self._session.events.instances(
            calendarId=self._calendar_id,
            eventId=master_id,
            originalStart=original_start,
            showDeleted=True,
            fields=INSTANCE_FIELDS,
        )

    def inserting(self, body: Mapping[str, Any]) -> Call:
        """Return the call that creates an event; its own id makes it happen once at most."""
        return self._session.events.insert(
            calendarId=self._calendar_id, body=body, sendUpdates=_NO_MAIL, fields=EVENT_FIELDS
        )

    def patching(
        self,
        event_id: str,
        changes: Mapping[str, Any],
        *,
        if_match: ETag | None,
        tell_guests: bool = False,
    ) -> Call:
        """Return the call that changes some fields of that version, None for any; null removes."""
        request = self._session.events.patch(
            calendarId=self._calendar_id,
            eventId=event_id,
            body=changes,
            sendUpdates=_MAIL if tell_guests else _NO_MAIL,
            fields=EVENT_FIELDS,
        )
        return _conditional(request, if_match)

    def replacing(self, event_id: str, body: Mapping[str, Any], *, if_match: ETag | None) -> Call:
        """Return the call that puts an event in the place of that version; None for any."""
        request = self._session.events.update(
            calendarId=self._calendar_id,
            eventId=event_id,
            body=body,
            sendUpdates=_NO_MAIL,
            fields=EVENT_FIELDS,
        )
        return _conditional(request, if_match)

    def deleting(self, event_id: str, *, if_match: ETag, tell_guests: bool = False) -> Call:
        """Return the call that deletes that version; it is answered with nothing."""
        request = self._session.events.delete(
            calendarId=self._calendar_id,
            eventId=event_id,
            sendUpdates=_MAIL if tell_guests else _NO_MAIL,
        )
        return _conditional(request, if_match)


def event_of(call: Call) -> Steps[Event]:
    """Send a call and return the event it is answered with.

    Raises:
        ItemExists: The id of an insert is taken, maybe by a tombstone.
        ItemMissing: The event is gone, or never was.
        ItemRejected: Google refuses the write.
        PreconditionFailed: The event changed since.
        SideUnavailable: The answer is odd.
    """
    return checked((yield from answered(call)))


def event_or_none(call: Call) -> Steps[Event | None]:
    """Send a call that reads; None if Google says there is none, a tombstone if it tells one."""
    (outcome,) = yield (call,)
    return definite(outcome)


def definite(outcome: Outcome) -> Event | None:
    """Return what a reading told, None for what is not there; anything else is raised."""
    if isinstance(outcome, ItemMissing):
        return None
    if isinstance(outcome, BridgeError):
        raise outcome
    return checked(outcome)


def check_role(role: object) -> None:
    """Make sure that the account still has the calendar's events in full.

    Under a lower role private events come without their details. Taken for edits, those husks would
    empty what the CRM holds (threats G11).

    Args:
        role: `accessRole` as Google told it.

    Raises:
        CollectionGone: The role is too low to sync with.
    """
    if role not in WRITER_ROLES:
        raise CollectionGone(
            Message("the account may no longer change this calendar"),
            side=SIDE,
            reason=str(role) or "none",
        )


def _conditional(request: Call, if_match: ETag | None) -> Call:
    if if_match is not None:
        request.headers["If-Match"] = f'"{if_match}"'
    return request
