"""Listing short collections (access rules, settings) in pages and with sync tokens.

Source: Google, Acl: list and Settings: list; "Synchronize resources efficiently".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.rehearsal.api.parameters import Parameters
from bridge.rehearsal.events.sync_tokens import Token, encode, read_page_token, read_sync_token
from bridge.rehearsal.google_error import Json, invalid
from bridge.rehearsal.world import World

_DEFAULT_PAGE, _LARGEST_PAGE = 100, 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One member of a short collection.

    Attributes:
        change: Number of its latest change, 0 if it never changed.
        deleted: Whether a full listing leaves it out.
        shown: Its resource.
    """

    change: int
    deleted: bool
    shown: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A short collection as one account sees it.

    Attributes:
        name: Name for its tokens, such as `settings`.
        kind: Google's kind of the collection.
        viewer: Account.
        entries: All members, in a stable order.
    """

    name: str
    kind: str
    viewer: str
    entries: Sequence[Entry]


def list_short(world: World, collection: Collection, parameters: Parameters) -> Json:
    """Return the resource of one page.

    Raises:
        GoogleError: 410 for an expired sync token, 400 for a bad page token or showDeleted=false
            together with a sync token.
    """
    since = None
    if "syncToken" in parameters:
        if "showDeleted" in parameters and not parameters.flag("showDeleted"):
            raise invalid("showDeleted cannot be false together with a sync token.")
        text = parameters.text("syncToken")
        since = read_sync_token(
            world, text, collection=collection.name, viewer=collection.viewer
        ).change
    token = _position(world, collection, parameters)
    size = min(parameters.number("maxResults", _DEFAULT_PAGE), _LARGEST_PAGE)
    with_deleted = since is not None or parameters.flag("showDeleted")
    wanted = [
        entry
        for entry in collection.entries
        if entry.change > (-1 if since is None else since) and (with_deleted or not entry.deleted)
    ]
    end = token.after + size
    newest = max((entry.change for entry in collection.entries), default=0)
    body: Json = {"kind": collection.kind, "etag": f'"p{newest:x}"'}
    if len(wanted) > end:
        body["nextPageToken"] = encode(world, replace(token, after=end))
    else:
        body["nextSyncToken"] = encode(world, replace(token, kind="sync", frozen={}, after=0))
    body["items"] = [entry.shown for entry in wanted[token.after : end]]
    return body


def _position(world: World, collection: Collection, parameters: Parameters) -> Token:
    frozen = {
        "syncToken": parameters.text("syncToken"),
        "showDeleted": parameters.flag("showDeleted"),
    }
    if "pageToken" in parameters:
        return read_page_token(
            world,
            parameters.text("pageToken"),
            collection=collection.name,
            viewer=collection.viewer,
            frozen=frozen,
        )
    return Token(
        kind="page",
        collection=collection.name,
        viewer=collection.viewer,
        epoch=world.state.meta("epoch") or "",
        issued=world.clock.milliseconds(),
        frozen=frozen,
        change=max((entry.change for entry in collection.entries), default=0),
    )
