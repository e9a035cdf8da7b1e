"""How far a first load has come: counted on the page while a run is at work (features C8)."""

import re
from datetime import timedelta

import pytest

from bridge.errors import SideUnavailable
from bridge.sync import twins
from bridge.sync.memory import MemoryCollection
from bridge.sync.model import Side
from page_story import PAGE, Story, event

STANDING = f"{PAGE}/standing"
ITEMS, WRITTEN = 7, 3


@pytest.fixture
def story(connected, database, user, runner, sides):
    """An account with a week of calls, whose sync begins."""
    begun = Story(connected, database, user, runner, sides)
    for number in range(ITEMS):
        begun.call(f"u{number}", f"Call {number}")
    begun.send("confirm")
    return begun


@pytest.fixture
def cut_off(story, monkeypatch):
    """The same, and Google went away in the middle of the first run."""
    google = story.sides.google
    insert, calls = google.insert, []

    def ends(name, item):
        calls.append(name)
        if len(calls) > WRITTEN:
            raise SideUnavailable("no answer", side="google")
        return insert(name, item)

    with monkeypatch.context() as patch:
        patch.setattr(google, "insert", ends)
        assert story.run().stopped_by is not None
    assert len(google.objects()) == WRITTEN
    return story


def test_before_the_first_run_it_is_under_way_without_numbers(story):
    """Nothing is known of the calendars yet; the part renews itself."""
    part = story.browser.text(STANDING)
    assert "Under way. Load the page again in a few seconds." in part
    assert "Progress" not in part
    assert f'hx-get="{STANDING}"' in part
    assert "<h1" not in part


def test_in_the_middle_it_says_what_is_done_and_what_is_left(cut_off):
    """On the page, in the part that renews itself, and in a bar with a name."""
    for path in (PAGE, STANDING):
        page = cut_off.browser.text(path)
        assert f"Under way: {ITEMS - WRITTEN} changes are still to be written." in page
        assert f"{WRITTEN} of {ITEMS} items are on both sides." in page
        bar = re.search(r"<progress ([^>]*)>", page)
        assert bar is not None
        assert bar[1] == f'value="{WRITTEN}" max="{ITEMS}" aria-label="Progress"'
    assert "htmx-2.0.11.min.js" in cut_off.browser.text(PAGE)


def test_in_the_end_the_page_is_at_rest(cut_off):
    """It asks no more, and loads no script."""
    cut_off.run()
    assert len(cut_off.sides.google.objects()) == ITEMS
    assert "hx-get" not in cut_off.browser.text(STANDING)
    page = cut_off.browser.text(PAGE)
    assert "Last success" in page
    assert "Under way" not in page
    assert "<script" not in page


def test_what_is_left_alone_counts_for_nothing(story):
    """Of an unticked type nothing is done, and nothing is left."""
    story.send("confirm", outgoing_types=["meeting"])
    story.run()
    assert "Progress" not in story.browser.text(STANDING)
    assert "hx-get" not in story.browser.text(STANDING)


def test_the_part_is_no_page_for_strangers(browser):
    """It would put the sign-in page into the page; by hand it leads there."""
    assert browser.client.get(STANDING, headers={"HX-Request": "true"}).status_code == 401
    assert browser.client.get(STANDING).status_code == 302


def test_without_an_account_there_is_no_part(browser):
    """The page is another one by then."""
    browser.sign_in()
    assert browser.get(STANDING).status_code == 404


def test_item_in_two_calendars_is_named_until_one_of_them_goes(story, monkeypatch):
    """With the calendar that counts, and the one that does not, once it cannot be a move."""
    tasks = MemoryCollection(Side.CALENDAR, "tasks")
    story.sides.others = (tasks,)
    story.run()
    assert "In two calendars" not in story.browser.text(STANDING)
    tasks.put("copy.ics", event("u1", "Call 1"))
    story.run()
    assert "In two calendars" not in story.browser.text(STANDING)
    monkeypatch.setattr(twins, "MOVE_TAKES", timedelta(0))
    page = story.browser.text(STANDING)
    assert "Only one of the two counts for Google. Delete the one you do not need:" in page
    assert "activities counts, tasks does not" in page
    assert 'name=u1">Call 1</a>' in page
    tasks.remove("copy.ics")
    story.run()
    assert "In two calendars" not in story.browser.text(STANDING)
