"""Radicale's application with our pipeline, our methods and our refusals.

Radicale's are the construction from its configuration, and the last resort for a failure nobody
foresaw (decision records 5 and 8). Every handler is wrapped once: errors become refusals.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from radicale import httputils, pathutils
from radicale.app import Application

from bridge.errors import BridgeError
from radicale_plugin.delete import DeletePart
from radicale_plugin.get import GetPart
from radicale_plugin.limits import DavLimits
from radicale_plugin.mkcalendar import MkcalendarPart
from radicale_plugin.move import MovePart
from radicale_plugin.pipeline import PipelinePart
from radicale_plugin.propfind import PropfindPart
from radicale_plugin.proppatch import ProppatchPart
from radicale_plugin.push import REGISTRATIONS, PushOffer
from radicale_plugin.push_part import PushPart
from radicale_plugin.put import PutPart
from radicale_plugin.refusals import Forbidden, answer_to
from radicale_plugin.report import ReportPart
from radicale_plugin.rights import is_shared_name
from radicale_plugin.shared import read_only

if TYPE_CHECKING:
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
        """Answer as the handler does, and its refusals as this server words them."""
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
    PipelinePart,
    GetPart,
    PutPart,
    MovePart,
    PropfindPart,
    ProppatchPart,
    ReportPart,
    MkcalendarPart,
    PushPart,
    DeletePart,
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
                    found, _ = self._storage.place(f"/{user}/{name}/")
                return httputils.NOT_FOUND if found is None else answer_to(read_only())
        return answer_to(Forbidden())


def _parent(path: str) -> str:
    return pathutils.parent_path(path)
