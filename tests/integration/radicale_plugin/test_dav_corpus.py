"""Every sample calendar of other projects, through PUT and every way of reading it back.

`CRMDAV_TEST_CORPUS` names the folder with `ics/` and `fuzz/`; without it all is skipped.
"""

from __future__ import annotations

import re
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import icalendar
import pytest
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bridge.store.calendar_values import NewCalendar
from bridge.store.database import Database

LIMIT_SECONDS = 5.0
RESOURCE, COMPONENT = "valid-calendar-object-resource", "supported-calendar-component"
KINDS = frozenset({"VEVENT", "VTODO", "VJOURNAL"})
FREQUENCIES = frozenset(["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
# What makes iCalendar no calendar object resource; all else is no valid iCalendar here.
NOT_ONE_RESOURCE = {
    "no event, to-do or journal entry": {RESOURCE, COMPONENT},
    "several kinds of components": {RESOURCE},
    "several UIDs": {RESOURCE},
    "METHOD": {COMPONENT, RESOURCE},
    "I19: several masters": {RESOURCE},
}
ONCE = ("UID", "DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID")
YEARS = ("2007", "2013", "2020", "2024")
# Zones named in words, as Outlook has them, and one whose slash became a hyphen.
WORDS = (
    "US-Mountain",
    "(UTC-05:00) Eastern Time (US and Canada)",
    "Amsterdam, Belgrade, Berlin, Brussels, Budapest, Madrid, Paris, Prague, Stockholm",
)


@dataclass(slots=True)
class Part:
    """A component as this test's own reader sees it: name, (name, parameters, value), inner."""

    name: str
    lines: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """Return the values of that name."""
        return [value for found, _, value in self.lines if found == name]

    def walk(self) -> list[Part]:
        """Return it and all below it."""
        return [self, *(each for part in self.parts for each in part.walk())]


def unfolded(text: str) -> list[str]:
    """Return the content lines of a text (RFC 5545 section 3.1)."""
    whole = re.sub("\r?\n[ \t]", "", text.removeprefix("\ufeff"))
    return [line for line in re.split("\r?\n", whole) if line]


def split_line(line: str) -> tuple[str, dict[str, str], str]:
    """Return name, parameters and value of a content line."""
    match = re.match(r'((?:[^":]|"[^"]*")*):(.*)', line, re.DOTALL)
    head, value = (match[1], match[2]) if match else (line, "")
    name, *parameters = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', head)
    pairs = (each.partition("=") for each in parameters)
    return name.upper(), {key.upper(): text.strip('"') for key, _, text in pairs}, value


def read(text: str) -> Part | None:
    """Return the VCALENDAR of a text that is exactly one, well nested."""
    top = Part("")
    stack = [top]
    for line in unfolded(text):
        name, parameters, value = split_line(line)
        word = value.strip().upper()
        if name == "BEGIN":
            stack.append(Part(word))
        elif name == "END":
            if len(stack) == 1 or stack[-1].name != word:
                return None
            done = stack.pop()
            stack[-1].parts.append(done)
        else:
            stack[-1].lines.append((name, parameters, value))
    single = [part.name for part in top.parts] == ["VCALENDAR"]
    return top.parts[0] if single and len(stack) == 1 and not top.lines else None


def reasons(raw: bytes) -> set[str]:
    """Return why the bytes may be refused, by rules of our documents and no code of ours."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return {"I16: not UTF-8"}
    found = set()
    if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]|\r(?!\n)", text):
        found.add("I12: a control character or a lone CR")
    calendar = read(text)
    if calendar is None:
        return {*found, "I15: not one whole VCALENDAR"}
    return found | of_the_calendar(calendar) | of_the_values(calendar)


def of_the_calendar(calendar: Part) -> set[str]:
    """Return what makes it no calendar object resource (RFC 4791 section 4.1), or too large."""
    members = [part for part in calendar.parts if part.name in KINDS]
    uids = [part.values("UID") for part in members]
    masters = [part for part in members if not part.values("RECURRENCE-ID")]
    rules = {
        "no event, to-do or journal entry": not members,
        "several kinds of components": len({part.name for part in members}) > 1,
        "no UID": not all(each and each[0].strip() for each in uids),
        "several UIDs": len({uid for each in uids for uid in each}) > 1,
        "METHOD": bool(calendar.values("METHOD")),
        "I19: several masters": len(masters) > 1,
        "RFC 5545 3.6: a property twice": any(
            len(part.values(name)) > 1 for part in members for name in ONCE
        ),
        "I10: too many properties": sum(len(part.lines) for part in calendar.walk()) > 10_000,
    }
    return {reason for reason, holds in rules.items() if holds}


def of_the_values(calendar: Part) -> set[str]:
    """Return the values that threats, section 5, refuses."""
    zones = [part for part in calendar.parts if part.name == "VTIMEZONE"]
    defined = {value.strip() for zone in zones for value in zone.values("TZID")}
    found = set()
    for zone in (each for part in zones for each in part.walk()):
        offsets = [*zone.values("TZOFFSETFROM"), *zone.values("TZOFFSETTO")]
        if not all(re.fullmatch(r"[+-]([01]\d|2[0-3])[0-5]\d([0-5]\d)?", o) for o in offsets):
            found.add("I18: no UTC offset")
    for part in (part for part in calendar.parts if part.name in KINDS):
        for name, parameters, value in part.lines:
            found |= of_the_value(name, parameters, value, defined)
    return found


def of_the_value(name: str, parameters: dict[str, str], value: str, defined: set[str]) -> set[str]:
    """Return what is wrong with the value of one line of an event or its like."""
    if name in ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "RDATE", "EXDATE"):
        return of_the_dates(name, parameters.get("TZID", "").strip(), value, defined)
    if name == "RRULE":
        rule = dict(each.upper().partition("=")[::2] for each in value.split(";"))
        known = rule.get("FREQ", "").strip() in FREQUENCIES
        return set() if known else {"I03: no frequency"}
    return {"I07: a negative length"} if name == "DURATION" and value.startswith("-") else set()


def of_the_dates(name: str, tzid: str, value: str, defined: set[str]) -> set[str]:
    """Return what is wrong with dates, times and periods."""
    values = [each.partition("/") for each in value.split(",") if each.strip()]
    names = {"", *defined, *WINDOWS_TO_OLSON, *WORDS}
    known = tzid in names or is_iana(tzid)
    local = any("T" in first and not first.endswith("Z") for first, _, _ in values)
    rules = {
        "I06: no date": not all(is_date(first) for first, _, _ in values)
        or not (values or name in ("RDATE", "EXDATE")),
        "I20: a period of dates": any(slash and "T" not in first for first, slash, _ in values),
        "I17: an unknown time zone": local and not known,
    }
    return {reason for reason, holds in rules.items() if holds}


def is_date(text: str) -> bool:
    """Return whether it is a date or time that exists."""
    form = {8: "%Y%m%d", 15: "%Y%m%dT%H%M%S"}.get(len(text.strip().rstrip("Zz")), "")
    try:
        return bool(form and datetime.strptime(text.strip().upper().rstrip("Z"), form))  # noqa: DTZ007 (only whether it can be read)
    except ValueError:
        return False


@cache
def is_iana(tzid: str) -> bool:
    """Return whether it is, or ends in, a name of the tz database."""
    known = {name.lower() for name in available_timezones()}
    pieces = tzid.strip("/").lower().split("/")
    return any("/".join(pieces[-length:]) in known for length in (1, 2, 3))


def icalendar_reads(raw: bytes) -> bool:
    """Return whether the library icalendar parses it without an error."""
    try:
        icalendar.Calendar.from_ical(raw)
    except Exception:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Sample:
    """What became of one file."""

    name: str
    raw: bytes
    path: str
    answer: Any
    seconds: float

    @property
    def accepted(self) -> bool:
        """Whether it was stored."""
        return self.answer.status == 201


@dataclass(frozen=True, slots=True)
class Walk:
    """All files after their PUT, and who put them."""

    client: Any
    other: Any
    samples: list[Sample]
    calendars: Counter[str]


@pytest.fixture(scope="module")
def walk(corpus, sqlite_template, tmp_path_factory, dav_world):
    """PUT every file once, into as many calendars as one UID has files."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.sqlite"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    crm = dav_world(database, datetime.now(UTC))
    files = sorted(f for part in ("ics", "fuzz") for f in (corpus / part).rglob("*") if f.is_file())
    places = places_of(files)
    with database.write() as work:
        for slug in sorted(set(places)):
            new = NewCalendar(slug=slug, components=KINDS, properties={})
            work.calendars.create(crm.users["anna"].id, new, now=datetime.now(UTC))
    client = crm.client("anna")
    samples = [
        put(client, f"/anna/{slug}/{number:04d}.ics", file)
        for number, (slug, file) in enumerate(zip(places, files, strict=True))
    ]
    used = Counter(s.path.rpartition("/")[0] for s in samples if s.accepted)
    yield Walk(client, crm.client("bob"), samples, used)
    database.dispose()


def places_of(files):
    """Return a calendar for each file, so that none holds a UID twice."""
    seen, places = Counter(), []
    for file in files:
        uids = re.findall(r"(?m)^UID:(.*)", file.read_bytes().decode("utf-8", "replace"))
        uid = uids[0].strip() if uids else ""
        places.append(f"samples{seen[uid] if uid else 0}")
        seen[uid] += 1
    return places


def put(client, path, file):
    """PUT a file and return what became of it."""
    raw = file.read_bytes()
    began = time.perf_counter()
    answer = client.request("PUT", path, raw, {"Content-Type": "text/calendar"})
    return Sample(file.name, raw, path, answer, time.perf_counter() - began)


def test_no_sample_breaks_or_holds_up_the_server(walk):
    """Never 5xx, never five seconds (I26); new or refused, nothing between."""
    assert {sample.answer.status for sample in walk.samples} <= {201, 400, 403, 413}
    slow = [sample.name for sample in walk.samples if sample.seconds > LIMIT_SECONDS]
    assert slow == []
    assert len(walk.samples) > 600


def test_what_was_accepted_is_given_back_byte_for_byte(walk):
    """GET is what was PUT (promise 10)."""
    kept = [sample for sample in walk.samples if sample.accepted]
    for sample in kept:
        got = walk.client.get(sample.path)
        assert (got.status, got.body) == (200, sample.raw), sample.name
        assert got.etag == sample.answer.etag
    assert len(kept) > 235


def test_every_dated_event_and_every_to_do_is_an_activity_too(walk):
    """Odd but legal: the standard calendars take it, by its component."""
    count = 0
    for sample in walk.samples:
        calendar = read(sample.raw.decode("utf-8")) if sample.accepted else None
        members = [] if calendar is None else calendar.parts
        kinds = {part.name for part in members if part.values("DTSTART")} & {"VEVENT"}
        kinds |= {part.name for part in members} & {"VTODO"}
        if not kinds:
            continue
        path = f"/bob/{'tasks' if 'VTODO' in kinds else 'activities'}/one.ics"
        answer = walk.other.request("PUT", path, sample.raw, {"Content-Type": "text/calendar"})
        assert answer.status == 201, (sample.name, answer.body)
        assert walk.other.get(path).body == sample.raw
        assert walk.other.request("DELETE", path).status == 204
        count += 1
    assert count > 200


def test_what_was_refused_names_a_precondition_and_a_reason(walk):
    """An element of RFC 4791 section 5.3.2.1 that fits, and a sentence for a person."""
    counts = Counter()
    for sample in walk.samples:
        if sample.accepted:
            continue
        expected = conditions(reasons(sample.raw), legible=is_icalendar(sample.raw))
        assert sample.answer.condition in expected, (sample.name, expected)
        assert " " in sentence(sample)
        assert walk.client.get(sample.path).status == 404
        counts[sample.answer.condition] += 1
    assert {RESOURCE, COMPONENT, "valid-calendar-data"} <= set(counts)


def is_icalendar(raw):
    """Return whether a text is iCalendar, whatever it holds: the library skips broken lines."""
    return icalendar_reads(raw) and all(
        ":" in line for line in unfolded(raw.decode("utf-8", "replace"))
    )


def conditions(found, *, legible):
    """Return the preconditions one of which a refusal for these reasons names first."""
    named = set().union(*(NOT_ONE_RESOURCE.get(reason, set()) for reason in found))
    if legible and found and found <= set(NOT_ONE_RESOURCE):
        return named
    # Several calendars in one text are not one whole calendar to the reader of this test.
    several = {RESOURCE} if "I15: not one whole VCALENDAR" in found else set()
    return named | several | {"valid-calendar-data", "max-resource-size"}


def sentence(sample):
    """Return the text of the last element of an error body."""
    return "".join(sample.answer.xml[-1].itertext()).strip()


def test_nothing_is_refused_without_a_stated_reason(walk):
    """What icalendar reads is taken, less threats section 5, less what is no object resource."""
    unfounded = [
        (sample.name, sentence(sample))
        for sample in walk.samples
        if not sample.accepted and not reasons(sample.raw) and icalendar_reads(sample.raw)
    ]
    assert unfounded == []


def test_nothing_is_accepted_against_a_stated_reason(walk):
    """Nothing dangerous slips in, and the reasons of this test are not words without weight."""
    slipped = [
        (sample.name, found)
        for sample in walk.samples
        if sample.accepted and (found := reasons(sample.raw))
    ]
    assert slipped == []
    counts = Counter(reason for sample in walk.samples for reason in reasons(sample.raw))
    assert counts["several UIDs"] > 50
    assert counts["METHOD"] > 50


def timed(walk, method, path, body="", **headers):
    """Send a request that must end well and soon, and return its answer."""
    began = time.perf_counter()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = walk.client.request(method, path, body, named)
    assert time.perf_counter() - began < LIMIT_SECONDS, (method, path, body)
    assert answer.status < 500, (method, path, body)
    return answer


def query(walk, path, kind, year, *, month):
    """Ask a calendar for a month, or for a year of instances."""
    start, end = f"{year}0301T000000Z", f"{year}0401T000000Z"
    data = "<C:calendar-data/>"
    if not month:
        start, end = f"{year}0101T000000Z", f"{year}1231T000000Z"
        expand = f'<C:expand start="{start}" end="{end}"/>'
        data = f"<C:calendar-data>{expand}</C:calendar-data>"
    body = (
        '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
        f'<D:prop><D:getetag/>{data}</D:prop><C:filter><C:comp-filter name="VCALENDAR">'
        f'<C:comp-filter name="{kind}"><C:time-range start="{start}" end="{end}"/>'
        "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    )
    return timed(walk, "REPORT", path + "/", body, Depth="1")


@pytest.mark.parametrize("year", YEARS)
def test_queries_over_all_samples_end_soon(walk, year):
    """A month, a year expanded, and free-busy, in each calendar."""
    # Most calendars hold one of forty samples with one UID; those are looked at in one year.
    large = [path for path, count in walk.calendars.items() if count > 5 or year == YEARS[0]]
    assert large
    for path in large:
        for kind in sorted(KINDS):
            assert query(walk, path, kind, year, month=True).status == 207
            assert query(walk, path, kind, year, month=False).status in (207, 403)
        body = (
            '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f'<C:time-range start="{year}0101T000000Z" end="{year}1231T000000Z"/>'
            "</C:free-busy-query>"
        )
        assert timed(walk, "REPORT", path + "/", body, Depth="1").status in (200, 403)


def test_listing_sync_multiget_and_export_hold_every_sample(walk):
    """Each accepted sample is in each of them, and the export is one calendar."""
    for path in walk.calendars:
        mine = {s.path for s in walk.samples if s.accepted and s.path.startswith(path + "/")}
        hrefs = {f"/dav{name}" for name in mine}
        assert set(walk.client.sync(path + "/").hrefs()) == hrefs
        assert hrefs <= set(walk.client.propfind(path + "/", "<D:getetag/>", depth="1").hrefs())
        got = walk.client.multiget(path + "/", *sorted(hrefs))
        assert set(got.hrefs(200)) == hrefs
        began = time.perf_counter()
        whole = walk.client.get(path + "/")
        assert time.perf_counter() - began < LIMIT_SECONDS
        assert whole.status == 200
        assert whole.body.count(b"BEGIN:VCALENDAR") == 1
