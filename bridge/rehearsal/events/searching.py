"""Free text search in events, the parameter `q`.

Source: Google, Events: list. Every word must occur somewhere in the fields that the reference
names, be it inside another word; status events answer to the title Google shows for them, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.rehearsal.google_error import Json

_TEXTS = ("summary", "description", "location")
_PLACE_LABELS = (
    ("officeLocation", "buildingId"), ("officeLocation", "deskId"), ("officeLocation", "label"),
    ("customLocation", "label"),
)  # fmt: skip
_TITLES = {
    "outOfOffice": "out of office",
    "focusTime": "focus time",
    "homeOffice": "home",
    "officeLocation": "office",
    "customLocation": "custom location",
}


def has_text(body: Json, text: str) -> bool:
    """Return whether all words of a text occur in an event; capitals do not count."""
    words = text.lower().split()
    if not words:
        return True
    searchable = "\n".join(_searchable(body)).lower()
    return all(word in searchable for word in words)


def _searchable(body: Json) -> Iterator[str]:
    yield from (body.get(name, "") for name in _TEXTS)
    for person in (body.get("organizer", {}), *body.get("attendees", [])):
        yield person.get("email", "")
        yield person.get("displayName", "")
    place = body.get("workingLocationProperties", {})
    yield from (place.get(kind, {}).get(name, "") for kind, name in _PLACE_LABELS)
    yield _TITLES.get(place.get("type", body["eventType"]), "")
