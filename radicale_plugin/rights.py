"""Rights: everybody has his own home, and sees in it what colleagues share; no SQL is asked.

Letters are Radicale's (design decision 11). `R` reads root and principal, `W` lets calendars be
made in a home; `rw` reads and writes calendars and their items; `D` lets a whole calendar be
deleted, `d` and `o` refuse deleting or replacing it, whatever the configuration says. The name
alone tells what a calendar is: two are standard, colleagues' have a separator in theirs, all
others are their owner's. Whether a colleague shares anything is the storage's to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale.rights import BaseRights

from bridge.domain.activity import CollectionName
from bridge.store.user_calendars import SEPARATOR

if TYPE_CHECKING:
    from radicale.config import Configuration

_READ_ONLY = "R"
_HOME = "RW"
_STANDARD_CALENDAR = "rwdo"
_USER_CALENDAR = "rwDo"
_SHARED_CALENDAR = "r"
_NOTHING = ""
_STANDARD = frozenset(name.value for name in CollectionName)


class Rights(BaseRights):
    """The owner's rights on the own home."""

    def __init__(self, configuration: Configuration, *, user_calendars: bool = False) -> None:
        """Remember what a home may be used for.

        Args:
            configuration: Radicale's.
            user_calendars: Whether users may make further calendars, and are told so. A plain
                Radicale asks for rights on the new calendar only and needs no `W` on the home.
        """
        super().__init__(configuration)
        self._home = _HOME if user_calendars else _READ_ONLY

    def authorization(
        self,
        user: str,
        user_groups: set[str],
        path: str,
    ) -> str:
        """Return the letters `user` has on `path`.

        An item's own path has none: Radicale asks for its calendar's.
        """
        if not user:
            return _NOTHING
        parts = [part for part in path.split("/") if part]
        match parts:
            case []:
                return _READ_ONLY
            case [owner] if owner == user:
                return self._home
            case [owner, name] if owner == user:
                return calendar_letters(name)
            case _:
                return _NOTHING


def is_shared_name(name: str) -> bool:
    """Return whether a name in a home can only be that of a colleague's calendar."""
    return SEPARATOR in name


def calendar_letters(name: str) -> str:
    """Return the letters a user has on a calendar of that name in the own home."""
    if is_shared_name(name):
        return _SHARED_CALENDAR
    return _STANDARD_CALENDAR if name in _STANDARD else _USER_CALENDAR
