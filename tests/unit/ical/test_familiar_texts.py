"""Texts that are spared the trial with icalendar would have passed it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.errors import InvalidCalendarData
from bridge.ical import familiar, validity
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.familiar import is_familiar
from bridge.ical.scanner import scan

CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"])
FORMS = {name: form for name, form in familiar._FORMS.items() if form is not familiar._TEXT}


def text_of(*lines: str) -> str:
    """Return an event with further lines."""
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//test//EN",
            "BEGIN:VEVENT",
            "UID:one",
            "DTSTAMP:20260301T000000Z",
            "DTSTART;TZID=Europe/Prague:20260302T090000",
            "SUMMARY;LANGUAGE=cs:Káva\\, dort",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


def familiar_line():
    """Lines of every form, arbitrary within it."""
    texts = st.builds("{}:{}".format, st.sampled_from(["COMMENT", "X-NOTE"]), st.text(CHARACTERS))
    formed = [
        st.from_regex(form, fullmatch=True, alphabet=CHARACTERS).map(name.__add__)
        for name, form in FORMS.items()
        if name not in ("DTSTART", "DTSTAMP", "UID")
    ]
    return st.one_of(texts, *formed)


@given(line=familiar_line())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_familiar_passes_the_trial(line):
    """Whatever a form lets through, icalendar reads and writes."""
    text = text_of(line)
    try:
        tree = scan(text)
    except InvalidCalendarData:
        return
    if is_familiar(text, tree):
        validity._trial(text, tree)


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261231T000000Z",
        'ATTENDEE;CN="Rossi, Carla";PARTSTAT=ACCEPTED;X-NUM-GUESTS=0:mailto:carla@example.com',
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER;RELATED=START:-PT15M\r\nEND:VALARM",
        "DTEND;VALUE=DATE:20260303",
        "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC",
        "URL:https://crm.example.com/activities/7?a=b",
    ],
)
def test_what_programs_write_every_day_is_familiar(line):
    """So that most texts are spared."""
    text = text_of(line)
    assert is_familiar(text, scan(text))


@pytest.mark.parametrize(
    "line",
    [
        "X-ODD;VALUE=INTEGER:abc",
        "GEO:1;2",
        "DTEND:20260230T000000Z",
        "DTEND;TZID=Nowhere/Town:20260302T100000",
        "RDATE;VALUE=PERIOD:20260302/20260303",
        "RRULE:FREQ=YEARLY;UNTIL=20269999",
        "ATTACH;ENCODING=BASE64;VALUE=BINARY:!!",
        "BEGIN:VALARM;X-A=1\r\nEND:VALARM",
        "\r\nCOMMENT:behind a blank line",
        "SUMMARY;VALUE=DATE:x",
        "BEGIN:X-COMPONENT\r\nEND:X-COMPONENT",
    ],
)
def test_anything_else_is_tried(line, monkeypatch):
    """Rare forms, and values that name no date or zone."""
    text = text_of(line)
    asked = []
    monkeypatch.setattr(validity, "_trial", lambda text, tree: asked.append(text))
    try:
        assert not is_familiar(text, scan(text))
        CalendarObject.parse(text)
    except InvalidCalendarData:
        return
    assert asked == [text]
