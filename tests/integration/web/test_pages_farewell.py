"""After `Stop syncing`: the question what is to happen to what was synced (features A5)."""

import re

import pytest

from bridge.domain.connection import ConnectionState
from bridge.errors import InvalidTransition, NotConnected
from page_story import PAGE, Story, event, titles


class FarewellStory(Story):
    """Anna's sync of one call of hers and one event from Google."""

    def __init__(self, *given):
        super().__init__(*given)
        self.call("u1", "Ours")
        self.sides.google.put("theirs", event("theirs@google.com", "Theirs"))
        self.send("confirm")
        self.run()
        assert len(self.sides.google.objects()) == len(self.sides.calendar.objects()) == 2

    def stop(self) -> str:
        """Press `Stop syncing`; return the page that follows."""
        sent = self.browser.post(f"{PAGE}/stop")
        return self.browser.text(sent.headers["Location"])

    def plan(self, wish: str):
        """Choose an answer; return the plan page and its fingerprint."""
        path = f"{PAGE}/{self.connection.id}/farewell/plan"
        page = self.browser.post(path, wish=wish).get_data(as_text=True)
        found = re.search(r'name="plan" value="([^"]*)"', page)
        return page, found[1] if found else ""

    def confirm(self, wish: str, fingerprint: str) -> str:
        """Press `Confirm`; return the page that follows."""
        path = f"{PAGE}/{self.connection.id}/farewell/confirm"
        sent = self.browser.post(path, wish=wish, plan=fingerprint)
        if sent.status_code == 302:
            return self.browser.text(sent.headers["Location"])
        return sent.get_data(as_text=True)


@pytest.fixture
def story(connected, database, user, runner, sides):
    """A running sync."""
    return FarewellStory(connected, database, user, runner, sides)


def test_stopping_stops_at_once_and_asks_with_keeping_chosen(story):
    """Nothing is removed by leaving the page."""
    page = story.stop()
    assert story.connection.state is ConnectionState.STOPPED
    assert "What should happen to the synced items?" in page
    assert 'value="keep" checked' in page
    with pytest.raises(InvalidTransition):
        story.run()
    assert "What should happen" not in story.browser.text(PAGE)
    assert "Synced items" in story.browser.text(PAGE)


def test_keeping_changes_nothing(story):
    """It is the answer of most people."""
    story.stop()
    path = f"{PAGE}/{story.connection.id}/farewell/plan"
    assert story.browser.post(path, wish="keep").status_code == 302
    assert story.connection.farewell is None


@pytest.mark.parametrize(
    ("wish", "place", "crm", "google"),
    [
        ("copies", "at Google", {"Ours", "Theirs"}, {"Theirs"}),
        ("incoming", "in the CRM", {"Ours"}, {"Ours", "Theirs"}),
    ],
)
def test_what_was_shown_is_taken_away_by_the_worker(story, wish, place, crm, google):
    """Then the account is stopped for good, and a later run does nothing."""
    story.stop()
    page, fingerprint = story.plan(wish)
    assert f"Attention: 1 item will be removed {place}." in page
    assert "What you confirmed is being removed" in story.confirm(wish, fingerprint)
    assert "What you chose is being removed" in story.browser.text(PAGE)
    story.run()
    assert titles(story.sides.calendar) == crm
    assert titles(story.sides.google) == google
    assert story.connection.farewell is None
    with pytest.raises(InvalidTransition):
        story.run()


def test_taken_up_again_everything_comes_back(story):
    """Reconnecting is no different from any other time."""
    story.stop()
    _, fingerprint = story.plan("incoming")
    story.confirm("incoming", fingerprint)
    story.run()
    story.browser.post(f"{PAGE}/{story.connection.id}/reconnect")
    story.send("confirm")
    story.run()
    assert titles(story.sides.calendar) == {"Ours", "Theirs"}
    assert titles(story.sides.google) == {"Ours", "Theirs"}


def test_starting_again_ends_what_was_not_taken_away_yet(story):
    """The run that follows syncs."""
    story.stop()
    _, fingerprint = story.plan("copies")
    story.confirm("copies", fingerprint)
    story.browser.post(f"{PAGE}/{story.connection.id}/reconnect")
    story.send("confirm")
    assert story.connection.farewell is None
    story.run()
    assert titles(story.sides.google) == {"Ours", "Theirs"}


def test_a_plan_nobody_saw_is_shown_first(story):
    """An old page takes nothing away."""
    story.stop()
    page = story.confirm("copies", "")
    assert "Nothing was removed; this is how it is now" in page
    assert story.connection.farewell is None


def test_a_sync_that_runs_is_not_cleared_up(story):
    """The question is about syncs that have ended."""
    path = f"{PAGE}/{story.connection.id}/farewell/plan"
    assert story.browser.post(path, wish="copies").status_code == 400


def test_a_dead_grant_ends_the_removal_and_says_so(story):
    """Nobody is left to wait for it."""
    story.stop()
    _, fingerprint = story.plan("copies")
    story.confirm("copies", fingerprint)
    story.sides.trouble = NotConnected("the grant is dead")
    story.run()
    assert story.connection.farewell is None
    assert "Reconnect the account" in story.browser.text(PAGE)
