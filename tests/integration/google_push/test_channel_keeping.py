"""Channels at Google: opened, renewed with overlap, stopped, whatever fails in between."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bridge.application.google_channels import REFUSED_PAUSE, ChannelKeeper, ChannelParts
from bridge.bootstrap.google_push import channel_keeper
from bridge.domain.google_push import ChannelState
from bridge.errors import SideUnavailable
from bridge.google_calendar.session import GoogleCalendar
from bridge.store.schema import google


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def dying(installation):
    """A keeper whose process is killed when Google has opened a channel, before it is stored."""
    parts = installation.keeper._parts

    class Calls:
        def __init__(self, calls):
            self._calls = calls

        def open(self, wish, *, now):
            self._calls.open(wish, now=now)
            raise Killed

        def stop(self, channel):
            self._calls.stop(channel)

    class Reach:
        def __init__(self, connection):
            self._real = parts.reach(connection)

        def __enter__(self):
            return Calls(self._real.__enter__())

        def __exit__(self, *error):
            return self._real.__exit__(*error)

    dying = ChannelParts(reach=Reach, address=parts.address, token_key=parts.token_key)
    return ChannelKeeper(installation.core.database, dying, clock=installation.clock)


def test_connection_that_started_gets_a_channel_and_a_look(installation):
    """The look finds what changed before the channel was there."""
    installation.rested()
    installation.keep()
    (shown,) = installation.at_google()
    assert (shown["address"], shown["state"]) == (installation.address, "alive")
    assert installation.is_due()
    (stored,) = installation.channels
    assert (stored.channel_id, stored.state) == (shown["id"], ChannelState.OPEN)
    assert shown["token"] not in repr(installation.channels)
    installation.keep()
    assert installation.calls() == ["watch"]


def test_token_is_not_in_the_database(installation):
    """A dump of it lets nobody send messages."""
    installation.keep()
    token = installation.at_google()[0]["token"]
    with installation.core.database.read() as work:
        for table in (google.GoogleChannel, google.GooglePush, google.Connection):
            rows = work.connection.execute(select(*table.__table__.columns)).all()
            assert rows
            assert token not in repr(rows)


def test_push_counts_as_on_from_the_first_message(installation):
    """It may come before the channel is stored, and is then sent again."""
    installation.keep()
    assert installation.eventually(lambda: installation.push.word == "on")
    (message, *_) = installation.at_google()[0]["messages"]
    assert installation.eventually(
        lambda: installation.at_google()[0]["messages"][0]["outcome"] == "delivered"
    ), message


def test_channel_is_renewed_well_before_its_end_the_old_one_stopped_after(installation):
    """There is no moment without one."""
    installation.opened()
    installation.advance(days=5)
    installation.keep()
    assert installation.states() == ["alive"]
    installation.advance(hours=8)
    installation.control("DELETE", "requests")
    installation.keep()
    assert installation.calls() == ["watch", "stop"]
    assert installation.states() == ["stopped", "alive"]
    assert [each.state for each in installation.channels] == [
        ChannelState.CLOSED,
        ChannelState.OPEN,
    ]


def test_old_channel_stays_until_a_new_one_could_be_opened(installation):
    """A Google that fails at renewal time costs nothing yet."""
    installation.opened()
    installation.advance(days=5, hours=8)
    installation.control("POST", "faults", fault="status:503", path_contains="watch", times=1)
    installation.keep()
    assert installation.states() == ["alive"]
    assert installation.push.word == "on"
    assert installation.push.failures == 1
    installation.advance(minutes=1)
    installation.keep()
    assert installation.states() == ["stopped", "alive"]
    assert installation.push.failures == 0


def test_channel_that_ran_out_is_forgotten_and_replaced(installation):
    """No worker ran for a while."""
    installation.opened()
    installation.advance(days=8)
    assert installation.push.word == "off"
    installation.keep()
    assert installation.states() == ["expired", "alive"]
    assert [each.state for each in installation.channels] == [ChannelState.OPEN]


def test_stop_syncing_ends_the_channel_here_at_once_and_then_at_google(installation):
    """Messages count no longer before Google has heard of it."""
    installation.opened()
    headers = installation.headers()
    assert installation.post(**headers) == 204
    installation.core.connecting.stop(installation.present)
    assert installation.post(**headers) == 404
    installation.keep()
    assert installation.states() == ["stopped"]
    assert not installation.is_due()


def test_stop_is_tried_again_while_google_is_down(installation):
    """Until it answers; nobody waits for that."""
    installation.opened()
    installation.core.connecting.stop(installation.present)
    installation.control("POST", "faults", fault="status:503", path_contains="channels", times=2)
    for state in ("alive", "alive", "stopped"):
        installation.keep()
        assert installation.states() == [state]
        installation.advance(minutes=1)
    assert [each.state for each in installation.channels] == [ChannelState.CLOSED]


def test_start_after_a_stop_opens_a_new_channel(installation):
    """Ids are never used twice."""
    installation.opened()
    first = installation.present
    installation.core.connecting.stop(first)
    installation.keep()
    installation.core.connecting.choose_and_start(
        installation.present,
        calendar=GoogleCalendar(
            id=first.google_calendar_id, name="x", zone="UTC", access_role="owner"
        ),
        settings=first.settings,
    )
    installation.keep()
    assert installation.states() == ["stopped", "alive"]


def test_another_calendar_gets_a_channel_and_the_old_one_loses_its(installation):
    """The old calendar's messages count no longer at once."""
    installation.opened()
    old = installation.headers()
    calendar = next(
        each
        for each in installation.core.connecting.calendars(installation.present)
        if each.id != installation.present.google_calendar_id
    )
    present = installation.present
    installation.core.connecting.choose_and_start(
        present, calendar=calendar, settings=present.settings
    )
    assert installation.post(**old) == 404
    installation.keep()
    assert installation.states() == ["stopped", "alive"]
    assert installation.at_google()[1]["calendar_id"] == calendar.id


def test_disconnect_stops_the_channels_and_forgets_them(installation):
    """Then the permission is given back."""
    installation.opened()
    headers = installation.headers()
    assert installation.core.connecting.disconnect(installation.present)
    assert installation.states() == ["stopped"]
    assert installation.post(**headers) == 404


def test_disconnect_while_google_is_down_leaves_nothing_here(installation):
    """The channel ends by itself; its messages are a stranger's."""
    installation.opened()
    headers = installation.headers()
    installation.control("POST", "faults", fault="status:503", path_contains="channels", times=9)
    installation.core.connecting.disconnect(installation.present)
    assert installation.states() == ["alive"]
    assert installation.post(**headers) == 404
    with installation.core.database.read() as work:
        assert work.google_push.due(installation.clock.now(), 5) == ()
    installation.advance(days=8)
    assert installation.states() == ["expired"]


def test_kill_between_opening_and_storing_leaves_a_channel_that_is_stopped(installation, dying):
    """Its messages prove by their token that it is ours, though nobody wrote it down."""
    with pytest.raises(Killed):
        dying.keep(installation.connection.id)
    assert installation.channels == ()
    assert installation.post(**installation.headers()) == 404
    installation.advance(minutes=4)
    installation.keep()
    states = dict(zip(installation.states(), installation.at_google(), strict=True))
    assert set(states) == {"stopped", "alive"}
    open_now = [each for each in installation.channels if each.state is ChannelState.OPEN]
    assert [each.channel_id for each in open_now] == [states["alive"]["id"]]


def test_kill_between_opening_and_storing_ends_by_itself_when_nothing_comes(installation, dying):
    """A channel over which nothing is told disturbs nobody."""
    with pytest.raises(Killed):
        dying.keep(installation.connection.id)
    installation.advance(days=8)
    assert installation.states() == ["expired"]


def test_answer_that_is_lost_costs_one_more_channel_and_no_message(installation):
    """The next try takes another id; the first channel is stopped when it tells something."""
    installation.control("POST", "faults", fault="reset_after", path_contains="watch", times=1)
    installation.keep()
    assert (installation.states(), installation.channels) == (["alive"], ())
    installation.advance(minutes=1)
    installation.keep()
    assert installation.states() == ["alive", "alive"]
    assert installation.post(**installation.headers(0)) == 404
    installation.advance(minutes=3)
    installation.keep()
    assert installation.states() == ["stopped", "alive"]


def test_refusal_is_told_and_tried_again_hours_later(installation, caplog):
    """Polling goes on as without push."""
    installation.google.world.allow_http_push = False
    with caplog.at_level(logging.WARNING, logger="bridge.application.google_channels"):
        installation.keep()
    assert [record.reason for record in caplog.records] == ["webhookUrlNotHttps"]
    assert installation.push.word == "refused: webhookUrlNotHttps"
    installation.google.world.allow_http_push = True
    installation.keep()
    assert installation.states() == []
    installation.advance(seconds=REFUSED_PAUSE.total_seconds() + 1)
    installation.keep()
    assert installation.states() == ["alive"]
    assert installation.push.refusal == ""


def test_rate_limit_waits(installation):
    """Channels are no reason to press Google."""
    installation.control(
        "POST", "faults", fault="status:403:rateLimitExceeded", path_contains="watch", times=1
    )
    installation.keep()
    installation.keep()
    assert installation.calls() == ["watch"]
    installation.advance(minutes=1)
    installation.keep()
    assert installation.states() == ["alive"]


def test_push_that_was_switched_off_stops_what_is_open(installation):
    """At the next start of the worker."""
    installation.opened()
    settings = installation.core.settings
    off = replace(settings, google=replace(settings.google, push="off"))
    core = type(installation.core)(settings=off)
    core.__dict__["clock"] = installation.clock
    keeper = channel_keeper(core)
    keeper.begin()
    assert keeper.due(5) == (installation.connection.id,)
    keeper.keep(installation.connection.id)
    core.database.dispose()
    assert installation.states() == ["stopped"]


def test_two_workers_open_one_channel(installation):
    """Whoever is first has the connection to himself."""
    keepers = [installation.keeper for _ in range(3)]
    due = [keeper.due(5) for keeper in keepers]
    assert due == [(installation.connection.id,)] * 3
    for keeper in keepers:
        keeper.keep(installation.connection.id)
    assert installation.states() == ["alive"]


def test_connection_that_vanishes_while_google_is_asked_leaves_nothing(installation):
    """Neither a channel nor a failure."""
    real = installation.keeper._parts

    class Reach:
        def __init__(self, connection):
            self._connection = connection

        def __enter__(self):
            with installation.core.database.write() as work:
                work.connections.delete(self._connection.id)
            raise SideUnavailable("down", side="google", reason="network")

        def __exit__(self, *error):
            return None

    parts = ChannelParts(reach=Reach, address=real.address, token_key=real.token_key)
    keeper = ChannelKeeper(installation.core.database, parts, clock=installation.clock)
    keeper.keep(installation.connection.id)
    with installation.core.database.read() as work:
        assert work.google_push.due(installation.clock.now() + timedelta(days=99), 5) == ()
