"""One transaction with its repositories."""

from __future__ import annotations

from bridge.store.transaction import Transaction


class UnitOfWork(Transaction):
    """An open transaction and the repositories that work in it.

    It ends with the `with` block that `Database.read` or `Database.write` opened it for.
    """
