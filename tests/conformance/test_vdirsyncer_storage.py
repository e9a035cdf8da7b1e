"""The storage tests of vdirsyncer against our server and stock Radicale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.lane, pytest.mark.timeout(600)]

OURS, STOCK = 90, 120
"""Floors: with fewer tests passed, something was not run."""

MIXIN = '''"""A server that runs already; the environment tells where."""

import os

import pytest


class ServerMixin:
    """Gives the storage tests a calendar of their own."""

    @pytest.fixture
    def get_storage_args(self, slow_create_collection, aio_connector):
        """Return a function that makes a collection and says how to reach it."""

        async def make(collection="test"):
            args = {
                "url": os.environ["DAV_URL"],
                "username": os.environ["DAV_LOGIN"],
                "password": os.environ["DAV_PASSWORD"],
                "connector": aio_connector,
            }
            if collection is None:
                return args
            return await slow_create_collection(self.storage_class, args, collection)

        return make
'''
"""Their tests choose the server by a package; with a name they do not know, they skip nothing."""


def storage_tests(run: Any) -> dict[str, str]:
    """Run the tests that need a server."""
    sources = run.workshop.sources("vdirsyncer", run.folder / "sources")
    server = sources / "tests" / "storage" / "servers" / "running"
    server.mkdir()
    (server / "__init__.py").write_text(MIXIN, encoding="utf-8")
    found: dict[str, str] = run.pytest(
        "tests/storage/dav",
        cwd=sources,
        DAV_SERVER="running",
        DAV_URL=run.server.url,
        DAV_LOGIN=run.server.login,
        DAV_PASSWORD=run.server.password,
        DETERMINISTIC_TESTS="true",
    )
    return found


def test_we_pass_every_storage_test_of_vdirsyncer_that_stock_radicale_passes(
    compared: Callable[..., Any],
):
    """CalDAV in full; address books, which we do not keep, are excepted."""
    seen = compared("vdirsyncer", storage_tests, requirements="vdirsyncer.txt")
    assert seen.stock >= STOCK
    assert seen.ours >= OURS
