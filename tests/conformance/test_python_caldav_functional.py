"""The functional tests of python-caldav against our server and stock Radicale."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.lane, pytest.mark.timeout(600)]

PROFILES = {"python-caldav": {}, "python-caldav, hints for Radicale": {"features": "radicale"}}
"""What their client is told of the server: that it keeps the standards, or stock's known ways."""

FLOOR = 115


@pytest.mark.parametrize("name", PROFILES)
def test_we_pass_every_functional_test_of_python_caldav_that_stock_radicale_passes(
    name: str, compared: Callable[..., Any]
):
    """The classes that talk to a server, once synchronously, once asynchronously."""

    def functional_tests(run: Any) -> dict[str, str]:
        sources = run.workshop.sources("caldav", run.folder / "sources")
        server = run.server
        told = {
            "type": "external",
            "url": server.url,
            "username": server.login,
            "password": server.password,
            **PROFILES[name],
        }
        # Their loader takes JSON too.
        (sources / "tests" / "caldav_test_servers.json").write_text(
            json.dumps({"test-servers": {"measured": told}}), encoding="utf-8"
        )
        found: dict[str, str] = run.pytest(
            "tests/test_caldav.py",
            "tests/test_async_integration.py",
            *("-k", "TestForServer or TestAsyncFor"),
            cwd=sources,
            PYTHON_CALDAV_TEST_EMBEDDED="0",
            PYTHON_CALDAV_TEST_DOCKER="0",
        )
        return found

    seen = compared(name, functional_tests, requirements="caldav.txt")
    assert seen.stock >= FLOOR
    assert seen.ours >= FLOOR
