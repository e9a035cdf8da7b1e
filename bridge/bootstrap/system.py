"""The real clock and the real source of identifiers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from bridge.domain.identifiers import RunId, Uid, google_event_of, uid_of_google_event


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return datetime.now(UTC)


class RandomIds:
    """Random identifiers, and UIDs that follow from Google's event ids."""

    def run_id(self) -> RunId:
        """Return a new id for a run."""
        return RunId(uuid.uuid4().hex)

    def entry_id(self) -> str:
        """Return a new id for a journal entry."""
        return uuid.uuid4().hex

    def uid(self, google_name: str) -> Uid:
        """Return the UID for an event that came from Google, by its id."""
        return uid_of_google_event(google_name)

    def google_name(self, uid: Uid) -> str | None:
        """Return the event id a UID was made for; None where the UID does not hold one."""
        return google_event_of(uid)
