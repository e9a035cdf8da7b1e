"""Every reason the engine gives has words for people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bridge
from bridge.application.reasons import REASONS, because
from bridge.convert import series_rule
from bridge.sync import scope
from bridge.sync.sight import Change

SOURCES = Path(bridge.__file__).parent
GIVEN_HERE = (
    "sync/scope.py",
    "sync/plan.py",
    "sync/parking.py",
    "sync/model.py",
    "sync/undo.py",
    "sync/farewell.py",
    "convert/series_rule.py",
)
NOT_REASONS = {"NOT_THIS_VERSION", "INTENDED", "WITHDRAWING", "REVIVING"}


def named_reasons() -> Iterator[str]:
    """Iterate over the texts that modules of the engine give names to."""
    for name in GIVEN_HERE:
        path = SOURCES / name
        if not path.exists():
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.Assign(targets=[ast.Name(id=word)], value=ast.Constant(value=str(text))):
                    if word.isupper() and word[0] != "_" and word not in NOT_REASONS:
                        yield text


def parked_reasons() -> Iterator[str]:
    """Iterate over the texts that the executor parks work with."""
    tree = ast.parse((SOURCES / "sync" / "execute.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and "park" in ast.unparse(node.func):
            for argument in node.args:
                # `reason or "text"` as well as "text", but no sentences made of parts.
                parts = argument.values if isinstance(argument, ast.BoolOp) else [argument]
                for part in parts:
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


@pytest.mark.parametrize(
    "reason",
    sorted({*named_reasons(), *parked_reasons(), *(change.value for change in Change), "agreed"}),
)
def test_reason_of_the_engine_has_a_phrase(reason):
    """It goes on from "because", about one item."""
    words = REASONS[reason]
    assert words == words.strip()
    assert not words.endswith(".")


def test_the_reasons_are_really_found():
    """A test that finds none could not fail."""
    assert {scope.WINDOW, scope.GUESTS, series_rule.FREQUENCY, "put-back", "unconvertible"} <= set(
        named_reasons()
    )
    assert {"error", "not-synced", "rejected"} <= set(parked_reasons())


def test_reason_that_only_a_side_knows_is_quoted():
    """What Google answers tomorrow is shown as it is."""
    assert because("aNewReason") == "the other side refused it (`aNewReason`)"
