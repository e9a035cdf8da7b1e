"""Sync settings as they stand in a JSON column; keys that are added later do no harm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bridge.domain.rule_json import rules_from_json, rules_to_json
from bridge.domain.sync_settings import (
    EarlierChoice,
    IncomingVisibility,
    PrivateEvents,
    SyncSettings,
    SyncType,
    TypeColour,
)


def settings_to_json(settings: SyncSettings) -> dict[str, Any]:
    """Return the settings as JSON values."""
    return {
        "incoming_type": settings.incoming_type,
        "outgoing_types": sorted(settings.outgoing_types),
        "sync_from": settings.sync_from.isoformat(),
        "sync_type": settings.sync_type.value,
        "private_events": settings.private_events.value,
        "contact_information": settings.contact_information,
        "event_types": sorted(settings.event_types),
        "incoming_visibility": settings.incoming_visibility.value,
        "calendar_is_private": settings.calendar_is_private,
        "busy_only_types": sorted(settings.busy_only_types),
        "title_template": settings.title_template,
        "type_colours": {each.type_key: each.colour for each in sorted(settings.type_colours)},
        "guests_out": settings.guests_out,
        "persons_from_guests": settings.persons_from_guests,
        "rules": rules_to_json(settings.rules),
        "earlier": [
            {
                "outgoing_types": sorted(each.outgoing_types),
                "event_types": sorted(each.event_types),
                "rules": rules_to_json(each.rules),
            }
            for each in settings.earlier
        ],
        "private_changes": settings.private_changes,
    }


def settings_from_json(stored: Mapping[str, Any]) -> SyncSettings:
    """Return the settings; unknown keys are ignored, missing options have their default."""
    return SyncSettings(
        incoming_type=stored["incoming_type"],
        outgoing_types=frozenset(stored["outgoing_types"]),
        sync_from=date.fromisoformat(stored["sync_from"]),
        sync_type=SyncType(stored.get("sync_type", SyncType.TWO_WAY)),
        private_events=PrivateEvents(stored.get("private_events", PrivateEvents.SAVE_AS_PRIVATE)),
        contact_information=stored.get("contact_information", False),
        event_types=frozenset(stored.get("event_types", ("default",))),
        incoming_visibility=IncomingVisibility(
            stored.get("incoming_visibility", IncomingVisibility.EVERYONE)
        ),
        calendar_is_private=stored.get("calendar_is_private", False),
        busy_only_types=frozenset(stored.get("busy_only_types", ())),
        title_template=stored.get("title_template", ""),
        type_colours=frozenset(
            TypeColour(type_key=key, colour=colour)
            for key, colour in stored.get("type_colours", {}).items()
        ),
        guests_out=stored.get("guests_out", False),
        persons_from_guests=stored.get("persons_from_guests", False),
        rules=rules_from_json(stored.get("rules", [])),
        earlier=tuple(
            EarlierChoice(
                outgoing_types=frozenset(each["outgoing_types"]),
                event_types=frozenset(each["event_types"]),
                rules=rules_from_json(each.get("rules", [])),
            )
            for each in stored.get("earlier", ())
        ),
        private_changes=stored.get("private_changes", 0),
    )
