"""The calendar's half: one CalDAV calendar as a `Collection` of the engine."""
