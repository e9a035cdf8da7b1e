"""Invitations from an organizer without an account (google-calendar-facts sections 3, 5, 8, 9)."""

import base64

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
ANNA, BEN, BOSS = "anna@example.com", "ben@example.com", "boss@example.org"


@pytest.fixture
def invite(google, timed):
    """A function with which the boss invites Anna, or others, to an event."""

    def run(*emails, locked=False, **more):
        guests = [{"email": email} for email in emails or (ANNA,)]
        event = timed("Review", attendees=guests, **more)
        body = {"organizer": {"email": BOSS, "displayName": "Boss"}, "event": event}
        return google.control("POST", "invitations", {**body, "locked": locked})

    return run


@pytest.fixture
def change(google):
    """A function with which the boss changes an event, or cancels it with None."""

    def run(event_id, event):
        if event is None:
            return google.control("DELETE", "invitations", {"id": event_id})
        return google.control("PATCH", "invitations", {"id": event_id, "event": event})

    return run


def accept(event):
    """Return a patch with which Anna accepts."""
    guests = [{"email": ANNA, "responseStatus": "accepted"}]
    return {"attendeesOmitted": True, "attendees": guests}


class TestArrival:
    """What the guest sees."""

    def test_invitation_is_a_copy_with_a_foreign_organizer(self, events, invite, reader):
        """Facts 3 and 9: id = "_" and base32hex of the iCalUID; no self on the organizer."""
        changes = reader(events)
        sent = invite(iCalUID="040000008200E0@outlook")
        encoded = base64.b32hexencode(b"040000008200E0@outlook").decode().lower().rstrip("=")
        copy = changes()[f"_{encoded}"]
        assert copy["id"] == sent["id"]
        assert copy["iCalUID"] == "040000008200E0@outlook"
        assert copy["organizer"] == {"email": BOSS, "displayName": "Boss"}
        assert copy["attendees"] == [{"email": ANNA, "responseStatus": "needsAction", "self": True}]
        assert "privateCopy" not in copy

    def test_change_and_cancellation_reach_the_sync_token(self, events, invite, change, reader):
        """Facts 9: shared facts live with the organizer."""
        sent = invite()
        changes = reader(events)
        start = {"dateTime": "2026-03-10T09:00:00", "timeZone": "Europe/Berlin"}
        change(sent["id"], {"summary": "New", "start": start})
        copy = changes()[sent["id"]]
        assert (copy["summary"], copy["sequence"]) == ("New", 1)
        change(sent["id"], None)
        assert changes()[sent["id"]].keys() == {"kind", "etag", "id", "status"}
        change(sent["id"], {"status": "confirmed"})
        assert changes()[sent["id"]]["summary"] == "New"

    def test_one_instance_of_a_series_can_change_and_go(self, events, invite, change, reader):
        """Facts 8: exceptions by instance id."""
        sent = invite(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        changes = reader(events)
        second, third = (f"{sent['id']}_202603{day}T090000Z" for day in ("17", "24"))
        change(second, {"summary": "Other"})
        change(third, None)
        changed = changes()
        assert changed[second]["summary"] == "Other"
        assert changed[third]["status"] == "cancelled"

    def test_invitation_to_one_instance_only_has_no_series(self, events, invite, change, refusal):
        """Facts 8: a guest may be invited to single instances only."""
        sent = invite("ada@example.org", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        second = f"{sent['id']}_20260317T090000Z"
        change(second, {"attendees": [{"email": ANNA}]})
        items = events.list(calendarId="primary").execute()["items"]
        assert [(each["id"], each["recurringEventId"]) for each in items] == [(second, sent["id"])]
        request = events.get(calendarId="primary", eventId=sent["id"])
        assert refusal(request) == (404, "notFound")

    @pytest.mark.parametrize(
        ("setting", "shown"),
        [("everyone", True), ("known_senders", False), ("when_responded", False)],
    )
    def test_guests_setting_may_hide_it(self, events, google, invite, setting, shown):
        """Facts 9 and 6.1: by setting, an invitation is a hidden one until the reply."""
        google.control("POST", "switches", {"add_invitations": setting})
        sent = invite()
        assert bool(events.list(calendarId="primary").execute()["items"]) is shown
        events.patch(calendarId="primary", eventId=sent["id"], body=accept(sent)).execute()
        assert events.list(calendarId="primary").execute()["items"]


class TestAnswer:
    """What the guest may do, and what of it the organizer learns."""

    def test_reply_reaches_the_organizer(self, events, google, invite):
        """Facts 9: the own reply is the copy's; the mail to a stranger is external."""
        sent = invite()
        events.patch(
            calendarId="primary",
            eventId=sent["id"],
            body=accept(sent),
            sendUpdates="externalOnly",
        ).execute()
        (seen,) = google.control("GET", "invitations")
        assert seen["attendees"] == [{"email": ANNA, "responseStatus": "accepted"}]
        (mail,) = google.control("GET", "mail")
        assert (mail["to"], mail["kind"], mail["from"]) == (BOSS, "reply", ANNA)
        assert mail["calendar_id"] == BOSS

    def test_deleting_it_declines(self, events, google, invite):
        """Facts 9: a guest deleting the copy declines."""
        sent = invite()
        events.delete(calendarId="primary", eventId=sent["id"]).execute()
        (seen,) = google.control("GET", "invitations")
        assert seen["attendees"][0]["responseStatus"] == "declined"

    def test_shared_facts_are_the_organizers(self, events, invite, refusal):
        """Facts 9: 403 forbiddenForNonOrganizer."""
        sent = invite()
        request = events.patch(calendarId="primary", eventId=sent["id"], body={"summary": "x"})
        assert refusal(request) == (403, "forbiddenForNonOrganizer")

    @pytest.mark.parametrize("behaviour", ["refused", "ignored", "kept"])
    def test_locked_copy_cannot_change_in_its_main_fields(
        self, events, google, invite, refusal, behaviour
    ):
        """Facts 2: locked: summary, description, location, times, recurrence cannot change."""
        google.control("POST", "switches", {"copy_edits": behaviour})
        sent = invite(locked=True, guestsCanModify=True)
        target = {"calendarId": "primary", "eventId": sent["id"]}
        assert events.get(**target).execute()["locked"] is True
        for name in ("summary", "description", "location"):
            request = events.patch(**target, body={name: "x"})
            assert refusal(request) == (403, "forbiddenForNonOrganizer")
        own = {"colorId": "4", **accept(sent)}
        mine = events.patch(**target, body=own).execute()
        assert (mine["colorId"], mine["locked"]) == ("4", True)

    def test_put_cannot_unlock_a_copy(self, events, invite):
        """Facts 2: locked is read-only."""
        sent = invite(locked=True)
        body = events.get(calendarId="primary", eventId=sent["id"]).execute()
        body["locked"] = False
        again = events.update(calendarId="primary", eventId=sent["id"], body=body).execute()
        assert again["locked"] is True


class TestControl:
    """The call itself."""

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"organizer": BOSS},
            {"organizer": "boss", "event": {}},
            {"organizer": ANNA, "event": {}},
            {"organizer": BOSS, "event": {"summary": "no times"}},
            {"organizer": {"displayName": "Boss"}, "event": {}},
            {"organizer": BOSS, "event": {**DAY, "status": "cancelled"}},
            {"organizer": BOSS, "event": {**DAY, "iCalUID": "\ud800"}},
            {"organizer": BOSS, "event": {**DAY, "attendees": ANNA}},
        ],
    )
    def test_bad_invitations_are_refused(self, google, body):
        """An organizer with an account uses the API; an event needs times."""
        status, text, _ = google.http("POST", "/_rehearsal/invitations", body=body)
        assert status == 400
        assert "error" in text
        assert google.control("GET", "invitations") == []

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    def test_unknown_invitations_are_refused(self, google, invite, method):
        """Nothing is changed that was not sent."""
        invite()
        body = {"id": "nothing", "event": {"summary": "x"}}
        assert google.http(method, "/_rehearsal/invitations", body=body)[0] == 400

    def test_same_uid_again_is_refused(self, google, invite):
        """Facts 3: iCalUID is unique per series; a change is a PATCH."""
        invite(iCalUID="u@example.org")
        assert "error" in invite(iCalUID="u@example.org")
        assert len(google.control("GET", "invitations")) == 1

    def test_accounts_do_not_see_the_organizers_calendar(self, events, invite, refusal, google):
        """Facts 12: unknown or no access: 404."""
        invite()
        for calendar in (BOSS, f"outside/{BOSS}"):
            assert refusal(events.list(calendarId=calendar)) == (404, "notFound")
        google.control("POST", "reset")
        assert google.control("GET", "invitations") == []

    def test_organizer_may_get_an_account_later(self, events, google, invite):
        """The copies hang on the organizer from outside all the same."""
        sent = invite()
        account = google.control("POST", "accounts", {"email": BOSS})
        boss = google.service(account["access_token"]).events()
        assert boss.list(calendarId="primary").execute()["items"] == []
        events.patch(calendarId="primary", eventId=sent["id"], body=accept(sent)).execute()
        (seen,) = google.control("GET", "invitations")
        assert seen["attendees"][0]["responseStatus"] == "accepted"
