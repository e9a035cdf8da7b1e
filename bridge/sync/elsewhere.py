"""Items that another user of the company has: an event with guests stays where it is (B5).

When an activity gets another owner, it leaves one calendar and connection for another. An event
with guests is neither deleted nor made again for that; both plans say so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from bridge.domain.identifiers import Uid
from bridge.sync.model import Link, Presence

Elsewhere = Callable[[Collection[Uid]], Collection[Uid]]
"""Returns those of the UIDs that moved between this user and another one of the company."""


def nowhere(_uids: Collection[Uid]) -> Collection[Uid]:
    """Return nothing: there are no other users."""
    return ()


def elsewhere_of(links: Iterable[Link], fingerprint: str, ask: Elsewhere) -> Collection[Uid]:
    """Return the items that somebody else has, of those that would be deleted or made at Google.

    Args:
        links: Every link of the connection.
        fingerprint: Of the present policy; what was judged under it is not asked about again.
        ask: Asks for several at once; is not called for none.
    """
    moved = [link.uid for link in links if link.judged != fingerprint and _may_have_moved(link)]
    return frozenset(ask(moved)) if moved else frozenset()


def _may_have_moved(link: Link) -> bool:
    left = link.calendar.presence is Presence.REMOVED and link.google.presence is Presence.PRESENT
    came = link.calendar.presence is Presence.PRESENT and link.google.presence is Presence.ABSENT
    return left or came
