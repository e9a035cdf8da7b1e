"""Background work: what is due, and who runs it.

`port` says what the work is and what an adapter does with it; `embedded` is the adapter for one
process. Nothing else knows which adapter runs (design decision 6).
"""
