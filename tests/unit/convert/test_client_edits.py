"""What edits of clients make of activities: done, types, and what stays."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bridge.convert.activity import activity_to_object, object_to_activity
from bridge.domain.activity import STOCK_TYPES, ActivityType, CollectionName, Person
from bridge.domain.spans import AllDaySpan
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject

TYPES = {type_.key: type_ for type_ in STOCK_TYPES}
RENAMED = replace(TYPES["call"], name="Phone call")


def edited(base, text, previous=None, *, collection=CollectionName.ACTIVITIES, types=STOCK_TYPES):
    """Return the activity after a client put this text over the previous one."""
    return object_to_activity(
        CalendarObject.parse(text),
        base=base,
        previous=None if previous is None else CalendarObject.parse(previous),
        types=types,
        collection=collection,
        floating_zone="Europe/Prague",
    )


@pytest.mark.parametrize(
    ("signals", "was_done", "done"),
    [
        ((["SUMMARY:a"], ["SUMMARY:✓ a"]), False, True),
        ((["SUMMARY:a"], ["SUMMARY:✓a"]), False, True),
        ((["SUMMARY:✓ a", "X-CRM-DONE:TRUE"], ["SUMMARY:a", "X-CRM-DONE:TRUE"]), True, False),
        ((["SUMMARY:✓ a", "X-CRM-DONE:TRUE"], ["SUMMARY:✓ a"]), True, True),
        ((["SUMMARY:✓ a", "X-CRM-DONE:TRUE"], ["SUMMARY:✓ b", "X-CRM-DONE:TRUE"]), True, True),
        ((["SUMMARY:a"], ["SUMMARY:a", "X-CRM-DONE:TRUE"]), False, True),
        ((["SUMMARY:✓ a", "X-CRM-DONE:TRUE"], ["SUMMARY:✓ a", "X-CRM-DONE:FALSE"]), True, False),
        ((["SUMMARY:a", "X-CRM-DONE:FALSE"], ["SUMMARY:✓ a", "X-CRM-DONE:TRUE"]), False, True),
        ((["SUMMARY:✓ a", "X-CRM-DONE:TRUE"], ["SUMMARY:a", "X-CRM-DONE:FALSE"]), True, False),
        ((["SUMMARY:✓ a", "X-CRM-DONE:FALSE"], ["SUMMARY:a", "X-CRM-DONE:TRUE"]), True, False),
        ((["SUMMARY:a"], ["SUMMARY:a", "LOCATION:x"]), False, False),
    ],
)
def test_the_signal_of_done_that_changed_is_believed(call, object_text, signals, was_done, done):
    """Contract section 6: the changed signal wins, and the title when several changed."""
    before, after = signals
    result = edited(call(done=was_done), object_text(*after), object_text(*before))
    assert result.done is done


@pytest.mark.parametrize(
    ("signals", "was_done", "done"),
    [
        ((["STATUS:NEEDS-ACTION"], ["STATUS:COMPLETED"]), False, True),
        ((["STATUS:COMPLETED", "PERCENT-COMPLETE:100"], ["STATUS:NEEDS-ACTION"]), True, False),
        ((["STATUS:COMPLETED"], ["STATUS:IN-PROCESS", "PERCENT-COMPLETE:100"]), True, False),
        (([], ["PERCENT-COMPLETE:100"]), False, True),
        (([], ["COMPLETED:20260301T100000Z"]), False, True),
        ((["COMPLETED:20260301T100000Z"], []), True, False),
        ((["SUMMARY:a"], ["SUMMARY:✓ a", "STATUS:NEEDS-ACTION"]), False, True),
        ((["SUMMARY:✓ a"], ["SUMMARY:✓ a", "STATUS:NEEDS-ACTION"]), True, False),
        ((["SUMMARY:a"], ["SUMMARY:a", "STATUS:CANCELLED"]), False, False),
    ],
)
def test_a_to_do_is_done_by_status_or_mark(call, object_text, signals, was_done, done):
    """RFC 5545 section 3.8.1.11 and the mark; undone likewise."""
    before, after = signals
    result = edited(
        call(type_key="task", done=was_done),
        object_text(*after, component="VTODO"),
        object_text(*before, component="VTODO"),
        collection=CollectionName.TASKS,
    )
    assert result.done is done


def test_the_time_of_completion_is_kept_when_it_is_told(call, object_text):
    """COMPLETED is when; a mark alone says nothing about it; reopening forgets it."""
    at = datetime(2026, 3, 1, 10, tzinfo=UTC)
    todo = object_text("STATUS:COMPLETED", "COMPLETED:20260301T100000Z", component="VTODO")
    assert edited(call(), todo).done_at == at
    vague = object_text("STATUS:COMPLETED", "COMPLETED;VALUE=DATE:20260301", component="VTODO")
    assert edited(call(), vague).done is True
    assert edited(call(), vague).done_at is None
    marked = object_text("SUMMARY:✓ a")
    assert edited(call(done=True, done_at=at), marked, marked).done_at == at
    assert edited(call(done=True, done_at=at), object_text("SUMMARY:a"), marked).done_at is None


def test_a_new_object_is_done_when_anything_says_so(call, object_text):
    """There is nothing to compare with."""
    assert edited(call(), object_text("SUMMARY:a", "X-CRM-DONE:TRUE")).done
    assert edited(call(), object_text("SUMMARY:✓ a")).done
    assert not edited(call(), object_text("SUMMARY:a")).done


def test_a_literal_tick_of_the_crm_is_no_mark(call, object_text):
    """Escaped with U+200B going out, restored coming back."""
    result = edited(call(), object_text("SUMMARY:\u200b✓ a"))
    assert (result.done, result.subject) == (False, "✓ a")
    assert edited(call(), object_text("SUMMARY:\u200b")).subject == "\u200b"


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        (["CATEGORIES:Call", "X-CRM-ACTIVITY-TYPE:call"], ["CATEGORIES:Meeting"], "meeting"),
        (
            ["CATEGORIES:Call", "X-CRM-ACTIVITY-TYPE:call"],
            ["CATEGORIES:lunch", "X-CRM-ACTIVITY-TYPE:call"],
            "lunch",
        ),
        (
            ["CATEGORIES:Call", "X-CRM-ACTIVITY-TYPE:call"],
            ["CATEGORIES:Call,Lunch", "X-CRM-ACTIVITY-TYPE:call"],
            "lunch",
        ),
        (
            ["CATEGORIES:Call", "X-CRM-ACTIVITY-TYPE:call"],
            ["CATEGORIES:Private life", "X-CRM-ACTIVITY-TYPE:call"],
            "call",
        ),
        (
            ["CATEGORIES:Call", "X-CRM-ACTIVITY-TYPE:call"],
            ["CATEGORIES:Task", "X-CRM-ACTIVITY-TYPE:call"],
            "call",
        ),
        (
            ["CATEGORIES:Call", "X-CRM-ACTIVITY-TYPE:call"],
            ["CATEGORIES:Call", "X-CRM-ACTIVITY-TYPE:meeting"],
            "meeting",
        ),
        (
            ["CATEGORIES:Call", "X-CRM-ACTIVITY-TYPE:call"],
            ["CATEGORIES:Lunch", "X-CRM-ACTIVITY-TYPE:meeting"],
            "lunch",
        ),
        (["CATEGORIES:Call,Lunch"], ["CATEGORIES:Lunch", "CATEGORIES:Call"], "call"),
        (["CATEGORIES:Call", "X-CRM-ACTIVITY-TYPE:call"], [], "call"),
        (["X-CRM-ACTIVITY-TYPE:call"], ["X-CRM-ACTIVITY-TYPE:task"], "call"),
    ],
)
def test_a_category_changes_the_type_within_its_collection(call, object_text, before, after, key):
    """Design decision 17: any other category is a text."""
    assert edited(call(), object_text(*after), object_text(*before)).type_key == key


def test_a_new_object_is_of_the_type_it_names_or_of_its_callers_default(call, object_text):
    """The caller gives the collection's default in `base`."""
    base = call(type_key="meeting")
    assert edited(base, object_text()).type_key == "meeting"
    assert edited(base, object_text("CATEGORIES:CALL")).type_key == "call"
    assert edited(base, object_text("X-CRM-ACTIVITY-TYPE:lunch")).type_key == "lunch"
    todo = object_text("CATEGORIES:Deadline", component="VTODO")
    assert edited(base, todo, collection=None).type_key == "deadline"


def test_an_inactive_type_cannot_be_chosen(call, object_text):
    """It only stays where it is."""
    types = [replace(TYPES["lunch"], active=False), TYPES["call"]]
    lunch = object_text("CATEGORIES:Lunch")
    assert edited(call(), lunch, types=types).type_key == "call"
    assert edited(call(type_key="lunch"), lunch, types=types).type_key == "lunch"


def test_what_the_object_does_not_say_stays(call, object_text):
    """Note, links, participants and owner are the CRM's."""
    person = Person(id=3, name="Ada")
    base = call(note="internal", person=person, participants=(person,), id=9)
    result = edited(base, object_text("SUMMARY:new", "X-CRM-PERSON;X-CRM-ID=4:Bob", "CONTACT:Bob"))
    assert (result.note, result.person, result.participants) == ("internal", person, (person,))
    assert (result.id, result.owner_id, result.subject) == (9, base.owner_id, "new")


@pytest.mark.parametrize(
    ("base_busy", "lines", "busy"),
    [
        (None, [], None),
        (None, ["TRANSP:TRANSPARENT"], False),
        (True, ["TRANSP:OPAQUE"], True),
        (None, ["DTSTART;VALUE=DATE:20260310"], True),
        (None, ["DTSTART;VALUE=DATE:20260310", "TRANSP:TRANSPARENT"], None),
    ],
)
def test_busy_stays_unset_while_it_means_the_same(call, object_text, base_busy, lines, busy):
    """An absent TRANSP is busy (RFC 5545 section 3.8.2.7); unset is busy only when timed."""
    assert edited(call(busy=base_busy), object_text(*lines)).busy is busy


@pytest.mark.parametrize(
    ("line", "private"),
    [
        ("CLASS:PRIVATE", True),
        ("CLASS:confidential", True),
        ("CLASS:X-SECRET", True),
        ("CLASS:PUBLIC", False),
        ("X-A:1", False),
    ],
)
def test_a_class_that_is_not_public_is_private(call, object_text, line, private):
    """RFC 5545 section 3.8.1.3: unknown classes are treated as private."""
    assert edited(call(), object_text(line)).private is private


def test_a_to_do_without_due_is_undated_and_one_with_a_date_stays_a_to_do(call, object_text, now):
    """Design decision 17: a date given by a client does not move it."""
    base = call(span=None)
    assert edited(base, object_text("DTSTART:20260310T090000Z", component="VTODO")).span is None
    text = object_text("DUE;VALUE=DATE:20260310", component="VTODO")
    dated = edited(base, text, collection=CollectionName.TASKS)
    assert dated.span == AllDaySpan(start=date(2026, 3, 10), end=date(2026, 3, 11))
    item = CalendarObject.parse(text)
    written = activity_to_object(
        replace(dated, subject="New"), uid=item.uid, type_=TYPES["call"], now=now, base=item
    )
    assert written.component == "VTODO"


def test_a_journal_entry_is_no_activity(call, object_text):
    """It is kept as an object where calendars take it."""
    with pytest.raises(ConversionError):
        edited(call(), object_text(component="VJOURNAL"))


def test_an_event_without_a_start_is_no_activity(call):
    """RFC 5545 section 3.6.1 asks for one; an undated activity would be a to-do."""
    text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    with pytest.raises(ConversionError, match="without a start") as refused:
        edited(call(), text)
    assert refused.value.property_name == "DTSTART"


def test_guests_come_in_with_their_replies(call, object_text):
    """Addresses other than e-mail stay in the text only."""
    lines = [
        "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:MAILTO:bob@x",
        "ATTENDEE;PARTSTAT=DELEGATED:mailto:eve@x",
        "ATTENDEE:urn:uuid:1",
    ]
    bob, eve = edited(call(), object_text(*lines)).attendees
    assert (bob.email, bob.name, bob.reply.value, bob.optional) == (
        "bob@x",
        "Bob",
        "accepted",
        True,
    )
    assert (eve.email, eve.reply.value) == ("eve@x", "needs-action")


def write(activity, base, now, *, type_=None, types=()):
    """Return the object after the CRM changed the activity."""
    item = CalendarObject.parse(base)
    type_ = type_ or TYPES[activity.type_key]
    return activity_to_object(activity, uid=item.uid, type_=type_, now=now, base=item, types=types)


def test_a_changed_subject_changes_no_line_but_its_own(call, object_text, now):
    """A client's object keeps every byte that is not concerned."""
    lines = [
        "SUMMARY:Call Ada", "DTSTART;TZID=W. Europe Standard Time:20260310T100000",
        "DURATION:PT30M", "X-ODD:1", "CLASS:PUBLIC", "CATEGORIES:Own one", "PRIORITY:0",
        "ATTENDEE;RSVP=TRUE:mailto:b@x", "URL:https://client.example.com", "CONTACT:Somebody",
        "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:-PT5M", "END:VALARM",
    ]  # fmt: skip
    base = object_text(*lines)
    activity = edited(call(type_key="meeting"), base)
    item = write(replace(activity, subject="Ring Ada"), base, now)
    expected = base.replace("SUMMARY:Call Ada", "SUMMARY:Ring Ada")
    expected = expected.replace("DTSTAMP:20260101T000000Z", "DTSTAMP:20260301T080000Z")
    assert item.text.replace("LAST-MODIFIED:20260301T080000Z\r\n", "") == expected


def test_a_moved_event_raises_its_sequence_and_keeps_its_form(call, object_text, now):
    """DURATION stays DURATION; SEQUENCE rises with the schedule only."""
    base = object_text("SUMMARY:a", "DTSTART:20260310T090000Z", "DURATION:PT30M", "SEQUENCE:4")
    activity = edited(call(), base)
    assert (
        "SEQUENCE:4"
        in write(
            replace(activity, subject="b"),
            base,
            now,
        ).text
    )
    span = replace(activity.span, end=activity.span.end.replace(hour=11))
    moved = write(replace(activity, span=span), base, now).text
    assert "SEQUENCE:5" in moved
    assert "DURATION:PT2H" in moved
    assert "DTEND" not in moved


def test_a_type_changed_in_the_crm_replaces_the_category_it_wrote(call, now):
    """Other categories are the client's."""
    item = activity_to_object(call(), uid="u", type_=TYPES["call"], now=now)
    base = item.text.replace("CATEGORIES:Call", "CATEGORIES:Own,Call")
    changed = write(call(type_key="lunch"), base, now)
    assert "CATEGORIES:Lunch,Own\r\n" in changed.text
    assert "X-CRM-ACTIVITY-TYPE:lunch\r\n" in changed.text
    renamed = write(call(), base, now, type_=RENAMED)
    assert "CATEGORIES:Phone call,Own\r\n" in renamed.text


def test_a_clients_category_of_another_type_is_overruled_by_the_crm(call, now):
    """The client made it a lunch, then the CRM a call again: the category follows."""
    item = activity_to_object(call(), uid="u", type_=TYPES["call"], now=now)
    base = item.text.replace("CATEGORIES:Call", "CATEGORIES:Lunch")
    assert write(call(type_key="lunch"), base, now, types=STOCK_TYPES).text == base
    assert "CATEGORIES:Call,Lunch" in write(call(), base, now, types=STOCK_TYPES).text


def test_an_event_that_lost_its_date_becomes_a_to_do(call, now):
    """Only the CRM does that, and moves it in the same step."""
    item = activity_to_object(call(), uid="u", type_=TYPES["call"], now=now)
    made = write(call(span=None), item.text, now)
    assert made.component == "VTODO"
    assert "DUE" not in made.text


def test_a_row_that_makes_no_sense_is_reported(call, now):
    """Other programs write rows: unknown zones and rules are errors, not texts."""
    for changes in (
        {"span": replace(call().span, zone="Mars/Olympus")},
        {"recurrence": ("RRULE:FREQ=NEVER",)},
        {"recurrence": ("SUMMARY:x",)},
        {"recurrence": ("EXDATE:soon",)},
    ):
        with pytest.raises(ConversionError):
            activity_to_object(call(**changes), uid="u", type_=TYPES["call"], now=now)


def test_a_type_of_the_users_own_is_written_escaped(call, now):
    """Names of types are anybody's."""
    odd = ActivityType(key="x", name="A,B;C\r\nX:1", collection=CollectionName.ACTIVITIES)
    text = activity_to_object(call(type_key="x"), uid="u", type_=odd, now=now).text
    assert "CATEGORIES:A\\,B\\;C\\nX:1\r\n" in text
