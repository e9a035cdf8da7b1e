"""A colleague's calendar under the own home: read-only, and reduced to what the grant shows.

Every text, listing and search goes through `SharedCollection`, so nothing reaches a client that was
not reduced first. Filters look at the reduced text: nobody can probe a private title by searching.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from http import client
from typing import TYPE_CHECKING

from bridge.convert.colleague_view import busy_view, readable_view
from bridge.domain.identifiers import ETag
from bridge.domain.users import GrantLevel
from bridge.ical.content_line import clean_text
from bridge.store.calendar_listing import ListedObject
from bridge.store.shared_calendars import shared_name
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.dead_properties import text_of
from radicale_plugin.item import quoted
from radicale_plugin.preconditions import ANYTHING, Preconditions
from radicale_plugin.properties import default_name
from radicale_plugin.refusals import Refusal

if TYPE_CHECKING:
    from bridge.domain.identifiers import Login
    from bridge.ical.calendar_object import CalendarObject
    from bridge.store.calendar_values import SharedCalendar, StoredCalendar, StoredObject
    from radicale_plugin.limits import DavLimits
    from radicale_plugin.transactions import Transactions

REDUCED = "-b"
"""What the ETag of a busy block ends with (design decision 13)."""

_EVENT = "VEVENT"
_MANY = 5_000  # names asked for at once; beyond it the whole calendar is read
_NAME = "{DAV:}displayname"
# What is told of the owner's own properties: looks, and the zone that floating times are in.
_TOLD = frozenset(
    {
        "{http://apple.com/ns/ical/}calendar-color",
        "{http://apple.com/ns/ical/}calendar-order",
        "{urn:ietf:params:xml:ns:caldav}calendar-timezone",
        "{urn:ietf:params:xml:ns:caldav}calendar-timezone-id",
    }
)


def is_shown(shared: SharedCalendar) -> bool:
    """Return whether there is anything in the calendar that the grantee could ever see."""
    return shared.level is GrantLevel.READ or _EVENT in shared.calendar.components


class SharedCollection(CalendarCollection):
    """An owner's calendar as the grantee sees it."""

    def __init__(
        self,
        shared: SharedCalendar,
        grantee: Login,
        transactions: Transactions,
        limits: DavLimits,
    ) -> None:
        """Take the calendar and what the grant says.

        Args:
            shared: The calendar.
            grantee: Whose home it is seen in.
            transactions: Where objects are read.
            limits: How much of a request is looked at.
        """
        super().__init__(_calendar_as_seen(shared), transactions, limits)
        self._shared = shared
        self._path = f"{grantee}/{shared_name(shared)}"

    @property
    def path(self) -> str:
        """Path in the grantee's home, without slashes at its ends."""
        return self._path

    @property
    def etag(self) -> str:
        """The ctag: another one for every version of the grant."""
        return quoted(ETag(f"{self.stored.ctag}-{self._shared.grant_version}{REDUCED}"))

    @property
    def epoch(self) -> str:
        """What begins its sync tokens: a changed grant ends them all."""
        return f"{self.stored.epoch}-{self._shared.grant_version}{REDUCED}"

    def shown(self, stored: StoredObject) -> StoredObject | None:
        """Return the object as the grant shows it, None when not at all."""
        if self._shared.level is GrantLevel.BUSY:
            seen = busy_view(stored.object)
        else:
            seen = readable_view(stored.object, private=stored.private)
        if seen is None:
            return None
        variant = self._variant(private=stored.private)
        # When somebody noted something is no part of when that person is busy.
        created_at = None if variant else stored.created_at
        return replace(stored, text=seen.text, variant=variant, created_at=created_at)

    def listed(self, *, details: bool) -> Iterable[ListedObject]:
        """Return what is shown; whether time is free, and sizes, only the texts tell."""
        if details or self._shared.level is GrantLevel.BUSY:
            return [_listed(stored) for stored in self.objects()]
        return [seen for each in super().listed(details=False) if (seen := self._light(each))]

    def changes(self, after: int | None) -> Sequence[tuple[int, ListedObject]]:
        """Return what changed; what is not shown, or not any more, is told as gone."""
        rows = super().changes(after)
        told = self._changed_texts(rows, whole=after is None)
        found = [(revision, told.get(row.href) or _gone(row)) for revision, row in rows]
        if after is None:
            found = [(revision, row) for revision, row in found if row.etag]
        return found

    def put(
        self, href: str, item: CalendarObject, conditions: Preconditions = ANYTHING
    ) -> tuple[StoredObject, StoredObject | None]:
        """Refuse.

        Raises:
            Refusal: Always.
        """
        raise read_only()

    def delete(self, href: str | None = None) -> None:
        """Refuse."""
        raise read_only()

    def remove(self, href: str, conditions: Preconditions = ANYTHING) -> None:
        """Refuse."""
        raise read_only()

    def set_meta(self, props: Mapping[str, str]) -> None:
        """Refuse."""
        raise read_only()

    def _changed_texts(
        self, rows: Sequence[tuple[int, ListedObject]], *, whole: bool
    ) -> Mapping[str, ListedObject]:
        """Return by name those of the changed objects that are shown."""
        if self._shared.level is GrantLevel.READ:
            seen = [self._light(row) for _, row in rows if row.etag]
            return {row.href: row for row in seen if row is not None}
        living: Collection[str] = {row.href for _, row in rows if row.etag}
        found = self.objects(None if whole or len(living) > _MANY else living)
        return {stored.href: _listed(stored) for stored in found}

    def _light(self, listed: ListedObject) -> ListedObject | None:
        """Return a listed object as who may read sees it; no text is needed for that."""
        if not listed.private:
            return listed
        return listed._replace(etag=listed.etag + REDUCED) if listed.component == _EVENT else None

    def _variant(self, *, private: bool) -> str:
        return REDUCED if private or self._shared.level is GrantLevel.BUSY else ""


def read_only() -> Refusal:
    """Return the refusal of whatever would change a colleague's calendar."""
    return Refusal(
        "a colleague's calendar is read-only here",
        status=client.FORBIDDEN,
        condition="D:need-privileges",
    )


def _calendar_as_seen(shared: SharedCalendar) -> StoredCalendar:
    own = shared.calendar
    name = text_of(own.properties.get(_NAME, "")) or default_name(own)
    told = {key: value for key, value in own.properties.items() if key in _TOLD}
    busy = shared.level is GrantLevel.BUSY
    return replace(
        own,
        components=frozenset({_EVENT}) if busy else own.components,
        # Cleaned, or it could begin with the mark of what is XML already.
        properties={**told, _NAME: f"{clean_text(shared.owner_name)}: {name}"},
    )


def _listed(stored: StoredObject) -> ListedObject:
    return ListedObject(
        stored.href,
        stored.etag,
        stored.component,
        stored.private,
        stored.modified_at,
        stored.size,
        created_at=stored.created_at,
    )


def _gone(row: ListedObject) -> ListedObject:
    return row._replace(etag="")
