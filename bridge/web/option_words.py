"""Changed options in words: what they are called, what they were, how far the change reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from bridge.application.option_plan import OptionChange
from bridge.domain.activity import ActivityType
from bridge.domain.message import Message, joined
from bridge.domain.option_changes import Reach
from bridge.domain.rules import Rule
from bridge.domain.sync_settings import DEFAULT_EVENT_TYPE, TypeColour
from bridge.web.labels import (
    CALENDAR_DEFAULTS,
    EVENT_TYPES,
    INCOMING_VISIBILITY,
    PRIVATE_EVENTS,
    SYNC_TYPES,
    TYPE_COLOURS,
)
from bridge.web.languages import written

OPTION_LABELS: Mapping[str, str] = {
    "incoming_type": Message("Save calendar events as"),
    "outgoing_types": Message("Sync these activities"),
    "sync_from": Message("Sync from"),
    "sync_type": Message("Sync type"),
    "private_events": Message("Private events"),
    "contact_information": Message("Add linked contact information to Google events"),
    "event_types": Message("Also bring in, read-only"),
    "incoming_visibility": Message("New activities from Google are shown to"),
    "calendar_is_private": Message("My calendar's default is"),
    "busy_only_types": Message("Show only as busy"),
    "title_template": Message("Title at Google"),
    "type_colours": Message("Colour at Google"),
    "guests_out": Message("Write guests to Google events"),
    "persons_from_guests": Message("Create persons for guests the CRM does not know"),
    "rules": Message("Rules for incoming events"),
}
REACHES: Mapping[Reach, str] = {
    Reach.EVERYTHING: Message("To everything"),
    Reach.FROM_NOW_ON: Message("From now on"),
    Reach.NOT_AT_ALL: Message("Not at all"),
}
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "sync_type": dict(SYNC_TYPES),
    "private_events": dict(PRIVATE_EVENTS),
    "incoming_visibility": dict(INCOMING_VISIBILITY),
    "event_types": dict(EVENT_TYPES),
}
_OF_TYPES = frozenset({"incoming_type", "outgoing_types", "busy_only_types"})
_NOTHING = Message("nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeInWords:
    """One changed option, as the plan page shows it.

    Attributes:
        name: Of the field that says how far it reaches.
        choices: Values and words of that field.
        chosen: Its present value.
    """

    name: str
    label: str
    before: str
    after: str
    choices: tuple[tuple[str, str], ...]
    chosen: str


def changes_in_words(
    changes: Sequence[OptionChange], types: Sequence[ActivityType]
) -> list[ChangeInWords]:
    """Return the changes in words; types by their names, in their order."""
    named = {kind.key: kind.name for kind in types}
    return [
        ChangeInWords(
            name=reach_field(change.option),
            label=OPTION_LABELS[change.option],
            before=_value(change.option, change.before, named),
            after=_value(change.option, change.after, named),
            choices=tuple((reach.value, REACHES[reach]) for reach in change.offered),
            chosen=change.reach.value,
        )
        for change in changes
    ]


def reach_field(option: str) -> str:
    """Return the name of the field that says how far the change of an option reaches."""
    return f"reach_{option}"


def _value(option: str, value: object, types: Mapping[str, str]) -> str:
    if option == "calendar_is_private":
        return CALENDAR_DEFAULTS[bool(value)][1]
    if isinstance(value, tuple):
        return joined(", ", map(_ruled, value)) or _NOTHING
    if option == "type_colours" and isinstance(value, frozenset):
        return _coloured(value, types) or _NOTHING
    return _named(value, types if option in _OF_TYPES else _CHOICES.get(option, {}))


def _named(value: object, names: Mapping[str, str]) -> str:
    match value:
        case bool():
            return Message("on") if value else Message("off")
        case frozenset():
            return _listed(value, names)
        case date():
            return written(value, "day")
        case Enum():
            return names.get(str(value.value), str(value.value))
        case _:
            return names.get(str(value), str(value)) or _NOTHING


def _coloured(chosen: frozenset[TypeColour], types: Mapping[str, str]) -> str:
    colours = {each.type_key: TYPE_COLOURS.get(each.colour, each.colour) for each in chosen}
    listed = [joined(": ", (name, colours[key])) for key, name in types.items() if key in colours]
    return joined(", ", listed)


def _ruled(rule: Rule) -> str:
    return rule.name if rule.on else Message("%(name)s (off)", name=rule.name)


def _listed(values: frozenset[str], names: Mapping[str, str]) -> str:
    others = sorted(values - set(names) - {DEFAULT_EVENT_TYPE})
    listed = [name for key, name in names.items() if key in values] + others
    return joined(", ", listed) or _NOTHING
