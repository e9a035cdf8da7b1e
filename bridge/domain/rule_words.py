"""A rule for incoming events in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.domain.rules import (
    CHOICES,
    ActionKind,
    Condition,
    ConditionKind,
    Rule,
    RuleAction,
)


def rule_sentence(rule: Rule, types: Mapping[str, str]) -> str:
    """Return a rule in plain words.

    Args:
        rule: The rule.
        types: Names of the activity types by their keys.
    """
    conditions = " and ".join(_words_of(condition) for condition in rule.conditions)
    return f"When {conditions}, {_done(rule.action, types)}."


def _words_of(condition: Condition) -> str:
    values = [CHOICES.get(condition.kind, {}).get(v, f"“{v}”") for v in condition.values]
    listed = " or ".join(values)
    match condition.kind:
        case ConditionKind.WORDS:
            return f"title or description contains {listed}"
        case ConditionKind.DOMAIN:
            return f"somebody of {listed} takes part"
        case ConditionKind.COLOUR:
            return f"the colour is {listed}"
        case ConditionKind.EVENT_TYPE:
            return f"the event is {listed}"
        case ConditionKind.BUSY:
            return f"the time shows as {listed}"
        case ConditionKind.REPLY:
            return f"I have {listed}"


def _done(action: RuleAction, types: Mapping[str, str]) -> str:
    match action.kind:
        case ActionKind.TYPE:
            return f"save it as {types.get(action.value, action.value)}"
        case ActionKind.PRIVATE:
            return "make it private in the CRM"
        case ActionKind.PERSON | ActionKind.DEAL:
            return f"link it to the {action.kind} “{action.label}”"
        case ActionKind.SKIP:
            return "leave it at Google"
