"""Our server as a process of its own, for clients that are programs of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lane_servers import LOGIN, Server, crmdav, our_server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Our server over fresh data, for the tests of one module."""
    folder: Path = tmp_path_factory.mktemp("served") / "server"
    with our_server(folder) as server:
        yield server


@pytest.fixture
def subjects(served: Server) -> Callable[[], set[str]]:
    """Return a function that tells what the CRM lists, by its own command."""

    def look() -> set[str]:
        listed: list[dict[str, Any]] = json.loads(
            crmdav(served.data, "activities", "list", LOGIN, "--json")
        )
        return {activity["subject"] for activity in listed}

    return look


@pytest.fixture
def add_in_crm(served: Server) -> Callable[..., None]:
    """Return a function that adds an activity as the CRM does."""

    def add(subject: str, *options: str) -> None:
        crmdav(served.data, "activities", "add", LOGIN, "--subject", subject, *options)

    return add
