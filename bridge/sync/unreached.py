"""Google's side while nothing is to be asked of it: it has a name, and what links know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

from bridge.domain.identifiers import ETag, SyncToken, Uid
from bridge.errors import SideUnavailable
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.split_off import SplitOff
from bridge.sync.model import Delta, Item, Part, Side
from bridge.sync.requests import Answer, Request


class UnreachedCollection:
    """A calendar that a session which is `alone` never reads nor writes; whoever tries is wrong."""

    def __init__(self, calendar_id: str) -> None:
        self._id = calendar_id

    @property
    def side(self) -> Side:
        """Google's side."""
        return Side.GOOGLE

    @property
    def id(self) -> str:
        """The resolved calendar id."""
        return self._id

    @property
    def most_at_once(self) -> int:
        """Of nothing, one."""
        return 1

    def changes(self, token: SyncToken | None) -> Delta:
        """Refuse."""
        self._refuse()

    def get(self, names: Sequence[str]) -> Mapping[str, Item | None]:
        """Refuse."""
        self._refuse()

    def tombstones(self, names: Sequence[str]) -> Mapping[str, ETag]:
        """Refuse."""
        self._refuse()

    def name_for(self, uid: Uid, *, generation: int = 0) -> str:
        """Refuse."""
        self._refuse()

    def split_off(self, name: str) -> SplitOff | None:
        """Refuse."""
        self._refuse()

    def insert(self, name: str, item: CalendarObject) -> Item:
        """Refuse."""
        self._refuse()

    def update(  # noqa: PLR0913  # as the port has it
        self,
        name: str,
        item: CalendarObject,
        *,
        base: CalendarObject | None,
        if_match: ETag,
        parts: Sequence[Part] = (),
        tell_guests: bool = False,
    ) -> Item:
        """Refuse."""
        self._refuse()

    def delete(self, name: str, *, if_match: ETag, tell_guests: bool = False) -> None:
        """Refuse."""
        self._refuse()

    def write(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Refuse."""
        self._refuse()

    @staticmethod
    def _refuse() -> NoReturn:
        raise SideUnavailable("Google is not to be reached now", side=Side.GOOGLE.value)
