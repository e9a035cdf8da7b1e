"""What other people's tests say about our server, beside what they say about stock Radicale."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PASSED = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excepted:
    """A test, or a whole class of them, that stock passes and we need not.

    Attributes:
        suite: Name of the suite.
        name: Test id; with `*` at the end all that begin so.
        reason: Why it is right to differ.
    """

    suite: str
    name: str
    reason: str

    def covers(self, test: str) -> bool:
        """Tell whether this is about the test."""
        if self.name.endswith("*"):
            return test.startswith(self.name[:-1])
        return test == self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs of one suite, compared.

    Attributes:
        stock: How many tests stock Radicale passed.
        ours: How many tests we passed.
        excepted: Tests that only stock passed, with the list's leave.
        worse: Tests that only stock passed, with our outcome.
        stale: Names on the list that excuse nothing: we pass, or stock does not.
    """

    stock: int
    ours: int
    excepted: tuple[str, ...]
    worse: Mapping[str, str]
    stale: tuple[str, ...]

    @property
    def counts(self) -> str:
        """The counts in one line."""
        return f"passed ours {self.ours}, passed stock {self.stock}, excepted {len(self.excepted)}"


def compare(
    stock: Mapping[str, str], ours: Mapping[str, str], *, exceptions: list[Excepted]
) -> Comparison:
    """Find what stock passes and we do not; outcomes other than `passed` are all alike."""
    only_stock = [
        test for test, outcome in stock.items() if outcome == PASSED != ours.get(test, "not run")
    ]
    excepted = [test for test in only_stock if any(entry.covers(test) for entry in exceptions)]
    return Comparison(
        stock=list(stock.values()).count(PASSED),
        ours=list(ours.values()).count(PASSED),
        excepted=tuple(excepted),
        worse={test: ours.get(test, "not run") for test in only_stock if test not in excepted},
        stale=tuple(
            entry.name for entry in exceptions if not any(entry.covers(test) for test in excepted)
        ),
    )


def read_exceptions(path: Path, suite: str) -> list[Excepted]:
    """Return a suite's part of the list; an entry without a reason is an error."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("exception", [])
    listed = [Excepted(**entry) for entry in entries]
    assert all(entry.reason.strip() for entry in listed), "an exception without a reason"
    return [entry for entry in listed if entry.suite == suite]
