"""What Google lets a user and a project do: calls per minute and day, and limits against abuse.

Source: Google, "Manage quotas" (a sliding minute) and "Avoid Calendar use limits". A call that is
refused costs nothing. Counts live in memory and go by the rehearsal's clock; a restart forgets
them.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bridge.rehearsal.google_error import GoogleError
from bridge.rehearsal.switches import Switches

_MINUTE = 60_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_GOOGLES_ZONE = ZoneInfo("America/Los_Angeles")
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is charged for a call.

    Attributes:
        project: OAuth client; "" for the printed tokens, which belong to no program.
        user: Address of the account.
    """

    project: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """What a write makes, as far as Google's limits against abuse count it."""

    events: int = 0
    guests: int = 0
    calendars: int = 0


class _Window:
    """A sum over a stretch of time that ends now.

    What comes within a thousandth of the stretch counts as one entry, so that a day of many calls
    has few.
    """

    def __init__(self, span: int) -> None:
        self._span = span
        self._entries: deque[tuple[int, int]] = deque()
        self._total = 0

    def total(self, moment: int) -> int:
        """Return what was used in the span before this moment."""
        while self._entries and self._entries[0][0] <= moment - self._span:
            self._total -= self._entries.popleft()[1]
        return self._total

    def add(self, moment: int, amount: int) -> None:
        """Count an amount; what is close together in time is one entry."""
        if not amount:
            return
        self._total += amount
        if self._entries and moment - self._entries[-1][0] < self._span // 1000:
            begun, before = self._entries.pop()
            self._entries.append((begun, before + amount))
        else:
            self._entries.append((moment, amount))

    def has_room(self, moment: int, amount: int, limit: int) -> bool:
        """Return whether an amount still fits; a limit of 0 is none."""
        return not limit or self.total(moment) + amount <= limit


def _minute() -> _Window:
    return _Window(_MINUTE)


def _day() -> _Window:
    return _Window(_DAY)


class Quotas:
    """Who used how much."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all use, and let accounts that were made read-only write again."""
        with self._lock:
            self._users: dict[Caller, _Window] = defaultdict(_minute)
            self._projects: dict[str, _Window] = defaultdict(_minute)
            self._calendars: dict[str, _Window] = defaultdict(_minute)
            self._made: dict[tuple[str, str], _Window] = defaultdict(_day)
            self._days: dict[tuple[str, str], int] = defaultdict(int)
            self._read_only_until: dict[str, int] = {}

    def charge(self, caller: Caller, units: int, moment: int, switches: Switches) -> None:
        """Count a call.

        Args:
            caller: Who is charged.
            units: What the call costs.
            moment: The rehearsal's time, milliseconds since 1970.
            switches: The limits.

        Raises:
            GoogleError: 403 or 429; the call costs nothing then.
        """
        if switches.quotas == "off":
            return
        day = (caller.project, _day_of(moment))
        with self._lock:
            user, project = self._users[caller], self._projects[caller.project]
            if not user.has_room(moment, units, switches.user_minute_quota):
                raise _user_rate_limit(switches)
            if not project.has_room(moment, units, switches.project_minute_quota):
                raise _rate_limit(switches)
            if switches.project_day_quota and self._days[day] + units > switches.project_day_quota:
                raise _usage("Daily Limit Exceeded", switches.day_quota_reason)
            user.add(moment, units)
            project.add(moment, units)
            self._days[day] += units

    def allow_write(
        self, user: str, calendar_id: str, wanted: Creation, moment: int, switches: Switches
    ) -> None:
        """Let a write pass, or make the account read-only for making too much.

        Args:
            user: Address of the account.
            calendar_id: Where it writes, "" for no calendar.
            wanted: What it would make.
            moment: The rehearsal's time, milliseconds since 1970.
            switches: The limits.

        Raises:
            GoogleError: 403 `quotaExceeded`, or `rateLimitExceeded` for writing too fast to one
                calendar.
        """
        if switches.quotas == "off":
            return
        with self._lock:
            if self._read_only_until.get(user, 0) > moment:
                raise _usage("Calendar usage limits exceeded.", "quotaExceeded")
            for kind, amount, limit in _limits(wanted, switches):
                if amount and not self._made[user, kind].has_room(moment, amount, limit):
                    self._read_only_until[user] = moment + switches.read_only_hours * _HOUR
                    raise _usage("Calendar usage limits exceeded.", "quotaExceeded")
            fast = switches.calendar_writes_minute_limit
            if calendar_id and not self._calendars[calendar_id].has_room(moment, 1, fast):
                raise _rate_limit(switches)

    def note_write(self, user: str, calendar_id: str, made: Creation, moment: int) -> None:
        """Count a write that was done."""
        with self._lock:
            if calendar_id:
                self._calendars[calendar_id].add(moment, 1)
            for kind in ("events", "guests", "calendars"):
                self._made[user, kind].add(moment, getattr(made, kind))

    def shown(self, moment: int) -> dict[str, Any]:
        """Return the use so far as the control surface tells it; project "" has printed tokens."""
        with self._lock:
            return {
                "users": [
                    {"project": who.project, "user": who.user, "minute": window.total(moment)}
                    for who, window in self._users.items()
                ],
                "projects": [
                    {
                        "project": project,
                        "minute": window.total(moment),
                        "day": self._days[project, _day_of(moment)],
                    }
                    for project, window in self._projects.items()
                ],
                "made_in_a_day": [
                    {"user": user, "kind": kind, "count": window.total(moment)}
                    for (user, kind), window in self._made.items()
                ],
                "read_only": sorted(
                    user for user, until in self._read_only_until.items() if until > moment
                ),
            }


def _limits(wanted: Creation, switches: Switches) -> tuple[tuple[str, int, int], ...]:
    return (
        ("events", wanted.events, switches.events_day_limit),
        ("guests", wanted.guests, switches.guests_day_limit),
        ("calendars", wanted.calendars, switches.calendars_day_limit),
    )


def _day_of(moment: int) -> str:
    """Return the date at Google's seat, where daily quotas begin anew at midnight."""
    return (
        datetime.fromtimestamp(moment / 1000, tz=UTC).astimezone(_GOOGLES_ZONE).date().isoformat()
    )


def _usage(message: str, reason: str, code: int = 403) -> GoogleError:
    return GoogleError(message, code=code, reason=reason, domain="usageLimits")


def _rate_limit(switches: Switches) -> GoogleError:
    return _usage("Rate Limit Exceeded", "rateLimitExceeded", switches.rate_limit_status)


def _user_rate_limit(switches: Switches) -> GoogleError:
    # With 429 Google has one reason for both.
    if switches.rate_limit_status == _TOO_MANY_REQUESTS:
        return _rate_limit(switches)
    return _usage("User Rate Limit Exceeded", "userRateLimitExceeded")
