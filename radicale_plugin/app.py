"""Radicale's application with our PUT, our refusals, and bounded XML; all else is Radicale's.

Beyond the methods of design decision 16, every handler is wrapped once, since Radicale turns any
exception of a handler into 500, and `_handle_request` is, since sign-in happens outside of all
handlers. `_read_xml_request_body` is ours because Radicale's fails on forbidden entities.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus, client
from typing import TYPE_CHECKING, Any, TypeVar

from radicale import httputils, pathutils
from radicale.app import Application
from radicale.app.base import Access

from bridge.errors import BridgeError, SignInThrottled
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.freebusy import free_busy
from radicale_plugin.instances import Budget
from radicale_plugin.limits import DavLimits
from radicale_plugin.propfind import PropfindPart
from radicale_plugin.put import PutPart
from radicale_plugin.refusals import Forbidden, answer_to
from radicale_plugin.request import current_request
from radicale_plugin.xml_request import (
    FREE_BUSY_QUERY,
    check,
    free_busy_window,
    read_xml,
    take_expansion,
)

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from radicale.config import Configuration
    from radicale.types import WSGIEnviron, WSGIResponse

_Application = TypeVar("_Application", bound=Application)
_SERVICE_PATHS = "/."


def refusing(handler: Callable[..., WSGIResponse]) -> Callable[..., WSGIResponse]:
    """Make a handler answer our errors with their status and precondition.

    What belongs to others, and Radicale's own service pages, answers as absent things do.
    """

    @wraps(handler)
    def answer(self: Any, environ: WSGIEnviron, *call: Any) -> WSGIResponse:
        base_prefix, path, user = call[:3]
        if path.startswith(_SERVICE_PATHS) and user:
            return httputils.NOT_FOUND
        try:
            response = handler(self, environ, *call)
        except Forbidden as error:
            # What Radicale knows turns into a request to sign in when nobody did.
            own = user and _owner(path) in ("", user)
            response = answer_to(error) if own else httputils.NOT_ALLOWED
        except BridgeError as error:
            return answer_to(error, base_prefix=base_prefix, parent=_parent(path))
        if response == httputils.NOT_ALLOWED and user and _owner(path) not in ("", user):
            return httputils.NOT_FOUND
        return response

    return answer


def all_refusing(application: type[_Application]) -> type[_Application]:
    """Make every handler of a class answer our errors."""
    for name in dir(application):
        if name.startswith("do_"):
            setattr(application, name, refusing(getattr(application, name)))
    return application


@all_refusing
class CrmDavApplication(PutPart, PropfindPart, Application):
    """Radicale's WSGI application over our storage."""

    def __init__(self, configuration: Configuration, *, limits: DavLimits) -> None:
        """Make it from a configuration of `radicale_plugin.configuration`."""
        super().__init__(configuration)
        self._limits = limits

    def do_REPORT(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Answer a REPORT; free-busy is ours, all others are Radicale's over our collections."""
        try:
            return super().do_REPORT(environ, base_prefix, path, user, user_groups, request_info)
        except _FreeBusyAsked as asked:
            return self._free_busy(asked.root, path, user, user_groups)
        finally:
            current_request().expansion = None

    def _free_busy(
        self, root: ET.Element, path: str, user: str, user_groups: set[str]
    ) -> WSGIResponse:
        access = Access(self._rights, user, user_groups, path)
        window = free_busy_window(root)
        with self._storage.acquire_lock("r", user):
            found = next(iter(self._storage.discover(path)), None)
            if found is None:
                return httputils.NOT_FOUND
            if not isinstance(found, CalendarCollection) or not access.allows_freebusy(found):
                return httputils.NOT_ALLOWED
            text = free_busy(
                found.busy_candidates(window), window, budget=Budget(self._limits.max_instances)
            )
        return client.OK, {"Content-Type": "text/calendar"}, text, None

    def _read_xml_request_body(
        self, environ: WSGIEnviron, request_info: dict[str, Any]
    ) -> ET.Element | None:
        """Return the request's XML, None for an empty body.

        Raises:
            InvalidInput: It is beyond our limits or of a shape nobody can read.
        """
        body = httputils.read_raw_request_body(self.configuration, environ)
        if not body:
            return None
        root = read_xml(body, limits=self._limits)
        check(root, limits=self._limits)
        if request_info["method"] == "REPORT":
            if root.tag == FREE_BUSY_QUERY:
                raise _FreeBusyAsked(root)
            current_request().expansion = take_expansion(root)
        return root

    def _handle_request(self, environ: WSGIEnviron) -> tuple[str, list[tuple[str, str]], Any]:
        """Answer, with 503 when the database is busy at sign-in and 429 when it was throttled."""
        try:
            status, headers, body = super()._handle_request(environ)
        except BridgeError as error:
            return _plain(answer_to(error))
        wait = current_request().retry_after
        if wait is None or not status.startswith(f"{client.UNAUTHORIZED:d} "):
            return status, headers, body
        return _plain(answer_to(SignInThrottled("too many failed sign-ins", retry_after=wait)))


class _FreeBusyAsked(Exception):
    """The REPORT turned out to be a free-busy-query."""

    def __init__(self, root: ET.Element) -> None:
        super().__init__()
        self.root = root


def _plain(answer: WSGIResponse) -> tuple[str, list[tuple[str, str]], list[bytes]]:
    status, headers, content, _ = answer
    body = content.encode() if isinstance(content, str) else content or b""
    fields = [*dict(headers).items(), ("Content-Length", str(len(body)))]
    return f"{status} {HTTPStatus(status).phrase}", fields, [body]


def _owner(path: str) -> str:
    return path.strip("/").split("/", maxsplit=1)[0]


def _parent(path: str) -> str:
    return pathutils.parent_path(path)
