"""Single dates of one's own series: list them, mark them done, change, cancel and restore them.

Each edit becomes an override or an excluded date of the stored calendar object, so that calendar
programs and Google get it like the edit of a calendar program.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from bridge.application.activity_draft import Clocks, Draft, applied, draft_of
from bridge.application.activity_editing import OpenActivity, with_news_of_others
from bridge.convert.single_date import (
    as_series,
    date_activity,
    is_changed,
    with_date,
    without_date,
)
from bridge.domain.activity import Activity
from bridge.domain.agenda import AgendaEntry
from bridge.domain.identifiers import ActivityId
from bridge.domain.message import Message
from bridge.domain.users import User
from bridge.errors import ConversionError, InvalidInput, NotFound, ObjectChanged
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.date_listing import DateList, SeriesDate, SeriesDates
from bridge.store.activities import ORIGIN
from bridge.store.calendar_values import StoredObject
from bridge.store.database import Database
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.ports import Clock

MOST_BEFORE, MOST_AFTER = 3, 10
MOST_A_PAGE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDate:
    """One date of a user's own series.

    Attributes:
        key: Names the date; its original start.
        opened: The date as an activity that does not repeat.
        changed: It shows anything but what the series does, besides being done.
        cancelled: It does not take place.
        fixed: It cannot be edited on its own, as all later dates follow it.
    """

    key: str
    opened: OpenActivity
    changed: bool
    cancelled: bool
    fixed: bool

    @property
    def entry(self) -> AgendaEntry:
        """The date as a list shows it."""
        activity = self.opened.activity
        assert activity.id is not None  # noqa: S101 - it is stored
        return AgendaEntry(
            activity_id=activity.id,
            type_key=activity.type_key,
            subject=activity.subject,
            span=activity.span,
            todo=self.opened.todo,
            done=activity.done,
            series=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDates:
    """Some dates of a series, by time.

    Attributes:
        earlier: Those before begin before this moment; None where there are none.
        later: Those after begin at this moment or later; None where there are none.
        unfollowed: The series repeats too often to be listed.
    """

    dates: tuple[OpenDate, ...] = ()
    earlier: datetime | None = None
    later: datetime | None = None
    unfollowed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedDate:
    """An edit that was not carried out, as the date is not what its author saw.

    Attributes:
        present: As it is now.
    """

    present: OpenDate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """A series as it is stored."""

    activity: Activity
    stored: StoredObject
    dates: SeriesDates
    template: OpenActivity

    def opened(self, one: SeriesDate) -> OpenDate:
        """Return a date as its author sees it, with the version that an edit has to name."""
        activity = date_activity(self.dates, one, self.activity)
        draft = draft_of(activity, todo=self.template.todo, zone=self.dates.zone)
        version = _version(activity, cancelled=one.cancelled)
        return OpenDate(
            key=one.key,
            opened=replace(self.template, activity=activity, draft=draft, version=version),
            changed=is_changed(self.dates, one, self.activity),
            cancelled=one.cancelled,
            fixed=one.leads,
        )


class SingleDates:
    """Edits single dates of series of those who are signed in; safe for threads.

    A series of somebody else is not there, for every method.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def around(
        self,
        user: User,
        activity_id: ActivityId,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> ShownDates:
        """Return dates of a series: the last few and the next ones, or those around a moment.

        Args:
            user: Who looks.
            activity_id: Of the series.
            since: Aware; the dates from then on.
            until: Aware; the last dates before then.

        Raises:
            NotFound: The user has no such living series.
        """
        with_news_of_others(self._database, user, self._clock)
        with self._database.read() as work:
            activity = work.activities.get(activity_id)
            try:
                series = _series(work, user, activity)
                return _shown(series, since=since, until=until, now=self._clock.now())
            except ConversionError:
                return ShownDates(unfollowed=True)

    def open(self, user: User, activity_id: ActivityId, key: str) -> OpenDate:
        """Return one date.

        Raises:
            NotFound: The user has no such living series, or it has no such date.
        """
        with_news_of_others(self._database, user, self._clock)
        with self._database.read() as work:
            activity = work.activities.get(activity_id)
            return _date(_readable(work, user, activity), key)[1]

    def set_done(self, user: User, activity_id: ActivityId, key: str, *, done: bool) -> OpenDate:
        """Mark a date done or open; nothing else of it is touched, whoever changed it.

        Raises:
            NotFound: As for `open`.
            InvalidInput: It is cancelled, or all later dates follow it.
        """
        with self._database.write([user.id]) as work:
            series, one, present = self._held(work, user, activity_id, key)
            _demand_editable(present)
            base = present.opened.activity
            changed = replace(base, done=done, done_at=base.done_at if done else None)
            self._store(work, user, series, self._written(work, user, series, one, changed))
            return replace(present, opened=replace(present.opened, activity=changed))

    def change(
        self, user: User, activity_id: ActivityId, key: str, draft: Draft, *, version: str
    ) -> Activity | OutdatedDate:
        """Make a date what a draft says, if it still is what its author saw.

        Type, links, note, and whether it is synced are those of the series.

        Raises:
            NotFound: As for `open`.
            InvalidInput: The draft is refused; `field` names what.
        """
        with self._database.write([user.id]) as work:
            series, one, present = self._held(work, user, activity_id, key)
            if present.opened.version != version:
                return OutdatedDate(present=present)
            _demand_editable(present)
            base = present.opened.activity
            activity = applied(_of_date(draft, present), base, _clocks(user, present))
            self._store(work, user, series, self._written(work, user, series, one, activity))
            return activity

    def cancel(
        self, user: User, activity_id: ActivityId, key: str, *, version: str
    ) -> OutdatedDate | None:
        """Take a date out of its series, if it still is what its author saw.

        Raises:
            NotFound: As for `open`.
            InvalidInput: All later dates follow it.
        """
        with self._database.write([user.id]) as work:
            series, _, present = self._held(work, user, activity_id, key)
            if present.opened.version != version:
                return OutdatedDate(present=present)
            _demand_editable(present)
            item = without_date(series.dates, key, self._clock.now())
            self._store(work, user, series, item)
        return None

    def restore(
        self, user: User, activity_id: ActivityId, key: str, *, version: str
    ) -> OutdatedDate | None:
        """Let a date be what its series makes of it, if it still is what its author saw.

        Raises:
            NotFound: As for `open`.
            InvalidInput: All later dates follow it.
        """
        with self._database.write([user.id]) as work:
            series, one, present = self._held(work, user, activity_id, key)
            if present.opened.version != version:
                return OutdatedDate(present=present)
            if one.leads:
                _demand_editable(present)
            if one.own or one.excluded:
                item = as_series(series.dates, key, self._clock.now())
                self._store(work, user, series, item)
        return None

    def _held(
        self, work: UnitOfWork, user: User, activity_id: ActivityId, key: str
    ) -> tuple[_Series, SeriesDate, OpenDate]:
        activity = work.activities.hold(activity_id, user.id, now=self._clock.now())
        series = _readable(work, user, activity)
        return series, *_date(series, key)

    def _written(
        self, work: UnitOfWork, user: User, series: _Series, one: SeriesDate, activity: Activity
    ) -> CalendarObject:
        kind = work.types.get(user.company_id, activity.type_key)
        if kind is None:
            raise InvalidInput("there is no such activity type", field="type")
        return with_date(series.dates, one, activity, kind, self._clock.now())

    def _store(self, work: UnitOfWork, user: User, series: _Series, item: CalendarObject) -> None:
        """Store the object that an edit made, on the condition that it was made of the present."""
        stored = series.stored
        if item.text == stored.text:
            return

        def demand(holder: StoredObject | None) -> None:
            if holder is None or holder.etag != stored.etag:
                raise ObjectChanged("the series was changed meanwhile")

        try:
            accepted = CalendarObject.parse(item.text)
        except ConversionError as error:
            raise InvalidInput(
                "the series has no room for another date of its own",
                hint=Message("end it, and let a new one go on from there"),
            ) from error
        principal = work.calendars.principal(user.login)
        calendars = principal.calendars if principal is not None else ()
        calendar = next(each for each in calendars if each.id == stored.calendar_id)
        now = self._clock.now()
        work.calendars.put(calendar, stored.href, accepted, origin=ORIGIN, now=now, demand=demand)


def _series(work: UnitOfWork, user: User, activity: Activity | None) -> _Series:
    if activity is None or activity.owner_id != user.id or activity.deleted_at is not None:
        raise _missing()
    assert activity.id is not None  # noqa: S101 - it is stored
    stored = work.activities.object_of(activity.id)
    if stored is None or not activity.recurrence:
        raise _missing()
    todo = stored.component == "VTODO"
    template = OpenActivity(
        activity=activity,
        todo=todo,
        own_dates=0,
        version="",
        draft=draft_of(activity, todo=todo, zone=user.timezone),
        sync=work.activity_sync.of(user.id, [activity.id]).of(activity.id),
    )
    dates = SeriesDates(stored.object, floating_zone=user.timezone)
    return _Series(activity=activity, stored=stored, dates=dates, template=template)


def _readable(work: UnitOfWork, user: User, activity: Activity | None) -> _Series:
    try:
        return _series(work, user, activity)
    except ConversionError as error:
        raise _missing() from error


def _date(series: _Series, key: str) -> tuple[SeriesDate, OpenDate]:
    try:
        one = series.dates.at(key)
        if one is not None:
            return one, series.opened(one)
    except ConversionError as error:
        raise _missing() from error
    raise _missing()


def _missing() -> NotFound:
    return NotFound(
        "the series has no such date", hint=Message("it may have been moved, or deleted")
    )


def _shown(
    series: _Series, *, since: datetime | None, until: datetime | None, now: datetime
) -> ShownDates:
    if since is not None:
        before = series.dates.before(since, most=0)
        after = series.dates.after(since, most=MOST_A_PAGE)
    elif until is not None:
        before = series.dates.before(until, most=MOST_A_PAGE)
        after = series.dates.after(until, most=0)
    else:
        before = series.dates.before(now, most=MOST_BEFORE)
        after = series.dates.after(now, most=MOST_AFTER)
    return _page(series, before, after, until or since or now)


def _page(series: _Series, before: DateList, after: DateList, border: datetime) -> ShownDates:
    first = before.dates[0].instance.first_utc if before.dates else border
    return ShownDates(
        dates=tuple(series.opened(one) for one in (*before.dates, *after.dates)),
        earlier=first if before.more else None,
        later=after.next,
    )


def _demand_editable(date: OpenDate) -> None:
    if date.fixed:
        raise InvalidInput(
            "all later dates of the series follow this one",
            hint=Message("change it in the calendar program that made it so"),
        )
    if date.cancelled:
        raise InvalidInput("this date is cancelled", hint=Message("restore it first"))


def _of_date(draft: Draft, date: OpenDate) -> Draft:
    """Return a draft with what a single date has not for itself as the series has it."""
    if draft.day is None:
        raise InvalidInput("a date of a series needs a day", field="date")
    base = date.opened.activity
    return replace(
        draft,
        type_key=base.type_key,
        do_not_sync=base.do_not_sync,
        # No to-do says in a calendar whether it blocks time.
        busy=base.busy if date.opened.todo else draft.busy,
        repeat=None,
        own_rule=False,
        note=None,
    )


def _clocks(user: User, date: OpenDate) -> Clocks:
    todo = date.opened.todo
    return Clocks(zone=user.timezone, was_todo=todo, todo=todo)


def _version(activity: Activity, *, cancelled: bool) -> str:
    """Return a text that is another one as soon as anything of the date is."""
    told = (
        *(activity.subject, activity.span, activity.location, activity.public_description),
        *(activity.busy, activity.private, activity.done, cancelled),
    )
    return sha256(repr(told).encode()).hexdigest()[:32]
