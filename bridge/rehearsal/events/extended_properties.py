"""Extended properties: a client's own names and values on an event.

Source: Google, "Extended properties": names over 44 characters are dropped and values over 1024 cut
without a word; 300 properties and 32 kB is all an event holds, both kinds together.
"""

from __future__ import annotations

from bridge.rehearsal.google_error import Json, invalid

_LONGEST_NAME, _LONGEST_VALUE, _MOST_PROPERTIES, _MOST_BYTES = 44, 1024, 300, 32 * 1024


def stored_properties(given: Json) -> Json:
    """Return `extendedProperties` as Google stores them.

    Raises:
        GoogleError: 400 for too many or too much.
    """
    kept = {kind: _kept(given[kind]) for kind in ("private", "shared") if given.get(kind)}
    pairs = [pair for properties in kept.values() for pair in properties.items()]
    size = sum(len(name.encode()) + len(value.encode()) for name, value in pairs)
    if len(pairs) > _MOST_PROPERTIES or size > _MOST_BYTES:
        raise invalid("A provided value exceeds the allowed size limit.")
    return {kind: properties for kind, properties in kept.items() if properties}


def _kept(given: Json) -> Json:
    return {
        name: value[:_LONGEST_VALUE]
        for name, value in given.items()
        if len(name) <= _LONGEST_NAME and value is not None
    }
