"""Rare cases that must end well all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.identifiers import ETag, Uid
from bridge.errors import ConversionError
from bridge.sync.memory_lens import plain_object
from bridge.sync.model import Presence
from bridge.sync.outcome import still_planned


def test_an_object_the_lens_cannot_read_is_parked(world, monkeypatch):
    """The others go on, and the item is tried again later."""
    look = world.lens.calendar_view

    def refuse(item):
        if item.uid == "bad":
            raise ConversionError("odd date", uid=item.uid)
        return look(item)

    monkeypatch.setattr(world.lens, "calendar_view", refuse)
    world.in_crm("bad")
    world.in_crm("good", title="Other")
    report = world.run()
    assert (report.parked, report.done) == (1, 1)
    assert world.link("bad").parked.message == "odd date"


def test_a_linked_object_that_becomes_odd_is_left_alone(world, monkeypatch):
    """Comparing fails as well; nothing is overwritten."""
    name = world.ours("u1")
    look = world.lens.calendar_view

    def refuse(item):
        if "X-ODD:1" in item.text:
            raise ConversionError("odd", uid=item.uid)
        return look(item)

    monkeypatch.setattr(world.lens, "calendar_view", refuse)
    world.mark_crm("u1", "X-ODD:1")
    world.edit_google(name, title="Edited")
    report = world.run()
    assert (report.parked, report.entries) == (1, ())


def test_how_a_side_words_an_insert_is_no_edit_and_what_it_adds_is_news(world, monkeypatch):
    """The original stays as it was typed; a place that Google knew of comes in, once."""
    insert = world.google.insert

    def shouting(name, item):
        view = world.lens.google_view(item)
        loud = replace(view, title=view.title.upper(), location="Room 1")
        return insert(name, world.lens.put_google(loud, item))

    monkeypatch.setattr(world.google, "insert", shouting)
    name = world.ours("u1")
    world.run()
    assert world.event(name) == world.view("CALL ADA", location="Room 1")
    assert world.crm("u1") == world.view("Call Ada", location="Room 1")
    assert world.run().entries == ()
    world.edit_crm("u1", title="Call Bob")
    world.run()
    assert world.event(name).title == "Call Bob"
    world.edit_google(name, title="Call Eve")
    world.run()
    assert world.crm("u1").title == "Call Eve"


def test_an_event_undeleted_beside_the_one_we_made_again_is_another_item(world):
    """Deleted at Google, edited here and so made again, then had back from Google's bin."""
    uid = world.theirs("event")
    item = world.google.objects()["event"]
    world.google.remove("event")
    world.edit_crm(uid, title="Edited here")
    world.run()
    assert world.event(world.own(uid)).title == "Edited here"
    world.google.put("event", item)
    world.run()
    assert len(world.activities.objects()) == len(world.google.objects()) == 2
    assert world.link(uid).google.name == world.own(uid)
    assert world.run().entries == ()


def test_an_event_without_a_time_stays_at_google(world):
    """There is nothing to make an activity of."""
    world.google.put("event", plain_object(Uid("x"), None))
    report = world.run()
    assert [(entry.reason, entry.count) for entry in report.withheld] == [("undated", 1)]


def test_an_unknown_item_of_a_calendar_that_is_not_synced_any_more_stays_unknown(world):
    """Nobody can be asked, so nothing is decided."""
    name = world.ours("u1")
    link = world.link("u1")
    lost = replace(link.calendar, presence=Presence.UNKNOWN, collection="other", base=None)
    world.store.held_links[Uid("u1")] = replace(link, calendar=lost, judged="")
    world.activities.remove("u1.ics")
    report = world.run()
    assert (report.unknown, report.entries) == (1, ())
    assert world.event(name) is not None


def test_both_agreed_but_the_base_is_not_stored(world):
    """A state of an older version knows only the agreed view; that is enough for a merge."""
    name = world.ours("u1")
    world.edit_google(name, location="Room 1")
    link = world.link("u1")
    place, item = "u1.ics", world.activities.objects()["u1.ics"]
    etag = world.activities.put(
        place, world.lens.put_calendar(replace(world.view(), title="Edited"), item)
    )
    part = replace(link.calendar.parts[0], seen=etag)
    unagreed = replace(
        link.calendar, parts=(part,), object=world.activities.objects()[place], base=None
    )
    world.store.held_links[Uid("u1")] = replace(link, calendar=unagreed, judged="")
    world.run()
    assert world.crm("u1") == world.event(name) == world.view("Edited", location="Room 1")


@pytest.mark.parametrize("what", ["source", "target", "presence"])
def test_a_write_is_only_sent_while_the_link_is_what_it_was_planned_from(world, what):
    """Checked once more, without a lock, immediately before sending."""
    world.ours("u1")
    world.edit_crm("u1", title="Edited")
    # The plan is made from what a reading finds, so the link is read first.
    write = next(iter(world.plan().writes()))
    link = world.link("u1")
    read = replace(
        link,
        calendar=replace(
            link.calendar, parts=(replace(link.calendar.parts[0], seen=write.source),)
        ),
    )
    assert still_planned(read, write)
    other = {
        "source": link,
        "target": replace(
            read,
            google=replace(read.google, parts=(replace(read.google.parts[0], seen=ETag("newer")),)),
        ),
        "presence": replace(read, google=replace(read.google, presence=Presence.UNKNOWN)),
    }[what]
    assert not still_planned(other, write)


def test_an_unreadable_event_told_twice_is_parked_once(world):
    """A full listing tells the same version again; a readable one ends the waiting."""
    uid = world.theirs("event")
    world.google.unreadable.add("event")
    world.edit_google("event", title="Odd")
    world.run()
    parked = world.link(uid).parked
    assert parked is not None
    world.google.expire_tokens()
    assert world.run().parked == 1
    assert world.link(uid).parked == parked
    world.google.unreadable.clear()
    world.edit_google("event", title="Even")
    world.run()
    assert world.crm(uid).title == "Even"
