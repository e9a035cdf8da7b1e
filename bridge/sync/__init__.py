"""The sync engine: ingest, plan, execute. It does no I/O; sides, store and clock are ports."""
