"""DELETE of a calendar object, or of a calendar its owner made (RFC 4918 section 9.6)."""

from __future__ import annotations

from http import client
from typing import TYPE_CHECKING, Any

from bridge.domain.identifiers import ETag
from bridge.errors import NotFound
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.part import DavPart
from radicale_plugin.preconditions import Preconditions
from radicale_plugin.refusals import Forbidden

if TYPE_CHECKING:
    from radicale.types import WSGIEnviron, WSGIResponse


class DeletePart(DavPart):
    """Answers DELETE."""

    def do_DELETE(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Delete what has this name, if it is what `If-Match` names.

        Raises:
            BridgeError: It is refused; nothing was deleted.
        """
        del base_prefix, request_info
        letters = self._letters(path, user, user_groups)
        if "w" not in letters:
            raise Forbidden
        conditions = Preconditions.of(environ)
        with self._storage.acquire_lock("w", user, path=path, request="DELETE", actor=user):
            calendar, name = self._storage.place(path)
            if not isinstance(calendar, CalendarCollection):
                raise NotFound("there is nothing here")
            if name:
                calendar.remove(name, conditions)
            elif "D" not in letters:
                raise Forbidden
            else:
                conditions.check(ETag(calendar.etag.strip('"')))
                calendar.delete()
        return client.NO_CONTENT, {}, None, None
