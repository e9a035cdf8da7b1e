"""What rules see of Google's events, and what they make of the new activity (features B8)."""

from __future__ import annotations

import pytest

from bridge.convert.google_event import event_to_object
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.rules import (
    ActionKind,
    Condition,
    ConditionKind,
    EventTraits,
    Rule,
    RuleAction,
)
from bridge.domain.view import Visibility

ME = "me@acme.example"


def google(**fields):
    """Return Google's item of a timed event with these fields."""
    event = {
        "id": "e1",
        "summary": "Lunch",
        "start": {"dateTime": "2026-03-10T10:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-10T10:30:00Z", "timeZone": "UTC"},
    }
    return event_to_object([event | fields], uid="g-1", calendar_zone="Europe/Prague")


@pytest.fixture
def lens(settings):
    """Return a function that makes a lens with one rule for each of these actions."""

    def make(*actions):
        condition = Condition(kind=ConditionKind.WORDS, values=("lunch",))
        rules = tuple(
            Rule(name=action.kind.value, on=True, conditions=(condition,), action=action)
            for action in actions
        )
        return GoogleLens(
            settings=settings(rules=rules),
            types=STOCK_TYPES,
            calendar_zone="Europe/Prague",
            own_addresses=[ME],
        )

    return make


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("<b>R&amp;D</b> plan", "R&D plan"),
        ("<ul><li>Pay&nbsp;day</li></ul>", "- Pay day"),
        ('<a href="https://zoom.example.com/1">Join</a>', "Join <https://zoom.example.com/1>"),
        ("a < b", "a < b"),
    ],
)
def test_words_are_looked_for_in_what_a_person_reads(lens, description, text):
    """B8: a rule about R&D is met by how Google's editor writes it."""
    assert lens().traits(google(description=description)).text == f"Lunch\n{text}"


def test_everything_that_rules_ask_of_an_event_is_seen(lens):
    """Words, others' domains, colour, kind, free time and the own answer."""
    item = google(
        description="With <b>Eva</b>",
        colorId="11",
        eventType="fromGmail",
        transparency="transparent",
        organizer={"email": "boss@Partner.example"},
        attendees=[
            {"email": ME, "self": True, "responseStatus": "declined"},
            {"email": "eva@x.example"},
        ],
    )
    assert lens().google_facts(item).traits == EventTraits(
        text="Lunch\nWith Eva",
        domains=frozenset({"partner.example", "x.example"}),
        colour="11",
        event_type="fromGmail",
        busy=False,
        reply="declined",
    )


def test_a_plain_event_has_plain_traits(lens):
    """It is busy, has its calendar's colour, nobody else and no answer."""
    own = {"organizer": {"email": ME, "self": True}}
    assert lens().google_facts(google(**own)).traits == EventTraits(text="Lunch\n")


def test_a_rule_gives_the_type_where_it_still_exists(lens):
    """Otherwise the type of the options holds."""
    for key, expected in (("call", "call"), ("long-gone", "meeting")):
        chosen = lens(RuleAction(kind=ActionKind.TYPE, value=key))
        _, made = chosen.new_for_calendar(google(), uid="new")
        assert made.head().text("X-CRM-ACTIVITY-TYPE") == expected


@pytest.mark.parametrize("told", [None, "public", "private", "confidential"])
def test_a_rule_hides_the_activity_and_not_the_event(lens, told):
    """The activity is private; nothing changes at Google."""
    item = google() if told is None else google(visibility=told)
    chosen = lens(RuleAction(kind=ActionKind.PRIVATE))
    _, made = chosen.new_for_calendar(item, uid="new")
    hidden = {"private": "PRIVATE", "confidential": "CONFIDENTIAL"}
    assert made.head().value("CLASS") == hidden.get(told, "PRIVATE")
    assert chosen.calendar_view(made) == chosen.google_view(item)
    assert chosen.calendar_view(made).visibility is Visibility(told or "default")


def test_a_rule_links_person_and_deal_by_id_and_name(lens):
    """The lines are those that the CRM writes itself."""
    chosen = lens(
        RuleAction(kind=ActionKind.PERSON, value="7", label="Eva, the first"),
        RuleAction(kind=ActionKind.DEAL, value="9", label="Big one"),
    )
    head = chosen.new_for_calendar(google(), uid="new")[1].head()
    for name, number, text in (
        ("X-CRM-PERSON", "7", "Eva, the first"),
        ("X-CRM-DEAL", "9", "Big one"),
    ):
        assert head.text(name) == text
        assert head.first(name).parameter("X-CRM-ID") == number


def test_an_event_that_no_rule_matches_comes_in_as_before(lens):
    """Rules add nothing of their own."""
    actions = [RuleAction(kind=ActionKind.TYPE, value="call"), RuleAction(kind=ActionKind.PRIVATE)]
    item = google(summary="Dinner")
    assert lens(*actions).new_for_calendar(item, uid="n") == lens().new_for_calendar(item, uid="n")
