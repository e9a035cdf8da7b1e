"""Conditional requests: If-Match and If-None-Match (RFC 9110 section 13.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.domain.identifiers import ETag
from bridge.errors import ObjectChanged

_ENTITY_TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|\Z)')
ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preconditions:
    """What must hold of the resource before a write.

    Attributes:
        if_match: Strong tags without quotes one of which it must have, `*` for any resource;
            None when not asked.
        if_none_match: Tags it must not have, `*` for no resource at all; None when not asked.
    """

    if_match: frozenset[str] | None = None
    if_none_match: frozenset[str] | None = None

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> Preconditions:
        """Read them from the headers; a tag nobody can read matches nothing."""
        return cls(
            if_match=_tags(environ.get("HTTP_IF_MATCH"), weak=False),
            if_none_match=_tags(environ.get("HTTP_IF_NONE_MATCH"), weak=True),
        )

    def check(self, etag: ETag | None) -> None:
        """See that they hold.

        Args:
            etag: Of the resource, without quotes; None when there is none.

        Raises:
            ObjectChanged: They do not.
        """
        if self.if_match is not None and not _matches(etag, self.if_match):
            raise ObjectChanged("the object is not the one you read; read it again")
        if self.if_none_match is not None and _matches(etag, self.if_none_match):
            raise ObjectChanged("there is an object of this name already")


ANYTHING = Preconditions()
"""No condition."""


def _matches(etag: ETag | None, tags: frozenset[str]) -> bool:
    return etag is not None and (ANY in tags or etag in tags)


def _tags(header: str | None, *, weak: bool) -> frozenset[str] | None:
    if header is None:
        return None
    if header.strip() == ANY:
        return frozenset({ANY})
    return frozenset(
        match[2]
        for match in _ENTITY_TAG.finditer(header)
        if match[2] != ANY and (weak or not match[1])
    )
