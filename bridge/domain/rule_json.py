"""Rules as JSON values: as they are stored, and as a form carries them on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.domain.rules import (
    FIELD,
    ActionKind,
    Condition,
    ConditionKind,
    Rule,
    RuleAction,
    Rules,
    checked_rules,
)
from bridge.errors import InvalidInput


def rules_to_json(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Return the rules as JSON values, in their order."""
    return [
        {
            "name": rule.name,
            "on": rule.on,
            "when": {each.kind.value: list(each.values) for each in rule.conditions},
            "do": rule.action.kind.value,
            "value": rule.action.value,
            "label": rule.action.label,
        }
        for rule in rules
    ]


def rules_from_json(told: object) -> Rules:
    """Return the rules that JSON values tell.

    Raises:
        InvalidInput: They tell none; whoever sent them made them up.
    """
    if not isinstance(told, list):
        raise _odd()
    return checked_rules(_rule(each) for each in told)


def _rule(told: object) -> Rule:
    if not isinstance(told, Mapping) or not isinstance(told.get("when"), Mapping):
        raise _odd()
    return Rule(
        name=_text(told, "name"),
        on=told.get("on") is True,
        conditions=tuple(_condition(kind, values) for kind, values in told["when"].items()),
        action=RuleAction(
            kind=_action(_text(told, "do")),
            value=_text(told, "value"),
            label=_text(told, "label"),
        ),
    )


def _condition(kind: object, values: object) -> Condition:
    if not isinstance(kind, str) or kind not in set(ConditionKind):
        raise _odd()
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _odd()
    return Condition(kind=ConditionKind(kind), values=tuple(values))


def _action(word: str) -> ActionKind:
    try:
        return ActionKind(word)
    except ValueError as error:
        raise _odd() from error


def _text(told: Mapping[str, object], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise _odd()
    return value


def _odd() -> InvalidInput:
    return InvalidInput("these rules cannot be read; open the page of rules again", field=FIELD)
