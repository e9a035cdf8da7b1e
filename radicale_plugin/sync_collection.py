"""sync-collection (RFC 6578): what changed since a token, in the order of revisions.

A part of it ends with a token from which the rest follows, so nothing has to be remembered here.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterator, Sequence
from http import client
from typing import TYPE_CHECKING

from bridge.errors import InvalidInput
from radicale_plugin.multistatus import escaped, href_of, response, status_line
from radicale_plugin.object_reports import ABSENT, ObjectReport
from radicale_plugin.refusals import Refusal
from radicale_plugin.sync_tokens import SyncPoint

if TYPE_CHECKING:
    from bridge.store.calendar_listing import ListedObject
    from bridge.store.calendar_values import StoredObject
    from radicale_plugin.collection import CalendarCollection

    Change = tuple[int, ListedObject]

_TOKEN, _LEVEL = "{DAV:}sync-token", "{DAV:}sync-level"
_NRESULTS = "{DAV:}limit/{DAV:}nresults"
_MANY = 5_000
_MOST_DIGITS = 15
_TRUNCATED = (
    f"{status_line(client.INSUFFICIENT_STORAGE)}"
    "<D:error><D:number-of-matches-within-limits/></D:error>"
)


def sync_collection(report: ObjectReport) -> tuple[list[str], str]:
    """Return the responses, and the element with the token they lead to.

    Raises:
        SyncTokenExpired: The token is not one of this calendar's that can still be served.
        Refusal: It asks for all levels, of which there is but one.
        InvalidInput: It is malformed.
    """
    calendar = report.calendar
    _refuse_levels(report.root)
    uri = (report.root.findtext(_TOKEN) or "").strip()
    point = calendar.point_of(uri) if uri else None
    limit = _limit(report.root)
    changes = _changes(calendar, point)
    rest = limit is not None and len(changes) > limit
    reached = calendar.token_uri
    if rest:
        changes = changes[:limit]
        reached = _part(calendar, point, changes[-1]).uri(calendar.epoch)
    responses = list(_told(report, changes, whole=point is None and not rest))
    if rest:
        responses.append(response(href_of(report.context.base_prefix, report.start), _TRUNCATED))
    return responses, f"<D:sync-token>{escaped(reached)}</D:sync-token>"


def _refuse_levels(root: ET.Element) -> None:
    """Refuse other levels than 1; old drafts knew none, and a client of theirs means 1."""
    level = (root.findtext(_LEVEL) or "1").strip()
    if level == "infinite":
        raise Refusal(
            "ask with sync-level 1: there is nothing below",
            status=client.FORBIDDEN,
            condition="D:sync-traversal-supported",
        )
    if level != "1":
        raise InvalidInput("sync-level is 1 or infinite", field="sync-level")


def _limit(root: ET.Element) -> int | None:
    text = root.findtext(_NRESULTS)
    if text is None:
        return None
    # Python refuses to read numbers of thousands of digits; so many results there never are.
    digits = text.strip().lstrip("0")[:_MOST_DIGITS]
    if not (text.strip().isascii() and text.strip().isdigit() and digits):
        raise InvalidInput("nresults is a number above 0", field="nresults")
    return int(digits)


def _changes(calendar: CalendarCollection, point: SyncPoint | None) -> Sequence[Change]:
    """Return what the client was not told yet, by revision and name."""
    if point is None:
        found = list(calendar.changes(None))
    elif not point.name:
        found = list(calendar.changes(point.told))
    else:
        # The last part ended among the objects that changed with one revision.
        found = [
            (revision, row)
            for revision, row in calendar.changes(point.told - 1)
            if revision == point.told and row.href > point.name
        ]
        found += calendar.changes(point.told)
    return sorted(found, key=lambda change: (change[0], change[1].href))


def _part(calendar: CalendarCollection, point: SyncPoint | None, last: Change) -> SyncPoint:
    """Return the point that a part ends with."""
    revision, row = last
    began = calendar.stored.revision if point is None else point.began
    if began is not None and revision > began:
        began = None
    return SyncPoint(revision, began, row.href)


def _told(report: ObjectReport, changes: Sequence[Change], *, whole: bool) -> Iterator[str]:
    """Yield a response for each change; texts are read only if they, or details, are wanted."""
    plan = report.plan()
    living = {row.href for _, row in changes if row.etag}
    read: Collection[str] | None = None if whole or len(living) > _MANY else living
    found: dict[str, ListedObject | StoredObject] = {}
    if living and (report.data is not None or plan.details):
        found = {member.href: member for member in report.read(read, plan)}
    told = report.told((found.get(row.href, row) for _, row in changes if row.etag), plan)
    prefix = report.context.base_prefix + report.start
    for _, row in changes:
        yield next(told) if row.etag else response(href_of(prefix, row.href), ABSENT)
