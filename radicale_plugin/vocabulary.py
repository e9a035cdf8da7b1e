"""Names of our own on the wire: the namespace of our properties and the form of sync tokens."""

from __future__ import annotations

NAMESPACE = "urn:x-crmdav:dav"
"""XML namespace of properties and elements that no standard defines."""

DEFAULT_TYPE = f"{{{NAMESPACE}}}default-activity-type"
"""Property of a calendar: key of the activity type of an object that names none."""

_SYNC_TOKEN = "urn:x-crmdav:sync:"  # noqa: S105 - a URI prefix, no secret


def sync_token_to_uri(token: str) -> str:
    """Return the store's token as the URI that RFC 6578 section 6.2 asks for."""
    return _SYNC_TOKEN + token


def sync_token_from_uri(uri: str) -> str:
    """Return the store's token; what is no token of ours comes back as it is, to be refused."""
    return uri.removeprefix(_SYNC_TOKEN)
