"""caldav-server-tester against our server and stock Radicale: which features each one has."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest

from lane_comparison import PASSED

pytestmark = [pytest.mark.lane, pytest.mark.timeout(600)]

FLOOR = 70


def features(run: Any) -> dict[str, str]:
    """Let the tester probe the server; full support is what counts as passed."""
    server = run.server
    output = run.command(
        str(run.workshop.program("caldav-server-tester")),
        *("--caldav-url", server.url),
        *("--caldav-username", server.login),
        *("--caldav-password", server.password),
        *("--format", "hints"),
        cwd=run.folder,
    )
    begin, end = output.rfind("\n{\n"), output.rfind("\n}")
    assert 0 <= begin < end, f"the tester gave up:\n{output[-4000:]}"
    probed: dict[str, dict[str, Any]] = ast.literal_eval(output[begin : end + 2].strip())
    told = {name: found.get("support", "full") for name, found in probed.items()}
    return {name: PASSED if level == "full" else level for name, level in told.items()}


def test_we_have_every_feature_that_stock_radicale_has(compared: Callable[..., Any]):
    """As an outsider's probe sees it, not as we say."""
    seen = compared("caldav-server-tester", features, requirements="caldav.txt")
    assert seen.stock >= FLOOR
    assert seen.ours >= FLOOR
