"""The real clock and the real source of identifiers."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from hashlib import sha256

from bridge.domain.identifiers import RunId, Uid

_LONGEST_PLAIN_NAME = 100
# Event ids are of such letters; a digest is too, and nobody has an event of that id.
_MADE_FOR = re.compile(rf"google-(\w{{5,{_LONGEST_PLAIN_NAME}}})@crmdav", re.ASCII)


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

    def google_name(self, uid: Uid) -> str | None:
        """Return the event id a UID was made for; None where the UID does not hold one."""
        made_for = _MADE_FOR.fullmatch(uid)
        return None if made_for is None else made_for[1]
