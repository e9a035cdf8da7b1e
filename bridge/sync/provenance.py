"""Activities met for the first time whose UID was made for an event: is that event still there?

So it is after the links were lost. A full listing tells most of these events; one that it lacks, as
late listings may, would be made a second time. As what is linked and missing is unknown until it
was asked for (design decision 22), so is this. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import replace

from bridge.domain.identifiers import Uid
from bridge.sync.model import Link, Part, Presence, SideState

MOST_ASKED = 50
"""One batch at Google. More than that are missing because they came from another calendar."""


def missing_originals(
    links: Mapping[Uid, Link],
    known: Container[Uid],
    *,
    google: str,
    name_of: Callable[[Uid], str | None],
) -> Mapping[Uid, Link]:
    """Return the links whose event has to be asked for, with that event unknown.

    Args:
        links: After both sides were read.
        known: UIDs of those that were stored before.
        google: Id of Google's collection.
        name_of: Tells for which event a UID was made.
    """
    taken = {link.google.name for link in links.values()}
    found: dict[Uid, Link] = {}
    for uid, link in links.items():
        if uid in known or link.google != SideState():
            continue
        name = name_of(uid)
        if name is not None and name not in taken:
            parts = (Part(name=name),)
            asked = SideState(presence=Presence.UNKNOWN, collection=google, parts=parts)
            found[uid] = replace(link, google=asked)
    return found if len(found) <= MOST_ASKED else {}
