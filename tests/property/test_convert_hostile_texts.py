"""Whatever text or JSON comes in, the answer is an object or one of two errors."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.convert.activity import object_to_activity
from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES, Activity
from bridge.domain.identifiers import CompanyId, Uid, UserId
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import ConversionError, InvalidCalendarData
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.spans import index_of, recurrence_of, span_of

TIME_NAMES = ["DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "COMPLETED", "CREATED", "RDATE", "EXDATE"]
OTHER_NAMES = [
    "DURATION",
    "RRULE",
    "SUMMARY",
    "STATUS",
    "CLASS",
    "TRANSP",
    "CATEGORIES",
    "ATTENDEE",
    "ORGANIZER",
    "CONFERENCE",
    "PRIORITY",
    "SEQUENCE",
    "X-CRM-DURATION",
    "X-CRM-DONE",
    "X-CRM-ACTIVITY-TYPE",
    "X-CRM-GOOGLE-VISIBILITY",
    "x-o_d.d",
    "PERCENT-COMPLETE",
    "BEGIN",
    "END",
]
TIMES_OF_DAY = st.sampled_from(
    [
        "20260310T100000Z",
        "20260310T100000",
        "20260310",
        "00010201",
        "99991130T235959",
        "20260329T023000",
        "20261025",
        "20261025T023000",
        "20260310T100000Z,20260311T100000Z",
        "20260310T100000Z/PT1H",
        "20260230",
    ]
)
PARAMETERS = st.sampled_from(
    [
        "",
        ";VALUE=DATE",
        ";TZID=Europe/Prague",
        ";TZID=UTC",
        ";TZID=Own",
        ";TZID=",
        ";VALUE=PERIOD",
        ';CN="a:b"',
        ';CN="',
        ";",
        ";=",
        ";X-CRM-TZID=Europe/Prague",
        ";X-CRM-TZID=x",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            "PT1H",
            "-PT1H",
            "P1D",
            "P999999999W",
            "PT0S",
            "P",
            "+PT5M",
            "FREQ=DAILY;COUNT=3",
            "FREQ=SECONDLY;COUNT=1000000",
            "FREQ=YEARLY;UNTIL=99991231T235959Z",
            "FREQ=DAILY;UNTIL=x",
            "COMPLETED",
            "NEEDS-ACTION",
            "100",
            "TRUE",
            "FALSE",
            "✓",
            "\u200b✓",
            "call",
            "Task,Call",
            "mailto:a@b",
            "MAILTO:",
            "PRIVATE",
            "TRANSPARENT",
            "\\",
            "\\n",
            "VALARM",
            "VEVENT",
            "٣",
        ]
    ),
    st.text(max_size=8),
)
LINE_PARTS = st.one_of(
    st.tuples(st.sampled_from(TIME_NAMES), PARAMETERS, TIMES_OF_DAY),
    st.tuples(st.sampled_from(OTHER_NAMES), PARAMETERS, VALUES),
    st.tuples(st.sampled_from(["SUMMARY", "DESCRIPTION", "X-A"]), st.just(""), VALUES),
)
LINES = st.lists(LINE_PARTS.map(lambda parts: f"{parts[0]}{parts[1]}:{parts[2]}"), max_size=6)
OWN_ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
    "END:STANDARD\r\nEND:VTIMEZONE\r\n"
)
LENS = GoogleLens(
    settings=SyncSettings(
        incoming_type="task",
        outgoing_types=frozenset(),
        sync_from=date(2026, 1, 1),
        contact_information=True,
    ),
    types=STOCK_TYPES,
    calendar_zone="Europe/Prague",
)
BASE = Activity(company_id=CompanyId(1), owner_id=UserId(1), type_key="meeting", subject="")


@given(st.sampled_from(["VEVENT", "VTODO", "VJOURNAL"]), LINES, st.booleans(), st.booleans())
@example(component="VEVENT", lines=[], start=False, newline=False)
@example(component="VEVENT", lines=["DTSTART:99991130"], start=False, newline=False)
@example(component="VTODO", lines=["DUE:99991130T235959"], start=False, newline=False)
@example(component="VTODO", lines=["DUE:99991130T235959"], start=True, newline=False)
def test_an_accepted_text_serves_everything_that_is_asked_of_it(component, lines, start, newline):
    """Accepted means that no later reading fails; refused means InvalidCalendarData.

    What is no activity is refused as one: a journal entry, and an event without a start.
    """
    first = "DTSTART:20260310T100000Z\r\n" if start else ""
    body = "".join(f"{line}\r\n" for line in lines)
    text = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{OWN_ZONE}BEGIN:{component}\r\nUID:h\r\n"
        f"{first}{body}END:{component}\r\nEND:VCALENDAR" + "\r\n" * newline
    )
    try:
        item = CalendarObject.parse(text)
    except InvalidCalendarData:
        return
    assert item.text == text
    for zone in ("UTC", "Pacific/Kiritimati", "Etc/GMT+12"):
        span = span_of(item, floating_zone=zone)
        index_of(item, floating_zone=zone)
    recurrence_of(item)
    item.components()
    facts = LENS.calendar_facts(item)
    view = LENS.calendar_view(item)
    if view is not None:
        assert LENS.put_calendar(view, item) is item
        assert object_to_events(LENS.new_for_google(item)).master["start"]
        assert facts.last_day is not None
    no_activity = {"VJOURNAL": "", "VEVENT": None if span else "DTSTART"}.get(component)
    if no_activity is None:
        assert as_activity(item).owner_id == BASE.owner_id
        return
    assert view is None
    with pytest.raises(ConversionError) as refused:
        as_activity(item)
    assert refused.value.property_name == no_activity


def as_activity(item):
    """Return what the object makes of an activity that it was put over before."""
    return object_to_activity(
        item,
        base=BASE,
        previous=item,
        types=STOCK_TYPES,
        collection=None,
        floating_zone="Europe/Prague",
    )


@given(st.text(alphabet=st.sampled_from('BEGINVCALDRT:;=\r\n "\\x\ufeff'), max_size=60))
def test_any_text_is_accepted_or_refused(text):
    """Noise is refused, whatever it is."""
    try:
        CalendarObject.parse(text)
    except InvalidCalendarData:
        return
    raise AssertionError("noise was accepted")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)
TIMES = st.fixed_dictionaries(
    {},
    optional={
        "date": JSON | st.sampled_from(["2026-03-10", "0001-01-01", "9999-12-31"]),
        "dateTime": JSON
        | st.sampled_from(
            ["2026-03-10T10:00:00Z", "0001-01-01T00:00:00+14:00", "2026-03-10T10:00:00"]
        ),
        "timeZone": JSON | st.sampled_from(["Europe/Prague", "UTC", "../../etc/passwd"]),
    },
)
EVENTS = st.fixed_dictionaries(
    {"start": TIMES | JSON},
    optional={
        "end": TIMES | JSON,
        **dict.fromkeys(
            [
                "summary",
                "description",
                "location",
                "visibility",
                "transparency",
                "status",
                "eventType",
            ],
            JSON,
        ),
        **dict.fromkeys(
            ["attendees", "organizer", "recurrence", "updated", "created", "locked"], JSON
        ),
    },
)


@given(EVENTS, EVENTS)
def test_any_json_becomes_an_item_or_a_conversion_error(first, second):
    """G01: what is taken in can be shown, put, and sent."""
    read = []
    for event in (first, second):
        try:
            read.append(event_to_object([event], uid=Uid("g"), calendar_zone="Europe/Prague"))
        except ConversionError as error:
            assert error.uid == "g"  # noqa: PT017 (either outcome is right)
    for item in read:
        assert CalendarObject.parse(item.text) == item
        view = LENS.google_view(item)
        assert view is not None
        assert LENS.put_google(view, item) is item
        _, made = LENS.new_for_calendar(item, uid=Uid("new"))
        assert CalendarObject.parse(made.text) == made
    if len(read) == 2:
        event_patches(read[0], read[1])
