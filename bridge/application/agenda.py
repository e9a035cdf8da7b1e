"""See one's own activities: a stretch of days, what is overdue, what has no date, the sync."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from bridge.domain.activity import ActivityType
from bridge.domain.activity_sync import Standings
from bridge.domain.agenda import Agenda, AgendaEntry
from bridge.domain.identifiers import ActivityId
from bridge.domain.users import User
from bridge.ical.times import day_start
from bridge.store.agenda import Stretch
from bridge.store.catch_up import catch_up
from bridge.store.database import Database
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.ports import Clock

MOST_ASIDE = 25
"""How many overdue and how many undated activities are told at most."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAgenda:
    """What a user sees.

    Attributes:
        agenda: Of the days asked for.
        overdue: Ended before today and not done, the latest first; at most `MOST_ASIDE`, and none
            where nobody asked.
        undated: Without a date and not done, the newest first; at most `MOST_ASIDE`.
        types: Of the company, in their order.
    """

    agenda: Agenda
    overdue: tuple[AgendaEntry, ...]
    undated: tuple[AgendaEntry, ...]
    types: tuple[ActivityType, ...]


class Agendas:
    """Reads what users have to do; safe for threads."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def now(self) -> datetime:
        """Return the present instant."""
        return self._clock.now()

    def of(self, user: User, first: date, after: date, *, with_overdue: bool = False) -> SeenAgenda:
        """Return the user's own activities on the days from `first` up to, not including, `after`.

        The number of statements is the same for any number of activities.

        Args:
            user: Whose.
            first: First day.
            after: Day after the last one.
            with_overdue: Whether what is overdue is wanted besides.
        """
        stretch = Stretch(
            start=day_start(first, user.timezone),
            end=day_start(after, user.timezone),
            zone=user.timezone,
        )
        return self._current(user, lambda work: self._seen(work, user, stretch, with_overdue))

    def types(self, user: User) -> tuple[ActivityType, ...]:
        """Return the company's types in their order."""
        with self._database.read() as work:
            return work.types.list(user.company_id)

    def sync_of(self, user: User, activities: Collection[ActivityId]) -> Standings:
        """Return how these activities of the user stand with Google; one statement."""
        with self._database.read() as work:
            return work.activity_sync.of(user.id, activities)

    def _seen(
        self, work: UnitOfWork, user: User, stretch: Stretch, with_overdue: bool
    ) -> SeenAgenda:
        overdue: tuple[AgendaEntry, ...] = ()
        if with_overdue:
            today = self._clock.now().astimezone(ZoneInfo(user.timezone)).date()
            begins = day_start(today, user.timezone)
            overdue = work.agenda.overdue(user.id, before=begins, limit=MOST_ASIDE)
        return SeenAgenda(
            agenda=work.agenda.between(user.id, stretch),
            overdue=overdue,
            undated=work.agenda.undated(user.id, limit=MOST_ASIDE),
            types=work.types.list(user.company_id),
        )

    def _current(self, user: User, look: Callable[[UnitOfWork], _Answer]) -> _Answer:
        """Read after what other programs wrote into the user's home was carried (decision 15)."""
        with self._database.read() as work:
            if not work.foreign_changes.pending((user.id,)):
                return look(work)
        catch_up(self._database, (user.id,), now=self._clock.now())
        with self._database.read() as work:
            return look(work)
