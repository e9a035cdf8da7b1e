"""How far a changed option reaches: to everything, from now on, or not at all (features B10).

*To everything*: what was met before the change is treated as if the option had always been so.
*From now on*: what was met before keeps its treatment; only what comes later is treated anew. For
the choices of what syncs, the earlier choice is kept in `SyncSettings.earlier` and the links
remember which one is theirs (`Link.era`). Type and visibility of new activities, and persons made
of guests, concern only what comes later anyway. All other options say how an item is shown or in
which direction it goes; two items side by side that are shown differently without a visible reason
help nobody, so those are changed for everything or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from bridge.domain.sync_settings import EarlierChoice, SyncSettings


class Reach(StrEnum):
    """How far a change reaches."""

    EVERYTHING = "everything"
    FROM_NOW_ON = "from-now-on"
    NOT_AT_ALL = "not-at-all"


CHOICES_OF_WHAT_SYNCS = tuple(each.name for each in fields(EarlierChoice))
_NO_CHOICES = frozenset({"earlier", "private_changes"})
_ONLY_LATER = ("incoming_type", "incoming_visibility", "persons_from_guests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is to be saved.

    Attributes:
        begins_era: What was met until now is to be judged by the last of `settings.earlier`.
    """

    settings: SyncSettings
    begins_era: bool = False

    @property
    def era(self) -> int | None:
        """The era of what was met until now, None when none begins."""
        return len(self.settings.earlier) - 1 if self.begins_era else None


def reaches_of(option: str) -> tuple[Reach, ...]:
    """Return how far a change of this option can reach, the usual answer first."""
    if option in CHOICES_OF_WHAT_SYNCS:
        return (Reach.EVERYTHING, Reach.FROM_NOW_ON, Reach.NOT_AT_ALL)
    first = Reach.FROM_NOW_ON if option in _ONLY_LATER else Reach.EVERYTHING
    return (first, Reach.NOT_AT_ALL)


def changed_options(before: SyncSettings, after: SyncSettings) -> tuple[str, ...]:
    """Return the names of the options that differ, in the order of the fields."""
    names = (each.name for each in fields(SyncSettings) if each.name not in _NO_CHOICES)
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def settled(before: SyncSettings, after: SyncSettings, reaches: Mapping[str, Reach]) -> Settled:
    """Return the settings with every change as far as it is to reach.

    Args:
        before: As they are saved; what their `earlier` says goes on, but for changes of everything.
        after: As they are chosen; their `earlier` does not count.
        reaches: By option; one that is not named, or not possible, has the usual answer.
    """
    changed = {name: reach_of(name, reaches.get(name)) for name in changed_options(before, after)}
    refused = [name for name, reach in changed.items() if reach is Reach.NOT_AT_ALL]
    result = replace(after, **{name: getattr(before, name) for name in refused})
    everywhere = _choices(result, changed, Reach.EVERYTHING)
    earlier = tuple(replace(each, **everywhere) for each in before.earlier)
    begins = bool(_choices(result, changed, Reach.FROM_NOW_ON))
    if begins:
        until_now = EarlierChoice(
            outgoing_types=before.outgoing_types,
            event_types=before.event_types,
            rules=before.rules,
        )
        earlier = (*earlier, replace(until_now, **everywhere))
    private = before.private_changes + (changed.get("private_events") is Reach.EVERYTHING)
    return Settled(
        settings=replace(result, earlier=earlier, private_changes=private), begins_era=begins
    )


def reach_of(option: str, wanted: Reach | None) -> Reach:
    """Return how far a change reaches: as wanted if that is possible, else the usual answer."""
    offered = reaches_of(option)
    return wanted if wanted in offered and wanted is not None else offered[0]


def _choices(settings: SyncSettings, changed: Mapping[str, Reach], reach: Reach) -> dict[str, Any]:
    return {
        name: getattr(settings, name)
        for name in CHOICES_OF_WHAT_SYNCS
        if changed.get(name) is reach
    }
