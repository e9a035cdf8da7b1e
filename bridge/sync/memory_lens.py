"""A small lawful lens for the memory sides, and the objects it reads (`bridge.sync.memory_text`).

The real lens is `bridge.convert`; this one shows what the engine expects of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from bridge.domain.identifiers import Uid
from bridge.domain.rules import EventTraits
from bridge.domain.spans import AllDaySpan, Span
from bridge.domain.view import Facts, View
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.ordinals import Pattern, starts
from bridge.ical.split_off import Predecessor
from bridge.sync.memory_text import Component, components, normal, shown, text_of

_MOST_STARTS = 1000


def plain_object(uid: Uid, view: View | None, *extra: str) -> CalendarObject:
    """Return an object showing this view; None makes one without a date.

    Args:
        uid: Its UID.
        view: What it shows.
        extra: Further content lines of its master, such as `X-CRM-SYNC:FALSE`.
    """
    text = text_of(uid, view, {"": extra})
    return CalendarObject(uid=uid, component="VEVENT", text=text)


class PlainLens:
    """Views and facts of plain objects.

    Attributes:
        incoming_type: Type of new activities made from events.
        collection: Id of the collection they are made in.
    """

    def __init__(self, *, incoming_type: str = "meeting", collection: str = "activities") -> None:
        self.incoming_type = incoming_type
        self.collection = collection

    def calendar_view(self, item: CalendarObject) -> View | None:
        """Return the view of a calendar object."""
        return shown(item)

    def google_view(self, item: CalendarObject, *, whole: bool = False) -> View | None:
        """Return the view of Google's item; nothing is hidden here."""
        return shown(item)

    def unveiled(self, view: View, beside: View) -> View:
        """Return the view of Google; nothing is hidden here."""
        return view

    def calendar_facts(self, item: CalendarObject) -> Facts:
        """Return the facts of a calendar object."""
        master = components(item)[0]
        return _facts(master, type_key=master.get("X-CRM-ACTIVITY-TYPE", self.incoming_type))

    def google_facts(self, item: CalendarObject) -> Facts:
        """Return the facts of Google's item."""
        view = shown(item)
        traits = EventTraits(text=view.title if view else "")
        return replace(_facts(components(item)[0], type_key=""), traits=traits)

    def put_calendar(self, view: View, item: CalendarObject) -> CalendarObject:
        """Return the calendar object showing this view."""
        return _put(view, item)

    def withholds_contacts(
        self,
        item: CalendarObject,
        there: CalendarObject | None = None,  # its guests are those of the item
    ) -> bool:
        """Return whether the item has a contact, and guests."""
        master = components(item)[0]
        return "CONTACT" in master and "ATTENDEE" in master

    def put_google(self, view: View, item: CalendarObject) -> CalendarObject:
        """Return Google's item showing this view."""
        return _put(view, item)

    def new_for_calendar(
        self, item: CalendarObject, *, uid: Uid, before: Predecessor | None = None
    ) -> tuple[str, CalendarObject]:
        """Return a new calendar object, of the incoming type or of that of what it goes on from."""
        if before is not None:
            own = components(before.object)[0].kept
            return before.collection or self.collection, plain_object(uid, shown(item), *own)
        kind = f"X-CRM-ACTIVITY-TYPE:{self.incoming_type}"
        return self.collection, plain_object(uid, shown(item), kind)

    def new_for_google(self, item: CalendarObject) -> CalendarObject:
        """Return Google's item, with the shared properties only."""
        return plain_object(item.uid, shown(item))

    def block_at_google(self, block: CalendarObject) -> CalendarObject:
        """Return Google's item of a block; nothing here is hidden."""
        return self.new_for_google(block)


def _put(view: View, item: CalendarObject) -> CalendarObject:
    wanted = normal(view)
    if shown(item) == wanted:
        return item
    kept = {component.key: component.kept for component in components(item)}
    text = text_of(item.uid, wanted, kept)
    return CalendarObject(uid=item.uid, component=item.component, text=text)


def _facts(master: Component, *, type_key: str) -> Facts:
    return Facts(
        type_key=type_key,
        last_day=_last_day(master),
        recurring=bool(master.rules),
        do_not_sync=master.get("X-CRM-SYNC") == "FALSE",
        guests="ATTENDEE" in master,
        event_type=master.get("X-EVENT-TYPE", "default"),
        read_only="X-READ-ONLY" in master,
        unsupported=master.get("X-UNSUPPORTED"),
    )


def _last_day(master: Component) -> date | None:
    span = master.span
    if span is None or not master.rules:
        return _day_of(span)
    last = ""
    try:
        for number, last in enumerate(starts(Pattern(span=span, lines=master.rules))):  # noqa: B007
            if number > _MOST_STARTS:
                return date.max
    except ConversionError:
        return date.max
    return _day_in(last)


def _day_of(span: Span | None) -> date | None:
    if span is None:
        return None
    return span.end - timedelta(days=1) if isinstance(span, AllDaySpan) else span.end_utc.date()


def _day_in(key: str) -> date:
    return datetime.strptime(key[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
