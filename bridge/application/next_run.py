"""When a connection runs next: by polling, or after a failure by ever longer pauses."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bridge.domain.identifiers import ConnectionId
from bridge.domain.polling import Quiet, poll_interval
from bridge.errors import BridgeError, RateLimited
from bridge.store.unit_of_work import UnitOfWork

_LONGEST_PAUSE_SECONDS = 900.0
_FIRST_PAUSE_SECONDS = 5.0
_DAILY_LIMIT = "dailyLimitExceeded"
_WHERE_DAYS_END = ZoneInfo("America/Los_Angeles")
"""Daily quotas begin anew at midnight Pacific time (Google: Capping API usage)."""


class NextRun:
    """Tells the time of the next run; random parts keep connections from running all at once."""

    def __init__(self, poll_seconds: float | None) -> None:
        """Take the setting.

        Args:
            poll_seconds: Between two polls; None follows `bridge.domain.polling`.
        """
        self._poll_seconds = poll_seconds
        self._chance = Random()  # noqa: S311 - only spreads runs

    def after_success(
        self, work: UnitOfWork, connection_id: ConnectionId, now: datetime
    ) -> datetime:
        """Return when to run if nothing wakes the connection before."""
        if self._poll_seconds is not None:
            return now + timedelta(seconds=self._poll_seconds)
        state = work.google_push.state(connection_id, now)
        if not state.heard:
            return now + poll_interval(None)
        since = now - (state.active_at or now)
        rest = poll_interval(Quiet(since=since, connections=work.google_push.syncing()))
        return now + rest * self._chance.uniform(0.9, 1.0)

    def after_failure(self, error: BridgeError, failures: int, now: datetime) -> datetime:
        """Return when to try again, however much changes before.

        Args:
            error: What went wrong.
            failures: How many runs failed in a row, this one among them.
            now: Aware.

        Returns:
            In the zone of `now`.
        """
        first = min(_FIRST_PAUSE_SECONDS, self._poll_seconds or _FIRST_PAUSE_SECONDS)
        pause = min(first * 2.0 ** max(0, failures - 1), _LONGEST_PAUSE_SECONDS)
        pause *= self._chance.uniform(0.75, 1.25)
        if isinstance(error, RateLimited) and error.retry_after:
            pause = max(pause, error.retry_after)
        again = now + timedelta(seconds=pause)
        if isinstance(error, RateLimited) and error.reason == _DAILY_LIMIT:
            # Until then each try would only be refused, reading like writing. A person who asks for
            # a run gets one all the same.
            later = _end_of_day(now) + timedelta(seconds=self._chance.uniform(0, 300))
            return max(again, later.astimezone(now.tzinfo))
        return again


def _end_of_day(now: datetime) -> datetime:
    tomorrow = now.astimezone(_WHERE_DAYS_END).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=_WHERE_DAYS_END)
