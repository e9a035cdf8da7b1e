"""Rights: everybody has his own home, and nothing else; no SQL is asked (design decision 11).

Letters are Radicale's. `R` reads root and principal; `rw` reads and writes calendars and their
items; `d` and `o` refuse deleting or replacing a whole calendar, whatever the configuration says.
"""

from __future__ import annotations

from radicale import pathutils
from radicale.rights import BaseRights

_READ_ONLY = "R"
_CALENDAR = "rwdo"
_NOTHING = ""


class Rights(BaseRights):
    """The owner's rights on the own home."""

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
        parts = [part for part in pathutils.strip_path(path).split("/") if part]
        match parts:
            case []:
                return _READ_ONLY
            case [owner] if owner == user:
                return _READ_ONLY
            case [owner, _] if owner == user:
                return _CALENDAR
            case _:
                return _NOTHING
