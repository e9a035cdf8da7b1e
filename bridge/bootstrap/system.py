"""The real clock and the real source of identifiers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from hashlib import sha256

from bridge.domain.identifiers import RunId, Uid

_LONGEST_PLAIN_NAME = 100


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
        """Return the UID for an event that came from Google; its id is 5 to 1024 characters."""
        if len(google_name) > _LONGEST_PLAIN_NAME:
            google_name = sha256(google_name.encode()).hexdigest()
        return Uid(f"google-{google_name}@crmdav")
