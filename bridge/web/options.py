"""The options form: from a posted form to `SyncOptions`, and back to what the form shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from bridge.application.calendar_sync import NEW_CALENDAR, SyncOptions
from bridge.domain.activity import ActivityType
from bridge.domain.connection import Connection
from bridge.domain.sync_settings import PrivateEvents, SyncType
from bridge.errors import InvalidInput

EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)

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


def entered_options(form: MultiDict[str, str]) -> OptionFields:
    """Return what a person entered, however wrong it is."""
    return OptionFields(
        google_calendar=form.get("google_calendar", ""),
        sync_type=form.get("sync_type", ""),
        incoming_type=form.get("incoming_type", ""),
        outgoing_types=frozenset(form.getlist("outgoing_types")),
        private_events=form.get("private_events", ""),
        contact_information=form.get("contact_information") == "1",
        sync_from=form.get("sync_from", ""),
    )


def options_from_form(form: MultiDict[str, str]) -> SyncOptions:
    """Return the options a person chose.

    Raises:
        InvalidInput: A value is missing or none of the offered ones; the field is named.
    """
    entered = entered_options(form)
    if not entered.google_calendar:
        raise InvalidInput("choose a Google calendar", field="google_calendar")
    return SyncOptions(
        google_calendar=entered.google_calendar,
        sync_type=_choice(SyncType, entered.sync_type, field="sync_type"),
        incoming_type=entered.incoming_type,
        outgoing_types=entered.outgoing_types,
        private_events=_choice(PrivateEvents, entered.private_events, field="private_events"),
        contact_information=entered.contact_information,
        sync_from=_day(entered.sync_from),
    )


def shown_options(options: SyncOptions) -> OptionFields:
    """Return how the form shows these options."""
    return OptionFields(
        google_calendar=options.google_calendar,
        sync_type=options.sync_type.value,
        incoming_type=options.incoming_type,
        outgoing_types=options.outgoing_types,
        private_events=options.private_events.value,
        contact_information=options.contact_information,
        sync_from=options.sync_from.isoformat(),
    )


def default_options(types: Sequence[ActivityType], today: date) -> SyncOptions:
    """Return what a new account's form shows: everything out, two-way, from today."""
    keys = [activity_type.key for activity_type in types]
    return SyncOptions(
        google_calendar=NEW_CALENDAR,
        sync_type=SyncType.TWO_WAY,
        incoming_type="meeting" if "meeting" in keys else next(iter(keys), ""),
        outgoing_types=frozenset(keys),
        private_events=PrivateEvents.SAVE_AS_PRIVATE,
        contact_information=False,
        sync_from=today,
    )


def options_of(connection: Connection) -> SyncOptions:
    """Return what a connection's own settings show.

    Raises:
        InvalidInput: It has no settings yet.
    """
    settings = connection.settings
    if settings is None:
        raise InvalidInput("this connection has no options yet")
    return SyncOptions(
        google_calendar=connection.google_calendar_id or NEW_CALENDAR,
        sync_type=settings.sync_type,
        incoming_type=settings.incoming_type,
        outgoing_types=settings.outgoing_types,
        private_events=settings.private_events,
        contact_information=settings.contact_information,
        sync_from=settings.sync_from,
    )


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
        raise InvalidInput(f"enter a date from {EARLIEST.year} to {LATEST.year}", field="sync_from")
    return day
