"""Sync settings as they stand in a JSON column; keys that are added later do no harm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bridge.domain.sync_settings import PrivateEvents, SyncSettings, SyncType


def settings_to_json(settings: SyncSettings) -> dict[str, Any]:
    """Return the settings as JSON values."""
    return {
        "incoming_type": settings.incoming_type,
        "outgoing_types": sorted(settings.outgoing_types),
        "sync_from": settings.sync_from.isoformat(),
        "sync_type": settings.sync_type.value,
        "private_events": settings.private_events.value,
        "contact_information": settings.contact_information,
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
    )
