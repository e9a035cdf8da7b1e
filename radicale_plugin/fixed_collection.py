"""What lies above the calendars: the root, and the principals, which are calendar homes too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, overload

from radicale.storage import BaseCollection

if TYPE_CHECKING:
    from radicale.item import Item

    from bridge.domain.users import User

FORBIDDEN = "[Errno 13] this cannot be changed from a calendar program"
"""Text of a ValueError that Radicale answers with 403."""


class FixedCollection(BaseCollection):
    """A collection without items or settable properties: the root, or a principal."""

    def __init__(self, path: str, properties: Mapping[str, str]) -> None:
        self._path = path
        self._properties = properties

    @property
    def path(self) -> str:
        """Path without slashes at its ends; "" for the root."""
        return self._path

    @property
    def etag(self) -> str:
        """A constant: such a collection never changes."""
        return '"fixed"'

    @property
    def tag(self) -> str:
        """None of Radicale's types."""
        return ""

    @property
    def last_modified(self) -> str:
        """Nothing a client could use."""
        return ""

    @overload
    def get_meta(self, key: None = None) -> Mapping[str, str]: ...
    @overload
    def get_meta(self, key: str) -> str | None: ...
    def get_meta(self, key: str | None = None) -> Mapping[str, str] | str | None:
        """Return one property by Radicale's name, or all."""
        return self._properties if key is None else self._properties.get(key)

    def set_meta(self, props: Mapping[str, str]) -> None:
        """Refuse: nobody writes these properties."""
        raise ValueError(FORBIDDEN)

    def get_all(self) -> Iterable[Item]:
        """Return nothing."""
        return ()

    def get_multi(self, hrefs: Iterable[str]) -> Iterable[tuple[str, Item | None]]:
        """Return nothing for each name."""
        return [(href, None) for href in hrefs]

    def delete(self, href: str | None = None) -> None:
        """Refuse."""
        raise ValueError(FORBIDDEN)


def root() -> FixedCollection:
    """Return the collection that holds the principals."""
    return FixedCollection("", {})


def principal(user: User) -> FixedCollection:
    """Return a user's principal, which is the calendar home too."""
    return FixedCollection(user.login, {"D:displayname": user.name or user.login})
