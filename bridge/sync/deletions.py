"""Which deletion of an item is which, as far as anybody can know; pure.

Listings of Google can be late, and tell of a deletion that an insert of ours has taken back since.
Its deletions have versions (only the id is sure), those of CalDAV have none. What is known of them
stands among the versions that our own writes replaced.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.domain.identifiers import ETag
from bridge.sync.model import MOST_REPLACED, Presence, SideState, Version

_GONE = ETag("?gone")
"""`Version.etag` of an item that, before our insert, may have been there and been deleted."""
_TOMBSTONE = "gone:"
"""Before the version of a deletion, where it stands as a `Version.etag`."""


def buried(state: SideState, tombstone: ETag | None) -> SideState:
    """Return the state that knows this version of its item's deletion.

    Of a deletion without a version no other one can be told: what was known of earlier ones goes.
    """
    if tombstone is None:
        left = (each for each in state.replaced if not each.etag.startswith(_TOMBSTONE))
        return replace(state, replaced=tuple(left))
    return state if _knows(state, tombstone) else _with(state, ETag(f"{_TOMBSTONE}{tombstone}"))


def deleted_since(state: SideState, tombstone: ETag | None) -> bool:
    """Whether this is another deletion than the one an insert is to take back."""
    known = any(each.etag.startswith(_TOMBSTONE) for each in state.replaced)
    return known and tombstone is not None and not _knows(state, tombstone)


def maybe_back(state: SideState) -> SideState:
    """Return the state of an item that may have been there before its insert, and deleted."""
    return _with(state, _GONE)


def was_maybe_back(state: SideState) -> bool:
    """Whether a late listing may tell of a removal before our own insert."""
    gone = Version(name=state.name, etag=_GONE)
    return gone in state.replaced and state.presence is Presence.PRESENT


def _knows(state: SideState, tombstone: ETag) -> bool:
    return Version(name=state.name, etag=ETag(f"{_TOMBSTONE}{tombstone}")) in state.replaced


def _with(state: SideState, etag: ETag) -> SideState:
    version = Version(name=state.name, etag=etag)
    return replace(state, replaced=(*state.replaced, version)[-MOST_REPLACED:])
