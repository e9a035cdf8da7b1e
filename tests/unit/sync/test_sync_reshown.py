"""What changed options show otherwise: which fields, and whose value holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.activity import Attendee
from bridge.domain.view import Instance, InstanceField, MergeField, Visibility
from bridge.sync.align import Aligned
from bridge.sync.merge import Loser, Merged
from bridge.sync.model import Presence, Side
from bridge.sync.reshown import OPTIONS, reshown, with_reshown

KEY = "20260310T090000Z"
GUEST = Attendee(email="guest@example.com")
OTHER = {
    "title": "Call Ada · Acme",
    "location": "Room 1",
    "description": "Linked",
    "done": True,
    "reminders": (5,),
    "conference": "https://meet.example/1",
    "attendees": (GUEST,),
    "colour": "5",
}
"""What options may show of an activity."""
HERE, THERE = Side.CALENDAR, Side.GOOGLE
RULE = ("RRULE:FREQ=DAILY;COUNT=3",)


@pytest.fixture
def shown(sides):
    """Return a function that makes a sight of what the calendar shows otherwise by now."""

    def make(*, here=None, there=None, agreed=None, **link):
        view = sides.view
        one, other = here or view, there or view
        return sides.sight(
            calendar=sides.side(one, one), google=sides.side(other, other), agreed=agreed, **link
        )

    return make


def of_series(view, **fields):
    """Return the view as a series; with fields, its first date shows these."""
    schedule = replace(view.schedule, recurrence=RULE)
    date = replace(view, **fields)
    return replace(view, schedule=schedule, instances=(Instance(key=KEY, view=date),))


@pytest.mark.parametrize("name", OTHER)
@pytest.mark.parametrize("origin", list(Side))
def test_what_the_calendar_shows_otherwise_by_now_goes_to_google(sides, shown, name, origin):
    """Nobody changed it; a title that came from Google is no copy, and stays."""
    view = replace(sides.view, **{name: OTHER[name]})
    told = reshown(shown(here=view, agreed=sides.view, origin=origin))
    stays = origin is THERE and name == "title"
    assert told == ({} if stays else {MergeField(name): HERE})


@pytest.mark.parametrize("name", OTHER)
def test_what_both_agreed_on_so_is_no_option(sides, shown, name):
    """Google could not express it, maybe; guests go there once they may, of an activity."""
    view = replace(sides.view, **{name: OTHER[name]})
    sight = shown(here=view, agreed=view)
    assert reshown(sight) == {}
    wanted = {MergeField.ATTENDEES: HERE} if name == "attendees" else {}
    assert reshown(sight, guests_out=True) == wanted
    assert reshown(shown(here=view, agreed=view, origin=THERE), guests_out=True) == {}


@pytest.mark.parametrize("name", ["busy", "schedule", "visibility", "reply"])
def test_of_what_no_option_shows_otherwise_nothing_goes_out(sides, shown, name):
    """Whatever the reason that it differs."""
    other = {
        "busy": False,
        "schedule": replace(sides.view.schedule, recurrence=RULE),
        "visibility": Visibility.PRIVATE,
        "reply": "yes",
    }
    view = replace(sides.view, **{name: other[name]})
    assert reshown(shown(here=view, agreed=sides.view)) == {}


def test_who_sees_it_comes_in_where_options_read_it_otherwise(sides, shown):
    """The one thing that options read out of Google."""
    private = replace(sides.view, visibility=Visibility.PRIVATE)
    assert reshown(shown(there=private, agreed=sides.view)) == {MergeField.VISIBILITY: THERE}
    assert reshown(shown(there=private, agreed=private)) == {}


def test_what_a_person_changed_on_either_side_is_left_to_the_merge(sides):
    """Its new value holds as any edit does."""
    view = replace(sides.view, location="Room 1")
    edited, plain = sides.side(view, sides.view), sides.side(sides.view, sides.view)
    assert reshown(sides.sight(calendar=edited, google=plain)) == {}
    theirs, ours = sides.side(sides.view, view), sides.side(view, view)
    assert reshown(sides.sight(calendar=ours, google=theirs)) == {}
    both = sides.sight(calendar=sides.side(view, view), google=plain)
    assert reshown(both) == {MergeField.LOCATION: HERE}


@pytest.mark.parametrize("lacks", ["agreed", "here", "there", "view", "shown", "base", "known"])
def test_without_something_to_compare_nothing_is_shown_otherwise(sides, lacks):
    """Never agreed on, not there, not to be shown, or not known."""
    view = replace(sides.view, location="Room 1")
    gone = Presence.REMOVED
    here, there = {"view": view, "base": view}, {"view": sides.view, "base": sides.view}
    changes = {
        "here": (here, "presence", gone),
        "there": (there, "presence", gone),
        "view": (here, "view", None),
        "shown": (there, "view", None),
        "base": (here, "base", None),
        "known": (there, "base", None),
    }
    if lacks in changes:
        side, name, value = changes[lacks]
        side[name] = value
    agreed = None if lacks == "agreed" else sides.view
    sight = sides.sight(calendar=sides.side(**here), google=sides.side(**there), agreed=agreed)
    assert reshown(sight) == {}


@pytest.mark.parametrize("field", ["title", "location", "done"])
def test_a_date_of_a_series_is_shown_otherwise_as_an_item_is(sides, shown, field):
    """Field by field where both sides have it."""
    here = of_series(sides.view, description="Both", **{field: OTHER[field]})
    there = of_series(sides.view, description="Both")
    told = reshown(shown(here=here, there=there, agreed=there))
    assert told == {InstanceField(key=KEY, field=MergeField(field)): HERE}


def test_a_date_that_an_option_shows_at_all_goes_out_as_a_whole(sides, shown):
    """And one that shows no more than its series is taken back."""
    here, plain = of_series(sides.view, location="Room 1"), of_series(sides.view)
    plain = replace(plain, instances=())
    whole = {InstanceField(key=KEY): HERE}
    assert reshown(shown(here=here, there=plain, agreed=plain)) == whole
    assert reshown(shown(here=plain, there=here, agreed=here)) == whole
    assert reshown(shown(here=here, there=plain, agreed=plain, origin=THERE)) == whole


def test_a_mark_on_a_whole_series_is_nothing_that_options_show(sides, shown):
    """Done belongs to its dates."""
    plain = replace(of_series(sides.view), instances=())
    assert reshown(shown(here=replace(plain, done=True), there=plain, agreed=plain)) == {}


TITLE, PLACE, GUESTS = MergeField.TITLE, MergeField.LOCATION, MergeField.ATTENDEES
NOTHING = frozenset()


@pytest.fixture
def otherwise(sides, shown):
    """Return a sight in which title, place and guests go out and who sees it comes in."""
    here = replace(sides.view, title="New", location="Room 1", attendees=(GUEST,))
    there = replace(sides.view, visibility=Visibility.PRIVATE)
    return shown(here=here, there=there, agreed=sides.view)


@pytest.mark.parametrize(
    ("incoming", "outgoing", "not_out", "goes_in", "goes_out"),
    [
        ((), (), (), {MergeField.VISIBILITY}, {TITLE, PLACE, GUESTS}),
        ((TITLE,), (), (), {TITLE, MergeField.VISIBILITY}, {PLACE, GUESTS}),
        ((), (MergeField.VISIBILITY,), (), set(), {MergeField.VISIBILITY, TITLE, PLACE, GUESTS}),
        ((), (), (PLACE, MergeField.VISIBILITY), {MergeField.VISIBILITY}, {TITLE, GUESTS}),
        ((), (), (GUESTS,), {MergeField.VISIBILITY}, {TITLE, PLACE}),
    ],
    ids=["alone", "coming in anyway", "going out anyway", "not written there", "no guests"],
)
def test_what_is_shown_otherwise_goes_with_what_is_carried_anyway(
    otherwise, *, incoming, outgoing, not_out, goes_in, goes_out
):
    """A value that is carried anyway is carried as it is; what comes in is asked of nobody."""
    losers = (Loser(field=TITLE, side=HERE, value="x"),)
    merged = Merged(incoming=frozenset(incoming), outgoing=frozenset(outgoing), losers=losers)
    told = with_reshown(otherwise, merged, frozenset(not_out))
    assert (told.incoming, told.outgoing, told.losers) == (goes_in, goes_out, losers)


@pytest.mark.parametrize(("not_out", "goes_out"), [((), {GUESTS}), ((GUESTS,), set())])
def test_guests_google_lacks_go_out_once_they_may(sides, shown, not_out, goes_out):
    """Both sides agreed without them only because they could not go there."""
    here = replace(sides.view, attendees=(GUEST,))
    told = with_reshown(shown(here=here, agreed=here), Merged(), frozenset(not_out))
    assert (told.incoming, told.outgoing) == (set(), goes_out)


def test_why_such_a_write_is_made_is_named():
    """The journal keeps the word, and pages have a sentence for it."""
    assert OPTIONS == "options"


def test_a_new_time_of_a_date_is_shown_though_times_are_held_for_guests(sides, shown):
    """The person is asked about it; it does not vanish from the plan."""
    here, plain = of_series(sides.view, location="Room 1"), of_series(sides.view)
    plain = replace(plain, instances=())
    sight = shown(here=here, there=plain, agreed=plain)
    held = frozenset({MergeField.SCHEDULE})
    assert with_reshown(sight, Merged(), held).outgoing == {InstanceField(key=KEY)}


@pytest.mark.parametrize("renamed", [True, False])
def test_dates_under_another_schedule_are_left_alone(sides, shown, renamed):
    """Their names mean other moments by then; the item's own fields do not."""
    here = of_series(replace(sides.view, location="Room 1"), done=True, location="Room 1")
    there = replace(of_series(sides.view), instances=())
    sight = shown(here=here, there=there, agreed=there)
    named = replace(sight) if renamed else sight
    merged = Merged(aligned=Aligned(sight=named, leader=HERE))
    dates = set() if renamed else {InstanceField(key=KEY)}
    assert with_reshown(sight, merged, NOTHING).outgoing == {PLACE} | dates
