"""A rule for incoming events in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from bridge.domain.message import Message
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
    conditions = reduce(_both, (_words_of(condition) for condition in rule.conditions))
    done = _done(rule.action, types)
    return Message("When %(conditions)s, %(action)s.", conditions=conditions, action=done)


def _both(one: str, other: str) -> Message:
    return Message("%(one)s and %(other)s", one=one, other=other)


def _either(one: str, other: str) -> Message:
    return Message("%(one)s or %(other)s", one=one, other=other)


def _words_of(condition: Condition) -> str:
    known = CHOICES.get(condition.kind, {})
    values = (known.get(each) or Message("“%(title)s”", title=each) for each in condition.values)
    listed = reduce(_either, values)
    match condition.kind:
        case ConditionKind.WORDS:
            return Message("title or description contains %(listed)s", listed=listed)
        case ConditionKind.DOMAIN:
            return Message("somebody of %(listed)s takes part", listed=listed)
        case ConditionKind.COLOUR:
            return Message("the colour is %(listed)s", listed=listed)
        case ConditionKind.EVENT_TYPE:
            return Message("the event is %(listed)s", listed=listed)
        case ConditionKind.BUSY:
            return Message("the time shows as %(listed)s", listed=listed)
        case ConditionKind.REPLY:
            return Message("I have %(listed)s", listed=listed)


def _done(action: RuleAction, types: Mapping[str, str]) -> str:
    match action.kind:
        case ActionKind.TYPE:
            return Message("save it as %(type)s", type=types.get(action.value, action.value))
        case ActionKind.PRIVATE:
            return Message("make it private in the CRM")
        case ActionKind.PERSON:
            return Message("link it to the person “%(name)s”", name=action.label)
        case ActionKind.DEAL:
            return Message("link it to the deal “%(name)s”", name=action.label)
        case ActionKind.SKIP:
            return Message("leave it at Google")
