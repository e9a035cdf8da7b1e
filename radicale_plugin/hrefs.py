"""Hrefs in the body of a request, as decoded paths below the prefix (RFC 4918 section 8.3)."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from radicale_plugin import names

# A path alone, with nothing in it to decode: what most clients send back of what they were told.
_PLAIN = re.compile(r"/[A-Za-z0-9_.~-][A-Za-z0-9_./~-]*").fullmatch


def path_of(href: str, base_prefix: str) -> str | None:
    """Return the path an href leads to, None when it leads out of here.

    Scheme and host do not count: behind a proxy they may be anybody's. What only looks like a
    path of ours, with `..` or NUL in it, leads nowhere.

    Args:
        href: As a client wrote it; a path or a whole URL.
        base_prefix: What stands before all our paths.
    """
    path = href.strip()
    if not _PLAIN(path):
        try:
            path = names.normal(unquote(urlsplit(path).path, errors="strict"))
        except ValueError:
            return None
    # PostgreSQL fails on a text with NUL, and no name has one.
    if not path.startswith(base_prefix + "/") or "\0" in path:
        return None
    below = path[len(base_prefix) :]
    return None if any(part in (".", "..") for part in below.split("/")) else below


def member_name(path: str | None, collection: str) -> str | None:
    """Return the name a path has in a collection, None when it is not of a member of it.

    Args:
        path: Of `path_of`.
        collection: Path of the collection, ending with a slash.
    """
    if path is None or not path.startswith(collection):
        return None
    name = path[len(collection) :]
    return name if name and "/" not in name else None
