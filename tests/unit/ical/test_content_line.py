"""Content lines: names, parameters, escapes, folding."""

import pytest

from bridge.ical.content_line import (
    escape_text,
    fold,
    make_line,
    read_line,
    split_values,
    text_line,
    unescape_text,
    with_parameter,
    with_value,
)


@pytest.mark.parametrize(
    ("text", "name", "parameters", "value"),
    [
        ("SUMMARY:a:b", "SUMMARY", (), "a:b"),
        ("summary;LANGUAGE=en:x", "SUMMARY", (("LANGUAGE", "en"),), "x"),
        ('ATTENDEE;CN="a:b;c,d":mailto:x', "ATTENDEE", (("CN", "a:b;c,d"),), "mailto:x"),
        ("X-A;P=^n^^^':v", "X-A", (("P", '\n^"'),), "v"),
        ('X;A="1","2";B=3:v', "X", (("A", "1,2"), ("B", "3")), "v"),
        ("NO COLON", "", (), ""),
        ("BROKEN", "", (), ""),
    ],
)
def test_a_line_is_read_into_its_parts(text, name, parameters, value):
    """I14: quotes, carets and colons in parameters; a line without sense gets no name."""
    line = read_line(text)
    assert (line.name, line.value) == (name, value)
    if name:
        assert line.parameters == parameters


def test_a_parameter_goes_out_as_it_came_in():
    """I14: round trip of a value with everything that needs care."""
    value = 'a:b;"c",^n\nd'
    line = read_line(make_line("X-A", "v", {"CN": value}).text)
    assert line.parameter("CN") == value


@pytest.mark.parametrize("text", ["a\\nb", "a\nb", "\\", "a\\\\;b", ";,:", "\\N", "✓ ž\U0001f600"])
def test_text_goes_out_as_it_came_in(text):
    """Escapes of TEXT are undone exactly, a literal backslash-N included."""
    assert unescape_text(escape_text(text)) == text


def test_a_real_line_end_never_makes_a_second_property():
    """I13: one property out for one in, whatever the text holds."""
    line = text_line("SUMMARY", "x\r\nATTENDEE:mailto:evil@x\rBEGIN:VEVENT\x85END\x00")
    assert line.text == "SUMMARY:x\\nATTENDEE:mailto:evil@x\\nBEGIN:VEVENT\\nEND"
    assert make_line("URL", "https://a\r\nX:1").text == "URL:https://aX:1"


@pytest.mark.parametrize("stray", ["\ufffe", "\uffff"])
def test_what_no_xml_can_hold_goes(stray):
    """A title from Google or the CRM would make all reports of its calendar unreadable."""
    assert text_line("SUMMARY", f"a{stray}b", {"X-P": f"c{stray}d"}).text == "SUMMARY;X-P=cd:ab"


@pytest.mark.parametrize("size", [1, 74, 75, 76, 400])
@pytest.mark.parametrize("character", ["a", "ž", "\U0001f600"])
def test_folding_keeps_75_octets_and_whole_characters(size, character):
    """RFC 5545 section 3.1."""
    text = "X:" + character * size
    folded = fold(text)
    assert all(len(piece.encode()) <= 75 for piece in folded.split("\r\n"))
    assert folded.replace("\r\n ", "").removesuffix("\r\n") == text


def test_a_list_is_split_at_commas_that_are_not_escaped():
    """An escaped comma belongs to its value."""
    assert split_values("a\\,b,c\\n,") == ("a,b", "c\n")


def test_changing_a_value_or_a_parameter_leaves_the_rest_as_it_stands():
    """Other parameters keep their spelling."""
    line = read_line('ATTENDEE;rsvp=TRUE;CN="A, B";X-Y="1","2":mailto:a@b')
    assert with_value(line, "mailto:c@d").text == line.text.replace("a@b", "c@d")
    changed = with_parameter(line, "CN", "C")
    assert changed.text == 'ATTENDEE;rsvp=TRUE;X-Y="1","2";CN=C:mailto:a@b'
    assert with_parameter(changed, "CN", "").text == 'ATTENDEE;rsvp=TRUE;X-Y="1","2":mailto:a@b'
