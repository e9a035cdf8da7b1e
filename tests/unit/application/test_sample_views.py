"""What others see of a sample, under the options in question (features G6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bridge.application.sample_views import Viewer, sample_views
from bridge.domain.activity import STOCK_TYPES, CollectionName
from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.sync_settings import PrivateEvents, SyncSettings, SyncType
from bridge.web.sample_words import samples_in_words

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SETTINGS = SyncSettings(
    incoming_type="meeting",
    outgoing_types=frozenset({"call", "meeting"}),
    sync_from=date(2026, 3, 1),
)
CONNECTION = Connection(
    id=1,
    company_id=1,
    user_id=1,
    login="anna",
    state=ConnectionState.NEW,
    account_email="anna@example.com",
)


def seen(settings, *, private=False):
    """Return what everybody sees of a sample, by viewer."""
    samples = sample_views(CONNECTION, settings, STOCK_TYPES, now=NOW)
    (sample,) = [each for each in samples if each.private is private]
    return dict(sample.seen)


def test_an_ordinary_activity_is_seen_in_full_by_whoever_may_read():
    """And as busy by whoever may see times; the note is seen by nobody."""
    views = seen(SETTINGS)
    full = views[Viewer.OWNER]
    assert (full.title, full.location) == ("Talk about the offer", "Office, second floor")
    assert views[Viewer.READER] == full
    busy = views[Viewer.BUSY_READER]
    assert (busy.location, busy.description) == ("", "")
    assert "Talk" not in busy.title
    assert all("Never leaves" not in repr(view) for view in views.values())


def test_contacts_are_at_google_only_if_they_are_to_be():
    """The owner's own view of the CRM does not depend on it."""
    without = seen(SETTINGS)[Viewer.AT_GOOGLE]
    assert (without.title, without.description) == ("Talk about the offer", "Bring the draft.")
    told = seen(replace(SETTINGS, contact_information=True))[Viewer.AT_GOOGLE].description
    assert told.startswith("Bring the draft.")
    assert "Ada Sample" in told


def test_a_guest_from_outside_sees_no_contacts_and_the_page_says_why():
    """Only where there would be some, and only of what a guest sees (D3)."""
    said = "(without linked contacts, as guests from outside take part)"
    for chosen in (True, False):
        settings = replace(SETTINGS, contact_information=chosen)
        words = samples_in_words(sample_views(CONNECTION, settings, STOCK_TYPES, now=NOW))
        lines = {view.viewer: view.lines for view in words[0].views}
        assert "Ada Sample" not in " ".join(lines["A guest at Google"])
        assert (lines["A guest at Google"][-1] == said) is chosen
        assert said not in lines["In your Google calendar"]


@pytest.mark.parametrize(
    ("choice", "goes"),
    [
        (PrivateEvents.SAVE_AS_PRIVATE, True),
        (PrivateEvents.SAVE_AS_PUBLIC, True),
        (PrivateEvents.DO_NOT_SYNC, False),
    ],
)
def test_a_private_activity_is_a_busy_block_for_colleagues(choice, goes):
    """At Google it is in full or not at all, as the option says."""
    views = seen(replace(SETTINGS, private_events=choice), private=True)
    assert views[Viewer.OWNER].title == "Talk about the offer"
    for viewer in (Viewer.READER, Viewer.BUSY_READER):
        assert "Talk" not in views[viewer].title
        assert views[viewer].location == ""
    assert (views[Viewer.AT_GOOGLE] is not None) is goes


@pytest.mark.parametrize(
    "settings",
    [
        replace(SETTINGS, outgoing_types=frozenset()),
        replace(SETTINGS, sync_type=SyncType.GOOGLE_TO_CRM),
    ],
)
def test_what_does_not_go_to_google_is_seen_by_nobody_there(settings):
    """Neither by its owner nor by a guest."""
    views = seen(settings)
    assert views[Viewer.AT_GOOGLE] is None
    assert views[Viewer.GUEST] is None
    words = samples_in_words(sample_views(CONNECTION, settings, STOCK_TYPES, now=NOW))
    told = {view.viewer: view.lines for view in words[0].views}
    assert told["A guest at Google"] == ("Nothing",)


def test_the_sample_is_of_a_type_that_goes_out():
    """A company without events among its types has none."""
    settings = replace(SETTINGS, outgoing_types=frozenset({"lunch"}))
    assert {
        each.type_name for each in sample_views(CONNECTION, settings, STOCK_TYPES, now=NOW)
    } == {"Lunch"}
    tasks = [kind for kind in STOCK_TYPES if kind.collection is CollectionName.TASKS]
    assert sample_views(CONNECTION, SETTINGS, tasks, now=NOW) == ()
