"""Activities from the shell: add, list, import, export."""

from datetime import UTC, date, datetime

import pytest

from bridge.application.activities import (
    NewActivity,
    add_activity,
    export_file,
    import_file,
    list_activities,
)
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.errors import InvalidCalendarData, InvalidInput

START = datetime(2026, 3, 5, 10, 0)  # noqa: DTZ001 - what a person types has no zone


def told(database, login="anna"):
    """Return the subjects in the order of the listing."""
    return [listed.activity.subject for listed in list_activities(database, login)]


def test_typed_time_is_in_the_users_zone(database, user, clock):
    """An event lasts half an hour unless told."""
    new = NewActivity(type_key="call", subject=" Call Mira ", start=START)
    added = add_activity(database, "anna", new, clock=clock)
    assert added.subject == "Call Mira"
    assert added.span == TimedSpan(
        start=datetime(2026, 3, 5, 9, 0, tzinfo=UTC),
        end=datetime(2026, 3, 5, 9, 30, tzinfo=UTC),
        zone="Europe/Prague",
    )


def test_typed_time_of_a_todo_is_its_due_time(database, user, clock):
    """A to-do ends when it is due."""
    new = NewActivity(type_key="task", subject="Write", start=START, minutes=45)
    span = add_activity(database, "anna", new, clock=clock).span
    assert (span.end_utc, span.duration.total_seconds()) == (
        datetime(2026, 3, 5, 9, 0, tzinfo=UTC),
        45 * 60,
    )


def test_list_is_by_time_with_undated_ones_last(database, user, clock):
    """Whatever the order they were added in."""
    for subject, start, day in (
        ("undated", None, None),
        ("second", START, None),
        ("first", None, date(2026, 3, 5)),
    ):
        new = NewActivity(type_key="task", subject=subject, start=start, day=day)
        add_activity(database, "anna", new, clock=clock)
    assert told(database) == ["first", "second", "undated"]
    spans = [listed.activity.span for listed in list_activities(database, "anna")]
    assert spans[0] == AllDaySpan(start=date(2026, 3, 5), end=date(2026, 3, 6))


@pytest.mark.parametrize(
    "new",
    [
        NewActivity(type_key="yoga", subject="x"),
        NewActivity(type_key="call", subject="  "),
        NewActivity(type_key="call", subject="x", minutes=5),
        NewActivity(type_key="call", subject="x", start=START, minutes=-5),
        NewActivity(type_key="call", subject="x", start=START, day=date(2026, 3, 5)),
    ],
)
def test_contradicting_activity_is_refused(database, user, clock, new):
    """Nothing of it is stored."""
    with pytest.raises(InvalidInput):
        add_activity(database, "anna", new, clock=clock)
    assert told(database) == []


def test_exported_file_comes_back_into_another_account_as_it_was(database, user, make_user, clock):
    """Twice is once: the second import replaces."""
    make_user("ben")
    add_activity(
        database, "anna", NewActivity(type_key="lunch", subject="Lunch", start=START), clock=clock
    )
    add_activity(database, "anna", NewActivity(type_key="email", subject="Mail"), clock=clock)
    text = export_file(database, "anna")
    assert text.count("BEGIN:VCALENDAR") == 1
    first = import_file(database, "ben", text, clock=clock)
    assert (first.added, first.replaced, first.refused) == (2, 0, ())
    again = import_file(database, "ben", text, clock=clock)
    assert (again.added, again.replaced, again.refused) == (0, 2, ())
    assert told(database, "ben") == ["Lunch", "Mail"]
    types = [listed.activity.type_key for listed in list_activities(database, "ben")]
    assert types == ["lunch", "email"]


def test_bad_item_does_not_stop_the_others(database, user, clock, event_text):
    """It is told with its UID and the reason."""
    good = event_text("good", "Good")
    body = good.split("BEGIN:VEVENT")[1].split("END:VEVENT")[0]
    bad = body.replace("UID:good", "UID:bad").replace("DTSTART:20260305T100000Z", "X-NO:START")
    nameless = body.replace("UID:good\r\n", "")
    text = good.replace(
        "END:VCALENDAR",
        f"BEGIN:VEVENT{bad}END:VEVENT\r\nBEGIN:VEVENT{nameless}END:VEVENT\r\nEND:VCALENDAR",
    )
    report = import_file(database, "anna", text, clock=clock)
    assert report.added == 1
    assert [item.uid for item in report.refused] == ["bad", ""]
    assert told(database) == ["Good"]


def test_text_that_is_no_calendar_is_refused_as_a_whole(database, user, clock):
    """A web page saved under the wrong name."""
    with pytest.raises(InvalidCalendarData):
        import_file(database, "anna", "<html></html>", clock=clock)
