"""The lens of a connection without opening its sides: to look at what was, not to sync."""

from __future__ import annotations

from bridge.convert.lens import GoogleLens
from bridge.domain.connection import Connection
from bridge.domain.view import View
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.model import Side
from bridge.sync.ports import Lens
from bridge.sync.sight import view_of


def stored_lens(work: UnitOfWork, connection: Connection) -> Lens | None:
    """Return the lens of a connection's present options; None before any were chosen."""
    if connection.settings is None:
        return None
    user = work.users.get(connection.user_id)
    return GoogleLens(
        settings=connection.settings,
        types=work.types.list(connection.company_id),
        calendar_zone=connection.google_calendar_zone,
        own_addresses=(connection.account_email, user.email if user is not None else ""),
    )


def view_of_text(lens: Lens | None, side: Side, text: str | None) -> View | None:
    """Return what a stored text shows; None without one, or when it cannot be read any more."""
    if lens is None or text is None:
        return None
    try:
        return view_of(lens, side, CalendarObject.parse(text))
    except ConversionError:
        return None
