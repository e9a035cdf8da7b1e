"""The form of one rule, and a list of rules as one hidden field: nothing is kept on the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from bridge.domain.message import Message
from bridge.domain.rule_json import rules_from_json, rules_to_json
from bridge.domain.rules import (
    FIELD,
    LINKING,
    ActionKind,
    Condition,
    ConditionKind,
    Rule,
    RuleAction,
    Rules,
)
from bridge.errors import InvalidInput

NO_RULES = "[]"
ACTIONS: tuple[tuple[str, str], ...] = (
    (ActionKind.TYPE.value, Message("Save it as this type")),
    (ActionKind.PRIVATE.value, Message("Make it private in the CRM")),
    (ActionKind.PERSON.value, Message("Link it to this person")),
    (ActionKind.DEAL.value, Message("Link it to this deal")),
    (ActionKind.SKIP.value, Message("Leave it at Google")),
)
_TYPED = (ConditionKind.WORDS, ConditionKind.DOMAIN)
FindContact = Callable[[ActionKind, str], RuleAction]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFields:
    """What the form of a rule holds, as texts; of a refused form whatever was entered.

    Attributes:
        when: Values by kind of condition.
        number: Of the rule that is edited, "" for a new one.
        contact: Name of the person or deal.
    """

    name: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    action: str = ActionKind.TYPE.value
    type_key: str = ""
    contact: str = ""
    number: str = ""

    def typed(self, kind: str) -> str:
        """Return values as a person types them, with commas between."""
        return ", ".join(self.when.get(kind, ()))


NO_RULE = RuleFields()


def rules_of_text(text: str) -> Rules:
    """Return the rules that a hidden field carries.

    Raises:
        InvalidInput: It carries none.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "these rules cannot be read; open the page of rules again", field=FIELD
        ) from error
    return rules_from_json(told)


def text_of_rules(rules: Rules) -> str:
    """Return the rules as a hidden field carries them."""
    return json.dumps(rules_to_json(rules))


def entered_rule(form: MultiDict[str, str]) -> RuleFields:
    """Return what a person entered, however wrong it is."""
    when = {kind.value: _values(form, kind) for kind in ConditionKind}
    return RuleFields(
        name=form.get("rule_name", "").strip(),
        when={kind: values for kind, values in when.items() if values},
        action=form.get("rule_action", ""),
        type_key=form.get("rule_type", ""),
        contact=form.get("rule_contact", "").strip(),
        number=form.get("rule_number", ""),
    )


def rule_of(entered: RuleFields, *, on: bool, find: FindContact) -> Rule:
    """Return the rule that was entered.

    Args:
        entered: The form.
        on: Whether it does anything.
        find: Returns the action that links to a person or deal by name.

    Raises:
        InvalidInput: It means nothing.
    """
    conditions = tuple(
        Condition(kind=ConditionKind(kind), values=values) for kind, values in entered.when.items()
    )
    if not conditions:
        raise InvalidInput("a rule needs at least one condition", field=FIELD)
    return Rule(name=entered.name, conditions=conditions, action=_action(entered, find), on=on)


def fields_of(rule: Rule, number: int) -> RuleFields:
    """Return how the form shows a rule that is edited."""
    action = rule.action
    return RuleFields(
        name=rule.name,
        when={condition.kind.value: condition.values for condition in rule.conditions},
        action=action.kind.value,
        type_key=action.value if action.kind is ActionKind.TYPE else "",
        contact=action.label,
        number=str(number),
    )


def _action(entered: RuleFields, find: FindContact) -> RuleAction:
    if entered.action not in set(ActionKind):
        raise InvalidInput("choose what the rule does", field=FIELD)
    kind = ActionKind(entered.action)
    if kind in LINKING:
        return find(kind, entered.contact)
    return RuleAction(kind=kind, value=entered.type_key if kind is ActionKind.TYPE else "")


def _values(form: MultiDict[str, str], kind: ConditionKind) -> tuple[str, ...]:
    given = form.getlist(f"when_{kind.value}")
    if kind in _TYPED:
        given = [each.strip() for text in given for each in text.split(",")]
    return tuple(dict.fromkeys(value for value in given if value))
