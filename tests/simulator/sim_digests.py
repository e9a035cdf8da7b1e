"""The traces of a few seeds, told by their digests, for the comparison of two processes."""

from __future__ import annotations

import sys

from sim_schedule import simulate
from sim_world import KINDS

_SEEDS = {"memory": 25, "lens": 6, "rehearsal": 5}


def show() -> None:
    """Print one digest a line."""
    for name, some in _SEEDS.items():
        for seed in range(some):
            sys.stdout.write(f"{name} {seed} {simulate(seed, KINDS[name]).digest}\n")
