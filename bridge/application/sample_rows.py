"""The rows of the sample data; all people and companies are made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, Unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A customer: who, where, and what is being sold to them."""

    person: str
    email: str
    phone: str
    organization: str
    address: str
    deal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One activity.

    Attributes:
        owner: Key of the user.
        day: Working days from today; None for an undated one.
        at: Local time `HH:MM`, the due time of a to-do; "" for all day.
        minutes: Length of a timed one.
        days: Length of an all-day one.
        contact: Key of a customer, or "".
        forgotten: Not marked done although it lies in the past.
    """

    owner: str
    type_key: str
    day: int | None
    at: str
    subject: str
    minutes: int = 30
    days: int = 1
    contact: str = ""
    location: str = ""
    description: str = ""
    note: str = ""
    private: bool = False
    forgotten: bool = False


CONTACTS: dict[str, ContactRow] = {
    "halden": ContactRow(
        person="Mira Lindqvist",
        email="mira.lindqvist@halden-marine.example",
        phone="+46 31 555 0142",
        organization="Halden Marine AB",
        address="Hamngatan 12, Göteborg",
        deal="Halden: fleet telemetry, 40 vessels",
    ),
    "okapi": ContactRow(
        person="Tomáš Veselý",
        email="vesely@okapi-logistics.example",
        phone="+420 225 550 117",
        organization="Okapi Logistics s.r.o.",
        address="Rohanské nábřeží 8, Praha",
        deal="Okapi: route planning rollout",
    ),
    "brightwell": ContactRow(
        person="Grace Adeyemi",
        email="g.adeyemi@brightwell.example",
        phone="+44 20 5550 0188",
        organization="Brightwell Foods Ltd",
        address="4 Tanner Yard, London",
        deal="Brightwell: cold chain sensors",
    ),
    "cascade": ContactRow(
        person="Daniel Whitehorse",
        email="dwhitehorse@cascade-dental.example",
        phone="+1 503 555 0110",
        organization="Cascade Dental Group",
        address="1190 NW Everett St, Portland",
        deal="Cascade: 12 practices, renewal",
    ),
    "lumen": ContactRow(
        person="Sofia Marchetti",
        email="s.marchetti@lumen-studio.example",
        phone="+39 02 5550 0173",
        organization="Lumen Studio",
        address="Via Tortona 21, Milano",
    ),
    "parsec": ContactRow(
        person="Ravi Menon",
        email="ravi@parsec-robotics.example",
        phone="+1 617 555 0164",
        organization="Parsec Robotics Inc",
        address="80 Dorrance Ave, Boston",
        deal="Parsec: pilot for the Boston plant",
    ),
}


class _More(TypedDict, total=False):
    minutes: int
    days: int
    contact: str
    location: str
    description: str
    note: str
    private: bool
    forgotten: bool


def _anna(type_key: str, day: int | None, at: str, subject: str, **more: Unpack[_More]) -> Sample:
    return Sample(owner="anna", type_key=type_key, day=day, at=at, subject=subject, **more)


def _ben(type_key: str, day: int | None, at: str, subject: str, **more: Unpack[_More]) -> Sample:
    return Sample(owner="ben", type_key=type_key, day=day, at=at, subject=subject, **more)


SAMPLES: tuple[Sample, ...] = (
    # Anna, the weeks behind her.
    _anna("call", -12, "09:30", "Intro call with Mira Lindqvist", contact="halden", minutes=20),
    _anna("email", -12, "15:00", "Send telemetry one-pager to Halden", contact="halden"),
    _anna("meeting", -10, "10:00", "Discovery workshop with Okapi", contact="okapi", minutes=120,
          location="Rohanské nábřeží 8, Praha",
          description="Route planning today: who plans, with what, how often plans change."),
    _anna("task", -9, "", "Write up the workshop notes", contact="okapi"),
    _anna("lunch", -9, "12:30", "Lunch with Tomáš Veselý", contact="okapi", minutes=75,
          location="Bistro Štvanice, Praha"),
    _anna("deadline", -8, "17:00", "Okapi wants the rough price range", contact="okapi"),
    _anna("call", -7, "11:15", "Reference call: Nordic ferry operator", contact="halden"),
    _anna("meeting", -6, "14:00", "Demo of vessel dashboards", contact="halden", minutes=60,
          description="Show fuel curves and the alarm board. Mira brings two fleet engineers.",
          note="Their engineers distrust cloud dashboards; lead with the offline mode."),
    _anna("task", -5, "16:00", "Update the forecast for the quarter", minutes=45),
    _anna("email", -4, "09:00", "Thank-you note to the Halden engineers", contact="halden"),
    _anna("call", -3, "10:45", "Check in with Sofia about the showroom lights", contact="lumen",
          forgotten=True),
    _anna("task", -2, "", "File travel expenses for Praha", forgotten=True),
    _anna("meeting", -1, "09:15", "Pipeline review with the team", minutes=45,
          location="Room Vltava"),
    # Anna, today and the weeks ahead.
    _anna("call", 0, "10:00", "Follow-up call with Mira Lindqvist", contact="halden", minutes=25,
          description="Answer the open questions on data ownership."),
    _anna("lunch", 0, "12:30", "Lunch with the new colleague from support", location="Canteen"),
    _anna("email", 0, "16:30", "Send revised quote to Okapi", contact="okapi",
          note="Discount up to 8 % is cleared with finance."),
    _anna("meeting", 1, "09:00", "Technical deep dive: data export", contact="halden", minutes=90,
          location="Video call", description="Bring the export schema and the retention table."),
    _anna("task", 1, "", "Prepare slides for the Okapi board", contact="okapi"),
    _anna("call", 2, "15:30", "Budget call with Okapi's CFO", contact="okapi", minutes=30),
    _anna("deadline", 2, "18:00", "Okapi: final offer due", contact="okapi", minutes=60),
    _anna("meeting", 3, "08:00", "Dentist", private=True, minutes=45, location="Dr. Brandt"),
    _anna("meeting", 3, "13:00", "Contract review with legal", contact="okapi", minutes=60,
          location="Room Spree"),
    _anna("email", 4, "10:00", "Invite Lumen to the spring showroom day", contact="lumen"),
    _anna("meeting", 5, "", "Logistics fair, Leipzig", days=3, location="Messe Leipzig",
          description="Stand 4B12. Ride share from the office at 06:30 on the first day."),
    _anna("call", 5, "17:15", "Evening call with Halden from the fair", contact="halden"),
    _anna("task", 8, "11:00", "Enter all leads from the fair", minutes=90),
    _anna("lunch", 9, "12:00", "Lunch with Mira Lindqvist in Göteborg", contact="halden",
          minutes=90, location="Feskekörka, Göteborg"),
    _anna("meeting", 9, "14:30", "Pilot kick-off on board", contact="halden", minutes=150,
          location="Pier 7, Göteborg", description="Safety shoes are needed on deck."),
    _anna("email", 10, "", "Monthly summary to Halden", contact="halden"),
    _anna("deadline", 12, "", "Pilot report: first numbers", contact="halden"),
    _anna("meeting", 14, "", "Day off", private=True),
    _anna("task", None, "", "Find a better demo data set for ferries"),
    _anna("task", None, "", "Ask marketing for new business cards"),
    _anna("email", None, "", "Write to the three leads that went quiet"),
    # Ben, the weeks behind him.
    _ben("call", -11, "09:00", "Cold call: Parsec Robotics", contact="parsec", minutes=15),
    _ben("meeting", -10, "13:30", "First meeting with Ravi Menon", contact="parsec", minutes=60,
         location="80 Dorrance Ave, Boston"),
    _ben("email", -9, "17:00", "Send security questionnaire to Parsec", contact="parsec"),
    _ben("task", -8, "", "Collect usage numbers for Cascade", contact="cascade"),
    _ben("call", -6, "11:00", "Renewal call with Daniel Whitehorse", contact="cascade",
         note="He mentioned a cheaper offer from a reseller."),
    _ben("lunch", -5, "12:15", "Lunch with Grace Adeyemi", contact="brightwell", minutes=80,
         location="The Tannery, London"),
    _ben("meeting", -5, "15:00", "Walk through the cold store", contact="brightwell", minutes=90,
         location="4 Tanner Yard, London"),
    _ben("deadline", -4, "12:00", "Brightwell: sensor list complete", contact="brightwell"),
    _ben("email", -3, "", "Answer Brightwell's questions on batteries", contact="brightwell"),
    _ben("task", -2, "15:00", "Clean up duplicate contacts", forgotten=True),
    _ben("call", -1, "16:00", "Debrief with Anna", minutes=20),
    # Ben, today and the weeks ahead.
    _ben("meeting", 0, "09:30", "Stand-up of the sales team", minutes=15, location="Video call"),
    _ben("call", 0, "14:00", "Call Ravi Menon about the pilot", contact="parsec"),
    _ben("task", 0, "", "Book the flight to Boston", contact="parsec"),
    _ben("meeting", 1, "10:30", "Renewal workshop with Cascade", contact="cascade", minutes=90,
         location="Video call", description="Per practice: seats, devices, open tickets."),
    _ben("email", 1, "12:00", "Send the renewal figures to Daniel", contact="cascade"),
    _ben("lunch", 2, "12:00", "Lunch with Daniel Whitehorse", contact="cascade", minutes=60,
         location="Pearl District, Portland"),
    _ben("deadline", 3, "17:00", "Cascade: renewal must be signed", contact="cascade"),
    _ben("call", 4, "09:45", "Sensor delivery dates with Grace", contact="brightwell"),
    _ben("meeting", 6, "", "Plant visit, Boston", contact="parsec", days=2,
         location="Parsec plant, Boston"),
    _ben("lunch", 6, "12:30", "Lunch with the Parsec engineers", contact="parsec", minutes=60),
    _ben("task", 8, "10:00", "Write the pilot proposal", contact="parsec", minutes=120),
    _ben("email", 9, "09:30", "Send pilot proposal to Ravi", contact="parsec"),
    _ben("deadline", 11, "", "Pilot decision at Parsec", contact="parsec"),
    _ben("meeting", 12, "11:00", "Quarterly review with Brightwell", contact="brightwell",
         minutes=60, location="Video call"),
    _ben("meeting", 13, "18:00", "Parents' evening", private=True, minutes=60),
    _ben("task", None, "", "Record a short demo of the alarm board"),
    _ben("call", 15, "10:00", "Ask Cascade for a reference", contact="cascade", minutes=15),
)  # fmt: skip
"""At least 60, of every stock type, for two users."""
