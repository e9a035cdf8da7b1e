"""PUT of one calendar object: own validation, own preconditions, bytes kept as they came.

Radicale's own handler stores what vobject makes of the text, refuses what vobject cannot read
with a bare 400, and can tell no precondition (design decisions 12 and 16).
"""

from __future__ import annotations

from http import client
from typing import TYPE_CHECKING, Any

from radicale import httputils

from bridge.errors import InvalidCalendarData
from bridge.ical.calendar_object import CalendarObject
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.item import quoted
from radicale_plugin.part import DavPart, body_of
from radicale_plugin.preconditions import Preconditions
from radicale_plugin.request import current_request

if TYPE_CHECKING:
    from radicale.types import WSGIEnviron, WSGIResponse

_UTF_8 = ("", "utf-8", "utf8", "us-ascii", "ascii")


class PutPart(DavPart):
    """Answers PUT."""

    def do_PUT(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Create or replace the object; the text is judged before any lock is taken.

        Raises:
            BridgeError: The object, or a precondition, is refused; nothing was stored.
        """
        del base_prefix, request_info
        if "w" not in self._letters(path, user, user_groups):
            return httputils.NOT_ALLOWED
        item = read_object(body_of(environ))
        conditions = Preconditions.of(environ)
        with self._storage.acquire_lock("w", user, path=path, request="PUT", actor=user):
            parent, name = self._storage.place(path)
            if name and parent is None:
                return httputils.CONFLICT
            if not (name and isinstance(parent, CalendarCollection)):
                return httputils.NOT_ALLOWED
            new, old = parent.put(name, item, conditions)
        status = client.CREATED if old is None else client.NO_CONTENT
        return status, {"ETag": quoted(new.etag)}, None, None


def read_object(body: bytes) -> CalendarObject:
    """Return the calendar object a body holds.

    Raises:
        InvalidCalendarData: It holds none, or is not in the charset it claims.
    """
    charset = current_request().charset
    try:
        text = body.decode("utf-8" if charset in _UTF_8 else charset)
    except (UnicodeDecodeError, LookupError) as error:
        raise InvalidCalendarData("the text is not in the charset it claims") from error
    return CalendarObject.parse(text)
