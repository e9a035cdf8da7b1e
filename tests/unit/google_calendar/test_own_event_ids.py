"""Own event ids and stamps."""

import re

import pytest

from bridge.google_calendar.event_ids import INSTALL, UID, VERSION, EventIds

KEY = bytes(range(32))


@pytest.fixture
def ids():
    """Return the ids of one install in one calendar."""
    return EventIds(KEY, "c_1@group.calendar.google.com")


def stamped_event(ids, uid, generation=0):
    """Return an event of ours."""
    name = ids.name_for(uid, generation)
    return {"id": name, "extendedProperties": {"private": ids.stamp(uid, name)}}


def test_an_id_is_made_of_what_google_allows(ids):
    """Google takes 5 to 1024 characters of base32hex in lower case."""
    assert re.fullmatch(r"[0-9a-v]{52}", ids.name_for("u1"))


def test_the_same_arguments_give_the_same_id(ids):
    """An insert can be repeated because its id comes out alike."""
    assert ids.name_for("u1", 3) == EventIds(KEY, "c_1@group.calendar.google.com").name_for("u1", 3)


def test_each_argument_changes_the_id(ids):
    """Key, calendar, UID and generation all count, and do not run into each other."""
    others = {
        ids.name_for("u1"),
        ids.name_for("u1", 1),
        ids.name_for("u11"),
        ids.name_for("u"),
        EventIds(KEY, "c_2").name_for("u1"),
        EventIds(b"x" * 32, "c_1@group.calendar.google.com").name_for("u1"),
        EventIds(KEY, "c_1@group.calendar.google.comu").name_for("1"),
    }
    assert len(others) == 7


@pytest.mark.parametrize("generation", [0, 1, 7])
def test_a_stamp_tells_the_uid_of_its_own_event(ids, generation):
    """The stamp is valid on the event whose id derives from it."""
    assert ids.stamped_uid(stamped_event(ids, "u1@crm", generation)) == "u1@crm"


def test_a_copied_stamp_means_nothing(ids):
    """`Duplicate` and `this and following` copy private properties to events of other ids."""
    copy = stamped_event(ids, "u1") | {"id": "google0made0this0id"}
    assert ids.stamped_uid(copy) is None


def test_a_stamp_of_another_uid_on_our_event_means_nothing(ids):
    """Swapping the stamps of two own events makes neither the other."""
    mixed = stamped_event(ids, "u1") | {"id": ids.name_for("u2")}
    assert ids.stamped_uid(mixed) is None


@pytest.mark.parametrize("property_name", [INSTALL, UID, VERSION])
@pytest.mark.parametrize("value", ["", "x", None, 5, "1.0.0", "1.99999999.aa", "\ud800"])
def test_a_forged_part_makes_the_stamp_invalid(ids, property_name, value):
    """Whatever stands in a property, a stamp that is not ours is no stamp, and nothing breaks."""
    event = stamped_event(ids, "u1")
    event["extendedProperties"]["private"][property_name] = value
    assert ids.stamped_uid(event) is None


def test_a_stamp_of_another_install_means_nothing(ids):
    """A clone with another key does not own our events."""
    other = EventIds(b"y" * 32, ids.calendar_id)
    assert other.stamped_uid(stamped_event(ids, "u1")) is None


@pytest.mark.parametrize("extended", [None, [], {"private": None}, {"private": ["x"]}, {}])
def test_an_event_without_private_properties_has_no_stamp(ids, extended):
    """Any shape Google or a stranger may send is read without a stamp."""
    assert ids.stamped_uid({"id": "abcde", "extendedProperties": extended}) is None


def test_a_uid_too_long_for_a_property_is_known_by_its_digest(ids):
    """Google would cut the value, so the stamp holds a digest that still proves the item."""
    uid = "u" * 3000
    event = stamped_event(ids, uid)
    assert max(map(len, event["extendedProperties"]["private"].values())) <= 1024
    assert ids.bears_stamp_of(event, uid)
    assert not ids.bears_stamp_of(event, uid + "u")


def test_there_is_no_stamp_for_an_id_that_is_not_derived(ids):
    """An event of somebody else's making is never stamped."""
    assert ids.stamp("u1", "somebody0elses") is None
