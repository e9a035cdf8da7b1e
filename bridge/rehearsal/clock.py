"""The rehearsal's own clock, which can be moved ahead.

Expiry of tokens, channels and tombstones follows this clock, never the machine's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]


def machine_time() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(tz=UTC)


class Clock:
    """A clock that runs with another one, ahead of it by an offset.

    Args:
        source: What it runs with, aware and in UTC.
        offset: Head start.
    """

    def __init__(self, source: Now = machine_time, *, offset: timedelta = timedelta(0)) -> None:
        self._source = source
        self.offset = offset

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return self._source() + self.offset

    def milliseconds(self) -> int:
        """Return the present time in milliseconds since 1970 UTC."""
        return int(self.now().timestamp() * 1000)

    def source_milliseconds(self) -> int:
        """Return the time it runs with in milliseconds since 1970 UTC, the head start left out."""
        return int(self._source().timestamp() * 1000)

    def advance(self, step: timedelta) -> None:
        """Move the clock ahead by `step`."""
        self.offset += step


def rfc3339(milliseconds: int) -> str:
    """Return a moment as Google writes `created` and `updated`: UTC with milliseconds."""
    moment = datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"
