"""Push channels: watching a resource, and telling an address that it changed."""
