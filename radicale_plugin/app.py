"""Radicale's application with our methods, our refusals, and bounded XML.

Radicale's are the pipeline around the methods, sign-in and DELETE (decision record 5). Every
handler is wrapped once, since Radicale turns any exception of a handler into 500, and
`_handle_request` is, since sign-in happens outside of all handlers. `_read_xml_request_body` is
ours because Radicale's fails on forbidden entities.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus, client
from typing import TYPE_CHECKING, Any, TypeVar

from radicale import httputils, pathutils
from radicale.app import Application

from bridge.errors import BridgeError, SignInThrottled
from radicale_plugin.get import GetPart
from radicale_plugin.limits import DavLimits
from radicale_plugin.mkcalendar import MkcalendarPart
from radicale_plugin.move import MovePart
from radicale_plugin.options import OptionsPart
from radicale_plugin.propfind import PropfindPart
from radicale_plugin.proppatch import ProppatchPart
from radicale_plugin.push import REGISTRATIONS, PushOffer
from radicale_plugin.push_part import PushPart
from radicale_plugin.put import PutPart
from radicale_plugin.refusals import Forbidden, answer_to
from radicale_plugin.report import ReportPart
from radicale_plugin.request import current_request
from radicale_plugin.rights import is_shared_name
from radicale_plugin.shared import read_only
from radicale_plugin.xml_request import check, read_xml

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
        if path.startswith(_SERVICE_PATHS) and user and not path.startswith(REGISTRATIONS):
            return httputils.NOT_FOUND
        try:
            response = handler(self, environ, *call)
        except Forbidden:
            # Radicale makes it a request to sign in when nobody did.
            response = httputils.NOT_ALLOWED
        except BridgeError as error:
            return answer_to(error, base_prefix=base_prefix, parent=_parent(path))
        if response == httputils.NOT_ALLOWED and user:
            denied: WSGIResponse = self.denied(path, user)
            return denied
        return response

    return answer


def all_refusing(application: type[_Application]) -> type[_Application]:
    """Make every handler of a class answer our errors."""
    for name in dir(application):
        if name.startswith("do_"):
            setattr(application, name, refusing(getattr(application, name)))
    return application


@all_refusing
class CrmDavApplication(
    GetPart,
    PutPart,
    MovePart,
    PropfindPart,
    ProppatchPart,
    ReportPart,
    MkcalendarPart,
    PushPart,
    OptionsPart,
    Application,
):
    """Radicale's WSGI application over our storage."""

    def __init__(
        self, configuration: Configuration, *, limits: DavLimits, push: PushOffer | None = None
    ) -> None:
        """Make it from a configuration of `radicale_plugin.configuration`.

        Args:
            configuration: Radicale's.
            limits: How much of a request is looked at.
            push: What is offered of WebDAV-Push; None for nothing.
        """
        super().__init__(configuration)
        self._limits = limits
        self._push = push

    def _not_offered(self) -> frozenset[str]:
        return frozenset() if self._push is not None else frozenset({"POST"})

    def denied(self, path: str, user: str) -> WSGIResponse:
        """Return the answer to a request that the user's rights do not cover.

        What belongs to others, and what no colleague shares, answers as absent things do.
        """
        parts = [part for part in pathutils.strip_path(path).split("/") if part]
        match parts:
            case []:
                return httputils.NOT_ALLOWED
            case [owner, *_] if owner != user:
                return httputils.NOT_FOUND
            case [_, name, *_] if is_shared_name(name):
                with self._storage.acquire_lock("r", user):
                    found = next(iter(self._storage.discover(f"/{user}/{name}/")), None)
                return httputils.NOT_FOUND if found is None else answer_to(read_only())
        return answer_to(Forbidden())

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
        del request_info
        return root

    def _handle_request(self, environ: WSGIEnviron) -> tuple[str, list[tuple[str, str]], Any]:
        """Answer, with 503 when the database is busy at sign-in and 429 when it was throttled."""
        try:
            status, headers, body = super()._handle_request(environ)
        except BridgeError as error:
            return _plain(answer_to(error))
        if status.startswith(f"{client.METHOD_NOT_ALLOWED:d} "):
            headers = [*headers, ("Allow", self.allowed())]
        wait = current_request().retry_after
        if wait is None or not status.startswith(f"{client.UNAUTHORIZED:d} "):
            return status, headers, body
        return _plain(answer_to(SignInThrottled("too many failed sign-ins", retry_after=wait)))


def _plain(answer: WSGIResponse) -> tuple[str, list[tuple[str, str]], list[bytes]]:
    status, headers, content, _ = answer
    body = content.encode() if isinstance(content, str) else content or b""
    fields = [*dict(headers).items(), ("Content-Length", str(len(body)))]
    return f"{status} {HTTPStatus(status).phrase}", fields, [body]


def _owner(path: str) -> str:
    return path.strip("/").split("/", maxsplit=1)[0]


def _parent(path: str) -> str:
    return pathutils.parent_path(path)
