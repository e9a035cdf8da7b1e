"""What Google shows of the CRM, case by case of the contract and the options."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.convert import contact_block, title_mark
from bridge.convert.activity import activity_to_object
from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import object_to_events
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES, Deal, Organization, Person
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.sync_settings import PrivateEvents
from bridge.domain.view import Schedule, View, Visibility
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject

TYPES = {type_.key: type_ for type_ in STOCK_TYPES}
DUE = datetime(2026, 3, 10, 10, tzinfo=UTC)
HALF = timedelta(minutes=30)


@pytest.fixture
def lens(settings):
    """Return a function that makes the lens of a connection with changed settings."""

    def make(**changes):
        return GoogleLens(
            settings=settings(**changes), types=STOCK_TYPES, calendar_zone="Europe/Prague"
        )

    return make


@pytest.fixture
def written(now):
    """Return a function that gives the object of an activity."""

    def make(activity):
        return activity_to_object(
            activity, uid="u-1", type_=TYPES[activity.type_key], now=now, record_url="https://crm/9"
        )

    return make


def google(**fields):
    """Return Google's item of a timed event with these fields."""
    event = {
        "id": "e1",
        "start": {"dateTime": "2026-03-10T10:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-10T10:30:00Z", "timeZone": "UTC"},
    }
    return event_to_object([event | fields], uid="g-1", calendar_zone="Europe/Prague")


def test_a_description_longer_than_google_takes_is_cut_there_and_whole_here(lens, object_text):
    """What is cut off is neither lost nor a reason for Google to refuse the whole event."""
    lines = ["DTSTART:20260310T100000Z", "DTEND:20260310T110000Z"]
    text = "abcdefghi " * 1500
    item = CalendarObject.parse(object_text(*lines, f"DESCRIPTION:{text}"))
    view = lens().calendar_view(item)
    assert len(view.description) <= 8192
    assert view.description.endswith("\n…")
    assert lens().google_view(lens().new_for_google(item)) == view
    assert lens().put_calendar(view, item) == item
    edited = replace(view, title="Edited", description="Replaced at Google")
    patched = lens().put_calendar(edited, item)
    assert lens().calendar_view(patched) == replace(view, title="Edited")
    assert patched.head().text("DESCRIPTION") == text
    emptied = lens().put_calendar(replace(view, description=""), item)
    assert emptied.head().text("DESCRIPTION") == ""


def test_contacts_are_left_out_where_google_has_no_room_for_them(lens, object_text):
    """The text goes first, and comes back as it is."""
    times = ["DTSTART:20260310T100000Z", "DTEND:20260310T110000Z"]
    for length, has_block in ((8000, True), (8150, False)):
        lines = [*times, "X-CRM-PERSON;X-CRM-ID=1:Mira Lindqvist", f"DESCRIPTION:{'x' * length}"]
        item = CalendarObject.parse(object_text(*lines))
        view = lens(contact_information=True).calendar_view(item)
        assert len(view.description) <= 8192
        assert (contact_block.BEGIN in view.description) is has_block
        assert lens(contact_information=True).put_calendar(view, item) == item


@pytest.mark.parametrize(
    ("lines", "start", "length"),
    [
        (["DUE:20260310T100000Z"], DUE, HALF),
        (["DUE:20260310T100000Z", "X-CRM-DURATION:PT2H"], DUE, timedelta(hours=2)),
        (["DUE:20260310T100000Z", "X-CRM-DURATION:PT0S"], DUE, timedelta(0)),
        (["DTSTART:20260310T090000Z", "DUE:20260310T100000Z"], DUE, timedelta(hours=1)),
    ],
)
def test_a_timed_to_do_is_an_event_from_its_due_on(lens, object_text, lines, start, length):
    """Contract section 6: as long as the duration, else half an hour; free by default."""
    item = CalendarObject.parse(object_text(*lines, component="VTODO"))
    view = lens().calendar_view(item)
    assert view.schedule.span == TimedSpan(start=start, end=start + length)
    assert view.busy is False


def test_a_to_do_due_on_a_day_is_an_all_day_event_and_one_without_due_none(lens, object_text):
    """Contract section 6."""
    item = CalendarObject.parse(object_text("DUE;VALUE=DATE:20260310", component="VTODO"))
    assert lens().calendar_view(item).schedule.span == AllDaySpan(
        start=date(2026, 3, 10), end=date(2026, 3, 11)
    )
    undated = CalendarObject.parse(object_text(component="VTODO"))
    assert lens().calendar_view(undated) is None
    with pytest.raises(ConversionError):
        lens().new_for_google(undated)
    assert lens().calendar_facts(undated).last_day is None


def moved(view, *, by=timedelta(0), longer=timedelta(0)):
    """Return the view later and longer."""
    span = view.schedule.span
    span = replace(span, start=span.start + by, end=span.end + by + longer)
    return replace(view, schedule=Schedule(span=span))


@pytest.mark.parametrize(
    ("component", "lines"),
    [
        ("VEVENT", ["DTSTART;VALUE=DATE:99991130"]),
        ("VEVENT", ["DTSTART:20260310T100000Z", "DURATION:P416020W"]),
        ("VTODO", ["DUE:99991130T235959Z"]),
        ("VTODO", ["DTSTART:20260310T100000Z", "DUE:61000310T100000Z"]),
        ("VEVENT", ["DTSTART:00010202T000000Z"]),
    ],
)
def test_what_reaches_the_edge_of_the_calendar_is_shown_nowhere(
    lens, object_text, component, lines
):
    """Such an event could be written, but neither side would read it again."""
    item = CalendarObject.parse(object_text(*lines, component=component))
    assert lens().calendar_view(item) is None


def test_a_start_moved_at_google_moves_due_and_a_length_becomes_the_duration(lens, object_text):
    """Contract section 6: DUE does not move with the length."""
    item = CalendarObject.parse(object_text("DUE:20260310T100000Z", component="VTODO"))
    view = lens().calendar_view(item)
    later = lens().put_calendar(moved(view, by=timedelta(hours=1)), item)
    assert later.head().value("DUE") == "20260310T110000Z"
    longer = lens().put_calendar(moved(view, longer=HALF), item)
    assert longer.head().value("DUE") == "20260310T100000Z"
    assert longer.head().value("X-CRM-DURATION") == "PT1H"
    styled = CalendarObject.parse(
        object_text("DTSTART:20260310T090000Z", "DUE:20260310T100000Z", component="VTODO")
    )
    result = lens().put_calendar(moved(lens().calendar_view(styled), longer=HALF), styled).head()
    assert (result.value("DTSTART"), result.value("DUE")) == (
        "20260310T083000Z",
        "20260310T100000Z",
    )


def test_an_incoming_event_becomes_a_to_do_that_starts_and_is_due_at_its_start(lens):
    """Contract section 6: DTSTART and DUE are its start, the length is kept."""
    made_in, made = lens(incoming_type="deadline").new_for_calendar(
        google(summary="✓ Pay", updated="2026-03-01T08:00:00.000Z"), uid="new"
    )
    head = made.head()
    assert (made_in, made.component, made.uid) == ("tasks", "VTODO", "new")
    assert head.value("DTSTART") == head.value("DUE") == "20260310T100000Z"
    assert head.value("X-CRM-DURATION") == "PT30M"
    assert (head.text("SUMMARY"), head.value("STATUS")) == ("Pay", "COMPLETED")
    assert head.value("CATEGORIES") == "Deadline"
    assert head.value("DTSTAMP") == "20260301T080000Z"


def test_an_incoming_type_that_is_gone_is_said(lens):
    """The item waits; nothing is guessed."""
    with pytest.raises(ConversionError, match="incoming"):
        lens(incoming_type="gone").new_for_calendar(google(), uid="new")


def test_a_done_event_wears_its_mark_at_google_and_a_literal_tick_does_not(lens, written, call):
    """D6."""
    done = lens().new_for_google(written(call(done=True)))
    assert object_to_events(done).master["summary"] == "✓ Call Ada"
    literal = lens().new_for_google(written(call(subject="✓ list")))
    assert object_to_events(literal).master["summary"] == "\u200b✓ list"
    assert lens().google_view(literal).title == "✓ list"


def test_a_mark_typed_at_google_makes_the_activity_done(lens, written, call):
    """And taking it away makes it open again."""
    item = written(call())
    view = lens().google_view(google(summary="✓ Call Ada"))
    done = lens().put_calendar(view, item)
    assert done.head().value("X-CRM-DONE") == "TRUE"
    assert done.head().text("SUMMARY") == "✓ Call Ada"
    opened = lens().put_calendar(replace(view, done=False), done)
    assert opened.head().first("X-CRM-DONE") is None


@pytest.mark.parametrize(
    "title", ["", "a", "✓", "✓ a", "\u200b✓ a", "\u200b", "\u200b\u200b✓", " ✓"]
)
@pytest.mark.parametrize("done", [True, False])
def test_the_mark_is_joined_and_split_without_loss(title, done):
    """Every title there is, marked or not."""
    assert title_mark.split(title_mark.join(done=done, title=title)) == (done, title)


def linked(call):
    """Return a call about somebody and something."""
    return call(
        person=Person(id=1, name="Ada", email="ada@x", phone="+1 2"),
        organization=Organization(id=2, name="Acme"),
        deal=Deal(id=3, title="Big"),
        public_description="Bring cake",
    )


def test_linked_contacts_go_out_in_a_block_only_when_asked(lens, written, call):
    """D2: name, mail, phone, organization, deal, link to the record."""
    item = written(linked(call))
    assert lens().calendar_view(item).description == "Bring cake"
    shown = lens(contact_information=True).calendar_view(item).description
    assert shown.startswith("Bring cake\n\n--- CRM contact ---\n")
    for part in ("Ada", "ada@x", "+1 2", "Acme", "Deal: Big", "https://crm/9"):
        assert part in shown


@pytest.mark.parametrize(
    ("edit", "description"),
    [
        (lambda shown: shown.replace("Bring cake", "Bring two"), "Bring two"),
        (lambda shown: shown.replace("Ada", "Eve"), "Bring cake"),
        (lambda shown: shown.replace("\n", "<br>"), "Bring cake"),
        (lambda shown: shown + "\nand tea", "Bring cake\nand tea"),
        (lambda shown: shown[: shown.index("Acme")], "Bring cake"),
        (lambda shown: "", ""),
    ],
)
def test_edits_outside_the_block_come_back_and_the_block_never(
    lens, written, call, edit, description
):
    """D2, also when the option was switched off since."""
    item = written(linked(call))
    view = lens(contact_information=True).calendar_view(item)
    changed = replace(view, description=edit(view.description))
    for asked in (True, False):
        result = lens(contact_information=asked).put_calendar(changed, item)
        assert result.head().text("DESCRIPTION") == description
        assert "CRM contact" not in result.text


def test_a_long_run_of_blanks_before_a_block_is_taken_off_quickly():
    """No pattern that tries every blank."""
    text = "x" + " \n" * 200_000 + contact_block.BEGIN
    assert contact_block.strip(text) == "x"


@pytest.mark.parametrize(
    ("google_visibility", "option", "in_crm"),
    [
        ("private", PrivateEvents.SAVE_AS_PRIVATE, "PRIVATE"),
        ("private", PrivateEvents.SAVE_AS_PUBLIC, ""),
        ("confidential", PrivateEvents.SAVE_AS_PUBLIC, ""),
        ("default", PrivateEvents.SAVE_AS_PRIVATE, ""),
        ("public", PrivateEvents.SAVE_AS_PRIVATE, "PUBLIC"),
        ("private", PrivateEvents.DO_NOT_SYNC, "PRIVATE"),
    ],
)
def test_private_events_come_in_as_the_option_says(lens, google_visibility, option, in_crm):
    """G1; and what is written back to Google is never laxer."""
    chosen = lens(private_events=option)
    item = google(summary="Doctor", visibility=google_visibility)
    _, made = chosen.new_for_calendar(item, uid="new")
    assert made.head().value("CLASS") == in_crm
    back = chosen.put_google(chosen.calendar_view(made), item)
    assert back is item


def test_save_as_public_keeps_google_private_even_when_a_client_drops_our_property(lens):
    """The flag may be lost on the way; Google's event stays private all the same."""
    chosen = lens(private_events=PrivateEvents.SAVE_AS_PUBLIC)
    item = google(summary="Doctor", visibility="private")
    view = replace(chosen.google_view(item), visibility=Visibility.DEFAULT, title="Dentist")
    written = chosen.put_google(view, item)
    assert written.head().value("CLASS") == "PRIVATE"
    assert written.head().text("SUMMARY") == "Dentist"


def test_under_do_not_sync_a_private_event_shows_only_its_time(lens):
    """G1: title, place and text stay at Google, and are not overwritten either."""
    chosen = lens(private_events=PrivateEvents.DO_NOT_SYNC)
    item = google(summary="Doctor", visibility="private", location="Ward", description="x")
    view = chosen.google_view(item)
    assert view == View(title="Busy", schedule=view.schedule, visibility=Visibility.PRIVATE)
    _, made = chosen.new_for_calendar(item, uid="new")
    assert "Doctor" not in made.text
    assert "Ward" not in made.text
    moved_view = moved(replace(view, title="Foo"), by=HALF)
    changed = chosen.put_google(moved_view, item)
    assert changed.head().text("SUMMARY") == "Doctor"
    assert changed.head().value("DTSTART") == "20260310T103000Z"


def test_a_private_activity_goes_out_private(lens, written, call):
    """G2."""
    body = object_to_events(lens().new_for_google(written(call(private=True)))).master
    assert body["visibility"] == "private"


def test_under_do_not_sync_a_private_activity_goes_out_without_details(lens, written, call):
    """The engine withholds it; should it ever be written, only the time goes."""
    chosen = lens(private_events=PrivateEvents.DO_NOT_SYNC)
    made = chosen.new_for_google(written(call(private=True, location="Ward")))
    assert "Ada" not in made.text
    assert "Ward" not in made.text


def test_a_recurring_activity_is_shown_as_a_series(lens, written, call):
    """Its facts say that it has no end."""
    item = written(call(recurrence=("RRULE:FREQ=DAILY",)))
    assert lens().calendar_view(item).schedule.recurrence == ("RRULE:FREQ=DAILY",)
    assert lens().calendar_facts(item).recurring
    assert lens().calendar_facts(item).unsupported == ""
    assert lens().calendar_facts(item).last_day == date.max


def test_facts_of_an_activity(lens, object_text):
    """What scope rules ask."""
    lines = ["CATEGORIES:Call", "X-CRM-SYNC:FALSE", "ORGANIZER:mailto:me@x", "ATTENDEE:mailto:me@x"]
    item = CalendarObject.parse(object_text("DTSTART:20260310T233000Z", *lines))
    facts = lens().calendar_facts(item)
    assert (facts.type_key, facts.do_not_sync, facts.guests) == ("call", True, False)
    assert facts.last_day == date(2026, 3, 11)
    invited = CalendarObject.parse(object_text(*lines, "ATTENDEE:mailto:b@x"))
    assert lens().calendar_facts(invited).guests
    plain = CalendarObject.parse(object_text(component="VTODO"))
    assert lens().calendar_facts(plain).type_key == "task"


def test_the_last_day_of_an_all_day_item_is_the_day_before_its_end(lens, object_text):
    """Exclusive ends."""
    lines = ["DTSTART;VALUE=DATE:20260310", "DTEND;VALUE=DATE:20260312"]
    item = CalendarObject.parse(object_text(*lines))
    assert lens().calendar_facts(item).last_day == date(2026, 3, 11)


def test_renamed_zones_and_other_spellings_are_no_edits(lens):
    """Google facts, section 7: what it rewrites must not come back as a change."""
    chosen = lens()
    old = google(
        start={"dateTime": "2026-03-10T15:30:00+05:30", "timeZone": "Asia/Calcutta"},
        end={"dateTime": "2026-03-10T16:00:00+05:30", "timeZone": "Asia/Calcutta"},
        summary="a ",
        description="x\r\ny \n",
        location=None,
    )
    new = google(
        start={"dateTime": "2026-03-10T10:00:00Z", "timeZone": "Asia/Kolkata"},
        end={"dateTime": "2026-03-10T10:30:00Z", "timeZone": "Asia/Kolkata"},
        summary="a",
        description="x\ny",
        location="",
    )
    assert chosen.google_view(old) == chosen.google_view(new)
