"""Measure the branches of `bridge.sync` and of the lens that their tests take; fail below 98 %.

What counts are lines and branches, each by itself, over the modules and with the tests named below:
their unit and property tests, the crash points, and some schedules of the simulator. The way out of
a `match` whose last case can only match does not count: mypy proves that nobody takes it.
"""

import ast
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LEAST = 98.0
ROOT = Path(__file__).resolve().parent.parent
MEASURED = ("bridge/sync/*", "bridge/convert/lens*", "bridge/convert/*views.py")
TESTS = (
    "tests/unit/sync",
    "tests/unit/convert",
    "tests/property/test_sync_machine.py",
    "tests/property/test_convert_lens_laws.py",
    "tests/simulator/test_crash_points.py",
    "tests/simulator/test_changed_options.py",
    "tests/simulator/test_simulator.py",
)


def main() -> int:
    """Run the tests, print what they missed; return 1 when it is too much."""
    with tempfile.TemporaryDirectory() as folder:
        data, report = f"{folder}/data", f"{folder}/report.json"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "COVERAGE_FILE": data}
        tests = ["-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "--timeout=0"]
        # No deadlines: being traced takes time.
        tests += ["--hypothesis-profile=ci", *TESTS]
        measured = [f"--include={','.join(MEASURED)}"]
        ran = _coverage("run", "--branch", *measured, *tests, environment=environment)
        if _coverage("json", "-q", "-o", report, environment=environment):
            return 1
        return _judge(json.loads(Path(report).read_text())["files"]) or ran


def _coverage(*arguments: str, environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _judge(files: dict[str, dict]) -> int:
    lines, missed_lines, branches, missed_branches = 0, 0, 0, 0
    for name, told in sorted(files.items()):
        impossible = _impossible(ROOT / name)
        missed = [arc for arc in told["missing_branches"] if arc[0] not in impossible or arc[1] > 0]
        lines += told["summary"]["num_statements"]
        missed_lines += len(told["missing_lines"])
        branches += told["summary"]["num_branches"]
        missed_branches += len(missed)
        if told["missing_lines"] or missed:
            arcs = ", ".join(f"{start}->{end}" for start, end in missed)
            print(f"{name}: lines {told['missing_lines']}, branches {arcs or 'all'}")
    shares = {"lines": _share(lines, missed_lines), "branches": _share(branches, missed_branches)}
    for what, share in shares.items():
        print(f"coverage of {what}: {share:.1f} %")
    if min(shares.values()) < LEAST:
        print(f"error: below {LEAST} %; what no test takes is above")
        return 1
    return 0


def _share(all_of_them: int, missed: int) -> float:
    return 100 * (all_of_them - missed) / all_of_them


def _impossible(module: Path) -> set[int]:
    """Return the lines of the last cases of matches; what falls through them does not exist."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Match):
            found.add(node.cases[-1].pattern.lineno)
    return found


if __name__ == "__main__":
    sys.exit(main())
