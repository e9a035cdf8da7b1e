"""The options form: from a posted form to `SyncOptions`, and back to what the form shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from bridge.application.option_plan import NEW_CALENDAR, SyncOptions
from bridge.domain.activity import ActivityType
from bridge.domain.connection import Connection
from bridge.domain.message import Message
from bridge.domain.sync_settings import (
    DEFAULT_EVENT_TYPE,
    SPECIAL_EVENT_TYPES,
    TEMPLATE_FIELDS,
    TEMPLATE_SUBJECT,
    IncomingVisibility,
    PrivateEvents,
    SyncSettings,
    SyncType,
    TypeColour,
)
from bridge.errors import InvalidInput
from bridge.web.labels import TYPE_COLOURS
from bridge.web.rule_form import NO_RULES, rules_of_text, text_of_rules

EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)
LONGEST_TEMPLATE = 200
PUBLIC, PRIVATE = "public", "private"
_ON = "1"
_FIELD = re.compile(r"\{([^{}]*)\}")

_Choice = TypeVar("_Choice", bound=Enum)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionFields:
    """What the fields of the form hold, as texts; of a refused form whatever was entered."""

    google_calendar: str
    sync_type: str
    incoming_type: str
    outgoing_types: frozenset[str]
    private_events: str
    contact_information: bool
    sync_from: str
    event_types: frozenset[str] = frozenset()
    incoming_visibility: str = IncomingVisibility.EVERYONE.value
    calendar_default: str = PUBLIC
    busy_only_types: frozenset[str] = frozenset()
    title_template: str = ""
    type_colours: frozenset[str] = frozenset()
    guests_out: bool = False
    persons_from_guests: bool = False
    rules: str = NO_RULES

    @property
    def has_more(self) -> bool:
        """Whether any of the options that few people need says something else than at first."""
        chosen = self.event_types or self.busy_only_types or self.title_template or self.guests_out
        chosen = chosen or self.type_colours or self.persons_from_guests
        visible = self.incoming_visibility == IncomingVisibility.EVERYONE.value
        return bool(chosen) or not visible or self.calendar_default != PUBLIC


def entered_options(form: MultiDict[str, str]) -> OptionFields:
    """Return what a person entered, however wrong it is."""
    return OptionFields(
        google_calendar=form.get("google_calendar", ""),
        sync_type=form.get("sync_type", ""),
        incoming_type=form.get("incoming_type", ""),
        outgoing_types=frozenset(form.getlist("outgoing_types")),
        private_events=form.get("private_events", ""),
        contact_information=form.get("contact_information") == _ON,
        sync_from=form.get("sync_from", ""),
        event_types=frozenset(form.getlist("event_types")),
        incoming_visibility=form.get("incoming_visibility", IncomingVisibility.EVERYONE.value),
        calendar_default=form.get("calendar_default", PUBLIC),
        busy_only_types=frozenset(form.getlist("busy_only_types")),
        title_template=form.get("title_template", "").strip(),
        type_colours=frozenset(form.getlist("type_colours")) - {""},
        guests_out=form.get("guests_out") == _ON,
        persons_from_guests=form.get("persons_from_guests") == _ON,
        rules=form.get("rules", NO_RULES),
    )


def options_from_form(form: MultiDict[str, str]) -> SyncOptions:
    """Return the options a person chose.

    Raises:
        InvalidInput: A value is missing or none of the offered ones; the field is named.
    """
    entered = entered_options(form)
    if not entered.google_calendar:
        raise InvalidInput("choose a Google calendar", field="google_calendar")
    if entered.calendar_default not in {PUBLIC, PRIVATE}:
        raise InvalidInput("choose one of the values on the list", field="calendar_default")
    if not entered.event_types <= set(SPECIAL_EVENT_TYPES):
        raise InvalidInput("choose among the kinds of events", field="event_types")
    settings = SyncSettings(
        incoming_type=entered.incoming_type,
        outgoing_types=entered.outgoing_types,
        sync_from=_day(entered.sync_from),
        sync_type=_choice(SyncType, entered.sync_type, field="sync_type"),
        private_events=_choice(PrivateEvents, entered.private_events, field="private_events"),
        contact_information=entered.contact_information,
        event_types=entered.event_types | {DEFAULT_EVENT_TYPE},
        incoming_visibility=_choice(
            IncomingVisibility, entered.incoming_visibility, field="incoming_visibility"
        ),
        calendar_is_private=entered.calendar_default == PRIVATE,
        busy_only_types=entered.busy_only_types,
        title_template=_template(entered.title_template),
        type_colours=_colours(entered.type_colours),
        guests_out=entered.guests_out,
        persons_from_guests=entered.persons_from_guests,
        rules=rules_of_text(entered.rules),
    )
    return SyncOptions(google_calendar=entered.google_calendar, settings=settings)


def shown_options(options: SyncOptions) -> OptionFields:
    """Return how the form shows these options."""
    settings = options.settings
    return OptionFields(
        google_calendar=options.google_calendar,
        sync_type=settings.sync_type.value,
        incoming_type=settings.incoming_type,
        outgoing_types=settings.outgoing_types,
        private_events=settings.private_events.value,
        contact_information=settings.contact_information,
        sync_from=settings.sync_from.isoformat(),
        event_types=settings.event_types - {DEFAULT_EVENT_TYPE},
        incoming_visibility=settings.incoming_visibility.value,
        calendar_default=PRIVATE if settings.calendar_is_private else PUBLIC,
        busy_only_types=settings.busy_only_types,
        title_template=settings.title_template,
        type_colours=frozenset(map(colour_value, settings.type_colours)),
        guests_out=settings.guests_out,
        persons_from_guests=settings.persons_from_guests,
        rules=text_of_rules(settings.rules),
    )


def colour_value(chosen: TypeColour) -> str:
    """Return the value of the field that says which colour a type has: `call:5`."""
    return f"{chosen.type_key}:{chosen.colour}"


def carried_options(options: OptionFields) -> list[tuple[str, str]]:
    """Return the fields of a form that carries these options on unseen."""
    pairs: list[tuple[str, str]] = []
    for each in fields(options):
        match getattr(options, each.name):
            case bool() as on:
                pairs += [(each.name, _ON)] if on else []
            case frozenset() as chosen:
                pairs += [(each.name, value) for value in sorted(chosen)]
            case value:
                pairs.append((each.name, str(value)))
    return pairs


def default_options(types: Sequence[ActivityType], today: date) -> SyncOptions:
    """Return what a new account's form shows: everything out, two-way, from today."""
    keys = [activity_type.key for activity_type in types]
    settings = SyncSettings(
        incoming_type="meeting" if "meeting" in keys else next(iter(keys), ""),
        outgoing_types=frozenset(keys),
        sync_from=today,
    )
    return SyncOptions(google_calendar=NEW_CALENDAR, settings=settings)


def options_of(connection: Connection) -> SyncOptions:
    """Return what a connection's own settings show.

    Raises:
        InvalidInput: It has no settings yet.
    """
    if connection.settings is None:
        raise InvalidInput("this connection has no options yet")
    calendar = connection.google_calendar_id or NEW_CALENDAR
    return SyncOptions(google_calendar=calendar, settings=connection.settings)


def _choice(choices: type[_Choice], value: str, *, field: str) -> _Choice:
    try:
        return choices(value)
    except ValueError as error:
        raise InvalidInput("choose one of the values on the list", field=field) from error


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("enter a date", field="sync_from") from error
    if not EARLIEST <= day <= LATEST:
        raise InvalidInput(
            Message(
                "enter a date from %(first)s to %(last)s", first=EARLIEST.year, last=LATEST.year
            ),
            field="sync_from",
        )
    return day


def _colours(values: frozenset[str]) -> frozenset[TypeColour]:
    pairs = [value.rpartition(":") for value in values]
    chosen = [TypeColour(type_key=key, colour=colour) for key, _, colour in pairs]
    known = all(each.type_key and each.colour in TYPE_COLOURS for each in chosen)
    if not known or len({each.type_key for each in chosen}) < len(chosen):
        raise InvalidInput("choose one of the values on the list", field="type_colours")
    return frozenset(chosen)


def _template(text: str) -> str:
    """Return a title template; the subject alone is none."""
    subject = f"{{{TEMPLATE_SUBJECT}}}"
    if text in {"", subject}:
        return ""
    if len(text) > LONGEST_TEMPLATE or not text.isprintable():
        raise InvalidInput(
            Message(
                "a title has one line of at most %(longest)s characters", longest=LONGEST_TEMPLATE
            ),
            field="title_template",
        )
    named = _FIELD.findall(text)
    unknown = [name for name in named if name not in {TEMPLATE_SUBJECT, *TEMPLATE_FIELDS}]
    if unknown:
        offered = ", ".join(f"{{{name}}}" for name in TEMPLATE_FIELDS)
        raise InvalidInput(
            Message(
                "`%(name)s` is not known; there are %(offered)s",
                name=f"{{{unknown[0]}}}",
                offered=f"{subject}, {offered}",
            ),
            field="title_template",
        )
    if named.count(TEMPLATE_SUBJECT) != 1:
        raise InvalidInput(
            Message("a title holds %(subject)s once", subject=subject), field="title_template"
        )
    return text
