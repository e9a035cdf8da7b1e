"""Hrefs in the body of a request, as decoded paths below the prefix (RFC 4918 section 8.3)."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from radicale_plugin import names


def path_of(href: str, base_prefix: str) -> str | None:
    """Return the path an href leads to, None when it leads out of here.

    Scheme and host do not count: behind a proxy they may be anybody's. What only looks like a
    path of ours, with `..` in it, leads nowhere.

    Args:
        href: As a client wrote it; a path or a whole URL.
        base_prefix: What stands before all our paths.
    """
    try:
        decoded = unquote(urlsplit(href.strip()).path, errors="strict")
    except ValueError:
        return None
    path = names.normal(decoded)
    if not path.startswith(base_prefix + "/"):
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
