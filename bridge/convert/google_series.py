"""What is written of an item to Google: one event, or a series with its exceptions.

An instance is named by its key: its original start, `20260310T090000Z` in UTC, `20260310` in an
all-day series. Google ends the ids of instances so. Sources: Google Calendar API v3, resource
`events`, and the guide on recurring events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bridge.convert import series_views, views
from bridge.convert.google_event import body_patch, component_body, written_body
from bridge.convert.google_reminders import DEFAULT_REMINDERS
from bridge.convert.google_times import written_times
from bridge.convert.series_frame import (
    SeriesFrame,
    excluded_keys,
    frame_of,
    is_series,
    overrides,
)
from bridge.convert.series_rule import RULE_NAMES, UnsupportedSeries
from bridge.convert.showing import Showing
from bridge.domain.view import Visibility
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.scanner import ContentComponent

_CANCELLED = "cancelled"
_SCHEDULE = frozenset({"start", "end", "recurrence"})
MOST_EXCLUDED = 100
"""How many dates a new series excludes in `recurrence`.

Google takes no endless list (400 "A provided value exceeds the allowed size limit.") and says
nowhere where it ends. Instances cancelled one by one have no such end.
"""
# Google's items have no floating times.
_NO_ZONE = "UTC"
_SHOWING = Showing(zone=_NO_ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBodies:
    """What is sent to make an item at Google.

    Attributes:
        master: For `events.insert`; names instances that are cancelled from the start as EXDATE,
            the latest of them where there are very many.
        instances: By key, for `events.patch` of the instance once the master is there.
    """

    master: Mapping[str, Any]
    instances: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPatches:
    """What is sent to make one version of an item of another.

    Attributes:
        master: For `events.patch` of the single event or master; empty when it stays as it is.
        instances: By key, for `events.patch` of the instance, after the master; those that stay
            as they are not among them.
        news: Which of these parts guests have another time by, cancelled ones and ones that are
            back among them; "" is the master. An instance that goes where its series goes is none.
    """

    master: Mapping[str, Any] = field(default_factory=dict)
    instances: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    news: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is anything to send."""
        return bool(self.master or self.instances)


def object_to_events(item: CalendarObject) -> EventBodies:
    """Return the bodies that make Google's item; empty fields are left out.

    Raises:
        ConversionError: It has no time, or cannot be said at Google.
    """
    group = _Group.of(item)
    body = written_body(group.master)
    cancelled = sorted(group.cancelled())
    # Who looks into the calendar before all of it is written looks at what is still to come.
    excluded = cancelled[-MOST_EXCLUDED:]
    if group.frame is not None:
        body["recurrence"] = group.lines(also_excluded=excluded)
    told = {
        key: {"status": _CANCELLED}
        if each is None
        else _without_visibility(body_patch(group.plain(key), each))
        for key, each in group.instances.items()
        if key not in excluded
    }
    return EventBodies(master=body, instances={key: each for key, each in told.items() if each})


def event_patches(
    base: CalendarObject, item: CalendarObject, *, master_stays: bool = False
) -> EventPatches:
    """Return what leads from one version of Google's item to another, and nothing more.

    None empties a field. Start and end are told together, the halves of `date` and `dateTime` that
    are not meant as None: Google merges what it finds. Where the schedule of a series changes,
    Google may forget its exceptions: all instances are told anew.

    Args:
        base: What is there.
        item: What is to be there.
        master_stays: Only the instances are patched, so that those that are no exceptions yet go on
            showing what the master shows now.

    Raises:
        ConversionError: It has no time, or cannot be said at Google.
    """
    before, after = _Group.of(base), _Group.of(item)
    # An instance that is taken out already is not to be cancelled by its status as well.
    out = before.excluded & after.cancelled()
    after = after.without(out)
    master = body_patch(before.master, after.master)
    if before.said != after.said:
        master["recurrence"] = after.lines(also_excluded=sorted(out)) or None
    if before.schedule != after.schedule:
        told = {key: _anew(before, after, key) for key in after.instances}
    else:
        keys = after.instances.keys() | before.instances.keys()
        plain = before if master_stays else after
        told = {key: _patch_of(before, after, key, plain=plain) for key in keys}
    instances = {key: told[key] for key in sorted(told) if told[key]}
    news = {key for key in instances if _is_news(before, after, key)}
    if master.keys() & _SCHEDULE:
        news.add("")
    return EventPatches(master=master, instances=instances, news=frozenset(news))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """One version of Google's item as bodies.

    Attributes:
        master: Fields of the master, None for an empty one; recurrence not among them.
        frame: None for a single event.
        excluded: Keys taken out by EXDATE.
        instances: By key, the fields of each exception; None for a cancelled one.
    """

    item: CalendarObject
    master: Mapping[str, Any]
    frame: SeriesFrame | None
    excluded: frozenset[str]
    instances: Mapping[str, Mapping[str, Any] | None]

    @classmethod
    def of(cls, item: CalendarObject) -> _Group:
        """Return the events of an item, taken apart."""
        head, calendar = item.head(), item.source()
        try:
            body = component_body(head, calendar)
            shown = views.google_view(head, calendar, _SHOWING)
            if shown is None or not is_series(item.master_source()):
                return cls(item=item, master=body, frame=None, excluded=frozenset(), instances={})
            frame = frame_of(item, shown.schedule.span, zone=_NO_ZONE)
            assert frame is not None  # noqa: S101 (it is a series)
            members, excluded = overrides(item, frame), excluded_keys(item, frame)
            instances = {
                key: _instance_body(members[key][0], calendar)
                for key in frame.keys_had(members) - excluded
            }
        except ConversionError as error:
            name = error.reason if isinstance(error, UnsupportedSeries) else error.property_name
            raise ConversionError(str(error), uid=item.uid, property_name=name) from error
        return cls(item=item, master=body, frame=frame, excluded=excluded, instances=instances)

    @property
    def schedule(self) -> object:
        """What names the instances: start and rules, without what takes any out."""
        return None if self.frame is None else (self.master["start"], self.frame.rules)

    @property
    def said(self) -> object:
        """What `recurrence` says, however it is written."""
        return None if self.frame is None else (self.frame.rules, self.excluded)

    def cancelled(self) -> frozenset[str]:
        """Return the keys of the instances that are cancelled by their status."""
        return frozenset(key for key, each in self.instances.items() if each is None)

    def without(self, keys: frozenset[str]) -> _Group:
        """Return the group with these instances taken out of its rules."""
        left = {key: each for key, each in self.instances.items() if key not in keys}
        return replace(self, excluded=self.excluded | keys, instances=left)

    def lines(self, also_excluded: Sequence[str] = ()) -> list[str]:
        """Return `recurrence`."""
        if self.frame is None:
            return []
        head = self.item.head()
        rules = [line.text for name in (*RULE_NAMES, "EXDATE") for line in head.all(name)]
        return [*rules, *(line.text for line in self.frame.excluded(also_excluded))]

    def plain(self, key: str) -> dict[str, Any]:
        """Return the fields that an instance has from its master."""
        head = self.item.head()
        shown = views.google_view(head, self.item.source(), _SHOWING)
        assert shown is not None  # noqa: S101 (it is a series)
        return {
            **self.master,
            **written_times(series_views.plain_instance(shown, key).schedule.span),
        }

    def fields(self, key: str) -> Mapping[str, Any] | None:
        """Return the fields of an instance; None for a cancelled one."""
        if key in self.instances:
            return self.instances[key]
        return None if key in self.excluded else self.plain(key)

    def whole(self, key: str) -> dict[str, Any]:
        """Return what makes an instance of any state show what it is to show."""
        fields = self.fields(key)
        if fields is None:
            return {"status": _CANCELLED}
        every = body_patch(dict.fromkeys(fields), fields)
        nothing = {**dict.fromkeys(fields), "reminders": DEFAULT_REMINDERS}
        return _without_visibility({**nothing, **every, "status": "confirmed"})


def _anew(before: _Group, after: _Group, key: str) -> dict[str, Any]:
    """Return the patch of one instance that Google may have forgotten, or may still have."""
    body = after.whole(key)
    was, now = before.instances.get(key), after.instances.get(key)
    if now is None:
        return body
    if (
        now["attendees"] == after.master["attendees"]
        and (was or now)["attendees"] == now["attendees"]
    ):
        # Whoever is told of anew would be invited anew.
        body.pop("attendees", None)
    if any(known["visibility"] != now["visibility"] for known in (was or now, after.master)):
        body["visibility"] = now["visibility"] or Visibility.DEFAULT.value
    return body


def _is_news(before: _Group, after: _Group, key: str) -> bool:
    """Whether guests have another time by the patch of an instance.

    Where the series itself has moved, they hear of that; the instances that do not go along, and
    were not there before in the same way, are news beside it.
    """
    now = _when(after.fields(key))
    if before.schedule == after.schedule:
        return now != _when(before.fields(key))
    if key in before.instances and now == _when(before.instances[key]):
        return False
    return now != _when(after.plain(key))


def _when(fields: Mapping[str, Any] | None) -> tuple[object, object] | None:
    """Return start and end, equal for equal instants in whatever zone; None for a cancelled one."""
    return None if fields is None else (_moment(fields["start"]), _moment(fields["end"]))


def _moment(part: Mapping[str, str]) -> object:
    at = part.get("dateTime")
    return part.get("date") if at is None else datetime.fromisoformat(at)


def _instance_body(
    member: ContentComponent, calendar: ContentComponent
) -> Mapping[str, Any] | None:
    return None if series_views.is_cancelled(member) else component_body(member, calendar)


def _patch_of(before: _Group, after: _Group, key: str, *, plain: _Group) -> dict[str, Any]:
    """Return the patch of one instance under an unchanged schedule.

    An instance that is no exception yet shows what the master does when it is patched, which is
    `plain`.
    """
    if key in after.excluded:
        return {}
    known = key in before.instances or key in before.excluded
    was, now = before.fields(key) if known else plain.plain(key), after.fields(key)
    if now is None:
        return {} if was is None else {"status": _CANCELLED}
    return after.whole(key) if was is None else body_patch(was, now)


def _without_visibility(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body of an instance that leaves to the series what Google knows of it alone."""
    return {name: value for name, value in body.items() if name != "visibility"}
