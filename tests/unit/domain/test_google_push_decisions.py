"""Channels: what is to be done about them, how messages prove themselves, what they mean."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.domain.google_push import (
    Channel,
    ChannelState,
    Meaning,
    PushMessage,
    Watch,
    channel_token,
    connection_of,
    meaning_of,
    new_channel_id,
    next_look,
    steps_for,
)
from bridge.domain.identifiers import ConnectionId, GoogleCalendarId

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WATCH = Watch(calendar_id=GoogleCalendarId("cal"), address="https://crm.example.com/google/push")
WEEK = timedelta(days=7)
KEY = b"k" * 32
HEX = "0123456789abcdef" * 2


def channel(name="one", *, age=timedelta(), **values):
    """Return a channel of a week that was opened a while ago."""
    told = {
        "channel_id": name,
        "connection_id": ConnectionId(7),
        "watch": WATCH,
        "resource_id": "resource",
        "state": ChannelState.OPEN,
        "created_at": NOW - age,
        "expires_at": NOW - age + WEEK,
    }
    return Channel(**told | values)


def names(channels):
    """Return the ids of channels."""
    return [each.channel_id for each in channels]


def test_connection_without_a_channel_gets_one():
    """Nothing is stopped for it."""
    steps = steps_for(WATCH, [], NOW)
    assert (steps.open, steps.replaced, steps.stop, steps.forget) == (True, None, (), ())


def test_fresh_channel_is_left_alone_until_a_quarter_of_its_life_is_left():
    """Renewal is not put off to the last day."""
    one = channel()
    assert steps_for(WATCH, [one], NOW).nothing
    assert next_look(WATCH, [one]) == one.renew_at == NOW + WEEK * 3 / 4
    assert steps_for(WATCH, [one], one.renew_at - timedelta(seconds=1)).nothing
    steps = steps_for(WATCH, [one], one.renew_at)
    assert (steps.open, steps.replaced, steps.stop) == (True, one, ())


def test_old_channel_goes_once_a_newer_one_is_open():
    """Both deliver during the overlap; the newest stays."""
    old, new = channel("old", age=timedelta(days=6)), channel("new")
    steps = steps_for(WATCH, [old, new], NOW)
    assert (steps.open, names(steps.stop)) == (False, ["old"])


@pytest.mark.parametrize(
    "other",
    [
        replace(WATCH, calendar_id=GoogleCalendarId("another")),
        replace(WATCH, address="https://elsewhere.example.com/google/push"),
    ],
)
def test_channel_of_another_calendar_or_address_is_replaced_and_stopped(other):
    """The user chose another calendar, or the server moved."""
    steps = steps_for(WATCH, [channel(watch=other)], NOW)
    assert (steps.open, steps.replaced, names(steps.stop)) == (True, None, ["one"])


def test_connection_that_does_not_sync_has_its_channels_stopped():
    """Also those that could not be stopped before, but none that are stopped already."""
    channels = [
        channel("open"),
        channel("closing", state=ChannelState.CLOSING),
        channel("closed", state=ChannelState.CLOSED, closed_at=NOW),
    ]
    steps = steps_for(None, channels, NOW)
    assert (steps.open, names(steps.stop)) == (False, ["open", "closing"])
    assert next_look(None, channels) == NOW + WEEK


def test_channel_that_is_over_is_forgotten_and_opened_anew():
    """Google ended it by itself; there is nothing to stop."""
    steps = steps_for(WATCH, [channel(age=WEEK)], NOW)
    assert (steps.open, steps.stop, names(steps.forget)) == (True, (), ["one"])


def test_nobody_looks_again_where_there_is_nothing():
    """A stopped connection costs nothing."""
    assert next_look(None, []) is None
    assert steps_for(None, [], NOW).nothing


def test_channel_id_tells_its_connection_and_fits_what_google_takes():
    """Up to 64 letters, digits, and a few signs."""
    made = new_channel_id(ConnectionId(10**17), HEX)
    assert len(made) <= 64
    assert connection_of(made) == 10**17
    for other in ("", "crmdav-7-", f"crmdav-x-{HEX}", f"crmdav-7-{HEX}\n", f"other-7-{HEX}"):
        assert connection_of(other) is None


def message(**values):
    """Return a message over the channel `crmdav-7-...`."""
    name = new_channel_id(ConnectionId(7), HEX)
    told = {
        "channel_id": name,
        "token": channel_token(KEY, name),
        "resource_id": "resource",
        "resource_state": "exists",
    }
    return PushMessage(**told | values)


@pytest.mark.parametrize(
    ("values", "genuine"),
    [
        ({}, True),
        ({"token": ""}, False),
        ({"token": "x" * 43}, False),
        ({"token": "\udc80é"}, False),
        ({"channel_id": new_channel_id(ConnectionId(8), HEX)}, False),
        ({"channel_id": "stranger", "token": channel_token(KEY, "stranger")}, False),
    ],
)
def test_message_is_genuine_with_the_token_of_its_own_channel_only(values, genuine):
    """S11: wrong, empty, another channel's."""
    assert message(**values).is_genuine(KEY) is genuine
    assert not message(**values).is_genuine(b"another key")


def test_token_is_in_no_repr():
    """Values end up in logs."""
    assert message().token not in repr(message())


@pytest.mark.parametrize(
    ("state", "meaning"),
    [
        ("exists", Meaning.LOOK),
        ("not_exists", Meaning.LOOK),
        ("sync", Meaning.NOTHING),
        ("", Meaning.LOOK),
        ("odd", Meaning.LOOK),
    ],
)
def test_message_over_an_open_channel_says_look(state, meaning):
    """Only the first one of a channel tells of no change."""
    told = meaning_of(message(resource_state=state), channel(), watched=True, now=NOW)
    assert told is meaning


def test_message_with_another_resource_or_of_a_stopped_connection_is_refused():
    """S11: the right token with another resource id."""
    for resource_id in ("", "other", "\udc80"):
        told = meaning_of(message(resource_id=resource_id), channel(), watched=True, now=NOW)
        assert told is Meaning.REFUSE
    assert meaning_of(message(), channel(), watched=False, now=NOW) is Meaning.REFUSE
    closing = channel(state=ChannelState.CLOSING)
    assert meaning_of(message(), closing, watched=True, now=NOW) is Meaning.REFUSE


def test_channel_that_outlives_its_stop_is_stopped_again():
    """Google may go on for a moment; what comes long after that was not heard."""
    closed = channel(state=ChannelState.CLOSED, closed_at=NOW)
    soon, late = NOW + timedelta(minutes=1), NOW + timedelta(minutes=6)
    assert meaning_of(message(), closed, watched=True, now=soon) is Meaning.REFUSE
    assert meaning_of(message(), closed, watched=True, now=late) is Meaning.STOP


def test_channel_of_ours_that_nobody_wrote_down_is_stopped():
    """Its first message may have come before Google's answer to us, so that is asked for again."""
    assert meaning_of(message(), None, watched=False, now=NOW) is Meaning.STOP
    first = message(resource_state="sync")
    assert meaning_of(first, None, watched=False, now=NOW) is Meaning.LATER
    for odd in ("", "r\n", "r" * 257, "é"):
        stray = message(resource_id=odd)
        assert meaning_of(stray, None, watched=False, now=NOW) is Meaning.REFUSE
