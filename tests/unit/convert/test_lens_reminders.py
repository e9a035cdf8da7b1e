"""Reminders between alarms and Google's overrides (feature D7)."""

from dataclasses import replace

import pytest

from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject


@pytest.fixture
def lens(settings):
    """Return the lens of a connection."""
    return GoogleLens(settings=settings(), types=STOCK_TYPES, calendar_zone="Europe/Prague")


@pytest.fixture
def item(object_text):
    """Return a function that makes an object with alarms, each a trigger or whole lines."""

    def make(*alarms, lines=(), component="VEVENT"):
        told = [a if isinstance(a, list) else alarm(a) for a in alarms]
        return CalendarObject.parse(
            object_text(*lines, *(line for each in told for line in each), component=component)
        )

    return make


def alarm(trigger, *lines, action="DISPLAY", name="TRIGGER"):
    """Return the lines of an alarm."""
    return ["BEGIN:VALARM", f"ACTION:{action}", f"{name}:{trigger}", *lines, "END:VALARM"]


def google(reminders):
    """Return Google's item of an event with these reminders."""
    event = {"id": "e", "start": {"date": "2026-03-10"}, "reminders": reminders}
    return event_to_object([event], uid="g-1", calendar_zone="Europe/Prague")


def own(*overrides):
    """Return reminders of an event's own: methods and minutes."""
    told = [{"method": method, "minutes": minutes} for method, minutes in overrides]
    return {"useDefault": False, **({"overrides": told} if told else {})}


@pytest.mark.parametrize(
    ("trigger", "minutes"),
    [("-PT10M", 10), ("PT0S", 0), ("-P1D", 1440), ("-P4W", 40320), ("-PT90S", 2), ("-PT15H", 900)],
)
def test_an_alarm_before_the_start_is_a_reminder(lens, item, trigger, minutes):
    """In minutes; parts of a minute ring rather too early than too late."""
    assert lens.calendar_view(item(trigger)).reminders == (minutes,)


@pytest.mark.parametrize(
    "lines",
    [
        alarm("19760401T005545Z"),
        alarm("20260310T080000Z", name="TRIGGER;VALUE=DATE-TIME"),
        alarm("PT5M"),
        alarm("-PT40321M"),
        alarm("-PT5M", name="TRIGGER;RELATED=END"),
        alarm("-PT5M", action="AUDIO"),
        alarm("-PT5M", action="PROCEDURE"),
        alarm("-PT5M", action="NONE"),
        alarm("-PT5M", "X-APPLE-DEFAULT-ALARM:TRUE"),
        ["BEGIN:VALARM", "ACTION:DISPLAY", "END:VALARM"],
    ],
)
def test_what_google_cannot_say_stays_in_the_calendar(lens, item, lines):
    """Neither shown at Google nor lost when reminders are chosen there."""
    odd = item(lines)
    view = lens.calendar_view(odd)
    assert view.reminders is None
    changed = lens.put_calendar(replace(view, reminders=(30,)), odd)
    assert lens.calendar_view(changed).reminders == (30,)
    assert "\r\n".join(lines) in changed.text
    emptied = lens.put_calendar(replace(view, reminders=()), changed)
    assert "\r\n".join(lines) in emptied.text
    assert emptied.text.count("BEGIN:VALARM") == 1


def test_google_has_the_five_nearest_to_the_start_and_a_sixth_stays_here(lens, item):
    """An edit at Google touches only the five it knows."""
    many = item(*(f"-PT{minutes}M" for minutes in (60, 5, 40, 10, 30, 20, 50)))
    view = lens.calendar_view(many)
    assert view.reminders == (5, 10, 20, 30, 40)
    changed = lens.put_calendar(replace(view, reminders=(5, 7)), many)
    assert lens.calendar_view(changed).reminders == (5, 7)
    for trigger in ("-PT50M", "-PT60M", "-PT5M", "-PT7M"):
        assert f"TRIGGER:{trigger}" in changed.text
    assert "TRIGGER:-PT10M" not in changed.text
    assert changed.text.count("X-CRM-AT-GOOGLE:FALSE") == 2


def test_default_reminders_and_none_at_all_are_two_things(lens, item):
    """No alarm means the calendar's default ones; a chosen `none` is remembered."""
    plain = item()
    assert lens.calendar_view(plain).reminders is None
    view = lens.google_view(google(own()))
    assert view.reminders == ()
    none = lens.put_calendar(replace(lens.calendar_view(plain), reminders=()), plain)
    assert "X-CRM-REMINDERS:OWN" in none.text
    assert lens.calendar_view(none).reminders == ()
    body = object_to_events(lens.new_for_google(none)).master
    assert body["reminders"] == {"useDefault": False, "overrides": []}
    assert "reminders" not in object_to_events(lens.new_for_google(plain)).master
    again = lens.put_calendar(replace(view, reminders=None), none)
    assert lens.calendar_view(again).reminders is None


def test_an_alarm_taken_away_in_a_client_leaves_none_and_not_the_default_ones(lens, item):
    """Where Google's reminders had come in."""
    had = lens.put_calendar(replace(lens.calendar_view(item()), reminders=(10,)), item())
    start, end = had.text.index("BEGIN:VALARM"), had.text.index("END:VALARM") + 12
    without = CalendarObject.parse(had.text[:start] + had.text[end:])
    assert lens.calendar_view(without).reminders == ()


def test_methods_stay_at_google(lens):
    """A mail stays a mail; what is new shows on the screen."""
    had = google(own(("email", 1440), ("popup", 10)))
    changed = lens.put_google(replace(lens.google_view(had), reminders=(5, 1440)), had)
    assert event_patches(had, changed).master["reminders"]["overrides"] == [
        {"method": "email", "minutes": 1440},
        {"method": "popup", "minutes": 5},
    ]


def test_two_methods_at_one_time_never_make_more_than_five(lens):
    """Google answers 400 to a sixth override."""
    had = google(own(("email", 10), ("popup", 10), ("email", 60)))
    view = replace(lens.google_view(had), reminders=(5, 10, 20, 30, 60))
    changed = lens.put_google(view, had)
    overrides = event_patches(had, changed).master["reminders"]["overrides"]
    assert sorted(o["minutes"] for o in overrides) == [5, 10, 20, 30, 60]
    assert {"method": "popup", "minutes": 10} in overrides


def test_the_way_back_to_default_reminders_names_no_overrides(lens):
    """Google merges what a patch says, and refuses both kinds at once."""
    had = google(own(("popup", 10)))
    changed = lens.put_google(replace(lens.google_view(had), reminders=None), had)
    assert event_patches(had, changed).master == {
        "reminders": {"useDefault": True, "overrides": []}
    }
    assert event_patches(changed, had).master["reminders"] == {
        "useDefault": False,
        "overrides": [{"method": "popup", "minutes": 10}],
    }


def test_a_mail_alarm_of_a_new_item_is_a_mail_at_google(lens, item):
    """Where nothing else rings at that time."""
    mailed = item(alarm("-P1D", action="EMAIL"), alarm("-PT5M", action="EMAIL"), "-PT5M")
    assert object_to_events(lens.new_for_google(mailed)).master["reminders"]["overrides"] == [
        {"method": "email", "minutes": 1440},
        {"method": "popup", "minutes": 5},
    ]


@pytest.mark.parametrize(
    ("lines", "trigger", "shown"),
    [
        (["DUE:20260310T100000Z"], "TRIGGER;RELATED=END", (15,)),
        (["DUE:20260310T100000Z"], "TRIGGER", (15,)),
        (["DTSTART:20260310T090000Z", "DUE:20260310T100000Z"], "TRIGGER;RELATED=END", (15,)),
        (["DTSTART:20260310T090000Z", "DUE:20260310T100000Z"], "TRIGGER", None),
        (["DTSTART:20260310T100000Z", "DUE:20260310T100000Z"], "TRIGGER", (15,)),
        (["DUE;VALUE=DATE:20260310"], "TRIGGER", (15,)),
    ],
)
def test_a_reminder_of_a_to_do_counts_from_where_google_shows_it(lens, item, lines, trigger, shown):
    """Contract section 6: an event from DUE on."""
    todo = item(alarm("-PT15M", name=trigger), lines=lines, component="VTODO")
    view = lens.calendar_view(todo)
    assert view.reminders == shown
    changed = lens.put_calendar(replace(view, reminders=(30,)), todo)
    assert lens.calendar_view(changed).reminders == (30,)


def test_reminders_come_in_with_a_new_event(lens):
    """As alarms that every program knows."""
    _, made = lens.new_for_calendar(google(own(("popup", 90), ("email", 2880))), uid="new")
    assert lens.calendar_view(made).reminders == (90, 2880)
    assert "TRIGGER:-PT1H30M" in made.text
    assert "TRIGGER:-P2D" in made.text


@pytest.mark.parametrize("odd", ["x", {"overrides": ["x"]}, {"overrides": [{"minutes": -1}]}])
def test_reminders_that_make_no_sense_are_said(odd):
    """Google never sends them; nothing is guessed."""
    with pytest.raises(ConversionError, match=r"reminders|reminder|minutes"):
        google(odd)
