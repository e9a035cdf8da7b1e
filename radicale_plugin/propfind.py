"""PROPFIND (RFC 4918 section 9.1), from the table of live properties and what clients left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import client
from itertools import chain
from typing import TYPE_CHECKING, Any

from bridge.errors import InvalidInput
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.multistatus import href_of, response
from radicale_plugin.part import DavPart, answer, wants_minimal
from radicale_plugin.property_plan import PropertyPlan, Wanted, read_wanted
from radicale_plugin.refusals import Refusal
from radicale_plugin.resources import Kind, Resource, members

if TYPE_CHECKING:
    from radicale.types import WSGIEnviron, WSGIResponse

    from radicale_plugin.live_properties import Context

_PROPFIND = "{DAV:}propfind"
_DEPTHS = ("0", "1", "infinity")


class PropfindPart(DavPart):
    """Answers PROPFIND."""

    def do_PROPFIND(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Tell properties of a resource and, with depth 1, of what is in it.

        Raises:
            BridgeError: The request is refused.
        """
        del request_info
        depth = _depth(environ)
        root = self._xml(environ)
        if root is not None and root.tag != _PROPFIND:
            raise InvalidInput("the body is no propfind")
        minimal = wants_minimal(environ)
        wanted = read_wanted(root, minimal=minimal)
        with self._storage.acquire_lock("r", user):
            resource = self._resource(path, user, user_groups)
            context = self._context(base_prefix)
            first = _response(resource, _plan(wanted, resource.kind, context), context)
            below: Iterable[str] = ()
            if depth != "0":
                _refuse_infinity(resource, depth)
                below = self._below(resource, wanted, context, user, user_groups)
            return answer(chain([first], below), minimal=minimal, limits=self._limits)

    def _below(
        self,
        resource: Resource,
        wanted: Wanted,
        context: Context,
        user: str,
        user_groups: set[str],
    ) -> Iterator[str]:
        """Yield the responses of what is in a collection."""
        if resource.kind is Kind.CALENDAR and "r" in resource.rights:
            plan = _plan(wanted, Kind.OBJECT, context)
            assert isinstance(resource.collection, CalendarCollection)  # noqa: S101 - its kind
            found = members(resource.collection, resource.rights, details=plan.details)
            for member in found:
                yield _response(member, plan, context)
        elif resource.kind in (Kind.ROOT, Kind.PRINCIPAL):
            for child in self._children(resource, user, user_groups):
                yield _response(child, _plan(wanted, child.kind, context), context)


def _response(resource: Resource, plan: PropertyPlan, context: Context) -> str:
    return response(href_of(context.base_prefix, resource.path), plan.propstats(resource))


def _plan(wanted: Wanted, kind: Kind, context: Context) -> PropertyPlan:
    return PropertyPlan(wanted, kind, context)


def _depth(environ: WSGIEnviron) -> str:
    """Return the depth; without one clients mean the resource itself, whatever the RFC says."""
    depth: str = environ.get("HTTP_DEPTH", "0").strip().lower()
    if depth not in _DEPTHS:
        raise InvalidInput("depth is 0, 1 or infinity", field="Depth")
    return depth


def _refuse_infinity(resource: Resource, depth: str) -> None:
    """Refuse to list all calendars of a home at once; a calendar has only one level."""
    if depth == "infinity" and resource.kind in (Kind.ROOT, Kind.PRINCIPAL):
        raise Refusal(
            "list one level at a time: ask with depth 1",
            status=client.FORBIDDEN,
            condition="D:propfind-finite-depth",
        )
