"""The laws of the lens (design decision 23), with views from arbitrary edits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.convert.activity import activity_to_object
from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.convert.lens import GoogleLens
from bridge.convert.properties.classification import HIDDEN
from bridge.convert.views import busy_block
from bridge.domain.activity import (
    STOCK_TYPES,
    Activity,
    Attendee,
    Conference,
    Deal,
    Organization,
    Person,
    Reply,
)
from bridge.domain.identifiers import CompanyId, Uid, UserId
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.sync_settings import (
    IncomingVisibility,
    PrivateEvents,
    SyncSettings,
    TypeColour,
)
from bridge.domain.view import MergeField, Schedule, View, Visibility
from bridge.ical.calendar_object import CalendarObject
from google_group import merged

ME = "me@x.cz"
SAVE_AS_PRIVATE = PrivateEvents.SAVE_AS_PRIVATE
OF_A_BUSY_BLOCK = (MergeField.SCHEDULE, MergeField.BUSY, MergeField.VISIBILITY)
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ZONES = ("UTC", "Europe/Prague", "America/New_York", "Asia/Calcutta", "Nowhere/Atlantis")
PIECES = st.sampled_from(
    [
        "✓", "✓ ", "\u200b", "--- CRM contact ---", "--- end of CRM contact ---", "<br>", "\r\n",
        "\n", " ", "\\n", "Busy", "\x00", "\x85", "a,b;c", "Ada", "<b>", "</b>", "&amp;", "…",
        "\n…", "CRM meeting link: https://x.y/", "Acme", " · ",
    ]
)  # fmt: skip
texts = st.lists(PIECES | st.text(max_size=4), max_size=6).map("".join)
instants = st.datetimes(
    min_value=NOW.replace(year=1971, tzinfo=None),
    max_value=NOW.replace(year=2090, tzinfo=None),
    timezones=st.just(UTC),
)


@st.composite
def spans(draw):
    """Draw a timed or all-day span, now and then in a zone that does not exist."""
    if draw(st.booleans()):
        first = draw(st.dates(date(1971, 1, 1), date(2090, 1, 1)))
        return AllDaySpan(start=first, end=first + timedelta(days=draw(st.integers(1, 5))))
    start = draw(instants)
    length = timedelta(minutes=draw(st.sampled_from([0, 15, 30, 45, 60, 60 * 30])))
    return TimedSpan(start=start, end=start + length, zone=draw(st.sampled_from(ZONES)))


attendees = st.lists(
    st.builds(
        Attendee,
        email=st.sampled_from(["b@x.cz", "A@X.cz", ME, " c@x.cz", "no address", "d,@x.cz", ""]),
        name=st.sampled_from(["", "Ada", ' Ada "L", \n']),
        reply=st.sampled_from(Reply),
        optional=st.booleans(),
    ),
    max_size=3,
).map(tuple)
reminders = st.none() | st.lists(
    st.sampled_from([0, 5, 10, 10, 60, 1440, 1500, 40320, 40321, -1]), max_size=7
).map(tuple)
links = st.sampled_from(
    ["", "https://meet.x/a?b=1&amp;c=2", " https://x.y/z", "tel:+1", "https://x/\n", "http://a b"]
)
views = st.builds(
    View,
    title=texts,
    schedule=st.builds(
        Schedule, span=spans(), recurrence=st.sampled_from([(), ("RRULE:FREQ=DAILY",)])
    ),
    location=texts,
    description=texts,
    busy=st.booleans(),
    visibility=st.sampled_from(Visibility),
    done=st.booleans(),
    reminders=reminders,
    conference=links,
    attendees=attendees,
    reply=st.none() | st.sampled_from(Reply),
    colour=st.sampled_from(["", "5", "11"]),
)
lenses = st.builds(
    lambda **options: GoogleLens(
        settings=SyncSettings(
            incoming_type="meeting",
            outgoing_types=frozenset({"call"}),
            sync_from=date(2026, 1, 1),
            **options,
        ),
        types=STOCK_TYPES,
        calendar_zone="Europe/Prague",
        own_addresses=[ME],
    ),
    private_events=st.sampled_from(PrivateEvents),
    contact_information=st.booleans(),
    guests_out=st.booleans(),
    title_template=st.sampled_from(
        ["", "{subject} · {organization}", "[{type}] {subject} ({deal})", "{person}", " {subject}!"]
    ),
    incoming_visibility=st.sampled_from(IncomingVisibility),
    busy_only_types=st.sampled_from([frozenset(), frozenset({"call", "task"})]),
    type_colours=st.sampled_from(
        [frozenset(), frozenset({TypeColour(type_key="call", colour="5")})]
    ),
)
activities = st.builds(
    lambda type_, **fields: (
        type_,
        Activity(company_id=CompanyId(1), owner_id=UserId(2), type_key=type_.key, **fields),
    ),
    st.sampled_from(STOCK_TYPES),
    subject=texts,
    span=spans().map(lambda s: s if isinstance(s, AllDaySpan) else replace(s, zone="Asia/Tokyo")),
    done=st.booleans(),
    busy=st.sampled_from([None, True, False]),
    private=st.booleans(),
    location=texts,
    public_description=texts,
    person=st.none() | st.just(Person(id=1, name="Ada --- end of CRM contact ---", email="a@b.c")),
    organization=st.none() | st.just(Organization(id=1, name="Acme")),
    deal=st.none() | st.just(Deal(id=1, title="Big")),
    attendees=attendees.map(lambda drawn: tuple({a.email: a for a in drawn if a.email}.values())),
    conference=links.map(lambda url: Conference(url=url.strip(), client="Meet")),
)


def alarm(trigger, *, related="", action="DISPLAY"):
    """Return the lines of an alarm."""
    name = f"TRIGGER;RELATED={related}" if related else "TRIGGER"
    return ["BEGIN:VALARM", f"ACTION:{action}", f"{name}:{trigger}", "END:VALARM"]


ODD_TODOS = st.builds(
    lambda lines: CalendarObject.parse(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTODO\r\nUID:t\r\n"
        + "".join(f"{line}\r\n" for line in lines)
        + "END:VTODO\r\nEND:VCALENDAR\r\n"
    ),
    st.sampled_from(
        [
            ["DUE:20260310T100000Z"],
            ["DUE:20260310T100000", "SUMMARY:✓ typed", "STATUS:NEEDS-ACTION"],
            ["DTSTART:20260310T090000Z", "DUE:20260310T100000Z", "STATUS:COMPLETED"],
            ["DTSTART:20260310T100000Z", "DUE:20260310T100000Z", "X-CRM-DURATION:PT45M"],
            ["DTSTART:20260310T100000Z", "DURATION:PT1H"],
            ["DUE;VALUE=DATE:20260310", "CLASS:CONFIDENTIAL", "X-CRM-DURATION:P-1"],
            ["DTSTART;VALUE=DATE:20260308", "DUE;VALUE=DATE:20260310", "TRANSP:OPAQUE"],
            ["DUE:20260310T100000Z", "X-CRM-GOOGLE-VISIBILITY:PRIVATE", "PERCENT-COMPLETE:100"],
            ["DUE:20260310T100000Z", *alarm("-PT5M"), *alarm("-PT1H", related="END")],
            [
                "DTSTART:20260310T090000Z",
                "DUE:20260310T100000Z",
                *alarm("-PT1H"),
                *alarm("-PT10M", related="END"),
            ],
            ["DTSTART;VALUE=DATE:20260308", "DUE;VALUE=DATE:20260310", *alarm("-P1D")],
        ]
    ),
)
ODD_EVENTS = st.builds(
    lambda lines: CalendarObject.parse(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:e\nDTSTAMP:20260101T000000Z\n"
        + "".join(f"{line}\n" for line in lines)
        + "END:VEVENT\nEND:VCALENDAR\n"
    ),
    st.sampled_from(
        [
            ["DTSTART:20260310T100000", "DURATION:PT1H", "SUMMARY:x"],
            ["DTSTART;TZID=W. Europe Standard Time:20260310T100000", "SUMMARY:✓no blank  "],
            ["DTSTART;VALUE=DATE:20260310", "X-CRM-DONE:TRUE", "DESCRIPTION:a \\n "],
            ["DTSTART:20260310T100000Z", "CLASS:X-ODD", "TRANSP:transparent"],
            ["DTSTART:20260310T100000Z", "X-CRM-GOOGLE-VISIBILITY:confidential", "CLASS:PUBLIC"],
            ["DTSTART:20260310T100000Z", "X-CRM-GOOGLE-VISIBILITY:DEFAULT", "CLASS:PRIVATE"],
            [
                "DTSTART:20260310T100000Z",
                "ORGANIZER:mailto:boss@x.cz",
                "ATTENDEE:mailto:ME@x.cz",
                "ATTENDEE;CN=Boss:mailto:boss@x.cz",
                "ATTENDEE:urn:uuid:1",
            ],
            [
                "DTSTART:20260310T100000Z",
                "ORGANIZER:mailto:me@x.cz",
                "ATTENDEE:mailto:me@x.cz",
                "ATTENDEE;PARTSTAT=DELEGATED:mailto:B@x.cz",
                "ATTENDEE:mailto:b@x.cz",
            ],
            [
                "DTSTART:20260310T100000Z",
                "SUMMARY:x",
                *(line for minutes in range(7) for line in alarm(f"-PT{minutes}M")),
                *alarm("PT5M"),
                *alarm("19760401T005545Z"),
            ],
            ["DTSTART:20260310T100000Z", "X-CRM-REMINDERS:OWN", *alarm("-PT90S", action="AUDIO")],
            [
                "DTSTART:20260310T100000Z",
                "CONFERENCE;VALUE=URI:tel:+1",
                "X-GOOGLE-CONFERENCE:https://meet.x/g",
                "CONFERENCE;LABEL=Zoom;VALUE=URI:https://zoom.x/1",
            ],
            [
                "DTSTART:20260310T100000Z",
                "SUMMARY:x",
                "DESCRIPTION:a\\nb",
                "X-ALT-DESC;FMTTYPE=text/html;X-CRM-GOOGLE=TRUE:a<br>b",
            ],
            [
                "DTSTART:20260310T100000Z",
                "SUMMARY:x",
                "DESCRIPTION:other",
                "X-ALT-DESC;FMTTYPE=text/html;X-CRM-GOOGLE=TRUE:<p>a</p>",
            ],
            [
                "DTSTART:20260310T100000Z",
                "SUMMARY:x",
                "X-CRM-ORGANIZATION:Acme",
                "X-CRM-TITLE-TEMPLATE:OFF",
            ],
        ]
    ),
)


def from_activity(made):
    """Return the calendar object of a drawn activity and its type."""
    type_, activity = made
    return activity_to_object(activity, uid=Uid("u"), type_=type_, now=NOW)


calendar_items = activities.map(from_activity) | ODD_TODOS | ODD_EVENTS


@given(lenses, calendar_items)
def test_putting_what_a_calendar_object_shows_changes_nothing(lens, item):
    """put(get(x), x) == x on the calendar side."""
    view = lens.calendar_view(item)
    assert view is not None
    assert lens.put_calendar(view, item) is item


@given(lenses, calendar_items, views)
def test_any_view_put_into_a_calendar_object_is_stable(lens, item, view):
    """put(get(put(v, x)), x) == put(v, x), and what is written is valid and put again is kept."""
    written = lens.put_calendar(view, item)
    CalendarObject.parse(written.text)
    shown = lens.calendar_view(written)
    assert shown is not None
    assert lens.put_calendar(shown, item) == written
    assert lens.put_calendar(shown, written) is written


def like(lens, **settings):
    """Return the lens with other settings."""
    return GoogleLens(
        settings=replace(lens.settings, **settings),
        types=lens.types,
        calendar_zone=lens.calendar_zone,
        own_addresses=lens.own_addresses,
    )


def is_busy_only(lens, item):
    """Return whether Google gets nothing of a calendar object but its time."""
    return lens.calendar_facts(item).type_key in lens.settings.busy_only_types


@given(lenses, calendar_items, activities)
def test_a_view_another_calendar_object_shows_is_shown_after_put(lens, item, made):
    """get(put(v, x)) == v for views get can make, but for the block of contacts of another."""
    view = lens.calendar_view(from_activity(made))
    assert view is not None
    before = lens.calendar_view(item)
    written = lens.calendar_view(lens.put_calendar(view, item))
    assert written is not None
    plain = like(lens, contact_information=False)
    assert plain.calendar_view(lens.put_calendar(view, item)) == plain.calendar_view(
        plain.put_calendar(view, item)
    )
    if is_busy_only(lens, item):
        view = before.taking(view, OF_A_BUSY_BLOCK)
    # Which colour a copy has is the option's business alone.
    assert replace(written, description="") == replace(view, description="", colour=before.colour)


@given(lenses, views)
def test_what_google_shows_comes_to_a_new_calendar_object_and_back(lens, view):
    """A new object shows what Google shows, in either collection, its block aside."""
    google = google_item(lens, view)
    shown = lens.google_view(google)
    for incoming in ("meeting", "task"):
        to = like(lens, incoming_type=incoming, busy_only_types=frozenset())
        collection, made = to.new_for_calendar(google, uid=Uid("new"))
        assert collection == ("activities" if incoming == "meeting" else "tasks")
        assert CalendarObject.parse(made.text) == made
        seen = to.calendar_view(made)
        assert bare(seen) == bare(shown)
        assert seen.description in shown.description or "CRM contact" in shown.description
        assert to.calendar_facts(made).type_key == incoming


def bare(view):
    """Return a view without description and colour; done belongs to the instances of a series."""
    single = not view.schedule.recurrence
    return replace(view, description="", colour="", done=view.done and single)


INVITED = {
    "organizer": {"email": "boss@x.cz"},
    "attendees": [
        {"email": "boss@x.cz", "organizer": True, "responseStatus": "accepted"},
        {"email": ME, "self": True, "responseStatus": "needsAction", "comment": "late"},
        {"email": "b@x.cz", "additionalGuests": 2, "optional": True},
    ],
    "reminders": {"overrides": [{"method": m, "minutes": 10} for m in ("email", "popup")]},
}
MEET = {"hangoutLink": "https://meet.x/g", "reminders": {"useDefault": True}}
COPY = {"extendedProperties": {"private": {"crmdavUid": "u"}}, "source": {"url": "https://c/9"}}


def google_item(lens, view, fields=COPY):
    """Return Google's item as it would be after a person made it show the view."""
    blank = event_to_object(
        [{"id": "x", "start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}, **fields}],
        uid=Uid("g"),
        calendar_zone="Europe/Prague",
    )
    return like(lens, private_events=PrivateEvents.SAVE_AS_PRIVATE).put_google(view, blank)


google_items = st.builds(
    lambda view, fields: (view, fields), views, st.sampled_from([{}, COPY, MEET, INVITED])
)


@settings(deadline=None)
@given(lenses, google_items)
def test_putting_what_google_shows_changes_nothing(lens, drawn):
    """put(get(x), x) == x on Google's side."""
    item = google_item(lens, *drawn)
    shown = lens.google_view(item)
    assert shown is not None
    assert lens.put_google(shown, item) is item


@settings(deadline=None)
@given(lenses, google_items, views)
def test_any_view_put_into_googles_item_is_stable_and_never_laxer(lens, first, view):
    """put(get(put(v, x)), x) == put(v, x); `Save as public` never opens what Google hides."""
    item = google_item(lens, *first)
    written = lens.put_google(view, item)
    CalendarObject.parse(written.text)
    shown = lens.google_view(written)
    assert shown is not None
    assert lens.put_google(shown, item) == written
    hidden = lens.google_view(item).visibility in HIDDEN
    if hidden and lens.settings.private_events is not PrivateEvents.SAVE_AS_PRIVATE:
        assert shown.visibility in HIDDEN
    if not lens.settings.guests_out:
        invited = [[line.value for line in i.head().all("ATTENDEE")] for i in (item, written)]
        assert invited[0] == invited[1]


@settings(deadline=None)
@given(lenses, google_items, calendar_items)
def test_what_the_calendar_shows_is_what_google_shows_after_put(lens, first, item):
    """get(put(v, x)) == v on Google's side, where hiding is not asked for.

    Google keeps its own conference, its guests unless they may go out, and whether it asks the
    account for an answer.
    """
    view = lens.calendar_view(item)
    google = google_item(lens, *first)
    before = lens.google_view(google)
    shown = lens.google_view(lens.put_google(view, google))
    private = lens.settings.private_events is PrivateEvents.DO_NOT_SYNC
    if before.visibility in HIDDEN and lens.settings.private_events is not SAVE_AS_PRIVATE:
        assert shown.visibility in HIDDEN
    elif private and view.visibility in HIDDEN:
        assert (shown.title, shown.description) == ("Busy", "")
    elif is_busy_only(lens, item):
        assert first[1] != COPY or shown == view
    else:
        colour = view.colour if first[1] == COPY else ""
        meet = first[1].get("hangoutLink", "")
        assert shown == replace(expected_at_google(lens, view, before, meet), colour=colour)


def expected_at_google(lens, view, before, meet):
    """Return what Google can show of a view."""
    answered = before.reply is not None and view.reply is not None
    expected = replace(view, reply=view.reply if answered else before.reply)
    if not lens.settings.guests_out:
        expected = replace(expected, attendees=before.attendees)
    return replace(expected, conference=expected.conference or meet)


@given(lenses, calendar_items)
def test_a_new_item_for_google_shows_the_calendars_view(lens, item):
    """new_for_google shows v, also after the way through Google's JSON."""
    view = lens.calendar_view(item)
    made = lens.new_for_google(item)
    stamped = {**COPY, **object_to_events(made).master}
    back = event_to_object([stamped], uid=Uid("g"), calendar_zone="Europe/Prague")
    open_ = like(lens, private_events=PrivateEvents.SAVE_AS_PRIVATE)
    private = lens.settings.private_events is PrivateEvents.DO_NOT_SYNC
    if private and view.visibility in HIDDEN:
        view = busy_block(view)
    view = replace(view, reply=None, attendees=view.attendees if lens.settings.guests_out else ())
    assert open_.google_view(made) == view
    assert open_.google_view(back) == view


@settings(deadline=None)
@given(lenses, google_items, views)
def test_a_patch_leads_from_one_body_to_the_other(lens, first, second):
    """Merging a patch into the old body gives the new one (Google merges, null removes)."""
    base = google_item(lens, *first)
    item = google_item(lens, second, first[1])
    patched = merged(object_to_events(base).master, event_patches(base, item).master)
    assert DEFAULTS | patched == DEFAULTS | object_to_events(item).master
    assert not event_patches(base, base)


DEFAULTS = {
    "visibility": "default",
    "reminders": {"useDefault": True, "overrides": []},
    "attendees": [],
}
