"""One suite against both servers in the same run, each in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from defusedxml.ElementTree import parse

from lane_comparison import PASSED, Comparison, compare, read_exceptions
from lane_servers import Server, our_server, stock_server
from lane_workshop import Workshop, workshop

HERE = Path(__file__).parent
EXCEPTIONS = HERE / "exceptions.toml"
SUITE_SECONDS = 280

Outcomes = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a suite needs to be run against one server.

    Attributes:
        server: The server, running.
        folder: An empty folder for this run.
        workshop: The environment to run it in.
    """

    server: Server
    folder: Path
    workshop: Workshop

    def command(self, *arguments: str, cwd: Path, **variables: str) -> str:
        """Run a program; return what it printed, whatever its exit code."""
        for name in ("home", "tmp"):
            (self.folder / name).mkdir(exist_ok=True)
        done = subprocess.run(
            arguments,
            cwd=cwd,
            env={
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
                "HOME": str(self.folder / "home"),
                "TMPDIR": str(self.folder / "tmp"),
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SUITE_SECONDS,
            check=False,
        )
        (self.folder / "output").write_text(done.stdout, encoding="utf-8")
        return done.stdout

    def pytest(self, *arguments: str, cwd: Path, **variables: str) -> Outcomes:
        """Run a suite's tests and return the outcome of each."""
        report = self.folder / "report.xml"
        settings = ("addopts=", "filterwarnings=default", "timeout=40")
        output = self.command(
            str(self.workshop.python),
            *("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"),
            *(part for setting in settings for part in ("-o", setting)),
            *("-o", "asyncio_default_fixture_loop_scope=function"),
            *arguments,
            cwd=cwd,
            **variables,
        )
        assert report.exists(), output[-4000:]
        return outcomes(report)


def outcomes(report: Path) -> Outcomes:
    """Return the outcome of each test in a junit file: `passed`, or the names of what was amiss."""
    found: Outcomes = {}
    for case in parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        amiss = [part.tag for part in case if part.tag in {"failure", "error", "skipped"}]
        outcome = " and ".join(amiss) or PASSED
        # An error while tearing down may come as a second case of the same name.
        found[name] = outcome if found.get(name, PASSED) == PASSED else found[name]
    return found


@pytest.fixture
def compared(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Comparison]:
    """Return a function that runs a suite against both servers, at the same time, and compares.

    It prints the counts; what stock passes alone fails the test, and so does a stale exception.
    """

    def run(name: str, measure: Callable[[Run], Outcomes], *, requirements: str) -> Comparison:
        tools = workshop(HERE / "requirements" / requirements)
        folders = [tmp_path / "stock", tmp_path / "ours"]
        with (
            stock_server(folders[0] / "server") as stock,
            our_server(folders[1] / "server") as ours,
            ThreadPoolExecutor(2) as threads,
        ):
            runs = [
                Run(server=server, folder=folder, workshop=tools)
                for server, folder in zip((stock, ours), folders, strict=True)
            ]
            of_stock, of_ours = threads.map(measure, runs)
            log = ours.log
        seen = compare(of_stock, of_ours, exceptions=read_exceptions(EXCEPTIONS, name))
        with capsys.disabled():
            print(f"\n{name}: {seen.counts}")  # noqa: T201 - the counts are the lane's result
        told = "\n".join(f"{test}: {outcome}" for test, outcome in seen.worse.items())
        hint = f"see {folders[1] / 'output'}; the server said:\n{log}"
        assert not seen.worse, f"stock passes and we do not:\n{told}\n{hint}"
        assert not seen.stale, f"exceptions that excuse nothing any more: {seen.stale}"
        return seen

    def run_and_tidy(*arguments: object, **options: str) -> Comparison:
        seen = run(*arguments, **options)  # type: ignore[arg-type]  # passed on as it comes
        shutil.rmtree(tmp_path)
        return seen

    return run_and_tidy
