"""What of the dates of a series goes on in one that was split off it: one row for each case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.activity import Attendee
from bridge.domain.identifiers import Uid
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.view import Instance, MergeField, Schedule, View, Visibility
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.split_off import Predecessor
from bridge.sync.going_on import MARKS, going_on
from bridge.sync.instances import plain_instance

KEYS = tuple(f"202603{day}T090000Z" for day in range(10, 20))
SPLIT, NEXT, THIRD = KEYS[2], KEYS[3], KEYS[4]
ALL = frozenset(MergeField)
GUEST = Attendee(email="guest@example.com")


class KnownViews:
    """A lens that knows what each object shows; others it cannot read."""

    def __init__(self, **views):
        self._views = views

    def calendar_view(self, item):
        """Return what is known of it."""
        if item.uid not in self._views:
            raise ConversionError("unreadable")
        return self._views[item.uid]


def an_object(name):
    """Return an object of which only the name counts."""
    return CalendarObject(uid=Uid(name), component="VEVENT", text="")


def at(key, *, later=0, minutes=60):
    """Return the span of a date, some hours later than its key says."""
    start = datetime.strptime(key, "%Y%m%dT%H%M%S%z") + timedelta(hours=later)
    return TimedSpan(start=start, end=start + timedelta(minutes=minutes))


def series(first=KEYS[0], *, rule="RRULE:FREQ=DAILY;COUNT=10", later=0, **fields):
    """Return a daily series that begins at a key."""
    schedule = Schedule(span=at(first, later=later), recurrence=(rule,) if rule else ())
    return View(**({"title": "Call Ada", "schedule": schedule} | fields))


def new(**fields):
    """Return the new series, from the third date of the old one on."""
    return series(SPLIT, **({"rule": "RRULE:FREQ=DAILY;COUNT=8"} | fields))


def having(view, **dates):
    """Return the view with changed dates; a name is a key behind a `k`, None cancels it."""
    told = {
        key[1:]: None if fields is None else replace(plain_instance(view, key[1:]), **fields)
        for key, fields in dates.items()
    }
    instances = tuple(Instance(key=key, view=told[key]) for key in sorted(told))
    return replace(view, instances=instances)


def at_next(fields):
    """Return the date after the split with these fields, as arguments of `having`."""
    return {f"k{NEXT}": fields}


def went_on(view, old, agreed=None, *, key=SPLIT, kinds=ALL):
    """Return the new series with what goes on of the old one."""
    before = Predecessor(
        object=an_object("old"), key=key, agreed=None if agreed is None else an_object("agreed")
    )
    lens = KnownViews(old=old, agreed=agreed)
    return going_on(view, before, lens, kinds=kinds)


def shows(view, key):
    """Return what a date shows, None when it is cancelled."""
    return view.by_key().get(key, plain_instance(view, key))


OTHER = {
    "title": "Other",
    "location": "There",
    "description": "Bring cake",
    "busy": False,
    "visibility": Visibility.PRIVATE,
    "conference": "https://meet.example/1",
    "schedule": Schedule(span=at(NEXT, later=2)),
}
"""What a person may type of a single date."""
OWN = {"done": True, "reminders": (5,)}
"""What Google keeps for the account only, or for us."""


@pytest.mark.parametrize("name", OTHER)
def test_what_google_knew_of_a_date_it_dropped_does_not_go_on(name):
    """Both sides had it, and a person saw it go."""
    old = having(series(), **at_next({name: OTHER[name]}))
    assert shows(went_on(new(), old, old), NEXT) == plain_instance(new(), NEXT)


@pytest.mark.parametrize("name", OTHER)
def test_what_google_had_not_heard_of_a_date_goes_on(name):
    """It was never Google's to drop."""
    old = having(series(), **at_next({name: OTHER[name]}))
    shown = shows(went_on(new(), old, series()), NEXT)
    assert shown == replace(plain_instance(new(), NEXT), **{name: OTHER[name]})


@pytest.mark.parametrize("name", OTHER)
def test_of_what_google_took_along_only_what_it_had_not_heard_goes_on(name):
    """The exception is there; the word that was under way is added to it."""
    agreed = having(series(), **at_next({"colour": "5"}))
    old = having(series(), **at_next({"colour": "5", name: OTHER[name]}))
    told = having(new(), **at_next({"colour": "5"}))
    shown = shows(went_on(told, old, agreed), NEXT)
    assert shown == replace(shows(told, NEXT), **{name: OTHER[name]})


@pytest.mark.parametrize("name", OTHER)
def test_what_google_changed_of_what_it_took_along_counts(name):
    """It was changed on both sides, at Google together with the split."""
    agreed = having(series(), **at_next({"colour": "5"}))
    ours = {name: OTHER[name]}
    theirs = {
        "title": "Third",
        "location": "Elsewhere",
        "description": "No cake",
        "busy": False,
        "visibility": Visibility.PUBLIC,
        "conference": "https://meet.example/2",
        "schedule": Schedule(span=at(NEXT, later=5)),
    }
    old = having(series(), **at_next({"colour": "5", **ours}))
    told = having(new(), **at_next({"colour": "5", name: theirs[name]}))
    assert shows(went_on(told, old, agreed), NEXT) == shows(told, NEXT)


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("heard", [True, False])
def test_marks_and_alarms_of_a_date_go_on(name, heard):
    """Whether Google had them or not."""
    old = having(series(), **at_next({name: OWN[name]}))
    shown = shows(went_on(new(), old, old if heard else series()), NEXT)
    assert shown == replace(plain_instance(new(), NEXT), **{name: OWN[name]})


@pytest.mark.parametrize("name", OWN)
def test_marks_and_alarms_are_added_to_what_google_took_along(name):
    """The exception lost its mark there, or its reminders."""
    old = having(series(), **at_next({"title": "Other", name: OWN[name]}))
    told = having(new(), **at_next({"title": "Other"}))
    assert shows(went_on(told, old), NEXT) == replace(shows(told, NEXT), **{name: OWN[name]})


def test_an_alarm_that_the_whole_series_has_makes_no_date_another_one():
    """Google says what the new series has."""
    old = having(series(reminders=(5,)), **at_next({"title": "Other", "reminders": (5,)}))
    assert went_on(new(reminders=(20,)), old).by_key().get(NEXT) in (
        None,
        plain_instance(new(reminders=(20,)), NEXT),
    )


@pytest.mark.parametrize(
    ("name", "value"), [("attendees", (GUEST,)), ("colour", "7")], ids=["guests", "colour"]
)
def test_whom_a_date_is_with_and_its_colour_do_not_go_on(name, value):
    """Unheard of or not: Google has just said with whom the series is."""
    old = having(series(**{name: ()} if name == "attendees" else {}), **at_next({name: value}))
    assert shows(went_on(new(), old, series()), NEXT) == plain_instance(new(), NEXT)
    whole = replace(series(), **{name: value})
    assert went_on(new(), whole, series()) == new()


def test_a_date_cancelled_unheard_is_cancelled():
    """The person who did not want it there does not get it back."""
    old = having(series(), **at_next(None))
    assert shows(went_on(new(), old, series()), NEXT) is None


@pytest.mark.parametrize("name", ["title", "location", "description", "schedule"])
def test_a_date_edited_at_google_after_the_split_beats_its_cancellation_unheard(name):
    """As an edit beats a delete: who cancelled it had not seen that."""
    old = having(series(), **at_next(None))
    told = having(new(title="Call Bob"), **at_next({name: OTHER[name]}))
    assert went_on(told, old, series()) == told


@pytest.mark.parametrize("fields", [{"title": "Other"}, {"location": "There"}, {"colour": "7"}])
def test_a_date_that_google_only_took_along_is_cancelled_unheard(fields):
    """The split gave the series another name; nobody edited the date."""
    agreed = having(series(), **at_next({} if "colour" in fields else fields))
    old = having(series(), **at_next(None))
    told = having(new(title="Call Bob"), **at_next(fields))
    assert shows(went_on(told, old, agreed), NEXT) is None


def test_a_cancelled_date_that_google_knew_and_dropped_is_back():
    """Google shows it again, where a person can see it."""
    old = having(series(), **at_next(None))
    assert went_on(new(), old, old) == new()


def test_a_date_that_was_cancelled_and_taken_back_unheard_shows_what_it_shows_here():
    """Google dropped the cancellation itself; the words are new."""
    old, agreed = having(series(), **at_next({"title": "On"})), having(series(), **at_next(None))
    assert shows(went_on(new(), old, agreed), NEXT).title == "On"


def test_a_date_cancelled_with_the_split_stays_so():
    """Google knows that it does not take place."""
    old = having(series(), **at_next({"title": "Other", "done": True}))
    told = having(new(), **at_next(None))
    assert went_on(told, old, series()) == told


def test_a_date_cancelled_with_the_split_stands_in_no_others_way():
    """Those after it go on."""
    old = having(series(), **at_next({"title": "Other"}), **{f"k{THIRD}": {"done": True}})
    shown = went_on(having(new(), **at_next(None)), old, old)
    assert (shows(shown, NEXT), shows(shown, THIRD).done) == (None, True)


@pytest.mark.parametrize("minutes", [60, 90])
def test_a_date_made_plain_unheard_is_plain_where_google_took_it_along(minutes):
    """What was taken back here is taken back there, and lasts as long as the new series."""
    view = replace(new(), schedule=replace(new().schedule, span=at(SPLIT, minutes=minutes)))
    agreed = having(series(), **at_next({"title": "Other", "location": "There"}))
    told = having(view, **at_next({"title": "Other", "location": "There"}))
    assert shows(went_on(told, series(), agreed), NEXT) == plain_instance(view, NEXT)


@pytest.mark.parametrize("name", [name for name in OTHER if name != "schedule"])
def test_what_google_had_not_heard_of_the_whole_goes_on(name):
    """The series was renamed here, just before it was split there."""
    old = replace(series(), **{name: OTHER[name]})
    assert went_on(new(), old, series()) == replace(new(), **{name: OTHER[name]})


def test_what_google_changed_of_the_whole_with_the_split_counts():
    """It was chosen for the new series."""
    assert went_on(new(title="Call Bob"), series(title="Call Eva"), series()).title == "Call Bob"


def test_the_old_time_of_the_whole_does_not_go_on():
    """A series that was moved here as well is told of nowhere else; its dates are not known."""
    old = having(series(later=1, title="Call Eva"), k20260313T100000Z={"title": "Other"})
    agreed = having(series(), **at_next({"title": "Before"}))
    assert went_on(new(), old, agreed, key="20260312T100000Z").title == "Call Ada"


@pytest.mark.parametrize("end", [";COUNT=10", ""])
def test_dates_before_the_split_do_not_go_on(end):
    """They are in the old series; so it is where both halves have the very same rule."""
    rule = f"RRULE:FREQ=DAILY{end}"
    done = {"done": True}
    old = having(series(rule=rule), k20260311T090000Z=done, k20260312T090000Z=done)
    view = new(rule=rule)
    assert [each.key for each in went_on(view, old).instances] == [SPLIT]


def test_dates_go_on_at_the_time_of_the_new_series():
    """By ordinal; one that had another length, or a time of its own, keeps that."""
    long = Schedule(span=at(THIRD, minutes=90))
    old = having(series(), **{f"k{NEXT}": {"done": True}, f"k{THIRD}": {"schedule": long}})
    shown = went_on(new(later=2), old, series())
    assert shown.by_key()["20260313T110000Z"].schedule.span == at(NEXT, later=2)
    assert shown.by_key()["20260314T110000Z"].schedule.span == at(THIRD, later=2, minutes=90)


def test_days_go_on_as_days():
    """A series of whole days is named by dates."""
    first = AllDaySpan(start=date(2026, 3, 10), end=date(2026, 3, 11))
    rules = ("RRULE:FREQ=DAILY;COUNT=10", "RDATE;VALUE=DATE:20260301,20260401")
    old = View(title="Trip", schedule=Schedule(span=first, recurrence=rules))
    second = replace(first, start=date(2026, 3, 12), end=date(2026, 3, 13))
    view = View(title="Trip", schedule=Schedule(span=second, recurrence=rules[:1]))
    shown = went_on(view, having(old, k20260314={"done": True}), key="20260312")
    assert [each.key for each in shown.instances] == ["20260314"]


@pytest.mark.parametrize(
    ("fields", "agreed", "told", "expected"),
    [
        ({"done": True}, {"done": True}, {}, {"done": True}),
        ({"reminders": (5,)}, {"reminders": (5,)}, {}, {"reminders": (5,)}),
        ({"title": "Ours"}, {}, {}, {"title": "Ours"}),
        ({"title": "Ours"}, {"title": "Ours"}, {"title": "Call Ada"}, {}),
        ({"title": "Ours"}, {}, {"title": "Theirs"}, {"title": "Theirs"}),
        ({"schedule": Schedule(span=at(SPLIT, later=1))}, {}, {}, {}),
        (None, {}, {}, {}),
        ({"title": "Ours"}, None, {}, {}),
    ],
    ids=[
        "done",
        "reminders",
        "unheard",
        "heard",
        "changed on both sides",
        "moved",
        "cancelled",
        "cancelled and back",
    ],
)
def test_a_single_event_split_off_goes_on_from_its_date(fields, agreed, told, expected):
    """The last date of a series is none any more."""
    old, before = (having(series(), **{f"k{SPLIT}": each}) for each in (fields, agreed))
    single = new(rule="")
    assert went_on(replace(single, **told), old, before) == replace(single, **expected)


def test_where_nothing_may_be_written_to_google_only_marks_go_on():
    """What would be put back at once is not taken over."""
    fields = {"done": True, "reminders": (5,), "title": "Other"}
    old = having(series(title="New"), **at_next(fields), **{f"k{THIRD}": None})
    shown = went_on(new(), old, series(), kinds=MARKS)
    assert shown.title == "Call Ada"
    assert shows(shown, NEXT) == replace(plain_instance(new(), NEXT), done=True)
    assert shows(shown, THIRD) is not None
    single = went_on(new(rule=""), old, series(), key=NEXT, kinds=MARKS)
    assert single == new(rule="", done=True)


def test_nothing_goes_on_of_what_cannot_be_shown_or_named():
    """An object without a time, or a date that no version had."""
    old = having(series(title="New"), **at_next({"done": True}))
    assert went_on(new(), None) == new()
    assert went_on(new(), old, series(), key="") == new()
    unread = Predecessor(object=an_object("old"), agreed=an_object("agreed"))
    assert going_on(new(), unread, KnownViews(), kinds=ALL) == new()


def test_of_dates_too_far_to_follow_nothing_goes_on():
    """The new series is there all the same."""
    far = series(rule="RRULE:FREQ=DAILY")
    key = "29990101T090000Z"
    old = having(far, **{f"k{key}": {"done": True}})
    view = series(SPLIT, rule="RRULE:FREQ=DAILY", later=1)
    assert went_on(view, old) == view


@pytest.mark.parametrize("known", [{"agreed": None}, {}], ids=["no time", "unreadable"])
def test_what_cannot_be_compared_counts_as_heard(known):
    """Of the agreed object nothing is known, so nobody can tell what was not said."""
    old = having(series(title="New"), **at_next({"title": "Other"}))
    before = Predecessor(object=an_object("old"), key=SPLIT, agreed=an_object("agreed"))
    shown = going_on(new(), before, KnownViews(old=old, **known), kinds=ALL)
    assert shown.title == "Call Ada"
    assert shows(shown, NEXT) == plain_instance(new(), NEXT)


def test_the_moment_the_series_began_is_utc():
    """The keys of these tests are what they say."""
    assert at(SPLIT).start == datetime(2026, 3, 12, 9, tzinfo=UTC)
