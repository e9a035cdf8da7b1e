"""Own event ids, and the stamp by which we know our own events (design decision 26).

An id is base32hex of HMAC-SHA-256 over the resolved calendar id, the UID and a generation, under
the install key: nobody without the key can foresee it, and the same item gets the same id for ever,
which makes an insert repeatable. A stamp in `extendedProperties.private` tells which UID an event
is of. It counts only on the event whose id derives from what it says, so that a stamp copied by
`duplicate` or `this and following` means nothing.

Source: Google: Events resource (`id`), Extended properties; RFC 4648 section 7.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bridge.convert.google_event import STAMPED_UID
from bridge.domain.identifiers import Uid

INSTALL = "crmdavInstall"
UID = STAMPED_UID
VERSION = "crmdavVersion"

_LONGEST_VALUE = 1000  # characters; Google cuts at 1024
_FORMAT = "1"


@dataclass(frozen=True, slots=True)
class EventIds:
    """The ids and stamps of one install in one Google calendar.

    Attributes:
        install_key: 32 bytes, never rotated.
        calendar_id: The resolved id, never `primary`.
    """

    install_key: bytes
    calendar_id: str

    def name_for(self, uid: Uid, generation: int = 0) -> str:
        """Return the event id for a UID: 52 characters of base32hex in lower case."""
        signed = self._mac("event id", self.calendar_id, _stamped(uid), str(generation))
        return base64.b32hexencode(signed).decode().rstrip("=").lower()

    def stamp(self, uid: Uid, name: str) -> dict[str, str] | None:
        """Return the private properties for our event of this id, None if the id is not ours.

        The generation is found again from the id; ids of more than 32 burnt generations are not
        looked for.
        """
        generation = next((n for n in range(33) if self.name_for(uid, n) == name), None)
        if generation is None:
            return None
        return {
            INSTALL: self._install(),
            UID: _stamped(uid),
            VERSION: f"{_FORMAT}.{generation}.{self._proof(_stamped(uid), generation)}",
        }

    def stamped_uid(self, event: Mapping[str, Any]) -> Uid | None:
        """Return the UID of a valid stamp, None without one.

        Args:
            event: Google's event, of any shape.
        """
        stamp = _private(event)
        uid, install, version = stamp.get(UID), stamp.get(INSTALL), stamp.get(VERSION)
        if not (isinstance(uid, str) and isinstance(install, str) and isinstance(version, str)):
            return None
        generation = _generation(version)
        if generation is None:
            return None
        expected = f"{_FORMAT}.{generation}.{self._proof(uid, generation)}"
        valid = (
            hmac.compare_digest(_bytes(install), _bytes(self._install()))
            and hmac.compare_digest(_bytes(version), _bytes(expected))
            and event.get("id") == self.name_for(Uid(uid), generation)
        )
        return Uid(uid) if valid else None

    def bears_stamp_of(self, event: Mapping[str, Any], uid: Uid) -> bool:
        """Whether the event carries our valid stamp for this very UID."""
        return self.stamped_uid(event) == _stamped(uid)

    def _install(self) -> str:
        return self._mac("install").hex()[:32]

    def _proof(self, uid: str, generation: int) -> str:
        return self._mac("stamp", self.calendar_id, uid, str(generation)).hex()[:32]

    def _mac(self, *parts: str) -> bytes:
        # Lengths before the parts: no two different tuples give the same bytes.
        signed = b"".join(b"%d:%s" % (len(raw), raw) for raw in (_bytes(p) for p in parts))
        return hmac.new(self.install_key, signed, sha256).digest()


def _stamped(uid: str) -> str:
    """The UID as a stamp holds it: a digest when it is too long for a property."""
    if len(uid) <= _LONGEST_VALUE:
        return uid
    return "sha256:" + sha256(_bytes(uid)).hexdigest()


def _bytes(text: str) -> bytes:
    # JSON from anybody may hold lone surrogates, which plain UTF-8 refuses.
    return text.encode("utf-8", "surrogatepass")


def _private(event: Mapping[str, Any]) -> Mapping[str, Any]:
    extended = event.get("extendedProperties")
    private = extended.get("private") if isinstance(extended, Mapping) else None
    return private if isinstance(private, Mapping) else {}


def _generation(version: str) -> int | None:
    parts = version.split(".")
    if len(parts) != 3 or parts[0] != _FORMAT:  # noqa: PLR2004 - format, generation, proof
        return None
    number = parts[1]
    return int(number) if len(number) <= 6 and number.isascii() and number.isdigit() else None  # noqa: PLR2004 - bounded
