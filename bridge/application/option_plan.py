"""Options that were chosen, and a plan of them: what changes, and how far it is to reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.application.plan_summary import PlanSummary
from bridge.application.sample_views import Sample
from bridge.domain.connection import Connection
from bridge.domain.option_changes import (
    Reach,
    Settled,
    changed_options,
    reach_of,
    reaches_of,
    settled,
)
from bridge.domain.sync_settings import SyncSettings

NEW_CALENDAR = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions:
    """What a person chose on the page.

    Attributes:
        google_calendar: Id of the calendar, or `NEW_CALENDAR`.
        settings: The part that is kept with the connection.
    """

    google_calendar: str
    settings: SyncSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswers:
    """What a person said to a plan.

    Attributes:
        fingerprint: Of the removals of the plan that was shown.
        reaches: How far each changed option is to reach, by its name.
        apart: Keys of the offered adoptions that are to stay two items.
    """

    fingerprint: str = ""
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()


NO_ANSWERS = PlanAnswers()


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionChange:
    """One option that differs from what is saved.

    Attributes:
        option: Its name in `SyncSettings`.
        before: Its saved value.
        after: The value that was chosen.
        reach: How far the change reaches in this plan.
        offered: How far it could.
    """

    option: str
    before: object
    after: object
    reach: Reach
    offered: tuple[Reach, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsPlan:
    """What options would do, how they differ from those that are saved, and what others see."""

    summary: PlanSummary
    changes: tuple[OptionChange, ...] = ()
    samples: tuple[Sample, ...] = ()


def goes_on(account: Connection, options: SyncOptions) -> SyncSettings | None:
    """Return the saved settings that the options change; None where the sync begins anew."""
    same = options.google_calendar == account.google_calendar_id
    return account.settings if same else None


def wanted_settings(
    before: SyncSettings | None, options: SyncOptions, answers: PlanAnswers
) -> Settled:
    """Return what is to be saved, with every change as far as it is to reach."""
    if before is None:
        return Settled(settings=options.settings)
    return settled(before, options.settings, answers.reaches)


def option_changes(
    before: SyncSettings | None, options: SyncOptions, answers: PlanAnswers
) -> tuple[OptionChange, ...]:
    """Return how the options differ from the saved ones; nothing where the sync begins anew."""
    if before is None:
        return ()
    after = options.settings
    return tuple(
        OptionChange(
            option=name,
            before=getattr(before, name),
            after=getattr(after, name),
            reach=reach_of(name, answers.reaches.get(name)),
            offered=reaches_of(name),
        )
        for name in changed_options(before, after)
    )
