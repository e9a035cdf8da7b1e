"""Rights: the own home and nothing else."""

from __future__ import annotations

import pytest
import radicale.config

from radicale_plugin.rights import Rights


@pytest.fixture
def rights():
    """The rights under Radicale's default configuration."""
    return Rights(radicale.config.load())


@pytest.mark.parametrize(
    ("path", "letters"),
    [
        ("/", "R"),
        ("/anna/", "R"),
        ("/anna/activities/", "rwdo"),
        ("/anna/activities", "rwdo"),
        ("/anna/tasks/", "rwdo"),
        ("/anna/trips/", "rwDo"),
        ("/anna/bob--activities/", "r"),
        ("/anna/bob--activities/x.ics", ""),
        ("/bob/anna--activities/", ""),
        ("/anna/activities/x.ics", ""),
        ("/bob/", ""),
        ("/bob/activities/", ""),
        ("/anna.evil/activities/", ""),
        ("/an/activities/", ""),
    ],
)
def test_a_user_has_the_own_home_only(rights, path, letters):
    """Names are compared whole, never as patterns or prefixes."""
    assert rights.authorization("anna", set(), path) == letters


@pytest.mark.parametrize("path", ["/", "/anna/", "/anna/activities/"])
def test_nobody_has_nothing(rights, path):
    """A request without sign-in is asked for one everywhere."""
    assert rights.authorization("", set(), path) == ""


@pytest.mark.parametrize(("user_calendars", "letters"), [(True, "RW"), (False, "R")])
def test_home_is_written_only_where_users_may_make_calendars(user_calendars, letters):
    """The privileges on the home tell clients."""
    rights = Rights(radicale.config.load(), user_calendars=user_calendars)
    assert rights.authorization("anna", set(), "/anna/") == letters
    assert rights.authorization("anna", set(), "/") == "R"
