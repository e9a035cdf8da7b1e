"""Rules that skip: both sides stay as they are, and the plan names the rule (features B8)."""

from __future__ import annotations

from dataclasses import replace

from bridge.application.plan_summary import summarise
from bridge.application.reasons import because
from bridge.domain.rules import ActionKind, Condition, ConditionKind, Rule, RuleAction
from bridge.domain.sync_settings import EarlierChoice
from bridge.sync.policy import Policy
from bridge.web.plan_words import plan_in_words


def skipping(word, *, on=True):
    """Return a rule that leaves events with this word at Google."""
    return Rule(
        name="No lunches",
        on=on,
        conditions=(Condition(kind=ConditionKind.WORDS, values=(word,)),),
        action=RuleAction(kind=ActionKind.SKIP),
    )


def test_a_skipped_event_stays_at_google_until_the_rule_goes(world):
    """Neither side is touched; switched off, the event comes in."""
    world.choose(rules=(skipping("lunch"),))
    uid = world.theirs("event", title="Team lunch")
    before = world.texts()
    assert world.crm(uid) is None
    assert world.link(uid).withheld == "rule:No lunches"
    assert world.run().entries == ()
    assert world.texts() == before
    world.choose(rules=(skipping("lunch", on=False),))
    world.run()
    assert world.crm(uid).title == "Team lunch"


def test_a_rule_about_what_came_in_already_leaves_both_sides(world):
    """Nothing is deleted because of a rule, and edits wait for its end."""
    uid = world.theirs("event", title="Lunch")
    world.choose(rules=(skipping("lunch"),))
    world.edit_google("event", location="Bar")
    assert world.run().entries == ()
    assert world.crm(uid).location == ""
    world.choose(rules=())
    world.run()
    assert world.crm(uid).location == "Bar"


def test_rules_do_not_concern_our_own_copies(world):
    """They are for what comes in from Google."""
    world.choose(rules=(skipping("lunch"),))
    name = world.ours("u1", title="Lunch")
    world.edit_crm("u1", location="Bar")
    world.run()
    assert world.event(name).location == "Bar"


def test_a_rule_from_now_on_leaves_what_was_met_before(world):
    """An item of an earlier era is judged by the rules of its time."""
    uid = world.theirs("event", title="Lunch")
    before = world.settings
    then = EarlierChoice(outgoing_types=before.outgoing_types, event_types=before.event_types)
    world.choose(rules=(skipping("lunch"),), earlier=(then,))
    for each, link in world.store.held_links.items():
        world.store.held_links[each] = replace(link, era=0)
    world.edit_google("event", location="Bar")
    later = world.theirs("later", title="Lunch again")
    assert world.crm(uid).location == "Bar"
    assert world.crm(later) is None


def test_the_plan_names_the_rule_and_logs_do_not(world):
    """A name is a person's own text."""
    world.choose(rules=(skipping("lunch"),))
    world.at_google("event", title="Lunch")
    summary = summarise(world.plan(), world.lens)
    [line] = plan_in_words(summary).groups
    assert line.sentence == "item is left alone, because the rule “No lunches” leaves it at Google"
    assert because("rule:No lunches") == "the rule “No lunches” leaves it at Google"
    assert [entry.reason for entry in world.run().withheld] == ["rule"]


def test_the_fingerprint_tells_rules_apart(world):
    """Changed rules judge everything anew."""
    chosen = [replace(world.settings, rules=rules) for rules in ((), (skipping("a"),))]
    off = replace(world.settings, rules=(skipping("a", on=False),))
    prints = {Policy.of(each).fingerprint for each in (*chosen, off)}
    assert len(prints) == 3
