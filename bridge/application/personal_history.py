"""A user's own history: of the connections that are the user's, and of no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.application.explain import Explanation, explain
from bridge.application.history import History, HistoryItem, HistoryRun, told_item, told_run
from bridge.application.lenses import stored_lens
from bridge.domain.connection import Connection
from bridge.domain.identifiers import ActivityId, Uid
from bridge.domain.message import Message
from bridge.domain.users import User
from bridge.errors import NotFound
from bridge.store.database import Database
from bridge.store.history import JournalFilter

_TOLD_OF_AN_ITEM = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStory:
    """Why an item is where it is, and what was last done to it.

    Attributes:
        activity_id: The activity it is, None when there is none any more.
        latest: The latest writes, the newest first.
    """

    explanation: Explanation
    activity_id: ActivityId | None
    latest: tuple[HistoryItem, ...]


class PersonalHistory:
    """What happened on the connections of the user who asks; safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.told = History(database)
        """Pages of runs and writes of a connection that `connection` returned."""

    def connections(self, user: User) -> Sequence[Connection]:
        """Return the user's connections: the one that syncs first, then the latest."""
        with self._database.read() as work:
            mine = work.connections.of_user(user.id)
        return sorted(mine, key=lambda one: (one.state.may_sync, one.id), reverse=True)

    def connection(self, user: User, number: int | None = None) -> Connection:
        """Return the connection of that number, or the one that syncs.

        Raises:
            NotFound: The user has none, or that one is somebody else's.
        """
        for one in self.connections(user):
            if number is None or one.id == number:
                return one
        raise NotFound(
            "there is no such Google connection",
            hint=Message("it is made on the Calendar sync page"),
        )

    def run(self, connection: Connection, run_id: str) -> HistoryRun:
        """Return one run.

        Raises:
            NotFound: The connection has no such run.
        """
        with self._database.read() as work:
            found = work.history.run(connection.id, run_id)
        if found is None:
            raise NotFound("there is no such run")
        return told_run(found)

    def change(self, connection: Connection, entry_id: str) -> HistoryItem:
        """Return one write.

        Raises:
            NotFound: The connection has no such write, or it is too old.
        """
        with self._database.read() as work:
            entry = work.history.entry(connection.id, entry_id)
            lens = stored_lens(work, connection)
        if entry is None:
            raise NotFound("there is no such change", hint=Message("it may be too old"))
        return told_item(entry, lens)

    def story(self, user: User, connection: Connection, name: str) -> ItemStory:
        """Return why an item is where it is.

        Args:
            user: Whose.
            connection: One of the user's.
            name: As `explain` takes it.

        Raises:
            NotFound: Nobody knows such an item.
        """
        explanation = explain(self._database, connection, name)
        wanted = JournalFilter(uid=explanation.uid)
        latest = self.told.items(connection, wanted, limit=_TOLD_OF_AN_ITEM).rows
        with self._database.read() as work:
            activity_id = work.activities.id_of(user.id, explanation.uid)
        return ItemStory(explanation=explanation, activity_id=activity_id, latest=latest)

    def uid_of(self, user: User, activity_id: ActivityId) -> Uid:
        """Return the UID of one of the user's own activities, or of the copy of a meeting.

        Raises:
            NotFound: The user has no such activity.
        """
        with self._database.read() as work:
            activity = work.activities.get(activity_id)
            if activity is not None and activity.owner_id != user.id:
                uid = work.meeting_copies.uid_of(user, activity_id)
            else:
                uid = work.activities.uid_of(activity_id)
        if activity is None or uid is None:
            raise NotFound("there is no such activity")
        return uid
