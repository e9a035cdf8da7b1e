"""The rehearsal Google's organizer and guests write at will; all calendars tell one story.

After each step a guest sees exactly the instances the organizer's calendar has that guest invited
to, as they are there, apart from those the guest deleted; and who only follows sync tokens knows
what a full listing says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bridge.rehearsal.accounts import DEFAULT_ACCOUNTS, all_accounts, settle
from bridge.rehearsal.calendars.resource import Calendar, find_calendar
from bridge.rehearsal.clock import Clock
from bridge.rehearsal.events.desk import Desk
from bridge.rehearsal.events.filters import ListQuery
from bridge.rehearsal.events.invitations import invite
from bridge.rehearsal.events.listing import list_page
from bridge.rehearsal.events.organizers import outside_calendars
from bridge.rehearsal.events.rows import by_position, find_event
from bridge.rehearsal.events.writing import delete_event, insert_event, move_event, patch_event
from bridge.rehearsal.google_error import GoogleError, Json
from bridge.rehearsal.state import State
from bridge.rehearsal.world import World

ANNA, BEN, CORA = PEOPLE = (*DEFAULT_ACCOUNTS, "cora@example.com")
BOSS = "boss@example.org"
ALL = 10_000
WEEKLY = ["RRULE:FREQ=WEEKLY;COUNT=3"]
GUESTS = st.sets(st.sampled_from([ANNA, BEN, CORA, "ada@example.org"]))
DAYS = st.sampled_from(["", "20260310", "20260317", "20260324"])
TEXTS = st.sampled_from(["a", "b", "c"])
REPLIES = st.sampled_from(["accepted", "declined", "needsAction"])
VISIBILITIES = st.sampled_from(["public", "default", "private"])
PICKS = st.integers(min_value=0, max_value=99)


def times(day: str, hour: int) -> Json:
    """Return start and end of an event of half an hour in Berlin."""
    date = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    return {
        name: {"dateTime": f"{date}T{hour:02d}:{minute}:00", "timeZone": "Europe/Berlin"}
        for name, minute in (("start", "00"), ("end", "30"))
    }


def entries(guests: set[str], status: str = "needsAction") -> list[Json]:
    """Return entries of guests, in one order."""
    return [{"email": email, "responseStatus": status} for email in sorted(guests)]


class CopiesMachine(RuleBasedStateMachine):
    """Anna, Ben and Cora organize and attend; the boss invites from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(state=State(), clock=Clock())
        settle(self.world, PEOPLE)
        self.second = all_accounts(self.world)[0].calendars[1]
        self.numbers = count(1)
        self.tokens: dict[str, str] = {}
        self.followed: dict[str, dict[str, str]] = {email: {} for email in PEOPLE}

    def teardown(self) -> None:
        """Close the store."""
        self.world.state.close()

    def calendar(self, email: str, calendar_id: str = "primary") -> Calendar:
        """Return a calendar as its owner sees it now."""
        return find_calendar(self.world, calendar_id, viewer=email)

    def calendars(self) -> Iterator[Calendar]:
        """Yield all calendars that hold events, those of organizers from outside too."""
        yield from map(self.calendar, PEOPLE)
        yield self.calendar(ANNA, self.second)
        yield from outside_calendars(self.world)

    def target(self, pick: int, day: str) -> tuple[Calendar, str]:
        """Return some event, or the instance of a day of a series, and the calendar it is in."""
        found = [
            (calendar, event)
            for calendar in self.calendars()
            for event in by_position(self.world, calendar.calendar_id, after=0)
        ]
        calendar, event = found[pick % len(found)]
        whole = not (event.is_series and day)
        return calendar, event.event_id if whole else f"{event.event_id}_{day}T090000Z"

    def write(self, calendar: Calendar, work: Callable[[Desk], object]) -> None:
        """Do something at a desk; a refusal is as good an answer, but writes nothing."""
        desk = Desk(world=self.world, calendar=calendar, email=calendar.owner)
        with suppress(GoogleError), self.world.state.transaction():
            work(desk)

    def change(self, pick: int, day: str, patch: Json) -> None:
        """Patch some event where it is, as whoever that calendar belongs to."""
        calendar, event_id = self.target(pick, day)
        self.write(calendar, lambda desk: patch_event(desk, event_id, patch))

    @initialize()
    def all_kinds_of_events_are_there(self) -> None:
        """One of each to begin with."""
        for series in (True, False):
            for sees in (True, False):
                self.anna_invites({BEN, CORA}, series, sees, True)
            self.the_boss_invites({ANNA, BEN}, series)

    @rule(guests=GUESTS, series=st.booleans(), sees=st.booleans(), may=st.booleans())
    def anna_invites(self, guests: set[str], series: bool, sees: bool, may: bool) -> None:
        """Anna makes an event or a series of three weeks, on either of her calendars."""
        number = next(self.numbers)
        body = {
            **times("20260310", 10),
            "id": f"event{number}",
            "attendees": entries(guests),
            "guestsCanSeeOtherGuests": sees,
            "guestsCanModify": may,
            "recurrence": WEEKLY if series else [],
        }
        where = self.calendar(ANNA, self.second if number % 3 == 0 else "primary")
        self.write(where, lambda desk: insert_event(desk, body))

    @rule(guests=GUESTS, series=st.booleans())
    def the_boss_invites(self, guests: set[str], series: bool) -> None:
        """An organizer without an account makes an event or a series."""
        event = {
            **times("20260310", 10),
            "attendees": entries(guests),
            "recurrence": WEEKLY if series else [],
        }
        with self.world.state.transaction():
            invite(self.world, {"organizer": BOSS, "event": event})

    @rule(pick=PICKS, day=DAYS, text=TEXTS, hour=st.sampled_from([None, 8, 11]))
    def facts_change(self, pick: int, day: str, text: str, hour: int | None) -> None:
        """Somebody changes what is shared, with or without the right to."""
        when = {} if hour is None else times(day or "20260310", hour)
        self.change(pick, day, {"summary": text, **when})

    @rule(pick=PICKS, day=DAYS, guests=GUESTS, status=REPLIES)
    def guests_change(self, pick: int, day: str, guests: set[str], status: str) -> None:
        """Somebody writes another guest list, replies included."""
        self.change(pick, day, {"attendees": entries(guests, status)})

    @rule(pick=PICKS, left=st.sampled_from([1, 2, 3]))
    def rule_changes(self, pick: int, left: int) -> None:
        """Somebody makes a series longer or shorter."""
        self.change(pick, "", {"recurrence": [f"RRULE:FREQ=WEEKLY;COUNT={left}"]})

    @rule(pick=PICKS)
    def series_ends(self, pick: int) -> None:
        """Somebody makes a single event of a series."""
        self.change(pick, "", {"recurrence": []})

    @rule(pick=PICKS, day=DAYS, status=st.sampled_from(["confirmed", "cancelled"]))
    def status_changes(self, pick: int, day: str, status: str) -> None:
        """Somebody cancels, leaves or brings back."""
        self.change(pick, day, {"status": status})

    @rule(pick=PICKS, day=DAYS, status=REPLIES)
    def somebody_replies(self, pick: int, day: str, status: str) -> None:
        """The owner of a calendar sends the own entry only."""
        calendar, event_id = self.target(pick, day)
        said = {"attendeesOmitted": True, "attendees": entries({calendar.owner}, status)}
        self.write(calendar, lambda desk: patch_event(desk, event_id, said))

    @rule(pick=PICKS, day=DAYS, colour=st.integers(1, 11), visibility=VISIBILITIES)
    def own_settings_change(self, pick: int, day: str, colour: int, visibility: str) -> None:
        """Somebody changes what belongs to the copy, or to the organizer's event."""
        self.change(pick, day, {"colorId": str(colour), "visibility": visibility})

    @rule(pick=PICKS, day=DAYS)
    def somebody_deletes(self, pick: int, day: str) -> None:
        """The organizer cancels, or a guest leaves."""
        calendar, event_id = self.target(pick, day)
        self.write(calendar, lambda desk: delete_event(desk, event_id))

    @rule(pick=PICKS)
    def anna_moves(self, pick: int) -> None:
        """An event goes from where it is to the other one of Anna's calendars."""
        calendar, event_id = self.target(pick, "")
        other = self.calendar(ANNA, "primary" if calendar.calendar_id != ANNA else self.second)
        self.write(calendar, lambda desk: move_event(desk, event_id, other))

    @invariant()
    def guests_see_what_the_organizer_has(self) -> None:
        """Every instance, in all its shared facts, and no other."""
        items = [item for calendar in self.calendars() for item in self.instances(calendar)]
        own = {item["id"]: item for item in items if self.is_organizers(item)}
        for email in PEOPLE:
            copies = {
                item["id"]: item
                for item in self.instances(self.calendar(email))
                if item["organizer"].get("self") is None
            }
            invited = {
                event_id: item
                for event_id, item in own.items()
                if email in {guest["email"] for guest in item.get("attendees", [])}
                and item["organizer"]["email"] != email
            }
            for event_id, copy in copies.items():
                assert event_id in invited, f"{email} sees {copy}"
                assert self.shared(copy, email) == self.shared(invited[event_id], email)
            for event_id in invited.keys() - copies.keys():
                assert self.was_deleted(email, invited[event_id]), f"{email} misses {event_id}"

    def instances(self, calendar: Calendar) -> list[Json]:
        """Return all instances and single events of a calendar."""
        query = ListQuery(max_results=ALL, single_events=True, zone="UTC")
        return list_page(self.world, calendar, query).items

    def is_organizers(self, item: Json) -> bool:
        """Return whether an item is the organizer's event itself; the boss's has no `self`."""
        guests = item.get("attendees", [])
        outside = item["organizer"]["email"] == BOSS and not any("self" in each for each in guests)
        return item["organizer"].get("self") is True or outside

    def shared(self, item: Json, email: str) -> Json:
        """Return what all copies have alike, as one guest may see it."""
        names = ("status", "summary", "start", "end", "iCalUID", "sequence", "recurringEventId")
        guests = [
            {name: guest[name] for name in ("email", "responseStatus")}
            for guest in item["attendees"]
            if item.get("guestsCanSeeOtherGuests", True) or guest["email"] == email
        ]
        return {**{name: item.get(name) for name in names}, "guests": guests}

    def was_deleted(self, email: str, item: Json) -> bool:
        """Return whether a guest deleted the copy of an instance, or of its series."""
        ids = [item["id"], item.get("recurringEventId", "")]
        held = [find_event(self.world, email, event_id) for event_id in ids]
        return any(each is not None and each.body.get("removedByHolder") for each in held)

    @invariant()
    def sync_tokens_tell_all(self) -> None:
        """Following tokens and listing all agree on every living event and its ETag."""
        for email in PEOPLE:
            calendar, known = self.calendar(email), self.followed[email]
            token = self.tokens.get(email, "")
            page = list_page(self.world, calendar, ListQuery(max_results=ALL, sync_token=token))
            for item in page.items:
                known[item["id"]] = item["etag"]
                if item["status"] == "cancelled":
                    del known[item["id"]]
            self.tokens[email] = page.next_sync_token
            listed = list_page(self.world, calendar, ListQuery(max_results=ALL)).items
            living = {item["id"]: item["etag"] for item in listed if item["status"] != "cancelled"}
            assert known == living, email


TestCopies = CopiesMachine.TestCase
TestCopies.settings = settings(
    max_examples=25,
    # Without the phase `explain`, which traces every line.
    phases=(Phase.generate, Phase.shrink),
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
