"""The small port between the work and whatever runs it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

from bridge.domain.identifiers import ConnectionId


class Jobs(Protocol):
    """The work itself. Every method may be called from any thread."""

    def due(self, limit: int) -> Sequence[ConnectionId]:
        """Return connections whose time has come or whose calendar home changed."""
        ...

    def sync(self, connection_id: ConnectionId) -> None:
        """Run one connection; failures that are expected are recorded, not raised.

        Raises:
            LeaseHeld: Somebody else runs it now.
        """
        ...

    def reconcile(self) -> bool:
        """Take up one portion of what other programs changed; True asks to be called again."""
        ...

    def compact(self) -> bool:
        """Drop one portion of what is too old; True asks to be called again."""
        ...

    def push(self) -> None:
        """Start to tell calendar programs of changes; does not wait for any network."""
        ...

    def channels(self) -> None:
        """Start to look after Google's push channels; does not wait for any network."""
        ...

    def extend(self) -> bool:
        """Extend one portion of what is on record of series; True asks to be called again."""
        ...

    def beat(self) -> None:
        """Tell that the worker lives."""
        ...

    def interrupt(self) -> None:
        """Make running syncs end before their next request."""
        ...


class Adapter(Protocol):
    """Runs the work until it is told to stop."""

    def run(self, stop: threading.Event) -> None:
        """Return soon after `stop` is set; work that has not ended by then is abandoned."""
        ...
