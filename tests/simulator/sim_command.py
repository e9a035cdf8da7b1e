"""Play schedules by hand: one with its trace, or as many as there is time for.

python tests/simulator/sim_command.py memory --seed 3458
python tests/simulator/sim_command.py rehearsal --minutes 60 --first 1000000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from itertools import count

from sim_lot import Lot
from sim_schedule import ScheduleFailed, simulate
from sim_world import KINDS


def seeds_for(minutes: float, *, first: int) -> Iterator[int]:
    """Iterate over seeds until the time is over."""
    end = time.monotonic() + minutes * 60
    for seed in count(first):
        if time.monotonic() >= end:
            return
        yield seed


def main(arguments: list[str]) -> int:
    """Run the command; return 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--seed", type=int, help="play this one and print its trace")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long to go on")
    parser.add_argument("--first", type=int, default=0, help="the seed to begin with")
    chosen = parser.parse_args(arguments)
    kind = KINDS[chosen.kind]
    trace: list[str] = []
    lot = Lot(kind)
    try:
        if chosen.seed is None:
            lot.play(seeds_for(chosen.minutes, first=chosen.first))
        else:
            simulate(chosen.seed, kind, trace=trace)
    except ScheduleFailed as error:
        sys.stdout.write("\n".join((*trace, str(error), "")))
        return 1
    told = trace if chosen.seed is not None else [lot.report()]
    sys.stdout.write("\n".join((*told, "")))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
