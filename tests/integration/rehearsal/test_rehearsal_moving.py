"""Moving an event to another calendar (google-calendar-facts sections 5, 7, 10, 13)."""

import pytest

from bridge.rehearsal.oauth.grants import Bearer, issue_access_token

ANNA, BEN = "anna@example.com", "ben@example.com"


@pytest.fixture
def second(google):
    """Id of Anna's second calendar."""
    return google.anna.calendars[1]


@pytest.fixture
def move(events, second):
    """A function that moves an event from Anna's primary to her second calendar."""

    def run(event, *, source="primary", destination=second, **more):
        return events.move(calendarId=source, eventId=event["id"], destination=destination, **more)

    return run


@pytest.fixture
def made(events, timed):
    """An event of Anna's primary calendar to which Ben is invited."""
    body = timed("Meeting", colorId="4", attendees=[{"email": BEN}])
    return events.insert(calendarId="primary", body=body).execute()


def test_destination_becomes_the_organizer(events, second, move, made):
    """Facts 7: move changes the organizer to another calendar."""
    moved = move(made).execute()
    for name in ("id", "iCalUID", "summary", "start", "creator", "created", "colorId"):
        expected = made[name] if name != "creator" else {"email": ANNA}
        assert moved[name] == expected
    assert moved["organizer"] == {"email": second, "displayName": "Customer visits", "self": True}
    assert events.get(calendarId=second, eventId=made["id"]).execute() == moved


def test_old_calendar_keeps_a_tombstone_with_only_an_id(events, move, made, reader, google):
    """Facts 5: a tombstone with only an id when the old organizer is no guest."""
    google.control("POST", "switches", {"tombstone_details": "always"})
    changes = reader(events)
    move(made).execute()
    assert changes()[made["id"]].keys() == {"kind", "etag", "id", "status"}
    found = events.get(calendarId="primary", eventId=made["id"]).execute()
    assert (found["status"], "summary" in found) == ("cancelled", False)


def test_old_calendar_keeps_a_copy_when_it_is_a_guest(events, second, move, timed):
    """Facts 5: the tombstone is left only if the old organizer is not a guest."""
    body = timed("Meeting", colorId="4", attendees=[{"email": ANNA}])
    made = events.insert(calendarId="primary", body=body).execute()
    move(made).execute()
    copy = events.get(calendarId="primary", eventId=made["id"]).execute()
    assert (copy["status"], copy["colorId"]) == ("confirmed", "4")
    assert copy["organizer"] == {"email": second, "displayName": "Customer visits"}
    patch = {"summary": "New"}
    events.patch(calendarId=second, eventId=made["id"], body=patch).execute()
    copy = events.get(calendarId="primary", eventId=made["id"]).execute()
    assert copy["summary"] == "New"


def test_tombstone_left_behind_cannot_be_brought_back(events, move, made, refusal):
    """Facts 3: undeleting works on the organizer's calendar, which is another one now."""
    move(made).execute()
    back = {"status": "confirmed"}
    request = events.patch(calendarId="primary", eventId=made["id"], body=back)
    assert refusal(request) == (403, "forbiddenForNonOrganizer")


def test_old_calendar_may_be_invited_afterwards(events, second, move, made):
    """Facts 9: each guest has an own copy, also where a tombstone was left."""
    move(made).execute()
    patch = {"attendees": [{"email": ANNA}]}
    events.patch(calendarId=second, eventId=made["id"], body=patch).execute()
    copy = events.get(calendarId="primary", eventId=made["id"]).execute()
    assert (copy["status"], copy["organizer"]["email"]) == ("confirmed", second)


def test_guests_copies_follow_the_new_organizer(events, ben, second, move, made):
    """Facts 9: shared facts live with the organizer, whoever that is."""
    ben.patch(calendarId="primary", eventId=made["id"], body={"colorId": "7"}).execute()
    move(made).execute()
    copy = ben.get(calendarId="primary", eventId=made["id"]).execute()
    assert (copy["organizer"]["email"], copy["colorId"]) == (second, "7")
    said = {"attendees": [{"email": BEN, "responseStatus": "accepted"}]}
    ben.patch(calendarId="primary", eventId=made["id"], body=said).execute()
    found = events.get(calendarId=second, eventId=made["id"]).execute()
    assert found["attendees"][0]["responseStatus"] == "accepted"


def test_series_moves_with_its_exceptions(events, second, move, timed, ben):
    """Facts 8: exceptions belong to their series."""
    guests = [{"email": BEN}, {"email": ANNA}]
    body = timed(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"], attendees=guests)
    made = events.insert(calendarId="primary", body=body).execute()
    for day, patch in (("17", {"summary": "Other"}), ("24", {"status": "cancelled"})):
        instance = f"{made['id']}_202603{day}T090000Z"
        events.patch(calendarId="primary", eventId=instance, body=patch).execute()
    move(made).execute()
    for each, calendar in ((events, second), (events, "primary"), (ben, "primary")):
        items = each.list(calendarId=calendar, singleEvents=True).execute()["items"]
        assert sorted(item["summary"] for item in items) == ["Call Ada", "Other"]


def test_moving_back_takes_the_place_of_the_tombstone(events, second, move, made):
    """Facts 3: the id stays the event's."""
    move(made).execute()
    back = move(made, source=second, destination="primary").execute()
    assert (back["status"], back["organizer"]["email"]) == ("confirmed", ANNA)
    gone = events.get(calendarId=second, eventId=made["id"]).execute()
    assert gone["status"] == "cancelled"


def test_moving_to_where_it_is_changes_nothing(move, made):
    """Facts 7: the organizer is that calendar already."""
    assert move(made, destination="primary").execute()["etag"] == made["etag"]


@pytest.mark.parametrize(("send", "told"), [("all", [BEN]), ("externalOnly", []), ("none", [])])
def test_guests_are_told_by_send_updates(move, made, google, send, told):
    """Facts 7: sendUpdates."""
    move(made, sendUpdates=send).execute()
    assert [(mail["to"], mail["kind"]) for mail in google.control("GET", "mail")] == [
        (email, "update") for email in told
    ]


class TestRefusals:
    """What cannot be moved, and where to."""

    def test_instance_cannot_be_moved(self, events, move, timed, refusal):
        """Facts 7: the organizer is the series'."""
        body = timed(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        made = events.insert(calendarId="primary", body=body).execute()
        request = move({"id": f"{made['id']}_20260317T090000Z"})
        assert refusal(request) == (400, "cannotChangeOrganizerOfInstance")

    def test_copy_cannot_be_moved(self, ben, google, made, refusal):
        """Facts 9: only the organizer may change what is shared."""
        request = ben.move(
            calendarId="primary", eventId=made["id"], destination=google.ben.calendars[1]
        )
        assert refusal(request) == (400, "cannotChangeOrganizer")

    def test_deleted_and_unknown_events_cannot_be_moved(self, events, move, made, refusal):
        """Facts 12: 410 deleted, 404 notFound."""
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        assert refusal(move(made)) == (410, "deleted")
        assert refusal(move({"id": "nothing"})) == (404, "notFound")

    def test_taken_id_is_a_duplicate(self, events, second, move, timed, refusal):
        """Facts 3: ids are unique per calendar."""
        for calendar in ("primary", second):
            events.insert(calendarId=calendar, body=timed(id="doubled")).execute()
        assert refusal(move({"id": "doubled"})) == (409, "duplicate")

    def test_calendar_of_somebody_else_is_not_found(self, move, made, refusal, google):
        """Facts 12: unknown or no access: 404."""
        for destination in (google.ben.calendars[1], "nowhere@group.calendar.google.com"):
            assert refusal(move(made, destination=destination)) == (404, "notFound")

    @pytest.mark.parametrize(
        ("scope", "status"),
        [("calendar.app.created", 403), ("calendar.events.owned", 200), ("calendar.events", 200)],
    )
    def test_scopes_that_open_it(self, google, second, made, scope, status):
        """Facts 7 and 13: not with scope calendar.app.created."""
        scopes = (f"https://www.googleapis.com/auth/{scope}",)
        bearer = Bearer(email=ANNA, client_id=google.described.client_id, scopes=scopes)
        token = issue_access_token(google.server.world, bearer)
        path = f"/calendars/primary/events/{made['id']}/move?destination={second}"
        assert google.api("POST", path, token=token)[0] == status

    def test_destination_is_required(self, google, made):
        """Facts 12: 400 required."""
        path = f"/calendars/primary/events/{made['id']}/move"
        status, body = google.api("POST", path)
        assert (status, body["error"]["errors"][0]["reason"]) == (400, "required")

    def test_stale_if_match_is_refused(self, events, move, made, refusal):
        """Facts 7: 412 conditionNotMet."""
        events.patch(calendarId="primary", eventId=made["id"], body={"summary": "x"}).execute()
        request = move(made)
        request.headers["If-Match"] = made["etag"]
        assert refusal(request) == (412, "conditionNotMet")
