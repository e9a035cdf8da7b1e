"""No test may make the rehearsal Google mail anybody, but those that are marked `mails`.

A pytest plugin: guests are told of nothing that a person did not ask for (design decision 28), and
that holds in every test that happens to write to Google, whatever it is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bridge.rehearsal.world import World

_add_mail = World.add_mail


@pytest.fixture(autouse=True)
def nobody_is_mailed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Fail the test during which a mail goes out from a rehearsal of this process."""
    mails: list[dict[str, Any]] = []

    def noting(world: World, mail: dict[str, Any]) -> None:
        mails.append(mail)
        _add_mail(world, mail)

    monkeypatch.setattr(World, "add_mail", noting)
    yield
    if mails and request.node.get_closest_marker("mails") is None:
        pytest.fail(f"Google mailed, and nobody had asked for it: {mails}", pytrace=False)
