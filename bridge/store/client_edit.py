"""What a client's write means for the activity behind a calendar object."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import delete

from bridge.convert.properties.activity_type import names_type_as
from bridge.convert.properties.attendees import guests_of, has_same_guests
from bridge.domain.activity import Activity
from bridge.domain.identifiers import ActivityId, Href
from bridge.errors import ConversionError, InvalidInput, ObjectChanged
from bridge.ical.calendar_object import CalendarObject
from bridge.store.activity_rows import load_unlinked_row
from bridge.store.activity_writer import (
    insert_activity,
    mark_deleted,
    overwrite_activity,
    stamp_activity,
    update_activity,
)
from bridge.store.calendar_values import STANDARD, StoredCalendar, StoredObject
from bridge.store.company_types import read_types
from bridge.store.first_links import linked_at_first
from bridge.store.interpretation import Interpretation, blank, with_done_at
from bridge.store.meeting_heirs import pass_on, unset_activity
from bridge.store.object_writer import Content, ObjectWriter
from bridge.store.persons_from_guests import make_persons
from bridge.store.places import Place
from bridge.store.reconcile import settle
from bridge.store.schema import dav
from bridge.store.shared_meetings import demand_copy, kept_by_colleague, organizer_of
from bridge.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What a client's text is compared with.

    Attributes:
        activity_id: Of the living row; None where there is none.
        activity: None where there is no row, or none that makes sense.
        object: What said the activity before; None where there is no activity.
    """

    activity_id: ActivityId | None
    activity: Activity | None
    object: CalendarObject | None


_NOTHING = _Before(activity_id=None, activity=None, object=None)


class ClientEdit:
    """One client's mutation in one calendar, under one revision of its home."""

    def __init__(
        self,
        transaction: Transaction,
        calendar: StoredCalendar,
        *,
        revision: int,
        writer: ObjectWriter,
    ) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._calendar = calendar
        self._revision = revision
        self._writer = writer

    def demand_settled(self, place: Place) -> None:
        """See that no other program's change of the activity waits; its row is held already.

        A precondition that the caller compared before would not have been about that change.

        Raises:
            ObjectChanged: One waited, and it changed the object; or the activity of a meeting was
                passed on to it.
        """
        if place.holder is not None:
            demand_copy(self._connection, place.holder)
        if place.holder is None or place.holder.activity_id is None or not place.waits:
            return
        owner_id, now = self._calendar.owner_id, self._writer.now
        if settle(self._transaction, place.holder.activity_id, owner_id, now=now):
            raise ObjectChanged("another program changed the activity meanwhile")

    def store(self, place: Place, href: Href, item: CalendarObject) -> StoredObject:
        """Store the text as it came, and what it makes of the activity.

        A copy of a meeting whose activity is a colleague's makes nothing of it.

        Raises:
            ConversionError: A standard calendar takes only what is an activity.
        """
        stored = place.holder
        before = self._before(stored, item)
        interpretation = self._interpretation(before, item, place.zone)
        organizer = organizer_of(item, origin=self._writer.origin)
        shared_id = self._shared(stored, item, organizer)
        new = self._meaning(interpretation, item, before, linked=shared_id is None)
        activity_id = None
        if shared_id is None:
            activity_id = self._save(before, new, _components(stored, item))
            self._meet_guests(before, new, item)
        meant = None if new is None else replace(new, id=activity_id)
        content = interpretation.content(item, meant)
        if organizer is not None or shared_id is not None:
            content = _as_meeting(content, stored, organizer, shared_id)
        if stored is not None:
            return self._writer.change(stored, content, revision=self._revision)
        return self._writer.add(
            self._calendar, href, content, revision=self._revision, buried=place.buried
        )

    def remove(self, stored: StoredObject) -> None:
        """Turn the object into a tombstone and delete its activity softly.

        The activity of a meeting that a colleague shares is passed on instead.
        """
        company_id = self._calendar.company_id
        shared = self._writer.remove(stored, company_id=company_id, revision=self._revision)
        if stored.activity_id is not None:
            self._give_up(stored.activity_id, shared=shared)

    def rename(self, stored: StoredObject, target: StoredCalendar, href: Href) -> StoredObject:
        """Give the object a free name in a calendar of the same home; its activity stays."""
        if stored.activity_id is not None:
            stamp_activity(self._connection, stored.activity_id, revision=self._revision)
        return self._writer.rename(stored, target, href, revision=self._revision)

    def _shared(
        self, stored: StoredObject | None, item: CalendarObject, organizer: str | None
    ) -> ActivityId | None:
        """Return the colleague's activity that the object is a copy of, None for none.

        Only what is new is asked about: two activities of one meeting stay two.
        """
        if stored is not None:
            return stored.shared_id
        if not organizer:
            return None
        return kept_by_colleague(self._connection, self._calendar, item.uid, organizer)

    def _before(self, stored: StoredObject | None, item: CalendarObject) -> _Before:
        """Return what the activity was, without what no client's text says.

        Guests are asked only if the text tells of others than before: they are the only rows that
        a change of them is written to.
        """
        if stored is None or stored.activity_id is None:
            return _NOTHING
        told = stored.object.head()
        guests = not has_same_guests(item.head(), told)
        row = load_unlinked_row(self._connection, stored.activity_id, guests=guests)
        if row is None or row.deleted:
            return _NOTHING
        try:
            activity = row.activity(stored.component)
        except InvalidInput:
            return _Before(activity_id=row.id, activity=None, object=None)
        if not guests:
            activity = replace(activity, attendees=guests_of(told))
        return _Before(activity_id=row.id, activity=activity, object=stored.object)

    def _interpretation(self, before: _Before, item: CalendarObject, zone: str) -> Interpretation:
        """Return the facts; types only if the text may name another one than before."""
        previous = before.object
        if previous is not None and names_type_as(item.head(), previous.head()):
            return Interpretation(types=(), zone=zone)
        types = read_types(self._connection, self._calendar.company_id)
        return Interpretation(types=types, zone=zone)

    def _meaning(
        self,
        interpretation: Interpretation,
        item: CalendarObject,
        before: _Before,
        *,
        linked: bool,
    ) -> Activity | None:
        calendar, old = self._calendar, before.activity
        base = old or blank(calendar, interpretation.default_type(calendar, item.component))
        try:
            new = interpretation.to_activity(
                item, base=base, previous=before.object, calendar=calendar
            )
        except ConversionError:
            if calendar.kind == STANDARD:
                raise
            return None
        if old is None and linked:
            new = linked_at_first(self._transaction, item, new)
        return with_done_at(new, old, self._writer.now)

    def _save(
        self, before: _Before, new: Activity | None, components: tuple[str, str]
    ) -> ActivityId | None:
        """Store the new meaning and return whose it is."""
        revision, now = self._revision, self._writer.now
        number, old = before.activity_id, before.activity
        if new is None:
            if number is not None:
                # The object stays, and has no activity from here on.
                unset_activity(self._connection, number)
                self._give_up(number, shared=True)
            return None
        if number is None:
            return insert_activity(
                self._connection, new, component=components[1], revision=revision, now=now
            )
        if old is None:
            self._overwrite(number, new, components[1])
        elif old == new and components[0] == components[1]:
            stamp_activity(self._connection, number, revision=revision)
        else:
            stamp = (revision, now)
            update_activity(self._connection, old, new, components=components, stamp=stamp)
        return number

    def _meet_guests(self, before: _Before, new: Activity | None, item: CalendarObject) -> None:
        """Make persons of the guests of what was just stored, where that is wanted."""
        if new is not None and new.attendees:
            stamp = (self._writer.origin, self._writer.now)
            make_persons(self._connection, item, old=before.activity, new=new, stamp=stamp)

    def _overwrite(self, activity_id: ActivityId, new: Activity, component: str) -> None:
        """Give a row that makes no sense the sense of the client's text."""
        stamp = (self._revision, self._writer.now)
        overwrite_activity(
            self._connection, replace(new, id=activity_id), component=component, stamp=stamp
        )
        report = dav.ReportedRow
        self._connection.execute(
            delete(report).where(report.table_name == "activities", report.row_id == activity_id)
        )

    def _give_up(self, activity_id: ActivityId, *, shared: bool) -> None:
        """Pass an activity on that has no object here any more, or else delete it."""
        now = self._writer.now
        if shared and pass_on(self._connection, activity_id, now=now):
            return
        mark_deleted(self._connection, activity_id, revision=self._revision, now=now)


def _components(stored: StoredObject | None, item: CalendarObject) -> tuple[str, str]:
    return (item.component if stored is None else stored.component, item.component)


def _as_meeting(
    content: Content,
    stored: StoredObject | None,
    organizer: str | None,
    shared_id: ActivityId | None,
) -> Content:
    """Return what is stored of a meeting; what was made here never becomes Google's."""
    if stored is not None and stored.organizer is None:
        organizer = None
    return replace(content, organizer=organizer, shared_id=shared_id)
