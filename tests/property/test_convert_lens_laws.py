"""The laws of the lens (design decision 23), with views from arbitrary edits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.convert.activity import activity_to_object
from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.convert.lens import GoogleLens
from bridge.convert.properties.classification import HIDDEN
from bridge.convert.views import busy_block
from bridge.domain.activity import STOCK_TYPES, Activity, Deal, Organization, Person
from bridge.domain.identifiers import CompanyId, Uid, UserId
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.sync_settings import PrivateEvents, SyncSettings
from bridge.domain.view import Schedule, View, Visibility
from bridge.ical.calendar_object import CalendarObject
from google_group import merged

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ZONES = ("UTC", "Europe/Prague", "America/New_York", "Asia/Calcutta", "Nowhere/Atlantis")
PIECES = st.sampled_from(
    [
        "✓", "✓ ", "\u200b", "--- CRM contact ---", "--- end of CRM contact ---", "<br>", "\r\n",
        "\n", " ", "\\n", "Busy", "\x00", "\x85", "a,b;c", "Ada",
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
)
lenses = st.builds(
    lambda private, contacts: GoogleLens(
        settings=SyncSettings(
            incoming_type="meeting",
            outgoing_types=frozenset({"call"}),
            sync_from=date(2026, 1, 1),
            private_events=private,
            contact_information=contacts,
        ),
        types=STOCK_TYPES,
        calendar_zone="Europe/Prague",
    ),
    st.sampled_from(PrivateEvents),
    st.booleans(),
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
)
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


@given(lenses, calendar_items, activities)
def test_a_view_another_calendar_object_shows_is_shown_after_put(lens, item, made):
    """get(put(v, x)) == v for views get can make, but for the block of contacts of another."""
    view = lens.calendar_view(from_activity(made))
    assert view is not None
    written = lens.calendar_view(lens.put_calendar(view, item))
    assert written is not None
    plain = GoogleLens(
        settings=replace(lens.settings, contact_information=False),
        types=lens.types,
        calendar_zone=lens.calendar_zone,
    )
    assert plain.calendar_view(lens.put_calendar(view, item)) == plain.calendar_view(
        plain.put_calendar(view, item)
    )
    assert replace(written, description="") == replace(view, description="")


@given(lenses, views)
def test_what_google_shows_comes_to_a_new_calendar_object_and_back(lens, view):
    """A new object shows what Google shows, in either collection, its block aside."""
    google = google_item(lens, view)
    shown = lens.google_view(google)
    for incoming in ("meeting", "task"):
        to = GoogleLens(
            settings=replace(lens.settings, incoming_type=incoming),
            types=STOCK_TYPES,
            calendar_zone="Europe/Prague",
        )
        collection, made = to.new_for_calendar(google, uid=Uid("new"))
        assert collection == ("activities" if incoming == "meeting" else "tasks")
        assert CalendarObject.parse(made.text) == made
        seen = to.calendar_view(made)
        assert bare(seen) == bare(shown)
        assert seen.description in shown.description or "CRM contact" in shown.description
        assert to.calendar_facts(made).type_key == incoming


def bare(view):
    """Return a view without its description; done belongs to the instances of a series."""
    single = not view.schedule.recurrence
    return replace(view, description="", done=view.done and single)


def google_item(lens, view):
    """Return Google's item as it would be after a person made it show the view."""
    blank = event_to_object(
        [{"id": "x", "start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}],
        uid=Uid("g"),
        calendar_zone="Europe/Prague",
    )
    editor = GoogleLens(
        settings=replace(lens.settings, private_events=PrivateEvents.SAVE_AS_PRIVATE),
        types=lens.types,
        calendar_zone=lens.calendar_zone,
    )
    return editor.put_google(view, blank)


@given(lenses, views)
def test_putting_what_google_shows_changes_nothing(lens, view):
    """put(get(x), x) == x on Google's side."""
    item = google_item(lens, view)
    shown = lens.google_view(item)
    assert shown is not None
    assert lens.put_google(shown, item) is item


@given(lenses, views, views)
def test_any_view_put_into_googles_item_is_stable_and_never_laxer(lens, first, view):
    """put(get(put(v, x)), x) == put(v, x); `Save as public` never opens what Google hides."""
    item = google_item(lens, first)
    written = lens.put_google(view, item)
    CalendarObject.parse(written.text)
    shown = lens.google_view(written)
    assert shown is not None
    assert lens.put_google(shown, item) == written
    hidden = lens.google_view(item).visibility in HIDDEN
    if hidden and lens.settings.private_events is not PrivateEvents.SAVE_AS_PRIVATE:
        assert shown.visibility in HIDDEN


@given(lenses, views, calendar_items)
def test_what_the_calendar_shows_is_what_google_shows_after_put(lens, first, item):
    """get(put(v, x)) == v on Google's side, where hiding is not asked for."""
    view = lens.calendar_view(item)
    google = google_item(lens, first)
    shown = lens.google_view(lens.put_google(view, google))
    if lens.google_view(google).visibility in HIDDEN:
        plain = lens.settings.private_events is PrivateEvents.SAVE_AS_PRIVATE
        assert not plain or shown == view
    elif lens.settings.private_events is PrivateEvents.DO_NOT_SYNC and view.visibility in HIDDEN:
        assert (shown.title, shown.description) == ("Busy", "")
    else:
        assert shown == view


@given(lenses, calendar_items)
def test_a_new_item_for_google_shows_the_calendars_view(lens, item):
    """new_for_google shows v, also after the way through Google's JSON."""
    view = lens.calendar_view(item)
    made = lens.new_for_google(item)
    back = event_to_object(
        [object_to_events(made).master], uid=Uid("g"), calendar_zone="Europe/Prague"
    )
    open_ = GoogleLens(
        settings=replace(lens.settings, private_events=PrivateEvents.SAVE_AS_PRIVATE),
        types=lens.types,
        calendar_zone=lens.calendar_zone,
    )
    private = lens.settings.private_events is PrivateEvents.DO_NOT_SYNC
    if private and view.visibility in HIDDEN:
        view = busy_block(view)
    assert open_.google_view(made) == view
    assert open_.google_view(back) == view


@given(lenses, views, views)
def test_a_patch_leads_from_one_body_to_the_other(lens, first, second):
    """Merging the patch into the old body gives the new one (Google merges, null removes)."""
    base, item = google_item(lens, first), google_item(lens, second)
    patched = merged(object_to_events(base).master, event_patches(base, item).master)
    defaults = {"visibility": "default"}
    assert defaults | patched == defaults | object_to_events(item).master
    assert not event_patches(base, base)
