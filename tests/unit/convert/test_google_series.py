"""Groups of Google events as calendar objects, and what is written of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.identifiers import Uid
from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import PrivateEvents
from bridge.domain.view import Instance, Visibility
from bridge.errors import ConversionError

ZONE = "Europe/Berlin"
FIRST, SECOND, THIRD = "20260310T090000Z", "20260317T090000Z", "20260324T090000Z"


def timed(day, hour=10, **fields):
    """Return an event resource of an hour, in March 2026."""

    def at(hour):
        offset = "+02:00" if day > 28 else "+01:00"
        return {"dateTime": f"2026-03-{day}T{hour}:00:00{offset}", "timeZone": ZONE}

    return {"start": at(hour), "end": at(hour + 1), **fields}


def exception(day, hour=10, **fields):
    """Return a changed instance of the weekly series."""
    own = timed(day)["start"]
    return timed(day, hour, recurringEventId="m", originalStartTime=own, **fields)


def cancelled(day):
    """Return what Google guarantees of a cancelled instance."""
    own = timed(day)["start"]
    return {"status": "cancelled", "recurringEventId": "m", "originalStartTime": own}


MASTER = timed(10, summary="Weekly", recurrence=["RRULE:FREQ=WEEKLY;WKST=MO;BYDAY=TU"])


@pytest.fixture
def lens(settings):
    """Return a function that makes the lens of a connection."""

    def make(**changes):
        return GoogleLens(settings=settings(**changes), types=STOCK_TYPES, calendar_zone=ZONE)

    return make


def item_of(*events):
    """Return Google's item of a group."""
    return event_to_object(events, uid=Uid("u"), calendar_zone=ZONE)


def told(view, **instances):
    """Return a view with these instances."""
    ordered = tuple(Instance(key=key, view=instances[key]) for key in sorted(instances))
    return replace(view, instances=ordered)


def at(view, key, hours=0, **fields):
    """Return what a view shows of an instance, so many hours later."""
    start = datetime.strptime(key, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) + timedelta(hours=hours)
    span = TimedSpan(start=start, end=start + timedelta(hours=1), zone=ZONE)
    schedule = replace(view.schedule, span=span, recurrence=())
    return replace(view, schedule=schedule, instances=(), **fields)


def test_a_single_event_is_one_body_and_no_instances():
    """A single event has no instances to write."""
    bodies = object_to_events(item_of(timed(10, summary="A")))
    assert bodies.master["summary"] == "A"
    assert not bodies.instances


def test_the_same_item_needs_no_patch():
    """Nothing to send is false."""
    single = item_of(timed(10, summary="A"))
    series = item_of(MASTER, exception(17, 12), cancelled(24))
    assert not event_patches(single, single)
    assert not event_patches(series, series)


def test_a_group_is_one_object_whatever_the_order_of_its_exceptions():
    """The same group gives the same text."""
    one = item_of(MASTER, exception(17, 12, summary="Moved"), cancelled(24))
    other = item_of(MASTER, cancelled(24), exception(17, 12, summary="Moved"))
    assert one == other
    ids = [member.value("RECURRENCE-ID") for member in one.members()]
    assert ids == ["", "20260317T100000", "20260324T100000"]
    assert one.members()[2].value("STATUS") == "CANCELLED"


def test_excluded_dates_and_cancelled_exceptions_are_told_apart_and_mean_the_same(lens):
    """By the text; the view has one word for both."""
    line = "EXDATE;TZID=Europe/Berlin:20260324T100000"
    excluded = item_of(MASTER | {"recurrence": [*MASTER["recurrence"], line]})
    called_off = item_of(MASTER, cancelled(24))
    assert excluded.text != called_off.text
    assert lens().google_view(excluded) == lens().google_view(called_off)
    assert lens().google_view(excluded).by_key() == {THIRD: None}


def test_an_all_day_series_has_dates_as_keys(lens):
    """Also where an exception tells a time."""
    master = {
        "start": {"date": "2026-03-10"},
        "end": {"date": "2026-03-11"},
        "recurrence": ["RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260312"],
    }
    moved = master | {"originalStartTime": {"date": "2026-03-11"}, "start": {"date": "2026-03-20"}}
    moved = moved | {"end": {"date": "2026-03-21"}, "recurrence": None}
    shown = lens().google_view(item_of(master, moved)).by_key()
    assert list(shown) == ["20260311", "20260312"]


def test_an_instance_without_its_master_is_a_single_event(lens):
    """The account is invited to one date of somebody's series."""
    item = item_of(exception(17, summary="Alone"))
    view = lens().google_view(item)
    assert (view.title, view.schedule.recurrence) == ("Alone", ())


def test_an_exception_that_only_repeats_its_master_is_no_deviation(lens):
    """Google cannot take an exception back: it stays, with the master's values."""
    assert lens().google_view(item_of(MASTER, exception(17, summary="Weekly"))).instances == ()


def test_an_exception_that_does_not_say_of_which_instance_it_is_is_named():
    """The field is Google's."""
    with pytest.raises(ConversionError) as caught:
        item_of(MASTER, timed(17, recurringEventId="m"))
    assert caught.value.property_name == "originalStartTime"


def test_a_series_is_inserted_with_its_cancelled_dates_and_patched_instances(lens):
    """Only what an instance has not from its master is patched."""
    view = lens().google_view(item_of(MASTER))
    view = told(view, **{SECOND: at(view, SECOND, 2, location="Hall"), THIRD: None})
    bodies = object_to_events(lens().put_google(view, item_of(MASTER)))
    assert bodies.master["recurrence"] == [
        "RRULE:FREQ=WEEKLY;WKST=MO;BYDAY=TU",
        "EXDATE;TZID=Europe/Berlin:20260324T100000",
    ]
    assert bodies.instances.keys() == {SECOND}
    assert bodies.instances[SECOND].keys() == {"start", "end", "location"}
    assert bodies.instances[SECOND]["start"]["dateTime"] == "2026-03-17T12:00:00+01:00"


def test_a_changed_instance_is_one_patch_of_what_changed(lens):
    """The master stays as it is."""
    base = item_of(MASTER, exception(17, 12, summary="Moved", location="Hall"))
    view = lens().google_view(base)
    wanted = told(view, **{SECOND: replace(view.by_key()[SECOND], title="Again")})
    patches = event_patches(base, lens().put_google(wanted, base))
    assert patches.master == {}
    assert patches.instances == {SECOND: {"summary": "Again"}}


@pytest.mark.parametrize("master_stays", [False, True])
def test_a_new_exception_does_not_show_what_its_master_is_changed_to(lens, master_stays):
    """The master is patched first, and what is no exception yet follows it."""
    base = item_of({**MASTER, "location": "Hall"})
    view = lens().google_view(base)
    later = at(view, SECOND, hours=2)
    wanted = told(replace(view, location="Roof"), **{SECOND: later})
    patches = event_patches(base, lens().put_google(wanted, base), master_stays=master_stays)
    assert patches.master == {"location": "Roof"}
    patch = patches.instances[SECOND]
    assert patch.get("location") == (None if master_stays else "Hall")


def test_an_instance_is_cancelled_by_its_status(lens):
    """The excluded dates of the series are not rewritten."""
    base = item_of(MASTER, exception(17, 12))
    view = told(lens().google_view(base), **{SECOND: None, THIRD: None})
    patches = event_patches(base, lens().put_google(view, base))
    assert patches.master == {}
    status = {"status": "cancelled"}
    assert patches.instances == {SECOND: status, THIRD: status}


def test_an_instance_that_is_taken_out_stays_so_if_its_status_says_the_same():
    """An insert says it in the rules; what it is compared with afterwards says it by a status."""
    wanted = item_of({**MASTER, "location": "Roof"}, cancelled(17))
    there = item_of({**MASTER, "recurrence": object_to_events(wanted).master["recurrence"]})
    patches = event_patches(there, wanted)
    assert patches.master == {"location": "Roof"}
    assert patches.instances == {}
    fourth = item_of({**MASTER, "recurrence": ["RRULE:FREQ=DAILY;WKST=MO"]}, cancelled(17))
    (rule, excluded) = event_patches(there, fourth).master["recurrence"]
    assert rule == "RRULE:FREQ=DAILY;WKST=MO"
    assert excluded == "EXDATE;TZID=Europe/Berlin:20260317T100000"


def test_a_cancelled_instance_that_comes_back_is_told_whole(lens):
    """Nothing is known of what it was."""
    base = item_of(MASTER, cancelled(17))
    patches = event_patches(base, lens().put_google(told(lens().google_view(base)), base))
    assert patches.master == {}
    body = patches.instances[SECOND]
    assert (body["status"], body["summary"]) == ("confirmed", "Weekly")
    assert body["start"]["dateTime"] == "2026-03-17T10:00:00+01:00"
    assert "visibility" not in body


def test_of_very_many_cancelled_dates_the_latest_are_excluded_and_the_others_cancelled():
    """Google takes no endless `recurrence`; each date is told of once, in one way or the other."""
    days = [datetime(2026, 3, 10, tzinfo=UTC) + timedelta(days=number) for number in range(250)]
    dates = [f"{day:%Y-%m-%d}" for day in days]
    master = {"start": {"date": dates[0]}, "end": {"date": dates[1]}, "summary": "Daily"}
    gone = [
        {"status": "cancelled", "recurringEventId": "m", "originalStartTime": {"date": date}}
        for date in dates[1:231]
    ]
    bodies = object_to_events(item_of({**master, "recurrence": ["RRULE:FREQ=DAILY"]}, *gone))
    rule, line = bodies.master["recurrence"]
    assert rule == "RRULE:FREQ=DAILY"
    excluded = line.removeprefix("EXDATE;VALUE=DATE:").split(",")
    assert excluded == [f"{day:%Y%m%d}" for day in days[131:231]]
    cancelled = {f"{day:%Y%m%d}": {"status": "cancelled"} for day in days[1:131]}
    assert bodies.instances == cancelled


def test_an_excluded_date_that_goes_rewrites_the_lines_of_the_series(lens):
    """Of several dates the others stay."""
    line = f"EXDATE:{SECOND},{THIRD}"
    base = item_of(MASTER | {"recurrence": [*MASTER["recurrence"], line]})
    view = told(lens().google_view(base), **{THIRD: None})
    patches = event_patches(base, lens().put_google(view, base))
    assert patches.master == {"recurrence": [MASTER["recurrence"][0], f"EXDATE:{THIRD}"]}
    assert not patches.instances


def test_an_exception_taken_back_gets_the_values_of_its_master(lens):
    """Google has no other way."""
    base = item_of(MASTER, exception(17, 12, summary="Moved", location="Hall"))
    patches = event_patches(base, lens().put_google(told(lens().google_view(base)), base))
    body = patches.instances[SECOND]
    assert (body["summary"], body["location"]) == ("Weekly", None)
    assert body["start"]["dateTime"] == "2026-03-17T10:00:00+01:00"


def test_a_series_renamed_renames_exceptions_that_were_plain(lens):
    """They would go on with the old title: exceptions inherit nothing."""
    base = item_of(MASTER, exception(17, summary="Weekly"), exception(24, summary="Special"))
    view = lens().google_view(base)
    patches = event_patches(base, lens().put_google(replace(view, title="New"), base))
    assert patches.master == {"summary": "New"}
    assert patches.instances == {SECOND: {"summary": "New"}}


def test_a_moved_series_tells_all_its_instances_anew(lens):
    """Google forgets exceptions whose original start is no longer one."""
    base = item_of(MASTER, exception(17, 12, summary="Moved"), cancelled(24))
    view = lens().google_view(base)
    start = datetime(2026, 3, 10, 10, tzinfo=UTC)
    span = TimedSpan(start=start, end=start + timedelta(hours=1), zone=ZONE)
    moved = replace(view, schedule=replace(view.schedule, span=span))
    second, third = SECOND.replace("T09", "T10"), THIRD.replace("T09", "T10")
    moved = told(moved, **{second: at(moved, second, 3, title="Moved"), third: None})
    patches = event_patches(base, lens().put_google(moved, base))
    assert patches.master.keys() == {"start", "end"}
    assert patches.instances[third] == {"status": "cancelled"}
    assert patches.instances[second]["summary"] == "Moved"
    assert patches.instances[second]["status"] == "confirmed"


def test_a_shorter_series_keeps_its_rule_lines_in_one_patch(lens):
    """UNTIL alone changes; the start is not told again."""
    base = item_of(MASTER)
    view = lens().google_view(base)
    rule = ("RRULE:FREQ=WEEKLY;UNTIL=20260401T000000Z;BYDAY=TU",)
    ended = replace(view, schedule=replace(view.schedule, recurrence=rule))
    patches = event_patches(base, lens().put_google(ended, base))
    assert patches.master == {"recurrence": list(rule)}


def test_a_series_becomes_a_single_event_and_back(lens):
    """Null ends the recurrence."""
    series, single = item_of(MASTER, exception(17, 12)), item_of(timed(10, summary="Weekly"))
    ended = lens().put_google(lens().google_view(single), series)
    assert event_patches(series, ended).master == {"recurrence": None}
    assert not event_patches(series, ended).instances
    begun = lens().put_google(lens().google_view(series), single)
    assert event_patches(single, begun).master["recurrence"] == ["RRULE:FREQ=WEEKLY;BYDAY=TU"]
    assert event_patches(single, begun).instances.keys() == {SECOND}


def test_one_private_exception_makes_googles_series_private(lens):
    """Google knows one visibility for all instances, and spreads the stricter one."""
    item = item_of(MASTER, exception(17, 12, visibility="private", summary="Secret"))
    view = lens().google_view(item)
    assert view.visibility is Visibility.PRIVATE
    masked = lens(private_events=PrivateEvents.DO_NOT_SYNC).google_view(item)
    assert masked.by_key()[SECOND].title == "Busy"
    assert lens().put_google(view, item) is item


@pytest.mark.parametrize("hours", [0, 2])
def test_a_series_stays_private_when_the_private_date_goes(lens, hours):
    """Whoever cancels that date in the CRM, or moves the series, shows nobody the others."""
    base = item_of(MASTER, exception(17, visibility="private"), exception(24, 12))
    view = lens().google_view(base)
    span = replace(
        view.schedule.span,
        start=view.schedule.span.start + timedelta(hours=hours),
        end=view.schedule.span.end + timedelta(hours=hours),
    )
    moved = told(replace(view, schedule=replace(view.schedule, span=span)))
    wanted = moved if hours else told(view, **(dict(view.by_key()) | {SECOND: None}))
    written = lens().put_google(wanted, base)
    assert lens().google_view(written) == wanted
    assert event_patches(base, written).master["visibility"] == "private"


def test_a_private_date_is_told_anew_as_private_where_google_may_have_forgotten_it(lens):
    """A series of another rule still has it; made again there, it would be as open as the rest."""
    base = item_of(MASTER, exception(17, 12, visibility="private"))
    view = lens().google_view(base)
    rarer = replace(view.schedule, recurrence=("RRULE:FREQ=DAILY",))
    written = lens().put_google(replace(view, schedule=rarer), base)
    assert event_patches(base, written).instances[SECOND]["visibility"] == "private"


def test_a_visibility_is_told_to_the_series_and_to_its_exceptions(lens):
    """The rules for a laxer one are Google's."""
    base = item_of(MASTER, exception(17, 12))
    view = lens().google_view(base)
    shown = {
        key: replace(each, visibility=Visibility.PRIVATE) for key, each in view.by_key().items()
    }
    hidden = told(replace(view, visibility=Visibility.PRIVATE), **shown)
    patches = event_patches(base, lens().put_google(hidden, base))
    assert patches.master == {"visibility": "private"}
    assert patches.instances == {SECOND: {"visibility": "private"}}


def test_a_masked_series_takes_times_only_and_loses_no_detail(lens):
    """`Do not sync`: not even of exceptions that differ in details alone."""
    hidden = MASTER | {"visibility": "private"}
    base = item_of(hidden, exception(17, visibility="private", summary="Secret"), cancelled(24))
    guarded = lens(private_events=PrivateEvents.DO_NOT_SYNC)
    view = guarded.google_view(base)
    assert view.by_key() == {THIRD: None}
    wanted = told(view, **{SECOND: at(view, SECOND, 2, title="Guess"), THIRD: None})
    patches = event_patches(base, guarded.put_google(wanted, base))
    assert patches.master == {}
    assert patches.instances.keys() == {SECOND}
    assert patches.instances[SECOND].keys() == {"start", "end"}
    assert not event_patches(base, guarded.put_google(view, base))


def test_a_series_from_google_becomes_an_object_with_overrides(lens):
    """Of the incoming type; cancelled ones are excluded dates there."""
    item = item_of(MASTER, exception(17, 12, summary="✓ Moved"), cancelled(24))
    collection, made = lens().new_for_calendar(item, uid=Uid("new"))
    assert collection == "activities"
    assert lens().calendar_view(made) == lens().google_view(item)
    master, moved = made.members()
    assert master.first("EXDATE").text == "EXDATE;TZID=Europe/Berlin:20260324T100000"
    assert moved.value("X-CRM-DONE") == "TRUE"
    assert moved.value("X-CRM-ACTIVITY-TYPE") == "meeting"


def test_a_series_from_google_becomes_a_recurring_todo(lens):
    """DTSTART and DUE are its start; a mark on the whole is left out."""
    item = item_of(MASTER | {"summary": "✓ Weekly"}, exception(17, summary="✓ Weekly"))
    _, made = lens(incoming_type="task").new_for_calendar(item, uid=Uid("new"))
    master = made.head()
    assert master.value("DTSTART") == master.value("DUE")
    assert master.value("STATUS") == "NEEDS-ACTION"
    view = lens().calendar_view(made)
    assert replace(view, done=True, busy=True, instances=()) == lens().google_view(item)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["RRULE:FREQ=MINUTELY"], "series-frequency"),
        (["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"], "series-rules"),
        (["RDATE;VALUE=DATE:20260312"], "series-dates"),
    ],
)
def test_what_we_cannot_say_of_googles_series_is_left_out(lens, lines, reason):
    """Should Google ever have it; nothing is written over it."""
    item = item_of(MASTER | {"recurrence": lines})
    assert lens().google_facts(item).unsupported == reason
    assert lens().google_view(item) is None
    view = lens().google_view(item_of(MASTER))
    assert lens().put_google(view, item) is item
