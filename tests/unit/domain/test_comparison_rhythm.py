"""How often both sides of a connection are compared in full."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.domain.comparison import is_due

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "idle", "due"),
    [(23, True, False), (24, True, True), (24, False, False), (48, False, True)],
)
def test_once_a_day_when_idle_and_every_other_day_whatever_happens(hours, idle, due):
    """Never more often."""
    assert is_due(NOW - timedelta(hours=hours), now=NOW, idle=idle) is due


def test_not_before_everything_was_read_once():
    """There is nothing to compare with."""
    assert not is_due(None, now=NOW, idle=True)
