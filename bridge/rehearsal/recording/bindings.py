"""What the rehearsal makes up anew each time: ids, ETags and tokens of a recording and its replay.

An id or ETag is learnt where it is first seen; from then on the same must stand for the same, or
the replay differs. Of a token only the latest meaning counts.
"""

from __future__ import annotations

import re
from typing import Any

from bridge.rehearsal.recording.bodies import Json

_BOUND = frozenset(
    {
        "id", "etag", "iCalUID", "recurringEventId", "calendars", "resourceId", "eventLabelId",
        "client_id", "client_secret",
    }
)  # fmt: skip
_TOKENS = frozenset(
    {
        "access_token", "refresh_token", "id_token", "code", "nextSyncToken", "nextPageToken",
    }
)  # fmt: skip
_VOLATILE = frozenset(
    {
        "created", "updated", "now", "message", "error_description", "htmlLink", "hangoutLink",
        "conferenceId", "uri", "pin", "passcode", "meetingCode", "accessCode", "password",
        "signature", "sub", "resourceUri", "expiration", "picture", "details",
    }
)  # fmt: skip
_NAMES_IN_TEXT = re.compile(r'"[^"\s]*"|[\w.@\-]{5,}')


class Bindings:
    """Recorded values and what they are in the replay."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._recorded: dict[str, str] = {}

    def bind(self, recorded: str, now: str) -> None:
        """Let a recorded value stand for one of the replay."""
        self._now[recorded] = now
        self._recorded[now] = recorded

    def now(self, recorded: Any) -> Any:
        """Return a recorded value as it has to be in the replay, names of members included."""
        if isinstance(recorded, str):
            return self._text(recorded)
        if isinstance(recorded, list):
            return [self.now(item) for item in recorded]
        if isinstance(recorded, dict):
            return {self._text(name): self.now(item) for name, item in recorded.items()}
        return recorded

    def differences(self, recorded: Any, now: Any, *, where: str = "", name: str = "") -> list[str]:
        """Return where a value of the replay is not what the recorded one lets expect.

        Args:
            recorded: Value of the recording.
            now: Value of the replay.
            where: Path of the value, for people.
            name: Of the member it stands under.
        """
        if name in _VOLATILE or (name == "error" and recorded == ""):
            return []
        if isinstance(recorded, dict) and isinstance(now, dict):
            return self._members(recorded, now, where)
        if isinstance(recorded, list) and isinstance(now, list):
            return self._items(recorded, now, where, name)
        if isinstance(recorded, str) and isinstance(now, str) and self._learns(name, recorded, now):
            return []
        wanted = self.now(recorded)
        return [] if wanted == now else [f"{where or 'answer'}: recorded {wanted!r}, now {now!r}"]

    def _members(self, recorded: Json, now: Json, where: str) -> list[str]:
        found: list[str] = []
        # Ids first: other members may contain them.
        for name in sorted(recorded, key=lambda name: name not in _BOUND):
            place, here = f"{where}.{name}", self._text(name)
            if here not in now and name not in _VOLATILE:
                found.append(f"{place}: now missing")
            elif here in now:
                found += self.differences(recorded[name], now[here], where=place, name=name)
        known = {self._text(name) for name in recorded} | _VOLATILE
        return found + [f"{where}.{name}: now there" for name in now if name not in known]

    def _items(self, recorded: list[Any], now: list[Any], where: str, name: str) -> list[str]:
        if len(recorded) != len(now):
            return [f"{where}: recorded {len(recorded)} items, now {len(now)}"]
        return [
            difference
            for number, (one, other) in enumerate(zip(recorded, now, strict=True))
            for difference in self.differences(one, other, where=f"{where}[{number}]", name=name)
        ]

    def _learns(self, name: str, recorded: str, now: str) -> bool:
        if name in _TOKENS:
            self.bind(recorded, now)
            return True
        new = recorded not in self._now and now not in self._recorded
        if name in _BOUND and new and self._text(recorded) == recorded:
            self.bind(recorded, now)
            return True
        return False

    def _text(self, text: str) -> str:
        if text in self._now:
            return self._now[text]
        return _NAMES_IN_TEXT.sub(self._found, text)

    def _found(self, found: re.Match[str]) -> str:
        text = found[0]
        if text in self._now:
            return self._now[text]
        for mark in ("_", "@"):
            # The id of an instance, or an iCalUID, that is made from an id.
            head, joint, tail = text.rpartition(mark)
            if head in self._now:
                return self._now[head] + joint + tail
        return text
