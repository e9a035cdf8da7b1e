"""The page of rules for incoming events: add, order, edit, rehearse, switch on and off, delete.

The list being worked on is carried by the page itself. Nothing is saved here: the way leads through
the plan of the options, like every other change of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from bridge.application.event_rules import EventRules, Rehearsed, Ruled, RuleMatches
from bridge.domain.message import Message
from bridge.domain.rule_words import rule_sentence
from bridge.domain.rules import (
    CHOICES,
    FIELD,
    ActionKind,
    ConditionKind,
    Rule,
    Rules,
    checked_rules,
)
from bridge.errors import BridgeError, InvalidInput, NotConnected, SideError
from bridge.web import security
from bridge.web.labels import sentence
from bridge.web.options import carried_options, options_of, shown_options
from bridge.web.problem import status_of, told
from bridge.web.rule_form import (
    ACTIONS,
    NO_RULE,
    NO_RULES,
    RuleFields,
    entered_rule,
    fields_of,
    rule_of,
    rules_of_text,
    text_of_rules,
)

pages = Blueprint("event_rules", __name__)

_REFUSALS = (InvalidInput, NotConnected, SideError)
_LISTED = tuple((kind.value, tuple(CHOICES[kind].items())) for kind in CHOICES)
_LEGENDS = {
    ConditionKind.COLOUR.value: Message("Its colour is one of"),
    ConditionKind.EVENT_TYPE.value: Message("It is"),
    ConditionKind.BUSY.value: Message("Its time shows as"),
    ConditionKind.REPLY.value: Message("I have"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What the page shows.

    Attributes:
        rules: As worked on.
        form: Of the rule being added or edited.
        rehearsed: What they would have matched, None when it was not asked.
    """

    rules: Rules
    form: RuleFields = NO_RULE
    rehearsed: Rehearsed | None = None
    error: BridgeError | None = None


@pages.get("/settings/calendar-sync/rules")
def show() -> ResponseReturnValue:
    """Show the saved rules."""
    ruled = _use().of(security.required().user)
    return _page(ruled, _Shown(rules=ruled.settings.rules))


@pages.post("/settings/calendar-sync/rules")
def work() -> ResponseReturnValue:
    """Take one step with the list that the page carries; nothing is saved."""
    ruled = _use().of(security.required().user)
    rules = ruled.settings.rules
    try:
        rules = rules_of_text(request.form.get("rules", NO_RULES))
        shown = _stepped(ruled, rules)
    except _REFUSALS as error:
        shown = _Shown(rules=rules, form=entered_rule(request.form), error=error)
        return _page(ruled, shown), status_of(error)
    return _page(ruled, shown)


def _stepped(ruled: Ruled, rules: Rules) -> _Shown:
    step, _, place = request.form.get("step", "").partition("-")
    if step == "rehearse":
        rehearsed = _use().rehearse(security.required().user, rules)
        return _Shown(rules=rules, rehearsed=rehearsed)
    if step == "keep":
        return _Shown(rules=_kept(ruled, rules))
    number = _number(place, rules)
    if step == "edit":
        return _Shown(rules=rules, form=fields_of(rules[number], number))
    return _Shown(rules=_rearranged(step, number, rules))


def _rearranged(step: str, number: int, rules: Rules) -> Rules:
    held, rule = list(rules), rules[number]
    match step:
        case "delete":
            del held[number]
        case "switch":
            held[number] = replace(rule, on=not rule.on)
        case "up" | "down":
            del held[number]
            held.insert(max(number + (1 if step == "down" else -1), 0), rule)
        case _:
            raise InvalidInput("choose what to do with the rule", field=FIELD)
    return tuple(held)


def _kept(ruled: Ruled, rules: Rules) -> Rules:
    """Return the rules with the one that was entered; a new one is off and comes last."""
    entered = entered_rule(request.form)
    number = _number(entered.number, rules) if entered.number else None
    find = partial(_use().linking, security.required().user)
    rule = rule_of(entered, on=number is not None and rules[number].on, find=find)
    if rule.action.kind is ActionKind.TYPE and rule.action.value not in _names(ruled):
        raise InvalidInput("choose one of the activity types", field=FIELD)
    if number is None:
        return checked_rules((*rules, rule))
    return checked_rules((*rules[:number], rule, *rules[number + 1 :]))


def _number(text: str, rules: Rules) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < len("1000")):
        raise InvalidInput("choose one of the rules", field=FIELD)
    if int(text) >= len(rules):
        raise InvalidInput("choose one of the rules", field=FIELD)
    return int(text)


def _page(ruled: Ruled, shown: _Shown) -> str:
    matches = shown.rehearsed.matches if shown.rehearsed else ()
    saved = options_of(ruled.connection)
    text = text_of_rules(shown.rules)
    options = replace(shown_options(saved), rules=text)
    return render_template(
        "event_rules.html",
        rules=_in_words(shown.rules, _names(ruled), matches),
        changed=shown.rules != ruled.settings.rules,
        text=text,
        carried=carried_options(options),
        form=shown.form,
        actions=ACTIONS,
        types=[(kind.key, kind.name) for kind in ruled.types],
        listed=_LISTED,
        legends=_LEGENDS,
        rehearsed=shown.rehearsed,
        error=_error_text(shown.error),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInWords:
    """One rule, as the page shows it."""

    name: str
    sentence: str
    on: bool
    matches: RuleMatches | None


def _in_words(
    rules: Sequence[Rule], types: dict[str, str], matches: Sequence[RuleMatches]
) -> list[RuleInWords]:
    found = dict(enumerate(matches))
    return [
        RuleInWords(
            name=rule.name,
            sentence=rule_sentence(rule, types),
            on=rule.on,
            matches=found.get(number),
        )
        for number, rule in enumerate(rules)
    ]


def _error_text(error: BridgeError | None) -> str:
    if error is None:
        return ""
    return sentence(error.message) if isinstance(error, InvalidInput) else told(error)


def _names(ruled: Ruled) -> dict[str, str]:
    return {kind.key: kind.name for kind in ruled.types}


def _use() -> EventRules:
    return security.services().event_rules
