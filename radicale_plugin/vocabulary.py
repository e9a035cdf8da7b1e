"""Names of our own on the wire: the namespace of our properties and the form of sync tokens."""

from __future__ import annotations

NAMESPACE = "urn:x-crmdav:dav"
"""XML namespace of properties and elements that no standard defines."""

DEFAULT_TYPE = f"{{{NAMESPACE}}}default-activity-type"
"""Property of a calendar: key of the activity type of an object that names none."""

SYNC_TOKEN = "urn:x-crmdav:sync:"  # noqa: S105 - a URI prefix, no secret
"""What begins a sync token, which is a URI (RFC 6578 section 6.2)."""
