"""Rules for events that come in from Google: when all conditions hold, one thing is done (B8).

Rules are read from top to bottom. Of each kind of action the first rule that matches counts, so one
rule may give the type and another one make it private. A rule that skips wins over all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bridge.domain.message import Message
from bridge.errors import InvalidInput

FIELD = "rules"
MOST_RULES = 50
MOST_VALUES = 30
LONGEST_NAME = 60
LONGEST_VALUE = 100
_MOST_DIGITS = 18
NO_COLOUR = "0"
"""Value of an event that has its calendar's colour; Google counts its own from 1."""
EVENT_COLOURS: Mapping[str, str] = {
    NO_COLOUR: Message("the calendar's own"),
    "1": Message("Lavender"),
    "2": Message("Sage"),
    "3": Message("Grape"),
    "4": Message("Flamingo"),
    "5": Message("Banana"),
    "6": Message("Tangerine"),
    "7": Message("Peacock"),
    "8": Message("Graphite"),
    "9": Message("Blueberry"),
    "10": Message("Basil"),
    "11": Message("Tomato"),
}
"""Names of Google's event colours, as its pages show them, by `colorId`."""


class ConditionKind(StrEnum):
    """What of an event a condition looks at."""

    WORDS = "words"
    DOMAIN = "domain"
    COLOUR = "colour"
    EVENT_TYPE = "event-type"
    BUSY = "busy"
    REPLY = "reply"


class ActionKind(StrEnum):
    """What a rule does."""

    TYPE = "type"
    PRIVATE = "private"
    PERSON = "person"
    DEAL = "deal"
    SKIP = "skip"


LINKING = frozenset({ActionKind.PERSON, ActionKind.DEAL})
_LINKED = {
    ActionKind.PERSON: Message("choose the person that the rule links"),
    ActionKind.DEAL: Message("choose the deal that the rule links"),
}
CHOICES: Mapping[ConditionKind, Mapping[str, str]] = {
    ConditionKind.COLOUR: EVENT_COLOURS,
    ConditionKind.EVENT_TYPE: {
        "default": Message("a usual event"),
        "birthday": Message("a birthday"),
        "workingLocation": Message("a working location"),
        "focusTime": Message("focus time"),
        "outOfOffice": Message("out of office"),
        "fromGmail": Message("made from a mail"),
    },
    ConditionKind.BUSY: {"busy": Message("busy"), "free": Message("free")},
    ConditionKind.REPLY: {
        "accepted": Message("accepted"),
        "tentative": Message("answered with maybe"),
        "declined": Message("declined"),
        "needs-action": Message("not answered yet"),
    },
}
"""Values and words of the conditions that choose from a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTraits:
    """What rules ask of one of Google's events.

    Attributes:
        text: Title and description, as Google shows them.
        domains: Of the guests and the organizer besides the account, in lower case.
        colour: `colorId`, `NO_COLOUR` without one.
        reply: The account's own answer, "" where it was not asked.
    """

    text: str = ""
    domains: frozenset[str] = frozenset()
    colour: str = NO_COLOUR
    event_type: str = "default"
    busy: bool = True
    reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing to look at; it holds when any of the values does.

    Raises:
        InvalidInput: There is no value, or one that can never hold.
    """

    kind: ConditionKind
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.values) <= MOST_VALUES:
            raise InvalidInput(
                Message("a condition of a rule has from 1 to %(most)s values", most=MOST_VALUES),
                field=FIELD,
            )
        for value in self.values:
            _check_value(self.kind, value)

    def holds(self, event: EventTraits) -> bool:
        """Return whether it holds for the event."""
        match self.kind:
            case ConditionKind.WORDS:
                text = event.text.casefold()
                return any(value.casefold() in text for value in self.values)
            case ConditionKind.DOMAIN:
                return any(_is_below(domain, self.values) for domain in event.domains)
            case ConditionKind.COLOUR:
                return event.colour in self.values
            case ConditionKind.EVENT_TYPE:
                return event.event_type in self.values
            case ConditionKind.BUSY:
                return ("busy" if event.busy else "free") in self.values
            case ConditionKind.REPLY:
                return event.reply in self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAction:
    """What is done with an event that matches.

    Attributes:
        value: Key of the type, or id of the person or deal; "" for the others.
        label: Name of the person or title of the deal, as it was chosen.

    Raises:
        InvalidInput: The value does not fit.
    """

    kind: ActionKind
    value: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        if self.kind is ActionKind.TYPE and not _is_line(self.value):
            raise InvalidInput("choose the type that the rule gives", field=FIELD)
        if self.kind in LINKING and not (_is_id(self.value) and self._is_named):
            raise InvalidInput(_LINKED[self.kind], field=FIELD)
        uses_value = self.kind is ActionKind.TYPE or self.kind in LINKING
        if (self.value and not uses_value) or (self.label and self.kind not in LINKING):
            raise InvalidInput("the rule says more than it does", field=FIELD)

    @property
    def _is_named(self) -> bool:
        return bool(self.label) and self.label.isprintable()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a connection.

    Attributes:
        name: How people know it; no other rule of the connection has it.
        conditions: All of them have to hold; each kind at most once.
        on: A rule that is off does nothing, and can be rehearsed.

    Raises:
        InvalidInput: The name or the conditions are none.
    """

    name: str
    conditions: tuple[Condition, ...]
    action: RuleAction
    on: bool = False

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= LONGEST_NAME or not self.name.isprintable():
            raise InvalidInput(
                Message(
                    "a rule has a name of one line, at most %(longest)s characters",
                    longest=LONGEST_NAME,
                ),
                field=FIELD,
            )
        kinds = [condition.kind for condition in self.conditions]
        if not kinds or len(kinds) != len(set(kinds)):
            raise InvalidInput(
                Message(
                    "the rule `%(name)s` needs a condition, each kind once at most", name=self.name
                ),
                field=FIELD,
            )

    def matches(self, event: EventTraits) -> bool:
        """Return whether all conditions hold, on or off."""
        return all(condition.holds(event) for condition in self.conditions)


Rules = tuple[Rule, ...]


def checked_rules(rules: Iterable[Rule]) -> Rules:
    """Return the rules of one connection.

    Raises:
        InvalidInput: Too many, or two of one name.
    """
    held = tuple(rules)
    if len(held) > MOST_RULES:
        raise InvalidInput(
            Message("there can be at most %(most)s rules", most=MOST_RULES), field=FIELD
        )
    names: set[str] = set()
    for rule in held:
        if rule.name.casefold() in names:
            raise InvalidInput(
                Message("two rules have the name `%(name)s`", name=rule.name), field=FIELD
            )
        names.add(rule.name.casefold())
    return held


def skipping_rule(rules: Sequence[Rule], event: EventTraits) -> Rule | None:
    """Return the rule that leaves the event at Google, None where none does."""
    return _first(rules, event, ActionKind.SKIP)


def actions_for(rules: Sequence[Rule], event: EventTraits) -> Mapping[ActionKind, RuleAction]:
    """Return what is done with an event that becomes an activity, the first of each kind."""
    found = {kind: _first(rules, event, kind) for kind in ActionKind}
    return {kind: rule.action for kind, rule in found.items() if rule is not None}


def _first(rules: Sequence[Rule], event: EventTraits, kind: ActionKind) -> Rule | None:
    held = (rule for rule in rules if rule.on and rule.action.kind is kind)
    return next((rule for rule in held if rule.matches(event)), None)


def _check_value(kind: ConditionKind, value: str) -> None:
    choices = CHOICES.get(kind)
    if choices is not None and value not in choices:
        raise InvalidInput(
            Message("a rule cannot look for `%(value)s` there", value=value), field=FIELD
        )
    if not _is_line(value) or value != value.strip():
        raise InvalidInput(
            Message(
                "what a rule looks for has one line of at most %(longest)s characters",
                longest=LONGEST_VALUE,
            ),
            field=FIELD,
        )
    if kind is ConditionKind.DOMAIN and ("." not in value.strip(".") or set(value) & set("@ /")):
        raise InvalidInput(
            Message("`%(value)s` is no domain", value=value),
            field=FIELD,
            hint=Message("write it like `example.com`"),
        )


def _is_line(text: str) -> bool:
    return 0 < len(text) <= LONGEST_VALUE and text.isprintable()


def _is_below(domain: str, values: Sequence[str]) -> bool:
    """Return whether a domain is one of the values, or lies below one."""
    wanted = [value.casefold().strip(".") for value in values]
    return any(domain == each or domain.endswith(f".{each}") for each in wanted)


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS
