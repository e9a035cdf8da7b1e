"""calendar-multiget and calendar-query (RFC 4791 sections 7.8 and 7.9)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from http import client
from typing import TYPE_CHECKING

from radicale_plugin.calendar_data import CALENDAR_DATA, CalendarData, read_calendar_data
from radicale_plugin.filters import Query, read_query
from radicale_plugin.hrefs import member_name, path_of
from radicale_plugin.instances import Budget
from radicale_plugin.live_properties import Context, calendar_of
from radicale_plugin.multistatus import escaped, href_of, response, status_line
from radicale_plugin.property_plan import PropertyPlan, Wanted, read_wanted
from radicale_plugin.query_zone import read_zone, seen_in, widened
from radicale_plugin.resources import Kind, Resource

if TYPE_CHECKING:
    from bridge.store.calendar_listing import ListedObject
    from bridge.store.calendar_values import StoredObject
    from radicale_plugin.collection import CalendarCollection

_HREF = "{DAV:}href"
ABSENT = status_line(client.NOT_FOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectReport:
    """A report on the objects of one calendar.

    Attributes:
        root: The request.
        resource: What it was sent to: a calendar, or one object of it.
        context: Of the request.
        wanted: Which properties.
        data: What of the objects' texts; None when none of it.
        zone: IANA name of the zone floating times and days are read in.
    """

    root: ET.Element
    resource: Resource
    context: Context
    wanted: Wanted
    data: CalendarData | None
    zone: str

    @classmethod
    def of(
        cls, root: ET.Element, resource: Resource, context: Context, *, minimal: bool
    ) -> ObjectReport:
        """Read what every report on objects has.

        Raises:
            BridgeError: It is refused.
        """
        budget = Budget(context.limits.max_instances)
        wanted = read_wanted(root, minimal=minimal)
        data = read_calendar_data(root, budget)
        calendar = calendar_of(resource)
        zone = read_zone(root, calendar.stored.zone)
        if data is not None:
            data = data.within(calendar, zone)
        return cls(
            root=root, resource=resource, context=context, wanted=wanted, data=data, zone=zone
        )

    @property
    def calendar(self) -> CalendarCollection:
        """The calendar the objects are in."""
        return calendar_of(self.resource)

    @property
    def is_of_own_zone(self) -> bool:
        """Whether the zone is the one that the store's ranges are of."""
        return self.zone == self.calendar.stored.zone

    @property
    def start(self) -> str:
        """Path of the calendar, with a slash at its end."""
        return f"/{self.calendar.path}/"

    def plan(self) -> PropertyPlan:
        """Return what is told of each object."""
        further = {} if self.data is None else {CALENDAR_DATA: self.data.value}
        return PropertyPlan(self.wanted, Kind.OBJECT, self.context, further=further)

    def told(
        self, found: Iterable[ListedObject | StoredObject], plan: PropertyPlan
    ) -> Iterator[str]:
        """Yield the responses for objects."""
        start, rights, calendar = self.start, self.resource.rights, self.calendar
        prefix, kind = href_of(self.context.base_prefix, start), Kind.OBJECT
        for member in found:
            resource = Resource(kind, start + member.href, rights, calendar, member)
            yield response(prefix + href_of("", member.href), plan.propstats(resource))

    def read(
        self, names: Collection[str] | None, plan: PropertyPlan
    ) -> Iterable[ListedObject | StoredObject]:
        """Return the objects of these names, or all, with as much of them as the report tells."""
        return self.calendar.texts(names) if self.asks_texts(plan) else self.calendar.objects(names)

    def asks_texts(self, plan: PropertyPlan) -> bool:
        """Return whether no more is asked of objects than names, tags and texts."""
        return not plan.details and (self.data is None or self.data.is_of_text)

    @property
    def only(self) -> str | None:
        """Name of the one object the request was sent to, None for a whole calendar."""
        return None if self.resource.member is None else self.resource.member.href


def multiget(report: ObjectReport) -> Iterator[str]:
    """Yield a response for each name, 404 for what is not in this calendar (one statement)."""
    asked = [element.text or "" for element in report.root.findall(_HREF)]
    base, start = report.context.base_prefix, report.start
    named = {href: member_name(path_of(href, base), start) for href in dict.fromkeys(asked)}
    names = {name for name in named.values() if name and report.only in (None, name)}
    plan = report.plan()
    read = report.read(names, plan) if names else ()
    found = {member.href: member for member in read}
    told = dict(zip(found, report.told(found.values(), plan), strict=True))
    for href, name in named.items():
        if name not in found:
            yield response(escaped(href.strip()), ABSENT)
        else:
            # The second href of one name says nothing new.
            yield told.pop(name, "")


def calendar_query(report: ObjectReport) -> Iterator[str]:
    """Yield a response for each object that matches the filter.

    Raises:
        Refusal: The filter is none (RFC 4791 section 9.7), or it comes to too many instances.
    """
    query = read_query(report.root)
    plan = report.plan()
    found: Iterable[ListedObject | StoredObject]
    if report.data is None and query.is_of_component_only:
        listed = report.calendar.listed(details=plan.details)
        found = (each for each in listed if query.component in (None, each.component))
    elif query.is_of_store_only and report.asks_texts(plan) and report.is_of_own_zone:
        found = report.calendar.texts_in_range(query.component, query.start, query.end)
    else:
        found = _tested(report, query)
    only = report.only
    yield from report.told((each for each in found if only in (None, each.href)), plan)


def _tested(report: ObjectReport, query: Query) -> Iterable[StoredObject]:
    """Return the objects that meet a query beyond component and range."""
    calendar, zone = report.calendar, report.zone
    found: Iterable[StoredObject]
    if report.is_of_own_zone:
        found = calendar.in_range(query.component, query.start, query.end)
    else:
        start, end = widened(query.range)
        found = seen_in(calendar.in_range(query.component, start, end), query.range, zone)
    if query.is_of_store_only:
        return found
    return (stored for stored in found if query.matches(stored, zone))
