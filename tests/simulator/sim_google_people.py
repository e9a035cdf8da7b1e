"""The people at Google: the user, whoever invites the user, and rivals of the CRM's people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bridge.domain.view import MergeField, View, Visibility
from bridge.sync.model import Side
from sim_acts import (
    EDITABLE,
    MOST_ITEMS,
    edited,
    seen_in_calendar,
    store_at_google,
    store_in_calendar,
    story_in_calendar,
    zeal,
)
from sim_ledger import Story
from sim_series import any_instance, ended, maybe_series, splittable, with_changed_instance
from sim_sides import PagedCollection
from sim_world import SimWorld, schedule_of

SPLIT = "judged: this and following"


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
            ("add", "edit", "delete", "copy"), (4, 7, zeal(world, Side.GOOGLE), 1)
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
        if world.chance.random() < 0.2:
            new = _hidden_or_shown(new)
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
            if split := GoogleUser._split(world, name, story, view):
                return split
            world.google.edit(name, ended(view))
            world.ledger.person_acted(story)
            story.instances.deleted(view)
            return GoogleUser._add(world) or f"end {name[:12]}"
        if not (story.secret or view.instances) and world.chance.random() < 0.1:
            store_at_google(world, name, _hidden_or_shown(view))
            return f"hide or show {name[:12]}"
        store_at_google(world, name, edited(world, story, what, view))
        return f"edit {what} of {name[:12]}"

    @staticmethod
    def _split(world: SimWorld, name: str, story: Story, view: View) -> str:
        """Give `this and following` another title; "" for series that have no place for that."""
        living = world.google.objects()
        keys = [k for k in splittable(view) if f"{name}_R{k.removesuffix('Z')}" not in living]
        if not keys or len(world.ledger.stories) >= MOST_ITEMS or world.chance.random() < 0.3:
            return ""
        key, before = world.chance.choice(keys), set(living)
        rest = world.begin()
        rest.series = True
        title = world.typed(rest, MergeField.TITLE, view).title
        world.google.split(name, key, title)
        events = world.google.objects()
        (later,) = set(events) - before
        world.fired[SPLIT] += 1
        story.instances.deleted(view)
        for event, its in ((name, story), (later, rest)):
            shown = world.view(Side.GOOGLE, events[event])
            assert shown is not None
            world.ledger.person_wrote(
                (Side.GOOGLE, event), its, view if event == name else None, shown
            )
        return f"this and following of {name[:12]} from {key}"


def _hidden_or_shown(view: View) -> View:
    """Return the view with its details for its owner only, or for everybody again."""

    def turned(each: View) -> View:
        hidden = view.visibility is Visibility.PRIVATE
        visibility = Visibility.DEFAULT if hidden else Visibility.PRIVATE
        return replace(each, visibility=visibility)

    instances = tuple(
        replace(each, view=each.view and turned(each.view)) for each in view.instances
    )
    return replace(turned(view), instances=instances)


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
        here = seen_in_calendar(world, collection.objects()[name])
        there = world.view(Side.GOOGLE, world.google.objects()[event])
        assert there is not None
        key = any_instance(world, here)
        mover = world.chance.choice((*Side, None, None, None))
        store_in_calendar(
            world, collection, name, self._changed(world, here, key, moves=mover is Side.CALENDAR)
        )
        store_at_google(world, event, self._changed(world, there, key, moves=mover is Side.GOOGLE))
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
            story, view = story_in_calendar(world, item), seen_in_calendar(world, item)
            if story is None or item.uid in world.moving or not view.schedule.recurrence:
                continue
            for event in world.ledger.names(story, Side.GOOGLE):
                there = world.view(Side.GOOGLE, events.get(event))
                if there is not None and there.schedule == view.schedule:
                    yield collection, name, event
