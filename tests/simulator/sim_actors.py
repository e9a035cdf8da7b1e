"""The people: each act is one step, chosen by the seed, and acknowledged at once.

A new actor is a class with `name`, `weight` and `act`; put it into `actors`. Those at Google are in
`sim_google_people`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bridge.sync.model import Side
from sim_acts import create, delete_in_calendar, edit_in_calendar, some_object, zeal
from sim_google_people import GoogleUser, Organizer, Rivals
from sim_sides import PagedCollection
from sim_world import SECRET_OFF, SECRET_PRIVATE, SimWorld


class Actor(Protocol):
    """Somebody who does one thing at a time."""

    name: str
    weight: int

    def act(self, world: SimWorld) -> str:
        """Do something; return what, "" when there was nothing to do."""
        ...


@dataclass
class CrmWriter:
    """Writes into the calendar from the CRM, without asking what others do."""

    name: str = "crm"
    weight: int = 5

    def act(self, world: SimWorld) -> str:
        """Make, change, mark, move or delete an activity."""
        chance, place = world.chance, some_object(world)
        kind = chance.choices(
            ("create", "edit", "delete", "move"), (5, 6, zeal(world, Side.CALENDAR), 1)
        )[0]
        if kind == "create" or place is None:
            secret = chance.choices(("", SECRET_OFF, SECRET_PRIVATE), (7, 1, 2))[0]
            return create(world, chance.choice(world.calendars), secret=secret)
        if kind == "edit":
            return edit_in_calendar(world, *place)
        return delete_in_calendar(world, *place) if kind == "delete" else self._move(world, *place)

    @staticmethod
    def _move(world: SimWorld, collection: PagedCollection, name: str) -> str:
        """Move an activity to the other collection in one transaction."""
        item = collection.objects()[name]
        if world.kind.real_lens or item.uid in world.moving:
            return ""
        other = world.tasks if collection is world.activities else world.activities
        collection.remove(name)
        other.put(f"moved-{world.next_number()}.ics", item)
        return f"move {item.uid}"


@dataclass
class CalDavClient:
    """A program that reads before it writes, under If-Match."""

    name: str = "client"
    weight: int = 4

    def act(self, world: SimWorld) -> str:
        """Make, change, delete or move an object."""
        self._finish_move(world)
        place = some_object(world)
        kind = world.chance.choices(
            ("create", "edit", "delete", "move"), (2, 6, zeal(world, Side.CALENDAR), 2)
        )[0]
        if kind == "create" or place is None:
            return create(world, world.chance.choice(world.calendars))
        if kind == "edit":
            return edit_in_calendar(world, *place)
        return (
            delete_in_calendar(world, *place)
            if kind == "delete"
            else self._begin_move(world, *place)
        )

    @staticmethod
    def _begin_move(world: SimWorld, collection: PagedCollection, name: str) -> str:
        """Move by PUT; the DELETE comes later."""
        item = collection.objects()[name]
        if world.kind.real_lens or world.moving:
            return ""
        other = world.tasks if collection is world.activities else world.activities
        new = f"moved-{world.next_number()}.ics"
        other.put(new, item)
        etag = collection._live[name].etag
        world.moving[item.uid] = (collection, name, etag, other, new)
        return f"begin to move {item.uid}"

    @staticmethod
    def _finish_move(world: SimWorld) -> None:
        world.finish_moves()


@dataclass
class StaleClient:
    """A program that works on what it read long ago; If-Match tells it so."""

    name: str = "stale"
    weight: int = 3
    known: dict[tuple[str, str], str] = field(default_factory=dict)

    def act(self, world: SimWorld) -> str:
        """Read everything, or write over what was read before."""
        if not self.known or world.chance.random() < 0.3:
            self.known = {
                (collection.id, name): collection._live[name].etag
                for collection, name, _ in world.in_calendar()
            }
            return "read all"
        place = world.chance.choice(sorted(self.known))
        collection = next(c for c in world.calendars if c.id == place[0])
        event = collection._live.get(place[1])
        if event is None or event.etag != self.known.pop(place):
            return "refused"
        if world.chance.random() < 0.3:
            return delete_in_calendar(world, collection, place[1])
        return edit_in_calendar(world, collection, place[1])


def actors(*, series: bool = False) -> list[Actor]:
    """Return everybody, with nothing in mind yet."""
    everybody: list[Actor] = [
        CrmWriter(),
        CalDavClient(),
        StaleClient(),
        GoogleUser(),
        Organizer(),
    ]
    return [*everybody, Rivals()] if series else everybody
