"""A series split off at Google: its calendar object goes on from that of the old one."""

from dataclasses import replace

import pytest

from bridge.convert import series_views
from bridge.convert.google_event import event_to_object
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.identifiers import Uid
from bridge.domain.sync_settings import PrivateEvents
from bridge.domain.view import Instance
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.split_off import Predecessor

ZONE = "Europe/Berlin"
SPLIT = "20260324T090000Z"
OWN = (
    "CATEGORIES:Call,Sales",
    "X-CRM-ACTIVITY-TYPE:call",
    "X-CRM-CATEGORY:Call",
    "CONTACT:Ada\\, Acme",
    "X-CRM-PERSON;X-CRM-ID=7:Ada",
    "X-CRM-ORGANIZATION;X-CRM-ID=8:Acme",
    "X-CRM-DEAL;X-CRM-ID=9:Big one",
    "X-PROGRAM;X-PARAMETER=1:its own",
    "PRIORITY:3",
    "URL:https://crm.example/activities/1",
    "CREATED:20250101T000000Z",
)
ALARM = "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER;RELATED=END:PT5M\r\nX-SOUND:Bell\r\nEND:VALARM\r\n"


def series(*lines, rule="RRULE:FREQ=WEEKLY;COUNT=8", component="VEVENT", overrides=()):
    """Return a weekly series of the CRM from 10 March 2026, 10 o'clock in Berlin."""
    times = (
        "DTSTART;TZID=Europe/Berlin:20260310T100000",
        "DTEND;TZID=Europe/Berlin:20260310T110000",
    )
    if component == "VTODO":
        times = (
            "DTSTART;TZID=Europe/Berlin:20260310T093000",
            "DUE;TZID=Europe/Berlin:20260310T100000",
        )
    stamp = "DTSTAMP:20260301T000000Z"
    master = _component(component, "UID:old", stamp, "SEQUENCE:4", *times, rule, *lines)
    more = "".join(_component(component, "UID:old", stamp, *each) for each in overrides)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{master}{more}END:VCALENDAR\r\n"
    return CalendarObject.parse(text)


def _component(name, *lines):
    inner = "".join(line if line.endswith("\n") else f"{line}\r\n" for line in lines)
    return f"BEGIN:{name}\r\n{inner}END:{name}\r\n"


def override(day, *lines, hour=10):
    """Return the lines of an instance in March 2026 that deviates."""
    return (
        f"RECURRENCE-ID;TZID=Europe/Berlin:202603{day}T100000",
        f"DTSTART;TZID=Europe/Berlin:202603{day}T{hour}0000",
        f"DTEND;TZID=Europe/Berlin:202603{day}T{hour + 1}0000",
        *lines,
    )


def google(hour=10, *, recurrence=("RRULE:FREQ=WEEKLY;COUNT=6",), exceptions=(), **fields):
    """Return Google's second half, from 24 March on."""

    def at(hour):
        return {"dateTime": f"2026-03-24T{hour:02}:00:00+01:00", "timeZone": ZONE}

    stamp = {"extendedProperties": {"private": {"crmdavUid": "old"}}}
    master = {"start": at(hour), "end": at(hour + 1), "summary": "Call Ada", **stamp, **fields}
    master |= {"updated": "2026-03-20T08:00:00Z"}
    if recurrence:
        master["recurrence"] = list(recurrence)
    return event_to_object([master, *exceptions], uid=Uid("g"), calendar_zone=ZONE)


@pytest.fixture
def lens(settings):
    """Return a function that makes the lens of a connection."""

    def make(**changes):
        return GoogleLens(settings=settings(**changes), types=STOCK_TYPES, calendar_zone=ZONE)

    return make


def going_on(lens, old, new, key=SPLIT, collection=""):
    """Return where the second half is made, and what."""
    before = Predecessor(object=old, key=key, collection=collection)
    return lens.new_for_calendar(new, uid=Uid("new"), before=before)


def test_all_that_google_does_not_know_is_taken_along(lens):
    """Type, links, alarms and what programs wrote; nothing that is of the old object alone."""
    where, made = going_on(lens(), series("SUMMARY:Call Ada", *OWN, ALARM), google(location="Here"))
    assert (where, made.uid, made.component) == ("activities", "new", "VEVENT")
    (head,) = made.members()
    for line in OWN[:9]:
        assert line in made.text, line
    assert "X-SOUND:Bell" in made.text
    assert head.value("X-CRM-CONTINUES") == "old"
    assert head.value("DTSTAMP") == "20260320T080000Z"
    assert [head.value(name) for name in ("CREATED", "URL", "X-CRM-ORIGIN")] == ["", "", ""]
    assert head.first("DTSTART").text == "DTSTART;TZID=Europe/Berlin:20260324T100000"
    assert head.value("RRULE") == "FREQ=WEEKLY;COUNT=6"
    assert head.value("LOCATION") == "Here"
    CalendarObject.parse(made.text)


@pytest.mark.parametrize("hour", [10, 14])
@pytest.mark.parametrize("recurrence", [("RRULE:FREQ=WEEKLY;COUNT=6",), ()])
@pytest.mark.parametrize("key", [SPLIT, ""])
def test_it_shows_what_google_shows(lens, hour, recurrence, key):
    """Whatever the old one said of its dates, before and behind the split."""
    old = series(
        "SUMMARY:Call Ada",
        "EXDATE;TZID=Europe/Berlin:20260317T100000,20260331T100000",
        "RDATE;TZID=Europe/Berlin:20260311T100000,20260401T100000",
        overrides=[
            override(10, "SUMMARY:First"),
            override(24, "SUMMARY:At the split", "X-CRM-DONE:TRUE"),
        ],
    )
    new = google(hour, recurrence=recurrence)
    _, made = going_on(lens(), old, new, key)
    assert lens().calendar_view(made) == lens().google_view(new)
    assert [each.value("UID") for each in made.members()] == ["new"]
    assert made.head().first("EXDATE") is None
    assert made.head().first("RDATE") is None


def test_an_override_that_google_took_along_keeps_what_only_the_crm_knows(lens):
    """By ordinal: the second date of the rest is the second one of the new series."""
    old = series(
        "SUMMARY:Call Ada", overrides=[override(31, "SUMMARY:Other", "X-ONLY:here", hour=12)]
    )
    start = {"dateTime": "2026-03-31T12:00:00+02:00", "timeZone": ZONE}
    end = {"dateTime": "2026-03-31T13:00:00+02:00", "timeZone": ZONE}
    original = {"dateTime": "2026-03-31T14:00:00+02:00", "timeZone": ZONE}
    exception = {"start": start, "end": end, "originalStartTime": original, "summary": "Other"}
    new = google(14, exceptions=[{"recurringEventId": "m", **exception}])
    _, made = going_on(lens(), old, new)
    _, other = made.members()
    assert (other.value("X-ONLY"), other.value("UID")) == ("here", "new")
    assert other.first("RECURRENCE-ID").text == "RECURRENCE-ID;TZID=Europe/Berlin:20260331T140000"
    assert lens().calendar_view(made) == lens().google_view(new)


def test_details_that_google_never_had_are_taken_along(lens):
    """A type of which Google gets times only: the second half is no activity called `Busy`."""
    chosen = lens(busy_only_types=frozenset({"call"}))
    old = series("SUMMARY:Call Ada", "LOCATION:Secret", *OWN)
    _, made = going_on(chosen, old, google(summary="Busy"))
    head = made.head()
    assert (head.value("SUMMARY"), head.value("LOCATION")) == ("Call Ada", "Secret")
    assert chosen.calendar_view(made).title == "Busy"


def test_a_template_is_taken_off_again(lens):
    """The old one says what stands around its subject."""
    chosen = lens(title_template="{subject} · {organization}")
    _, made = going_on(chosen, series("SUMMARY:Call Ada", *OWN), google(summary="Call Bob · Acme"))
    assert made.head().value("SUMMARY") == "Call Bob"
    assert "X-CRM-TITLE-TEMPLATE" not in made.text


def test_a_todo_goes_on_as_a_todo(lens):
    """In the calendar of the old one; DUE is where Google's event begins."""
    old = series("SUMMARY:Call Ada", component="VTODO")
    new = google(9, transparency="transparent")
    where, made = going_on(lens(), old, new, SPLIT, "tasks-2")
    assert (where, made.component) == ("tasks-2", "VTODO")
    assert made.head().first("DUE").text == "DUE;TZID=Europe/Berlin:20260324T090000"
    assert lens().calendar_view(made).schedule == lens().google_view(new).schedule
    assert going_on(lens(), old, new)[0] == "tasks"


@pytest.mark.parametrize(
    "old",
    [
        series("SUMMARY:Call Ada", "X-OLD:1", rule="COMMENT:single"),
        series("SUMMARY:Call Ada", "X-OLD:1", rule="RRULE:FREQ=MINUTELY"),
    ],
    ids=["single", "unsupported"],
)
def test_where_nothing_can_be_gone_on_from_it_is_an_event_like_others(lens, old):
    """What became a single event, or what Google cannot say."""
    new = google()
    where, made = going_on(lens(), old, new, collection="tasks")
    assert (where, made) == lens().new_for_calendar(new, uid=Uid("new"))


def test_a_floating_series_goes_on_floating(lens):
    """The old one named no zone; neither does what follows it."""
    text = series("SUMMARY:Call Ada").text.replace(";TZID=Europe/Berlin", "")
    _, made = going_on(lens(), CalendarObject.parse(text), google(11))
    assert made.head().first("DTSTART").text == "DTSTART:20260324T110000"


def test_details_of_a_private_half_do_not_come_in_with_it(lens):
    """`Do not sync`: of the second half only the times are known here."""
    chosen = lens(private_events=PrivateEvents.DO_NOT_SYNC)
    new = google(visibility="private", summary="Secret", location="Secret")
    _, made = going_on(chosen, series("SUMMARY:Call Ada", *OWN), new)
    assert "Secret" not in made.text


LATER = "20260331T080000Z"
"""The date after the split; the clocks went forward between them."""


def alarm(*lines):
    """Return an alarm that Google cannot have, with these lines."""
    inner = "".join(f"{line}\r\n" for line in lines)
    return f"BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT9M\r\n{inner}END:VALARM\r\n"


@pytest.mark.parametrize("hour", [10, 14])
@pytest.mark.parametrize("own", ["X-ONLY:here", alarm("X-SOUND:Bell")], ids=["line", "alarm"])
def test_an_override_that_google_dropped_keeps_what_only_the_crm_knows(lens, hour, own):
    """It shows no more than its series: what it showed before, Google let go."""
    there = override(31, "SUMMARY:Other", "LOCATION:There", own, hour=12)
    _, made = going_on(lens(), series("SUMMARY:Call Ada", overrides=[there]), google(hour))
    _, other = made.members()
    assert own.removeprefix("BEGIN:VALARM") in made.text
    assert (other.value("SUMMARY"), other.value("LOCATION")) == ("Call Ada", "")
    start = f"TZID=Europe/Berlin:20260331T{hour}0000"
    assert other.first("RECURRENCE-ID").text == f"RECURRENCE-ID;{start}"
    assert other.first("DTSTART").text == f"DTSTART;{start}"
    assert lens().calendar_view(made) == lens().google_view(google(hour))


@pytest.mark.parametrize(
    "own",
    [
        "LAST-MODIFIED:20260301T000000Z",
        "PRIORITY:3",
        ALARM,
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT20M\r\nEND:VALARM\r\n",
    ],
    ids=["version", "line of the series", "alarm of the series", "reminder"],
)
def test_an_override_that_google_dropped_and_that_has_nothing_of_its_own_goes(lens, own):
    """A date without anything of its own follows its series in every program."""
    there = override(31, "SUMMARY:Other", own, hour=12)
    old = series("SUMMARY:Call Ada", "PRIORITY:3", ALARM, overrides=[there])
    _, made = going_on(lens(), old, google())
    assert len(made.members()) == 1


def test_what_a_date_shows_beside_what_is_its_own_is_told_in_what_stays_of_it(lens):
    """A mark set afterwards stands in the override that was kept."""
    there = override(31, "SUMMARY:✓ Other", "X-CRM-DONE:TRUE", "X-ONLY:here", hour=12)
    _, made = going_on(lens(), series("SUMMARY:Call Ada", overrides=[there]), google())
    shown = lens().calendar_view(made)
    done = replace(series_views.plain_instance(shown, LATER), done=True)
    marked = lens().put_calendar(replace(shown, instances=(Instance(key=LATER, view=done),)), made)
    _, other = marked.members()
    assert (other.value("SUMMARY"), other.value("X-ONLY")) == ("✓ Call Ada", "here")


def test_a_put_otherwise_takes_an_override_back_as_a_whole(lens):
    """Where the series is the same, an exception that Google put back is none here."""
    there = override(31, "SUMMARY:Other", "X-ONLY:here", hour=12)
    old = series("SUMMARY:Call Ada", overrides=[there])
    plain = replace(lens().calendar_view(old), instances=())
    assert len(lens().put_calendar(plain, old).members()) == 1


def test_a_date_that_ceased_and_one_cancelled_here_are_not_kept(lens):
    """The new series is shorter, and its cancelled date is one again."""
    overrides = [
        override(31, "SUMMARY:Call Ada", "STATUS:CANCELLED", "X-ONLY:cancelled"),
        (
            "RECURRENCE-ID;TZID=Europe/Berlin:20260407T100000",
            "DTSTART;TZID=Europe/Berlin:20260407T120000",
            "DTEND;TZID=Europe/Berlin:20260407T130000",
            "SUMMARY:Other",
            "X-ONLY:gone",
        ),
    ]
    new = google(recurrence=("RRULE:FREQ=WEEKLY;COUNT=2",))
    _, made = going_on(lens(), series("SUMMARY:Call Ada", overrides=overrides), new)
    assert lens().calendar_view(made) == lens().google_view(new)
    assert len(made.members()) == 1


def test_an_old_series_that_cannot_be_read_is_gone_on_from_by_nothing(lens):
    """The new one is an event like others."""
    text = series("SUMMARY:Call Ada").text.replace("20260310T110000", "20261399T110000")
    odd = CalendarObject(uid=Uid("old"), component="VEVENT", text=text)
    new = google()
    assert going_on(lens(), odd, new) == lens().new_for_calendar(new, uid=Uid("new"))
