"""Push channels over HTTP: what is asked, what is answered, what is refused."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bridge.domain.google_push import LIFETIME, Channel, ChannelState, Watch
from bridge.domain.identifiers import ConnectionId
from bridge.errors import ChannelRefused, CollectionGone, RateLimited, SideUnavailable
from bridge.google_calendar.channels import ChannelWish, GoogleChannels

ADDRESS = "https://crm.example.com/google/push"


def wish(calendar_id, *, address=ADDRESS, name="one"):
    """Return what is asked for."""
    watch = Watch(calendar_id=calendar_id, address=address)
    return ChannelWish(channel_id=name, watch=watch, token="secret")


def opened(wish, answer):
    """Return the channel as it would be stored."""
    return Channel(
        channel_id=wish.channel_id,
        connection_id=ConnectionId(1),
        watch=wish.watch,
        resource_id=answer.resource_id,
        state=ChannelState.OPEN,
        created_at=datetime.now(UTC),
        expires_at=answer.expires_at,
    )


@pytest.fixture
def channels(google_session):
    """The channels of the account at the rehearsal."""
    return GoogleChannels(google_session)


@pytest.fixture
def scripted(scripted_session):
    """The channels of an account at a Google that says what it is told."""
    return GoogleChannels(scripted_session)


def test_channel_is_opened_for_a_week_and_stopped(google, channels, google_calendar):
    """Google knows id, address, token and end; a second stop is no failure."""
    now = datetime.now(UTC)
    wanted = wish(google_calendar.id)
    answer = channels.open(wanted, now=now)
    (shown,) = google.control("GET", "channels")
    assert (shown["id"], shown["address"], shown["token"]) == ("one", ADDRESS, "secret")
    assert shown["resourceId"] == answer.resource_id
    assert abs(answer.expires_at - (now + LIFETIME)) < timedelta(seconds=5)
    for _ in range(2):
        channels.stop(opened(wanted, answer))
        assert google.control("GET", "channels")[0]["state"] == "stopped"


def test_stopping_what_google_does_not_know_is_no_failure(channels, google_calendar):
    """It may be over since long."""
    answer = channels.open(wish(google_calendar.id), now=datetime.now(UTC))
    channels.stop(opened(wish(google_calendar.id, name="another"), answer))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://crm.example.com/google/push", "webhookUrlNotHttps"),
        ("https:///google/push", "webhookUrlInvalid"),
    ],
)
def test_address_that_google_does_not_take_is_refused_by_reason(
    channels, google_calendar, address, reason
):
    """Nothing is wrong with the calendar; polling goes on."""
    with pytest.raises(ChannelRefused) as caught:
        channels.open(wish(google_calendar.id, address=address), now=datetime.now(UTC))
    assert caught.value.reason == reason


def test_calendar_that_is_gone_and_an_id_that_was_used_are_told_apart(channels, google_calendar):
    """The next try takes another id."""
    now = datetime.now(UTC)
    with pytest.raises(CollectionGone):
        channels.open(wish("nobody@group.calendar.google.com"), now=now)
    channels.open(wish(google_calendar.id), now=now)
    with pytest.raises(SideUnavailable) as caught:
        channels.open(wish(google_calendar.id), now=now)
    assert caught.value.reason == "channelIdNotUnique"


def test_lost_answer_is_not_asked_for_again_with_the_same_id(scripted, scripted_google):
    """The channel may be open; the one that is stored is another."""
    scripted_google.answers += ["closed", (200, {})]
    with pytest.raises(SideUnavailable):
        scripted.open(wish("cal"), now=datetime.now(UTC))
    assert len(scripted_google.asked) == 1
    body = json.loads(scripted_google.asked[0].body)
    assert body["params"] == {"ttl": "604800"}


@pytest.mark.parametrize(
    ("expiration", "lasts"),
    [
        ({}, timedelta(hours=1)),
        ({"expiration": "soon"}, timedelta(hours=1)),
        ({"expiration": "1000"}, timedelta(hours=1)),
        ({"expiration": "9" * 30}, LIFETIME),
    ],
)
def test_odd_end_of_a_channel_is_no_end_of_its_renewal(
    scripted, scripted_google, expiration, lasts
):
    """Missing, nonsense, long over by our clock, or beyond all clocks."""
    scripted_google.answers.append((200, {"resourceId": "r", **expiration}))
    now = datetime.now(UTC)
    assert scripted.open(wish("cal"), now=now).expires_at == now + lasts


def test_answers_that_say_nothing_and_limits_are_failures_for_now(scripted, scripted_google):
    """Both are tried again."""
    limit = {"error": {"errors": [{"reason": "rateLimitExceeded"}]}}
    scripted_google.answers += [(200, {"id": "one"}), (200, "[]"), (403, limit)]
    for kind in (SideUnavailable, SideUnavailable, RateLimited):
        with pytest.raises(kind):
            scripted.open(wish("cal"), now=datetime.now(UTC))
