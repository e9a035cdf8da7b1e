"""What a calendar object or an item of Google shows as a whole: its master and its instances.

An instance is told when it deviates: cancelled, or showing anything but what the master shows for
it. Google knows one visibility for a whole series. An override in the CRM that is private while
its series is not hides itself: only its time is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bridge.convert import views
from bridge.convert.properties.classification import HIDDEN
from bridge.convert.series_frame import (
    SeriesFrame,
    check_members,
    excluded_keys,
    frame_of,
    frame_of_schedule,
    is_series,
    length_of,
    overrides,
    shown_start,
)
from bridge.convert.series_rule import UnsupportedSeries, normal_rules
from bridge.convert.showing import Showing
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.domain.view import Instance, MergeField, Schedule, View, Visibility
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.rule_keys import start_of
from bridge.ical.scanner import ContentComponent

_Reader = Callable[[ContentComponent], View | None]


def calendar_view(item: CalendarObject, showing: Showing) -> View | None:
    """Return how Google should show a calendar object.

    Args:
        item: From the calendar side.
        showing: How it is shown.

    Returns:
        None when it cannot be shown there.
    """

    def read(component: ContentComponent) -> View | None:
        return views.calendar_view(component, item.source(), showing)

    whole = _whole(item, showing.zone, read)
    if whole is None or not whole.schedule.recurrence:
        return whole
    # Done belongs to each instance of a series (contract, section 6).
    whole = replace(whole, done=False)
    shown = {key: view and _unhidden(view, whole) for key, view in whole.by_key().items()}
    return deviating(whole, shown)


def google_view(item: CalendarObject, showing: Showing) -> View | None:
    """Return what Google shows; None when it has no time, or when we cannot say it."""

    def read(component: ContentComponent) -> View | None:
        return views.google_view(component, item.source(), showing)

    whole = _whole(item, showing.zone, read)
    if whole is None or not whole.schedule.recurrence:
        return whole
    whole = replace(whole, visibility=google_visibility(item, showing))
    # Colours are given to series; a date that has another one got it from a person.
    shown = {
        key: view and replace(view, visibility=whole.visibility, colour=whole.colour)
        for key, view in whole.by_key().items()
    }
    return deviating(whole, shown)


def google_visibility(item: CalendarObject, showing: Showing) -> Visibility:
    """Return who sees the details of an item of Google: of a series, the strictest of its dates."""
    told = (
        views.google_visibility(member, private_by_default=showing.private_by_default)
        for member in (item.head(), *live_members(item))
    )
    own = next(told)
    return own if own in HIDDEN else next((each for each in told if each in HIDDEN), own)


def unsupported(item: CalendarObject, *, zone: str, shown: View | None) -> str:
    """Return why a series is left out, machine-readable; "" for what is not.

    Args:
        item: From either side.
        zone: IANA name of the zone floating times are read in.
        shown: The view of its head alone, None when it has no time.
    """
    try:
        if is_series(item.master_source()) and shown is not None:
            frame_of(item, shown.schedule.span, zone=zone)
        else:
            check_members(item)
    except UnsupportedSeries as error:
        return error.reason
    return ""


def busy_block(view: View) -> View:
    """Return the view with nothing but its times."""
    shown = {key: each and views.busy_block(each) for key, each in view.by_key().items()}
    return deviating(views.busy_block(view), shown)


def hidden(view: View, present: View) -> View:
    """Return a busy block for what Google has, with what is Google's own and no detail of ours.

    Guests are not uninvited by hiding an event from the CRM.
    """
    kept = (MergeField.ATTENDEES, MergeField.REPLY, MergeField.REMINDERS)
    there = present.by_key()
    shown = {
        key: each and views.busy_block(each).taking(there.get(key) or present, kept)
        for key, each in view.by_key().items()
    }
    return deviating(views.busy_block(view).taking(present, kept), shown)


def is_bare(view: View) -> bool:
    """Return whether neither the view nor any of its instances shows more than a busy block."""
    instances = (each for each in view.by_key().values() if each is not None)
    return all(map(views.is_bare, (replace(view, instances=()), *instances)))


def with_visibility(view: View, visibility: Visibility) -> View:
    """Return the view with another visibility, which is that of all its instances."""
    shown = {
        key: each and replace(each, visibility=visibility) for key, each in view.by_key().items()
    }
    return with_instances(replace(view, visibility=visibility), shown)


def only_times(wanted: View, present: View) -> View:
    """Return what is there, its details as they are, at the times of another view."""
    whole = replace(present, schedule=wanted.schedule, busy=wanted.busy)
    if not wanted.schedule.recurrence:
        return replace(whole, instances=())
    told, there = wanted.by_key(), present.by_key()
    had = frame_of_schedule(wanted.schedule).keys_had(there)
    shown: dict[str, View | None] = {}
    for key in told.keys() | {key for key in had if there[key] is not None}:
        times = told[key] if key in told else plain_instance(whole, key)
        own = there.get(key) or plain_instance(whole, key)
        shown[key] = times and replace(own, schedule=times.schedule, busy=times.busy)
    return with_instances(whole, shown)


def normal(view: View, showing: Showing) -> View:
    """Return the view as a side can hold it, so that what is put is what is got.

    Instances that the rules do not have are left out, those that show no more than the master are
    not.

    Raises:
        UnsupportedSeries: Its recurrence cannot be said at Google.
    """
    plain = views.normal(view, showing)
    span = plain.schedule.span
    rules = normal_rules(view.schedule.recurrence, shown_start(span), length_of(span))
    if not rules:
        return plain
    whole = replace(plain, schedule=replace(plain.schedule, recurrence=rules))
    told = view.by_key()
    had = frame_of_schedule(whole.schedule).keys_had(told)
    shown = {
        key: each
        and replace(views.normal(each, showing), visibility=plain.visibility, colour=plain.colour)
        for key, each in told.items()
        if key in had
    }
    return with_instances(whole, shown)


def plain_instance(view: View, key: str) -> View:
    """Return what a series shows of an instance that nothing is said about."""
    return replace(view, schedule=Schedule(span=_span_at(view.schedule.span, key)), instances=())


def with_instances(view: View, shown: Mapping[str, View | None]) -> View:
    """Return the view with these instances."""
    ordered = tuple(Instance(key=key, view=shown[key]) for key in sorted(shown))
    return replace(view, instances=ordered)


def deviating(view: View, shown: Mapping[str, View | None]) -> View:
    """Return the view with those of the instances that are not what it shows of them anyway."""
    return with_instances(
        view,
        {key: each for key, each in shown.items() if each != plain_instance(view, key)},
    )


def hides(component: ContentComponent, master: ContentComponent) -> bool:
    """Return whether an override of the calendar is private while its series is not."""
    return (
        views.calendar_visibility(component) in HIDDEN
        and views.calendar_visibility(master) not in HIDDEN
    )


def is_cancelled(component: ContentComponent) -> bool:
    """Return whether an override says that its instance does not happen."""
    return component.value("STATUS").upper() == "CANCELLED"


def live_members(item: CalendarObject) -> Iterable[ContentComponent]:
    """Yield the master, and the overrides that are not cancelled."""
    for member in item.members():
        if member.first("RECURRENCE-ID") is None or not is_cancelled(member):
            yield member


def _whole(item: CalendarObject, zone: str, read: _Reader) -> View | None:
    """Return the view with all instances that are told of, as they tell it."""
    head = read(item.head())
    if head is None:
        return None
    try:
        frame = frame_of(item, head.schedule.span, zone=zone)
    except UnsupportedSeries:
        return None
    if frame is None:
        return head
    whole = replace(head, schedule=replace(head.schedule, recurrence=frame.rules))
    return with_instances(whole, _told(item, frame, whole, read))


def _told(
    item: CalendarObject, frame: SeriesFrame, whole: View, read: _Reader
) -> Mapping[str, View | None]:
    members, excluded = overrides(item, frame), excluded_keys(item, frame)
    shown: dict[str, View | None] = {}
    for key in frame.keys_had(members.keys() | excluded):
        if key in excluded or is_cancelled(members[key][0]):
            shown[key] = None
        else:
            shown[key] = read(members[key][0]) or plain_instance(whole, key)
    return shown


def _unhidden(view: View, whole: View) -> View:
    if view.visibility in HIDDEN and whole.visibility not in HIDDEN:
        view = views.busy_block(view)
    return replace(view, visibility=whole.visibility, colour=whole.colour)


def _span_at(span: Span, key: str) -> Span:
    start = start_of(key)
    if isinstance(span, TimedSpan) and isinstance(start, datetime):
        return TimedSpan(start=start, end=start + span.duration, zone=span.zone)
    assert isinstance(span, AllDaySpan)  # noqa: S101 (keys are of the kind of the series)
    day = start.date() if isinstance(start, datetime) else start
    return AllDaySpan(start=day, end=day + timedelta(days=span.days))
