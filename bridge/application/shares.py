"""What users let colleagues see of their calendars: give, list and take back.

A changed share is seen at once: it is part of the colleague's ctags and sync tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.application.users import user_of
from bridge.domain.users import GrantLevel
from bridge.errors import NotFound
from bridge.store.database import Database
from bridge.store.grants import Grant
from bridge.sync.ports import Clock

_SEE_ALL = "`crmdav shares list` shows all"


def add_share(
    database: Database, owner: str, grantee: str, *, level: GrantLevel, clock: Clock
) -> Grant:
    """Let a colleague see the owner's calendars; another level replaces the one before.

    Args:
        database: Where.
        owner: Login of who shows.
        grantee: Login of who may look.
        level: How much.
        clock: For the time of the grant.

    Raises:
        NotFound: There is no such user, or they are not of one company.
        InvalidInput: Both are the same person.
    """
    showing, looking = user_of(database, owner), user_of(database, grantee)
    with database.write() as work:
        return work.grants.give(showing, looking, level=level, now=clock.now())


def list_shares(database: Database) -> Sequence[Grant]:
    """Return all shares of the installation, by owner within each company."""
    with database.read() as work:
        return [grant for one in work.companies.list() for grant in work.grants.list(one.id)]


def remove_share(database: Database, owner: str, grantee: str) -> None:
    """Take a share back; the colleague's next request finds nothing there.

    Raises:
        NotFound: There is no such user, or nothing was shared.
    """
    showing, looking = user_of(database, owner), user_of(database, grantee)
    with database.write() as work:
        removed = work.grants.remove(showing.id, looking.id)
    if not removed:
        raise NotFound(f"`{owner}` shares nothing with `{grantee}`", hint=_SEE_ALL)
