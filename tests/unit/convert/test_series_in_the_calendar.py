"""Series of the calendar as Google shows them, and edits at Google put into them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.convert import series_views
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.sync_settings import PrivateEvents
from bridge.domain.view import Instance, Visibility
from bridge.ical.calendar_object import CalendarObject

ZONE = "Europe/Prague"
WEEKLY = (
    "SUMMARY:Weekly",
    "DTSTART;TZID=Europe/Prague:20260310T100000",
    "DTEND;TZID=Europe/Prague:20260310T110000",
    "RRULE:FREQ=WEEKLY",
    "SEQUENCE:3",
)
SECOND, THIRD, AFTER_DST = "20260317T090000Z", "20260324T090000Z", "20260331T080000Z"


@pytest.fixture
def lens(settings):
    """Return a function that makes the lens of a connection."""

    def make(**changes):
        return GoogleLens(
            settings=settings(**changes), types=STOCK_TYPES, calendar_zone="Europe/Berlin"
        )

    return make


def series(*members, component="VEVENT"):
    """Return an object of these members, each a list of lines."""
    parts = "".join(
        f"BEGIN:{component}\r\nUID:s\r\nDTSTAMP:20260101T000000Z\r\n"
        + "".join(f"{line}\r\n" for line in lines)
        + f"END:{component}\r\n"
        for lines in members
    )
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{parts}END:VCALENDAR\r\n"
    return CalendarObject.parse(text)


def override(*lines, day="20260317", at="T100000"):
    """Return the lines of an override of the weekly series."""
    return (
        f"RECURRENCE-ID;TZID=Europe/Prague:{day}T100000",
        f"DTSTART;TZID=Europe/Prague:{day}{at}",
        *lines,
    )


def changed(view, key, **fields):
    """Return a view with one instance that deviates in these fields; with none it is cancelled."""
    told = dict(view.by_key())
    if fields:
        start = datetime.strptime(key, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        span = TimedSpan(start=start, end=start + view.schedule.span.duration, zone=ZONE)
        plain = replace(view, schedule=replace(view.schedule, span=span, recurrence=()))
        told[key] = replace(told.get(key) or plain, instances=(), **fields)
    else:
        told[key] = None
    return replace(view, instances=tuple(Instance(key=k, view=told[k]) for k in sorted(told)))


def shown_at(view, hour, day=17):
    """Return a schedule at another hour of a day in March, in UTC."""
    start = datetime(2026, 3, day, hour, tzinfo=UTC)
    span = TimedSpan(start=start, end=start + timedelta(hours=1), zone=ZONE)
    return replace(view.schedule, span=span, recurrence=())


def test_rules_are_compared_without_what_google_rewrites(lens):
    """Order of parts, defaults, WKST without effect, plus signs, UNTIL on the clock of the zone."""
    google = "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260630T080000Z;BYDAY=TH,TU"
    ours = "RRULE:BYDAY=TU,TH;INTERVAL=1;FREQ=WEEKLY;WKST=SU;UNTIL=20260630T100000"
    views = [lens().calendar_view(series([*WEEKLY[:3], rule])) for rule in (google, ours)]
    assert views[0] == views[1]
    assert views[0].schedule.recurrence == ("RRULE:FREQ=WEEKLY;UNTIL=20260630T080000Z;BYDAY=TH,TU",)


def test_a_day_as_the_end_of_a_timed_series_counts_to_the_end_of_that_day(lens):
    """In the zone of the series."""
    rule = "RRULE:FREQ=DAILY;UNTIL=20260630"
    view = lens().calendar_view(series([*WEEKLY[:3], rule]))
    assert view.schedule.recurrence == ("RRULE:FREQ=DAILY;UNTIL=20260630T215959Z",)


def test_further_dates_are_told_as_instants(lens):
    """In one line, whatever zone they were written in; a period of the series' length is a date."""
    lines = (
        "RDATE;TZID=America/New_York:20260312T050000",
        "RDATE;VALUE=PERIOD:20260311T090000Z/PT1H",
    )
    view = lens().calendar_view(series([*WEEKLY[:3], *lines]))
    assert view.schedule.recurrence == ("RDATE:20260311T090000Z,20260312T090000Z",)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["RRULE:FREQ=HOURLY"], "series-frequency"),
        (["RRULE:FREQ=DAILY;BYHOUR=9,10"], "series-frequency"),
        (["RRULE:FREQ=DAILY;BYHOUR=9"], "series-rule"),
        (["RRULE:FREQ=DAILY;BYMINUTE=x"], "series-rule"),
        (["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"], "series-rules"),
        (["RRULE:FREQ=MONTHLY;SKIP=OMIT;RSCALE=GREGORIAN"], "series-rule"),
        (["RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260401T000000Z"], "series-rule"),
        (["RRULE:FREQ=MONTHLY;BYDAY=XX"], "series-rule"),
        (["RDATE;VALUE=PERIOD:20260311T090000Z/PT2H"], "series-dates"),
        (["RDATE;VALUE=DATE:20260311"], "series-dates"),
    ],
)
def test_what_google_cannot_say_is_left_out_with_its_reason(lens, lines, reason):
    """Neither shown nor touched."""
    item = series([*WEEKLY[:3], *lines])
    assert lens().calendar_facts(item).unsupported == reason
    assert lens().calendar_view(item) is None
    other = lens().calendar_view(series(WEEKLY))
    assert lens().put_calendar(other, item) is item


TIMES = "BYHOUR=10;BYMINUTE=00;BYSECOND=0"


def test_times_of_a_rule_that_are_those_of_its_start_say_nothing(lens):
    """Google takes no BYHOUR; in the text they stay until the series is moved."""
    item = series([*WEEKLY[:3], f"RRULE:FREQ=WEEKLY;{TIMES}"])
    view = lens().calendar_view(item)
    assert view == lens().calendar_view(series(WEEKLY))
    assert "BYHOUR" not in lens().new_for_google(item).text
    renamed = lens().put_calendar(replace(view, title="Other"), item)
    assert renamed.head().value("RRULE").endswith(TIMES)
    later = moved_by(view, 2, ())
    moved = lens().put_calendar(later, item)
    assert moved.head().value("RRULE") == "FREQ=WEEKLY"
    assert lens().calendar_view(moved) == later


def test_times_of_a_rule_of_whole_days_mean_nothing(lens):
    """RFC 5545 section 3.3.10."""
    item = series(["DTSTART;VALUE=DATE:20260310", f"RRULE:FREQ=DAILY;{TIMES}"])
    assert lens().calendar_view(item).schedule.recurrence == ("RRULE:FREQ=DAILY",)


def test_overrides_of_all_later_instances_have_no_counterpart(lens):
    """RANGE=THISANDFUTURE."""
    later = [line.replace("ID;", "ID;RANGE=THISANDFUTURE;") for line in override()]
    assert lens().calendar_facts(series(WEEKLY, later)).unsupported == "series-range"


def test_overrides_without_a_master_are_left_out(lens):
    """An invitation to one instance of somebody's series."""
    item = series(override("SUMMARY:Alone"))
    assert lens().calendar_facts(item).unsupported == "series-without-master"
    assert lens().calendar_view(item) is None


def test_a_zone_that_keeps_no_known_ones_time_is_left_out(lens):
    """A definition of half an hour beside any zone; one that Windows names is known."""
    plain = series(["DTSTART;TZID=Europe/Prague:20260310T100000", "RRULE:FREQ=DAILY"])
    odd = plain.text.replace("TZID=Europe/Prague", "TZID=Mine").replace(
        "BEGIN:VEVENT",
        "BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0017\r\nTZOFFSETTO:+0017\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT",
    )
    assert lens().calendar_facts(CalendarObject.parse(odd)).unsupported == "series-zone"
    windows = series(["DTSTART;TZID=W. Europe Standard Time:20260310T100000", "RRULE:FREQ=DAILY"])
    assert lens().calendar_view(windows).schedule.span.zone == "Europe/Berlin"


def test_deviating_instances_are_told_and_no_others(lens):
    """A moved one, a cancelled one by EXDATE or STATUS; not one that only repeats the master."""
    same = override("DTEND;TZID=Europe/Prague:20260407T110000", "SUMMARY:Weekly", day="20260407")
    item = series(
        [*WEEKLY, "EXDATE;TZID=Europe/Prague:20260324T100000,20260325T100000"],
        override("SUMMARY:✓ Moved", at="T120000"),
        override("STATUS:CANCELLED", day="20260331"),
        same,
        override("SUMMARY:never there", day="20260408"),
    )
    shown = lens().calendar_view(item).by_key()
    assert set(shown) == {SECOND, THIRD, AFTER_DST}
    assert shown[THIRD] is None
    assert shown[AFTER_DST] is None
    assert (shown[SECOND].title, shown[SECOND].done) == ("Moved", True)
    assert shown[SECOND].schedule.span.start == datetime(2026, 3, 17, 11, tzinfo=UTC)


def test_excluded_dates_count_more_than_overrides(lens):
    """As the server expands them."""
    item = series([*WEEKLY, f"EXDATE:{SECOND}"], override("SUMMARY:Moved"))
    assert lens().calendar_view(item).by_key() == {SECOND: None}


def test_a_cancelled_instance_becomes_an_excluded_date(lens):
    """All else stays byte for byte; the schedule of the series has changed."""
    item = series([*WEEKLY, f"EXDATE:{THIRD}", "X-MINE:1"])
    view = changed(lens().calendar_view(item), SECOND)
    written = lens().put_calendar(view, item)
    added = "EXDATE;TZID=Europe/Prague:20260317T100000\r\n"
    head = written.text[written.head().start : written.head().end]
    expected = item.text[item.head().start : item.head().end]
    expected = expected.replace("X-MINE:1\r\n", f"X-MINE:1\r\n{added}")
    assert head == expected.replace("SEQUENCE:3", "SEQUENCE:4")


def test_an_instance_that_comes_back_leaves_the_other_excluded_dates(lens):
    """Of one line one value goes, of another the whole line."""
    item = series([*WEEKLY, f"EXDATE:{SECOND},{THIRD}", f"EXDATE:{AFTER_DST}"])
    view = replace(lens().calendar_view(item), instances=(Instance(key=THIRD),))
    written = lens().put_calendar(view, item)
    assert [line.value for line in written.head().all("EXDATE")] == [THIRD]


def test_a_changed_instance_becomes_an_override_with_all_the_master_has(lens):
    """Alarms, categories and links to the CRM are in it, rules are not."""
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT10M\r\nEND:VALARM"
    item = series([*WEEKLY, "X-CRM-DEAL;X-CRM-ID=1:Big", "CATEGORIES:Call", alarm])
    view = lens().calendar_view(item)
    view = changed(view, SECOND, title="Other", schedule=shown_at(view, 12))
    written = lens().put_calendar(view, item)
    master, made = written.members()
    assert item.text[item.head().start : item.head().end] == written.text[master.start : master.end]
    assert made.first("RECURRENCE-ID").text.endswith("Prague:20260317T100000")
    assert made.first("DTSTART").text.endswith("Prague:20260317T130000")
    assert made.value("SUMMARY") == "Other"
    assert made.value("X-CRM-DEAL") == "Big"
    assert made.value("SEQUENCE") == "4"
    assert [part.name for part in made.components] == ["VALARM"]
    assert made.first("RRULE") is None


def test_an_override_is_patched_in_place(lens):
    """What Google does not know of it stays."""
    item = series(WEEKLY, override("SUMMARY:Old", "X-CRM-PERSON;X-CRM-ID=7:Ada", "X-MINE:1"))
    view = changed(lens(contact_information=False).calendar_view(item), SECOND, title="New")
    written = lens(contact_information=False).put_calendar(view, item)
    assert written.text == item.text.replace("SUMMARY:Old", "SUMMARY:New")


def test_an_override_taken_back_goes(lens):
    """The instance follows the rule again."""
    item = series(WEEKLY, override("SUMMARY:Moved"))
    view = replace(lens().calendar_view(item), instances=())
    assert lens().put_calendar(view, item).text == series(WEEKLY).text


def test_a_cancelled_instance_takes_its_override_along(lens):
    """And becomes an excluded date."""
    item = series(WEEKLY, override("SUMMARY:Moved"))
    written = lens().put_calendar(changed(lens().calendar_view(item), SECOND), item)
    assert len(written.members()) == 1
    assert lens().calendar_view(written).by_key() == {SECOND: None}


def test_an_override_that_said_no_more_than_the_master_goes_on_doing_so(lens):
    """Only its alarms were its own."""
    same = override("DTEND;TZID=Europe/Prague:20260317T110000", "SUMMARY:Weekly", "X-MINE:1")
    item = series(WEEKLY, same)
    view = lens().calendar_view(item)
    assert view.instances == ()
    written = lens().put_calendar(replace(view, title="Renamed"), item)
    assert [member.value("SUMMARY") for member in written.members()] == ["Renamed", "Renamed"]
    assert written.members()[1].value("X-MINE") == "1"


def test_a_moved_series_has_the_instances_of_the_view_and_no_others(lens):
    """Overrides and excluded dates of instances that are no longer go."""
    item = series([*WEEKLY, f"EXDATE:{THIRD}"], override("SUMMARY:Moved"))
    view = lens().calendar_view(item)
    start = datetime(2026, 3, 10, 14, tzinfo=UTC)
    span = TimedSpan(start=start, end=start + timedelta(hours=1), zone=ZONE)
    moved = replace(view, schedule=replace(view.schedule, span=span), instances=())
    moved = replace(moved, instances=(Instance(key="20260324T140000Z"),))
    written = lens().put_calendar(moved, item)
    assert lens().calendar_view(written) == moved
    assert len(written.members()) == 1
    assert [line.text for line in written.head().all("EXDATE")] == [
        "EXDATE;TZID=Europe/Prague:20260324T150000"
    ]
    assert written.head().value("SEQUENCE") == "4"


def test_a_series_that_ends_is_a_single_event(lens):
    """Rules, excluded dates and overrides go."""
    item = series([*WEEKLY, f"EXDATE:{THIRD}"], override("SUMMARY:Moved"))
    view = lens().calendar_view(item)
    single = replace(view, schedule=replace(view.schedule, recurrence=()), instances=())
    written = lens().put_calendar(single, item)
    assert written.text == series([*WEEKLY[:3], "SEQUENCE:4"]).text


def test_a_single_event_becomes_a_series(lens):
    """With what its instances are."""
    item = series(WEEKLY[:3])
    view = changed(lens().calendar_view(series(WEEKLY)), SECOND)
    written = lens().put_calendar(view, item)
    assert lens().calendar_view(written) == view
    assert written.head().value("RRULE") == "FREQ=WEEKLY"


def test_a_floating_series_is_read_in_googles_zone_and_stays_floating(lens):
    """Also its further lines."""
    item = series(["DTSTART:20260310T100000", "RRULE:FREQ=DAILY;UNTIL=20260401T100000"])
    view = lens().calendar_view(item)
    assert view.schedule.span.zone == "Europe/Berlin"
    later = replace(
        view.schedule,
        span=TimedSpan(
            start=datetime(2026, 3, 10, 10, tzinfo=UTC),
            end=datetime(2026, 3, 10, 10, tzinfo=UTC),
            zone="Europe/Berlin",
        ),
        recurrence=("RRULE:FREQ=DAILY;UNTIL=20260402T090000Z",),
    )
    moved = replace(view, schedule=later, instances=(Instance(key="20260312T100000Z"),))
    written = lens().put_calendar(moved, item)
    assert "TZID" not in written.text
    assert written.head().value("DTSTART") == "20260310T110000"
    assert written.head().value("RRULE") == "FREQ=DAILY;UNTIL=20260402T110000"
    assert written.head().value("EXDATE") == "20260312T110000"
    assert lens().calendar_view(written) == moved


def test_an_all_day_series_is_told_in_days(lens):
    """Keys, UNTIL and overrides are dates; a time as UNTIL counts by its day."""
    item = series(
        ["DTSTART;VALUE=DATE:20260310", "RRULE:FREQ=DAILY;UNTIL=20260320T225959Z"],
        ["RECURRENCE-ID;VALUE=DATE:20260312", "DTSTART;VALUE=DATE:20260313", "SUMMARY:x"],
    )
    view = lens().calendar_view(item)
    assert view.schedule.recurrence == ("RRULE:FREQ=DAILY;UNTIL=20260320",)
    (only,) = view.instances
    assert only.key == "20260312"
    assert only.view.schedule.span == AllDaySpan(start=date(2026, 3, 13), end=date(2026, 3, 14))
    written = lens().put_calendar(
        replace(view, instances=(*view.instances, Instance(key="20260315"))), item
    )
    assert written.head().first("EXDATE").text == "EXDATE;VALUE=DATE:20260315"


def test_a_mark_on_a_whole_series_is_refused(lens):
    """Done belongs to the instances (contract, section 6)."""
    item = series(WEEKLY)
    view = lens().calendar_view(item)
    assert lens().put_calendar(replace(view, done=True), item) is item
    written = lens().put_calendar(changed(view, SECOND, done=True), item)
    assert written.members()[1].value("SUMMARY") == "✓ Weekly"
    assert written.members()[1].value("X-CRM-DONE") == "TRUE"


def test_a_refused_mark_makes_no_override_even_where_a_stray_one_goes(lens):
    """Of a busy block nothing but times comes back."""
    chosen = lens(busy_only_types=frozenset({"meeting"}))
    item = series(WEEKLY[1:3], override("SUMMARY:Stray"))
    view = chosen.calendar_view(series(WEEKLY))
    written = chosen.put_calendar(changed(view, SECOND, done=True), item)
    assert len(written.members()) == 1
    assert chosen.put_calendar(chosen.calendar_view(written), item).text == written.text


def test_a_title_that_begins_like_a_mark_is_told_apart_in_each_instance(lens):
    """U+200B stands before it."""
    item = series(WEEKLY)
    view = changed(lens().calendar_view(item), SECOND, title="✓ list")
    written = lens().put_calendar(view, item)
    assert written.members()[1].text("SUMMARY") == "\u200b✓ list"
    assert lens().calendar_view(written) == view


def test_a_recurring_todo_is_shown_from_its_due_time_on(lens):
    """Its recurrence ids count from DTSTART, those of Google from DUE; UNTIL moves along."""
    item = series(
        [
            "DTSTART:20260310T080000Z", "DUE:20260310T093000Z",
            "RRULE:FREQ=DAILY;UNTIL=20260320T080000Z", "EXDATE:20260312T080000Z",
        ],
        ["RECURRENCE-ID:20260311T080000Z", "DTSTART:20260311T080000Z", "DUE:20260311T093000Z",
         "STATUS:COMPLETED"],
        component="VTODO",
    )  # fmt: skip
    view = lens().calendar_view(item)
    assert view.schedule.recurrence == ("RRULE:FREQ=DAILY;UNTIL=20260320T093000Z",)
    assert view.schedule.span.start == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    shown = view.by_key()
    assert shown["20260312T093000Z"] is None
    assert shown["20260311T093000Z"].done
    written = lens().put_calendar(
        replace(view, instances=(*view.instances, Instance(key="20260315T093000Z"))), item
    )
    assert "EXDATE:20260315T080000Z" in written.text


@pytest.mark.parametrize(
    "due",
    ["DUE:20260311T093000Z", "DUE;TZID=Europe/Prague:20260310T120000", "DUE;VALUE=DATE:20260310"],
)
def test_a_recurring_todo_due_on_another_day_or_clock_is_left_out(lens, due):
    """Its rules would have other days."""
    lines = ["DTSTART:20260310T080000Z", due, "RRULE:FREQ=WEEKLY;BYDAY=TU"]
    item = series(lines, component="VTODO")
    assert lens().calendar_facts(item).unsupported == "series-to-do"


@pytest.mark.parametrize("rule", ["RRULE:FREQ=DAILY", "RRULE:FREQ=HOURLY"])
def test_a_recurring_todo_without_due_is_undated_whatever_its_rule(lens, rule):
    """It has no view, and nothing else is said against it (contract, section 6)."""
    item = series(["DTSTART:20260310T080000Z", rule], component="VTODO")
    assert lens().calendar_view(item) is None
    assert lens().calendar_facts(item).unsupported == ""


def test_a_recurring_todo_that_gets_longer_than_its_day_stays_one(lens):
    """It begins when it is due then, as an incoming one does."""
    lines = ["DTSTART:20260310T080000Z", "DUE:20260310T093000Z", "RRULE:FREQ=DAILY"]
    item = series(lines, component="VTODO")
    view = lens().calendar_view(item)
    span = view.schedule.span
    long = replace(span, end=span.start + timedelta(hours=30))
    written = lens().put_calendar(replace(view, schedule=replace(view.schedule, span=long)), item)
    assert written.head().value("DTSTART") == written.head().value("DUE") == "20260310T093000Z"
    assert lens().calendar_view(written).schedule.span == long


def test_a_private_override_hides_only_itself(lens):
    """Google knows one visibility for a series: only the time of the instance is shown."""
    item = series(WEEKLY, override("SUMMARY:Secret", "LOCATION:x", "CLASS:PRIVATE", at="T120000"))
    view = lens().calendar_view(item)
    shown = view.by_key()[SECOND]
    assert (shown.title, shown.location) == ("Busy", "")
    assert shown.visibility is view.visibility is Visibility.DEFAULT
    for private in PrivateEvents:
        made = lens(private_events=private).new_for_google(item)
        assert "Secret" not in made.text
        assert "LOCATION" not in made.text


def test_an_edit_at_google_leaves_the_details_of_a_private_override(lens):
    """Only its time comes back."""
    item = series(WEEKLY, override("SUMMARY:Secret", "CLASS:PRIVATE"))
    view = lens().calendar_view(item)
    edited = changed(view, SECOND, title="Guessed", schedule=shown_at(view, 15))
    written = lens().put_calendar(edited, item)
    assert written.members()[1].value("SUMMARY") == "Secret"
    assert lens().calendar_view(written).by_key()[SECOND].schedule == shown_at(view, 15)


def test_a_series_made_private_at_google_is_private_in_all_its_overrides(lens):
    """So that none shows what the series hides."""
    item = series(WEEKLY, override("SUMMARY:Other"))
    view = lens().calendar_view(item)
    hidden = replace(view.by_key()[SECOND], visibility=Visibility.PRIVATE)
    wanted = replace(
        view,
        visibility=Visibility.PRIVATE,
        instances=(Instance(key=SECOND, view=hidden),),
    )
    written = lens().put_calendar(wanted, item)
    assert [member.value("CLASS") for member in written.members()] == ["PRIVATE", "PRIVATE"]
    assert lens().calendar_view(written) == wanted


def test_the_contact_block_is_that_of_each_component(lens):
    """An override may be about somebody else."""
    item = series(
        [*WEEKLY, "CONTACT:Ada", "X-CRM-PERSON;X-CRM-ID=1:Ada"],
        override("SUMMARY:Weekly", "CONTACT:Bob", "X-CRM-PERSON;X-CRM-ID=2:Bob"),
    )
    view = lens(contact_information=True).calendar_view(item)
    assert "Ada" in view.description
    assert "Bob" in view.by_key()[SECOND].description
    assert lens(contact_information=True).put_calendar(view, item) is item


def test_a_recurrence_that_means_nothing_is_not_taken(lens):
    """The rest of the view is."""
    item = series(WEEKLY)
    view = lens().calendar_view(item)
    odd = replace(view, title="New", schedule=replace(view.schedule, recurrence=("RRULE:FREQ=X",)))
    assert lens().put_calendar(odd, item).text == item.text.replace("Weekly", "New")


def moved_by(view, hours, instances):
    """Return a view of the series so many hours later, with these instances."""
    span = view.schedule.span
    later = timedelta(hours=hours)
    span = replace(span, start=span.start + later, end=span.end + later)
    return replace(view, schedule=replace(view.schedule, span=span), instances=instances)


def test_a_moved_series_takes_along_what_only_the_crm_knows_of_its_overrides(lens):
    """They go by ordinal, as their instances in the view do."""
    item = series(WEEKLY, override("SUMMARY:Other", "X-CRM-DEAL;X-CRM-ID=7:Big", "X-MINE:1"))
    view = lens(contact_information=False).calendar_view(item)
    key = "20260317T110000Z"
    shown = replace(view.by_key()[SECOND], schedule=shown_at(view, 11))
    wanted = moved_by(view, 2, (Instance(key=key, view=shown),))
    written = lens(contact_information=False).put_calendar(wanted, item)
    assert lens(contact_information=False).calendar_view(written) == wanted
    _, made = written.members()
    assert made.value("X-MINE") == "1"
    assert made.value("X-CRM-DEAL") == "Big"
    assert made.first("RECURRENCE-ID").value == "20260317T120000"


ALARM = (
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "DESCRIPTION:x",
    "X-MINE:1",
    "TRIGGER:-PT7M",
    "END:VALARM",
)


@pytest.mark.parametrize(
    "own",
    [
        ("X-CRM-PERSON;X-CRM-ID=2:Bob", "X-MINE:1"),
        ("ATTENDEE;X-MINE=1;CN=Bea:mailto:bea@x.example",),
        ALARM,
    ],
)
def test_lines_of_an_override_come_along_when_the_series_is_moved(lens, own):
    """Also of one that shows no more at Google than its series does."""
    chosen = lens(contact_information=False, guests_out=True)
    times = "DTEND;TZID=Europe/Prague:20260317T110000"
    item = series(WEEKLY, override(times, "SUMMARY:Weekly", *own))
    view = chosen.calendar_view(item)
    moved = (replace(each.view, schedule=shown_at(view, 11)) for each in view.instances)
    wanted = moved_by(view, 2, tuple(Instance(key="20260317T110000Z", view=v) for v in moved))
    written = chosen.put_calendar(wanted, item)
    assert chosen.calendar_view(written) == wanted
    _, made = written.members()
    assert made.value("RECURRENCE-ID") == "20260317T120000"
    assert all(line in written.text[made.start : made.end] for line in own)


@pytest.mark.parametrize("hours", [0, 2])
def test_a_private_override_keeps_its_details_when_the_series_is_changed(lens, hours):
    """Google only ever knew its time."""
    item = series(WEEKLY, override("SUMMARY:Secret", "LOCATION:x", "CLASS:PRIVATE", at="T120000"))
    view = lens().calendar_view(item)
    key = "20260317T110000Z" if hours else SECOND
    rule = ("RRULE:FREQ=WEEKLY;UNTIL=20260601T000000Z",)
    wanted = moved_by(view, hours, (Instance(key=key, view=view.by_key()[SECOND]),))
    wanted = replace(wanted, schedule=replace(wanted.schedule, recurrence=rule))
    written = lens().put_calendar(wanted, item)
    assert lens().calendar_view(written) == wanted
    assert written.members()[1].value("SUMMARY") == "Secret"
    assert written.members()[1].value("LOCATION") == "x"


def test_a_stray_override_stays_as_long_as_the_schedule_does(lens):
    """It shows nothing; whoever wrote it may know why."""
    stray = override("SUMMARY:Stray", day="20260318")
    item = series(WEEKLY, stray)
    view = replace(lens().calendar_view(item), title="Renamed")
    written = lens().put_calendar(view, item)
    assert [member.value("SUMMARY") for member in written.members()] == ["Renamed", "Stray"]


def test_an_override_made_in_a_floating_series_floats(lens):
    """Its name and its times are those of its series."""
    text = series(WEEKLY).text.replace(";TZID=Europe/Prague", "")
    item = CalendarObject.parse(text)
    view = lens().calendar_view(item)
    other = replace(series_views.plain_instance(view, SECOND), title="Other")
    wanted = replace(view, instances=(Instance(key=SECOND, view=other),))
    _, made = lens().put_calendar(wanted, item).members()
    assert made.first("RECURRENCE-ID").text == "RECURRENCE-ID:20260317T100000"
    assert made.first("DTSTART").text == "DTSTART:20260317T100000"


@pytest.mark.parametrize("gone", ["STATUS:CANCELLED", "STATUS:cancelled"])
def test_a_cancelled_override_stays_one_until_its_instance_takes_place_again(lens, gone):
    """What it says besides stays with it."""
    times = "DTEND;TZID=Europe/Prague:20260317T110000"
    item = series(WEEKLY, override(times, "SUMMARY:Off", gone, "X-MINE:1"))
    view = lens().calendar_view(item)
    assert view.by_key() == {SECOND: None}
    renamed = lens().put_calendar(replace(view, title="Renamed"), item)
    assert renamed.members()[1].value("SUMMARY") == "Off"
    assert lens().calendar_view(renamed).by_key() == {SECOND: None}
    on = changed(replace(view, instances=()), SECOND, title="On")
    written = lens().put_calendar(on, item)
    _, made = written.members()
    assert (made.value("SUMMARY"), made.value("STATUS"), made.value("X-MINE")) == ("On", "", "1")
    assert lens().calendar_view(written) == on


def test_overrides_of_a_series_moved_too_far_to_follow_are_made_anew(lens):
    """The view tells what they show; what was their own went with them."""
    item = series(
        [line.replace("FREQ=WEEKLY", "FREQ=DAILY") for line in WEEKLY],
        override("SUMMARY:Far", "X-MINE:1", day="29990317"),
    )
    view = lens().calendar_view(item)
    wanted = moved_by(view, 2, ())
    written = lens().put_calendar(wanted, item)
    assert lens().calendar_view(written) == wanted
    assert len(written.members()) == 1
