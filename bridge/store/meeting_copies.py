"""A user's own copies of meetings whose activities colleagues keep, for that user's eyes.

Everything told is the copy's own text. Of the keeper nothing is told but the name, and that only
where the copy names the keeper too and the keeper did not make the activity private.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select

from bridge.convert.properties.attendees import address_of
from bridge.domain.activity import Activity
from bridge.domain.identifiers import ActivityId, Uid
from bridge.domain.users import User
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.store.calendar_queries import calendars_where, objects_where, present_epoch
from bridge.store.calendar_values import StoredObject
from bridge.store.conversion import load_conversion
from bridge.store.interpretation import blank
from bridge.store.schema import access, crm, dav, google
from bridge.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCopy:
    """One copy.

    Attributes:
        activity: What the copy's text says, under the id of the activity that is shared.
        stored: The copy.
        keeper: The colleague's name, "" where it is not to be told.
    """

    activity: Activity
    stored: StoredObject
    keeper: str


class MeetingCopyRepository:
    """Reads copies within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def get(self, user: User, activity_id: ActivityId) -> MeetingCopy | None:
        """Return the user's copy of a meeting, None without one that can be read."""
        stored = self._stored(user, activity_id)
        if stored is None:
            return None
        calendar = calendars_where(self._connection, dav.Calendar.id == stored.calendar_id)[0]
        conversion = load_conversion(self._connection, user.company_id, user.id)
        base = replace(blank(calendar, stored.type_key), id=activity_id)
        try:
            activity = conversion.to_activity(
                stored.object, base=base, previous=None, calendar=calendar
            )
        except ConversionError:
            return None
        keeper = self._keeper(activity_id, stored.object)
        return MeetingCopy(activity=activity, stored=stored, keeper=keeper)

    def uid_of(self, user: User, activity_id: ActivityId) -> Uid | None:
        """Return the UID of the user's copy of a meeting, None without one."""
        stored = self._stored(user, activity_id)
        return None if stored is None else stored.uid

    def _stored(self, user: User, activity_id: ActivityId) -> StoredObject | None:
        found = objects_where(
            self._connection,
            present_epoch(self._connection),
            dav.CalendarObject.shared_activity_id == activity_id,
            dav.CalendarObject.owner_id == user.id,
        )
        return found[0] if found else None

    def _keeper(self, activity_id: ActivityId, copy: CalendarObject) -> str:
        query = (
            select(access.User.name, access.User.email, google.Connection.account_email)
            .select_from(crm.Activity)
            .join(access.User, access.User.id == crm.Activity.owner_id)
            .outerjoin(google.Connection, google.Connection.user_id == access.User.id)
            .where(crm.Activity.id == activity_id, crm.Activity.private.is_(False))
        )
        rows = self._connection.execute(query).all()
        known = _lower(address for row in rows for address in (row.email, row.account_email))
        return rows[0].name if known & _named(copy) else ""


def _named(copy: CalendarObject) -> frozenset[str]:
    head = copy.head()
    lines = (*head.all("ORGANIZER"), *head.all("ATTENDEE"))
    return _lower(address_of(line) for line in lines)


def _lower(addresses: Iterable[str | None]) -> frozenset[str]:
    return frozenset(address.lower() for address in addresses if address)
