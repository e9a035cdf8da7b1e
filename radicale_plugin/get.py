"""GET and HEAD of a calendar object, or of a whole calendar (RFC 4918 section 9.4)."""

from __future__ import annotations

from http import client
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from radicale import httputils

from bridge.domain.identifiers import ETag
from bridge.errors import ObjectChanged
from bridge.store.calendar_values import StoredObject
from radicale_plugin.item import http_date
from radicale_plugin.live_properties import calendar_of
from radicale_plugin.part import DavPart
from radicale_plugin.preconditions import Preconditions
from radicale_plugin.properties import DISPLAY_NAME
from radicale_plugin.refusals import Forbidden
from radicale_plugin.resources import Kind

if TYPE_CHECKING:
    from radicale.types import WSGIEnviron, WSGIResponse

    from radicale_plugin.collection import CalendarCollection


class GetPart(DavPart):
    """Answers GET; Radicale answers HEAD through it."""

    def do_GET(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Return a text as it is stored, or nothing when the client has it already.

        Raises:
            BridgeError: There is nothing, nothing the user may read, or not what If-Match names.
        """
        del base_prefix, request_info
        with self._storage.acquire_lock("r", user):
            resource = self._resource(path, user, user_groups)
            if resource.kind in (Kind.ROOT, Kind.PRINCIPAL):
                return httputils.DIRECTORY_LISTING
            if "r" not in resource.rights:
                raise Forbidden
            conditions = Preconditions.of(environ)
            if isinstance(resource.member, StoredObject):
                return _object(resource.member, conditions)
            return _calendar(calendar_of(resource), conditions)


def _object(stored: StoredObject, conditions: Preconditions) -> WSGIResponse:
    headers = {
        "Content-Type": f"text/calendar; charset=utf-8; component={stored.component}",
        "Last-Modified": http_date(stored.modified_at),
        "ETag": f'"{stored.etag}"',
    }
    if _is_known(stored.etag, conditions):
        return client.NOT_MODIFIED, headers, None, None
    return client.OK, headers, stored.text.encode(), None


def _calendar(calendar: CalendarCollection, conditions: Preconditions) -> WSGIResponse:
    name = calendar.get_meta(DISPLAY_NAME) or ""
    headers = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Last-Modified": calendar.last_modified,
        "ETag": calendar.etag,
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(name, safe='')}.ics",
    }
    if _is_known(ETag(calendar.etag.strip('"')), conditions):
        return client.NOT_MODIFIED, headers, None, None
    return client.OK, headers, calendar.serialize().encode(), None


def _is_known(etag: ETag, conditions: Preconditions) -> bool:
    """Return whether the client has it already.

    Raises:
        ObjectChanged: It is not the one that If-Match names.
    """
    Preconditions(if_match=conditions.if_match).check(etag)
    try:
        Preconditions(if_none_match=conditions.if_none_match).check(etag)
    except ObjectChanged:
        return True
    return False
