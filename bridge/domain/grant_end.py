"""The end of Google's permission, and when people are to hear of it (features A8).

Google ends grants of a consent screen in testing after seven days (Google: OAuth consent screen,
publishing status).
"""

from __future__ import annotations

from datetime import datetime, timedelta

WARNED_AHEAD = timedelta(days=2)


def ends_soon(expires_at: datetime | None, *, now: datetime) -> datetime | None:
    """Return when the permission ends, None while that is far off, not known, or past."""
    if expires_at is None or not now < expires_at <= now + WARNED_AHEAD:
        return None
    return expires_at
