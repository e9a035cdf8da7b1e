"""Users, companies, app passwords and tokens."""

import pytest

from bridge.application.access_secrets import AccessSecrets, SecretKind
from bridge.application.passwords import verify_password
from bridge.application.users import (
    FIRST_ADMIN,
    NewUser,
    add_company,
    add_user,
    list_companies,
    list_users,
    prepare_installation,
    remove_user,
    user_of,
)
from bridge.domain.users import Role
from bridge.errors import AlreadyExists, InvalidInput, NotFound
from bridge.store.secrets import digest

KEY = bytes(range(32))


def test_new_installation_gets_its_identity_a_company_and_an_admin_once(database, clock):
    """The password is told once; a second time changes nothing."""
    admin = prepare_installation(database, clock=clock)
    assert (admin.user.login, admin.user.role) == (FIRST_ADMIN, Role.ADMIN)
    assert admin.password not in repr(admin)
    with database.read() as work:
        assert work.installation.get() is not None
        stored = work.users.password_of(admin.user.id)
    assert verify_password(stored.hash, admin.password)
    assert prepare_installation(database, clock=clock) is None
    assert len(list_companies(database)) == 1


def test_added_user_has_a_home_and_can_be_found_in_any_case(database, company, clock):
    """The login is kept in lower case."""
    added = add_user(database, NewUser(login="Anna", timezone="Europe/Prague"), clock=clock)
    assert added.user.login == "anna"
    assert user_of(database, " ANNA ") == added.user
    with database.read() as work:
        assert work.calendars.calendar(added.user.id, "tasks") is not None
    assert added.user.company_id == company.id


@pytest.mark.parametrize(
    "new",
    [
        NewUser(login=""),
        NewUser(login="a:b"),
        NewUser(login="a/b"),
        NewUser(login="anna", timezone="Mars/Olympus"),
    ],
)
def test_impossible_user_is_refused(database, company, clock, new):
    """Nothing of it is stored."""
    with pytest.raises(InvalidInput):
        add_user(database, new, company=company.name, clock=clock)
    assert list_users(database) == ()


def test_taken_login_and_unknown_company_are_refused(database, company, clock):
    """Logins are unique in the whole installation."""
    add_user(database, NewUser(login="anna"), company=company.name, clock=clock)
    add_company(database, "Other", clock=clock)
    with pytest.raises(AlreadyExists):
        add_user(database, NewUser(login="ANNA"), company="Other", clock=clock)
    with pytest.raises(NotFound):
        add_user(database, NewUser(login="ben"), company="Nobody", clock=clock)
    with pytest.raises(InvalidInput, match="several companies"):
        add_user(database, NewUser(login="ben"), clock=clock)


def test_removed_user_is_gone(database, user):
    """Removing somebody unknown says so."""
    remove_user(database, user.login)
    assert list_users(database) == ()
    with pytest.raises(NotFound):
        remove_user(database, user.login)


@pytest.mark.parametrize("kind", list(SecretKind))
def test_secret_is_told_once_kept_as_a_digest_and_revocable(database, user, clock, kind):
    """Both kinds behave alike and do not know each other."""
    secrets = AccessSecrets(database, kind, key=KEY, clock=clock)
    other = AccessSecrets(
        database, next(one for one in SecretKind if one is not kind), key=KEY, clock=clock
    )
    made = secrets.add(user.login, "phone")
    assert len(made.secret) == 32
    assert made.secret not in repr(made)
    (stored,) = secrets.list(user.login)
    assert (stored.id, stored.label) == (made.id, "phone")
    assert stored.digest == digest(KEY, made.secret)
    assert other.list(user.login) == ()
    secrets.revoke(made.id)
    secrets.revoke(made.id)
    assert secrets.list(user.login)[0].revoked_at == clock.now()
    with pytest.raises(NotFound):
        secrets.revoke(made.id + 1)


def test_secret_needs_a_label_and_a_user(database, user, clock):
    """A list of nameless passwords would help nobody."""
    secrets = AccessSecrets(database, SecretKind.APP_PASSWORD, key=KEY, clock=clock)
    with pytest.raises(InvalidInput):
        secrets.add(user.login, "  ")
    with pytest.raises(NotFound):
        secrets.add("nobody", "phone")
