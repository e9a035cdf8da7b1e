"""Slow down guessing: failed sign-ins are counted per (address prefix, login), never globally.

Kept in memory and bounded; a stranger can slow down only his own network for the logins he tries,
so the right person still gets in from elsewhere (threat model 3.2, S01).
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

_FREE_FAILURES = 5
_FIRST_DELAY_SECONDS = 1.0
_LONGEST_DELAY_SECONDS = 300.0
_FORGET_AFTER_SECONDS = 900.0
_MOST_ENTRIES = 10_000


@lru_cache(maxsize=4096)
def address_prefix(address: str) -> str:
    """Return the network an address is counted with: /24 of IPv4, /56 of IPv6, else the text."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    bits = 24 if isinstance(ip, ipaddress.IPv4Address) else 56
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


@dataclass(slots=True)
class _Failures:
    count: int = 0
    last: float = 0.0


class Throttle:
    """Counts failures; safe for threads."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[str, str], _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def wait_seconds(self, address: str, login: str, *, now: float) -> float:
        """Return how long this address has to wait for this login; 0 when it may try.

        Args:
            address: Where the request came from.
            login: As typed; compared without case.
            now: Monotonic seconds.
        """
        with self._lock:
            entry = self._entries.get(self._key(address, login))
            if entry is None or now - entry.last > _FORGET_AFTER_SECONDS:
                return 0.0
            over = entry.count - _FREE_FAILURES
            if over < 0:
                return 0.0
            delay = min(_FIRST_DELAY_SECONDS * 2.0 ** min(over, 16), _LONGEST_DELAY_SECONDS)
            return max(0.0, entry.last + delay - now)

    def failed(self, address: str, login: str, *, now: float) -> None:
        """Count one failure."""
        key = self._key(address, login)
        with self._lock:
            entry = self._entries.pop(key, None) or _Failures()
            if now - entry.last > _FORGET_AFTER_SECONDS:
                entry.count = 0
            entry.count += 1
            entry.last = now
            self._entries[key] = entry
            while len(self._entries) > _MOST_ENTRIES:
                self._entries.popitem(last=False)

    def succeeded(self, address: str, login: str) -> None:
        """Forget the failures of this address for this login."""
        with self._lock:
            self._entries.pop(self._key(address, login), None)

    @staticmethod
    def _key(address: str, login: str) -> tuple[str, str]:
        return address_prefix(address), login.casefold()[:256]
