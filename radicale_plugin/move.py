"""MOVE of a calendar object to another name or calendar of the home (RFC 4918 section 9.9)."""

from __future__ import annotations

from http import client
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from radicale import httputils

from bridge.errors import InvalidInput, NotFound, ObjectChanged
from radicale_plugin import names
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.hrefs import path_of
from radicale_plugin.item import CalendarItem
from radicale_plugin.part import DavPart
from radicale_plugin.preconditions import Preconditions
from radicale_plugin.refusals import Forbidden, Refusal

if TYPE_CHECKING:
    from radicale.types import WSGIEnviron, WSGIResponse


class MovePart(DavPart):
    """Answers MOVE."""

    def do_MOVE(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Give an object another name; what has that name goes, unless `Overwrite` is F.

        Raises:
            BridgeError: It is refused; nothing was moved.
        """
        del request_info
        destination = environ.get("HTTP_DESTINATION", "")
        if urlsplit(destination).netloc:  # the gateway took our own away
            return httputils.REMOTE_DESTINATION
        to_path = path_of(destination, base_prefix)
        if to_path is None:
            raise InvalidInput("the destination is no path here", field="Destination")
        if not all("w" in self._letters(each, user, user_groups) for each in (path, to_path)):
            raise Forbidden
        with self._storage.acquire_lock("w", user, path=path, request="MOVE", to_path=to_path):
            item = self._item(path)
            conditions = Preconditions.of(environ)
            Preconditions(if_match=conditions.if_match).check(item.stored.etag)
            existed = self._clear_way(to_path, item, environ)
            calendar, name = self._target(to_path)
            self._storage.move(item, calendar, name)
        return client.NO_CONTENT if existed else client.CREATED, {}, None, None

    def _item(self, path: str) -> CalendarItem:
        """Return the object to move.

        Raises:
            NotFound: There is none.
            Refusal: It is a collection.
        """
        found = next(iter(self._storage.discover(path)), None)
        if found is None:
            raise NotFound("there is nothing here")
        if not isinstance(found, CalendarItem):
            raise Refusal("collections are not moved", status=client.FORBIDDEN)
        return found

    def _clear_way(self, to_path: str, item: CalendarItem, environ: WSGIEnviron) -> bool:
        """Return whether there is something at the target that gives way.

        Raises:
            Refusal: It is a collection, or the source itself.
            ObjectChanged: It is to be left.
        """
        found = next(iter(self._storage.discover(to_path)), None)
        if found is None:
            return False
        if not isinstance(found, CalendarItem) or found.stored.id == item.stored.id:
            raise Refusal("this cannot be moved there", status=client.FORBIDDEN)
        if environ.get("HTTP_OVERWRITE", "T").strip().upper() == "F":
            raise ObjectChanged("there is an object of this name already")
        return True

    def _target(self, to_path: str) -> tuple[CalendarCollection, str]:
        """Return the calendar and the name that a path stands for.

        Raises:
            Refusal: There is no calendar to move it to.
            InvalidInput: The name is not taken.
        """
        found, name = self._storage.place(to_path)
        if not isinstance(found, CalendarCollection):
            raise Refusal("there is no calendar to move it to", status=client.CONFLICT)
        if not (name and names.is_acceptable(name)):
            raise InvalidInput("the name is not taken", field="Destination")
        return found, name
