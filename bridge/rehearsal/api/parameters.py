"""Query parameters of a call, checked against what the method declares."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from bridge.rehearsal.google_error import invalid_parameter

Declared = Mapping[str, "Kind | tuple[str, ...]"]


class Kind(Enum):
    """Type of a query parameter."""

    TEXT = "string"
    FLAG = "boolean"
    NUMBER = "integer"
    TEXTS = "repeated"


class Parameters:
    """The parameters of one call.

    Args:
        given: All values by name, as sent.
        declared: What the method knows; other names are ignored, as Google does.

    Raises:
        GoogleError: 400 `invalidParameter` for a value of the wrong type.
    """

    def __init__(self, given: Mapping[str, list[str]], declared: Declared) -> None:
        self._given = {
            name: values for name, values in given.items() if name in declared and values
        }
        for name, values in self._given.items():
            for value in values:
                _check(name, value, declared[name])

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def names(self) -> frozenset[str]:
        """Return the names that were given."""
        return frozenset(self._given)

    def text(self, name: str, default: str = "") -> str:
        """Return the last value of a parameter, or the default."""
        return self._given[name][-1] if name in self._given else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a repeated parameter."""
        return tuple(self._given.get(name, ()))

    def flag(self, name: str) -> bool:
        """Return a boolean, false when absent."""
        return self.text(name) in ("true", "1", "True")

    def number(self, name: str, default: int) -> int:
        """Return an integer, or the default."""
        return int(self.text(name)) if name in self._given else default


def _check(name: str, value: str, kind: Kind | tuple[str, ...]) -> None:
    if isinstance(kind, tuple):
        if value not in kind:
            raise invalid_parameter(
                name, f"Invalid value '{value}'. Values must match one of: {list(kind)}"
            )
    elif kind is Kind.FLAG and value not in ("true", "false", "True", "False", "1", "0"):
        raise invalid_parameter(name, f"Invalid boolean value: '{value}'.")
    elif kind is Kind.NUMBER:
        _check_number(name, value)


def _check_number(name: str, value: str) -> None:
    if not value.lstrip("-").isascii() or not value.lstrip("-").isdigit():
        raise invalid_parameter(name, f"Invalid integer value: '{value}'.")
    lowest, highest = (0, 1) if name.endswith("Version") else (1, 2**31 - 1)
    if not lowest <= int(value) <= highest:
        raise invalid_parameter(
            name,
            f"Invalid value '{value}'. Values must be within the range: [{lowest}, {highest}]",
        )
