"""How often a connection is asked, and when messages are a flood."""

from datetime import timedelta

import pytest

from bridge.domain.message_pace import MessagePace
from bridge.domain.polling import Quiet, poll_interval


@pytest.mark.parametrize(
    ("quiet_seconds", "connections", "seconds"),
    [(0, 1, 60), (60, 300, 60), (120, 1, 120), (10_000, 1, 900), (0, 600, 120), (0, 90_000, 900)],
)
def test_poll_behind_push_stretches_with_inactivity(quiet_seconds, connections, seconds):
    """From a minute to a quarter of an hour, which is the longest a lost message costs."""
    quiet = Quiet(since=timedelta(seconds=quiet_seconds), connections=connections)
    assert poll_interval(quiet) == timedelta(seconds=seconds)


def test_poll_without_push_is_every_minute():
    """Polling is a full citizen."""
    assert poll_interval(None) == timedelta(seconds=60)


def test_messages_of_a_person_at_work_are_no_flood():
    """A few at once, then two a second."""
    pace = MessagePace()
    assert not any(pace.floods("one", now=0.0) for _ in range(20))
    assert pace.floods("one", now=0.0)
    assert not any(pace.floods("one", now=1 + second / 2) for second in range(100))


def test_flood_over_one_channel_is_not_the_others():
    """It ends when the messages do."""
    pace = MessagePace()
    floods = [pace.floods("one", now=number / 1000) for number in range(10_000)]
    assert floods.count(False) <= 40
    assert not pace.floods("two", now=10.0)
    assert not pace.floods("one", now=20.0)


def test_channels_remembered_are_bounded():
    """The ones without messages go first."""
    pace = MessagePace()
    for number in range(10_050):
        pace.floods(str(number), now=0.0)
    assert len(pace._buckets) == 10_000
