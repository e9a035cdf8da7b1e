"""Switches for what Google's documents leave uncertain, and for what an admin may meet.

Each switch has the likelier behaviour as its default. They are set through the control surface.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from bridge.errors import InvalidInput

_CHOICES: dict[str, tuple[Any, ...]] = {
    "malformed_sync_token": (410, 400),
    "tombstone_details": ("documented", "always", "never"),
    "window_exit": ("silent", "listed", "cancelled"),
    "pages": ("full", "short"),
    "publishing_status": ("production", "testing"),
    "quotas": ("on", "off"),
    "rate_limit_status": (403, 429),
    "day_quota_reason": ("dailyLimitExceeded", "quotaExceeded"),
}
_MAY_BE_ZERO = frozenset(
    {
        "user_minute_quota", "project_minute_quota", "project_day_quota", "events_day_limit",
        "guests_day_limit", "calendars_day_limit", "calendar_writes_minute_limit",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How the rehearsal behaves where the facts are open.

    Attributes:
        malformed_sync_token: Status for a token that cannot be read; 410 or 400, both were seen.
        tombstone_details: Whether deleted events keep their details in listings: `documented` (only
            with showDeleted=true in an incremental listing), `always` or `never`.
        window_exit: What an incremental listing with a window in its token says of an event that
            has left the window: nothing, the event itself, or a tombstone.
        pages: `short` answers pages that hold less than asked, the first one none at all, as Google
            may.
        batch_limit: Most parts of a batch; Google's pages name 50 and 1000.
        tombstone_days: Age at which tombstones, and the sync tokens that need them, disappear.
        publishing_status: `testing` lets refresh tokens die after seven days.
        quotas: `off` lets everybody do as much as they like.
        user_minute_quota: Units of one user in a sliding minute; 0 for no limit, as in all below.
        project_minute_quota: Units of one OAuth client in a sliding minute.
        project_day_quota: Units of one OAuth client in a day.
        rate_limit_status: Status of a refusal by the minute; both were seen.
        day_quota_reason: Reason of a refusal by the day.
        events_day_limit: Events a user may make in 24 hours before the account is read-only.
        guests_day_limit: Guests a user may invite by new events in 24 hours, mails or not.
        calendars_day_limit: Calendars a user may make in 24 hours.
        read_only_hours: How long an account stays read-only after one of these three.
        calendar_writes_minute_limit: Writes to one calendar in a sliding minute; Google limits
            them at times, without a number.
    """

    malformed_sync_token: int = 410
    tombstone_details: str = "documented"
    window_exit: str = "silent"
    pages: str = "full"
    batch_limit: int = 50
    tombstone_days: int = 28
    publishing_status: str = "production"
    quotas: str = "on"
    user_minute_quota: int = 600
    project_minute_quota: int = 10_000
    project_day_quota: int = 1_000_000
    rate_limit_status: int = 403
    day_quota_reason: str = "dailyLimitExceeded"
    events_day_limit: int = 100_000
    guests_day_limit: int = 10_000
    calendars_day_limit: int = 60
    read_only_hours: int = 24
    calendar_writes_minute_limit: int = 0

    def changed(self, wanted: dict[str, Any]) -> Switches:
        """Return these switches with some set anew.

        Raises:
            InvalidInput: Unknown name, or a value the switch does not have.
        """
        known = {field.name for field in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise InvalidInput(f"no such switch: `{name}`", field=name)
            if not _fits(name, value):
                raise InvalidInput(f"not a value of the switch `{name}`: {value!r}", field=name)
        return replace(self, **wanted)


def _fits(name: str, value: object) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    lowest = 0 if name in _MAY_BE_ZERO else 1
    return isinstance(value, int) and not isinstance(value, bool) and value >= lowest
