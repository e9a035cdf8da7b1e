"""The plan of changed options: how far they reach, and which equal items are linked."""

import html
import re

import pytest

from page_story import Story, event, titles


class PlanStory(Story):
    """Anna's account, and the plans she looks at."""

    def plan(self, **changed) -> tuple[str, dict[str, str]]:
        """Ask for the plan; return its page and the values of its hidden fields."""
        page = self.page_after("plan", **changed)
        pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
        own = ("plan", "shown", "offered")
        return page, {name: html.unescape(value) for name, value in pairs if name in own}

    def page_after(self, step: str, **changed) -> str:
        """Send the form and return the page that follows."""
        return self.send(step, **changed).get_data(as_text=True)

    @property
    def titles(self) -> set[str]:
        """Titles at Google."""
        return titles(self.sides.google)


@pytest.fixture
def story(connected, database, user, runner, sides):
    """An account whose options are not chosen yet."""
    return PlanStory(connected, database, user, runner, sides)


@pytest.fixture
def syncing(story):
    """A sync of one call."""
    story.call("u1")
    story.send("confirm")
    story.run()
    assert story.titles == {"Call Ada"}
    return story


def test_a_first_plan_asks_for_no_reach(story):
    """There is nothing that could keep its treatment."""
    page, hidden = story.plan()
    assert "How far your changes reach" not in page
    assert "shown" not in hidden


def test_a_changed_option_says_what_it_was_and_how_far_it_can_reach(syncing):
    """Only what can hold from now on offers it; everything else is for everything or not at all."""
    page, _ = syncing.plan(
        outgoing_types=["meeting"], contact_information="1", incoming_type="call"
    )
    assert "Was: Call, Meeting. Chosen: Meeting." in page
    assert "Was: off. Chosen: on." in page
    assert "Was: Meeting. Chosen: Call." in page
    choices = {
        name: re.findall(r'<option value="([^"]+)"', body)
        for name, body in re.findall(r'<select id="(reach_\w+)".*?>(.*?)</select>', page, re.S)
    }
    assert choices == {
        "reach_incoming_type": ["from-now-on", "not-at-all"],
        "reach_outgoing_types": ["everything", "from-now-on", "not-at-all"],
        "reach_contact_information": ["everything", "not-at-all"],
    }


def test_a_chosen_colour_reaches_the_copies_that_are_there(syncing):
    """The plan says so, and the form shows it from then on."""
    page, _ = syncing.plan(type_colours=["call:5", ""])
    assert "Was: nothing. Chosen: Call: Banana." in page
    assert "item will be changed at Google" in page
    syncing.send("confirm", type_colours=["call:5", ""])
    syncing.run()
    (item,) = syncing.sides.google.objects().values()
    assert "X-GOOGLE-COLOR:5" in item.text
    page = syncing.browser.get("/settings/calendar-sync").text
    assert '<option value="call:5" selected>' in page


def test_an_unticked_type_takes_its_copies_back_or_not_as_the_person_says(syncing):
    """The plan shows which; what is confirmed is what is done."""
    chosen = {"outgoing_types": ["meeting"]}
    page, _ = syncing.plan(**chosen)
    assert "1 item will be removed at Google" in page
    page, hidden = syncing.plan(**chosen, reach_outgoing_types="from-now-on")
    assert "will be removed" not in page
    syncing.send("confirm", **chosen, **hidden, reach_outgoing_types="from-now-on")
    syncing.call("u2", "Later")
    syncing.run()
    assert syncing.titles == {"Call Ada"}
    assert syncing.connection.settings.outgoing_types == {"meeting"}
    syncing.send("confirm", outgoing_types=["call", "meeting"])
    syncing.run()
    assert syncing.titles == {"Call Ada", "Later"}


def test_a_change_that_is_not_to_be_is_not_saved(syncing):
    """The rest of the form is."""
    chosen = {"outgoing_types": ["meeting"], "contact_information": "1"}
    page, hidden = syncing.plan(**chosen, reach_outgoing_types="not-at-all")
    assert "will be removed" not in page
    reaches = {"reach_outgoing_types": "not-at-all", "reach_contact_information": "everything"}
    syncing.send("confirm", **chosen, **hidden, **reaches)
    settings = syncing.connection.settings
    assert settings.outgoing_types == {"call", "meeting"}
    assert settings.contact_information


def test_a_reach_that_was_chosen_after_the_plan_is_shown_before_it_is_saved(syncing):
    """Nobody confirms what was not seen."""
    chosen = {"outgoing_types": ["meeting"]}
    _, hidden = syncing.plan(**chosen)
    page = syncing.page_after("confirm", **chosen, **hidden, reach_outgoing_types="from-now-on")
    assert "This is the plan with what you chose" in page
    assert "will be removed" not in page
    assert syncing.connection.settings.outgoing_types == {"call", "meeting"}


def test_equal_items_are_listed_with_title_and_time_and_linked(story):
    """One event at Google, and no copy."""
    story.call("u1")
    story.sides.google.put("theirs", event("theirs@google.com", "Call Ada"))
    page, hidden = story.plan()
    assert "Equal on both sides: link these" in page
    assert "Call Ada <small>Tuesday, 10 March 2099" in page
    (key,) = re.findall(r'name="adopt" value="([^"]+)" checked', page)
    assert hidden["offered"] == key
    story.send("confirm", **hidden, adopt=[key])
    story.run()
    assert set(story.sides.google.objects()) == {"theirs"}
    assert len(story.sides.calendar.objects()) == 1


def test_what_is_unticked_becomes_two_items_for_good(story):
    """Not only in the next run, and not only until the links are lost."""
    story.call("u1")
    story.sides.google.put("theirs", event("theirs@google.com", "Call Ada"))
    _, hidden = story.plan()
    story.send("confirm", **hidden)
    for _ in range(2):
        story.run()
    assert len(story.sides.google.objects()) == len(story.sides.calendar.objects()) == 2
    page, _ = story.plan()
    assert "Equal on both sides" not in page


def test_a_plan_that_is_shown_again_keeps_what_was_unticked(story):
    """Until it is confirmed, the tick can be set again."""
    story.call("u1")
    story.sides.google.put("theirs", event("theirs@google.com", "Call Ada"))
    _, hidden = story.plan()
    page, _ = story.plan(**hidden)
    assert re.search(r'name="adopt" value="[^"]+">', page)
