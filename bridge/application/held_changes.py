"""What waits for a person's word because of an event's guests, and the answers (decision 28).

The connection stays active meanwhile: only the item itself needs attention. An answer is carried
out by the next run, which is due at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bridge.convert.lens import GoogleLens
from bridge.convert.properties.attendees import guests_of
from bridge.domain.activity import Attendee
from bridge.domain.connection import Connection
from bridge.domain.identifiers import ConnectionId, Uid
from bridge.domain.spans import Span
from bridge.domain.users import User
from bridge.domain.view import View
from bridge.errors import ConversionError, NotFound
from bridge.ical.calendar_object import CalendarObject
from bridge.store.database import Database
from bridge.store.held_changes import HeldItem
from bridge.sync.hold import HoldAnswer, HoldKind
from bridge.sync.model import Side
from bridge.sync.ports import Clock
from bridge.sync.sight import view_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChange:
    """One write that waits.

    Attributes:
        question: What an answer has to name.
        title: As the CRM has it.
        wished: When the activity is, None for one that cannot be shown.
        at_google: When the event is there.
        recurring: It is a series.
        guests: As Google tells them; empty when Google hides the list.
    """

    connection_id: ConnectionId
    uid: Uid
    kind: HoldKind
    since: datetime
    question: str
    title: str
    wished: Span | None
    at_google: Span | None
    recurring: bool
    guests: tuple[Attendee, ...]


class HeldChanges:
    """Lists what waits and takes answers; safe for threads."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, connection: Connection) -> Sequence[HeldChange]:
        """Return what waits in a connection, the longest waiting first; asks nobody else."""
        if connection.settings is None:
            return ()
        with self._database.read() as work:
            items = work.held_changes.waiting(connection.id)
            types = work.types.list(connection.company_id) if items else ()
        lens = GoogleLens(
            settings=connection.settings,
            types=types,
            calendar_zone=connection.google_calendar_zone,
        )
        return tuple(_told(connection.id, item, lens) for item in items)

    def guest_mails(self, connection: Connection) -> int:
        """Return of how many writes Google was asked to mail the guests: normally none."""
        with self._database.read() as work:
            return work.held_changes.guest_mails(connection.id)

    def answer(
        self,
        user: User,
        connection_id: ConnectionId,
        *,
        uid: Uid,
        question: str,
        answer: HoldAnswer,
    ) -> bool:
        """Take a person's word and make the next run due.

        Returns:
            Whether it counts; False when what waits is another change by now, or nothing.

        Raises:
            NotFound: There is no such connection, or it is somebody else's.
        """
        now = self._clock.now()
        with self._database.write() as work:
            if work.connections.get(connection_id, user_id=user.id) is None:
                raise NotFound("there is no such connection")
            counts = work.held_changes.answer(
                connection_id, uid, question=question, answer=answer, now=now
            )
            if counts:
                work.connections.run_soon(connection_id)
        return counts


def _told(connection_id: ConnectionId, item: HeldItem, lens: GoogleLens) -> HeldChange:
    shown = _view(lens, Side.CALENDAR, item.calendar)
    there = _view(lens, Side.GOOGLE, item.google)
    named = shown or there
    return HeldChange(
        connection_id=connection_id,
        uid=item.uid,
        kind=item.held.kind,
        since=item.held.since,
        question=item.held.question,
        title=named.title if named else "",
        wished=shown.schedule.span if shown else None,
        at_google=there.schedule.span if there else None,
        recurring=bool(there and there.schedule.recurrence),
        guests=guests_of(item.google.head()) if item.google else (),
    )


def _view(lens: GoogleLens, side: Side, item: CalendarObject | None) -> View | None:
    try:
        return view_of(lens, side, item)
    except ConversionError:
        return None
