"""What is accepted as a calendar object resource, row by row of the bad-input list."""

import threading
import time

import pytest

from bridge.errors import InvalidCalendarData
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.limits import Limits
from bridge.ical.spans import index_of, span_of

START = "DTSTART:20260310T100000Z"
ENDLESS_SECONDS = """BEGIN:VTIMEZONE
TZID:Busy
BEGIN:STANDARD
DTSTART:19700101T000000
RRULE:FREQ=SECONDLY
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE"""
CUSTOM = """BEGIN:VTIMEZONE
TZID:Custom
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:{offset}
TZOFFSETTO:{offset}
END:STANDARD
END:VTIMEZONE"""


def refusal(text, **limits):
    """Return the error a text is refused with."""
    with pytest.raises(InvalidCalendarData) as caught:
        CalendarObject.parse(text, limits=Limits(**limits))
    return caught.value


@pytest.mark.parametrize("line_break", ["\r\n", "\n"])
def test_the_text_is_kept_as_it_came(event_text, line_break):
    """Bytes out are bytes in: folding, order, case and unknown properties included."""
    text = event_text(
        "summary;LANGUAGE=en:Long", " er", START, 'X-ODD;X="a;b":1', line_break=line_break
    )
    item = CalendarObject.parse(text)
    assert item.text == text
    assert (item.uid, item.component) == ("e-1", "VEVENT")


def test_a_byte_order_mark_is_kept_and_read_over(event_text):
    """A text with a byte order mark is an object like any other."""
    text = "\ufeff" + event_text(START)
    item = CalendarObject.parse(text)
    assert item.text == text
    assert item.calendar().subcomponents[0].name == "VEVENT"


def test_trees_are_parsed_anew_each_time(event_text):
    """A caller that changes its tree changes nobody else's."""
    item = CalendarObject.parse(event_text(START, "SUMMARY:a"))
    first = item.master()
    first["SUMMARY"] = "changed"
    assert item.master()["SUMMARY"] == "a"
    assert len(item.components()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff",
        "\r\n\r\n",
        "<html><body>502 Bad Gateway</body></html>",
        "%PDF-1.4 binary",
        "BEGIN:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260101\r\nEND:VEVENT\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260101\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
        "END:VCALENDAR\r\n",
        " BEGIN:VCALENDAR\r\n",
    ],
)
def test_what_is_no_calendar_is_refused(text):
    """I15: cut, mismatched, empty, binary, or an error page."""
    assert refusal(text)


def test_two_calendars_in_one_text_are_refused(event_text):
    """One resource is one calendar."""
    assert refusal(event_text(START) * 2)


@pytest.mark.parametrize(
    ("limits", "lines"),
    [
        ({"max_bytes": 400}, ["DESCRIPTION:" + "x" * 400]),
        ({"max_bytes": 400}, ["DESCRIPTION:" + "ž" * 150]),
        ({"max_lines": 50}, ["DESCRIPTION:x", *[" y"] * 60]),
        ({"max_line": 100}, ["DESCRIPTION:x", *[" 1234567890"] * 10]),
        ({"max_properties": 20}, ["X-A:1"] * 20),
        ({"max_uid": 2}, []),
    ],
)
def test_a_text_beyond_a_limit_is_refused(event_text, limits, lines):
    """I10: size, physical lines, unfolded line, properties, UID."""
    assert refusal(event_text(START, *lines), **limits)


def test_deep_nesting_is_refused_before_any_parser_sees_it(event_text):
    """I09: ten thousand nested components."""
    deep = [f"BEGIN:X-{n}" for n in range(10_000)] + [f"END:X-{n}" for n in range(9_999, -1, -1)]
    began = time.process_time()
    assert "deeper" in str(refusal(event_text(START, *deep)))
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "lines",
    [
        ["X-A:1"] * 200_000,
        ["X-A:1", *[" "] * 1_000_000],
        ["DESCRIPTION:" + "x" * 11_000_000],
    ],
    ids=["properties", "folds", "one line"],
)
def test_a_flood_is_refused_within_two_seconds(event_text, lines):
    """I10 at full size: the scanner is linear and stops early."""
    text = event_text(START, *lines)
    began = time.process_time()
    assert refusal(text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "stray", ["\x00", "\x0b", "\x1f", "\x7f", "\x85", "\u2028", "\ra", "\ufffe", "\uffff"]
)
def test_control_characters_are_refused(event_text, stray):
    """I12: nothing that some reader takes for a line end, no NUL, and nothing beyond XML."""
    assert "may not stand here" in str(refusal(event_text(START, f"SUMMARY:a{stray}b")))


@pytest.mark.parametrize("end", ["\r\r\n \n", "\r\r\n \r\n", "\r\n \r\n", "\r\n \r\n \r\n"])
@pytest.mark.parametrize("more", ["", " and more\r\n"])
def test_a_line_break_that_programs_fold_is_no_part_of_a_value(event_text, end, more):
    """Torn by libical before 4.0.3, or followed by an empty fold, as by ical4j (its issue 832)."""
    text = event_text(START, "SUMMARY:a", "LOCATION:b").replace(
        "SUMMARY:a\r\n", f"SUMMARY:a{end}{more}"
    )
    item = CalendarObject.parse(text)
    assert item.text == text
    summary = "a" + more.removeprefix(" ").strip("\r\n")
    assert item.head().text("SUMMARY") == summary
    assert item.head().text("LOCATION") == "b"
    assert (item.master()["SUMMARY"], item.master()["LOCATION"]) == (summary, "b")


def test_a_broken_surrogate_is_refused(event_text):
    """I16: what cannot be written as UTF-8 is not taken in."""
    assert refusal(event_text(START, "SUMMARY:\ud800"))


@pytest.mark.parametrize(
    "text", ["\u202eabc", "a\u200bb", "\U0001f600", "e" + "\u0301" * 10_000, "a\tb"]
)
def test_odd_but_lawful_characters_are_kept(event_text, text):
    """I24: right-to-left marks, emoji and piles of accents are text."""
    item = CalendarObject.parse(event_text(START, f"SUMMARY:{text}"))
    assert item.head().text("SUMMARY") == text


@pytest.mark.parametrize(
    "lines",
    [
        [START, "RRULE:FREQ=DAILY;INTERVAL=0"],
        [START, "RRULE:FREQ=DAILY;INTERVAL=-1"],
        [START, "RRULE:FREQ=DAILY;COUNT=0"],
        [START, "RRULE:FREQ=DAILY;COUNT=2147483647"],
        [START, "RRULE:FREQ=DAILY;INTERVAL=1" + "0" * 30],
        [START, "RRULE:FREQ=SOMETIMES"],
        [START, "RRULE:COUNT=3"],
    ],
)
def test_a_rule_nobody_can_follow_is_refused(event_text, lines):
    """I03: FREQ, INTERVAL and COUNT are sane."""
    assert refusal(event_text(*lines)).property_name == "RRULE"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5",
        "FREQ=DAILY;UNTIL=20200101T000000Z",
        "FREQ=DAILY;UNTIL=99991231T235959Z",
        "FREQ=DAILY;UNTIL=20270101",
    ],
)
def test_an_odd_rule_is_kept_without_being_expanded(event_text, rule):
    """I01, I02, I04: accepted, and indexed at once."""
    began = time.process_time()
    item = CalendarObject.parse(event_text("DTSTART:19700101T000000Z", f"RRULE:{rule}"))
    assert index_of(item, floating_zone="UTC").recurring
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART:00000101",
        "DTSTART:20260230",
        "DTSTART:20261301T000000",
        "DTSTART:20260310T240000",
        "DTSTART:100000101T000000",
        "DTSTART:99991231T235959Z",
        "DTSTART:00010101",
        "DTSTART:soon",
        "DTSTART:",
        "DTSTART;TZID=Nowhere/Town:20260310T100000",
        "DTSTART;TZID=../../etc/passwd:20260310T100000",
    ],
)
def test_a_start_that_is_no_time_is_refused(event_text, line):
    """I06, I17: dates exist, zones are known; no file is opened by a TZID."""
    assert refusal(event_text(line)).property_name in ("DTSTART", "TZID")


def test_a_leap_second_is_read_as_the_second_before(event_text):
    """I06: 60 seconds are clamped."""
    item = CalendarObject.parse(event_text("DTSTART:20161231T235960Z"))
    assert span_of(item, floating_zone="UTC").start.second == 59


def test_a_length_beyond_the_calendar_is_refused(event_text):
    """I05: no overflow reaches anybody."""
    assert refusal(event_text("DTSTART:99980101T000000Z", "DURATION:P9999W"))
    assert refusal(event_text(START, "DURATION:P999999999W"))


def test_a_negative_length_is_refused_and_a_turned_round_end_is_read_as_absent(event_text):
    """I07: never a negative length; DTEND wins over DURATION."""
    assert refusal(event_text(START, "DURATION:-P1D")).property_name == "DURATION"
    item = CalendarObject.parse(event_text(START, "DTEND:20250310T100000Z"))
    assert span_of(item, floating_zone="UTC").duration.total_seconds() == 0
    both = CalendarObject.parse(event_text(START, "DTEND:20260310T110000Z", "DURATION:PT5H"))
    assert span_of(both, floating_zone="UTC").duration.total_seconds() == 3600


@pytest.mark.parametrize("repeat", ["2147483647", "-1", "1" * 5000, "many"])
def test_an_alarm_that_repeats_without_bound_is_refused(event_text, repeat):
    """I08."""
    alarm = ["BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:-PT5M", f"REPEAT:{repeat}", "END:VALARM"]
    assert refusal(event_text(START, *alarm)).property_name == "REPEAT"


@pytest.mark.parametrize("offset", ["+9999", "x", "+2400"])
def test_a_zone_with_an_impossible_offset_is_refused(event_text, offset):
    """I18: offsets."""
    text = event_text("DTSTART;TZID=Custom:20260310T100000", zone=CUSTOM.format(offset=offset))
    assert refusal(text).property_name == "TZOFFSETTO"


def test_a_zone_whose_rule_never_rests_is_refused(event_text):
    """I18: only rules that a zone needs."""
    began = time.process_time()
    assert refusal(event_text("DTSTART;TZID=Busy:20260310T100000", zone=ENDLESS_SECONDS))
    assert time.process_time() - began < 2


def busy_zone(rule, count):
    """Return a zone that nobody knows, with that many rules."""
    observance = (
        f"BEGIN:STANDARD\nDTSTART:19700101T000000\nRRULE:{rule}\nTZOFFSETFROM:+0123\n"
        "TZOFFSETTO:+0124\nEND:STANDARD"
    )
    return "\n".join(["BEGIN:VTIMEZONE", "TZID:Busy", *[observance] * count, "END:VTIMEZONE"])


def test_more_rules_than_any_zone_has_are_refused_where_they_are_needed(event_text):
    """I18: a hundred are followed, and nobody has to follow those of a known zone."""
    line, rule = "DTSTART;TZID=Busy:20260310T100000", "FREQ=YEARLY"
    assert refusal(event_text(line, zone=busy_zone(rule, 101))).property_name == "TZID"
    known = busy_zone(rule, 101).replace("TZID:Busy", "TZID:Europe/Prague")
    item = CalendarObject.parse(event_text(line.replace("Busy", "Europe/Prague"), zone=known))
    assert span_of(item, floating_zone="UTC").start_utc.hour == 9


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYSETPOS=366;BYDAY=MO",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12",
        "FREQ=YEARLY;BYYEARDAY=1;BYMINUTE=" + ",".join(map(str, range(60))),
    ],
)
def test_zone_rules_that_never_or_always_match_take_no_time(event_text, rule):
    """I18: a hundred of them, and thousands of times to be read by them."""
    zone = busy_zone(rule, 100)
    times = ",".join(f"{year}0310T{hour:02}0000" for year in range(1900, 2300) for hour in range(9))
    text = event_text("DTSTART;TZID=Busy:20260310T100000", f"RDATE;TZID=Busy:{times}", zone=zone)
    began = time.process_time()
    assert CalendarObject.parse(text).text == text
    assert time.process_time() - began < 2


def test_a_zone_with_too_many_observances_is_refused(event_text):
    """I18: ten thousand rules."""
    part = ["BEGIN:STANDARD", "END:STANDARD"] * 1001
    zone = "\n".join(["BEGIN:VTIMEZONE", "TZID:X", *part, "END:VTIMEZONE"])
    assert refusal(event_text(START, zone=zone)).property_name == "TZID"


def test_two_masters_are_refused_and_overrides_alone_accepted(event_text):
    """I19: which of two masters counts is nobody's guess; an invitation to one instance is fine."""
    second = ["END:VEVENT", "BEGIN:VEVENT", "UID:e-1", START]
    assert refusal(event_text(START, *second)).property_name == "UID"
    alone = CalendarObject.parse(event_text(START, "RECURRENCE-ID:20260310T090000Z"))
    assert alone.master_source() is None
    assert alone.head().first("RECURRENCE-ID") is not None
    assert alone.master() is None


def test_five_thousand_overrides_get_a_defined_answer(event_text):
    """I19: beyond the property limit, refused as a whole; nothing is lost silently."""
    more = [
        line
        for n in range(5000)
        for line in ("END:VEVENT", "BEGIN:VEVENT", "UID:e-1", START, f"RECURRENCE-ID:{n:08}")
    ]
    assert "properties" in str(refusal(event_text(START, *more)))


def test_a_date_list_with_periods_is_kept(event_text):
    """I20: RDATE;VALUE=PERIOD is accepted and kept; PERIODs of dates are refused, not a crash."""
    period = "RDATE;VALUE=PERIOD:20260311T100000Z/PT1H"
    item = CalendarObject.parse(event_text(START, period))
    assert period in item.text
    assert index_of(item, floating_zone="UTC").recurring
    assert refusal(event_text(START, "RDATE;VALUE=PERIOD:20260311/20260312"))


@pytest.mark.parametrize(("count", "taken"), [(9_999, True), (100_000, False)])
def test_many_exdates_are_read_in_time_or_refused(event_text, count, taken):
    """I20: ten thousand single dates are enough for anybody."""
    values = ",".join(["20260310T100000Z"] * count)
    text = event_text(START, f"EXDATE:{values}")
    began = time.process_time()
    if taken:
        assert CalendarObject.parse(text).text == text
    else:
        assert refusal(text).property_name == "EXDATE"
    assert time.process_time() - began < 2


def test_a_scheduling_message_is_refused(event_text):
    """I21: METHOD belongs to mail, not to calendars (RFC 4791 section 4.1)."""
    text = event_text(START).replace("VERSION:2.0\r\n", "VERSION:2.0\r\nMETHOD:REQUEST\r\n")
    assert refusal(text).property_name == "METHOD"


@pytest.mark.parametrize("uid", ["", "UID:", "UID:  ", "UID:a\r\nUID:b", "UID:a\\nb"])
def test_an_object_without_one_uid_is_refused(event_text, uid):
    """P06: a UID there is, one, and of one line."""
    assert refusal(event_text(START, uid=uid)).property_name == "UID"


def test_components_of_two_kinds_or_none_are_refused(event_text):
    """RFC 4791 section 4.1: one kind in one resource."""
    todo = ["END:VEVENT", "BEGIN:VTODO", "UID:e-1", "END:VTODO", "BEGIN:VEVENT", "UID:e-1", START]
    assert refusal(event_text(START, *todo))
    assert refusal(event_text(component="VFREEBUSY"))


def test_an_event_with_two_starts_is_refused(event_text):
    """RFC 5545 section 3.6.1."""
    assert refusal(event_text(START, START)).property_name == "DTSTART"


def test_an_event_without_a_start_is_undated(event_text):
    """No activity, but kept where objects need no meaning in the CRM."""
    item = CalendarObject.parse(event_text("SUMMARY:x"))
    assert span_of(item, floating_zone="UTC") is None


def test_unknown_properties_and_broken_lines_of_an_event_stay(event_text):
    """I23: kept, whatever they are."""
    odd = ['X-A;X-B="q^\'":v', "IANA-NEW:1", "NO COLON HERE", "X-CRM-DURATION:nonsense"]
    item = CalendarObject.parse(event_text(START, *odd))
    assert all(line in item.text for line in odd)
    assert span_of(item, floating_zone="UTC") is not None


def test_one_texts_zone_definition_never_reaches_another_text(event_text):
    """The library keeps zones by TZID for the process; each of our parses starts with none."""
    line = "DTSTART;TZID=Custom:20260310T100000"
    east = CalendarObject.parse(event_text(line, zone=CUSTOM.format(offset="+0500")))
    west = CalendarObject.parse(event_text(line, zone=CUSTOM.format(offset="-0500")))
    assert east.master()["DTSTART"].dt.utcoffset().total_seconds() == 5 * 3600
    assert west.master()["DTSTART"].dt.utcoffset().total_seconds() == -5 * 3600


def test_parsing_in_threads_keeps_zones_apart(event_text):
    """The same, with both texts parsed at the same time."""
    line = "DTSTART;TZID=Custom:20260310T100000"
    wrong = []

    def parse(offset, hours):
        item = CalendarObject.parse(event_text(line, zone=CUSTOM.format(offset=offset)))
        for _ in range(30):
            found = item.master()["DTSTART"].dt.utcoffset().total_seconds()
            if found != hours * 3600:
                wrong.append((offset, found))

    threads = [threading.Thread(target=parse, args=args) for args in (("+0500", 5), ("-0500", -5))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not wrong
