"""Importing events and exceptions of series (google-calendar-facts sections 2, 3, 7, 8)."""

import base64

import pytest

ANNA, BEN, BOSS = "anna@example.com", "ben@example.com", "boss@example.org"
UID = "u-1@example.org"
SERIES_ID = "_" + base64.b32hexencode(UID.encode()).decode().lower().rstrip("=")
WEEKLY = ["RRULE:FREQ=WEEKLY;COUNT=3"]


@pytest.fixture
def add(events, timed):
    """A function that imports an event into Anna's primary calendar."""

    def run(summary="Series", **more):
        body = timed(summary, **{"iCalUID": UID, **more})
        return events.import_(calendarId="primary", body=body)

    return run


def second_instance(**more):
    """Return what makes an import the second instance of the weekly series, moved by a day."""
    original = {"dateTime": "2026-03-17T10:00:00", "timeZone": "Europe/Berlin"}
    return {"day": "2026-03-18", "originalStartTime": original, **more}


def summaries(events):
    """Return what the instances of Anna's primary calendar are called, by start."""
    query = {"singleEvents": True, "orderBy": "startTime"}
    items = events.list(calendarId="primary", **query).execute()["items"]
    return [item["summary"] for item in items]


class TestException:
    """The same iCalUID with an originalStartTime."""

    def test_becomes_an_exception_of_the_series(self, events, add):
        """Facts 8: import with the same iCalUID and originalStartTime."""
        series = add(recurrence=WEEKLY).execute()
        one = add("Other", **second_instance()).execute()
        assert series["id"] == SERIES_ID
        assert one["id"] == f"{SERIES_ID}_20260317T090000Z"
        assert (one["recurringEventId"], one["iCalUID"]) == (SERIES_ID, UID)
        assert one["originalStartTime"] == {
            "dateTime": "2026-03-17T10:00:00+01:00",
            "timeZone": "Europe/Berlin",
        }
        assert one["privateCopy"] is True
        assert summaries(events) == ["Series", "Other", "Series"]

    def test_may_come_before_its_series(self, events, add):
        """Facts 5: the order of exception and master is not given."""
        one = add("Other", **second_instance()).execute()
        assert one["recurringEventId"] == SERIES_ID
        assert summaries(events) == ["Other"]
        add(recurrence=WEEKLY).execute()
        assert summaries(events) == ["Series", "Other", "Series"]

    def test_belongs_to_a_series_made_by_insert_too(self, events, add, timed):
        """Facts 8: instance ids begin with the id of the series."""
        made = events.insert(calendarId="primary", body=timed("S", recurrence=WEEKLY)).execute()
        one = add("Other", **second_instance(iCalUID=made["iCalUID"])).execute()
        assert one["id"] == f"{made['id']}_20260317T090000Z"
        assert summaries(events) == ["S", "Other", "S"]

    def test_is_renewed_unless_its_sequence_is_lower(self, add, refusal):
        """Facts 7: updates that copy if sequence is not lower; exceptions have their own."""
        add(recurrence=WEEKLY).execute()
        first = add("Other", **second_instance(sequence=3)).execute()
        again = add("Third", **second_instance(sequence=3)).execute()
        assert (again["id"], again["summary"], again["sequence"]) == (first["id"], "Third", 3)
        assert refusal(add("Lost", **second_instance(sequence=2))) == (400, "invalid")

    def test_cancelled_one_hides_the_instance(self, events, add):
        """Facts 5: a cancelled exception of a living series."""
        add(recurrence=WEEKLY).execute()
        add("Other", **second_instance(status="cancelled")).execute()
        assert summaries(events) == ["Series", "Series"]

    @pytest.mark.parametrize(
        "more",
        [
            {"originalStartTime": {"dateTime": "2026-03-17T11:00:00", "timeZone": "Europe/Berlin"}},
            {"originalStartTime": {"date": "2026-03-18"}},
            {"recurrence": WEEKLY},
        ],
    )
    def test_start_must_be_one_of_the_series(self, add, refusal, more):
        """Facts 8: originalStartTime identifies the instance."""
        add(recurrence=WEEKLY).execute()
        assert refusal(add("Other", **second_instance(**more))) == (400, "invalid")


class TestRoles:
    """Organizer, guests, and what the calendar knows already."""

    def test_never_notifies_and_reaches_nobody(self, add, ben, google):
        """Facts 7: never notifies; adds a private copy."""
        add(attendees=[{"email": BEN}], organizer={"email": ANNA}).execute()
        assert google.control("GET", "mail") == []
        assert ben.list(calendarId="primary").execute()["items"] == []

    def test_organizer_alone_gives_the_owner_no_part(self, add, refusal):
        """Facts 7: the owner must be organizer or guest."""
        request = add(organizer={"email": BOSS}, attendees=[{"email": BEN}])
        assert refusal(request) == (400, "participantIsNeitherOrganizerNorAttendee")
        request = add(attendees=[{"email": BEN}])
        assert refusal(request) == (400, "participantIsNeitherOrganizerNorAttendee")

    def test_own_event_cannot_become_an_invitation(self, events, add, timed, refusal):
        """Facts 7: a UID known in another role fails with a permission error."""
        made = events.insert(calendarId="primary", body=timed("Mine")).execute()
        part = {"organizer": {"email": BOSS}, "attendees": [{"email": ANNA}]}
        assert refusal(add(iCalUID=made["iCalUID"], **part)) == (403, "forbidden")
        kept = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert kept["summary"] == "Mine"

    def test_invitation_cannot_become_an_own_event(self, ben, events, timed, refusal):
        """Facts 7: nor the other way round."""
        body = timed("Theirs", attendees=[{"email": BEN}])
        made = events.insert(calendarId="primary", body=body).execute()
        body = timed("Mine", iCalUID=made["iCalUID"])
        request = ben.import_(calendarId="primary", body=body)
        assert refusal(request) == (403, "forbidden")

    def test_invitation_imported_again_changes_nothing_shared(self, ben, events, timed, refusal):
        """Facts 9: what is shared is the organizer's, whichever way it is written."""
        body = timed("Theirs", attendees=[{"email": BEN}])
        made = events.insert(calendarId="primary", body=body).execute()
        known = {
            "iCalUID": made["iCalUID"],
            "organizer": {"email": ANNA},
            "attendees": [{"email": BEN, "responseStatus": "accepted"}],
        }
        same = ben.import_(calendarId="primary", body=timed("Theirs", **known)).execute()
        assert (same["id"], "privateCopy" in same) == (made["id"], False)
        found = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert found["attendees"][0]["responseStatus"] == "accepted"
        request = ben.import_(calendarId="primary", body=timed("Mine", **known))
        assert refusal(request) == (403, "forbiddenForNonOrganizer")

    def test_renewal_may_change_the_organizer_of_a_private_copy(self, add):
        """Facts 7: importing again updates the copy made before."""
        part = {"organizer": {"email": BOSS}, "attendees": [{"email": ANNA}]}
        add(**part).execute()
        part["organizer"] = {"email": "heir@example.org"}
        assert add(**part).execute()["organizer"] == {"email": "heir@example.org"}

    def test_later_invitation_takes_the_place_of_the_import(self, add, events, google):
        """Facts 3: import and invitation have one id for one iCalUID."""
        part = {"organizer": {"email": BOSS}, "attendees": [{"email": ANNA}]}
        made = add(**part).execute()
        body = {
            "summary": "Invited",
            "iCalUID": UID,
            "attendees": [{"email": ANNA}],
            "start": {"date": "2026-03-10"},
            "end": {"date": "2026-03-11"},
        }
        google.control("POST", "invitations", {"organizer": BOSS, "event": body})
        copy = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert (copy["summary"], "privateCopy" in copy) == ("Invited", False)
