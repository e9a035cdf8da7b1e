"""Activities as calendar objects, on one day the same bytes for the same number and seed.

A hundred a week in office hours, whatever the number: a calendar of ten times the size spans ten
times as long, and a query for a month has the same answer. They begin a year ago, so that what is
asked for lies about today, where people look. One in twenty recurs, one in four names a zone, some
have guests and alarms; about 1.1 KB each.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PER_WEEK = 100
_TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
FIRST_WEEK = _TODAY - timedelta(days=_TODAY.weekday(), weeks=52)  # a Monday
_KINDS = {"Call": 15, "Meeting": 60, "Demo": 45, "Lunch": 60}
_WEIGHTS = (50, 35, 5, 10)
_PEOPLE = "Anna Müller;Ben Schmidt;Carla Rossi;Elif Öztürk;Jan Novák;Søren Andersen;Zoë Dupont"
_FIRMS = "Acme GmbH;Globex AG;Initech, Ltd;Umbrella SA;Wayne BV;Cyberdyne Sp. z o.o."
_WORDS = (
    "renewal contract pricing discount quarter licence seats onboarding training escalation ticket "
    "invoice reminder quote proposal pilot rollout migration security review procurement legal "
    "budget decision champion next steps call back send deck agreed deadline pending feedback"
)
_RULES = ("WEEKLY;COUNT=%d", "WEEKLY;INTERVAL=2;COUNT=%d", "MONTHLY;COUNT=%d", "DAILY;COUNT=%d")
_ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
""".splitlines()
_FOLD_OCTETS = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One activity's calendar object."""

    name: str
    text: str


def sample(number: int, seed: str = "", revision: int = 0) -> Sample:
    """Return an activity; another revision has the same name and UID and another title."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - samples, not secrets
    uid = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    event, zoned = _event(number, uid, chance, revision)
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//crmdav//benchmark//EN"]
    lines = [*head, *(_ZONE if zoned else ()), *event, "END:VCALENDAR"]
    return Sample(name=f"{uid}.ics", text="".join(_folded(line) for line in lines))


def weeks_from_middle(count: int, weeks: int) -> tuple[str, str]:
    """Return start and end, as iCalendar writes them, of a window in a calendar of `count`."""
    start = FIRST_WEEK + timedelta(weeks=count // PER_WEEK // 2)
    end = start + timedelta(weeks=weeks)
    return f"{start:%Y%m%dT%H%M%SZ}", f"{end:%Y%m%dT%H%M%SZ}"


def _event(number: int, uid: str, chance: random.Random, revision: int) -> tuple[list[str], bool]:
    kind = chance.choices(list(_KINDS), _WEIGHTS)[0]
    start = FIRST_WEEK + timedelta(
        weeks=number // PER_WEEK, days=chance.randrange(5), minutes=15 * chance.randrange(28, 72)
    )
    times, zoned = _times(start, timedelta(minutes=_KINDS[kind]), chance)
    stamp = start - timedelta(days=chance.randrange(1, 30), seconds=chance.randrange(86_400))
    person, firm = chance.choice(_PEOPLE.split(";")), chance.choice(_FIRMS.split(";"))
    title = f"{kind}: {person} ({firm})" + (f" [{revision}]" if revision else "")
    notes = " ".join(chance.choices(_WORDS.split(), k=chance.randrange(6, 60)))
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{stamp + timedelta(minutes=revision):%Y%m%dT%H%M%SZ}",
        f"CREATED:{stamp:%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{revision}",
        f"SUMMARY:{_escaped(title)}",
        f"DESCRIPTION:{_escaped(f'{notes}{chr(10)}Contact: {person}, {firm}')}",
        f"LOCATION:{_escaped(f'{firm}, Room {chance.randrange(1, 40)}')}",
        *times,
        *_rule(chance),
        "STATUS:" + chance.choice(("CONFIRMED", "CONFIRMED", "TENTATIVE")),
        "TRANSP:OPAQUE",
        f"CATEGORIES:CRM,{kind}",
        *_guests(chance),
        f"X-CRM-ID:{number}",
        *_alarm(chance),
        "END:VEVENT",
    ]
    return lines, zoned


def _times(
    start: datetime, length: timedelta, chance: random.Random
) -> tuple[tuple[str, str], bool]:
    share = chance.random()
    if share < 0.08:
        last = start + timedelta(days=1)
        return (f"DTSTART;VALUE=DATE:{start:%Y%m%d}", f"DTEND;VALUE=DATE:{last:%Y%m%d}"), False
    end = start + length
    if share < 0.33:
        zone = "TZID=Europe/Berlin"
        return (f"DTSTART;{zone}:{start:%Y%m%dT%H%M%S}", f"DTEND;{zone}:{end:%Y%m%dT%H%M%S}"), True
    return (f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}"), False


def _rule(chance: random.Random) -> list[str]:
    if chance.random() >= 0.05:
        return []
    return [f"RRULE:FREQ={chance.choice(_RULES) % chance.randrange(3, 13)}"]


def _guests(chance: random.Random) -> list[str]:
    guests = chance.sample(_PEOPLE.split(";"), chance.randrange(4))
    if not guests:
        return []
    return [
        "ORGANIZER;CN=Sales Desk:mailto:sales@example.com",
        *(
            f"ATTENDEE;CN={guest};ROLE=REQ-PARTICIPANT;PARTSTAT="
            + chance.choice(("ACCEPTED", "NEEDS-ACTION", "DECLINED"))
            + f":mailto:guest{number}@example.org"
            for number, guest in enumerate(guests)
        ),
    ]


def _alarm(chance: random.Random) -> list[str]:
    if chance.random() >= 0.3:
        return []
    alarm = ["ACTION:DISPLAY", "DESCRIPTION:Reminder", "TRIGGER:-PT15M"]
    return ["BEGIN:VALARM", *alarm, "END:VALARM"]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    pieces, octets = [""], 0
    for letter in line:
        width = len(letter.encode())
        if octets + width > _FOLD_OCTETS:
            pieces.append("")
            octets = 1  # the space that marks a continuation
        pieces[-1] += letter
        octets += width
    return "\r\n ".join(pieces) + "\r\n"
