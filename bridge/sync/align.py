"""Both sides of a series in the terms of one schedule, so that their instances can be compared.

Instances are named by their original start. Once a side moved the series, the names of both sides
and of what they agreed on mean different moments: they are named anew, by ordinal, in the schedule
that will hold (design decision 25).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.domain.view import Instance, MergeField, Schedule, View
from bridge.sync.instances import carry_over, without
from bridge.sync.model import Side
from bridge.sync.sight import SideSight, Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """Both sides in the terms of one schedule.

    Attributes:
        sight: Views and bases with their instances named anew; each still has its own schedule.
        leader: The side whose schedule gives the names.
        gone: Changed instances of the other side that there are no more.
    """

    sight: Sight
    leader: Side
    gone: tuple[Instance, ...] = ()


def align(sight: Sight, leader: Side) -> Aligned:
    """Name the instances of both sides, and of their bases, as the leader's schedule does.

    A side that moved the series may have lost its instances with that: at Google they go, and many
    programs drop them. What it lacks then was taken back by nobody, and comes from the other side.
    An instance that a person did take back before the move went out is back once with that: two
    versions of an object do not tell one from the other, and too much is better than too little.

    Raises:
        ConversionError: A schedule cannot be followed.
    """
    schedule = _view(sight.side(leader)).schedule
    if not _needed(sight, schedule):
        return Aligned(sight=sight, leader=leader)
    calendar, gone_here = _carried(sight.calendar, schedule)
    google, gone_there = _carried(sight.google, schedule)
    lost: set[str] = set()
    for before, after in ((sight.calendar, calendar), (sight.google, google)):
        if _moved(before) and after.base is not None:
            lost |= after.base.by_key().keys() - _view(after).by_key().keys()
    named = replace(
        sight, calendar=_less(calendar, frozenset(lost)), google=_less(google, frozenset(lost))
    )
    return Aligned(
        sight=named, leader=leader, gone=gone_there if leader is Side.CALENDAR else gone_here
    )


def moved(side: SideSight) -> bool:
    """Whether the side has another schedule than was agreed."""
    return MergeField.SCHEDULE in side.differs()


def _moved(side: SideSight) -> bool:
    return side.base is not None and _view(side).schedule != side.base.schedule


def _needed(sight: Sight, schedule: Schedule) -> bool:
    shown = [
        view
        for side in (sight.calendar, sight.google)
        for view in (side.view, side.base)
        if view is not None
    ]
    return any(view.instances for view in shown) and any(
        view.schedule != schedule for view in shown
    )


def _carried(side: SideSight, schedule: Schedule) -> tuple[SideSight, tuple[Instance, ...]]:
    view = carry_over(_view(side), schedule)
    base = None if side.base is None else carry_over(side.base, schedule).view
    return replace(side, view=view.view, base=base), view.gone


def _less(side: SideSight, lost: frozenset[str]) -> SideSight:
    return side if side.base is None else replace(side, base=without(side.base, lost))


def _view(side: SideSight) -> View:
    assert side.view is not None  # noqa: S101 - scope withholds items without a view
    return side.view
