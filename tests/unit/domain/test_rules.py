"""Rules for incoming events: what they match, which one counts, how they read (features B8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bridge.domain.option_changes import Reach, settled
from bridge.domain.rule_json import rules_from_json, rules_to_json
from bridge.domain.rule_words import rule_sentence
from bridge.domain.rules import (
    CHOICES,
    ActionKind,
    Condition,
    ConditionKind,
    EventTraits,
    Rule,
    RuleAction,
    actions_for,
    checked_rules,
    skipping_rule,
)
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import InvalidInput

SKIP = RuleAction(kind=ActionKind.SKIP)
EVENT = EventTraits(
    text="Team lunch\nWith the CAFÉ people",
    domains=frozenset({"mail.partner.example"}),
    colour="11",
    busy=False,
    reply="tentative",
)


def rule(action=SKIP, *, name="One", on=True, **values):
    """Return a rule with a condition of each kind that is named."""
    conditions = [
        Condition(kind=ConditionKind(kind.replace("_", "-")), values=tuple(each))
        for kind, each in values.items()
    ]
    return Rule(name=name, on=on, action=action, conditions=tuple(conditions))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"words": ["LUNCH"]}, True),
        ({"words": ["dinner", "café"]}, True),
        ({"words": ["dinner"]}, False),
        ({"domain": ["Partner.example"]}, True),
        ({"domain": ["ner.example"]}, False),
        ({"colour": ["1", "11"]}, True),
        ({"colour": ["0"]}, False),
        ({"event_type": ["default"]}, True),
        ({"event_type": ["birthday"]}, False),
        ({"busy": ["free"]}, True),
        ({"busy": ["busy"]}, False),
        ({"reply": ["tentative"]}, True),
        ({"reply": ["accepted"]}, False),
        ({"words": ["lunch"], "colour": ["11"]}, True),
        ({"words": ["lunch"], "colour": ["1"]}, False),
    ],
)
def test_a_rule_matches_when_any_value_of_every_condition_does(values, expected):
    """Case does not count in words, and a domain stands for all below it."""
    assert rule(**values).matches(EVENT) is expected


def test_the_first_rule_of_each_kind_counts():
    """One may give the type, another one hide it; a rule that is off does nothing."""
    call, meeting = (RuleAction(kind=ActionKind.TYPE, value=key) for key in ("call", "meeting"))
    hide = RuleAction(kind=ActionKind.PRIVATE)
    rules = (
        rule(meeting, name="Off", on=False, words=["lunch"]),
        rule(call, name="First", words=["lunch"]),
        rule(meeting, name="Second", words=["lunch"]),
        rule(hide, name="Hide", busy=["free"]),
        rule(name="Elsewhere", colour=["1"]),
    )
    assert actions_for(rules, EVENT) == {ActionKind.TYPE: call, ActionKind.PRIVATE: hide}
    assert skipping_rule(rules, EVENT) is None
    skips = (*rules, rule(name="Free time", busy=["free"]))
    assert skipping_rule(skips, EVENT) == skips[-1]


@pytest.mark.parametrize(
    ("values", "action", "sentence"),
    [
        (
            {"words": ["a", "b"], "busy": ["free"]},
            SKIP,
            "When title or description contains “a” or “b” and the time shows as free, "
            "leave it at Google.",
        ),
        (
            {"domain": ["x.example"]},
            RuleAction(kind=ActionKind.TYPE, value="call"),
            "When somebody of “x.example” takes part, save it as Call.",
        ),
        (
            {"colour": ["0", "11"]},
            RuleAction(kind=ActionKind.PRIVATE),
            "When the colour is the calendar's own or Tomato, make it private in the CRM.",
        ),
        (
            {"reply": ["declined"], "event_type": ["fromGmail"]},
            RuleAction(kind=ActionKind.DEAL, value="7", label="Big one"),
            "When I have declined and the event is made from a mail, "
            "link it to the deal “Big one”.",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(values, action, sentence):
    """People see what a rule does, without its inner words."""
    assert rule_sentence(rule(action, **values), {"call": "Call"}) == sentence


@pytest.mark.parametrize(
    "make",
    [
        lambda: Condition(kind=ConditionKind.WORDS, values=()),
        lambda: Condition(kind=ConditionKind.WORDS, values=("",)),
        lambda: Condition(kind=ConditionKind.WORDS, values=(" x",)),
        lambda: Condition(kind=ConditionKind.WORDS, values=("a\nb",)),
        lambda: Condition(kind=ConditionKind.WORDS, values=("x",) * 31),
        lambda: Condition(kind=ConditionKind.DOMAIN, values=("me@x.example",)),
        lambda: Condition(kind=ConditionKind.DOMAIN, values=("localhost",)),
        lambda: Condition(kind=ConditionKind.COLOUR, values=("12",)),
        lambda: Condition(kind=ConditionKind.REPLY, values=("maybe",)),
        lambda: RuleAction(kind=ActionKind.TYPE),
        lambda: RuleAction(kind=ActionKind.PERSON, value="Eva", label="Eva"),
        lambda: RuleAction(kind=ActionKind.DEAL, value="9" * 19, label="x"),
        lambda: RuleAction(kind=ActionKind.DEAL, value="9"),
        lambda: RuleAction(kind=ActionKind.DEAL, value="9", label="\ud800"),
        lambda: RuleAction(kind=ActionKind.TYPE, value="a\x00"),
        lambda: RuleAction(kind=ActionKind.TYPE, value="call", label="x"),
        lambda: RuleAction(kind=ActionKind.SKIP, value="x"),
        lambda: rule(name="", words=["x"]),
        lambda: rule(name="a\tb", words=["x"]),
        rule,
        lambda: checked_rules([rule(words=["x"]), rule(name="ONE", words=["y"])]),
        lambda: checked_rules(rule(name=str(n), words=["x"]) for n in range(51)),
    ],
)
def test_a_rule_that_means_nothing_is_refused_beside_its_field(make):
    """The page says what is wrong; nothing of it is kept."""
    with pytest.raises(InvalidInput) as refused:
        make()
    assert refused.value.field == "rules"


def test_rules_survive_the_way_through_json():
    """Every kind of condition and action, in order."""
    conditions = {kind.value: [next(iter(CHOICES[kind]))] for kind in CHOICES}
    made = (
        rule(name="All", words=["x"], domain=["x.example"], **conditions),
        rule(RuleAction(kind=ActionKind.PERSON, value="3", label="Eva"), on=False, words=["é"]),
    )
    assert rules_from_json(rules_to_json(made)) == made


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        [1],
        [{"name": "x"}],
        [{"name": 1, "when": {"words": ["x"]}, "do": "skip"}],
        [{"name": "x", "when": {"words": "x"}, "do": "skip"}],
        [{"name": "x", "when": {"words": [1]}, "do": "skip"}],
        [{"name": "x", "when": {"other": ["x"]}, "do": "skip"}],
        [{"name": "x", "when": {"words": ["x"]}, "do": "delete"}],
    ],
)
def test_json_that_tells_no_rules_is_refused(told):
    """A form may hold anything."""
    with pytest.raises(InvalidInput):
        rules_from_json(told)


def test_rules_can_hold_from_now_on():
    """What was met before keeps the rules it was met with."""
    sync_settings = SyncSettings(
        incoming_type="meeting", outgoing_types=frozenset(), sync_from=date(2026, 3, 1)
    )
    skips = (rule(words=["x"]),)
    wanted = replace(sync_settings, rules=skips)
    later = settled(sync_settings, wanted, {"rules": Reach.FROM_NOW_ON})
    assert (later.begins_era, later.settings.rules) == (True, skips)
    assert [each.rules for each in later.settings.earlier] == [()]
    at_once = settled(later.settings, sync_settings, {"rules": Reach.EVERYTHING})
    assert [each.rules for each in at_once.settings.earlier] == [()]
    assert settled(sync_settings, wanted, {"rules": Reach.NOT_AT_ALL}).settings.rules == ()
