"""The tables of the first schema, frozen: the living ones are in `bridge.store.schema`."""
