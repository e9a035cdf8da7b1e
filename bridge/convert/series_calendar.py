"""A view put into a calendar object: the master, EXDATE, and overrides made, changed, taken away.

Only what has to change is touched. Once the schedule is another, the instances that the view tells
of are all there are: overrides and excluded dates of others go. An override is made as a copy of
the master, as calendar programs do, so that what the CRM keeps in it is in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bridge.convert import contact_block, series_views, views
from bridge.convert.lens_alarms import with_reminders
from bridge.convert.lens_changes import (
    Changes,
    calendar_changes,
    floating,
    is_from_google,
    scheduled,
)
from bridge.convert.properties.completion import is_done
from bridge.convert.properties.schedule import raised_sequence
from bridge.convert.series_carried import Carried, carried_overrides, empty, recurrence_id
from bridge.convert.series_frame import (
    SeriesFrame,
    dates_without,
    excluded_keys,
    frame_of,
    frame_with,
    is_series,
    overrides,
)
from bridge.convert.series_rule import RULE_NAMES, has_times
from bridge.convert.showing import Showing
from bridge.domain.view import View
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import ContentLine, read_line
from bridge.ical.patch import PropertyChange, copied, patch, patch_members
from bridge.ical.scanner import ContentComponent

_OF_SERIES = ("RRULE", "RDATE", "EXRULE", "EXDATE")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPut:
    """How views are put into calendar objects of one connection.

    Attributes:
        showing: How they are shown, without contacts: the block is not the object's own, and
            compared without one on either side.
        keeps_own: Overrides that the view does not tell of stay where they have something of
            their own, showing no more than their series; else they are taken back as a whole.
    """

    showing: Showing
    keeps_own: bool = False

    @property
    def zone(self) -> str:
        """IANA name of the zone floating times are read in."""
        return self.showing.zone

    def put(self, wanted: View, item: CalendarObject) -> CalendarObject:
        """Return the calendar object showing the view.

        Args:
            wanted: In normal form.
            item: One that can be shown, or a to-do without a date.

        Returns:
            The very `item` when it shows the view already.
        """
        wanted = _own(wanted)
        present = series_views.calendar_view(item, self.showing)
        written = self.alarmed(self._master_put(wanted, present, item), wanted)
        if not wanted.schedule.recurrence:
            return _single(written) if is_series(item.head()) else written
        was = present is not None and is_series(item.head())
        before = _Members.of(item, self.zone) if was else None
        step = _Step(self, wanted, present, before, item.head())
        moved = step.members_put(written, unraised=item.head().value("SEQUENCE"))
        return self._without_vain(wanted, item, step.without_empty(step.fields_put(moved)))

    def put_instances(self, wanted: View, made: CalendarObject) -> CalendarObject:
        """Return a new calendar object, which shows the master and its rules, with instances.

        Args:
            wanted: In normal form.
            made: The object so far.
        """
        wanted = _own(wanted)
        made = self.alarmed(made, wanted)
        if not wanted.instances:
            return made
        step = _Step(self, wanted, None, None, made.head())
        return step.fields_put(step.members_put(made, unraised=None))

    def _without_vain(
        self, wanted: View, item: CalendarObject, written: CalendarObject
    ) -> CalendarObject:
        """Make no override that shows no more than the master, as all else of it was refused."""
        frame = _frame(item, self.zone)
        there = {} if frame is None else overrides(item, frame)
        made = {key for key, view in wanted.by_key().items() if view} - there.keys()
        if not made:
            return written
        shown = series_views.calendar_view(written, self.showing)
        vain = made - (wanted if shown is None else shown).by_key().keys()
        if not vain:
            return written
        kept = {key: view for key, view in wanted.by_key().items() if key not in vain}
        return self.put(series_views.with_instances(wanted, kept), item)

    def component_changes(
        self, wanted: View, component: ContentComponent, item: CalendarObject, *more: PropertyChange
    ) -> Changes:
        """Return what makes one component show its part of the view."""
        present = views.calendar_view(component, item.source(), self.showing)
        return calendar_changes(wanted, present, component, self.showing, recurrence=more)

    def alarmed(self, item: CalendarObject, wanted: View) -> CalendarObject:
        """Return the object with the reminders of the view in its master."""
        if not self.takes_details(item):
            return item
        return with_reminders(item, [(item.head(), wanted.reminders)])

    def takes_details(self, item: CalendarObject) -> bool:
        """Return whether more comes back from Google than times."""
        return not self.showing.busy_only or is_from_google(item.head())

    def _master_put(
        self, wanted: View, present: View | None, item: CalendarObject
    ) -> CalendarObject:
        master = item.head()
        before = _frame(item, self.zone)
        if wanted.schedule.recurrence:
            # Done belongs to the instances; a mark on the whole series is refused.
            wanted = replace(wanted, done=is_done(master))
        changes = self.component_changes(wanted, master, item)
        if before is not None and before.floating:
            changes = floating(changes, before.zone)
        timed = patch(item, changes)
        if present is not None and present.schedule.recurrence == wanted.schedule.recurrence:
            same = before is None or present.schedule == wanted.schedule
            further = () if same else _rule_changes(wanted, before, timed, self.zone)
        else:
            further = _rule_changes(wanted, before, timed, self.zone)
        raised = timed.head().value("SEQUENCE") != master.value("SEQUENCE")
        return patch(timed, (*further, *_raised(timed, needed=bool(further) and not raised)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Members:
    """The overrides and excluded dates of an object."""

    frame: SeriesFrame
    overrides: Mapping[str, Sequence[ContentComponent]]
    excluded: frozenset[str]
    had: frozenset[str]

    @classmethod
    def of(cls, item: CalendarObject, zone: str) -> _Members:
        """Return the members of a series, whose floating times are of this zone."""
        frame = _frame(item, zone)
        assert frame is not None  # noqa: S101 (the caller looked)
        members, excluded = overrides(item, frame), excluded_keys(item, frame)
        had = frame.keys_had(members.keys() | excluded)
        return cls(frame=frame, overrides=members, excluded=excluded, had=had)

    def live(self) -> Mapping[str, ContentComponent]:
        """Return the overrides of instances that take place, by key."""
        return {
            key: members[0]
            for key, members in self.overrides.items()
            if key in self.had - self.excluded and not series_views.is_cancelled(members[0])
        }


class _Step:
    """Puts the instances of one view into one object whose master shows it already."""

    def __init__(
        self,
        put: CalendarPut,
        wanted: View,
        present: View | None,
        before: _Members | None,
        old_master: ContentComponent,
    ) -> None:
        self._put = put
        self._wanted = wanted
        self._shown = wanted.by_key()
        self._same_schedule = present is not None and present.schedule == wanted.schedule
        self._visibility = None if present is None else present.visibility
        self._carried = Carried()
        self._plain: frozenset[str] = frozenset()
        self._bared: frozenset[str] = frozenset()
        if before is not None and present is not None:
            carried = carried_overrides(before.live(), old_master, present, wanted.schedule)
            self._carried = carried
            # Overrides that said no more than the master are not to say the old any more.
            self._plain = carried.plain - self._shown.keys()
            if put.keeps_own:
                told = self._shown.keys() | carried.hidden | carried.plain
                self._bared = frozenset(carried.names.keys() - told)
                self._plain |= self._bared

    def members_put(self, item: CalendarObject, *, unraised: str | None) -> CalendarObject:
        """Return the object with the right overrides and excluded dates.

        Args:
            item: The object.
            unraised: SEQUENCE of the master before the put, None where it is not to rise.
        """
        now = _Members.of(item, self._put.zone)
        removed = [member for key in now.overrides for member in self._removed(key, now)]
        kept = {key for key, members in now.overrides.items() if members[0] not in removed}
        wanted = {key for key, view in self._shown.items() if view is not None}
        wanted |= self._plain | (self._carried.hidden - self._shown.keys())
        added = [self._copy(item, now.frame, key) for key in sorted(wanted - kept)]
        excluded = self._excluded(item, now, kept)
        changes: list[PropertyChange] = []
        if excluded is not None:
            same = item.head().value("SEQUENCE") == unraised
            changes += [excluded, *_raised(item, needed=same)]
        return patch_members(item, [(item.head(), changes)], removed=removed, added=added)

    def fields_put(self, item: CalendarObject) -> CalendarObject:
        """Return the object with each override showing its part of the view."""
        now = _Members.of(item, self._put.zone)
        shown = self._overrides_wanted(item, now)
        changed = [
            (member, self._override_changes(wanted, member, item, now)) for member, wanted in shown
        ]
        written = patch_members(item, changed)
        if not self._put.takes_details(written):
            return written
        again = self._overrides_wanted(written, _Members.of(written, self._put.zone))
        return with_reminders(written, [(member, wanted.reminders) for member, wanted in again])

    def without_empty(self, item: CalendarObject) -> CalendarObject:
        """Return the object without overrides that stayed, but have nothing of their own."""
        members = _Members.of(item, self._put.zone).overrides
        bared = [member for key in self._bared for member in members[key]]
        return patch_members(item, removed=empty(bared, item.head()))

    def _overrides_wanted(
        self, item: CalendarObject, now: _Members
    ) -> list[tuple[ContentComponent, View]]:
        """Return the overrides that are not left alone, each with what it is to show."""
        return [
            (members[0], wanted)
            for key, members in now.overrides.items()
            if (wanted := self._instance_wanted(key, members[0], item)) is not None
        ]

    def _removed(self, key: str, now: _Members) -> Sequence[ContentComponent]:
        members = now.overrides[key]
        if self._same_schedule:
            if key not in now.had:
                return ()
        elif self._carried.names.get(key) != recurrence_id(members[0]):
            return members
        if key not in self._shown:
            kept = key in self._plain or key in self._carried.hidden
            return () if kept else members
        if self._shown[key] is None and not series_views.is_cancelled(members[0]):
            return () if key in now.excluded else members
        return ()

    def _excluded(
        self, item: CalendarObject, now: _Members, kept: set[str]
    ) -> PropertyChange | None:
        cancelled = {key for key, view in self._shown.items() if view is None}
        gone = now.excluded - cancelled
        if self._same_schedule:
            gone &= now.had
        more = sorted(cancelled - now.excluded - kept)
        if not gone and not more:
            return None
        lines = dates_without(item, now.frame, gone, name="EXDATE")
        return PropertyChange(name="EXDATE", lines=(*lines, *now.frame.excluded(more)))

    def _copy(self, item: CalendarObject, frame: SeriesFrame, key: str) -> str:
        named = self._carried.names.get(key)
        going_on = (m for m in item.members() if named and recurrence_id(m) == named)
        source = next(going_on, item.head())
        at = series_views.plain_instance(self._wanted, key)
        times = scheduled(at.schedule, source)
        if frame.floating:
            times = floating(times, frame.zone)
        own = PropertyChange(name="RECURRENCE-ID", lines=(frame.recurrence_id(key),))
        without = (PropertyChange(name=name) for name in _OF_SERIES)
        raised = () if source is item.head() else (raised_sequence(source),)
        sequence = (PropertyChange(name="SEQUENCE", lines=(line,)) for line in raised)
        return copied(item, source, (*times, own, *without, *sequence))

    def _instance_wanted(
        self, key: str, component: ContentComponent, item: CalendarObject
    ) -> View | None:
        """Return what an override is to show; None for one that is left alone."""
        wanted = self._shown.get(key)
        if wanted is None:
            if key in self._shown or key not in self._plain | self._carried.hidden:
                return None
            wanted = series_views.plain_instance(self._wanted, key)
        own = views.calendar_view(component, item.source(), self._put.showing)
        if own is None:
            return wanted if key in self._shown else None
        if key in self._carried.hidden:
            return replace(own, schedule=wanted.schedule, busy=wanted.busy)
        if self._visibility in (None, self._wanted.visibility):
            return replace(wanted, visibility=own.visibility)
        return wanted

    def _override_changes(
        self, wanted: View, component: ContentComponent, item: CalendarObject, now: _Members
    ) -> Changes:
        changes = self._put.component_changes(wanted, component, item)
        said = any(change.name == "STATUS" for change in changes)
        if series_views.is_cancelled(component) and not said:
            changes = (*changes, PropertyChange(name="STATUS"))
        return floating(changes, now.frame.zone) if now.frame.floating else changes


def _own(view: View) -> View:
    """Return what of a view a calendar object can take for its own.

    The block of contacts is not, in no instance; nor is a mark on a series as a whole.
    """
    if not view.schedule.recurrence:
        return _without_block(view)
    shown = {key: each and _without_block(each) for key, each in view.by_key().items()}
    return series_views.deviating(replace(_without_block(view), done=False), shown)


def _without_block(view: View) -> View:
    return replace(view, description=contact_block.strip(view.description))


def _single(item: CalendarObject) -> CalendarObject:
    """Return what was a series without its overrides."""
    others = [member for member in item.members() if member.first("RECURRENCE-ID") is not None]
    return patch_members(item, removed=others)


def _raised(item: CalendarObject, *, needed: bool) -> Changes:
    line = raised_sequence(item.head())
    return (PropertyChange(name="SEQUENCE", lines=(line,)),) if needed else ()


def _frame(item: CalendarObject, zone: str) -> SeriesFrame | None:
    span = views.shown_span(item.head(), item.source(), zone)
    return None if span is None else frame_of(item, span, zone=zone)


def _rule_changes(
    wanted: View, before: SeriesFrame | None, timed: CalendarObject, zone: str
) -> Changes:
    """Return what gives a master, its times right already, the rules of the view."""
    master = timed.head()
    written: Mapping[str, Sequence[ContentLine]] = {}
    rewritten: frozenset[str] = frozenset(_OF_SERIES)
    if wanted.schedule.recurrence:
        frame = frame_with(wanted.schedule.recurrence, timed, wanted.schedule.span, zone=zone)
        written = frame.rule_lines()
        rewritten = frozenset(RULE_NAMES) - _unchanged(before, frame, master)
    return tuple(
        PropertyChange(name=name, lines=tuple(written.get(name, ())))
        for name in _OF_SERIES
        if name in rewritten and (written.get(name) or master.first(name) is not None)
    )


def _unchanged(
    before: SeriesFrame | None, now: SeriesFrame, master: ContentComponent
) -> frozenset[str]:
    """Return the names whose lines say the same as before."""
    if before is None:
        return frozenset()
    same_clock = (before.first, before.shown, before.zone) == (now.first, now.shown, now.zone)
    old, new = _by_name(before.rules), _by_name(now.rules)
    return frozenset(
        name
        for name in RULE_NAMES
        if old[name] == new[name]
        and (same_clock or not _depend_on_clock(new[name], master.all(name)))
    )


def _depend_on_clock(rules: Sequence[str], lines: Sequence[ContentLine]) -> bool:
    told = any(text.startswith("RDATE") or "UNTIL=" in text for text in rules)
    return told or any(map(has_times, lines))


def _by_name(rules: Sequence[str]) -> Mapping[str, Sequence[str]]:
    return {name: [text for text in rules if read_line(text).name == name] for name in RULE_NAMES}
