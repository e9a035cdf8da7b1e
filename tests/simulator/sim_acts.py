"""Single acts of people: each tells the ledger what was made of which copy."""

from __future__ import annotations

from dataclasses import replace

from bridge.domain.identifiers import Uid
from bridge.domain.view import MergeField, View, Visibility
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.memory_lens import plain_object
from bridge.sync.model import Side
from sim_ledger import Story
from sim_series import maybe_series, with_changed_instance
from sim_sides import PagedCollection
from sim_world import SECRET_OFF, SECRET_PRIVATE, SimWorld

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


def _key(item: CalendarObject) -> tuple[Side, str]:
    return Side.CALENDAR, item.uid


def create(world: SimWorld, collection: PagedCollection, *, secret: str = "") -> str:
    """Make an object in the calendar; one with a secret is not to reach Google, or not always."""
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
    world.ledger.person_wrote(_key(item), story, None, seen_in_calendar(world, item))
    return f"create {uid} {secret}"


def _as_todo(item: CalendarObject) -> CalendarObject:
    start = next(line for line in item.text.split("\r\n") if line.startswith("DTSTART"))
    lines = [
        start.replace("DTSTART", "DUE") if line == start else line
        for line in item.text.replace("VEVENT", "VTODO").split("\r\n")
        if not line.startswith("DTEND")
    ]
    return CalendarObject(uid=item.uid, component="VTODO", text="\r\n".join(lines))


def seen_in_calendar(world: SimWorld, item: CalendarObject) -> View:
    """Return what a person sees of an object."""
    view = world.view(Side.CALENDAR, item)
    assert view is not None
    return view


def story_in_calendar(world: SimWorld, item: CalendarObject) -> Story | None:
    """Return the story of an object; None when nobody made it."""
    return world.ledger.story_at(_key(item), world.view(Side.CALENDAR, item))


def edit_in_calendar(world: SimWorld, collection: PagedCollection, name: str) -> str:
    """Type one field of an object anew."""
    item = collection.objects()[name]
    view, story = seen_in_calendar(world, item), story_in_calendar(world, item)
    if story is None or item.uid in world.moving:
        return ""
    what = world.chance.choice(EDITABLE)
    store_in_calendar(world, collection, name, edited(world, story, what, view))
    return f"edit {what} of {item.uid}"


def store_in_calendar(
    world: SimWorld, collection: PagedCollection, name: str, edited: View
) -> None:
    """Make an object show this view, as a person does."""
    item = collection.objects()[name]
    view, story = seen_in_calendar(world, item), story_in_calendar(world, item)
    assert story is not None
    changed = world.reader.put_calendar(edited, item)
    collection.put(name, changed)
    world.ledger.person_wrote(_key(item), story, view, seen_in_calendar(world, changed))


def store_at_google(world: SimWorld, name: str, edited: View) -> None:
    """Make an event show this view, as a person does."""
    view = world.view(Side.GOOGLE, world.google.objects()[name])
    story = world.ledger.story_at((Side.GOOGLE, name), view)
    world.google.edit(name, edited)
    shown = world.view(Side.GOOGLE, world.google.objects()[name])
    assert shown is not None
    assert story is not None
    world.ledger.person_wrote((Side.GOOGLE, name), story, view, shown)


def edited(world: SimWorld, story: Story, what: MergeField, view: View) -> View:
    """Return the view with a field typed anew; of a series, rather with an instance changed."""
    if view.schedule.recurrence and world.chance.random() < 0.6:
        return with_changed_instance(world, view)
    if view.schedule.recurrence and world.kind.real_lens and what is MergeField.DONE:
        # Only its dates are done in the CRM.
        return world.typed(story, MergeField.TITLE, view)
    return world.typed(story, what, view)


def delete_in_calendar(world: SimWorld, collection: PagedCollection, name: str) -> str:
    """Delete an object."""
    item = collection.objects()[name]
    if story_in_calendar(world, item) is None or item.uid in world.moving:
        return ""
    world.ledger.person_deleted(_key(item), seen_in_calendar(world, item))
    collection.remove(name)
    return f"delete {item.uid}"


def zeal(world: SimWorld, side: Side) -> int:
    """Return how often people delete, against 6 times that they edit."""
    return 7 if side in world.deleters else 3


def some_object(world: SimWorld) -> tuple[PagedCollection, str] | None:
    """Return any object and where it is; None without one."""
    found = [(collection, name) for collection, name, _ in world.in_calendar()]
    return world.chance.choice(found) if found else None
