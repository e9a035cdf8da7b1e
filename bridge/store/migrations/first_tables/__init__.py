"""The tables of the first schema, frozen: the living ones are in `bridge.store.schema`.

`sqlite_autoincrement` stands where an id is remembered outside of its row (in ETags, by clients, by
other programs): SQLite would give the id of the newest row again once that is deleted. A later step
that rebuilds such a table has to say it again.
"""
