"""What an admin is told of the Google client, and whose connections can be stopped."""

import socket
from dataclasses import replace

import pytest

from bridge.application.company_health import ClientState, CompanyHealth
from bridge.application.google_account import GoogleSetup
from bridge.bootstrap.system import SystemClock
from bridge.domain.users import Role
from bridge.errors import NotFound
from bridge.google_calendar.addresses import GoogleAddresses, GoogleClient


@pytest.fixture
def google(rehearsal):
    """The rehearsal Google, and its client."""
    told = rehearsal.describe()
    return GoogleSetup(
        addresses=GoogleAddresses(
            authorization_url=told.authorization_url,
            token_url=told.token_url,
            revocation_url=told.revocation_url,
            api_url=told.api_url,
        ),
        client=GoogleClient(client_id=told.client_id, client_secret=told.client_secret),
        redirect_uri="http://127.0.0.1:5232/oauth/google/callback",
    )


@pytest.fixture
def admin(make_user):
    """The company's admin."""
    return make_user("boss", role=Role.ADMIN)


def checked(database, admin, google):
    """Return what the check says of a setup."""
    health = CompanyHealth(database, google=google, connecting=None, clock=SystemClock())
    return health.check_client(admin)


def test_a_right_client_is_taken(database, admin, google):
    """A grant that was never given is refused, but for its own reason."""
    assert checked(database, admin, google) is ClientState.ACCEPTED


def test_a_wrong_secret_is_told(database, admin, google):
    """Before any user runs into it."""
    wrong = replace(google, client=replace(google.client, client_secret="wrong"))
    assert checked(database, admin, wrong) is ClientState.REFUSED


def test_a_google_that_does_not_answer_is_told(database, admin, google):
    """Nobody listens there."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}/token"
        away = replace(google, addresses=replace(google.addresses, token_url=nowhere))
        assert checked(database, admin, away) is ClientState.UNREACHABLE


def test_without_a_client_nobody_is_asked(database, admin, google):
    """There is nothing to check."""
    none = replace(google, client=GoogleClient(client_id="", client_secret=""))
    assert checked(database, admin, none) is ClientState.NOT_CONFIGURED


def test_only_admins_of_the_company_look_and_stop(app, connected, user, make_user, database):
    """S18: a connection of another company is not there."""
    health = app.extensions["crmdav"].admin.health
    with database.write() as work:
        other = work.companies.add("Elsewhere", SystemClock().now())
        mine = work.connections.of_user(user.id)
    foreign = make_user("eve", company_id=other.id, role=Role.ADMIN)
    assert health.connections(foreign) == []
    for act in (lambda: health.stop(foreign, mine[0].id), lambda: health.look_at(foreign, mine)):
        with pytest.raises(NotFound):
            act()
    for act in (health.connections, health.client, health.check_client):
        with pytest.raises(NotFound):
            act(user)
    with database.read() as work:
        assert work.connections.of_user(user.id) == mine
