"""Long lists in parts, so that no page grows with the company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

_ON_ONE_PAGE = 50
_MOST_DIGITS = 6
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[_Item]):
    """One part of a list.

    Attributes:
        total: How many there are in all.
        first: Number of the first one shown, from 1; 0 where there is none.
        before: Number of the part before, None on the first one.
        after: Number of the part after, None on the last one.
    """

    items: Sequence[_Item]
    total: int
    first: int
    before: int | None
    after: int | None

    @property
    def last(self) -> int:
        """Number of the last one shown, from 1."""
        return self.first + len(self.items) - 1 if self.items else 0

    @property
    def cut(self) -> bool:
        """Whether the list has more than this part."""
        return len(self.items) < self.total


def part_of(items: Sequence[_Item], told: Mapping[str, str]) -> Part[_Item]:
    """Return the part that `page` of an address names, from 1; the nearest one there is."""
    page = told.get("page", "")
    plain = page.isascii() and page.isdigit() and len(page) <= _MOST_DIGITS
    last_page = max((len(items) - 1) // _ON_ONE_PAGE, 0) + 1
    number = min(max(int(page), 1), last_page) if plain else 1
    begin = (number - 1) * _ON_ONE_PAGE
    return Part(
        items=items[begin : begin + _ON_ONE_PAGE],
        total=len(items),
        first=begin + 1 if items else 0,
        before=number - 1 if number > 1 else None,
        after=number + 1 if number < last_page else None,
    )
