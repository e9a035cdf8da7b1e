"""One CalDAV calendar as a `Collection` of the engine.

Each calendar object resource is an item, named by its href. Texts are written as they are: no
sequence is raised, no property added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import TypeVar

from bridge.caldav_calendar.client import CalDavClient, no_guard
from bridge.caldav_calendar.multistatus import SIDE, Resource
from bridge.domain.identifiers import ETag, SyncToken, Uid
from bridge.errors import (
    InvalidCalendarData,
    ItemExists,
    ItemMissing,
    ItemRejected,
    PreconditionFailed,
    SideUnavailable,
)
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.scanner import ContentComponent, scan
from bridge.ical.split_off import SplitOff
from bridge.sync.model import Delta, Item, Part, Side, Unreadable
from bridge.sync.requests import Answer, Request, one_by_one

NAMES_PER_MULTIGET = 100
AT_ONCE = 20
"""Writes that are written down in one commit; a crash leaves that many to be asked for."""
_MOST_PAGES = 1000
_LONGEST_NAME = 200  # bytes, extension included
_EXTENSION = ".ics"
_SAFE_NAME = re.compile(r"[A-Za-z0-9_@-][A-Za-z0-9._@-]*", re.ASCII)
_COMPONENTS = ("VEVENT", "VTODO", "VJOURNAL")
_T = TypeVar("_T")


class CalDavCollection:
    """A calendar collection on a CalDAV server."""

    def __init__(
        self,
        client: CalDavClient,
        url: str,
        collection_id: str,
        *,
        guard: Callable[[], None] = no_guard,
    ) -> None:
        """Bind the collection; nothing is sent yet.

        Args:
            client: Signed in as the owner.
            url: Address of the collection.
            collection_id: Its lasting id, such as `activities`.
            guard: Called before each exchange; raises if the caller has a transaction open.
        """
        self._client = client
        self._url = url.rstrip("/") + "/"
        self._id = collection_id
        self._guard = guard

    @property
    def side(self) -> Side:
        """The calendar side."""
        return Side.CALENDAR

    @property
    def id(self) -> str:
        """The lasting id it was bound with."""
        return self._id

    def changes(self, token: SyncToken | None) -> Delta:
        """List what changed since the token; with None everything.

        A resource of the report that the server then says is not there (404 in the multiget) is
        told as removed: it is, and the report's token may be from after its removal. RFC 6578
        section 3.5.2 promises it to the next report only if token and list are of one moment. A
        full listing leaves it out, as it leaves out whatever is not there.

        Raises:
            SyncTokenExpired: The token is not served any more.
            CollectionGone: The collection is not there, or is not ours to read.
        """
        changed, removed, new_token = self._report(token)
        resources = list(self._resources(changed))
        read = [_read(name, resource) for name, resource in resources if resource]
        if token is not None:
            removed += [name for name, resource in resources if resource is None]
        return Delta(
            items=tuple(item for item in read if isinstance(item, Item)),
            unreadable=tuple(item for item in read if isinstance(item, Unreadable)),
            removed=tuple(removed),
            token=new_token,
            full=token is None,
        )

    def get(self, names: Sequence[str]) -> Mapping[str, Item | None]:
        """Read these resources; None for those the server says are not there.

        A resource that is there but cannot be read as a calendar object is left out of the answer.
        """
        found: dict[str, Item | None] = {}
        for name, resource in self._resources(names):
            item = _read(name, resource) if resource else None
            if not isinstance(item, Unreadable):
                found[name] = item
        return found

    def tombstones(self, names: Sequence[str]) -> Mapping[str, ETag]:
        """Return nothing: in CalDAV what is deleted has no version any more (RFC 4918)."""
        return {}

    def name_for(self, uid: Uid, *, generation: int = 0) -> str:
        """Return `<uid>.ics`, or a digest where the UID is no safe path segment."""
        mark = f"-{generation}" if generation else ""
        name = f"{uid}{mark}{_EXTENSION}"
        if _SAFE_NAME.fullmatch(name) and len(name) <= _LONGEST_NAME:
            return name
        return f"{sha256(uid.encode('utf-8', 'surrogatepass')).hexdigest()}{mark}{_EXTENSION}"

    def split_off(self, name: str) -> SplitOff | None:
        """Return None: in CalDAV no name tells such a thing."""
        return None

    def insert(self, name: str, item: CalendarObject) -> Item:
        """Create the resource; one there already with the same content is success.

        Raises:
            ItemExists: The name, or the UID, is taken by something else.
            ItemRejected: The server refuses this text.
        """
        self._guard()
        try:
            etag = self._client.put(self._url, name, item.text, if_match=None)
        except PreconditionFailed as error:
            resource = self._resource(name)
            if resource is None:
                raise _refused(name) from error
            stored = _read(name, resource)
            if isinstance(stored, Item) and _same_content(stored.object.text, item.text):
                return stored
            raise ItemExists(
                f"the name is taken: {name}", side=SIDE, reason="name-taken"
            ) from error
        return replace(self._written(name, item, etag), made=True)

    def update(  # noqa: PLR0913  # a write and its conditions, each by its name
        self,
        name: str,
        item: CalendarObject,
        *,
        base: CalendarObject | None,
        if_match: ETag,
        parts: Sequence[Part] = (),
        tell_guests: bool = False,  # ours mails nobody
    ) -> Item:
        """Write the whole text over the version `if_match`; `base` and `parts` are not needed here.

        Raises:
            PreconditionFailed: The resource changed since.
            ItemMissing: It is gone.
            ItemRejected: The server refuses this text.
        """
        self._guard()

        def write() -> ETag | None:
            return self._client.put(self._url, name, item.text, if_match=if_match)

        return self._written(name, item, self._insisted(write, name, if_match))

    def delete(self, name: str, *, if_match: ETag, tell_guests: bool = False) -> None:
        """Delete that version of the resource; one that is gone already is success.

        Raises:
            PreconditionFailed: It changed since.
            ItemRejected: The server refuses the deletion.
        """
        self._guard()

        def write() -> None:
            self._client.delete(self._url, name, if_match=if_match)

        with suppress(ItemMissing):
            self._insisted(write, name, if_match)

    @property
    def most_at_once(self) -> int:
        """As many as are written down together; each is a request of its own."""
        return AT_ONCE

    def write(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Carry the requests out one after the other."""
        return one_by_one(self, requests)

    def _report(self, token: SyncToken | None) -> tuple[list[str], list[str], SyncToken]:
        """Follow the pages of a sync report; the last word on a name counts."""
        fate: dict[str, bool] = {}
        for _ in range(_MOST_PAGES):
            self._guard()
            page = self._client.sync_collection(self._url, token)
            fate |= dict.fromkeys(page.removed, False) | dict.fromkeys(page.changed, True)
            if not page.truncated:
                changed = [name for name, there in fate.items() if there]
                return changed, [name for name, there in fate.items() if not there], page.token
            if page.token == token:
                break
            token = page.token
        raise SideUnavailable("a sync report does not end", side=SIDE, reason="badAnswer")

    def _resources(self, names: Sequence[str]) -> Iterator[tuple[str, Resource | None]]:
        for first in range(0, len(names), NAMES_PER_MULTIGET):
            self._guard()
            batch = names[first : first + NAMES_PER_MULTIGET]
            yield from self._client.multiget(self._url, batch).items()

    def _resource(self, name: str) -> Resource | None:
        return next(resource for _, resource in self._resources([name]))

    def _insisted(self, write: Callable[[], _T], name: str, if_match: ETag) -> _T:
        """Carry out a write on condition of a version; once more if it is there after a refusal.

        If-Match fails for a resource that is not there just as for one that changed. And servers
        say 412 where that very version is there: ours, when what belongs to a resource changed in
        the same moment, and stock Radicale 3.9, where a text is too large (`app/put.py`).

        Raises:
            PreconditionFailed: The resource changed since.
            ItemMissing: It is gone.
            ItemRejected: The server refuses the write itself, so that no new look will help.
        """
        try:
            return write()
        except PreconditionFailed as error:
            there = self._resource(name)
            if there is None:
                raise ItemMissing(f"{name} is gone", side=SIDE, reason="http412") from error
            if there.etag != if_match:
                raise
        try:
            return write()
        except PreconditionFailed as error:
            raise _refused(name) from error

    def _one(self, name: str) -> Item | None:
        resource = self._resource(name)
        item = _read(name, resource) if resource else None
        return item if isinstance(item, Item) else None

    def _written(self, name: str, item: CalendarObject, etag: ETag | None) -> Item:
        if etag is not None:
            return Item(name=name, etag=etag, object=item)
        # No ETag in the answer: the server may have stored something else (RFC 4791 5.3.4).
        stored = self._one(name)
        if stored is None:
            raise SideUnavailable(f"{name} vanished", side=SIDE, reason="vanished")
        return stored


def _refused(name: str) -> ItemRejected:
    said = f"the CalDAV server answered 412 about {name}, though nothing is otherwise there"
    return ItemRejected(said, side=SIDE, reason="http412")


def _read(name: str, resource: Resource) -> Item | Unreadable:
    try:
        return Item(name=name, etag=resource.etag, object=_calendar_object(resource.text))
    except InvalidCalendarData:
        return Unreadable(name=name, etag=resource.etag, reason="unreadable")


def _calendar_object(text: str) -> CalendarObject:
    for component in scan(text).components:
        uid = component.text("UID")
        if component.name in _COMPONENTS and uid:
            return CalendarObject(uid=Uid(uid), component=component.name, text=text)
    raise InvalidCalendarData("no component with a UID")


def _same_content(one: str, other: str) -> bool:
    """Whether two texts say the same; servers may reorder and refold what they store."""
    return one == other or _content(scan(one)) == _content(scan(other))


def _content(component: ContentComponent) -> tuple[object, ...]:
    return (
        component.name,
        sorted(line.meaning for line in component.lines),
        sorted(map(repr, map(_content, component.components))),
    )
