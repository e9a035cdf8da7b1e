"""Splitting a series of the rehearsal Google neither loses nor makes instances."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.rehearsal.events.cut_lines import lines_before, lines_from
from bridge.rehearsal.events.recurrence import occurrences
from bridge.rehearsal.events.recurrence_lines import rewritten
from bridge.rehearsal.events.shift_lines import shifted_lines
from bridge.rehearsal.events.times import utc_text

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Sydney", "UTC", "Asia/Kathmandu")
MOST = 24
_settings = settings(deadline=None)
RULES = st.sampled_from(
    [
        "DAILY", "DAILY;INTERVAL=3", "WEEKLY", "WEEKLY;BYDAY=MO,WE,SU", "WEEKLY;INTERVAL=2",
        "WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU", "MONTHLY", "MONTHLY;BYMONTHDAY=31",
        "MONTHLY;BYDAY=-1FR", "MONTHLY;BYDAY=2TU", "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "YEARLY", "YEARLY;BYMONTH=2;BYMONTHDAY=29",
    ]
)  # fmt: skip


@st.composite
def series_of(draw, *, dates=True):
    """Draw the stored body of a timed or all-day series."""
    zone = draw(st.sampled_from(ZONES))
    day = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 500)))
    timed = draw(st.booleans())
    local = datetime(day.year, day.month, day.day, draw(st.integers(5, 22)), 30)  # noqa: DTZ001 - on the wall

    def stored(moment):
        if not timed:
            return {"date": moment.date().isoformat()}
        return {"dateTime": utc_text(moment.replace(tzinfo=ZoneInfo(zone))), "timeZone": zone}

    def value(days):
        moment = local + timedelta(days=days)
        return f"{moment:%Y%m%dT%H%M%S}" if timed else f"{moment:%Y%m%d}"

    rule = draw(RULES)
    end = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if end == "COUNT":
        rule += f";COUNT={draw(st.integers(1, MOST - 4))}"
    elif end == "UNTIL":
        until = (local + timedelta(days=draw(st.integers(0, 400)))).replace(tzinfo=UTC)
        rule += f";UNTIL={until:%Y%m%dT%H%M%SZ}" if timed else f";UNTIL={until:%Y%m%d}"
    lines = [f"RRULE:FREQ={rule}"]
    head = f";TZID={zone}" if timed else ";VALUE=DATE"
    for name in ("RDATE", "EXDATE") if dates else ():
        days = draw(st.lists(st.integers(1, 60), max_size=3, unique=True))
        if days:
            lines.append(f"{name}{head}:{','.join(map(value, days))}")
    length = timedelta(hours=1) if timed else timedelta(days=1)
    return {"start": stored(local), "end": stored(local + length), "recurrence": rewritten(lines)}


def starts(body, zone="UTC"):
    """Return when the first instances start."""
    return [each.instant for each in islice(occurrences(body, calendar_zone=zone), MOST)]


@_settings
@given(series_of(dates=False), st.data(), st.booleans())
def test_two_halves_are_the_whole(series, data, by_day):
    """Whatever the rule, its end and the zone: the same instants, each in one half."""
    found = list(islice(occurrences(series, calendar_zone="UTC"), MOST))
    split = data.draw(st.sampled_from(found[1:] or found))
    if split is found[0]:
        return
    before = lines_before(series, split.start, calendar_zone="UTC", by_day=by_day)
    after = lines_from(series, split.start, calendar_zone="UTC")
    old = {**series, "recurrence": rewritten(before)}
    new = {"start": split.start, "end": split.end, "recurrence": rewritten(after)}
    assert (starts(old) + starts(new))[:MOST] == [each.instant for each in found]


@_settings
@given(series_of(), st.data())
def test_extra_dates_stay_with_their_half(series, data):
    """RDATE and EXDATE lines are cut where the rule is; a split may be at an extra date."""
    found = list(islice(occurrences(series, calendar_zone="UTC"), MOST))
    split = data.draw(st.sampled_from(found[1:] or found[:1] or [None]))
    # A rule of intervals takes its rhythm from the start, which an extra date is not.
    rule = series["recurrence"][0]
    if split is None or split is found[0] or "INTERVAL" in rule or "SETPOS" in rule:
        return
    before = lines_before(series, split.start, calendar_zone="UTC", by_day=False)
    after = lines_from(series, split.start, calendar_zone="UTC")
    old = {**series, "recurrence": rewritten(before)}
    new = {"start": split.start, "end": split.end, "recurrence": rewritten(after)}
    assert (starts(old) + starts(new))[:MOST] == [each.instant for each in found]


@_settings
@given(series_of(dates=False), st.integers(-3, 3), st.integers(-1, 1))
def test_shifted_weekly_and_daily_series_have_every_instance_shifted(series, days, hours):
    """All instances move by the same days and hours on the wall, over DST changes, too."""
    rule = series["recurrence"][0]
    if "MONTHLY" in rule or "YEARLY" in rule or "INTERVAL=2;" in rule:
        # Months are not of one length, and weeks of two begin on another day after a shift.
        return
    timed = "dateTime" in series["start"]
    step = timedelta(days=days, hours=hours if timed else 0)
    moved = {name: moved_by(series[name], step) for name in ("start", "end")}
    lines = shifted_lines(series["recurrence"], before=series["start"], after=moved["start"])
    walls = [
        wall(each.start) + step for each in islice(occurrences(series, calendar_zone="UTC"), MOST)
    ]
    new = occurrences({**moved, "recurrence": rewritten(lines)}, calendar_zone="UTC")
    assert [wall(each.start) for each in islice(new, MOST)] == walls


def wall(stored):
    """Return what the clock on the wall shows at a stored time."""
    if "date" in stored:
        return datetime.fromisoformat(stored["date"])
    zone = ZoneInfo(stored["timeZone"])
    return datetime.fromisoformat(stored["dateTime"]).astimezone(zone).replace(tzinfo=None)


def moved_by(stored, step):
    """Return a stored time moved on the wall."""
    moment = wall(stored) + step
    if "date" in stored:
        return {"date": moment.date().isoformat()}
    zone = stored["timeZone"]
    return {"dateTime": utc_text(moment.replace(tzinfo=ZoneInfo(zone))), "timeZone": zone}
