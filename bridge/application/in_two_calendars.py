"""Items that lie in two calendars: one of the two is synced, and a person has to clear up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bridge.application.lenses import stored_lens
from bridge.domain.connection import Connection
from bridge.domain.identifiers import Uid
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.model import Side
from bridge.sync.ports import Lens
from bridge.sync.sight import view_of
from bridge.sync.twins import is_on_the_move


@dataclass(frozen=True, slots=True, kw_only=True)
class InTwoCalendars:
    """One such item.

    Attributes:
        title: Of the one that counts, "" when it has none or cannot be shown.
        counts: The calendar whose object is synced.
        others: The calendars that hold one that is left alone.
    """

    uid: Uid
    title: str
    counts: str
    others: tuple[str, ...]


def in_two_calendars(
    work: UnitOfWork, connection: Connection, now: datetime
) -> Sequence[InTwoCalendars]:
    """Return what lies in two calendars for good, as the latest run saw it; asks nobody."""
    doubled = work.links.in_two_calendars(connection.id)
    lasting = [each for each in doubled if not is_on_the_move(each.twins, now)]
    lens = stored_lens(work, connection) if lasting else None
    return tuple(
        InTwoCalendars(
            uid=each.uid,
            title=_title(lens, each.object),
            counts=each.collection,
            others=tuple(twin.collection for twin in each.twins),
        )
        for each in lasting
    )


def _title(lens: Lens | None, item: CalendarObject | None) -> str:
    try:
        view = view_of(lens, Side.CALENDAR, item) if lens is not None else None
    except ConversionError:
        return ""
    return view.title if view is not None else ""
