"""Options that hold from now on: what was met before keeps its treatment (features B10)."""

from __future__ import annotations

from dataclasses import replace

from bridge.domain.sync_settings import EarlierChoice

DEFAULT = frozenset({"default"})


def choose_from_now_on(world, **options):
    """Change choices of what syncs for what comes later, as the page does."""
    before = world.settings
    then = EarlierChoice(outgoing_types=before.outgoing_types, event_types=before.event_types)
    world.choose(**options, earlier=(*before.earlier, then))
    era = len(world.settings.earlier) - 1
    for uid, link in world.store.held_links.items():
        if link.era is None:
            world.store.held_links[uid] = replace(link, era=era)


def test_a_type_unticked_from_now_on_leaves_what_is_at_google(world):
    """The copy goes on in both directions; a new activity of the type stays here."""
    name = world.ours("u1")
    choose_from_now_on(world, outgoing_types=frozenset())
    assert world.run().entries == ()
    world.edit_crm("u1", title="New title")
    world.run()
    assert world.event(name).title == "New title"
    world.in_crm("u2", title="Later")
    world.run()
    assert world.event(world.own("u2")) is None
    assert world.link("u2").withheld == "type"


def test_a_type_ticked_from_now_on_brings_nothing_old_to_google(world):
    """What was left alone stays so; what comes later goes out."""
    world.choose(outgoing_types=frozenset())
    world.in_crm("u1")
    world.run()
    choose_from_now_on(world, outgoing_types=frozenset({"meeting"}))
    world.in_crm("u2", title="Later")
    world.run()
    assert world.event(world.own("u1")) is None
    assert world.event(world.own("u2")).title == "Later"


def test_an_event_type_switched_on_from_now_on_brings_in_only_later_ones(world):
    """Years of birthdays stay where they are."""
    old = world.theirs("old", "X-EVENT-TYPE:birthday")
    choose_from_now_on(world, event_types=DEFAULT | {"birthday"})
    new = world.theirs("new", "X-EVENT-TYPE:birthday", title="Eva")
    assert world.crm(old) is None
    assert world.crm(new).title == "Eva"


def test_later_choices_for_everything_reach_what_was_met_before(world):
    """The era's choice is the one that was replaced."""
    name = world.ours("u1")
    choose_from_now_on(world, outgoing_types=frozenset())
    world.run()
    everywhere = tuple(replace(each, outgoing_types=frozenset()) for each in world.settings.earlier)
    world.choose(earlier=everywhere)
    world.run()
    assert world.event(name) is None


def test_the_lens_of_an_option_for_everything_is_the_same_in_every_era(world):
    """An era says what syncs, and nothing else: a second run writes nothing."""
    world.ours("u1")
    world.theirs("event", title="Theirs")
    choose_from_now_on(world, outgoing_types=frozenset({"call"}))
    before = world.texts()
    assert world.run().entries == ()
    assert world.run().entries == ()
    assert world.texts() == before
