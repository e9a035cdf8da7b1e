"""A calendar as a user sees it; what is above it is in `fixed_collection`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, overload

from radicale.storage import BaseCollection

from bridge.domain.identifiers import Href, Uid
from bridge.errors import (
    InvalidCalendarData,
    SyncTokenExpired,
    UidConflict,
    UnsupportedComponent,
)
from bridge.ical.calendar_object import CalendarObject
from bridge.store.calendar_listing import ListedObject
from radicale_plugin import names
from radicale_plugin.export import whole_calendar
from radicale_plugin.filters import read_query
from radicale_plugin.item import CalendarItem, http_date, quoted
from radicale_plugin.preconditions import ANYTHING, Preconditions
from radicale_plugin.properties import DISPLAY_NAME, properties_of, properties_to_store
from radicale_plugin.request import current_request
from radicale_plugin.sync_tokens import SyncPoint, read_sync_token

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from radicale.item import Item

    from bridge.store.calendar_values import StoredCalendar, StoredObject
    from bridge.store.unit_of_work import UnitOfWork
    from radicale_plugin.instances import Budget
    from radicale_plugin.limits import DavLimits
    from radicale_plugin.request import Expansion
    from radicale_plugin.transactions import Transactions


class CalendarCollection(BaseCollection):
    """A calendar, as its row was when it was discovered.

    What PROPFIND asks after the lock is gone comes from that row. Items are asked of the store.
    """

    def __init__(
        self, stored: StoredCalendar, transactions: Transactions, limits: DavLimits
    ) -> None:
        self.stored = stored
        self._transactions = transactions
        self._limits = limits

    @cached_property
    def _properties(self) -> dict[str, str]:
        return properties_of(self.stored)

    @property
    def path(self) -> str:
        """Path without slashes at its ends."""
        return f"{self.stored.owner_login}/{self.stored.slug}"

    @property
    def etag(self) -> str:
        """The ctag: changes with every item and property in it."""
        return quoted(self.stored.ctag)

    @property
    def tag(self) -> str:
        """Always a calendar; no client can change that."""
        return "VCALENDAR"

    @property
    def last_modified(self) -> str:
        """When anything in it last changed, as an HTTP date."""
        return http_date(self.stored.modified_at)

    @overload
    def get_meta(self, key: None = None) -> Mapping[str, str]: ...
    @overload
    def get_meta(self, key: str) -> str | None: ...
    def get_meta(self, key: str | None = None) -> Mapping[str, str] | str | None:
        """Return one property by Radicale's name, or all; no statement is run."""
        return self._properties if key is None else self._properties.get(key)

    def set_meta(self, props: Mapping[str, str]) -> None:
        """Replace what clients have set.

        Raises:
            Refusal: A property that is not theirs would change.
        """
        self.set_properties(properties_to_store(self.stored, props, self._limits))

    def set_properties(self, kept: Mapping[str, str]) -> None:
        """Replace what clients have set, by Clark name; the same again changes nothing."""
        if kept == dict(self.stored.properties):
            return
        with self._mutation() as work:
            work.calendars.set_properties(self.stored, kept, now=self._transactions.now())

    @property
    def epoch(self) -> str:
        """What begins all its sync tokens; tokens of another one are expired."""
        return self.stored.epoch

    @property
    def token_uri(self) -> str:
        """The present sync token."""
        return SyncPoint(self.stored.revision).uri(self.epoch)

    def point_of(self, uri: str) -> SyncPoint:
        """Return what a sync token stands for.

        Raises:
            SyncTokenExpired: It is not one of this calendar's that can still be served.
        """
        return read_sync_token(
            uri, epoch=self.epoch, floor=self.stored.floor, revision=self.stored.revision
        )

    def shown(self, stored: StoredObject) -> StoredObject | None:
        """Return an object as the user may see it, None when not at all."""
        return stored

    def listed(self, *, details: bool) -> Iterable[ListedObject]:
        """Return all objects as the user may see them, without their texts.

        Args:
            details: Whether their times and sizes are wanted too.
        """
        with self._work() as work:
            return work.calendars.listed(self.stored, details=details)

    def changes(self, after: int | None) -> Sequence[tuple[int, ListedObject]]:
        """Return what changed or went after a revision, as the user may see it.

        Args:
            after: Revision; None for all there is.

        Returns:
            Revision and object, in this order; an object that went has no ETag.
        """
        with self._work() as work:
            return work.calendars.changes(self.stored, after)

    def texts(self, hrefs: Collection[str] | None = None) -> Iterable[ListedObject]:
        """Return what `objects` does, as listed with texts: several times cheaper.

        A view that shows less than there is, by a `shown` of its own, is asked object by object.
        """
        if not self._shows_all:
            return [with_text(stored) for stored in self.objects(hrefs)]
        with self._work() as work:
            return work.calendars.texts(self.stored, hrefs)

    @property
    def _shows_all(self) -> bool:
        return type(self).shown is CalendarCollection.shown

    def objects(self, hrefs: Collection[str] | None = None) -> list[StoredObject]:
        """Return the objects of these names that are here, or with None all."""
        wanted = None if hrefs is None else {Href(href) for href in hrefs}
        with self._work() as work:
            found = work.calendars.objects(self.stored, wanted)
        return self._shown(found)

    def in_range(
        self, component: str | None, start: datetime | None, end: datetime | None
    ) -> list[StoredObject]:
        """Return the objects that may have an instance in [start, end), as the store tells."""
        with self._work() as work:
            found = work.calendars.in_range(self.stored, component, start, end)
        return self._shown(found)

    def texts_in_range(
        self, component: str | None, start: datetime | None, end: datetime | None
    ) -> Sequence[ListedObject]:
        """Return what `in_range` does, as listed with texts; see `texts`."""
        if not self._shows_all:
            return [with_text(stored) for stored in self.in_range(component, start, end)]
        with self._work() as work:
            return work.calendars.texts_in_range(self.stored, component, start, end)

    def _shown(self, found: Iterable[StoredObject]) -> list[StoredObject]:
        return [seen for stored in found if (seen := self.shown(stored)) is not None]

    def sync(self, old_token: str = "") -> tuple[str, Iterable[str]]:
        """Return the present token, and lazily the names that changed since the old one.

        Raises:
            ValueError: The old token is not one of this calendar's that can still be served;
                Radicale answers with DAV:valid-sync-token.
        """
        try:
            after = self.point_of(old_token).told if old_token else None
        except SyncTokenExpired as error:
            raise ValueError(str(error)) from error
        return self.token_uri, self._names(after)

    def _names(self, after: int | None) -> Iterator[str]:
        yield from [listed.href for _, listed in self.changes(after)]

    def get_all(self) -> Iterable[Item]:
        """Return all items."""
        return [CalendarItem(stored, self) for stored in self.objects()]

    def serialize(
        self,
        vcf_to_ics: bool = False,
        ShareActions: dict[str, str] | None = None,  # noqa: N803 - Radicale's signature
    ) -> str:
        """Return the whole calendar as one iCalendar text."""
        del vcf_to_ics, ShareActions  # for address books
        found = (listed.text or "" for listed in self.texts())
        return whole_calendar(found, name=self._properties[DISPLAY_NAME])

    def get_multi(self, hrefs: Iterable[str]) -> Iterable[tuple[str, Item | None]]:
        """Return the items of these names, None for those that are not here.

        Args:
            hrefs: Consumed once and whole; Radicale's generator does work of its own on the way.
        """
        wanted = {href: names.normal(href) for href in hrefs}
        if not wanted:
            return
        found = {stored.href: stored for stored in self.objects(set(wanted.values()))}
        for href, name in wanted.items():
            stored = found.get(Href(name))
            yield href, None if stored is None else CalendarItem(stored, self)

    def get_filtered(self, filters: Iterable[ET.Element]) -> Iterable[tuple[Item, bool]]:
        """Return the items that match; the whole filter is answered here, so all say True.

        Raises:
            InvalidInput: The filter is none (RFC 4791 section 9.7).
        """
        query = read_query(filters)
        for stored in self.in_range(query.component, query.start, query.end):
            if query.matches(stored, self.stored.zone):
                yield CalendarItem(stored, self), True

    def busy_times(
        self, window: Expansion, budget: Budget
    ) -> Sequence[tuple[datetime, datetime, bool]]:
        """Return the times that events block in the window, and whether that is tentative."""
        with self._work() as work:
            return work.calendars.busy_times(self.stored, window.start, window.end, budget=budget)

    def occurrences(self, window: Expansion) -> Mapping[int, Sequence[str]]:
        """Return the recurrence ids on record of instances in the window, by object id."""
        with self._work() as work:
            return work.calendars.occurrences(self.stored, window.start, window.end)

    def stored_at(self, href: str) -> StoredObject | None:
        """Return the object of that name as the user may see it."""
        with self._work() as work:
            found = work.calendars.object(self.stored, Href(href))
        return None if found is None else self.shown(found)

    def find(self, href: str) -> CalendarItem | None:
        """Return the item of that name."""
        found = self.stored_at(href)
        return None if found is None else CalendarItem(found, self)

    def has_uid(self, uid: str) -> bool:
        """Return whether any item has the UID."""
        with self._work() as work:
            return work.calendars.href_of_uid(self.stored, Uid(uid)) is not None

    def put(
        self, href: str, item: CalendarObject, conditions: Preconditions = ANYTHING
    ) -> tuple[StoredObject, StoredObject | None]:
        """Store the object as it is, and return it with the one it replaced.

        Raises:
            ObjectChanged: The conditions do not hold for what is there.
            UidConflict: The UID is in use under another name, or this name has another UID.
            UnsupportedComponent: The calendar does not take this component.
        """
        replaced: list[StoredObject | None] = []

        def demand(old: StoredObject | None) -> None:
            conditions.check(None if old is None else old.etag)
            replaced.append(old)

        with self._mutation() as work:
            new = work.calendars.put(
                self.stored,
                Href(href),
                item,
                origin=current_request().origin,
                now=self._transactions.now(),
                demand=demand,
            )
        return new, replaced[0]

    def upload(self, href: str, item: Item) -> tuple[Item, Item | None]:
        """Store an item as vobject wrote it; only a plain Radicale calls this.

        Raises:
            ValueError: The item is refused.
        """
        try:
            new, old = self.put(href, CalendarObject.parse(item.serialize()))
        except UnsupportedComponent as error:
            raise ValueError(f"[Errno 13] {error}") from error
        except (InvalidCalendarData, UidConflict) as error:
            raise ValueError(str(error)) from error
        return CalendarItem(new, self), None if old is None else CalendarItem(old, self)

    def remove(self, href: str, conditions: Preconditions = ANYTHING) -> None:
        """Delete the object of that name.

        Raises:
            NotFound: There is none.
            ObjectChanged: The conditions do not hold for it.
        """
        with self._mutation() as work:
            work.calendars.delete(
                self.stored,
                Href(href),
                origin=current_request().origin,
                now=self._transactions.now(),
                demand=lambda old: conditions.check(None if old is None else old.etag),
            )

    def delete(self, href: str | None = None) -> None:
        """Delete an item, or with None the whole calendar, if its owner made it.

        Raises:
            InvalidInput: It is a standard calendar.
            NotFound: There is no such item.
        """
        if href is not None:
            self.remove(href)
            return
        with self._mutation() as work:
            work.calendars.remove(self.stored, now=self._transactions.now())

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return self._transactions.work((self.stored.owner_id,))

    def _mutation(self) -> AbstractContextManager[UnitOfWork]:
        return self._transactions.mutation((self.stored.owner_id,))


def with_text(stored: StoredObject) -> ListedObject:
    """Return a stored object as a listing with texts has it."""
    return ListedObject(
        stored.href, stored.etag, stored.component, stored.private, None, None, stored.text
    )
