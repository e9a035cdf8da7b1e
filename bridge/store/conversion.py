"""What conversion asks of the database: the company's types, the owner's zone, who we are.

Read once for a mutation, in two statements, and handed to `bridge.convert`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import Connection, bindparam, select, true

from bridge.convert.activity import activity_to_object
from bridge.convert.properties.activity_type import named_type
from bridge.domain.activity import DEFAULT_TYPES, Activity, ActivityType
from bridge.domain.identifiers import ActivityId, CompanyId, Href, Uid, UserId
from bridge.errors import InvalidInput, NotFound
from bridge.ical.calendar_object import CalendarObject
from bridge.store.activity_spans import TODO
from bridge.store.calendar_values import StoredObject
from bridge.store.company_types import read_types
from bridge.store.interpretation import Interpretation, collection_of
from bridge.store.schema import access

_NAMES = UUID("5c0b4f0e-2d51-4f5e-9b0e-6a3c2f0d7b11")

# Built once, as every write of the CRM runs it.
_FACTS = (
    select(
        access.User.timezone,
        access.Installation.database_id,
        access.Installation.epoch,
        access.Installation.base_url,
    )
    .join(access.Installation, true())
    .where(access.User.id == bindparam("owner"), access.User.company_id == bindparam("company"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion(Interpretation):
    """The facts of one owner that conversion in both directions needs.

    Attributes:
        base_url: Public address of the CRM's pages, "" when unknown.
    """

    database_id: str
    epoch: str
    base_url: str

    def type_of(self, key: str) -> ActivityType:
        """Return the type of that key.

        Raises:
            InvalidInput: The company has none.
        """
        for type_ in self.types:
            if type_.key == key:
                return type_
        raise InvalidInput("`type_key` names no activity type", field="type_key")

    def component_of(self, type_key: str, *, dated: bool) -> str:
        """Return the component the CRM makes of an activity (design decision 17).

        Raises:
            InvalidInput: The company has no such type.
        """
        return self.type_of(type_key).collection.component if dated else TODO

    def to_object(
        self, activity: Activity, *, uid: Uid, base: StoredObject | None, now: datetime
    ) -> CalendarObject:
        """Return the calendar object of a stored activity; the very `base` if nothing differs.

        Raises:
            InvalidInput: Its type is none of the company's.
            ConversionError: It holds a zone or recurrence that means nothing.
        """
        return activity_to_object(
            activity,
            uid=uid,
            type_=self._type_to_say(activity, base),
            now=now,
            base=None if base is None else base.object,
            record_url=self.record_url(activity.id),
            types=self.types,
        )

    def _type_to_say(self, activity: Activity, base: StoredObject | None) -> ActivityType:
        """Return the type; while the CRM leaves it alone, the one a client's text already says."""
        type_ = self.type_of(activity.type_key)
        if base is None or activity.type_key != base.type_key:
            return type_
        said = named_type(base.object.head(), self.types)
        if said is not None:
            return said
        # It names none: it says no less than the collection's default does.
        default = DEFAULT_TYPES[collection_of(base.component)]
        return next((each for each in self.types if each.key == default), type_)

    def record_url(self, activity_id: ActivityId | None) -> str:
        """Return the page of an activity, "" where the public address is unknown."""
        if activity_id is None or not self.base_url:
            return ""
        return f"{self.base_url.rstrip('/')}/activities/{activity_id}"

    def new_uid(self, activity_id: ActivityId, revision: int) -> Uid:
        """Return the UID of an activity made by the CRM at this revision.

        The same database makes the same UID of the same change. Neither a row id used again nor a
        revision counted again after a restored backup (that begins a new epoch) repeats one.
        With its name it stays below 75 octets, where libical before 4.0.3 folds it wrongly.
        """
        number = uuid5(_NAMES, f"{self.database_id}/{self.epoch}/{activity_id}/{revision}")
        return Uid(f"act-{number}")


def load_conversion(connection: Connection, company_id: CompanyId, owner_id: UserId) -> Conversion:
    """Read the facts for one owner.

    Raises:
        NotFound: No such user in that company.
    """
    facts = connection.execute(_FACTS, {"owner": owner_id, "company": company_id}).one_or_none()
    if facts is None:
        raise NotFound(f"no user of this company: {owner_id}")
    return Conversion(
        types=read_types(connection, company_id),
        zone=facts.timezone,
        database_id=facts.database_id,
        epoch=facts.epoch,
        base_url=facts.base_url,
    )


def href_of(uid: Uid) -> Href:
    """Return the name of an object the CRM makes; its UIDs hold nothing a path may not."""
    return Href(f"{uid}.ics")
