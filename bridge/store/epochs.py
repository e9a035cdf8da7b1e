"""Notice a database that was put back from a copy, and begin a new epoch then.

See `bridge.store.home_slots` for what it is noticed by, and design decision 13.
"""

from __future__ import annotations

import logging

from sqlalchemy import Connection, select

from bridge.store.engines import Engines
from bridge.store.home_slots import HomeSlots
from bridge.store.installation import InstallationRepository
from bridge.store.schema import access
from bridge.store.transaction import Transaction

logger = logging.getLogger(__name__)


def compare_with_slots(engines: Engines, slots: HomeSlots) -> bool:
    """Begin a new epoch if a home is below its slot, and bring the slots up to the homes.

    Returns:
        Whether they were compared; a database without an installation has nothing to compare.
    """
    with slots.locked():
        with engines.reader.connect() as connection, connection.begin():
            installation = InstallationRepository(Transaction(connection)).get()
        if installation is None:
            return False
        # Slots first, homes after: a commit of a running program raises the home before its slot.
        noted = slots.read(installation.database_id)
        with engines.reader.connect() as connection, connection.begin():
            homes = home_revisions(connection)
        if noted is None:
            slots.reset(installation.database_id, homes)
            return True
        # A home that is not there at all was made after the copy.
        behind = sum(homes.get(home, -1) < revision for home, revision in noted.items())
        if not behind:
            slots.raise_to(
                {home: each for home, each in homes.items() if each > noted.get(home, 0)}
            )
            return True
        with engines.writer.connect() as connection, connection.begin():
            InstallationRepository(Transaction(connection)).new_epoch()
            homes = home_revisions(connection)
        # Only after the commit: a crash in between begins one epoch more, and loses none.
        slots.reset(installation.database_id, homes)
    logger.warning(
        "the database is older than what clients have seen: a new epoch begins",
        extra={"homes": behind},
    )
    return True


def home_revisions(connection: Connection) -> dict[int, int]:
    """Return the counter of each home by its id."""
    query = select(access.Home.user_id, access.Home.revision)
    return {row.user_id: row.revision for row in connection.execute(query)}
