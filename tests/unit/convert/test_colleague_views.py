"""What a colleague sees of an owner's calendar objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.convert.colleague_view import busy_block, busy_view, readable_view
from bridge.ical.calendar_object import CalendarObject

DATA = Path(__file__).parents[2] / "data" / "colleague"
CASES = sorted(path.name.removesuffix(".read.ics") for path in DATA.glob("*.read.ics"))


def _load(name):
    return CalendarObject.parse((DATA / f"{name}.ics").read_bytes().decode())


def _item(*lines, component="VEVENT", line_break="\r\n"):
    text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", f"BEGIN:{component}", "UID:a@x"]
    text += ["DTSTAMP:20260301T080000Z", *lines, f"END:{component}", "END:VCALENDAR", ""]
    return CalendarObject.parse(line_break.join(text))


@pytest.mark.parametrize("name", CASES)
def test_reader_gets_the_golden_text(name):
    """The reduced text is a calendar object of the same UID, and reducing it again is a no-op."""
    seen = readable_view(_load(name), private=False)
    assert seen.text == (DATA / f"{name}.read.ics").read_bytes().decode()
    parsed = CalendarObject.parse(seen.text)
    assert parsed == seen
    assert readable_view(seen, private=False).text == seen.text


@pytest.mark.parametrize("name", CASES)
def test_nothing_a_person_wrote_is_in_a_busy_block(name):
    """Whatever the class says, and folded or not."""
    for seen in (busy_block(_load(name)), busy_view(_load(name))):
        plain = seen.text.replace("\r\n ", "").upper()
        assert "CANARY" not in plain
        assert "STAND-UP" not in plain
        assert CalendarObject.parse(seen.text) == seen


def test_public_object_without_alarm_is_the_very_same():
    """Most objects cost one look."""
    item = _item("DTSTART:20260302T090000Z", "SUMMARY:Lunch")
    assert readable_view(item, private=False) is item


def test_alarm_goes_and_every_other_byte_stays():
    """Colleagues are not to be woken."""
    alarm = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:-PT5M", "END:VALARM")
    for line_break in ("\r\n", "\n"):
        item = _item("DTSTART:20260302T090000Z", *alarm, "X-A:b", line_break=line_break)
        bare = _item("DTSTART:20260302T090000Z", "X-A:b", line_break=line_break)
        assert readable_view(item, private=False).text == bare.text


def test_activity_kept_private_by_the_crm_alone_is_a_busy_block():
    """The flag counts as well as the class."""
    item = _item("DTSTART:20260302T090000Z", "SUMMARY:Doctor")
    assert "Doctor" not in readable_view(item, private=True).text


@pytest.mark.parametrize("class_", ["PRIVATE", "CONFIDENTIAL", "X-UNKNOWN", "private"])
def test_every_class_but_public_hides(class_):
    """RFC 5545 section 3.8.1.3: an unknown class is private."""
    event = _item("DTSTART:20260302T090000Z", f"CLASS:{class_}", "SUMMARY:Doctor")
    assert "Doctor" not in readable_view(event, private=False).text
    todo = _item(f"CLASS:{class_}", "SUMMARY:Doctor", component="VTODO")
    assert readable_view(todo, private=False) is None


def test_private_instance_of_a_public_to_do_is_left_out():
    """The master stands for it."""
    text = _item("DUE:20260302T090000Z", "RRULE:FREQ=DAILY;COUNT=3", component="VTODO").text
    private = (
        "BEGIN:VTODO\r\nUID:a@x\r\nDTSTAMP:20260301T080000Z\r\nRECURRENCE-ID:20260303T090000Z\r\n"
        "DUE:20260303T100000Z\r\nCLASS:PRIVATE\r\nSUMMARY:Doctor\r\nEND:VTODO\r\n"
    )
    both = CalendarObject.parse(text.replace("END:VCALENDAR", private + "END:VCALENDAR"))
    assert readable_view(both, private=False).text == text


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_free_time_is_not_shown_to_who_sees_times_only(line):
    """There is no busy block in it."""
    assert busy_view(_item("DTSTART:20260302T090000Z", line)) is None


@pytest.mark.parametrize("component", ["VTODO", "VJOURNAL"])
def test_what_is_no_event_is_not_shown_to_who_sees_times_only(component):
    """Tasks block no time."""
    assert busy_view(_item("SUMMARY:x", component=component)) is None


def test_stamp_and_rule_that_are_no_times_do_not_pass():
    """Only what looks like a time goes through, and only parts of rules that are known."""
    item = CalendarObject(
        uid="a@x",
        component="VEVENT",
        text=_item("DTSTART:20260302T090000Z", "RRULE:FREQ=DAILY;COUNT=2")
        .text.replace("20260301T080000Z", "SECRET MEETING")
        .replace("COUNT=2", "COUNT=2;X-A=SECRET;BYDAY=SE CRET"),
    )
    seen = busy_block(item).text
    assert "DTSTAMP:19700101T000000Z" in seen
    assert "RRULE:FREQ=DAILY;COUNT=2\r\n" in seen
    assert "SECRET" not in seen
