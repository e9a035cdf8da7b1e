"""Calls about the events of one Google calendar: list, get, insert, patch, update, delete.

Every write says `sendUpdates=none`, so that no guest is mailed (design decision 28), and carries a
precondition or an id of our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.domain.identifiers import ETag, SyncToken
from bridge.errors import BridgeError, CollectionGone, ItemMissing
from bridge.google_calendar.listing import (
    EVENT_FIELDS,
    EVENTS_PER_PAGE,
    PAGE_FIELDS,
    Event,
    Listing,
    checked,
    read_listing,
)
from bridge.google_calendar.session import PARTS_PER_BATCH, WRITER_ROLES, GoogleSession, Guard
from bridge.google_calendar.transport import SIDE

_NO_MAIL = "none"


class EventCalls:
    """The events of one calendar, as Google's JSON."""

    def __init__(self, session: GoogleSession, calendar_id: str, *, guard: Guard) -> None:
        self._session = session
        self._calendar_id = calendar_id
        self._guard = guard

    def listing(self, sync_token: SyncToken | None) -> Listing:
        """Read what changed since the token, with None everything; series as masters.

        Raises:
            SyncTokenExpired: The token is not served any more.
            CollectionGone: The calendar is not there, or no longer ours to write.
            SideUnavailable: The answer is not whole.
        """

        def fetch(page_token: str | None) -> Mapping[str, Any]:
            self._guard()
            page = self._session.listing(
                self._session.events.list(
                    calendarId=self._calendar_id,
                    singleEvents=False,
                    maxResults=EVENTS_PER_PAGE,
                    syncToken=sync_token,
                    pageToken=page_token,
                    fields=PAGE_FIELDS,
                )
            )
            check_role(page.get("accessRole", "owner"))
            return page

        return read_listing(fetch)

    def get(self, event_id: str) -> Event | None:
        """Read one event; None if Google says there is none, a tombstone if it tells one."""
        try:
            return checked(self._item(self._get_request(event_id)))
        except ItemMissing:
            return None

    def get_many(self, event_ids: Sequence[str]) -> Mapping[str, Event | None]:
        """Read events in batches; as `get` for each.

        Raises:
            BridgeError: The first answer that is not definite; nothing is told then.
        """
        found: dict[str, Event | None] = {}
        wanted = list(dict.fromkeys(event_ids))
        for first in range(0, len(wanted), PARTS_PER_BATCH):
            ids = wanted[first : first + PARTS_PER_BATCH]
            self._guard()
            outcomes = self._session.batch({name: self._get_request(name) for name in ids})
            found |= {name: _definite(outcomes[name]) for name in ids}
        return found

    def insert(self, body: Mapping[str, Any]) -> Event:
        """Create the event; its own id in the body makes it happen once at most.

        Raises:
            ItemExists: The id is taken, maybe by a tombstone.
            ItemRejected: Google refuses it.
        """
        request = self._session.events.insert(
            calendarId=self._calendar_id, body=body, sendUpdates=_NO_MAIL, fields=EVENT_FIELDS
        )
        return checked(self._item(request))

    def patch(self, event_id: str, changes: Mapping[str, Any], *, if_match: ETag) -> Event:
        """Change some fields of that version; null removes a field.

        Raises:
            PreconditionFailed: The event changed since.
            ItemMissing: It is gone.
            ItemRejected: Google refuses the change.
        """
        request = self._session.events.patch(
            calendarId=self._calendar_id,
            eventId=event_id,
            body=changes,
            sendUpdates=_NO_MAIL,
            fields=EVENT_FIELDS,
        )
        return checked(self._item(request, if_match))

    def replace(self, event_id: str, body: Mapping[str, Any], *, if_match: ETag | None) -> Event:
        """Put a whole event in the place of that version; without a version, of any.

        Raises:
            PreconditionFailed: The event changed since.
            ItemMissing: It is gone for good.
            ItemRejected: Google refuses it.
        """
        request = self._session.events.update(
            calendarId=self._calendar_id,
            eventId=event_id,
            body=body,
            sendUpdates=_NO_MAIL,
            fields=EVENT_FIELDS,
        )
        return checked(self._item(request, if_match))

    def delete(self, event_id: str, *, if_match: ETag) -> None:
        """Delete that version.

        Raises:
            PreconditionFailed: The event changed since.
            ItemMissing: It is gone already, or never was.
            ItemRejected: Google refuses the deletion.
        """
        request = self._session.events.delete(
            calendarId=self._calendar_id, eventId=event_id, sendUpdates=_NO_MAIL
        )
        self._item(request, if_match)

    def _get_request(self, event_id: str) -> Any:
        return self._session.events.get(
            calendarId=self._calendar_id, eventId=event_id, fields=EVENT_FIELDS
        )

    def _item(self, request: Any, if_match: ETag | None = None) -> Mapping[str, Any]:
        self._guard()
        return self._session.item(request, if_match=if_match)


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
            "the account may no longer change this calendar", side=SIDE, reason=str(role) or "none"
        )


def _definite(outcome: Mapping[str, Any] | BridgeError) -> Event | None:
    if isinstance(outcome, ItemMissing):
        return None
    if isinstance(outcome, BridgeError):
        raise outcome
    return checked(outcome)
