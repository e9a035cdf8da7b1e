"""What readings say of each place, in the order they were read; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.domain.identifiers import ETag
from bridge.sync.model import Delta, Item, Side, Unreadable

Place = tuple[Side, str, str]
"""Where an item is: side, collection and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One answer of one collection, to be folded."""

    side: Side
    collection: str
    delta: Delta


def latest(readings: Sequence[Reading]) -> dict[Place, Item | Unreadable | None]:
    """Return the last word on every name; None means gone."""
    told: dict[Place, Item | Unreadable | None] = {}
    for reading in readings:
        delta, at = reading.delta, (reading.side, reading.collection)
        told.update({(*at, name): None for name in delta.removed})
        news: tuple[Item | Unreadable, ...] = (*delta.unreadable, *delta.items)
        told.update({(*at, item.name): item for item in news})
    return told


def tombstones_of(readings: Sequence[Reading]) -> dict[Place, ETag]:
    """Return the last version of every deletion that was told with one."""
    return {
        (reading.side, reading.collection, name): version
        for reading in readings
        for name, version in reading.delta.tombstones.items()
    }


def asked_of(readings: Sequence[Reading]) -> frozenset[Place]:
    """Return the places whose news answer a question."""
    return frozenset(
        (reading.side, reading.collection, name)
        for reading in readings
        if reading.delta.asked
        for name in (*(item.name for item in reading.delta.items), *reading.delta.removed)
    )
