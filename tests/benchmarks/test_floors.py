"""The comparison with stock Radicale as a lane: `pytest -m lane tests/benchmarks`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.lane, pytest.mark.timeout(1800)]
COMPARE = Path(__file__).with_name("compare.py")


def test_every_floor_is_kept(capsys: pytest.CaptureFixture[str]):
    """But for noise; the program says so by its exit code, and strictly in `.ci/run --nightly`."""
    ran = subprocess.run(
        [sys.executable, str(COMPARE), "--rounds", "3", "--allowance", "0.2"],
        capture_output=True,
        text=True,
        check=False,
    )
    with capsys.disabled():
        print(f"\n{ran.stdout}")  # noqa: T201 - the tables are the lane's result
    assert ran.returncode == 0, ran.stdout + ran.stderr
