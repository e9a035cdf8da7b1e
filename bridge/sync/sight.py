"""A link as the present lens shows it: views, agreed views, facts, and what changed on each side.

Everything that decides (scope, match, merge, plan) works on sights; only this module and the
drafting of writes call the lens. The base and both sides are always looked at through the same,
present lens (design decision 20).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bridge.domain.identifiers import ETag
from bridge.domain.view import CANCELLED, Facts, Field, MergeField, View, Visibility, kind_of
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Link, Presence, Side, SideState
from bridge.sync.ports import Lens

BEATS_DELETE = frozenset(
    {MergeField.TITLE, MergeField.SCHEDULE, MergeField.LOCATION, MergeField.DESCRIPTION}
)
"""Fields whose edit beats a delete of the other side (design decision 20)."""

HIDDEN = (Visibility.PRIVATE, Visibility.CONFIDENTIAL)
"""Only the owner sees the details."""


def beating_delete(fields: Iterable[Field]) -> frozenset[Field]:
    """Return those of the fields whose edit beats a delete of the other side."""
    return frozenset(field for field in fields if kind_of(field) in BEATS_DELETE)


class Change(StrEnum):
    """What happened to an item on one side since both sides agreed."""

    ABSENT = "absent"  # not there, and never agreed on
    UNCHANGED = "unchanged"
    ADDED = "added"  # there, and never agreed on
    TOUCHED = "touched"  # changed, in fields that do not beat a delete
    CHANGED = "changed"
    REMOVED = "removed"


def view_of(lens: Lens, side: Side, item: CalendarObject | None) -> View | None:
    """Return the view of a side's object, None without one."""
    if item is None:
        return None
    return lens.calendar_view(item) if side is Side.CALENDAR else lens.google_view(item)


def put_view(lens: Lens, side: Side, view: View, item: CalendarObject) -> CalendarObject:
    """Return a side's object showing this view, all else untouched."""
    return lens.put_calendar(view, item) if side is Side.CALENDAR else lens.put_google(view, item)


def facts_of(lens: Lens, side: Side, item: CalendarObject | None) -> Facts | None:
    """Return the facts of a side's object, None without one."""
    if item is None:
        return None
    return lens.calendar_facts(item) if side is Side.CALENDAR else lens.google_facts(item)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideSight:
    """One side of a link, looked at.

    Attributes:
        view: Of the object seen last, or None when it cannot be shown on the other side.
        base: View of the object agreed last, or None when there is none.
        facts: Of the object seen last.
        change: What happened since both sides agreed.
    """

    state: SideState
    view: View | None
    base: View | None
    facts: Facts | None
    change: Change

    @property
    def present(self) -> bool:
        """Whether the item is there now."""
        return self.state.presence is Presence.PRESENT

    @property
    def object(self) -> CalendarObject:
        """The object seen last; only for sides that have one."""
        assert self.state.object is not None  # noqa: S101 - callers asked `present` before
        return self.state.object

    @property
    def version(self) -> ETag:
        """The version seen last; only for sides that have one."""
        assert self.state.seen is not None  # noqa: S101 - only what is there is written over
        return self.state.seen

    def differs(self) -> frozenset[Field]:
        """Return the fields that changed since both sides agreed; empty when never agreed."""
        if self.view is None or self.base is None:
            return frozenset()
        return self.view.changed_fields(self.base)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A link and both its sides, looked at."""

    link: Link
    calendar: SideSight
    google: SideSight

    def side(self, side: Side) -> SideSight:
        """Return one side."""
        return self.calendar if side is Side.CALENDAR else self.google


def look(link: Link, lens: Lens) -> Sight:
    """Look at a link through the lens.

    Raises:
        ConversionError: An object of the link cannot be read.
    """
    return Sight(
        link=link,
        calendar=_look_at(link, Side.CALENDAR, lens),
        google=_look_at(link, Side.GOOGLE, lens),
    )


def without_copy(sight: Sight) -> Sight:
    """Return the sight of an item whose copy at Google, gone by itself, was to be taken back.

    That it was deleted there means nothing any more: it is as if we had taken it back.
    """
    return replace(sight, link=sight.link.with_side(Side.GOOGLE, SideState()))


def unveiled(sight: Sight, lens: Lens) -> Sight:
    """Return the sight with what the options hide at Google as the calendar had it when agreed.

    Nobody typed what stands there instead of it.
    """
    here, there = sight.calendar, sight.google
    agreed = here.base or here.view
    if agreed is None or there.view is None:
        return sight
    view, base = lens.unveiled(there.view, agreed), there.base and lens.unveiled(there.base, agreed)
    return replace(sight, google=replace(there, view=view, base=base))


def _look_at(link: Link, side: Side, lens: Lens) -> SideSight:
    state = link.side(side)
    view = view_of(lens, side, state.object)
    base = agreed_view(link, side, lens)
    if side is Side.GOOGLE and base is not None and _is_open(view) and state.agreed_object:
        # Private then, and nobody's secret now: what options hide of the base is no edit.
        base = lens.google_view(state.agreed_object, whole=True)
    return SideSight(
        state=state,
        view=view,
        base=base,
        facts=facts_of(lens, side, state.object),
        change=_change(state, view, base, _seen_by_who_deleted(link, side.other, lens)),
    )


def _is_open(view: View | None) -> bool:
    return view is not None and view.visibility not in HIDDEN


def _seen_by_who_deleted(link: Link, side: Side, lens: Lens) -> View | None:
    """Return what the side showed last, if its item is gone; None where nobody can tell."""
    state = link.side(side)
    if state.presence is not Presence.REMOVED:
        return None
    try:
        return view_of(lens, side, state.object)
    except ConversionError:
        return None


def agreed_view(link: Link, side: Side, lens: Lens) -> View | None:
    """Return the view both sides agreed on, as this side's object shows it now."""
    state = link.side(side)
    if not state.was_synced:
        return None
    if state.agreed_object is None:
        return link.agreed
    return view_of(lens, side, state.agreed_object)


def _change(state: SideState, view: View | None, base: View | None, seen: View | None) -> Change:
    if state.presence is Presence.ABSENT:
        return Change.ABSENT
    if state.presence is Presence.REMOVED:
        return Change.REMOVED if state.was_synced else Change.ABSENT
    if not state.was_synced:
        return Change.ADDED
    if state.settled or view == base:
        return Change.UNCHANGED
    if view is None or base is None or _is_wanted(view, base, seen):
        return Change.CHANGED
    return Change.TOUCHED


def _is_wanted(view: View, base: View, seen: View | None) -> bool:
    """Whether somebody edited it so that a delete of the other side does not hold.

    Who only cancelled an instance did not ask for the others to stay. And whoever deleted the other
    copy had seen what it showed, be it that nobody knows how it came there: from a person, or from
    a write of ours whose answer was lost.
    """
    edited = beating_delete(view.changed_fields(base))
    if seen is not None:
        edited = frozenset(each for each in edited if view.value_of(each) != seen.value_of(each))
    return any(view.value_of(field) != CANCELLED for field in edited)
