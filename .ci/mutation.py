"""Break the decisions of the sync on purpose, and fail when the unit tests do not notice enough.

Usage: mutation.py [pattern ...]    e.g. mutation.py 'bridge.sync.merge.*'

mutmut changes one thing at a time (an operator, an argument, a constant, a branch) in the modules
that `[tool.mutmut]` of pyproject.toml names, and runs the tests that reach it. The score is the
share of changes that some test noticed. It works on a copy, which goes when it is done.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

LEAST = 90.0
ROOT = Path(__file__).resolve().parent.parent
COPIED = ("bridge", "radicale_plugin", "tests", "config")
NOTICED = frozenset({1, 3, 24, 36, 152, 255, -11, -24})  # failed, crashed, or did not end


def main(patterns: list[str]) -> int:
    """Run mutmut; return 1 when the score is too low, or when it could not run."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        # Whatever else is importable as `bridge` must not win over the changed one.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [sys.executable, "-m", "mutmut", "run", *patterns],
            cwd=copy,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        codes = _exit_codes(copy)
        if not codes:
            print(done.stdout[-4000:], done.stderr[-4000:], sep="\n")
            print("error: mutmut did not come to its end")
            return 1
        survivors = [name for name, code in codes.items() if code not in NOTICED]
        for name in survivors:
            _show(copy, name)
    return _judge(codes)


def _exit_codes(copy: Path) -> dict[str, int]:
    """Return how the tests ended, by change; changes that were not asked for are left out."""
    found = {}
    for meta in sorted(copy.glob("mutants/**/*.meta")):
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        found.update({name: code for name, code in codes.items() if code is not None})
    return found


def _show(copy: Path, name: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "mutmut", "show", name],
        cwd=copy,
        check=False,
        capture_output=True,
        text=True,
    ).stdout
    lines = [
        line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}
    ]
    print(name, *lines, sep="\n    ")


def _judge(codes: Mapping[str, int]) -> int:
    modules: dict[str, list[bool]] = defaultdict(list)
    for name, code in codes.items():
        modules[name.rsplit(".", 1)[0]].append(code in NOTICED)
    for module, noticed in sorted(modules.items()):
        print(f"{_score(noticed):6.1f} %  {sum(noticed):4} of {len(noticed):4}  {module}")
    total = [seen for noticed in modules.values() for seen in noticed]
    print(f"mutation score: {_score(total):.1f} %, {sum(total)} of {len(total)} changes noticed")
    if _score(total) < LEAST:
        print(f"error: below {LEAST} %; the changes nobody noticed are above")
        return 1
    return 0


def _score(noticed: list[bool]) -> float:
    return 100 * sum(noticed) / len(noticed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
