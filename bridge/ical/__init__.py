"""Calendar object resources as values: one UID, its master and its overrides (RFC 4791 4.1)."""
