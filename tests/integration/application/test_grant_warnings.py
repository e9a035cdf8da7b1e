"""Users are warned in their own calendar before Google ends its permission (features A8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bridge.application.grant_warning import warn_of_ends
from bridge.domain.connection import ConnectionState
from bridge.domain.grant_end import ends_soon
from bridge.domain.identifiers import GoogleCalendarId
from bridge.domain.sync_settings import SyncSettings

SETTINGS = SyncSettings(
    incoming_type="meeting", outgoing_types=frozenset({"call"}), sync_from=date(2026, 3, 1)
)


@pytest.fixture
def connection(database, user, now):
    """An active connection of Anna's whose permission ends in a day and a half."""
    with database.write() as work:
        new = work.connections.add(
            user,
            account_email="anna@gmail.example",
            google_subject="sub-1",
            granted_scopes=frozenset({"openid"}),
            now=now,
        )
        chosen = replace(new, settings=SETTINGS, google_calendar_id=GoogleCalendarId("c"))
        work.connections.save(chosen.moved_to(ConnectionState.ACTIVE))
        work.connections.set_refresh_token(new.id, "token", now + timedelta(hours=36))
        return work.connections.get(new.id)


def _entries(database, user):
    with database.read() as work:
        return list(work.activities.list(user.id))


def test_an_entry_stands_in_the_calendar_on_the_day_it_ends(database, user, connection, now):
    """It blocks no time, says what to do, and is not synced."""
    assert warn_of_ends(database, now=now) == 1
    (entry,) = _entries(database, user)
    assert entry.subject == "Reconnect the Google account anna@gmail.example"
    assert entry.span.start == date(2026, 3, 3)
    assert (entry.do_not_sync, entry.busy) == (True, False)
    with database.read() as work:
        assert "X-CRM-SYNC:FALSE" in work.activities.object_of(entry.id).text


def test_one_end_is_told_once_and_the_next_one_again(database, user, connection, now):
    """Also by several workers, and after somebody deleted the entry."""
    warn_of_ends(database, now=now)
    assert warn_of_ends(database, now=now + timedelta(hours=1)) == 0
    with database.write() as work:
        work.connections.set_refresh_token(connection.id, "newer", now + timedelta(days=7))
    assert warn_of_ends(database, now=now) == 0
    assert warn_of_ends(database, now=now + timedelta(days=6)) == 1
    assert len(_entries(database, user)) == 2


@pytest.mark.parametrize("left", [None, timedelta(days=3), -timedelta(minutes=1)])
def test_nobody_is_warned_of_an_end_that_is_far_off_or_past_or_unknown(
    database, user, connection, now, left
):
    """The page says nothing either."""
    ends_at = None if left is None else now + left
    with database.write() as work:
        work.connections.set_refresh_token(connection.id, "token", ends_at)
    assert warn_of_ends(database, now=now) == 0
    assert ends_soon(ends_at, now=now) is None
    assert _entries(database, user) == []


def test_a_stopped_connection_warns_of_nothing(database, user, connection, now):
    """There is nothing that would come to an end."""
    with database.write() as work:
        work.connections.save(connection.moved_to(ConnectionState.STOPPED))
    assert warn_of_ends(database, now=now) == 0
