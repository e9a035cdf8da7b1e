"""Events: validation, storage, listings with sync tokens, writing, recurrence."""
