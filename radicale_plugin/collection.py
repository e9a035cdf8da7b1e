"""The collections a user sees: the root, the principal, and calendars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, overload

from radicale.storage import BaseCollection

from bridge.domain.identifiers import Href, Uid
from bridge.errors import (
    InvalidCalendarData,
    UidConflict,
    UnsupportedComponent,
)
from bridge.ical.calendar_object import CalendarObject
from radicale_plugin import names
from radicale_plugin.export import whole_calendar
from radicale_plugin.filters import read_query
from radicale_plugin.instances import Budget, expanded
from radicale_plugin.item import CalendarItem, http_date, quoted
from radicale_plugin.preconditions import ANYTHING, Preconditions
from radicale_plugin.properties import DISPLAY_NAME, properties_of, properties_to_store
from radicale_plugin.request import current_request
from radicale_plugin.vocabulary import sync_token_from_uri, sync_token_to_uri

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from radicale.item import Item

    from bridge.domain.users import User
    from bridge.store.calendar_values import StoredCalendar, StoredObject
    from bridge.store.unit_of_work import UnitOfWork
    from radicale_plugin.limits import DavLimits
    from radicale_plugin.request import Expansion
    from radicale_plugin.transactions import Transactions

FORBIDDEN = "[Errno 13] this cannot be changed from a calendar program"
"""Text of a ValueError that Radicale answers with 403."""


class FixedCollection(BaseCollection):
    """A collection without items or settable properties: the root, or a principal."""

    def __init__(self, path: str, properties: Mapping[str, str]) -> None:
        self._path = path
        self._properties = properties

    @property
    def path(self) -> str:
        """Path without slashes at its ends; "" for the root."""
        return self._path

    @property
    def etag(self) -> str:
        """A constant: such a collection never changes."""
        return '"fixed"'

    @property
    def tag(self) -> str:
        """None of Radicale's types."""
        return ""

    @property
    def last_modified(self) -> str:
        """Nothing a client could use."""
        return ""

    @overload
    def get_meta(self, key: None = None) -> Mapping[str, str]: ...
    @overload
    def get_meta(self, key: str) -> str | None: ...
    def get_meta(self, key: str | None = None) -> Mapping[str, str] | str | None:
        """Return one property by Radicale's name, or all."""
        return self._properties if key is None else self._properties.get(key)

    def set_meta(self, props: Mapping[str, str]) -> None:
        """Refuse: nobody writes these properties."""
        raise ValueError(FORBIDDEN)

    def get_all(self) -> Iterable[Item]:
        """Return nothing."""
        return ()

    def get_multi(self, hrefs: Iterable[str]) -> Iterable[tuple[str, Item | None]]:
        """Return nothing for each name."""
        return [(href, None) for href in hrefs]

    def delete(self, href: str | None = None) -> None:
        """Refuse."""
        raise ValueError(FORBIDDEN)


def root() -> FixedCollection:
    """Return the collection that holds the principals."""
    return FixedCollection("", {})


def principal(user: User) -> FixedCollection:
    """Return a user's principal, which is the calendar home too."""
    return FixedCollection(user.login, {"D:displayname": user.name or user.login})


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
        self._properties = properties_of(stored)

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
        kept = properties_to_store(self.stored, props, self._limits)
        if kept == dict(self.stored.properties):
            return
        with self._mutation() as work:
            work.calendars.set_properties(self.stored, kept, now=self._transactions.now())

    def sync(self, old_token: str = "") -> tuple[str, Iterable[str]]:
        """Return the present token, and lazily the names that changed since the old one.

        Raises:
            ValueError: The old token is not one of this calendar's that can still be served;
                Radicale answers with DAV:valid-sync-token.
        """
        token = sync_token_to_uri(self.stored.sync_token)
        if not old_token:
            return token, self._names()
        return token, self._names_since(self._revision_of(old_token))

    def _revision_of(self, uri: str) -> int:
        epoch, _, revision = sync_token_from_uri(uri).rpartition("/")
        if epoch != self.stored.epoch or not (revision.isascii() and revision.isdigit()):
            raise ValueError("not a token of this calendar")
        if len(revision) > len(str(self.stored.revision)):
            raise ValueError("a token from the future")
        if not self.stored.floor <= int(revision) <= self.stored.revision:
            raise ValueError("a token of another time")
        return int(revision)

    def _names(self) -> Iterator[str]:
        with self._work() as work:
            yield from [item.href for item in work.calendars.objects(self.stored)]

    def _names_since(self, revision: int) -> Iterator[str]:
        with self._work() as work:
            yield from work.calendars.changed_since(self.stored, revision)

    def get_all(self) -> Iterable[Item]:
        """Return all items."""
        with self._work() as work:
            return [CalendarItem(item, self) for item in work.calendars.objects(self.stored)]

    def serialize(
        self,
        vcf_to_ics: bool = False,
        ShareActions: dict[str, str] | None = None,  # noqa: N803 - Radicale's signature
    ) -> str:
        """Return the whole calendar as one iCalendar text."""
        del vcf_to_ics, ShareActions  # for address books
        with self._work() as work:
            found = [stored.object for stored in work.calendars.objects(self.stored)]
        return whole_calendar(found, name=self._properties[DISPLAY_NAME])

    def get_multi(self, hrefs: Iterable[str]) -> Iterable[tuple[str, Item | None]]:
        """Return the items of these names, None for those that are not here.

        Args:
            hrefs: Consumed once and whole; Radicale's generator does work of its own on the way.
        """
        wanted = {href: names.normal(href) for href in hrefs}
        if not wanted:
            return
        with self._work() as work:
            asked = {Href(name) for name in wanted.values()}
            found = {item.href: item for item in work.calendars.objects(self.stored, asked)}
        budget = Budget(self._limits.max_instances)
        for href, name in wanted.items():
            stored = found.get(Href(name))
            item = None if stored is None else self._item(stored, budget)
            if stored is None or item is not None:
                yield href, item

    def _item(self, stored: StoredObject, budget: Budget) -> CalendarItem | None:
        """Return the item as this request wants it: as stored, or its instances in a window."""
        window = current_request().expansion
        if window is None:
            return CalendarItem(stored, self)
        text = expanded(stored.object, window, budget=budget)
        return None if text is None else CalendarItem(stored, self, text=text)

    def get_filtered(self, filters: Iterable[ET.Element]) -> Iterable[tuple[Item, bool]]:
        """Return the items that match; the whole filter is answered here, so all say True.

        Raises:
            InvalidInput: The filter is none (RFC 4791 section 9.7).
        """
        query = read_query(filters)
        with self._work() as work:
            candidates = work.calendars.in_range(
                self.stored, query.component, query.start, query.end
            )
        budget = Budget(self._limits.max_instances)
        for stored in candidates:
            item = self._item(stored, budget) if query.matches(stored) else None
            if item is not None:
                yield item, True

    def busy_candidates(self, window: Expansion) -> list[CalendarObject]:
        """Return the events that may block time in the window."""
        with self._work() as work:
            found = work.calendars.in_range(self.stored, "VEVENT", window.start, window.end)
        return [stored.object for stored in found]

    def find(self, href: str) -> CalendarItem | None:
        """Return the item of that name."""
        with self._work() as work:
            stored = work.calendars.object(self.stored, Href(href))
        return None if stored is None else CalendarItem(stored, self)

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
        with self._mutation() as work:
            old = work.calendars.object(self.stored, Href(href))
            conditions.check(None if old is None else old.etag)
            if old is not None and old.uid != item.uid:
                raise UidConflict("this name holds an object with another UID", href=href)
            new = work.calendars.put(
                self.stored,
                Href(href),
                item,
                origin=current_request().origin,
                now=self._transactions.now(),
            )
        return new, old

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

    def delete(self, href: str | None = None) -> None:
        """Delete an item; a whole calendar is refused."""
        if href is None:
            raise ValueError(FORBIDDEN)
        with self._mutation() as work:
            work.calendars.delete(
                self.stored,
                Href(href),
                origin=current_request().origin,
                now=self._transactions.now(),
            )

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return self._transactions.work((self.stored.owner_id,))

    def _mutation(self) -> AbstractContextManager[UnitOfWork]:
        return self._transactions.mutation((self.stored.owner_id,))
