"""The form of an activity: texts to values and back."""

import pytest
from werkzeug.datastructures import MultiDict

from bridge.application.activity_draft import Draft
from bridge.errors import InvalidInput
from bridge.web.activity_form import FormValues, draft_from, entered, shown

FILLED = [
    ("type", "call"), ("subject", "Call Eva"), ("date", "2026-03-24"), ("time", "10:00"),
    ("last_date", ""), ("minutes", "45"), ("repeat", "WEEKLY"), ("interval", "2"),
    ("weekdays", "1"), ("weekdays", "4"), ("ends", "count"), ("until", ""), ("count", "5"),
    ("busy", "free"), ("private", "1"), ("location", "Hall"), ("description", "a\r\nb"),
    ("note", "n"), ("person", "Eva"), ("organization", "Acme"), ("deal", "Big"),
]  # fmt: skip


def test_a_filled_form_is_shown_again_as_it_was_sent():
    """Ends of lines apart: browsers send CR LF."""
    values = entered(MultiDict(FILLED))
    assert shown(draft_from(values)) == values
    assert values.description == "a\nb"
    assert values.weekdays == ("1", "4")


def test_a_quick_form_lacks_most_fields_and_is_enough():
    """Type, subject, date and time."""
    quick = MultiDict(
        [("type", "call"), ("subject", "x"), ("date", "2026-03-24"), ("time", "09:05")]
    )
    draft = draft_from(entered(quick))
    assert (draft.at.hour, draft.at.minute, draft.minutes, draft.repeat) == (9, 5, None, None)


def test_what_belongs_to_another_choice_is_not_looked_at():
    """A forgotten time of whole days, odd days of a rule that is not weekly."""
    values = FormValues(
        type="call", subject="x", date="2026-03-24", time="nonsense", all_day=True, minutes="odd",
        repeat="DAILY", weekdays=("9",), until="never", count="many",
    )  # fmt: skip
    draft = draft_from(values)
    assert draft.at is None
    assert draft.repeat.weekdays == frozenset()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("date", "24.3.2026"), ("date", ""), ("time", "25:00"), ("minutes", "-5"),
        ("minutes", "1e3"), ("minutes", "²"), ("minutes", "9" * 5000), ("repeat", "SECONDLY"),
        ("interval", "0"), ("count", "1001"), ("count", ""), ("ends", "sometime"),
        ("busy", "maybe"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_read_is_refused_by_its_field(field, text):
    """Whatever a program sends; the form comes back with what was entered."""
    form = MultiDict(FILLED)
    form[field] = text
    with pytest.raises(InvalidInput) as refusal:
        draft_from(entered(form))
    assert refusal.value.field == field


def test_an_unknown_weekday_is_refused():
    """There are seven."""
    with pytest.raises(InvalidInput) as refusal:
        draft_from(entered(MultiDict([*FILLED, ("weekdays", "7")])))
    assert refusal.value.field == "weekdays"


def test_a_series_that_ends_on_a_day_needs_the_day():
    """An empty date is no end."""
    form = MultiDict(FILLED)
    form["ends"] = "until"
    with pytest.raises(InvalidInput) as refusal:
        draft_from(entered(form))
    assert refusal.value.field == "until"


def test_a_text_too_long_for_the_form_is_not_in_it_and_stays():
    """Descriptions are never cut, so one from elsewhere is not put into a field that would."""
    long = shown(Draft(type_key="call", subject="x", public_description="x" * 20_001, note="n"))
    assert (long.description, long.note) == (None, "n")
    assert draft_from(long).public_description is None
