"""Every option of the Calendar sync page changed on a running sync, and what it did on both sides.

Each test leaves the options as they were. Events are far ahead, where nobody else has anything.
"""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

LUNCH = "Lunch with Daniel Whitehorse"
CALL = "Ask Cascade for a reference"


def _choose(label, words):
    """Return what chooses from a list."""
    return lambda page: page.get_by_label(label, exact=True).select_option(words)


def _tick(group, label, *, on=True):
    """Return what sets or takes a tick in a group."""
    return lambda page: (
        page.get_by_role("group", name=group, exact=True)
        .get_by_label(label, exact=True)
        .set_checked(on)
    )


def _fill(label, text):
    """Return what fills a field."""
    return lambda page: page.get_by_label(label, exact=True).fill(text)


@pytest.fixture
def at_google(synced):
    """Return the function that gives an event at Google by its title, {} for none."""
    return lambda title: synced.demo.titled("ben", synced.calendar, title)


def test_private_events_are_private_public_or_only_a_block(synced, arrive, eventually):
    """What came in before follows each choice; the event at Google stays private all the time."""
    event = arrive("Doctor", visibility="private", location="Main Street")
    assert "private" in synced.told("Doctor")
    synced.show_plan(_choose("Private events", "Save as public"))
    choices = synced.page.get_by_label("Private events", exact=True).get_by_role("option")
    assert choices.all_inner_texts() == ["To everything", "Not at all"]
    synced.change(_choose("Private events", "Save as public"), private_events="Not at all")
    assert "private" in synced.told("Doctor")
    synced.change(_choose("Private events", "Save as public"))
    assert eventually(lambda: "private" not in synced.told("Doctor"))
    synced.show_plan(_choose("Private events", "Do not sync"))
    expect(synced.page.get_by_role("alert")).to_contain_text("reduced to a private busy block")
    synced.change(_choose("Private events", "Do not sync"))
    assert eventually(lambda: synced.told("Doctor") == "")
    synced.change(_choose("Private events", "Save as private"))
    assert eventually(lambda: "private" in synced.told("Doctor"))
    assert synced.demo.event("ben", synced.calendar, event)["visibility"] == "private"


def test_a_type_that_is_unticked_leaves_google_and_comes_back(synced, at_google, eventually):
    """For everything the copies go; from now on they stay; not at all changes nothing."""
    group = "Sync these activities"
    assert at_google(CALL)
    synced.change(_tick(group, "Call", on=False), outgoing_types="Not at all")
    expect(
        synced.page.get_by_role("group", name=group, exact=True).get_by_label("Call")
    ).to_be_checked()
    synced.change(_tick(group, "Call", on=False))
    assert eventually(lambda: not at_google(CALL))
    synced.change(_tick(group, "Call"))
    assert eventually(lambda: at_google(CALL))
    synced.change(_tick(group, "Call", on=False), outgoing_types="From now on")
    synced.sync_now()
    assert at_google(CALL)
    synced.change(_tick(group, "Call"))


def test_later_events_are_saved_as_another_type(synced, arrive):
    """What came in before keeps its own."""
    label = "Save calendar events as"
    arrive("Before the change")
    synced.show_plan(_choose(label, "Lunch"))
    choices = synced.page.get_by_label(label, exact=True).get_by_role("option")
    assert choices.all_inner_texts() == ["From now on", "Not at all"]
    synced.change(_choose(label, "Lunch"), incoming_type="Not at all")
    arrive("Not changed")
    synced.change(_choose(label, "Lunch"))
    arrive("After the change")
    assert synced.told("Before the change").startswith("Meeting:")
    assert synced.told("Not changed").startswith("Meeting:")
    assert synced.told("After the change").startswith("Lunch:")
    synced.change(_choose(label, "Meeting"))


def test_one_way_puts_back_what_the_other_side_changes(synced, arrive, at_google, eventually):
    """CRM to Google, Google to CRM, and both ways again."""
    demo, calendar = synced.demo, synced.calendar
    theirs = arrive("From Google")
    synced.change(_choose("Sync type", "One-way: CRM to Google"))
    ours = at_google(LUNCH)["id"]
    demo.retitle_event("ben", calendar, ours, "Renamed at Google")
    assert eventually(lambda: demo.event("ben", calendar, ours)["summary"] == LUNCH)

    synced.change(_choose("Sync type", "One-way: Google to CRM"))
    synced.row("From Google").get_by_role("link", name=re.compile("From Google$")).first.click()
    synced.page.get_by_label("Subject", exact=True).fill("Renamed in the CRM")
    synced.press("Save")
    assert eventually(lambda: synced.told("From Google"))
    assert demo.event("ben", calendar, theirs)["summary"] == "From Google"

    synced.change(_choose("Sync type", "Two-way"))
    demo.retitle_event("ben", calendar, theirs, "Both ways")
    assert eventually(lambda: synced.told("Both ways"))


def test_contact_information_comes_and_goes_with_its_tick(synced, at_google, eventually):
    """In the descriptions of what is at Google already."""
    label = "Add linked contact information to Google events"
    assert "Daniel Whitehorse" not in at_google(LUNCH).get("description", "")
    synced.change(lambda page: page.get_by_label(label, exact=True).check())
    assert eventually(lambda: "+1 503 555 0110" in at_google(LUNCH).get("description", ""))
    synced.change(
        lambda page: page.get_by_label(label, exact=True).uncheck(),
        contact_information="Not at all",
    )
    expect(synced.page.get_by_label(label, exact=True)).to_be_checked()
    synced.change(lambda page: page.get_by_label(label, exact=True).uncheck())
    assert eventually(lambda: "+1 503 555 0110" not in at_google(LUNCH).get("description", ""))


def test_titles_follow_the_template(synced, at_google, eventually):
    """At Google only; a refused template is told beside its field."""
    longer = f"{LUNCH} · Cascade Dental Group"
    synced.change(_fill("Title at Google", "{subject} · {organization}"))
    assert eventually(lambda: at_google(longer))
    synced.change(_fill("Title at Google", ""), title_template="Not at all")
    expect(synced.page.get_by_label("Title at Google", exact=True)).not_to_have_value("")
    synced.change(_fill("Title at Google", ""))
    assert eventually(lambda: at_google(LUNCH))
    assert not at_google(longer)


def test_copies_have_the_colour_of_their_type(synced, at_google, eventually):
    """Those that are there already as well, until the type has none again."""

    def lunches(words):
        def choose(page):
            group = page.get_by_role("group", name="Colour at Google", exact=True)
            group.get_by_label("Lunch", exact=True).select_option(words)

        return choose

    synced.change(lunches("Peacock"))
    assert eventually(lambda: at_google(LUNCH).get("colorId") == "7")
    assert "colorId" not in at_google(CALL)
    synced.change(lunches("the calendar's own"))
    assert eventually(lambda: "colorId" not in at_google(LUNCH))


def test_of_busy_types_google_gets_the_time_alone(synced, at_google, eventually):
    """The title goes from what is there already, and comes back."""
    event = at_google(LUNCH)
    assert event["location"]
    synced.change(_tick("Show only as busy", "Lunch"))
    seen = lambda: synced.demo.event("ben", synced.calendar, event["id"])  # noqa: E731
    assert eventually(lambda: seen()["summary"] == "Busy")
    assert "location" not in seen()
    synced.change(_tick("Show only as busy", "Lunch", on=False))
    assert eventually(lambda: seen()["summary"] == LUNCH)
    assert seen()["location"] == event["location"]


def test_new_events_are_shown_to_everyone_or_only_to_their_owner(synced, arrive):
    """From the change on."""
    label = "New activities from Google are shown to"
    arrive("Shown to everyone")
    synced.change(_choose(label, "Only me"))
    arrive("Shown to me")
    assert "private" in synced.told("Shown to me")
    assert "private" not in synced.told("Shown to everyone")
    synced.change(_choose(label, "Everyone"))


def test_the_default_of_the_calendar_decides_for_events_that_say_nothing(
    synced, arrive, eventually
):
    """Also for those that came in before."""
    label = "My calendar's default is"
    arrive("Says nothing")
    assert "private" not in synced.told("Says nothing")
    synced.change(_choose(label, "Private"))
    assert eventually(lambda: "private" in synced.told("Says nothing"))
    synced.change(_choose(label, "Public"))
    assert eventually(lambda: "private" not in synced.told("Says nothing"))


def test_a_later_beginning_leaves_alone_what_ends_before_it(synced, at_google, eventually):
    """Nothing is removed on either side; an earlier one brings the weeks before it."""
    page = synced.open()
    first = page.get_by_label("Sync from", exact=True).input_value()
    before = synced.demo.events("ben", synced.calendar)
    synced.show_plan(_fill("Sync from", "2035-01-01"))
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_text("because they end before the day chosen in Sync from")).to_be_visible()
    synced.change(_fill("Sync from", "2035-01-01"))
    synced.sync_now()
    assert synced.demo.events("ben", synced.calendar) == before
    earlier = date.fromisoformat(first) - timedelta(days=40)
    synced.change(_fill("Sync from", earlier.isoformat()))
    assert eventually(lambda: at_google("✓ First meeting with Ravi Menon"))
    synced.change(_fill("Sync from", first), sync_from="Not at all")
    expect(page.get_by_label("Sync from", exact=True)).to_have_value(earlier.isoformat())
    synced.change(_fill("Sync from", first))


def test_what_google_made_comes_in_once_it_is_ticked(synced, eventually):
    """Read-only; from now on, not at all, and to everything."""
    group = "Also bring in, read-only"

    def focus(title):
        body = {"summary": title, "eventType": "focusTime", **synced.hour}
        synced.demo.place_event("ben", synced.calendar, **body)

    focus("Deep work")
    synced.sync_now()
    assert not synced.told("Deep work")
    synced.change(_tick(group, "Focus time"), event_types="Not at all")
    synced.sync_now()
    synced.change(_tick(group, "Focus time"), event_types="From now on")
    focus("More work")
    assert eventually(lambda: synced.told("More work"))
    assert not synced.told("Deep work")
    synced.change(_tick(group, "Focus time", on=False))
    synced.change(_tick(group, "Focus time"))
    assert eventually(lambda: synced.told("Deep work"))
    synced.change(_tick(group, "Focus time", on=False))


def test_guests_are_written_without_a_mail(synced, at_google, eventually):
    """Invited in a calendar program; Google gets them with the tick, and tells nobody."""
    start = date.fromisoformat(synced.day)
    text = "\r\n".join(
        [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//walk//EN", "BEGIN:VEVENT",
            "UID:walk-guests", f"DTSTAMP:{start:%Y%m%d}T000000Z",
            f"DTSTART:{start:%Y%m%d}T120000Z", f"DTEND:{start:%Y%m%d}T130000Z",
            "SUMMARY:With a guest", "ORGANIZER:mailto:ben@example.com",
            "ATTENDEE;CN=Eva:mailto:eva@example.org", "END:VEVENT", "END:VCALENDAR", "",
        ]
    )  # fmt: skip
    with synced.demo.caldav("ben") as calendar:
        invitation = calendar.add_event(text)
        assert eventually(lambda: at_google("With a guest"))
        assert "attendees" not in at_google("With a guest")
        label = "Write guests to Google events"
        synced.change(lambda page: page.get_by_label(label, exact=True).check())
        assert eventually(lambda: "attendees" in at_google("With a guest"))
        guests = [each["email"] for each in at_google("With a guest")["attendees"]]
        assert "eva@example.org" in guests
        synced.change(lambda page: page.get_by_label(label, exact=True).uncheck())
        synced.sync_now()
        assert synced.demo.mails() == []
        invitation.delete()


def test_guests_whom_the_crm_does_not_know_become_persons(synced, arrive):
    """Of what comes in from now on; who is one stays one when the option goes."""
    label = "Create persons for guests the CRM does not know"
    who = re.compile(r"^Nora Field \(needs action, in the CRM\)$")

    def guests(title):
        synced.row(title).get_by_role("link", name=re.compile(f"{title}$")).first.click()
        return synced.page.get_by_text(re.compile("^Nora Field"))

    nora = {"email": "nora@field.example", "displayName": "Nora Field"}
    arrive("Before Nora", attendees=[nora])
    expect(guests("Before Nora")).to_have_text("Nora Field (needs action)")
    synced.change(lambda page: page.get_by_label(label, exact=True).check())
    arrive("With Nora", attendees=[nora])
    expect(guests("With Nora")).to_have_text(who)
    synced.change(lambda page: page.get_by_label(label, exact=True).uncheck())
    expect(guests("Before Nora")).to_have_text(who)


def test_another_calendar_begins_anew_and_the_first_one_is_taken_up_again(synced, eventually):
    """What is in the one before stays there, and is linked, not copied, on the way back."""
    demo, first = synced.demo, synced.calendar
    before = demo.events("ben", first)
    known = set(demo.calendars("ben"))
    synced.show_plan(_choose("Google calendar", "Create a new calendar"))
    assert synced.page.get_by_text("How far your changes reach").count() == 0
    synced.press("Confirm")
    synced.sees("Saved. The sync goes on by itself from here.")
    (second,) = set(demo.calendars("ben")) - known
    assert eventually(lambda: len(demo.events("ben", second)) >= 10)
    synced.sync_now()
    assert demo.events("ben", first) == before

    synced.show_plan(
        lambda page: page.get_by_label("Google calendar", exact=True).select_option(value=first)
    )
    synced.press("Confirm")
    synced.sees("Saved. The sync goes on by itself from here.")
    synced.sync_now()
    assert demo.events("ben", first) == before
    demo.remove_calendar("ben", second)
