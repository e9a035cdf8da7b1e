"""The options form: from a posted form to `SyncOptions`, and back to what the form shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from werkzeug.datastructures import MultiDict

from bridge.application.calendar_sync import SyncOptions
from bridge.domain.activity import ActivityType
from bridge.domain.connection import Connection
from bridge.domain.sync_settings import PrivateEvents, SyncType
from bridge.errors import InvalidInput

NEW_CALENDAR = "new"


def options_from_form(form: MultiDict[str, str]) -> SyncOptions:
    """Return the options a person chose.

    Raises:
        InvalidInput: A value is missing or none of the offered ones; the field is named.
    """
    calendar = form.get("google_calendar", "")
    if not calendar:
        raise InvalidInput("choose a Google calendar", field="google_calendar")
    try:
        return SyncOptions(
            google_calendar=calendar,
            sync_type=SyncType(form.get("sync_type", "")),
            incoming_type=form.get("incoming_type", ""),
            outgoing_types=frozenset(form.getlist("outgoing_types")),
            private_events=PrivateEvents(form.get("private_events", "")),
            contact_information=form.get("contact_information") == "1",
            sync_from=date.fromisoformat(form.get("sync_from", "")),
        )
    except ValueError as error:
        raise InvalidInput(
            "one of the options has a value that is not offered, or `Sync from` is no date"
        ) from error


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
