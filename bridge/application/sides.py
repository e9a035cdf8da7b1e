"""The two sides of a connection, opened for one run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from bridge.domain.connection import Connection
from bridge.domain.identifiers import Fencing
from bridge.sync.ports import Collection, Lens

Guard = Callable[[], None]
"""Called before each network request; raises if none may be made now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What the engine works on.

    Attributes:
        calendar: Every collection of the user's calendar home that takes part.
        google: The one Google calendar.
        lens: Made for the connection's settings.
    """

    calendar: tuple[Collection, ...]
    google: Collection
    lens: Lens


class OpenSides(Protocol):
    """Opens both sides of a connection and closes them again."""

    def __call__(
        self, connection: Connection, guard: Guard, fencing: Fencing | None = None
    ) -> AbstractContextManager[Sides]:
        """Return the sides as a context manager.

        Args:
            connection: Whose sides.
            guard: Called before each request.
            fencing: Of the run's lease, which our server asks for; None for who only looks.

        Raises:
            NotConnected: There is no usable grant.
            SideUnavailable: A side did not answer.
            CollectionGone: The Google calendar is not there any more.
        """
        ...
