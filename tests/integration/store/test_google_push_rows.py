"""Hints of Google's push across processes, and the rows of its channels."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from bridge.domain.connection import ConnectionState
from bridge.domain.google_push import Channel, ChannelState, Watch
from bridge.domain.identifiers import ConnectionId, GoogleCalendarId
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import NotFound
from bridge.store.google_push import FLOOD_PAUSE, Ended
from bridge.store.migrations.versions import v0010_google_push

ABSENT = ConnectionId(999)
HOUR = timedelta(hours=1)
WATCH = Watch(calendar_id=GoogleCalendarId("cal"), address="https://crm.example.com/google/push")


@pytest.fixture
def active(database, connection, now):
    """The connection, syncing, and not due by time."""
    settings = SyncSettings(
        incoming_type="meeting", outgoing_types=frozenset(), sync_from=now.date()
    )
    chosen = replace(connection, google_calendar_id=WATCH.calendar_id, settings=settings)
    started = chosen.moved_to(ConnectionState.ACTIVE)
    with database.write() as work:
        work.connections.save(started)
        work.connections.finished(
            started.id,
            now=now,
            next_run_at=now + HOUR,
            home_revision=work.connections.home_revision(started.user_id),
            error=None,
        )
    return started


@pytest.fixture
def in_turn(database):
    """Return a function that does something with the push repository in a write of its own."""

    def run(act):
        with database.write() as work:
            return act(work.google_push)

    return run


@pytest.fixture
def due(database):
    """Return a function that tells what is to be run at a time."""

    def ask(at):
        with database.read() as work:
            return work.connections.due(at, 5)

    return ask


@pytest.fixture
def channel(active, now):
    """A channel of the connection, open for a week."""
    return Channel(
        channel_id="crmdav-1-a",
        connection_id=active.id,
        watch=WATCH,
        resource_id="resource",
        state=ChannelState.OPEN,
        created_at=now,
        expires_at=now + timedelta(days=7),
    )


def ended(seen, **more):
    """Return what a run leaves."""
    return Ended(**{"seen": seen, "missed": 0, "active_at": None} | more)


def test_hint_makes_a_connection_due_until_a_run_has_seen_it(active, in_turn, due, now):
    """A thousand hints are one run."""
    assert due(now) == ()
    for _ in range(3):
        in_turn(lambda push: push.hint(active.id))
    assert due(now) == (active.id,)
    taken = in_turn(lambda push: push.take(active.id, now))
    assert (taken.told, taken.hinted) == (1, True)
    assert due(now) == (active.id,)  # a run that is killed here is done again
    in_turn(lambda push: push.finished(active.id, ended(taken.told)))
    assert due(now) == ()


def test_hint_that_comes_during_a_run_asks_for_another_one(active, in_turn, due, now):
    """The run may have read Google's list before the change."""
    in_turn(lambda push: push.hint(active.id))
    taken = in_turn(lambda push: push.take(active.id, now))
    in_turn(lambda push: push.hint(active.id))
    in_turn(lambda push: push.finished(active.id, ended(taken.told)))
    assert due(now) == (active.id,)
    assert in_turn(lambda push: push.take(active.id, now)).hinted


def test_hint_does_not_cut_the_pause_after_a_failure_short(active, in_turn, due, now):
    """Google asked for fewer requests, and sends messages all the same."""
    in_turn(lambda push: push.take(active.id, now))
    in_turn(lambda push: push.finished(active.id, ended(None)))
    in_turn(lambda push: push.hint(active.id))
    assert due(now) == ()
    assert due(now + HOUR) == (active.id,)
    taken = in_turn(lambda push: push.take(active.id, now))
    in_turn(lambda push: push.finished(active.id, ended(taken.told)))
    in_turn(lambda push: push.hint(active.id))
    assert due(now) == (active.id,)


def test_hint_of_a_connection_that_does_not_sync_starts_nothing(
    database, active, in_turn, due, now
):
    """Stop is at once."""
    in_turn(lambda push: push.hint(active.id))
    with database.write() as work:
        work.connections.save(active.moved_to(ConnectionState.STOPPED))
    assert due(now) == ()


def test_flood_of_hints_makes_runs_rare_but_not_the_first(active, in_turn, due, now):
    """Then one in a while, until the flood is over."""
    second = timedelta(seconds=1)
    in_turn(lambda push: push.hint(active.id, flood_until=now + FLOOD_PAUSE))
    assert due(now) == (active.id,)
    taken = in_turn(lambda push: push.take(active.id, now))
    in_turn(lambda push: push.finished(active.id, ended(taken.told)))
    in_turn(lambda push: push.hint(active.id, flood_until=now + 10 * second + FLOOD_PAUSE))
    assert due(now + FLOOD_PAUSE - second) == ()
    assert due(now + FLOOD_PAUSE) == (active.id,)
    in_turn(lambda push: push.take(active.id, now + 12 * second))
    assert due(now + 24 * second) == ()
    assert due(now + 25 * second) == (active.id,)


def test_channels_are_looked_after_when_due_by_one_at_a_time(active, in_turn, now):
    """A claim holds as long as it says, and what changes meanwhile is not forgotten."""
    assert in_turn(lambda push: push.due(now, 5)) == (active.id,)
    until = now + HOUR
    assert in_turn(lambda push: push.claim(active.id, now=now, until=until))
    assert not in_turn(lambda push: push.claim(active.id, now=now, until=until))
    assert in_turn(lambda push: push.due(now, 5)) == ()
    assert in_turn(lambda push: push.due(until, 5)) == (active.id,)
    in_turn(lambda push: push.settle(active.id, claimed=until, look_at=None, refusal=""))
    assert in_turn(lambda push: push.due(now + 1000 * HOUR, 5)) == ()
    in_turn(lambda push: push.look_after_all())
    in_turn(lambda push: push.claim(active.id, now=now, until=until))
    in_turn(lambda push: push.look_after(active.id))
    in_turn(lambda push: push.settle(active.id, claimed=until, look_at=None, refusal="why"))
    assert in_turn(lambda push: push.due(now, 5)) == (active.id,)
    assert in_turn(lambda push: push.state(active.id, now)).word == "refused: why"


def test_look_is_only_ever_brought_forward(active, in_turn, now):
    """A message in between does not put off what is due."""
    in_turn(lambda push: push.claim(active.id, now=now, until=now + HOUR))
    in_turn(lambda push: push.look_after(active.id, now + 2 * HOUR))
    assert in_turn(lambda push: push.due(now + HOUR, 5)) == (active.id,)


def test_failures_count_until_channels_are_in_order(active, in_turn, now):
    """The pauses between tries follow them."""
    for _ in range(2):
        in_turn(lambda push: push.postpone(active.id, claimed=now, look_at=now))
    assert in_turn(lambda push: push.state(active.id, now)).failures == 2
    in_turn(lambda push: push.settle(active.id, claimed=now, look_at=now, refusal=""))
    assert in_turn(lambda push: push.state(active.id, now)).failures == 0


def test_absent_connection_is_not_found(in_turn, now):
    """It was removed meanwhile; hints for it go nowhere."""
    in_turn(lambda push: push.hint(ABSENT))
    with pytest.raises(NotFound):
        in_turn(lambda push: push.take(ABSENT, now))
    with pytest.raises(NotFound):
        in_turn(lambda push: push.state(ABSENT, now))


def test_push_counts_as_on_once_a_message_was_heard(database, active, channel, now):
    """Before, nobody knows whether Google can reach us; after the end, nothing is told."""

    def word(at=now):
        with database.read() as work:
            return work.google_push.state(active.id, at).word

    assert word() == "off"
    with database.write() as work:
        work.google_channels.add(channel, active)
    assert word() == "silent"
    with database.write() as work:
        work.google_channels.heard(channel.channel_id, now)
    assert word() == "on"
    assert word(channel.expires_at) == "off"


def test_channel_goes_through_its_life(database, active, channel, now):
    """Open, closing, closed, forgotten."""

    def stored():
        with database.read() as work:
            return work.google_channels.of(active.id)

    with database.write() as work:
        work.google_channels.add(channel, active)
        known = work.google_channels.known(channel.channel_id)
        assert work.google_channels.known("other") is None
    assert (known.channel, known.watched, known.hinted) == (channel, True, False)
    with database.write() as work:
        work.google_channels.close_all(active.id)
    assert [each.state for each in stored()] == [ChannelState.CLOSING]
    with database.write() as work:
        work.google_channels.closed(channel.channel_id, now)
    assert stored() == (replace(channel, state=ChannelState.CLOSED, closed_at=now),)
    with database.write() as work:
        work.google_channels.forget([channel.channel_id])
    assert stored() == ()


def test_channel_of_a_stopped_connection_or_another_calendar_is_not_watched(
    database, active, channel
):
    """Its end on our side does not wait for Google."""
    with database.write() as work:
        work.google_channels.add(channel, active)
        work.connections.save(replace(active, google_calendar_id=GoogleCalendarId("other")))
        assert not work.google_channels.known(channel.channel_id).watched
        work.connections.save(active)
        assert work.google_channels.known(channel.channel_id).watched
        work.connections.save(active.moved_to(ConnectionState.STOPPED))
        assert not work.google_channels.known(channel.channel_id).watched


def test_stray_that_is_opened_after_all_becomes_a_channel(database, active, channel):
    """Its message came before Google's answer to us."""
    with database.write() as work:
        work.google_channels.add(replace(channel, state=ChannelState.CLOSING), active)
        work.google_channels.add(channel, active)
        assert work.google_channels.of(active.id) == (channel,)


def test_connection_goes_with_its_channels(database, active, channel):
    """Nothing refers to it any more."""
    with database.write() as work:
        work.google_channels.add(channel, active)
        assert work.connections.delete(active.id)
        assert work.google_channels.of(active.id) == ()


def test_looking_for_what_is_due_costs_the_same_with_many_hints(database, active, in_turn, sent):
    """One statement, several times a second."""
    for _ in range(5):
        in_turn(lambda push: push.hint(active.id))
    sent.clear()
    with database.read() as work:
        work.connections.due(active.created_at, 5)
    assert len(sent) == 1


def test_connections_from_before_are_taken_along_by_the_migration(database, active):
    """Every one has its row, or it would never be due again."""
    with database.write() as work:
        for table in ("google_channels", "google_push"):
            work.connection.execute(sa.text(f"DROP TABLE {table}"))
        with Operations.context(MigrationContext.configure(work.connection)):
            v0010_google_push.upgrade()
        assert not work.google_push.take(active.id, active.created_at).hinted
