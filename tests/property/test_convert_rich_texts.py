"""Descriptions of pieces that are, or look like, HTML: nothing is lost on the way to Google."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bridge.convert.google_event import event_to_object
from bridge.convert.lens import GoogleLens
from bridge.convert.rich_text import as_kept, is_html, plain_text, told_plainly
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.sync_settings import SyncSettings
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import escape_text
from bridge.rehearsal.events.rich_text import sanitized

PIECES = (
    "<", ">", "&", ";", "<b>", "</b>", "<br>", "<x@y>", "</x>", "<!--", "<?", "&lt;", "&amp;",
    "&amp;lt;", "&nbsp;", "&#39;", "&copy", "word", " ", "\n", "a<b && c>d", "…", "<li>",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
TAGS = ("<b>", "</b>", "<br>", "<li>")
PLAIN = TEXTS.filter(lambda text: not any(tag in text for tag in TAGS))
LENS = GoogleLens(
    settings=SyncSettings(
        incoming_type="meeting",
        outgoing_types=frozenset({"meeting"}),
        sync_from=date(2026, 1, 1),
    ),
    types=STOCK_TYPES,
    calendar_zone="Europe/Prague",
)


def activity(text):
    """Return an event of the calendar with this description."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:u"]
    lines += ["DTSTAMP:20260101T000000Z", "DTSTART:20260310T090000Z"]
    lines += [f"DESCRIPTION:{escape_text(text)}", "END:VEVENT", "END:VCALENDAR", ""]
    return CalendarObject.parse("\r\n".join(lines))


def event(text):
    """Return Google's item of an event with this description."""
    made = {"id": "e", "start": {"date": "2026-03-10"}, "description": text}
    return event_to_object([made], uid="g", calendar_zone="Europe/Prague")


@given(TEXTS)
def test_there_is_one_form_of_what_a_description_says(text):
    """However often it is asked for; and what is sent has that form."""
    assert as_kept(as_kept(text)) == as_kept(text)
    assert as_kept(told_plainly(text)) == told_plainly(text)


@given(PLAIN)
def test_a_plain_text_survives_google(text):
    """What Google takes away of HTML is nothing of it."""
    sent = told_plainly(text)
    assert sanitized(sent) == sent
    assert (plain_text(sent) if is_html(sent) else sent) == text


@given(TEXTS, TEXTS)
def test_descriptions_of_both_sides_can_be_put_into_the_other(here, there):
    """The laws of the lens, for texts that are nearly HTML."""
    item, told = activity(here), event(there)
    view = LENS.google_view(told)
    assert LENS.put_google(view, told) is told
    put = LENS.put_calendar(replace(LENS.calendar_view(item), description=view.description), item)
    assert LENS.calendar_view(put).description == view.description
    back = LENS.put_google(replace(view, description=LENS.calendar_view(item).description), told)
    assert LENS.google_view(back).description == LENS.calendar_view(item).description
