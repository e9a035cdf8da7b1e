"""Options that say how items are shown, changed for everything that is synced already (B10)."""

import pytest

from bridge.errors import SideUnavailable
from bridge.ical.calendar_object import CalendarObject
from page_story import Story, event, titles

CONTACT = "X-CRM-PERSON;X-ID=7:Ada Byron"
ALL_DAY_LONG = ("RRULE:FREQ=DAILY;COUNT=3",)


@pytest.fixture
def story(connected, database, user, runner, sides):
    """A sync of a call with Ada, a series of calls, and a private event from Google."""
    begun = Story(connected, database, user, runner, sides)
    begun.call("u1", "Call Ada", CONTACT, "LOCATION:Office", "DESCRIPTION:Numbers")
    begun.call("u2", "Stand-up", *ALL_DAY_LONG)
    sides.google.put("hidden", event("hidden@google.com", "Doctor", "CLASS:PRIVATE"))
    sides.google.put("plain", event("plain@google.com", "Lunch", day="20990311"))
    begun.send("confirm")
    begun.run()
    assert len(sides.google.objects()) == len(sides.calendar.objects()) == 4
    return begun


def _choose(story, **options):
    """Confirm changed options, run, and see that a second run has nothing to do."""
    page = story.send("plan", **options).get_data(as_text=True)
    story.send("confirm", **options)
    story.options |= options
    report = story.run()
    assert report.stopped_by is None
    again = story.run()
    assert again.entries == ()
    return page, report.entries


def _text(side, title):
    """Return the one object of this title."""
    (found,) = [item.text for item in side.objects().values() if f"SUMMARY:{title}\r" in item.text]
    return found


def test_contact_information_reaches_what_is_at_google(story):
    """The plan counts it, the journal says why; without the option it goes again."""
    page, entries = _choose(story, contact_information="1")
    assert "item will be changed at Google" in page
    assert [entry.reason for entry in entries] == ["options"]
    assert "Ada Byron" in _text(story.sides.google, "Call Ada")
    assert "Ada Byron" not in _text(story.sides.calendar, "Call Ada").partition("DESCRIPTION")[2]
    _choose(story, contact_information="")
    assert "Ada Byron" not in _text(story.sides.google, "Call Ada")


def test_a_title_template_reaches_series_too_and_what_came_from_google_keeps_its_title(story):
    """Only the titles at Google change."""
    _choose(story, title_template="{type}: {subject}")
    assert titles(story.sides.google) >= {"Call: Call Ada", "Call: Stand-up"}
    assert titles(story.sides.calendar) == {"Call Ada", "Stand-up", "Doctor", "Lunch"}
    _choose(story, title_template="")
    assert titles(story.sides.google) == {"Call Ada", "Stand-up", "Doctor", "Lunch"}


def test_busy_types_lose_all_but_the_time_and_get_it_back(story):
    """At Google only."""
    _choose(story, busy_only_types=["call"])
    assert titles(story.sides.google) == {"Busy", "Doctor", "Lunch"}
    assert not any("Office" in item.text for item in story.sides.google.objects().values())
    _choose(story, busy_only_types=[])
    found = _text(story.sides.google, "Call Ada")
    assert "LOCATION:Office" in found
    assert "Numbers" in found


@pytest.mark.parametrize("way", ["save-as-public", "do-not-sync"])
def test_private_events_follow_the_choice_and_come_back(story, way):
    """Google's event stays private all the time."""
    before = _text(story.sides.google, "Doctor")
    assert "CLASS:PRIVATE" in _text(story.sides.calendar, "Doctor")
    _choose(story, private_events=way)
    if way == "save-as-public":
        assert "CLASS:PRIVATE" not in _text(story.sides.calendar, "Doctor")
    else:
        assert "Doctor" not in titles(story.sides.calendar)
    _choose(story, private_events="save-as-private")
    assert "CLASS:PRIVATE" in _text(story.sides.calendar, "Doctor")
    assert _text(story.sides.google, "Doctor") == before


def test_what_a_person_made_private_stays_so_until_the_choice_is_changed_again(story):
    """Another option does not open it, nor does an edit of the event at Google."""
    _choose(story, private_events="save-as-public")
    name, item = next(
        each for each in story.sides.calendar.objects().items() if "Doctor" in each[1].text
    )
    hidden = item.text.replace("SUMMARY:Doctor", "SUMMARY:Doctor\r\nCLASS:PRIVATE")
    story.sides.calendar.put(name, CalendarObject.parse(hidden))
    _choose(story, title_template="{type}: {subject}")
    _choose(story, calendar_default="private")
    story.sides.google.put("hidden", event("hidden@google.com", "Dentist", "CLASS:PRIVATE"))
    story.run()
    assert "CLASS:PRIVATE" in _text(story.sides.calendar, "Dentist")


def test_guests_are_written_with_the_option_and_stay_without_it(story):
    """Those invited in the CRM before as well; nobody is uninvited by an option."""
    guest = "ATTENDEE;CN=Eva:mailto:eva@example.org"
    story.call("u3", "With Eva", "ORGANIZER:mailto:anna@example.com", guest)
    story.run()
    assert "eva@" not in _text(story.sides.google, "With Eva")
    _choose(story, guests_out="1")
    assert "eva@example.org" in _text(story.sides.google, "With Eva")
    _choose(story, guests_out="")
    assert "eva@example.org" in _text(story.sides.google, "With Eva")


def test_persons_made_of_guests_concern_nothing_that_is_synced_already(story):
    """The plan names the option, asks for no reach but from now on, and changes no item."""
    page, entries = _choose(story, persons_from_guests="1")
    assert "Create persons for guests the CRM does not know" in page
    reach = page.partition('name="reach_persons_from_guests"')[2].partition("</select>")[0]
    assert "From now on" in reach
    assert "To everything" not in reach
    assert entries == ()
    assert _choose(story, persons_from_guests="")[1] == ()


def test_the_calendars_default_decides_for_events_that_say_nothing(story):
    """And not for our own copies."""
    _, entries = _choose(story, calendar_default="private")
    assert len(entries) == 1
    assert "CLASS:PRIVATE" in _text(story.sides.calendar, "Lunch")
    assert "CLASS" not in _text(story.sides.google, "Lunch")
    _choose(story, calendar_default="public")
    assert "CLASS:PRIVATE" not in _text(story.sides.calendar, "Lunch")


def test_a_change_that_is_not_to_be_writes_nothing(story):
    """Neither now nor with the next change."""
    reach = {"reach_contact_information": "not-at-all"}
    story.send("confirm", contact_information="1", **reach)
    assert story.run().entries == ()
    assert not story.connection.settings.contact_information


def test_a_run_that_was_cut_off_is_made_up_for(story, monkeypatch):
    """What could not be shown anew is not forgotten, nor is what a person wrote meanwhile."""
    story.send("confirm", contact_information="1")

    def down(_requests):
        raise SideUnavailable("no answer", side="google")

    with monkeypatch.context() as patch:
        patch.setattr(story.sides.google, "write", down)
        assert story.run().stopped_by is not None
    story.call("u1", "Call her back", CONTACT, "LOCATION:Office", "DESCRIPTION:Numbers")
    story.run()
    found = _text(story.sides.google, "Call her back")
    assert "Ada Byron" in found
    assert "LOCATION:Office" in found


def test_one_way_from_google_nothing_is_written_there(story):
    """Whatever the activities would show."""
    _choose(story, sync_type="google-to-crm")
    before = {name: item.text for name, item in story.sides.google.objects().items()}
    _choose(story, contact_information="1", title_template="{type}: {subject}")
    after = {name: item.text for name, item in story.sides.google.objects().items()}
    assert after == before
