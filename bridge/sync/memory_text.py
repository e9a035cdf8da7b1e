"""The text of plain objects: one unfolded line for each property, times in UTC.

A series is a master with RRULE, RDATE and EXRULE lines as its view has them, an EXDATE line for
each cancelled instance, and a component with RECURRENCE-ID for each changed one, in the order of
their keys. Every other line of a component is somebody's own and is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from bridge.domain.identifiers import Uid
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.domain.view import Instance, Schedule, View, Visibility
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.ordinals import Pattern, present
from bridge.sync.instances import plain_instance

_RULES = ("RRULE", "RDATE", "EXRULE")
_OWN_TO_VIEW = frozenset(
    {
        "BEGIN", "END", "UID", "DTSTAMP", "RECURRENCE-ID", "EXDATE", *_RULES, "SUMMARY", "DTSTART",
        "DTSTART;VALUE=DATE", "DTEND", "DTEND;VALUE=DATE", "LOCATION", "DESCRIPTION", "TRANSP",
        "CLASS", "X-CRM-DONE",
    }
)  # fmt: skip
_INSTANT = "%Y%m%dT%H%M%SZ"
_DAY = "%Y%m%d"


class Component:
    """The lines of one VEVENT.

    Attributes:
        lines: In their order, without BEGIN and END.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        pairs = [line.split(":", 1) for line in lines if ":" in line]
        self._told = {name: _unescaped(value) for name, value in pairs}

    def get(self, name: str, default: str = "") -> str:
        """Return the value of a line by all that stands before its colon."""
        return self._told.get(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self._told

    @property
    def key(self) -> str:
        """Which instance it is; "" for the master."""
        return self.get("RECURRENCE-ID")

    @property
    def span(self) -> Span | None:
        """When it is."""
        if "DTSTART;VALUE=DATE" in self:
            first, end = self.get("DTSTART;VALUE=DATE"), self.get("DTEND;VALUE=DATE")
            return AllDaySpan(start=_day(first), end=_day(end))
        if "DTSTART" not in self:
            return None
        return TimedSpan(start=_instant(self.get("DTSTART")), end=_instant(self.get("DTEND")))

    @property
    def rules(self) -> tuple[str, ...]:
        """Its recurrence lines but EXDATE."""
        return tuple(line for line in self.lines if line.split(":")[0] in _RULES)

    @property
    def excluded(self) -> tuple[str, ...]:
        """The keys in its EXDATE lines."""
        return tuple(line.split(":")[1] for line in self.lines if line.startswith("EXDATE:"))

    @property
    def kept(self) -> tuple[str, ...]:
        """The lines no view tells of."""
        return tuple(line for line in self.lines if line.split(":", 1)[0] not in _OWN_TO_VIEW)

    def view(self) -> View | None:
        """Return what it shows, instances aside; None without a time."""
        span = self.span
        if span is None:
            return None
        return View(
            title=self.get("SUMMARY"),
            schedule=Schedule(span=span, recurrence=self.rules),
            location=self.get("LOCATION"),
            description=self.get("DESCRIPTION"),
            busy=self.get("TRANSP") != "TRANSPARENT",
            visibility=Visibility(self.get("CLASS", "default").lower()),
            done=self.get("X-CRM-DONE") == "TRUE",
        )


def components(item: CalendarObject) -> tuple[Component, ...]:
    """Return the components of an object, the master first."""
    found: list[list[str]] = []
    for line in item.text.split("\r\n"):
        if line == "BEGIN:VEVENT":
            found.append([])
        elif line and found and not line.startswith("END:"):
            found[-1].append(line)
    return tuple(sorted(map(Component, found), key=lambda component: component.key))


def shown(item: CalendarObject) -> View | None:
    """Return what an object shows; None without a time."""
    master, *others = components(item)
    view = master.view()
    if view is None or not view.schedule.recurrence:
        return view
    told = dict.fromkeys(master.excluded) | {each.key: each.view() for each in others}
    return normal(
        replace(view, instances=tuple(Instance(key=key, view=told[key]) for key in sorted(told)))
    )


def normal(view: View) -> View:
    """Return the view without what is no instance, or one that deviates in nothing."""
    schedule = view.schedule
    pattern = Pattern(span=schedule.span, lines=schedule.recurrence)
    keys = present({instance.key for instance in view.instances}, pattern)
    kept = (
        instance
        for instance in view.instances
        if instance.key in keys and instance.view != plain_instance(view, instance.key)
    )
    return replace(view, instances=tuple(kept))


def text_of(uid: Uid, view: View | None, kept: Mapping[str, Iterable[str]]) -> str:
    """Return the text of an object.

    Args:
        uid: Its UID.
        view: What it shows; None makes one without a date.
        kept: Further lines of its components, by key.
    """
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//crmdav//memory//EN",
            *_component_lines(uid, "", view, kept),
            *(
                line
                for instance in (view.instances if view else ())
                if instance.view is not None
                for line in _component_lines(uid, instance.key, instance.view, kept)
            ),
            "END:VCALENDAR",
            "",
        ]
    )


def _component_lines(
    uid: Uid, key: str, view: View | None, kept: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    yield from ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z")
    if key:
        yield f"RECURRENCE-ID:{key}"
    if view is not None:
        yield from _lines_of(view)
        yield from view.schedule.recurrence
        yield from (f"EXDATE:{each.key}" for each in view.instances if each.view is None)
    yield from kept.get(key, ())
    yield "END:VEVENT"


def _lines_of(view: View) -> Iterator[str]:
    told = {"SUMMARY": view.title, "LOCATION": view.location, "DESCRIPTION": view.description}
    yield from (f"{name}:{_escaped(value)}" for name, value in told.items() if value)
    span = view.schedule.span
    if isinstance(span, AllDaySpan):
        yield f"DTSTART;VALUE=DATE:{span.start.strftime(_DAY)}"
        yield f"DTEND;VALUE=DATE:{span.end.strftime(_DAY)}"
    else:
        yield f"DTSTART:{span.start_utc.strftime(_INSTANT)}"
        yield f"DTEND:{span.end_utc.strftime(_INSTANT)}"
    if not view.busy:
        yield "TRANSP:TRANSPARENT"
    if view.visibility is not Visibility.DEFAULT:
        yield f"CLASS:{view.visibility.value.upper()}"
    if view.done:
        yield "X-CRM-DONE:TRUE"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n")


def _unescaped(value: str) -> str:
    return value.replace("\\n", "\n").replace("\\\\", "\\")


def _day(text: str) -> date:
    return datetime.strptime(text, _DAY).replace(tzinfo=UTC).date()


def _instant(text: str) -> datetime:
    return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
