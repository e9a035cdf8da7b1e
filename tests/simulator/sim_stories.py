"""Stories of what users do, each a few acts with a run after each of them.

A story is told of people and sides only: how often runs die in between must not change its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from bridge.domain.spans import AllDaySpan
from bridge.domain.sync_settings import PrivateEvents, SyncType
from bridge.domain.view import Instance, Schedule, Visibility
from bridge.errors import ItemRejected
from bridge.sync.memory_lens import plain_object
from sim_story_world import StoryWorld
from sim_world import schedule_of

Act = Callable[[StoryWorld], object]
OFF = "X-CRM-SYNC:FALSE"
GUEST = "ATTENDEE:mailto:guest@example.org"
HIDDEN = Visibility.PRIVATE


@dataclass(frozen=True)
class Story:
    """A few acts; after each of them the worker runs.

    Attributes:
        memory_only: It tells of something only a memory side lets people do.
    """

    acts: tuple[Act, ...]
    memory_only: bool = False


def story(*acts: Act, memory_only: bool = False) -> Story:
    """Return the story of these acts."""
    return Story(acts=acts, memory_only=memory_only)


def make(w: StoryWorld) -> None:
    """Make an activity."""
    w.make("u1")


def add(w: StoryWorld) -> None:
    """Make an event at Google."""
    w.add("event1")


def three(w: StoryWorld) -> None:
    """Make three activities, and two events at Google."""
    for number in range(3):
        w.make(f"u{number}", title=f"Call {number}", hour=number)
    for number in range(2):
        w.add(f"event{number}", title=f"Meet {number}", hour=5 + number)


def _many_things(w: StoryWorld) -> None:
    w.edit("u0", title="Edited here")
    w.alter(w.own("u1"), location="Edited there")
    w.drop("u2")
    w.google.remove("event0")
    w.edit(w.ours("event1"), done=True)
    w.make("u3", title="New here", hour=9)
    w.add("event2", title="New there", hour=10)


def _both(w: StoryWorld, here: dict[str, object], there: dict[str, object]) -> None:
    w.edit("u1", **here)
    w.alter(w.own("u1"), **there)


def _drop_both(w: StoryWorld) -> None:
    w.drop("u1")
    w.google.remove(w.own("u1"))


def _drop_here(w: StoryWorld, **edited_there: object) -> None:
    w.alter(w.own("u1"), **edited_there)
    w.drop("u1")


def _drop_there(w: StoryWorld, **edited_here: object) -> None:
    w.edit("u1", **edited_here)
    w.google.remove(w.own("u1"))


def _private_there(w: StoryWorld) -> None:
    w.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    w.alter("event1", visibility=HIDDEN)


def _move(w: StoryWorld) -> None:
    item = w.activities.objects()["u1.ics"]
    w.activities.remove("u1.ics")
    w.tasks.put("moved.ics", item)


def _copy_to_tasks(w: StoryWorld) -> None:
    w.tasks.put("moved.ics", w.activities.objects()["u1.ics"])


def _leave_in_both(w: StoryWorld) -> None:
    w.wait()
    w.alter(w.own("u1"), location="Since then")


def _edit_copy_and_drop_first(w: StoryWorld) -> None:
    item = w.tasks.objects()["moved.ics"]
    view = w.lens.calendar_view(item)
    assert view is not None
    w.tasks.put("moved.ics", w.lens.put_calendar(replace(view, title="In the copy"), item))
    w.activities.remove("u1.ics")


def _recreate(w: StoryWorld) -> None:
    w.drop("u1")
    w.make("u1", title="Made anew", hour=3)


def _restore_before(w: StoryWorld, *acts: Act) -> None:
    kept = w.backup()
    for act in acts:
        act(w)
        w.run()
    w.store.held_links = kept


def _refused(w: StoryWorld) -> None:
    refusal = ItemRejected("no", side="google", reason="forbidden")
    w.edit("u1", title="Refused")
    with w.failing("google", "update", refusal):
        w.run()


def _expire(w: StoryWorld) -> None:
    w.google.expire_tokens()


def _revive(w: StoryWorld) -> None:
    item = w.google.objects()["event1"]
    w.google.remove("event1")
    w.run()
    w.google._paged.put("event1", item)  # type: ignore[attr-defined]  # memory only


def _burn(w: StoryWorld) -> None:
    w.google._paged.burnt.add(w.own("u1"))  # type: ignore[attr-defined]  # memory only
    w.make("u1")


def _same_uid(w: StoryWorld) -> None:
    item = plain_object("same@example.org", w.shown("Invited"))  # type: ignore[arg-type]
    w.activities.put("invited.ics", item)
    w.google._paged.put("event1", item)  # type: ignore[attr-defined]  # memory only


def _guests(w: StoryWorld) -> None:
    name = w.own("u1")
    item = w.google.objects()[name]
    text = item.text.replace("END:VEVENT", f"{GUEST}\r\nEND:VEVENT")
    w.google._paged.put(name, type(item)(uid=item.uid, component="VEVENT", text=text))  # type: ignore[attr-defined]


RULE = "RRULE:FREQ=DAILY;COUNT=5"
KEYS = tuple(f"202603{day}T090000Z" for day in range(10, 15))


def series(*, hour: int = 0, rule: str = RULE) -> Schedule:
    """Return the schedule of a daily series."""
    return replace(schedule_of(hour), recurrence=(rule,))


def make_series(w: StoryWorld) -> None:
    """Make a series of activities on five days."""
    w.make("u1", schedule=series())


def add_series(w: StoryWorld) -> None:
    """Make such a series at Google."""
    w.add("event1", schedule=series())


def moved(w: StoryWorld, number: int, *, title: str = "Call Ada", later: int = 3) -> Instance:
    """Return an instance that is some hours later than the rule says."""
    return Instance(key=KEYS[number], view=w.shown(title, hour=24 * number + later))


def cancelled(number: int) -> Instance:
    """Return a cancelled instance."""
    return Instance(key=KEYS[number])


def _here(w: StoryWorld, *instances: Instance, **fields: object) -> None:
    w.edit("u1", instances=instances, **fields)


def _there(w: StoryWorld, *instances: Instance, **fields: object) -> None:
    w.alter(w.own("u1"), instances=instances, **fields)


def make_calls(w: StoryWorld) -> None:
    """Make a series of a type that is not the one of incoming events."""
    w.make("u1", "X-CRM-ACTIVITY-TYPE:call", schedule=series())


def done(w: StoryWorld, number: int) -> Instance:
    """Return an instance that was done."""
    return Instance(key=KEYS[number], view=w.shown(hour=24 * number, done=True))


def _this_and_following(w: StoryWorld) -> None:
    w.google.split(w.own("u1"), KEYS[2], "Call Ada later")


def _this_and_following_here(w: StoryWorld) -> None:
    # As calendar programs do it: the old object ends, and another one begins.
    w.edit("u1", schedule=series(rule="RRULE:FREQ=DAILY;COUNT=2"), instances=())
    later = replace(schedule_of(49), recurrence=("RRULE:FREQ=DAILY;COUNT=3",))
    marked = Instance(key="20260313T100000Z", view=w.shown(hour=73, done=True))
    w.make("u2", "X-CRM-ACTIVITY-TYPE:call", schedule=later)
    w.edit("u2", instances=(marked,))


ALL_DAY = Schedule(span=AllDaySpan(start=date(2026, 3, 20), end=date(2026, 3, 22)))

STORIES: Mapping[str, Story] = {
    # Made and edited.
    "made here": story(make),
    "made there": story(add),
    "made as a task": story(lambda w: w.make("u1", where=w.tasks)),
    "made here and there": story(three),
    "edited here": story(make, lambda w: w.edit("u1", title="New", location="Room 1")),
    "edited there": story(make, lambda w: w.alter(w.own("u1"), title="New", description="Text")),
    "what came from Google, edited here": story(
        add, lambda w: w.edit(w.ours("event1"), title="New")
    ),
    "edited twice in a row": story(
        make, lambda w: w.edit("u1", title="One"), lambda w: w.edit("u1", title="Two")
    ),
    "edited to and fro": story(
        make,
        lambda w: w.edit("u1", title="One"),
        lambda w: w.alter(w.own("u1"), title="Two"),
        lambda w: w.edit("u1", title="Call Ada"),
    ),
    "emptied": story(
        lambda w: w.make("u1", location="Room", description="Text"),
        lambda w: w.edit("u1", location="", description=""),
    ),
    "moved to a day": story(make, lambda w: w.edit("u1", schedule=ALL_DAY)),
    "done here": story(make, lambda w: w.edit("u1", done=True)),
    "done there": story(make, lambda w: w.alter(w.own("u1"), done=True)),
    "hidden here": story(make, lambda w: w.edit("u1", visibility=HIDDEN)),
    "many things at once": story(three, _many_things),
    # Edited on both sides.
    "other fields on both sides": story(
        make, lambda w: _both(w, {"title": "Here"}, {"location": "There"})
    ),
    "the same title on both sides": story(
        make, lambda w: _both(w, {"title": "Same"}, {"title": "Same"})
    ),
    "two titles": story(make, lambda w: _both(w, {"title": "Here"}, {"title": "There"})),
    "two times": story(
        make,
        lambda w: _both(w, {"schedule": schedule_of(2)}, {"schedule": schedule_of(4)}),
    ),
    "a title here, a title and a place there": story(
        make,
        lambda w: _both(w, {"title": "Here"}, {"title": "There", "location": "Room 2"}),
    ),
    # Deleted.
    "deleted here": story(make, lambda w: w.drop("u1")),
    "deleted there": story(make, lambda w: w.google.remove(w.own("u1"))),
    "what came from Google, deleted here": story(add, lambda w: w.drop(w.ours("event1"))),
    "what came from Google, deleted there": story(add, lambda w: w.google.remove("event1")),
    "deleted on both sides": story(make, _drop_both),
    "deleted here, edited there": story(make, lambda w: _drop_here(w, title="Saved")),
    "deleted here, marked there": story(make, lambda w: _drop_here(w, done=True)),
    "deleted there, edited here": story(make, lambda w: _drop_there(w, title="Saved")),
    "deleted there, marked here": story(make, lambda w: _drop_there(w, done=True)),
    "saved by an edit, and deleted again": story(
        make, lambda w: _drop_there(w, title="Saved"), lambda w: w.drop("u1")
    ),
    "deleted and made anew under the same UID": story(make, _recreate),
    "deleted, and made anew a run later": story(
        make, lambda w: w.drop("u1"), lambda w: w.make("u1", title="Made anew")
    ),
    # Taken out, and options.
    "taken out": story(make, lambda w: w.mark("u1", OFF)),
    "taken out with an edit there": story(
        make, lambda w: [w.alter(w.own("u1"), location="There"), w.mark("u1", OFF)]
    ),
    "taken out and back": story(make, lambda w: w.mark("u1", OFF), lambda w: w.unmark("u1", OFF)),
    "type unticked and ticked": story(
        make,
        lambda w: w.choose(outgoing_types=frozenset({"call"})),
        lambda w: w.choose(outgoing_types=frozenset({"meeting"})),
    ),
    "private here under do not sync": story(
        lambda w: w.make("u1", visibility=HIDDEN),
        lambda w: w.choose(private_events=PrivateEvents.DO_NOT_SYNC),
        lambda w: w.choose(private_events=PrivateEvents.SAVE_AS_PRIVATE),
    ),
    "turned private there under do not sync": story(add, _private_there),
    "and visible again": story(
        add,
        _private_there,
        lambda w: w.alter("event1", visibility=Visibility.DEFAULT, title="Open again"),
    ),
    "a later window with an edit, and back": story(
        make,
        lambda w: w.choose(sync_from=date(2026, 6, 1)),
        lambda w: w.alter(w.own("u1"), title="Meanwhile"),
        lambda w: w.choose(sync_from=date(2026, 1, 1)),
    ),
    # One-way.
    "one-way out, our copy edited": story(
        lambda w: [w.choose(sync_type=SyncType.CRM_TO_GOOGLE), w.make("u1")],
        lambda w: w.alter(w.own("u1"), title="Theirs"),
    ),
    "one-way out, our copy deleted": story(
        lambda w: [w.choose(sync_type=SyncType.CRM_TO_GOOGLE), w.make("u1")],
        lambda w: w.google.remove(w.own("u1")),
    ),
    "one-way out, put back until it is parked": story(
        lambda w: [w.choose(sync_type=SyncType.CRM_TO_GOOGLE), w.make("u1")],
        *(lambda w, n=n: w.alter(w.own("u1"), title=f"Edit {n}") for n in range(3)),
        lambda w: w.edit("u1", location="Room 1"),
    ),
    "one-way in, our copy edited": story(
        lambda w: [w.choose(sync_type=SyncType.GOOGLE_TO_CRM), w.add("event1")],
        lambda w: w.edit(w.ours("event1"), title="Mine"),
    ),
    "one-way in, our copy deleted": story(
        lambda w: [w.choose(sync_type=SyncType.GOOGLE_TO_CRM), w.add("event1")],
        lambda w: w.drop(w.ours("event1")),
    ),
    "two-way after one-way": story(
        lambda w: [w.choose(sync_type=SyncType.CRM_TO_GOOGLE), w.make("u1"), w.add("event1")],
        lambda w: w.choose(sync_type=SyncType.TWO_WAY),
    ),
    # Moved between collections.
    "moved in one go": story(make, _move),
    "moved by copy and delete": story(
        make, _copy_to_tasks, lambda w: w.activities.remove("u1.ics")
    ),
    "in two calendars for good": story(make, _copy_to_tasks, _leave_in_both),
    "in two calendars, and moved late": story(
        make, _copy_to_tasks, _leave_in_both, _edit_copy_and_drop_first
    ),
    "in two calendars, and deleted at Google": story(
        make, _copy_to_tasks, _leave_in_both, lambda w: w.google.remove(w.own("u1"))
    ),
    "in two calendars, and made anew by an edit of the copy": story(
        make,
        _copy_to_tasks,
        _leave_in_both,
        lambda w: [_edit_copy_and_drop_first(w), w.google.remove(w.own("u1"))],
    ),
    "moved, and edited there": story(
        make, lambda w: [_move(w), w.alter(w.own("u1"), title="There")]
    ),
    # Tokens, links and databases that are gone.
    "an expired token and an edit": story(
        three, lambda w: [w.alter("event0", title="Edited"), _expire(w)]
    ),
    "an expired token and a deletion": story(
        three, lambda w: [w.google.remove("event0"), _expire(w)]
    ),
    "an expired token here and a deletion": story(
        three, lambda w: [w.drop("u0"), w.activities.expire_tokens()]
    ),
    "reconnected": story(three, lambda w: [w.forget_tokens(), w.edit("u0", title="Edited")]),
    "begun anew": story(three, lambda w: w.forget_links()),
    "begun anew over an edit": story(
        three, lambda w: [w.forget_links(), w.edit("u0", location="Room 1")]
    ),
    "restored to before it was made": story(add, lambda w: _restore_before(w, make)),
    "restored to before it was edited": story(
        make, lambda w: _restore_before(w, lambda w: w.edit("u1", title="Edited"))
    ),
    "restored to before it was deleted": story(
        make, lambda w: _restore_before(w, lambda w: w.drop("u1"))
    ),
    # Look-alikes and copies.
    "the same meeting on both sides": story(
        lambda w: [w.make("u1", title="Same"), w.add("event1", title="Same")]
    ),
    "a copy made at Google": story(
        make, lambda w: w.add("event2", like=w.own("u1"), title="Copy", hour=7)
    ),
    "an invitation on both sides": story(_same_uid, memory_only=True),
    # Series.
    "a series made here": story(make_series),
    "a series made there": story(add_series, memory_only=True),
    "a series and singles at once": story(lambda w: [three(w), w.make("u9", schedule=series())]),
    "a series renamed here": story(make_series, lambda w: w.edit("u1", title="New")),
    "an instance moved here": story(make_series, lambda w: _here(w, moved(w, 1))),
    "an instance moved there": story(
        make_series, lambda w: _there(w, moved(w, 1)), memory_only=True
    ),
    "an instance cancelled here": story(make_series, lambda w: _here(w, cancelled(2))),
    "an instance cancelled there": story(
        make_series, lambda w: _there(w, cancelled(2)), memory_only=True
    ),
    "instances made with the series": story(
        lambda w: w.make("u1", schedule=series(), instances=(moved(w, 1), cancelled(3)))
    ),
    "an instance moved, and taken back": story(make_series, lambda w: _here(w, moved(w, 1)), _here),
    "an instance cancelled, and back": story(make_series, lambda w: _here(w, cancelled(1)), _here),
    "other instances on both sides": story(
        make_series,
        lambda w: [_here(w, moved(w, 1)), _there(w, cancelled(2))],
        memory_only=True,
    ),
    "one instance on both sides": story(
        make_series,
        lambda w: [_here(w, moved(w, 1, title="Here")), _there(w, moved(w, 1, title="There"))],
        memory_only=True,
    ),
    "an instance cancelled here and edited there": story(
        make_series,
        lambda w: [_here(w, cancelled(1)), _there(w, moved(w, 1, title="There"))],
        memory_only=True,
    ),
    "a series moved here with an instance changed": story(
        make_series,
        lambda w: _here(w, moved(w, 1)),
        lambda w: w.edit("u1", schedule=series(hour=1)),
    ),
    "a series moved here, an instance changed there": story(
        make_series,
        lambda w: [w.edit("u1", schedule=series(hour=1)), _there(w, moved(w, 1))],
        memory_only=True,
    ),
    "a series moved on both sides": story(
        make_series,
        lambda w: _both(w, {"schedule": series(hour=1)}, {"schedule": series(hour=2)}),
        memory_only=True,
    ),
    "a series shortened there, its last instance changed here": story(
        make_series,
        lambda w: [
            _here(w, moved(w, 4)),
            w.alter(w.own("u1"), schedule=series(rule="RRULE:FREQ=DAILY;COUNT=3")),
        ],
        memory_only=True,
    ),
    "this and following": story(make_series, _this_and_following),
    "this and following in a calendar program": story(
        make_calls, lambda w: _here(w, done(w, 0), done(w, 3)), _this_and_following_here
    ),
    "this and following at once with an edit here": story(
        make_calls,
        lambda w: [_here(w, done(w, 3)), w.edit("u1", location="Room 1"), _this_and_following(w)],
    ),
    "this and following behind a changed instance": story(
        make_series, lambda w: _here(w, moved(w, 1)), _this_and_following
    ),
    "this and following of dates that were done": story(
        make_calls, lambda w: _here(w, done(w, 1), done(w, 2), done(w, 4)), _this_and_following
    ),
    "a series shortened there, which drops an instance moved here": story(
        make_series,
        lambda w: _here(w, moved(w, 1)),
        lambda w: w.alter(
            w.own("u1"), schedule=series(rule="RRULE:FREQ=DAILY;COUNT=2"), instances=()
        ),
        memory_only=True,
    ),
    "a series deleted here": story(make_series, lambda w: w.drop("u1")),
    "a series deleted there, an instance changed here": story(
        make_series, lambda w: [_here(w, moved(w, 1)), w.google.remove(w.own("u1"))]
    ),
    "a series that becomes single": story(
        make_series, lambda w: w.edit("u1", schedule=schedule_of(2))
    ),
    "a single that becomes a series": story(make, lambda w: w.edit("u1", schedule=series())),
    # Refusals.
    "refused, and edited again": story(
        make, _refused, lambda w: w.edit("u1", title="Taken"), memory_only=True
    ),
    "a burnt id": story(_burn, memory_only=True),
    "had back from Google's bin": story(add, _revive, memory_only=True),
    "held for guests": story(
        make,
        _guests,
        lambda w: w.edit("u1", title="New", schedule=schedule_of(5)),
        memory_only=True,
    ),
}
