"""The table of standards names tests that exist, one at least in every line."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "radicale_plugin" / "STANDARDS.md"
STATUSES = ("yes", "partly", "refused", "no")
NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


def rows():
    """Return the cells of each row, without the heads of the tables."""
    lines = TABLE.read_text("utf-8").splitlines()
    cells = [line.strip("|").split("|") for line in lines if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in cells if row[0].strip() != "Feature"]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:60])
def test_each_line_has_a_status_and_a_test(row):
    """Nothing is claimed without one."""
    assert len(row) == 4
    assert row[2] in STATUSES
    assert NAMED.findall(row[3]), row


def test_every_named_test_exists():
    """Under that name, in the one file of that name."""
    files = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
    named = {name for row in rows() for name in NAMED.findall(row[3])}
    assert len(named) > 90
    for file, function in sorted(named):
        assert file in files, file
        found = re.search(rf"(?m)^def {function}\(", files[file].read_text("utf-8"))
        assert found, f"{file}::{function}"


def test_every_standard_of_the_plan_has_a_line():
    """RFC numbers that people look for."""
    text = TABLE.read_text("utf-8")
    asked = [3744, 4791, 4918, 5397, 5545, 5689, 6578, 6638, 6764, 7232, 7240, 7953, 7986]
    asked += [8291, 8292, 8607, 9110]
    assert [rfc for rfc in asked if f"RFC {rfc}" not in text] == []
    assert Counter(row[2] for row in rows())["yes"] > 60
