"""A pytest plugin that writes the fact each collected case names, one JSON line per case.

For `pytest --collect-only -p fact_census --fact-census FILE`.
"""

import json
from pathlib import Path

import pytest


def pytest_addoption(parser):
    """Add the option for the file."""
    parser.addoption("--fact-census", type=Path, help="file to write the census to")


def pytest_collection_finish(session):
    """Write the census."""
    lines = [json.dumps({"case": item.nodeid, "fact": _named(item)}) for item in session.items]
    session.config.getoption("--fact-census").write_text("\n".join(lines), encoding="utf-8")


def _named(item: pytest.Item):
    # The nearest one, as a parameter may name a fact of its own.
    marker = item.get_closest_marker("fact")
    return None if marker is None else marker.args
