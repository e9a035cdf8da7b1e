"""Small readers and writers of the rehearsal: masks, faults, switches, descriptions, times."""

import pytest

from bridge.errors import InvalidInput
from bridge.rehearsal.api.field_mask import masked, read_mask
from bridge.rehearsal.events.recurrence_lines import rewritten
from bridge.rehearsal.events.rich_text import sanitized
from bridge.rehearsal.events.shape import merged
from bridge.rehearsal.events.times import shown_time, stored_time, zone_of
from bridge.rehearsal.faults import Fault, FaultKind, FaultQueue, parse_fault
from bridge.rehearsal.google_error import GoogleError
from bridge.rehearsal.switches import Switches


@pytest.mark.parametrize(
    ("mask", "kept"),
    [
        ("a", {"a": 1}),
        ("a,b", {"a": 1, "b": {"c": 2, "d": 3}}),
        ("b/c", {"b": {"c": 2}}),
        ("b(c,d)", {"b": {"c": 2, "d": 3}}),
        ("b/*", {"b": {"c": 2, "d": 3}}),
        ("*", {"a": 1, "b": {"c": 2, "d": 3}, "l": [{"e": 4, "f": 5}]}),
        ("l/e", {"l": [{"e": 4}]}),
        ("l(e),a", {"l": [{"e": 4}], "a": 1}),
        (" a , l ( f ) ", {"l": [{"f": 5}], "a": 1}),
        ("nothing", {}),
        ("a/b", {"a": 1}),
    ],
)
def test_mask_keeps_what_it_names(mask, kept):
    """Google, partial response."""
    value = {"a": 1, "b": {"c": 2, "d": 3}, "l": [{"e": 4, "f": 5}]}
    assert masked(value, read_mask(mask)) == kept


@pytest.mark.parametrize("mask", ["", "a(", "a)", "(a)", "a,", "a//b", "a b(", "é", "(" * 100])
def test_broken_mask_is_refused(mask):
    """400 invalidParameter."""
    with pytest.raises(GoogleError):
        read_mask(mask)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("status:503", Fault(kind=FaultKind.STATUS, status=503, reason="backendError")),
        (
            "status:403:quotaExceeded",
            Fault(kind=FaultKind.STATUS, status=403, reason="quotaExceeded"),
        ),
        ("slow:2.5", Fault(kind=FaultKind.SLOW, seconds=2.5)),
        ("html", Fault(kind=FaultKind.HTML, status=502)),
        ("timeout", Fault(kind=FaultKind.TIMEOUT)),
    ],
)
def test_fault_names_are_read(text, fault):
    """Contract section 8."""
    assert parse_fault(text) == fault


def test_faults_wait_for_their_request_in_order():
    """The first order that fits strikes; `after` lets requests through, `times` limits."""
    queue = FaultQueue()
    queue.add({"fault": "status:503", "method": "get", "after": 1})
    queue.add({"fault": "timeout", "path_contains": "/x"})
    struck = [queue.strike("GET", "/x", listing=False) for _ in range(3)]
    assert [fault and fault.kind for fault in struck] == [
        None,
        FaultKind.STATUS,
        FaultKind.TIMEOUT,
    ]
    assert queue.waiting() == 0


def test_switches_have_closed_values():
    """A switch takes its own values only."""
    assert Switches().changed({"batch_limit": 1000}).batch_limit == 1000
    for wrong in ({"batch_limit": 0}, {"batch_limit": True}, {"window_exit": "x"}, {"x": 1}):
        with pytest.raises(InvalidInput):
            Switches().changed(wrong)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a < b && c > d", "a < b && c > d"),
        ("<b>x</b>", "<b>x</b>"),
        ('<a href="https://e.org/?a=1&amp;b=2" onclick="x">l</a>', None),
        ('<a href="javascript:x">l</a>', "<a>l</a>"),
        ("<p>1<br/>2</p>", "<p>1<br>2</p>"),
        ("<style>p{}</style>x<script>y</script>", "x"),
        ("&lt;b&gt; &#64; <i>x</i>", "&lt;b&gt; &#64; <i>x</i>"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_descriptions_keep_a_subset_of_html(text, kept):
    """Facts 10."""
    if kept is None:
        kept = '<a href="https://e.org/?a=1&amp;b=2">l</a>'
    assert sanitized(text) == kept
    assert sanitized(sanitized(text)) == kept


def test_rewriting_recurrence_twice_equals_once():
    """Google's rewriting is stable."""
    lines = [
        "EXDATE;TZID=Europe/Berlin:20260324T100000",
        "RRULE:byday=MO;freq=weekly;until=20270101T000000Z",
        "RDATE;VALUE=DATE:20260401,20260301",
    ]
    once = rewritten(lines)
    assert once[0] == "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20270101T000000Z;BYDAY=MO"
    assert rewritten(once) == once


def test_patches_merge():
    """Facts 7."""
    old = {"a": 1, "b": {"c": 1, "d": 2}, "l": [1, 2]}
    assert merged(old, {"a": None, "b": {"c": None, "e": {"f": None, "g": 3}}, "l": []}) == {
        "b": {"d": 2, "e": {"g": 3}},
        "l": [],
    }
    assert old == {"a": 1, "b": {"c": 1, "d": 2}, "l": [1, 2]}


def test_hour_that_does_not_exist_moves_on():
    """Facts 4: 02:30 on the day summer time begins is told as 03:30."""
    given = {"dateTime": "2026-03-29T02:30:00", "timeZone": "Europe/Berlin"}
    stored = stored_time(given, what="start", calendar_zone="UTC")
    assert stored["dateTime"] == "2026-03-29T01:30:00Z"
    assert shown_time(stored, zone="Europe/Berlin")["dateTime"] == "2026-03-29T03:30:00+02:00"


@pytest.mark.parametrize("name", ["", "x", "..", "/etc/passwd", "Europe/", "Europe", "a" * 300])
def test_zones_are_looked_up_by_their_iana_names_only(name):
    """Facts 4; threats I17: no file access by a zone name."""
    with pytest.raises(GoogleError):
        zone_of(name)
