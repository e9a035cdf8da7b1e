"""Add, change, finish and delete one's own activities; nobody's edit is overwritten unseen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bridge.application.activity_contacts import OfferedContacts, offered_contacts, with_contacts
from bridge.application.activity_draft import Clocks, Draft, applied, draft_of, version_of
from bridge.domain.activity import Activity, ActivityType, Attendee, CollectionName, Person
from bridge.domain.activity_sync import ActivitySync
from bridge.domain.identifiers import ActivityId
from bridge.domain.message import Message
from bridge.domain.users import User
from bridge.errors import InvalidInput, NotFound
from bridge.store.calendar_values import StoredObject
from bridge.store.catch_up import catch_up
from bridge.store.database import Database
from bridge.store.meeting_copies import MeetingCopy
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenActivity:
    """A user's own activity, opened for editing.

    Attributes:
        todo: Its time is when it is due.
        own_dates: How many dates of the series have something of their own, or are done.
        version: What an edit of it has to name.
        draft: As the form shows it.
        sync: How it stands with Google.
        persons: The contacts that guests are, by their addresses; no link of the activity. Empty
            for a single date of a series, whose guests are told with the series.
        kept_by: None for the user's own; else it is only looked at, as the user's copy of a
            meeting, and this is who keeps it, "" where that is not to be told.
    """

    activity: Activity
    todo: bool
    own_dates: int
    version: str
    draft: Draft
    sync: ActivitySync
    persons: Mapping[Attendee, Person] = field(default_factory=dict)
    kept_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """An edit that was not carried out, as the activity is not what its author saw.

    Attributes:
        present: As it is now; None when it was deleted.
    """

    present: OpenActivity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormChoices:
    """What a form offers: the company's types, inactive ones too, and contacts."""

    types: tuple[ActivityType, ...]
    contacts: OfferedContacts


class ActivityEditing:
    """Edits activities of those who are signed in; safe for threads.

    An activity of somebody else is not there, for every method.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def choices(self, user: User) -> FormChoices:
        """Return what a form offers."""
        with self._database.read() as work:
            types = work.types.list(user.company_id)
            return FormChoices(types=types, contacts=offered_contacts(work, user))

    def open(self, user: User, activity_id: ActivityId) -> OpenActivity:
        """Return an activity for editing; of a colleague's meeting the user's copy, to look at.

        Raises:
            NotFound: The user has no such living activity, and no copy of it.
        """
        with_news_of_others(self._database, user, self._clock)
        with self._database.read() as work:
            activity = work.activities.get(activity_id)
            if activity is not None and activity.owner_id != user.id:
                copy = work.meeting_copies.get(user, activity_id)
                if copy is not None:
                    return _opened_copy(work, user, copy)
            return _opened(work, user, _own(activity, user))

    def add(self, user: User, draft: Draft) -> Activity:
        """Add an activity and return it as stored.

        Raises:
            InvalidInput: The draft is refused; `field` names what.
        """
        with self._database.write([user.id]) as work:
            kind = _type(work, user, draft.type_key)
            blank = Activity(
                company_id=user.company_id, owner_id=user.id, type_key=kind.key, subject=""
            )
            clocks = Clocks(zone=user.timezone, was_todo=_is_task(kind), todo=_is_task(kind))
            activity = with_contacts(work, applied(draft, blank, clocks), draft, blank)
            return work.activities.add(activity, now=self._clock.now())

    def change(
        self, user: User, activity_id: ActivityId, draft: Draft, *, version: str
    ) -> Activity | Outdated:
        """Make an activity what a draft says, if it still is what its author saw.

        Args:
            user: Who edits.
            activity_id: Which.
            draft: What it is to be; of a series, all of it.
            version: Of the activity as the author saw it.

        Raises:
            NotFound: The user never had such an activity.
            InvalidInput: The draft is refused; `field` names what.
        """
        with self._database.write([user.id]) as work:
            present = self._seen(work, user, activity_id, version)
            if isinstance(present, Outdated):
                return present
            kind = _type(work, user, draft.type_key)
            todo = _todo_after(work, user, present.activity, draft, kind)
            clocks = Clocks(zone=user.timezone, was_todo=present.todo, todo=todo)
            activity = applied(draft, present.activity, clocks)
            activity = with_contacts(work, activity, draft, present.activity)
            return work.activities.update(activity, now=self._clock.now())

    def set_done(self, user: User, activity_id: ActivityId, *, done: bool) -> Activity:
        """Mark an activity done or open; nothing else of it is touched, whoever changed it.

        Raises:
            NotFound: The user has no such living activity.
            InvalidInput: It is a series.
        """
        with self._database.write([user.id]) as work:
            activity = _own(work.activities.hold(activity_id, user.id, now=self._clock.now()), user)
            if activity.recurrence:
                raise InvalidInput("a series is done date by date, not as a whole", field="done")
            changed = replace(activity, done=done, done_at=activity.done_at if done else None)
            return work.activities.update(changed, now=self._clock.now())

    def delete(self, user: User, activity_id: ActivityId, *, version: str) -> Outdated | None:
        """Delete an activity, a series as a whole, if it still is what its author saw.

        Raises:
            NotFound: The user never had such an activity.
        """
        with self._database.write([user.id]) as work:
            present = self._seen(work, user, activity_id, version)
            if isinstance(present, OpenActivity):
                work.activities.delete(activity_id, now=self._clock.now())
                return None
        return present if present.present is not None else None

    def _seen(
        self, work: UnitOfWork, user: User, activity_id: ActivityId, version: str
    ) -> OpenActivity | Outdated:
        """Return the activity if it is the one that was seen, after holding the home."""
        activity = work.activities.hold(activity_id, user.id, now=self._clock.now())
        if activity is not None and activity.deleted_at is not None:
            return Outdated(present=None)
        present = _opened(work, user, _own(activity, user))
        return present if present.version == version else Outdated(present=present)


def with_news_of_others(database: Database, user: User, clock: Clock) -> None:
    """Carry what other programs did to a user's activities, before it is read for editing."""
    with database.read() as work:
        behind = work.foreign_changes.pending((user.id,))
    if behind:
        catch_up(database, (user.id,), now=clock.now())


def _own(activity: Activity | None, user: User) -> Activity:
    if activity is None or activity.owner_id != user.id or activity.deleted_at is not None:
        raise NotFound("there is no such activity", hint=Message("it may have been deleted"))
    return activity


def _opened(work: UnitOfWork, user: User, activity: Activity) -> OpenActivity:
    assert activity.id is not None  # noqa: S101 - it is stored
    stored = work.activities.object_of(activity.id)
    if activity.span is None or stored is None:
        types = work.types.list(user.company_id)
        todo = any(each.key == activity.type_key and _is_task(each) for each in types)
    else:
        todo = stored.component == "VTODO"
    return OpenActivity(
        activity=activity,
        todo=todo,
        own_dates=_own_dates(stored),
        version=version_of(activity),
        draft=draft_of(activity, todo=todo, zone=user.timezone),
        sync=work.activity_sync.of(user.id, [activity.id]).of(activity.id),
        persons=work.guest_persons.of(activity, user.id),
    )


def _opened_copy(work: UnitOfWork, user: User, copy: MeetingCopy) -> OpenActivity:
    activity = copy.activity
    assert activity.id is not None  # noqa: S101 - it is stored
    return OpenActivity(
        activity=activity,
        todo=False,
        own_dates=_own_dates(copy.stored),
        version=version_of(activity),
        draft=draft_of(activity, todo=False, zone=user.timezone),
        sync=work.activity_sync.of(user.id, [activity.id]).of(activity.id),
        persons=work.guest_persons.of(activity, user.id),
        kept_by=copy.keeper,
    )


def _own_dates(stored: StoredObject | None) -> int:
    members = stored.object.members() if stored is not None and stored.recurring else ()
    return sum(1 for member in members if member.first("RECURRENCE-ID") is not None)


def _todo_after(
    work: UnitOfWork, user: User, old: Activity, draft: Draft, kind: ActivityType
) -> bool:
    """Return whether the time of the changed activity is when it is due (design decision 17)."""
    assert old.id is not None  # noqa: S101 - it is stored
    stored = work.activities.object_of(old.id)
    if stored is None or old.span is None:
        return _is_task(kind)
    if kind.key == old.type_key:
        return stored.component == "VTODO"
    standard = [work.calendars.calendar(user.id, name.value) for name in CollectionName]
    if stored.calendar_id in [each.id for each in standard if each is not None]:
        return _is_task(kind)
    return stored.component == "VTODO"


def _type(work: UnitOfWork, user: User, key: str) -> ActivityType:
    kind = work.types.get(user.company_id, key)
    if kind is None:
        raise InvalidInput("there is no such activity type", field="type")
    return kind


def _is_task(kind: ActivityType) -> bool:
    return kind.collection is CollectionName.TASKS
