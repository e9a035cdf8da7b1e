"""evolution-data-server, the calendars of GNOME and Evolution, against our server over HTTP.

It keeps a copy of each calendar and looks at the server when told to.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from lane_evolution import SECONDS, Desk, eventually, evolution_session
from lane_servers import LOGIN, Server, crmdav

pytestmark = [pytest.mark.lane, pytest.mark.timeout(150)]

TICKET = "t" * 73  # with its line break just what libical before 4.0.3 folds wrongly
LUNCH = (
    "BEGIN:VEVENT\r\nUID:lunch\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260310T110000Z\r\n"
    "DTEND:20260310T120000Z\r\nSUMMARY:Lunch with Eva\r\nX-OWN;X-P=1:kept\r\n"
    f"X-TICKET:{TICKET}\r\nEND:VEVENT\r\n"
)
WEEKLY = (
    "BEGIN:VEVENT\r\nUID:weekly\r\nDTSTAMP:20260301T000000Z\r\n"
    "DTSTART;TZID=Europe/Prague:20260325T090000\r\nDTEND;TZID=Europe/Prague:20260325T093000\r\n"
    "RRULE:FREQ=WEEKLY;COUNT=4\r\nSUMMARY:Stand-up\r\nEND:VEVENT\r\n"
)
LATER = (
    "BEGIN:VEVENT\r\nUID:weekly\r\nDTSTAMP:20260301T000000Z\r\n"
    "RECURRENCE-ID;TZID=Europe/Prague:20260401T090000\r\n"
    "DTSTART;TZID=Europe/Prague:20260401T140000\r\nDTEND;TZID=Europe/Prague:20260401T143000\r\n"
    "SUMMARY:Stand-up\\, later\r\nEND:VEVENT\r\n"
)
OFFER = (
    "BEGIN:VTODO\r\nUID:offer\r\nDTSTAMP:20260301T000000Z\r\nDUE;VALUE=DATE:20260312\r\n"
    "SUMMARY:Write the offer\r\nEND:VTODO\r\n"
)


@pytest.fixture
def desk(tmp_path: Path, served: Server) -> Iterator[Desk]:
    """A session of the user's."""
    with evolution_session(tmp_path, served) as desk:
        yield desk


@dataclass(frozen=True)
class Calendar:
    """One calendar as the session and as the server know it."""

    desk: Desk
    url: str
    server: Server

    def shows(self, *texts: str) -> bool:
        """Whether the session comes to list all of these, after looks at the server."""
        return eventually(lambda: all(text in self.looked_up() for text in texts))

    def lacks(self, text: str) -> bool:
        """Whether the session ceases to list this, after looks at the server."""
        return eventually(lambda: text not in self.looked_up())

    def looked_up(self) -> str:
        """Return all that is listed, and ask for another look, as one under way drops the next."""
        listed = "".join(self.desk("list", url=self.url)).replace("\r\n ", "")
        self.desk("refresh", url=self.url)
        return listed

    def text_with(self, part: str) -> str:
        """Return the one component with this in it, as the session has it."""
        (found,) = (text for text in self.desk("list", url=self.url) if part in text)
        return found

    def stored(self, name: str) -> str:
        """Return an object as our server gives it out; "" where there is none."""
        status, text = self.by_other_program("GET", name)
        assert status in (200, 404)
        return text if status == 200 else ""

    def by_other_program(self, method: str, name: str, text: str = "") -> tuple[int, str]:
        """Ask the server without the session's knowledge; return status and body."""
        host, _, path = self.url.removeprefix("http://").partition("/")
        word = b64encode(f"{self.server.login}:{self.server.password}".encode()).decode()
        headers = {"Authorization": f"Basic {word}"}
        headers |= {"Depth": "0"} if method == "PROPFIND" else {"Content-Type": "text/calendar"}
        connection = HTTPConnection(host, timeout=SECONDS)
        try:
            connection.request(method, f"/{path}{name}", text.encode(), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def open_calendar(desk: Desk, served: Server) -> Callable[..., Calendar]:
    """Return a function that makes a source of one of the user's calendars."""

    def open_it(name: str, kind: str, *, readonly: bool = False) -> Calendar:
        url = f"{served.home}{name}/"
        assert desk("open", url=url, kind=kind) == {"readonly": readonly}
        return Calendar(desk, url, served)

    return open_it


@pytest.mark.parametrize("place", ["", "dav/", f"dav/{LOGIN}/", f"dav/{LOGIN}/tasks/"])
def test_both_calendars_are_discovered_with_what_they_take(desk: Desk, served: Server, place: str):
    """From the root of the server, of the DAV tree, from the home and from a calendar."""
    found = desk("discover", url=served.url.removesuffix("dav/") + place)
    assert found["calendars"] == {
        f"{served.home}activities/": ["events"],
        f"{served.home}tasks/": ["tasks"],
    }
    assert found["addresses"] == [f"{LOGIN}@acme.example"]


def test_an_event_goes_to_the_crm_and_comes_back_changed(
    open_calendar: Callable[..., Calendar], subjects: Callable[[], set[str]]
):
    """Added, edited and deleted in the session."""
    activities = open_calendar("activities", "events")
    assert activities.desk("add", url=activities.url, text=LUNCH) == "lunch"
    stored = activities.stored("lunch.ics")
    assert "X-OWN;X-P=1:kept\r\n" in stored
    assert TICKET in stored
    assert subjects() == {"Lunch with Eva"}

    text = activities.text_with("UID:lunch").replace("Lunch", "Dinner")
    activities.desk("change", url=activities.url, text=text)
    assert "SUMMARY:Dinner with Eva\r\n" in activities.stored("lunch.ics")
    assert subjects() == {"Dinner with Eva"}

    activities.desk("remove", url=activities.url, uid="lunch")
    assert activities.stored("lunch.ics") == ""
    assert subjects() == set()


def test_what_the_crm_and_other_programs_do_arrives(
    open_calendar: Callable[..., Calendar],
    add_in_crm: Callable[..., None],
    subjects: Callable[[], set[str]],
):
    """An activity that was there, one that came later and is edited here, and one that goes."""
    add_in_crm("Call Mira", "--type", "call", "--start", "2026-03-11T10:00")
    activities = open_calendar("activities", "events")
    assert activities.shows("SUMMARY:Call Mira\r\n")
    add_in_crm("Call Józef", "--type", "call", "--start", "2026-03-11T14:00")
    assert activities.shows("SUMMARY:Call Mira\r\n", "SUMMARY:Call Józef\r\n")

    text = activities.text_with("Call Józef").replace("Józef", "Józef again")
    activities.desk("change", url=activities.url, text=text)
    assert subjects() == {"Call Mira", "Call Józef again"}

    for subject in ("Mira", "Józef"):
        name = f"{uid_of(activities.text_with(subject))}.ics"
        changed = activities.stored(name).replace("SUMMARY:Call", "SUMMARY:Visit")
        assert activities.by_other_program("PUT", name, changed)[0] == 204
        assert activities.shows(f"SUMMARY:Visit {subject}")
        assert activities.by_other_program("DELETE", name)[0] in (200, 204)
        assert activities.lacks(subject)
    assert subjects() == set()


def uid_of(text: str) -> str:
    """Return the UID a component has."""
    found = re.search(r"^UID:(.*?)\r?$", text.replace("\r\n ", ""), re.MULTILINE)
    assert found
    return found[1]


def test_instances_of_a_series_are_moved_and_left_out(open_calendar: Callable[..., Calendar]):
    """One object on the server, with an override, an EXDATE and the definition of its zone."""
    activities = open_calendar("activities", "events")
    activities.desk("add", url=activities.url, text=WEEKLY)
    activities.desk("change", url=activities.url, text=LATER, instance=True)
    activities.desk("remove", url=activities.url, uid="weekly", instance="20260408T090000")
    stored = activities.stored("weekly.ics").replace("\r\n ", "")
    assert stored.count("BEGIN:VEVENT") == 2
    assert stored.count("BEGIN:VTIMEZONE") >= 1
    assert "SUMMARY:Stand-up\\, later\r\n" in stored
    assert re.search(r"EXDATE[^:]*:20260408T", stored)
    activities.desk("remove", url=activities.url, uid="weekly")
    assert activities.stored("weekly.ics") == ""


def test_a_to_do_is_made_and_done_on_either_side(
    open_calendar: Callable[..., Calendar],
    served: Server,
    add_in_crm: Callable[..., None],
):
    """What is completed in the session is done in the CRM; the CRM's to-dos are listed."""
    tasks = open_calendar("tasks", "tasks")
    tasks.desk("add", url=tasks.url, text=OFFER)
    assert not done_in_crm(served, "Write the offer")
    text = tasks.text_with("UID:offer").replace(
        "END:VTODO",
        "STATUS:COMPLETED\r\nPERCENT-COMPLETE:100\r\nCOMPLETED:20260311T100000Z\r\nEND:VTODO",
    )
    tasks.desk("change", url=tasks.url, text=text)
    assert "STATUS:COMPLETED\r\n" in tasks.stored("offer.ics")
    assert done_in_crm(served, "Write the offer")

    add_in_crm("Send the contract", "--type", "task")
    assert tasks.shows("SUMMARY:Send the contract", "SUMMARY:Write the offer")
    tasks.desk("remove", url=tasks.url, uid="offer")
    assert tasks.stored("offer.ics") == ""


def done_in_crm(served: Server, subject: str) -> bool:
    """Tell whether the CRM has the activity down as done."""
    listed = json.loads(crmdav(served.data, "activities", "list", LOGIN, "--json"))
    (activity,) = (each for each in listed if each["subject"] == subject)
    return bool(activity["done"])


def test_a_calendar_is_made_used_renamed_and_deleted(
    desk: Desk, open_calendar: Callable[..., Calendar], served: Server
):
    """With requests of its own form; a standard calendar stays, whatever it asks."""
    url = f"{served.home}trips/"
    desk("make", url=url, name="Trips")
    assert sorted(desk("discover", url=served.url)["calendars"][url]) == ["events", "tasks"]
    trips = open_calendar("trips", "events")
    desk("add", url=url, text=LUNCH)
    assert trips.shows("SUMMARY:Lunch with Eva")

    assert told_name(trips) == ("Trips", "Made at the desk")
    desk("rename", url=url, name="Journeys")
    assert told_name(trips) == ("Journeys", None)
    desk("destroy", url=url)
    assert url not in desk("discover", url=served.url)["calendars"]
    with pytest.raises(AssertionError, match="403"):
        desk("destroy", url=f"{served.home}activities/")


def told_name(calendar: Calendar) -> tuple[str | None, str | None]:
    """Return name and description of a calendar as the server tells any program."""
    body = (
        '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>'
        "<D:displayname/><C:calendar-description/></D:prop></D:propfind>"
    )
    status, text = calendar.by_other_program("PROPFIND", "", body)
    assert status == 207
    found = ET.fromstring(text)  # noqa: S314 - our own answer
    names = ("{DAV:}displayname", "{urn:ietf:params:xml:ns:caldav}calendar-description")
    name, description = (next(found.iter(each)).text for each in names)
    return name, description


def test_a_colleagues_calendar_is_read_and_not_written(
    desk: Desk, open_calendar: Callable[..., Calendar], served: Server
):
    """The privileges that are told make the whole source read-only."""
    owner = "colleague"
    crmdav(served.data, "users", "add", owner)
    crmdav(served.data, "shares", "add", owner, LOGIN, "--level", "read")
    crmdav(
        served.data,
        *("activities", "add", owner, "--subject", "Fair", "--type", "call"),
        *("--start", "2026-03-12T10:00"),
    )
    found = desk("discover", url=served.url)["calendars"]
    assert found[f"{served.home}{owner}--activities/"] == ["events"]
    shared = open_calendar(f"{owner}--activities", "events", readonly=True)
    assert shared.shows("SUMMARY:Fair")
    crmdav(served.data, "shares", "remove", owner, LOGIN)
