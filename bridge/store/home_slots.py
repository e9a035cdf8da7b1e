"""The slot file: how far each home's counter once was, kept apart from a SQLite database.

A database that is put back from a copy has counters below those that clients have seen, and would
give old ETags and tokens to new contents. Each commit therefore writes its homes' counters into a
small file beside the key file, which a copy of the database does not bring back (design decision
13). The file is a hint: it is written after the commit and without fsync, so a slot may be behind
its home, and a slot that cannot be read counts for nothing.

Eight bytes by home id: six of the counter, two that check them. Slot 0 names the database.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from zlib import crc32

logger = logging.getLogger(__name__)

SLOT_BYTES = 8
_COUNTER_BYTES = 6
_HIGHEST = 0xFFFF_FFFF_FFFF
_MOST_HOMES = 1_000_000


def slot_file_beside(key_file: Path) -> Path:
    """Return where the slot file of an installation is."""
    return key_file.with_name(f"{key_file.name}.homes")


class HomeSlots:
    """The slot file of one database; safe for threads and for many processes.

    A file that cannot be written is told once and then done without.
    """

    def __init__(self, path: Path) -> None:
        """Remember where; nothing is opened yet."""
        self._path = path
        self._descriptor: int | None = None
        self._broken = False
        self._opening = Lock()

    def raise_to(self, revisions: Mapping[int, int]) -> None:
        """Note how far these homes are now; a slot that is further stays.

        Of two processes at once the lower value may win, which only makes the slot fall behind.

        Args:
            revisions: Counter by home id, as committed.
        """
        descriptor = self._opened()
        if descriptor is None:
            return
        try:
            for home, revision in revisions.items():
                _raise_one(descriptor, home, revision)
        except OSError as error:
            self._give_up(error)

    def read(self, database_id: str) -> Mapping[int, int] | None:
        """Return the counters that were noted, None when the file is not of this database."""
        descriptor = self._opened()
        if descriptor is None:
            return None
        try:
            content = os.pread(descriptor, (_MOST_HOMES + 1) * SLOT_BYTES, 0)
        except OSError as error:
            self._give_up(error)
            return None
        if content[:SLOT_BYTES] != _mark(database_id):
            return None
        noted: dict[int, int] = {}
        for home in range(1, len(content) // SLOT_BYTES):
            revision = _decoded(home, content[home * SLOT_BYTES : (home + 1) * SLOT_BYTES])
            if revision is not None:
                noted[home] = revision
        return noted

    def reset(self, database_id: str, revisions: Mapping[int, int]) -> None:
        """Begin the file anew with these counters, lower ones too."""
        descriptor = self._opened()
        if descriptor is None:
            return
        kept = {home: each for home, each in revisions.items() if 0 < home <= _MOST_HOMES}
        content = bytearray((max(kept, default=0) + 1) * SLOT_BYTES)
        content[:SLOT_BYTES] = _mark(database_id)
        for home, revision in kept.items():
            content[home * SLOT_BYTES : (home + 1) * SLOT_BYTES] = _encoded(home, revision)
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, content, 0)
        except OSError as error:
            self._give_up(error)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one process at a time compare the file with the database."""
        descriptor = self._opened()
        if descriptor is None:
            yield
            return
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)

    def _opened(self) -> int | None:
        if self._descriptor is not None or self._broken:
            return self._descriptor
        with self._opening:
            if self._descriptor is None:
                try:
                    self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
                except OSError as error:
                    self._give_up(error)
            return self._descriptor

    def _give_up(self, error: OSError) -> None:
        self._broken = True
        self.close()
        logger.warning(
            "the slot file cannot be used: a restored copy will not be noticed by itself",
            extra={"reason": error.strerror},
        )


def _raise_one(descriptor: int, home: int, revision: int) -> None:
    if not 0 < home <= _MOST_HOMES:
        return
    noted = _decoded(home, os.pread(descriptor, SLOT_BYTES, home * SLOT_BYTES))
    if noted is None or noted < revision:
        os.pwrite(descriptor, _encoded(home, revision), home * SLOT_BYTES)


def _encoded(home: int, revision: int) -> bytes:
    counter = (revision & _HIGHEST).to_bytes(_COUNTER_BYTES, "big")
    return counter + _check(home, counter)


def _decoded(home: int, slot: bytes) -> int | None:
    counter = slot[:_COUNTER_BYTES]
    if len(slot) != SLOT_BYTES or slot[_COUNTER_BYTES:] != _check(home, counter):
        return None
    return int.from_bytes(counter, "big")


def _check(home: int, counter: bytes) -> bytes:
    # Not 0 for a slot of zeros, which is a hole in the file.
    return (crc32(counter, home) & 0xFFFF ^ 0xA5C3).to_bytes(2, "big")


def _mark(database_id: str) -> bytes:
    return sha256(f"crmdav home slots {database_id}".encode()).digest()[:SLOT_BYTES]
