"""The judgement of the lanes: who passes what, and which exceptions are still needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lane_comparison import Excepted, compare, read_exceptions


def excepted(name: str) -> Excepted:
    """Return an entry of the list."""
    return Excepted(suite="suite", name=name, reason="because")


def test_what_both_pass_is_counted_on_both_sides():
    """Nothing worse, nothing stale."""
    seen = compare({"a": "passed"}, {"a": "passed", "b": "passed"}, exceptions=[])
    assert seen.counts == "passed ours 2, passed stock 1, excepted 0"
    assert not seen.worse
    assert not seen.stale


@pytest.mark.parametrize("outcome", ["failure", "error", "skipped", "failure and error"])
def test_what_stock_alone_passes_is_worse_whatever_our_outcome(outcome: str):
    """A skipped test is no passed one."""
    seen = compare({"a": "passed"}, {"a": outcome}, exceptions=[])
    assert seen.worse == {"a": outcome}


def test_what_did_not_run_on_our_server_is_worse():
    """A test that vanished did not pass."""
    assert compare({"a": "passed"}, {}, exceptions=[]).worse == {"a": "not run"}


def test_what_stock_does_not_pass_is_not_asked_of_us():
    """Failing together is no loss."""
    assert not compare({"a": "failure"}, {"a": "failure"}, exceptions=[]).worse


def test_a_listed_test_that_only_stock_passes_is_excepted():
    """By its name, or by the beginning of the names of a class."""
    stock = {"x::a": "passed", "x::b": "passed", "y": "passed"}
    ours = dict.fromkeys(stock, "failure")
    seen = compare(stock, ours, exceptions=[excepted("x::*"), excepted("y")])
    assert seen.excepted == ("x::a", "x::b", "y")
    assert not seen.worse
    assert not seen.stale


def test_an_exception_that_we_pass_is_stale():
    """It must leave the list."""
    assert compare({"a": "passed"}, {"a": "passed"}, exceptions=[excepted("a")]).stale == ("a",)


def test_an_exception_that_stock_does_not_pass_is_stale():
    """It excuses nothing."""
    assert compare({"a": "failure"}, {}, exceptions=[excepted("a")]).stale == ("a",)


def test_the_list_is_read_for_one_suite(tmp_path: Path):
    """Each entry names its suite."""
    path = tmp_path / "list.toml"
    entry = '[[exception]]\nsuite = "{0}"\nname = "n"\nreason = "r"\n'
    path.write_text(entry.format("one") + entry.format("two"), encoding="utf-8")
    assert [listed.suite for listed in read_exceptions(path, "two")] == ["two"]


def test_an_exception_without_a_reason_is_refused(tmp_path: Path):
    """Nobody gets excused for nothing."""
    path = tmp_path / "list.toml"
    path.write_text('[[exception]]\nsuite = "s"\nname = "n"\nreason = " "\n', encoding="utf-8")
    with pytest.raises(AssertionError, match="without a reason"):
        read_exceptions(path, "s")
