"""Connecting a Google account through the rehearsal's consent page."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from bridge.application.connecting import Answer
from bridge.application.google_account import TokenColumn, opened
from bridge.application.lease import leased_store
from bridge.domain.connection import ConnectionState
from bridge.errors import (
    AlreadyExists,
    ConfigError,
    InvalidInput,
    NotConnected,
    NotFound,
    SignInRefused,
)
from bridge.google_calendar.addresses import GoogleClient
from bridge.sync.model import Changes, Link, Side

SESSION = "digest of a session"


@pytest.fixture
def connected(connecting, consent, user):
    """Return a function that walks through the consent and returns the connection."""

    def walk(*, account="anna@example.com", connection_id=None, who=None):
        page = connecting.begin(
            who or user, session_digest=SESSION, login_hint=account, connection_id=connection_id
        )
        return connecting.finish(
            who or user, consent(page, account=account), session_digest=SESSION
        )

    return walk


@pytest.fixture
def started(connecting, connected, settings):
    """Return a function that connects an account and starts its sync."""

    def begin(**given):
        connection = connected(**given)
        calendar = connecting.calendars(connection)[0]
        return connecting.choose_and_start(connection, calendar=calendar, settings=settings)

    return begin


def test_consent_gives_a_new_connection_with_an_encrypted_grant(connected, database, cipher, user):
    """The token is readable with the key and in its place only."""
    connection = connected()
    assert (connection.state, connection.account_email) == (
        ConnectionState.NEW,
        "anna@example.com",
    )
    with database.read() as work:
        stored = work.connections.refresh_token(connection.id)
        assert work.connections.get(connection.id) == connection
    place = {"user_id": user.id, "column": TokenColumn.REFRESH_TOKEN}
    assert opened(cipher, stored.ciphertext, **place) not in stored.ciphertext
    with pytest.raises(NotConnected):
        opened(cipher, stored.ciphertext, **{**place, "column": TokenColumn.CODE_VERIFIER})


def test_consent_page_carries_state_challenge_and_the_one_redirect_address(connecting, user, setup):
    """Neither the state nor the verifier is kept in clear."""
    page = connecting.begin(user, session_digest=SESSION, login_hint="anna@example.com")
    told = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    assert len(told["state"]) >= 22
    assert told["code_challenge_method"] == "S256"
    assert told["redirect_uri"] == setup.redirect_uri
    assert told["login_hint"] == "anna@example.com"


def test_answer_is_good_for_one_use(connecting, consent, user):
    """The second use of a state reaches Google no more."""
    page = connecting.begin(user, session_digest=SESSION)
    answer = consent(page)
    connecting.finish(user, answer, session_digest=SESSION)
    with pytest.raises(SignInRefused):
        connecting.finish(user, answer, session_digest=SESSION)


def test_answer_is_refused_in_another_session_for_another_user_or_too_late(
    connecting, consent, user, make_user, clock
):
    """The attempt is gone each time, so that nobody can try twice."""
    ben = make_user("ben")
    for who, session, wait in (
        (user, "another session", 0),
        (ben, SESSION, 0),
        (user, SESSION, 601),
    ):
        answer = consent(connecting.begin(user, session_digest=SESSION))
        clock.advance(seconds=wait)
        with pytest.raises(SignInRefused):
            connecting.finish(who, answer, session_digest=session)
        with pytest.raises(SignInRefused):
            connecting.finish(user, answer, session_digest=SESSION)
    with pytest.raises(SignInRefused):
        connecting.finish(user, Answer(state="made up", code="x"), session_digest=SESSION)


def test_denied_consent_connects_nothing(connecting, consent, user, database):
    """The page can say what to do."""
    answer = consent(connecting.begin(user, session_digest=SESSION), decision="deny")
    with pytest.raises(InvalidInput, match="no permission"):
        connecting.finish(user, answer, session_digest=SESSION)
    with database.read() as work:
        assert work.connections.of_user(user.id) == ()


def test_missing_scope_is_named_and_nothing_is_connected(connecting, consent, user, database):
    """All but the creation of calendars are needed."""
    answer = consent(connecting.begin(user, session_digest=SESSION), without="calendar.events")
    with pytest.raises(InvalidInput, match=r"`calendar\.events` missing"):
        connecting.finish(user, answer, session_digest=SESSION)
    with database.read() as work:
        assert work.connections.of_user(user.id) == ()


def test_without_the_scope_to_create_calendars_only_that_is_off(connecting, consent, user):
    """The rest works."""
    answer = consent(connecting.begin(user, session_digest=SESSION), without="app.created")
    connection = connecting.finish(user, answer, session_digest=SESSION)
    assert connecting.calendars(connection)
    with pytest.raises(InvalidInput, match="create calendars"):
        connecting.create_calendar(connection, zone="Europe/Prague")


def test_same_account_again_keeps_its_connection(connected, started, connecting, database, user):
    """Also by `Add new account`: no second connection, links and options stay."""
    connection = started()
    connecting.stop(connection)
    again = connected()
    assert (again.id, again.state, again.settings) == (
        connection.id,
        ConnectionState.NEW,
        connection.settings,
    )
    with database.read() as work:
        assert len(work.connections.of_user(user.id)) == 1


def test_reconnecting_with_another_account_is_refused(connected):
    """A fresh account is not given somebody else's links."""
    connection = connected()
    with pytest.raises(InvalidInput, match="another Google account"):
        connected(account="ben@example.com", connection_id=connection.id)


def test_connection_of_somebody_else_does_not_exist(connected, connecting, make_user):
    """Its id is answered like one that was never given."""
    connection, ben = connected(), make_user("ben")
    with pytest.raises(NotFound):
        connecting.connection(ben.id, connection.id)
    with pytest.raises(NotFound):
        connecting.begin(ben, session_digest=SESSION, connection_id=connection.id)


def test_started_connection_is_due_at_once_and_a_stopped_one_is_not(
    started, connecting, database, now
):
    """Stopping twice is stopping once."""
    connection = started()
    assert connection.state is ConnectionState.ACTIVE
    with database.read() as work:
        assert work.connections.due(now, 5) == (connection.id,)
    stopped = connecting.stop(connection)
    assert (stopped.state, stopped.stopped_at) == (ConnectionState.STOPPED, now)
    assert connecting.stop(stopped) == stopped
    with database.read() as work:
        assert work.connections.due(now, 5) == ()


def test_second_account_cannot_sync_beside_the_first(started):
    """Two accounts would hand each other's events around."""
    started()
    with pytest.raises(AlreadyExists, match="is syncing already"):
        started(account="ben@example.com")


def test_unknown_type_and_unwritable_calendar_are_refused(connected, connecting, settings):
    """What is on the form is checked again."""
    connection = connected()
    calendar = connecting.calendars(connection)[0]
    with pytest.raises(InvalidInput, match="no activity type `yoga`"):
        connecting.choose_and_start(
            connection, calendar=calendar, settings=replace(settings, incoming_type="yoga")
        )
    with pytest.raises(InvalidInput, match="may not be written"):
        connecting.choose_and_start(
            connection, calendar=replace(calendar, access_role="reader"), settings=settings
        )


def test_another_calendar_begins_without_links(started, connecting, settings, database, clock):
    """Nothing is deleted on either side; only what was linked is forgotten."""
    connection = started()
    with leased_store(database, connection, owner="test", clock=clock) as store:
        store.commit(Changes(links=(Link(uid="u", origin=Side.CALENDAR),), tokens={"cal": "t"}))
    other = connecting.calendars(connection)[1]
    moved = connecting.choose_and_start(connection, calendar=other, settings=settings)
    assert moved.google_calendar_id == other.id
    with leased_store(database, moved, owner="test", clock=clock) as store:
        assert (store.links(), store.tokens()) == ((), {})


def test_created_calendar_is_the_accounts_own(connected, connecting):
    """It can be chosen at once."""
    connection = connected()
    made = connecting.create_calendar(connection, zone="Europe/Prague")
    assert (made.name, made.zone, made.writable) == ("CRM activities", "Europe/Prague", True)
    assert made.id in {calendar.id for calendar in connecting.calendars(connection)}


def test_disconnecting_forgets_the_account_and_gives_the_grant_back(
    connected, connecting, database, user
):
    """The same grant is of no use afterwards."""
    connection = connected(account="ben@example.com")
    with database.read() as work:
        stored = work.connections.refresh_token(connection.id)
    assert connecting.disconnect(connection)
    with database.write() as work:
        assert work.connections.of_user(user.id) == ()
        again = work.connections.add(
            user,
            account_email="ben@example.com",
            google_subject="",
            granted_scopes=frozenset(),
            now=connection.created_at,
        )
        work.connections.set_refresh_token(again.id, stored.ciphertext, None)
    with pytest.raises(NotConnected):
        connecting.calendars(again)


def test_disconnecting_works_while_google_is_down(connected, database, setup, connecting_to, user):
    """The local part happens at once; the person is told to do the rest."""
    connection = connected()
    nowhere = replace(setup.addresses, revocation_url="http://127.0.0.1:9/revoke")
    assert not connecting_to(replace(setup, addresses=nowhere)).disconnect(connection)
    with database.read() as work:
        assert work.connections.of_user(user.id) == ()


def test_grant_of_a_consent_screen_in_testing_ends_after_seven_days(
    database, setup, connecting_to, consent, user
):
    """Google does not always tell, so the administrator's word counts."""
    testing = connecting_to(replace(setup, testing=True))
    answer = consent(testing.begin(user, session_digest=SESSION))
    connection = testing.finish(user, answer, session_digest=SESSION)
    with database.read() as work:
        stored = work.connections.refresh_token(connection.id)
    assert (stored.expires_at - connection.created_at).days == 7


def test_without_a_client_nobody_is_sent_to_google(setup, connecting_to, user):
    """The administrator learns which settings are missing."""
    bare = replace(setup, client=GoogleClient(client_id="", client_secret=""))
    with pytest.raises(ConfigError, match="no Google client"):
        connecting_to(bare).begin(user, session_digest=SESSION)
