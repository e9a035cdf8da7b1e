"""A plan as people read it: losses first, then sentences with their reasons."""

import pytest

from bridge.application.plan_summary import PlanGroup, PlanSummary, PlanVerb
from bridge.cli.connections import _print_plan
from bridge.convert import series_rule
from bridge.sync import parking, scope, twins
from bridge.sync.model import Side
from bridge.web.plan_words import plan_in_words


def _group(verb, *, side=None, reason="", count=1, examples=()):
    return PlanGroup(verb=verb, side=side, reason=reason, count=count, examples=examples)


def _words(*groups):
    return plan_in_words(PlanSummary(groups=groups))


def test_plan_that_takes_nothing_away_has_no_warning():
    """The first line is kept for losses."""
    words = _words(_group(PlanVerb.CREATE, side=Side.GOOGLE, reason="added", count=3))
    assert words.warning == ""
    assert words.groups[0].sentence == "items will be created at Google"
    assert words.groups[0].count == 3


def test_removals_and_reductions_are_in_the_first_line_with_number_and_place():
    """Contract section 5: such a plan says so in the first line."""
    words = _words(
        _group(PlanVerb.REMOVE, side=Side.GOOGLE, reason="type", count=12),
        _group(PlanVerb.REMOVE, side=Side.GOOGLE, reason="removed", count=1),
        _group(PlanVerb.REMOVE, side=Side.CALENDAR, reason="removed"),
        _group(PlanVerb.REDUCE, side=Side.CALENDAR, reason="private", count=2),
    )
    assert words.warning == (
        "Attention: 1 item will be removed in the CRM, and 13 items will be removed at Google,"
        " and 2 items will be reduced to private busy blocks."
    )


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "item is left alone, because its type is not ticked"),
        (2, "items are left alone, because their type is not ticked"),
    ],
)
def test_number_of_items_decides_the_grammar(count, sentence):
    """One item is not many."""
    words = _words(_group(PlanVerb.SKIP, reason="type", count=count))
    assert words.groups[0].sentence == sentence


@pytest.mark.parametrize(
    "reason",
    [
        series_rule.FREQUENCY,
        series_rule.SEVERAL_RULES,
        series_rule.ODD_RULE,
        series_rule.ODD_DATES,
        series_rule.UNKNOWN_ZONE,
        series_rule.RANGE,
        series_rule.NO_MASTER,
        series_rule.TODO_DAYS,
        scope.EVENT_TYPE,
        scope.SWITCHED_OFF,
        scope.PRIVATE,
        scope.WINDOW,
        scope.TYPE,
        scope.UNDATED,
        scope.READ_ONLY,
        scope.GUESTS,
        scope.DIRECTION,
        twins.MOVING,
        parking.UNCONVERTIBLE,
    ],
)
def test_every_reason_of_the_engine_has_its_words(reason):
    """Nobody reads a machine's word, or no reason at all."""
    for count in (1, 2):
        words = _words(_group(PlanVerb.SKIP, reason=reason, count=count))
        assert ", because " in words.groups[0].sentence


@pytest.mark.parametrize(("count", "verb"), [(1, "lies"), (2, "lie")])
def test_items_in_two_calendars_are_told_with_what_to_do(count, verb):
    """They are synced, so that they are not said to be left alone."""
    group = _group(PlanVerb.SKIP, reason=twins.IN_TWO_CALENDARS, count=count)
    sentence = _words(group).groups[0].sentence
    assert f" {verb} in two calendars" in sentence
    assert sentence.endswith(": delete the other one")


def test_unknown_reason_is_left_out_rather_than_shown_raw():
    """A newer engine's word is no text for people."""
    assert _words(_group(PlanVerb.SKIP, reason="x-new")).groups[0].sentence == "item is left alone"


def test_examples_are_carried_along():
    """The page shows titles of some of the items."""
    words = _words(_group(PlanVerb.CHANGE, side=Side.CALENDAR, examples=("Call Ada",)))
    assert words.groups[0].examples == ("Call Ada",)


def test_fingerprint_stands_for_the_items_the_brakes_ask_about():
    """Equal sets have equal texts, others do not, none has none."""
    assert PlanSummary(groups=()).fingerprint == ""
    one, same, other = (
        PlanSummary(groups=(), braked=frozenset(uids)).fingerprint
        for uids in (["a", "b"], ["b", "a"], ["a,b"])
    )
    assert one == same != other


def test_command_line_tells_a_plan_in_the_same_words(capsys):
    """The page and `crmdav plan` never say different things."""
    summary = PlanSummary(
        groups=(
            _group(PlanVerb.REMOVE, side=Side.GOOGLE, reason="type", count=2, examples=("A", "B")),
        )
    )
    _print_plan(summary, (), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "Attention: 2 items will be removed at Google.",
        "2 items will be removed at Google, because their type is not ticked (A, B)",
    ]
