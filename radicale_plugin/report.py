"""REPORT (RFC 3253 section 3.6): which report it is, and who answers it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from http import client
from typing import TYPE_CHECKING, Any

from radicale import httputils

from bridge.errors import InvalidInput, NotFound
from radicale_plugin.expand_property import Expander
from radicale_plugin.freebusy import free_busy
from radicale_plugin.instances import Budget
from radicale_plugin.live_properties import calendar_of, named
from radicale_plugin.multistatus import CONTENT_TYPE
from radicale_plugin.object_reports import ObjectReport, calendar_query, multiget
from radicale_plugin.part import DavPart, answer, wants_minimal
from radicale_plugin.principal_reports import search, search_property_set
from radicale_plugin.refusals import Forbidden, Refusal
from radicale_plugin.reports import reports_of
from radicale_plugin.sync_collection import sync_collection
from radicale_plugin.xml_request import free_busy_window

if TYPE_CHECKING:
    from radicale.types import WSGIEnviron, WSGIResponse

    from radicale_plugin.live_properties import Context
    from radicale_plugin.resources import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A report, and what it was sent to."""

    root: ET.Element
    resource: Resource
    context: Context
    minimal: bool
    user_groups: set[str]


class ReportPart(DavPart):
    """Answers REPORT."""

    def do_REPORT(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Answer a report; the lock is held until all of it is put together.

        Raises:
            BridgeError: The request is refused.
        """
        del request_info
        if not user:
            return httputils.NOT_ALLOWED  # who they are comes before what they ask
        root = self._xml(environ)
        if root is None:
            raise InvalidInput("a REPORT says which in its body")
        with self._storage.acquire_lock("r", user):
            resource = self._resource(path, user, user_groups)
            _refuse_unsupported(root, resource)
            asked = _Asked(
                root=root,
                resource=resource,
                context=self._context(base_prefix),
                minimal=wants_minimal(environ),
                user_groups=user_groups,
            )
            return self._answered(asked)

    def _answered(self, asked: _Asked) -> WSGIResponse:
        match asked.root.tag.rpartition("}")[2]:
            case "calendar-multiget" | "calendar-query" | "sync-collection" as name:
                return _on_objects(name, asked)
            case "free-busy-query":
                return self._free_busy(asked)
            case "expand-property":
                return self._expanded(asked)
            case "principal-property-search":
                return self._searched(asked)
            case _:
                return client.OK, {"Content-Type": CONTENT_TYPE}, search_property_set(), None

    def _free_busy(self, asked: _Asked) -> WSGIResponse:
        window = free_busy_window(asked.root)
        budget = Budget(self._limits.max_instances)
        text = free_busy(calendar_of(asked.resource).busy_times(window, budget), window)
        return client.OK, {"Content-Type": "text/calendar"}, text, None

    def _expanded(self, asked: _Asked) -> WSGIResponse:
        expander = Expander(asked.context, lambda path: self._found(path, asked))
        return answer([expander.told(asked.root, asked.resource)])

    def _searched(self, asked: _Asked) -> WSGIResponse:
        own = self._found(f"/{asked.context.user.login}/", asked)
        if own is None:
            return answer([])
        return answer(search(asked.root, own, asked.context, minimal=asked.minimal))

    def _found(self, path: str, asked: _Asked) -> Resource | None:
        """Return what a path leads to, None for what the user may not see."""
        try:
            return self._resource(path, asked.context.user.login, asked.user_groups)
        except (Forbidden, NotFound):
            return None


def _on_objects(name: str, asked: _Asked) -> WSGIResponse:
    report = ObjectReport.of(asked.root, asked.resource, asked.context, minimal=asked.minimal)
    if name == "sync-collection":
        responses, token = sync_collection(report)
        return answer(responses, tail=token, minimal=asked.minimal, limits=asked.context.limits)
    found = multiget(report) if name == "calendar-multiget" else calendar_query(report)
    return answer(found, minimal=asked.minimal, limits=asked.context.limits)


def _refuse_unsupported(root: ET.Element, resource: Resource) -> None:
    """Refuse what the resource's supported-report-set does not name (RFC 3253 section 3.6)."""
    if root.tag not in {named(name) for name in reports_of(resource)}:
        raise Refusal(
            "this report is not answered here",
            status=client.FORBIDDEN,
            condition="D:supported-report",
        )
