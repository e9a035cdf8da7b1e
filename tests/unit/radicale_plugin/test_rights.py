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
