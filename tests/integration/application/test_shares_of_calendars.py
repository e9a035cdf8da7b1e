"""Shares between colleagues, as commands and pages give and take them."""

from __future__ import annotations

import pytest

from bridge.application.shares import add_share, list_shares, remove_share
from bridge.application.users import NewUser, add_user
from bridge.domain.users import GrantLevel
from bridge.errors import InvalidInput, NotFound


@pytest.fixture
def people(database, company, clock):
    """Anna and Bob of one company, Carl of another."""
    with database.write() as work:
        work.companies.add("Bolt", clock.now())
    for login, name in (("anna", company.name), ("bob", company.name), ("carl", "Bolt")):
        add_user(database, NewUser(login=login), company=name, clock=clock)


def test_share_is_given_changed_listed_and_taken_back(database, people, clock):
    """Each change has a version that was never there before."""
    first = add_share(database, "Anna", "bob", level=GrantLevel.BUSY, clock=clock)
    second = add_share(database, "anna", "bob", level=GrantLevel.READ, clock=clock)
    assert second.version > first.version
    assert list_shares(database) == [second]
    remove_share(database, "anna", "bob")
    assert list_shares(database) == []
    with pytest.raises(NotFound):
        remove_share(database, "anna", "bob")


def test_share_given_anew_repeats_no_version(database, people, clock):
    """Tokens of the share before stay dead, also within the same second."""
    versions = set()
    for level in (GrantLevel.READ, GrantLevel.BUSY, GrantLevel.READ):
        versions.add(add_share(database, "anna", "bob", level=level, clock=clock).version)
        remove_share(database, "anna", "bob")
    assert len(versions) == 3


@pytest.mark.parametrize(
    ("owner", "grantee", "error"),
    [
        ("anna", "anna", InvalidInput),
        ("anna", "carl", NotFound),
        ("anna", "nobody", NotFound),
        ("nobody", "bob", NotFound),
    ],
)
def test_share_that_cannot_be_is_refused(database, people, clock, *, owner, grantee, error):
    """Nobody is shown to another company, or to himself."""
    with pytest.raises(error):
        add_share(database, owner, grantee, level=GrantLevel.READ, clock=clock)
    assert list_shares(database) == []
