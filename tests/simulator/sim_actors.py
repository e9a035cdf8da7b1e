"""The people: each act is one step, chosen by the seed, and acknowledged at once.

A new actor is a class with `name`, `weight` and `act`; put it into `ACTORS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from bridge.domain.identifiers import Uid
from bridge.domain.view import MergeField, View, Visibility
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.memory_lens import plain_object
from bridge.sync.model import Side
from sim_ledger import Story
from sim_series import any_instance, ended, maybe_series, with_changed_instance
from sim_sides import PagedCollection
from sim_world import SECRET_OFF, SECRET_PRIVATE, SimWorld, schedule_of

MOST_ITEMS = 14
EDITABLE = (
    MergeField.TITLE,
    MergeField.SCHEDULE,
    MergeField.LOCATION,
    MergeField.DESCRIPTION,
    MergeField.DONE,
)
OWN_LINE = f"X-OWN:{SECRET_OFF}"  # what only the calendar knows stays in the calendar
_NEVER_TICKED = {"activities": "lunch", "tasks": "deadline"}


class Actor(Protocol):
    """Somebody who does one thing at a time."""

    name: str
    weight: int

    def act(self, world: SimWorld) -> str:
        """Do something; return what, "" when there was nothing to do."""
        ...


def _key(item: CalendarObject) -> tuple[Side, str]:
    return Side.CALENDAR, item.uid


def _create(world: SimWorld, collection: PagedCollection, *, secret: str = "") -> str:
    if len(world.ledger.stories) >= MOST_ITEMS:
        return ""
    story = world.begin(secret=secret)
    uid = Uid(f"made-{story.number}")
    view = maybe_series(world, story, world.new_view(story))
    extra = [OWN_LINE] if world.kind.real_lens else ["X-OWN:kept"]
    if secret == SECRET_OFF:
        type_line = f"X-CRM-ACTIVITY-TYPE:{_NEVER_TICKED[collection.id]}"
        extra.append(world.chance.choice(("X-CRM-SYNC:FALSE", type_line)))
    if secret == SECRET_PRIVATE:
        view = replace(view, visibility=Visibility.PRIVATE)
    item = plain_object(uid, view, *extra)
    if world.kind.real_lens and collection is world.tasks:
        item = _as_todo(item)
    collection.put(f"client-{uid}.ics", item)
    world.ledger.person_wrote(_key(item), story, None, _seen(world, item))
    return f"create {uid} {secret}"


def _as_todo(item: CalendarObject) -> CalendarObject:
    start = next(line for line in item.text.split("\r\n") if line.startswith("DTSTART"))
    lines = [
        start.replace("DTSTART", "DUE") if line == start else line
        for line in item.text.replace("VEVENT", "VTODO").split("\r\n")
        if not line.startswith("DTEND")
    ]
    return CalendarObject(uid=item.uid, component="VTODO", text="\r\n".join(lines))


def _seen(world: SimWorld, item: CalendarObject) -> View:
    view = world.view(Side.CALENDAR, item)
    assert view is not None
    return view


def _story(world: SimWorld, item: CalendarObject) -> Story | None:
    return world.ledger.story_at(_key(item), world.view(Side.CALENDAR, item))


def _edit(world: SimWorld, collection: PagedCollection, name: str) -> str:
    item = collection.objects()[name]
    view, story = _seen(world, item), _story(world, item)
    if story is None or item.uid in world.moving:
        return ""
    what = world.chance.choice(EDITABLE)
    _store(world, collection, name, _edited(world, story, what, view))
    return f"edit {what} of {item.uid}"


def _store(world: SimWorld, collection: PagedCollection, name: str, edited: View) -> None:
    """Make an object show this view, as a person does."""
    item = collection.objects()[name]
    view, story = _seen(world, item), _story(world, item)
    assert story is not None
    changed = world.reader.put_calendar(edited, item)
    collection.put(name, changed)
    world.ledger.person_wrote(_key(item), story, view, _seen(world, changed))


def _store_at_google(world: SimWorld, name: str, edited: View) -> None:
    """Make an event show this view, as a person does."""
    view = world.view(Side.GOOGLE, world.google.objects()[name])
    story = world.ledger.story_at((Side.GOOGLE, name), view)
    world.google.edit(name, edited)
    shown = world.view(Side.GOOGLE, world.google.objects()[name])
    assert shown is not None
    assert story is not None
    world.ledger.person_wrote((Side.GOOGLE, name), story, view, shown)


def _edited(world: SimWorld, story: Story, what: MergeField, view: View) -> View:
    """Return the view with a field typed anew; of a series, rather with an instance changed."""
    if view.schedule.recurrence and world.chance.random() < 0.6:
        return with_changed_instance(world, view)
    return world.typed(story, what, view)


def _delete(world: SimWorld, collection: PagedCollection, name: str) -> str:
    item = collection.objects()[name]
    if _story(world, item) is None or item.uid in world.moving:
        return ""
    world.ledger.person_deleted(_key(item), _seen(world, item))
    collection.remove(name)
    return f"delete {item.uid}"


def _zeal(world: SimWorld, side: Side) -> int:
    """Return how often people delete, against 6 times that they edit."""
    return 7 if side in world.deleters else 3


def _some(world: SimWorld) -> tuple[PagedCollection, str] | None:
    found = [(collection, name) for collection, name, _ in world.in_calendar()]
    return world.chance.choice(found) if found else None


@dataclass
class CrmWriter:
    """Writes into the calendar from the CRM, without asking what others do."""

    name: str = "crm"
    weight: int = 5

    def act(self, world: SimWorld) -> str:
        """Make, change, mark, move or delete an activity."""
        chance, place = world.chance, _some(world)
        kind = chance.choices(
            ("create", "edit", "delete", "move"), (5, 6, _zeal(world, Side.CALENDAR), 1)
        )[0]
        if kind == "create" or place is None:
            secret = chance.choices(("", SECRET_OFF, SECRET_PRIVATE), (7, 1, 2))[0]
            return _create(world, chance.choice(world.calendars), secret=secret)
        if kind == "edit":
            return _edit(world, *place)
        return _delete(world, *place) if kind == "delete" else self._move(world, *place)

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
        place = _some(world)
        kind = world.chance.choices(
            ("create", "edit", "delete", "move"), (2, 6, _zeal(world, Side.CALENDAR), 2)
        )[0]
        if kind == "create" or place is None:
            return _create(world, world.chance.choice(world.calendars))
        if kind == "edit":
            return _edit(world, *place)
        return _delete(world, *place) if kind == "delete" else self._begin_move(world, *place)

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
            return _delete(world, collection, place[1])
        return _edit(world, collection, place[1])


@dataclass
class GoogleUser:
    """The person in front of Google's page."""

    name: str = "google"
    weight: int = 7

    def act(self, world: SimWorld) -> str:
        """Make, change, copy or delete an event."""
        google, chance = world.google, world.chance
        living = google.objects()
        kind = chance.choices(
            ("add", "edit", "delete", "copy"), (4, 7, _zeal(world, Side.GOOGLE), 1)
        )[0]
        if kind == "add" or not living:
            return self._add(world)
        name = chance.choice(list(living))
        view = world.view(Side.GOOGLE, living[name])
        story = world.ledger.story_at((Side.GOOGLE, name), view)
        if view is None or story is None:
            return ""
        if kind == "copy":
            return self._add(world, view=view, like=name)
        if kind == "delete":
            world.ledger.person_deleted((Side.GOOGLE, name), view)
            google.remove(name)
            return f"delete {name[:12]}"
        if name in story.invitations:
            return ""
        return self._edit(world, name, story, view)

    @staticmethod
    def _add(world: SimWorld, *, view: View | None = None, like: str = "") -> str:
        if len(world.ledger.stories) >= MOST_ITEMS:
            return ""
        story = world.begin()
        name = f"event{story.number}"
        new = maybe_series(world, story, world.new_view(story))
        if view is not None:
            new = replace(view, title=new.title, location="", description="")
            new = world.typed(story, MergeField.SCHEDULE, new)
        story.series = bool(new.schedule.recurrence)
        world.google.add(name, new, like=like)
        shown = world.view(Side.GOOGLE, world.google.objects()[name])
        assert shown is not None
        world.ledger.person_wrote((Side.GOOGLE, name), story, None, shown)
        return f"add {name} {'as a copy' if like else ''}"

    @staticmethod
    def _edit(world: SimWorld, name: str, story: Story, view: View) -> str:
        what = world.chance.choice(EDITABLE)
        if view.schedule.recurrence and world.chance.random() < 0.2:
            world.google.edit(name, ended(view))
            world.ledger.person_acted(story)
            story.instances.deleted(view)
            return GoogleUser._add(world) or f"end {name[:12]}"
        _store_at_google(world, name, _edited(world, story, what, view))
        return f"edit {what} of {name[:12]}"


@dataclass
class Organizer:
    """Somebody else, who invites to events that the user may only read."""

    name: str = "organizer"
    weight: int = 3

    def act(self, world: SimWorld) -> str:
        """Invite, change what was invited to, or call it off."""
        living = world.google.objects()
        mine = [
            (name, story)
            for story in world.ledger.stories.values()
            for name in sorted(story.invitations & living.keys())
        ]
        kind = world.chance.choices(("invite", "edit", "delete"), (4, 5, 2))[0]
        if kind == "invite" or not mine:
            return self._invite(world)
        name, story = world.chance.choice(mine)
        view = world.view(Side.GOOGLE, living[name])
        assert view is not None
        if kind == "delete":
            world.ledger.person_deleted((Side.GOOGLE, name), view)
            world.google.call_off(name)
            return f"call off {name}"
        what = world.chance.choice(EDITABLE[:4])
        world.google.reschedule(name, world.typed(story, what, view))
        self._note(world, name, story, view)
        return f"edit {what} of {name}"

    def _invite(self, world: SimWorld) -> str:
        if len(world.ledger.stories) >= MOST_ITEMS:
            return ""
        story = world.begin()
        name = f"event{story.number}"
        story.invitations.add(name)
        world.google.invite(name, world.new_view(story))
        self._note(world, name, story, None)
        return f"invite to {name}"

    @staticmethod
    def _note(world: SimWorld, name: str, story: Story, before: View | None) -> None:
        shown = world.view(Side.GOOGLE, world.google.objects()[name])
        assert shown is not None
        world.ledger.person_wrote((Side.GOOGLE, name), story, before, shown)


@dataclass
class Rivals:
    """Two people who change one series at the same time, one on each side, unseen by the other.

    It is the same instance, or one of them moves the series. Left to chance alone that would hardly
    ever happen.
    """

    name: str = "rivals"
    weight: int = 7

    def act(self, world: SimWorld) -> str:
        """Change a series on both sides."""
        found = list(self._on_both_sides(world))
        if not found:
            return ""
        collection, name, event = world.chance.choice(found)
        here = _seen(world, collection.objects()[name])
        there = world.view(Side.GOOGLE, world.google.objects()[event])
        assert there is not None
        key = any_instance(world, here)
        mover = world.chance.choice((*Side, None, None, None))
        _store(
            world, collection, name, self._changed(world, here, key, moves=mover is Side.CALENDAR)
        )
        _store_at_google(world, event, self._changed(world, there, key, moves=mover is Side.GOOGLE))
        return f"change {key} of {event[:12]}, moved by {mover or 'nobody'}"

    @staticmethod
    def _changed(world: SimWorld, view: View, key: str, *, moves: bool) -> View:
        if not moves:
            return with_changed_instance(world, view, key=key)
        schedule = replace(schedule_of(world.next_number()), recurrence=view.schedule.recurrence)
        return replace(view, schedule=schedule, instances=())

    @staticmethod
    def _on_both_sides(world: SimWorld) -> Iterator[tuple[PagedCollection, str, str]]:
        """Iterate over the series that have the same schedule on both sides."""
        events = world.google.objects()
        for collection, name, item in world.in_calendar():
            story, view = _story(world, item), _seen(world, item)
            if story is None or item.uid in world.moving or not view.schedule.recurrence:
                continue
            for event in world.ledger.names(story, Side.GOOGLE):
                there = world.view(Side.GOOGLE, events.get(event))
                if there is not None and there.schedule == view.schedule:
                    yield collection, name, event


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
