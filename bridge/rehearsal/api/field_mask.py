"""Partial answers: the `fields` parameter.

Source: Google, "Improve performance", partial response. `items(id,etag),nextPageToken`, `items/id`
and `*` are understood. What the mask does not name is missing, tokens included.
"""

from __future__ import annotations

import re
from typing import Any

from bridge.rehearsal.google_error import GoogleError, Json, invalid_parameter

Mask = dict[str, Any]

_TOKEN = re.compile(r"[A-Za-z0-9_\-*]+|[(),/]")
_DEEPEST = 32


def read_mask(text: str) -> Mask:
    """Return the tree of wanted members; an empty inner tree means everything below.

    Raises:
        GoogleError: 400 for a text that is no field selection.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != "".join(text.split()) or not tokens:
        raise _invalid(text)
    mask, rest = _selection(tokens, text, depth=0)
    if rest:
        raise _invalid(text)
    return mask


def _selection(tokens: list[str], text: str, *, depth: int) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        path, inner, tokens = _field(tokens, text, depth=depth)
        target = mask
        for name in path:
            target = target.setdefault(name, {})
        target.update(inner)
        if not tokens or tokens[0] != ",":
            return mask, tokens
        tokens = tokens[1:]


def _field(tokens: list[str], text: str, *, depth: int) -> tuple[list[str], Mask, list[str]]:
    path: list[str] = []
    while True:
        if not tokens or tokens[0] in "(),/" or depth > _DEEPEST:
            raise _invalid(text)
        path.append(tokens[0])
        tokens = tokens[1:]
        if not tokens or tokens[0] != "/":
            break
        tokens = tokens[1:]
    if not tokens or tokens[0] != "(":
        return path, {}, tokens
    inner, rest = _selection(tokens[1:], text, depth=depth + 1)
    if not rest or rest[0] != ")":
        raise _invalid(text)
    return path, inner, rest[1:]


def _invalid(text: str) -> GoogleError:
    return invalid_parameter("fields", f"Invalid field selection {text}")


def masked(value: Json, mask: Mask) -> Json:
    """Return the members of a resource that a mask names."""
    if not mask.get("*", True):
        return value
    found = {name: _inner(value[name], inner) for name, inner in mask.items() if name in value}
    below = mask.get("*")
    if below:
        # A path through a wildcard leads only to what has something at its end.
        reached = {name: _inner(item, below) for name, item in value.items() if name not in found}
        found |= {name: item for name, item in reached.items() if _is_something(item)}
    return found


def _is_something(item: Any) -> bool:
    if isinstance(item, list):
        return any(map(_is_something, item))
    return isinstance(item, dict) and bool(item)


def _inner(value: Any, mask: Mask) -> Any:
    if not mask:
        return value
    if isinstance(value, list):
        return [_inner(item, mask) for item in value]
    return masked(value, mask) if isinstance(value, dict) else value
