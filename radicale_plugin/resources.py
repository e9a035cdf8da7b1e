"""What a path leads to, as properties are asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from radicale_plugin.collection import CalendarCollection
from radicale_plugin.fixed_collection import FixedCollection

if TYPE_CHECKING:
    from bridge.store.calendar_listing import ListedObject
    from bridge.store.calendar_values import StoredObject

Collection = FixedCollection | CalendarCollection


class Kind(Enum):
    """The four kinds of resources there are."""

    ROOT = "root"
    PRINCIPAL = "principal"
    """A user's principal, which is the calendar home too."""
    CALENDAR = "calendar"
    OBJECT = "object"


class Resource(NamedTuple):
    """A resource; a listing makes one for each of thousands of objects, hence no dataclass.

    Attributes:
        kind: Which of the four.
        path: Decoded, below the prefix; collections end with a slash.
        rights: Letters the user has on it, an object's being its calendar's.
        collection: Itself, or what it is in.
        member: The object, with its text or without; None for collections.
    """

    kind: Kind
    path: str
    rights: str
    collection: Collection
    member: ListedObject | StoredObject | None = None


def collection_resource(collection: Collection, rights: str) -> Resource:
    """Return a collection as a resource."""
    path = f"/{collection.path}/" if collection.path else "/"
    if isinstance(collection, CalendarCollection):
        return Resource(Kind.CALENDAR, path, rights, collection)
    return Resource(Kind.PRINCIPAL if collection.path else Kind.ROOT, path, rights, collection)


def object_resource(
    collection: CalendarCollection, member: ListedObject | StoredObject, rights: str
) -> Resource:
    """Return a calendar object as a resource."""
    path = f"/{collection.path}/{member.href}"
    return Resource(Kind.OBJECT, path, rights, collection, member)


def members(collection: CalendarCollection, rights: str, *, details: bool) -> Iterator[Resource]:
    """Yield what is in a calendar, without texts.

    Args:
        collection: The calendar.
        rights: Letters the user has on it.
        details: Whether sizes and times are wanted.
    """
    start = f"/{collection.path}/"
    kind = Kind.OBJECT
    for listed in collection.listed(details=details):
        yield Resource(kind, start + listed.href, rights, collection, listed)
