"""The brake and its release: only what a person saw and confirmed is taken away, and only once."""

import re

import pytest

from bridge.domain.connection import ConnectionState
from bridge.errors import MassDeletionRefused, SideUnavailable
from page_story import PAGE, Story, event

ITEMS = 30
GONE = 25


class RemovalStory(Story):
    """Anna's account with thirty items on both sides, and what she does on the page."""

    def __init__(self, *given):
        super().__init__(*given)
        for number in range(ITEMS):
            item = event(
                f"item-{number}",
                f"Item {number}",
                "X-CRM-ACTIVITY-TYPE:call",
                day=f"20990{1 + number % 9}01",
            )
            self.sides.calendar.put(f"{number}.ics", item)
        self.confirm()
        self.run()
        assert len(self.sides.google.objects()) == ITEMS

    @property
    def confirmed(self):
        """What the brakes would let through now."""
        connection = self.connection
        with self.database.read() as work:
            return work.connections.confirmed(connection.id)

    def lose(self, count: int) -> None:
        """Somebody deletes events at Google."""
        for name in list(self.sides.google.objects())[:count]:
            self.sides.google.remove(name)

    def plan(self, **changed) -> tuple[str, str]:
        """Press `Start syncing`; return the plan page and the fingerprint it carries."""
        answer = self.send("plan", **changed)
        assert answer.status_code == 200
        return _read(answer)

    def confirm(self, fingerprint: str = "", **changed):
        """Press `Confirm` on the page that carried this fingerprint."""
        return self.send("confirm", plan=fingerprint, **changed)


def _read(answer) -> tuple[str, str]:
    page = answer.get_data(as_text=True)
    (fingerprint,) = re.findall(r'name="plan" value="([^"]*)"', page)
    return page, fingerprint


@pytest.fixture
def story(connected, database, user, runner, sides):
    """Both sides in agreement, thirty items each."""
    return RemovalStory(connected, database, user, runner, sides)


@pytest.fixture
def braked(story):
    """Most events were deleted at Google, and the run stopped before it followed."""
    story.lose(GONE)
    assert isinstance(story.run().stopped_by, MassDeletionRefused)
    assert len(story.sides.calendar.objects()) == ITEMS
    return story


def test_stopped_run_needs_attention_and_the_page_says_what_to_do(braked):
    """The options and `Start syncing` are there; going through Google again would not help."""
    page = braked.browser.text(PAGE)
    assert braked.connection.state is ConnectionState.NEEDS_ATTENTION
    assert "Needs attention" in page
    assert f"would remove {GONE} items in the CRM" in page
    assert '<button class="primary">Start syncing</button>' in page
    assert ">Reconnect</button>" not in page
    assert ">Sync now</button>" not in page


def test_confirmed_removals_pass_the_brake_once(braked):
    """The plan says so in its first line; after the run nothing is confirmed any more."""
    page, fingerprint = braked.plan()
    assert f"Attention: {GONE} items will be removed in the CRM." in page
    braked.confirm(fingerprint)
    assert braked.connection.state is ConnectionState.ACTIVE
    assert len(braked.confirmed) == GONE
    assert braked.run().stopped_by is None
    assert len(braked.sides.calendar.objects()) == ITEMS - GONE
    assert braked.confirmed == frozenset()


def test_start_without_having_seen_the_removals_is_stopped_again(braked):
    """A plan page from before the deletions confirms none of them."""
    braked.confirm("")
    assert isinstance(braked.run().stopped_by, MassDeletionRefused)
    assert len(braked.sides.calendar.objects()) == ITEMS


def test_plan_that_changed_meanwhile_is_shown_again_and_nothing_saved(braked):
    """Exactly the shown items are confirmed, not whatever is gone by then."""
    _, fingerprint = braked.plan()
    braked.lose(1)
    answer = braked.confirm(fingerprint)
    page, newer = _read(answer)
    assert "Something changed while you looked at the plan." in page
    assert f"Attention: {GONE + 1} items will be removed in the CRM." in page
    assert braked.connection.state is ConnectionState.NEEDS_ATTENTION
    assert newer != fingerprint
    braked.confirm(newer)
    assert braked.run().stopped_by is None
    assert len(braked.sides.calendar.objects()) == ITEMS - GONE - 1


def test_what_goes_missing_after_confirm_is_not_covered_by_it(story):
    """Removals nobody saw are stopped although others were confirmed."""
    story.lose(2)
    _, fingerprint = story.plan()
    story.confirm(fingerprint)
    story.lose(GONE - 2)
    assert isinstance(story.run().stopped_by, MassDeletionRefused)
    assert len(story.sides.calendar.objects()) == ITEMS
    assert story.confirmed == frozenset()


def test_word_of_a_person_outlives_a_run_that_was_cut_off(braked):
    """Google fails before anything was done; the next run still may."""
    _, fingerprint = braked.plan()
    braked.confirm(fingerprint)
    braked.sides.trouble = SideUnavailable("no answer", side="google")
    assert braked.run().stopped_by is not None
    assert len(braked.confirmed) == GONE
    braked.sides.trouble = None
    assert braked.run().stopped_by is None
    assert braked.confirmed == frozenset()


def test_items_confirmed_during_a_run_wait_for_the_next_one(braked, monkeypatch):
    """A run that began before does not use up what it never had."""
    braked.confirm("")
    calendar = braked.sides.calendar
    changes, connection = calendar.changes, braked.connection

    def meanwhile(token):
        monkeypatch.setattr(calendar, "changes", changes)
        with braked.database.write() as work:
            work.connections.set_confirmed(connection.id, {"item-1"})
        return changes(token)

    monkeypatch.setattr(calendar, "changes", meanwhile)
    assert isinstance(braked.run().stopped_by, MassDeletionRefused)
    assert braked.confirmed == {"item-1"}


def test_unticking_a_type_says_first_how_many_copies_google_loses(story):
    """A reduction of what others see stands in the first line, and passes the brake confirmed."""
    page, fingerprint = story.plan(outgoing_types=["meeting"])
    assert f"Attention: {ITEMS} items will be removed at Google." in page
    assert "because their type is not ticked" in page
    story.confirm(fingerprint, outgoing_types=["meeting"])
    assert story.run().stopped_by is None
    assert len(story.sides.google.objects()) == 0
    assert len(story.sides.calendar.objects()) == ITEMS
