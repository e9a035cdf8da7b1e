"""What a listing of events asks for: parameters, their exclusions, and which events fit.

Source: Google, Events: list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bridge.rehearsal.api.parameters import Parameters
from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.event_types import EVENT_TYPES
from bridge.rehearsal.events.privacy import is_hidden
from bridge.rehearsal.events.recurrence import meets
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.rows import span_of
from bridge.rehearsal.events.searching import has_text
from bridge.rehearsal.events.times import read_bound, zone_of
from bridge.rehearsal.google_error import (
    GoogleError,
    invalid,
    invalid_parameter,
    time_range_empty,
)

_DEFAULT_PAGE, _LARGEST_PAGE = 250, 2500
_NOT_WITH_SYNC_TOKEN = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin",
    "timeMax", "updatedMin",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """The parameters of a listing, read.

    Attributes:
        max_results: Size of a page.
        page_token: "" for the first page.
        sync_token: "" for a full listing.
        single_events: Whether series are expanded.
        show_deleted: Whether deleted events are listed, and with their details.
        updated_min: Lower bound of `updated` in milliseconds since 1970, or None.
        time_min: Lower bound of the end in seconds since 1970, or None.
        time_max: Upper bound of the start in seconds since 1970, or None.
        order_by: `startTime`, `updated` or "".
        text: Free text looked for.
        ical_uid: Exact iCalUID, or "".
        event_types: Wanted types, empty for all.
        private: `name=value` texts of private extended properties.
        shared: `name=value` texts of shared extended properties.
        zone: Zone of the answer, "" for the calendar's.
        max_attendees: Largest number of guests shown, 0 for all.
        hidden_invitations: Whether invitations that wait for a reply unseen are listed.
    """

    max_results: int = _DEFAULT_PAGE
    page_token: str = ""
    sync_token: str = ""
    single_events: bool = False
    show_deleted: bool = False
    updated_min: int | None = None
    time_min: int | None = None
    time_max: int | None = None
    order_by: str = ""
    text: str = ""
    ical_uid: str = ""
    event_types: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    zone: str = ""
    max_attendees: int = 0
    hidden_invitations: bool = False

    @property
    def is_worked_out_at_once(self) -> bool:
        """Whether the whole result is needed before its first page."""
        return self.single_events or bool(self.order_by)

    @property
    def looks_at_details(self) -> bool:
        """Whether it finds events by what callers with little access may not see."""
        return bool(self.text or self.private or self.shared)

    @property
    def has_sync_token(self) -> bool:
        """Whether a sync token can stand for this query; of filters it keeps only a window."""
        return not (
            self.order_by
            or self.text
            or self.ical_uid
            or self.private
            or self.shared
            or self.updated_min is not None
        )

    def frozen(self) -> dict[str, Any]:
        """Return the parameters a sync token keeps; they must not change while it is used."""
        return {
            "singleEvents": self.single_events,
            "eventTypes": sorted(self.event_types),
            "timeZone": self.zone,
            "maxAttendees": self.max_attendees,
            "timeMin": self.time_min,
            "timeMax": self.time_max,
            "showHiddenInvitations": self.hidden_invitations,
        }

    def page_parameters(self) -> dict[str, Any]:
        """Return the parameters a page token keeps: all but the size of the page."""
        return {
            **self.frozen(),
            "syncToken": self.sync_token,
            "showDeleted": self.show_deleted,
            "updatedMin": self.updated_min,
            "orderBy": self.order_by,
            "q": self.text,
            "iCalUID": self.ical_uid,
            "private": list(self.private),
            "shared": list(self.shared),
        }

    def within(self, frozen: dict[str, Any]) -> ListQuery:
        """Return the query with the window of a sync token."""
        return replace(self, time_min=frozen["timeMin"], time_max=frozen["timeMax"])


def read_query(parameters: Parameters) -> ListQuery:
    """Return the query of a call.

    Raises:
        GoogleError: 400 for values that cannot be read or do not go together.
    """
    _check_exclusions(parameters)
    updated_min = _bound(parameters, "updatedMin")
    query = ListQuery(
        max_results=min(parameters.number("maxResults", _DEFAULT_PAGE), _LARGEST_PAGE),
        page_token=parameters.text("pageToken"),
        sync_token=parameters.text("syncToken"),
        single_events=parameters.flag("singleEvents"),
        show_deleted=parameters.flag("showDeleted"),
        updated_min=None if updated_min is None else updated_min * 1000,
        time_min=_bound(parameters, "timeMin"),
        time_max=_bound(parameters, "timeMax"),
        order_by=parameters.text("orderBy"),
        text=parameters.text("q").strip().lower(),
        ical_uid=parameters.text("iCalUID"),
        event_types=parameters.texts("eventTypes"),
        private=parameters.texts("privateExtendedProperty"),
        shared=parameters.texts("sharedExtendedProperty"),
        zone=_zone(parameters),
        max_attendees=parameters.number("maxAttendees", 0),
        hidden_invitations=parameters.flag("showHiddenInvitations"),
    )
    if query.time_min is not None and query.time_max is not None:
        _check_window(query.time_min, query.time_max)
    return query


def _check_exclusions(parameters: Parameters) -> None:
    if "syncToken" in parameters:
        for name in _NOT_WITH_SYNC_TOKEN:
            if name in parameters:
                raise GoogleError(
                    f"Sync token cannot be used with the parameter {name}.",
                    code=400,
                    reason="invalid",
                    location=("parameter", "syncToken"),
                )
        if "showDeleted" in parameters and not parameters.flag("showDeleted"):
            raise invalid("showDeleted cannot be false together with a sync token.")
    if parameters.text("orderBy") == "startTime" and not parameters.flag("singleEvents"):
        raise GoogleError(
            "The requested ordering is not available for the particular query.",
            code=400,
            reason="invalid",
            location=("parameter", "orderBy"),
        )
    _check_values(parameters)


def _check_values(parameters: Parameters) -> None:
    for kind in parameters.texts("eventTypes"):
        if kind not in EVENT_TYPES:
            raise invalid_parameter("eventTypes", f"Invalid value '{kind}'.")
    for name in ("privateExtendedProperty", "sharedExtendedProperty"):
        if any("=" not in text for text in parameters.texts(name)):
            raise invalid(f"Invalid value for parameter {name}: name=value is needed.")


def _check_window(time_min: int, time_max: int) -> None:
    if time_min >= time_max:
        raise time_range_empty()


def _bound(parameters: Parameters, name: str) -> int | None:
    if name not in parameters:
        return None
    return int(read_bound(parameters.text(name), name=name).timestamp())


def _zone(parameters: Parameters) -> str:
    name = parameters.text("timeZone")
    if name:
        zone_of(name)
    return name


def fits(
    event: StoredEvent, query: ListQuery, calendar: Calendar, *, any_property: bool = False
) -> bool:
    """Return whether an event fits all filters of a query.

    Args:
        event: A stored event or series.
        query: The filters.
        calendar: Where the event is.
        any_property: Whether one of several extended properties of a kind is enough.
    """
    body = event.body
    return (
        (query.updated_min is None or event.updated >= query.updated_min)
        and (not query.ical_uid or body["iCalUID"] == query.ical_uid)
        and is_of_type(event, query)
        and not (query.looks_at_details and is_hidden(body, calendar))
        and _has_properties(event, "private", query.private, any_property=any_property)
        and _has_properties(event, "shared", query.shared, any_property=any_property)
        and has_text(body, query.text)
        and in_window(event, query, calendar)
    )


def is_of_type(event: StoredEvent, query: ListQuery) -> bool:
    """Return whether an event is of a type the query wants."""
    return not query.event_types or event.body["eventType"] in query.event_types


def in_window(event: StoredEvent, query: ListQuery, calendar: Calendar) -> bool:
    """Return whether an event, or an instance of a series, meets the window of a query."""
    if query.time_min is None and query.time_max is None:
        return True
    starts, ends = span_of(event, calendar)
    if query.time_min is not None and ends <= query.time_min:
        return False
    if query.time_max is not None and starts >= query.time_max:
        return False
    if not event.is_series:
        return True
    return meets(event.body, query.time_min, query.time_max, calendar_zone=calendar.zone)


def _has_properties(
    event: StoredEvent, kind: str, wanted: tuple[str, ...], *, any_property: bool
) -> bool:
    properties = event.body.get("extendedProperties", {}).get(kind, {})
    pairs = (text.split("=", 1) for text in wanted)
    found = [properties.get(name) == value for name, value in pairs]
    return any(found) if any_property and found else all(found)
