"""Copies of an event in the calendars of its guests (google-calendar-facts sections 2, 5, 8, 9)."""

import pytest

BEN, CORA, ADA = "ben@example.com", "cora@example.com", "ada@example.org"


@pytest.fixture
def meeting(events, timed):
    """A function that makes an event of Anna's to which others are invited."""

    def make(*emails, **more):
        guests = [{"email": email} for email in emails]
        body = timed("Meeting", attendees=guests, **more)
        return events.insert(calendarId="primary", body=body).execute()

    return make


@pytest.fixture
def weekly(meeting):
    """A function that makes a weekly series of Anna's on four Tuesdays from 10 March 2026."""

    def make(*emails, **more):
        return meeting(*emails, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], **more)

    return make


def instance_ids(events, calendar="primary"):
    """Return the original days of the instances a calendar shows."""
    items = events.list(calendarId=calendar, singleEvents=True, orderBy="startTime").execute()
    return [item["id"].rpartition("_")[2][:8] for item in items["items"]]


class TestOneEvent:
    """A single event and its copies."""

    def test_guest_with_an_account_gets_a_copy_under_the_same_ids(self, ben, meeting):
        """Facts 9: each guest has an own copy with the same event id on the primary calendar."""
        made = meeting(BEN, ADA, location="here", description="why")
        zone = {"timeZone": "Europe/Berlin"}
        copy = ben.get(calendarId="primary", eventId=made["id"], **zone).execute()
        for name in ("id", "iCalUID", "summary", "location", "description", "start", "end"):
            assert copy[name] == made[name]
        assert copy["sequence"] == made["sequence"]
        assert copy["htmlLink"] != made["htmlLink"]

    def test_self_marks_whose_copy_it_is(self, events, ben, meeting):
        """Facts 9: `self` on organizer or attendee tells whose copy this is."""
        made = meeting("anna@example.com", BEN)
        copy = ben.get(calendarId="primary", eventId=made["id"]).execute()
        assert made["organizer"] == {"email": "anna@example.com", "self": True}
        assert copy["organizer"] == {"email": "anna@example.com"}
        assert copy["creator"] == {"email": "anna@example.com"}
        assert [guest.get("self") for guest in made["attendees"]] == [True, None]
        assert [guest.get("self") for guest in copy["attendees"]] == [None, True]
        assert [guest.get("organizer") for guest in copy["attendees"]] == [True, None]

    def test_event_of_a_secondary_calendar_reaches_its_owner_as_a_guest(self, events, google):
        """Facts 9: the organizer is the calendar's address; `creator` names the person."""
        second = google.anna.calendars[1]
        body = {
            "start": {"date": "2026-03-10"},
            "end": {"date": "2026-03-11"},
            "attendees": [{"email": "anna@example.com"}, {"email": BEN}],
        }
        made = events.insert(calendarId=second, body=body).execute()
        copy = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert copy["organizer"] == {"email": second, "displayName": "Customer visits"}
        assert copy["creator"] == {"email": "anna@example.com", "self": True}
        assert [guest.get("self") for guest in copy["attendees"]] == [True, None]

    def test_change_of_shared_facts_reaches_every_sync_token(self, events, ben, meeting, reader):
        """Facts 9: shared facts live with the organizer; each copy's etag and updated move."""
        made = meeting(BEN)
        changes = reader(ben)
        copy = ben.get(calendarId="primary", eventId=made["id"]).execute()
        patch = {"summary": "New", "extendedProperties": {"shared": {"a": "b"}}}
        events.patch(calendarId="primary", eventId=made["id"], body=patch).execute()
        changed = changes()[made["id"]]
        assert (changed["summary"], changed["extendedProperties"]) == (
            "New",
            {"shared": {"a": "b"}},
        )
        assert changed["etag"] != copy["etag"]
        assert changed["updated"] > copy["updated"]
        assert changes() == {}

    def test_organizers_own_settings_stay_off_the_copies(self, events, ben, meeting, reader):
        """Facts 9: reminders, colour, transparency, visibility and so on are the copy's."""
        made = meeting(BEN, source={"url": "https://crm.example.org/1"})
        changes = reader(ben)
        own = {
            "colorId": "4",
            "transparency": "transparent",
            "visibility": "private",
            "reminders": {"useDefault": False},
            "extendedProperties": {"private": {"uid": "1"}},
        }
        events.patch(calendarId="primary", eventId=made["id"], body=own).execute()
        assert changes() == {}
        copy = ben.get(calendarId="primary", eventId=made["id"]).execute()
        assert not {"colorId", "visibility", "extendedProperties", "source"} & copy.keys()
        assert copy["reminders"] == {"useDefault": True}

    def test_guests_own_settings_outlive_the_organizers_changes(self, events, ben, meeting):
        """Facts 9: what belongs to the copy stays there."""
        made = meeting(BEN)
        own = {
            "colorId": "4",
            "transparency": "transparent",
            "visibility": "public",
            "reminders": {"useDefault": False},
            "extendedProperties": {"private": {"uid": "1"}},
        }
        mine = ben.patch(calendarId="primary", eventId=made["id"], body=own).execute()
        assert {name: mine[name] for name in own} == own
        theirs = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert theirs["etag"] == made["etag"]
        events.patch(calendarId="primary", eventId=made["id"], body={"summary": "New"}).execute()
        copy = ben.get(calendarId="primary", eventId=made["id"]).execute()
        assert copy["summary"] == "New"
        assert {name: copy[name] for name in own} == own

    def test_guest_added_later_gets_a_copy(self, events, ben, meeting, reader):
        """Facts 9: each guest has an own copy."""
        made = meeting()
        changes = reader(ben)
        patch = {"attendees": [{"email": BEN}]}
        events.patch(calendarId="primary", eventId=made["id"], body=patch).execute()
        assert changes()[made["id"]]["status"] == "confirmed"

    def test_guest_taken_off_keeps_a_tombstone_with_an_id_only(self, events, ben, meeting, reader):
        """Facts 5: details of a tombstone are sure on the organizer's calendar only."""
        made = meeting(BEN, CORA)
        changes = reader(ben)
        patch = {"attendees": [{"email": CORA}]}
        events.patch(calendarId="primary", eventId=made["id"], body=patch).execute()
        assert changes()[made["id"]].keys() == {"kind", "etag", "id", "status"}
        found = ben.get(calendarId="primary", eventId=made["id"]).execute()
        assert (found["status"], "summary" in found) == ("cancelled", False)
        listed = ben.list(calendarId="primary", showDeleted=True).execute()["items"]
        assert [item.keys() for item in listed] == [{"kind", "etag", "id", "status"}]

    def test_tombstones_of_copies_can_show_details(self, events, ben, google, meeting):
        """Facts 15: tombstones of cancelled meetings were seen with full details."""
        google.control("POST", "switches", {"tombstone_details": "always"})
        made = meeting(BEN)
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        found = ben.get(calendarId="primary", eventId=made["id"]).execute()
        assert (found["status"], found["summary"]) == ("cancelled", "Meeting")

    def test_organizer_deletes_for_all_and_brings_back_for_all(self, events, ben, meeting, reader):
        """Facts 9 and 3: cancelled for all; `status: confirmed` undeletes."""
        made = meeting(BEN)
        own = {"colorId": "4"}
        ben.patch(calendarId="primary", eventId=made["id"], body=own).execute()
        changes = reader(ben)
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        assert changes()[made["id"]]["status"] == "cancelled"
        back = {"status": "confirmed"}
        events.patch(calendarId="primary", eventId=made["id"], body=back).execute()
        copy = changes()[made["id"]]
        assert (copy["status"], copy["summary"], copy["colorId"]) == ("confirmed", "Meeting", "4")

    def test_guest_who_deletes_declines_and_keeps_details(
        self, events, ben, meeting, reader, replies
    ):
        """Facts 9 and 5: declining and hiding; details of such a tombstone remain."""
        made = meeting(BEN, CORA)
        organizers, guests = reader(events), reader(ben)
        ben.delete(calendarId="primary", eventId=made["id"]).execute()
        assert replies(organizers()[made["id"]]) == {BEN: "declined", CORA: "needsAction"}
        assert guests()[made["id"]].keys() == {"kind", "etag", "id", "status"}
        found = ben.get(calendarId="primary", eventId=made["id"]).execute()
        assert (found["status"], found["summary"]) == ("cancelled", "Meeting")
        assert replies(found)[BEN] == "declined"

    def test_deleted_copy_stays_away_until_invited_again(self, events, ben, meeting, reader):
        """Facts 9: hidden; facts 5: a fresh invitation is an event again."""
        made = meeting(BEN)
        ben.delete(calendarId="primary", eventId=made["id"]).execute()
        changes = reader(ben)
        for patch in ({"summary": "New"}, {"status": "cancelled"}, {"status": "confirmed"}):
            events.patch(calendarId="primary", eventId=made["id"], body=patch).execute()
        assert changes() == {}
        for guests in ([], [{"email": BEN}]):
            patch = {"attendees": guests}
            events.patch(calendarId="primary", eventId=made["id"], body=patch).execute()
        assert changes()[made["id"]]["summary"] == "New"

    def test_guest_cannot_bring_back_what_is_cancelled(self, events, ben, meeting, refusal):
        """Facts 3: works on the organizer's calendar; others got 403."""
        made = meeting(BEN)
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        request = ben.patch(calendarId="primary", eventId=made["id"], body={"status": "confirmed"})
        assert refusal(request) == (403, "forbiddenForNonOrganizer")
        again = ben.delete(calendarId="primary", eventId=made["id"])
        assert refusal(again) == (410, "deleted")

    def test_private_copies_do_not_propagate(self, events, ben, meeting, google):
        """Facts 2: privateCopy: the event does not propagate to others."""
        made = meeting(BEN, privateCopy=True)
        assert made["privateCopy"] is True
        assert ben.list(calendarId="primary").execute()["items"] == []
        patch = {"summary": "New", "privateCopy": False}
        changed = events.patch(
            calendarId="primary", eventId=made["id"], body=patch, sendUpdates="all"
        ).execute()
        assert changed["privateCopy"] is True
        assert google.control("GET", "mail") == []

    def test_own_event_of_the_guest_under_the_same_id_is_left_alone(self, events, ben, timed):
        """Facts 3: ids are unique per calendar."""
        ben.insert(calendarId="primary", body=timed("Mine", id="doubled")).execute()
        body = timed("Theirs", id="doubled", attendees=[{"email": BEN}])
        events.insert(calendarId="primary", body=body).execute()
        events.delete(calendarId="primary", eventId="doubled").execute()
        assert ben.get(calendarId="primary", eventId="doubled").execute()["summary"] == "Mine"

    def test_hidden_guest_list_shows_only_oneself(self, ben, events, meeting, replies):
        """Facts 2: guestsCanSeeOtherGuests; the organizer sees all."""
        made = meeting(BEN, CORA, guestsCanSeeOtherGuests=False)
        copy = ben.get(calendarId="primary", eventId=made["id"]).execute()
        assert replies(copy) == {BEN: "needsAction"}
        assert copy["attendeesOmitted"] is True
        assert set(replies(made)) == {BEN, CORA}

    def test_copy_outlives_the_organizers_calendar(self, events, ben, google, timed, replies):
        """Facts 9: a copy is an event of its own; a reply nobody gets stays on it."""
        second = google.anna.calendars[1]
        made = events.insert(calendarId=second, body=timed(attendees=[{"email": BEN}])).execute()
        google.service().calendars().delete(calendarId=second).execute()
        target = {"calendarId": "primary", "eventId": made["id"]}
        said = {"attendees": [{"email": BEN, "responseStatus": "accepted"}]}
        assert replies(ben.patch(**target, body=said).execute()) == {BEN: "accepted"}
        ben.delete(**target).execute()
        assert ben.list(calendarId="primary").execute()["items"] == []

    def test_cancelled_copy_is_gone_with_the_other_tombstones(
        self, events, ben, google, meeting, refusal
    ):
        """Facts 5: tombstones disappear after a while."""
        made = meeting(BEN)
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        google.control("POST", "clock", {"advance_seconds": 29 * 86400})
        assert refusal(ben.get(calendarId="primary", eventId=made["id"])) == (404, "notFound")


class TestSeries:
    """Series with exceptions and their copies."""

    def test_series_is_copied_as_a_series(self, ben, weekly):
        """Facts 9 and 8: same id, same rule, same instance ids."""
        made = weekly(BEN)
        copy = ben.get(calendarId="primary", eventId=made["id"]).execute()
        assert copy["recurrence"] == made["recurrence"]
        assert instance_ids(ben) == ["20260310", "20260317", "20260324", "20260331"]

    def test_exception_reaches_the_copies(self, events, ben, weekly, reader):
        """Facts 8: exceptions are full events with recurringEventId."""
        made = weekly(BEN)
        changes = reader(ben)
        instance = f"{made['id']}_20260317T090000Z"
        events.patch(calendarId="primary", eventId=instance, body={"summary": "Other"}).execute()
        changed = changes()
        assert changed.keys() == {instance}
        assert changed[instance]["summary"] == "Other"
        assert changed[instance]["recurringEventId"] == made["id"]

    def test_cancelled_and_restored_instance_reaches_the_copies(self, events, ben, weekly):
        """Facts 8: an instance cancelled by the organizer is restored by status confirmed."""
        made = weekly(BEN)
        instance = f"{made['id']}_20260317T090000Z"
        events.delete(calendarId="primary", eventId=instance).execute()
        assert instance_ids(ben) == ["20260310", "20260324", "20260331"]
        back = {"status": "confirmed"}
        events.patch(calendarId="primary", eventId=instance, body=back).execute()
        assert instance_ids(ben) == ["20260310", "20260317", "20260324", "20260331"]

    def test_guest_of_one_instance_sees_an_item_without_its_series(
        self, events, ben, weekly, refusal
    ):
        """Facts 8: items with recurringEventId but no visible master."""
        made = weekly()
        instance = f"{made['id']}_20260317T090000Z"
        patch = {"attendees": [{"email": BEN}]}
        events.patch(calendarId="primary", eventId=instance, body=patch).execute()
        items = ben.list(calendarId="primary").execute()["items"]
        assert [(each["id"], each["recurringEventId"]) for each in items] == [
            (instance, made["id"])
        ]
        assert refusal(ben.get(calendarId="primary", eventId=made["id"])) == (404, "notFound")
        assert instance_ids(ben) == ["20260317"]

    def test_guest_taken_off_one_instance_does_not_see_it(self, events, ben, weekly, reader):
        """Facts 5: a cancelled exception of a living series hides that instance."""
        made = weekly(BEN, CORA)
        changes = reader(ben)
        instance = f"{made['id']}_20260317T090000Z"
        patch = {"attendees": [{"email": CORA}]}
        events.patch(calendarId="primary", eventId=instance, body=patch).execute()
        assert changes()[instance]["status"] == "cancelled"
        assert instance_ids(ben) == ["20260310", "20260324", "20260331"]
        assert len(instance_ids(events)) == 4

    def test_guest_of_the_series_added_later_gets_its_exceptions(self, events, ben, weekly):
        """Facts 8: exceptions inherit nothing, so the new guest is in none of them."""
        made = weekly(CORA)
        for day, patch in (("17", {"summary": "Other"}), ("24", {"status": "cancelled"})):
            instance = f"{made['id']}_202603{day}T090000Z"
            events.patch(calendarId="primary", eventId=instance, body=patch).execute()
        patch = {"attendees": [{"email": CORA}, {"email": BEN}]}
        events.patch(calendarId="primary", eventId=made["id"], body=patch).execute()
        assert instance_ids(ben) == ["20260310", "20260331"]

    def test_guest_taken_off_the_series_keeps_the_instance_invited_to(self, events, ben, weekly):
        """Facts 8: an exception is a full event with guests of its own."""
        made = weekly(BEN)
        instance = f"{made['id']}_20260317T090000Z"
        events.patch(calendarId="primary", eventId=instance, body={"summary": "Other"}).execute()
        events.patch(calendarId="primary", eventId=made["id"], body={"attendees": []}).execute()
        assert instance_ids(ben) == ["20260317"]

    def test_deleted_series_takes_its_exceptions_and_brings_them_back(
        self, events, ben, weekly, reader
    ):
        """Facts 5: tombstones for master and exceptions; a guest's copies follow."""
        made = weekly(BEN)
        instance = f"{made['id']}_20260317T090000Z"
        events.patch(calendarId="primary", eventId=instance, body={"summary": "Other"}).execute()
        changes = reader(ben)
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        assert {key: each["status"] for key, each in changes().items()} == {
            made["id"]: "cancelled",
            instance: "cancelled",
        }
        assert instance_ids(ben) == []
        back = {"status": "confirmed"}
        events.patch(calendarId="primary", eventId=made["id"], body=back).execute()
        assert changes()[instance]["summary"] == "Other"
        assert len(instance_ids(ben)) == 4

    def test_guest_who_deletes_one_instance_declines_that_one(self, events, ben, weekly, replies):
        """Facts 9: a guest deleting the copy declines and hides it."""
        made = weekly(BEN)
        instance = f"{made['id']}_20260317T090000Z"
        ben.delete(calendarId="primary", eventId=instance).execute()
        assert instance_ids(ben) == ["20260310", "20260324", "20260331"]
        one = events.get(calendarId="primary", eventId=instance).execute()
        whole = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert (replies(one), replies(whole)) == ({BEN: "declined"}, {BEN: "needsAction"})

    def test_guest_who_deletes_the_series_declines_it_throughout(
        self, events, ben, weekly, replies
    ):
        """Facts 9: the whole series is declined and hidden."""
        made = weekly(BEN)
        instance = f"{made['id']}_20260317T090000Z"
        events.patch(calendarId="primary", eventId=instance, body={"summary": "Other"}).execute()
        ben.delete(calendarId="primary", eventId=made["id"]).execute()
        assert instance_ids(ben) == []
        for event_id in (made["id"], instance):
            found = events.get(calendarId="primary", eventId=event_id).execute()
            assert replies(found) == {BEN: "declined"}

    def test_instance_coloured_by_the_guest_follows_the_series(self, events, ben, weekly):
        """Facts 9: the colour is the copy's, all else the organizer's."""
        made = weekly(BEN)
        instance = f"{made['id']}_20260317T090000Z"
        ben.patch(calendarId="primary", eventId=instance, body={"colorId": "4"}).execute()
        events.patch(calendarId="primary", eventId=made["id"], body={"summary": "New"}).execute()
        found = ben.get(calendarId="primary", eventId=instance).execute()
        assert (found["colorId"], found["summary"]) == ("4", "New")
        theirs = events.get(calendarId="primary", eventId=instance).execute()
        assert (theirs["summary"], "colorId" in theirs) == ("New", False)
        for count in (1, 3):
            lines = {"recurrence": [f"RRULE:FREQ=WEEKLY;COUNT={count}"]}
            events.patch(calendarId="primary", eventId=made["id"], body=lines).execute()
            assert instance_ids(ben) == ["20260310", "20260317", "20260324"][:count]

    def test_exception_starts_with_the_guests_settings_of_the_series(self, events, ben, weekly):
        """Facts 9: what belongs to the copy is there for its instances as well."""
        made = weekly(BEN)
        ben.patch(calendarId="primary", eventId=made["id"], body={"colorId": "4"}).execute()
        instance = f"{made['id']}_20260317T090000Z"
        events.patch(calendarId="primary", eventId=instance, body={"summary": "Other"}).execute()
        assert ben.get(calendarId="primary", eventId=instance).execute()["colorId"] == "4"

    def test_exceptions_lost_by_a_new_rule_go_from_the_copies_too(self, events, ben, weekly):
        """Facts 8: instances whose original start no longer exists lose their exceptions."""
        made = weekly(BEN)
        instance = f"{made['id']}_20260317T090000Z"
        events.patch(calendarId="primary", eventId=instance, body={"summary": "Other"}).execute()
        shorter = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=1"]}
        events.patch(calendarId="primary", eventId=made["id"], body=shorter).execute()
        assert instance_ids(ben) == ["20260310"]
