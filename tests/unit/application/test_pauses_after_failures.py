"""How long a connection waits after a run that was stopped, by what stopped it."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.application.next_run import NextRun
from bridge.errors import NotConnected, RateLimited, SideUnavailable

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
BACKEND = SideUnavailable("503", side="google", reason="backendError")


def limit(reason, retry_after=None):
    """Return an answer in which Google asks for a pause."""
    return RateLimited("limit", side="google", reason=reason, retry_after=retry_after)


def pause(error, failures=1):
    """Return the seconds until the next run."""
    return (NextRun(None).after_failure(error, failures, NOW) - NOW).total_seconds()


@pytest.mark.parametrize(
    "error", [BACKEND, limit("userRateLimitExceeded"), limit("quotaExceeded"), NotConnected("gone")]
)
@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 5), (2, 10), (5, 80), (8, 640), (9, 900), (99, 900)]
)
def test_pauses_double_with_jitter_up_to_a_quarter_of_an_hour(error, failures, seconds):
    """What limits writing only is among them: reading goes on."""
    assert seconds * 0.75 <= pause(error, failures) <= seconds * 1.25


def test_pauses_differ_so_that_connections_do_not_come_back_at_once():
    """A quarter more or less."""
    assert len({pause(BACKEND, 5) for _ in range(20)}) > 1


def test_a_pause_google_asks_for_is_kept():
    """In full, however few tries there were."""
    assert pause(limit("rateLimitExceeded", retry_after=3000.0)) >= 3000


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (NOW, 22),  # two in the morning there, already summer time
        (datetime(2026, 3, 7, 20, 0, tzinfo=UTC), 12),
        (datetime(2026, 3, 10, 6, 59, tzinfo=UTC), 0),
    ],
)
def test_a_daily_limit_stops_until_the_day_ends_in_california(now, hours):
    """Threat G05; not all at the same second."""
    again = NextRun(None).after_failure(limit("dailyLimitExceeded"), 3, now)
    end = now + timedelta(hours=hours) if hours else now + timedelta(minutes=1)
    assert end <= again <= end + timedelta(minutes=5)
