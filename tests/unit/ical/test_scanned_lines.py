"""Unfolding: the way of ordinary texts and the way of texts with empty lines agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import InvalidCalendarData
from bridge.ical import scanner
from bridge.ical.limits import DEFAULT_LIMITS, Limits

TORN = "\r\r\n \n"  # a line break with a fold in it
PIECES = ("A", "b-1", ":", ";", '"', " ", "\t", "\n", "\r\n", "X=", "\N{SNOWMAN}", ",", TORN)
BROKEN = ("\x00", "\x0b", "\x7f", "\x85", "\u2028", "\r", "\ud800")


def lines_of(text):
    """Return what scanning makes of the lines."""
    return list(scanner._logical_lines(text, DEFAULT_LIMITS))


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_every_text_is_unfolded_alike(text):
    """Names, texts, colons and places of all lines."""
    assert lines_of(text) == list(scanner._spaced_lines(text, 0, DEFAULT_LIMITS))


@pytest.mark.parametrize("text", ["A:1\r\n", "A:1", "A;B=1:2\n 3\n\t4\nC:5\n", "A\r\n B:1\r\n"])
def test_lines_know_where_they_stand(text):
    """Each begins where the one before it ends, and the last ends with the text."""
    ends = [line.end for line in lines_of(text)]
    assert [line.start for line in lines_of(text)] == [0, *ends[:-1]]
    assert ends[-1] == len(text)


def test_an_empty_line_does_not_end_a_folded_one():
    """Some programs put one in by mistake."""
    assert [line.text for line in lines_of("A:1\r\n\r\n 2\r\nB:3")] == ["A:12", "B:3"]


@pytest.mark.parametrize("torn", [TORN, "\r\r\n\t\n", "\r\r\n \r\n"])
def test_a_line_break_torn_by_a_fold_ends_the_line(torn):
    """As libical before 4.0.3 writes it; the last way is that one after line ends were mended."""
    assert [line.text for line in lines_of(f"A:1{torn}B:2\r\n")] == ["A:1", "B:2"]
    assert [line.text for line in lines_of(f"A:1{torn} 2\r\nB:3{torn}")] == ["A:12", "B:3"]
    calendar = scanner.scan(f"BEGIN:VCALENDAR\r\nX-A:1{torn}END:VCALENDAR\r\n")
    assert calendar.value("X-A") == "1"


@pytest.mark.parametrize("rest", ["\r\nB:2", "\r\n B:2", "\r\n  \n", "\n \n\rB"])
def test_other_carriage_returns_stay_forbidden(rest):
    """A fold in a line break is all that may part CR from LF."""
    with pytest.raises(InvalidCalendarData, match=r"U\+000D"):
        scanner.scan(f"BEGIN:VCALENDAR\r\nX-A:1\r{rest}\r\nEND:VCALENDAR\r\n")


def test_line_breaks_of_all_kinds_become_crlf():
    """Torn ones are whole again, folds stay."""
    assert scanner.with_crlf(f"A:1{TORN}B:2\n 3\r\n 4{TORN} 5") == ("A:1\r\nB:2\r\n 3\r\n 4\r\n 5")


@pytest.mark.parametrize("text", ["A:123456", "A:12\r\n 3456", "12 3456 8"])
def test_a_line_that_is_too_long_is_refused(text):
    """However it is folded, and with or without a name."""
    with pytest.raises(InvalidCalendarData, match="more than 7"):
        list(scanner._logical_lines(text, Limits(max_line=7)))


@pytest.mark.parametrize("character", BROKEN)
def test_what_may_not_stand_in_a_text_is_found_wherever_it_is(character):
    """And told by its number."""
    text = "BEGIN:VCALENDAR\r\nX-A:1\r\nEND:VCALENDAR\r\n"
    assert scanner.scan(text).lines
    for place in (0, text.index("1"), len(text)):
        with pytest.raises(InvalidCalendarData, match=f"U\\+{ord(character):04X}"):
            scanner.scan(text[:place] + character + text[place:])
