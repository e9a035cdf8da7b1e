"""Guests, organizer and copies (facts 9)."""

import base64

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
BEN = {"email": "ben@example.com"}
CARL = "carl@example.com"
FORBIDDEN = (403, "forbiddenForNonOrganizer")


@pytest.fixture
def bens(ben):
    """The `events` collection, as Ben."""
    return ben.events()


@pytest.fixture
def carls(google):
    """The `events` collection, as Carl, a third person."""
    account = google.control("POST", "accounts", {"email": CARL})
    return google.service(account["access_token"]).events()


@pytest.fixture
def invite(events, timed):
    """A function that makes an event of Anna's with Ben as a guest and returns its id."""

    def make(*, guests=(BEN,), **more):
        body = timed(attendees=list(guests), **more)
        return events.insert(calendarId="primary", body=body).execute()["id"]

    return make


def copy_of(collection, event_id):
    """Return the copy of an event on somebody's primary calendar."""
    return collection.get(calendarId="primary", eventId=event_id).execute()


def change(collection, event_id, **fields):
    """Patch the copy of an event on somebody's primary calendar."""
    return collection.patch(calendarId="primary", eventId=event_id, body=fields).execute()


def reply_of(event, email="ben@example.com"):
    """Return somebody's reply as an event tells it."""
    return {each["email"]: each["responseStatus"] for each in event["attendees"]}[email]


class TestCopies:
    """Each guest has an own copy."""

    @pytest.mark.fact("9", "each guest has an own copy with the same event id", "D")
    def test_invitation_is_on_the_guests_calendar(self, bens, invite):
        made = invite()
        listed = bens.list(calendarId="primary").execute()["items"]
        assert [each["id"] for each in listed] == [made]

    @pytest.mark.fact("9", "copies share the iCalUID", "D")
    def test_copies_have_one_uid(self, events, bens, invite):
        made = invite()
        assert copy_of(bens, made)["iCalUID"] == copy_of(events, made)["iCalUID"]

    @pytest.mark.parametrize("capitals", ["BEN@Example.COM", "Ben@example.com"])
    @pytest.mark.fact("9", "addresses of guests are compared without capitals", "K")
    def test_guest_is_found_in_any_capitals(self, bens, invite, capitals):
        made = invite(guests=[{"email": capitals}])
        assert copy_of(bens, made)["attendees"][0]["self"] is True

    @pytest.mark.fact("9", "self on organizer or attendee tells whose copy this is", "D")
    def test_self_differs_between_copies(self, events, bens, invite):
        made = invite(guests=[{"email": "anna@example.com"}, BEN])
        for collection, me in ((events, "anna@example.com"), (bens, "ben@example.com")):
            copy = copy_of(collection, made)
            assert [each["email"] for each in copy["attendees"] if each.get("self")] == [me]
            assert copy["organizer"]["email"] == "anna@example.com"
            assert copy["organizer"].get("self", False) is (me == "anna@example.com")
            assert copy["creator"]["email"] == "anna@example.com"

    @pytest.mark.parametrize(
        "fields",
        [
            {"summary": "New"},
            {"location": "Prague"},
            {"description": "Agenda"},
            {"extendedProperties": {"shared": {"deal": "7"}}},
            {"guestsCanModify": True},
        ],
        ids=lambda each: next(iter(each)),
    )
    @pytest.mark.fact("9", "shared facts live with the organizer and reach every copy", "D")
    def test_change_of_the_organizer_reaches_the_guest(self, events, bens, invite, fields):
        made = invite()
        change(events, made, **fields)
        copy = copy_of(bens, made)
        assert {name: copy.get(name) for name in fields} == fields

    @pytest.mark.fact("9", "time is a shared fact", "D")
    def test_new_time_reaches_the_guest(self, events, bens, invite, timed):
        made = invite()
        times = timed(hour=15)
        change(events, made, start=times["start"], end=times["end"])
        request = bens.get(calendarId="primary", eventId=made, timeZone="Europe/Berlin")
        assert request.execute()["start"]["dateTime"] == "2026-03-10T15:00:00+01:00"

    @pytest.mark.parametrize(
        "fields",
        [
            {"reminders": {"useDefault": False}},
            {"colorId": "4"},
            {"transparency": "transparent"},
            {"visibility": "private"},
            {"extendedProperties": {"private": {"mine": "1"}}},
        ],
        ids=lambda each: next(iter(each)),
    )
    @pytest.mark.fact(
        "9", "reminders, colour, transparency, visibility, private properties are the copy's", "K"
    )
    def test_own_fields_stay_on_the_copy(self, events, bens, invite, fields):
        made = invite()
        before = copy_of(events, made)
        changed = change(bens, made, **fields)
        assert {name: changed.get(name) for name in fields} == fields
        after = copy_of(events, made)
        assert {name: after.get(name) for name in fields} == {
            name: before.get(name) for name in fields
        }

    @pytest.mark.fact("9", "private properties of the organizer are not on the guest's copy", "D")
    def test_private_properties_are_not_told(self, bens, invite):
        made = invite(extendedProperties={"private": {"secret": "1"}, "shared": {"deal": "7"}})
        assert copy_of(bens, made)["extendedProperties"] == {"shared": {"deal": "7"}}

    @pytest.mark.fact("2", "source is seen and changed only by the creator", "D")
    def test_source_is_not_told(self, events, bens, invite):
        made = invite(source={"title": "CRM", "url": "https://crm.example.org/1"})
        assert "source" not in copy_of(bens, made)
        assert "source" in copy_of(events, made)

    @pytest.mark.fact("9", "an invitation comes with the guest's next incremental listing", "D")
    def test_invitation_change_and_withdrawal_are_listed(self, events, bens, invite):
        token = bens.list(calendarId="primary").execute()["nextSyncToken"]
        seen = []
        made = None
        for step in ("invite", "change", "withdraw"):
            if step == "invite":
                made = invite()
            elif step == "change":
                change(events, made, summary="New")
            else:
                change(events, made, attendees=[])
            page = bens.list(calendarId="primary", syncToken=token).execute()
            token = page["nextSyncToken"]
            seen.append([each["status"] for each in page["items"]])
        assert seen == [["confirmed"], ["confirmed"], ["cancelled"]]

    @pytest.mark.fact("9", "guestsCanSeeOtherGuests false hides the other guests", "D")
    @pytest.mark.usefixtures("carls")
    def test_hidden_guest_list(self, events, bens, invite):
        made = invite(guests=[BEN, {"email": CARL}], guestsCanSeeOtherGuests=False)
        assert CARL not in [each["email"] for each in copy_of(bens, made)["attendees"]]
        assert len(copy_of(events, made)["attendees"]) == 2

    @pytest.mark.fact("9", "organizer on a secondary calendar is that calendar", "K")
    def test_guest_of_a_secondary_calendar(self, events, bens, google, timed):
        second = google.anna.calendars[1]
        made = events.insert(calendarId=second, body=timed(attendees=[BEN])).execute()
        copy = copy_of(bens, made["id"])
        assert copy["organizer"]["email"] == second
        assert "self" not in copy["organizer"]
        assert copy["creator"]["email"] == "anna@example.com"


class TestRights:
    """Who may write what."""

    @pytest.mark.parametrize(
        "fields",
        [
            {"summary": "x"},
            {"location": "x"},
            {"description": "x"},
            {
                "start": {"dateTime": "2026-03-11T10:00:00+01:00"},
                "end": {"dateTime": "2026-03-11T11:00:00+01:00"},
            },
            {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]},
            {"guestsCanModify": True},
            {"status": "tentative"},
        ],
        ids=lambda each: next(iter(each)),
    )
    @pytest.mark.fact("9", "403 forbiddenForNonOrganizer when a guest writes shared facts", "D")
    def test_guest_may_not_write_shared_facts(self, events, bens, invite, refusal, fields):
        made = invite()
        before = copy_of(events, made)
        request = bens.patch(calendarId="primary", eventId=made, body=fields)
        assert refusal(request) == FORBIDDEN
        assert copy_of(events, made) == before

    @pytest.mark.fact("12", "403 calendar / forbiddenForNonOrganizer", "D")
    def test_refusal_of_a_guest_is_told_in_full(self, bens, invite, error):
        made = invite()
        told = error(bens.patch(calendarId="primary", eventId=made, body={"summary": "x"}))
        assert (told["code"], told["domain"]) == (403, "calendar")
        assert told["reason"] == "forbiddenForNonOrganizer"
        assert (
            told["message"]
            == "Shared properties can only be changed by the organizer of the event."
        )

    @pytest.mark.parametrize("fields", [{"summary": "x"}, {"location": "x"}, {"description": "x"}])
    @pytest.mark.fact("9", "with guestsCanModify guests may write most shared facts", "D")
    def test_guest_may_write_when_allowed(self, events, bens, invite, fields):
        made = invite(guestsCanModify=True)
        change(bens, made, **fields)
        found = copy_of(events, made)
        assert {name: found[name] for name in fields} == fields

    @pytest.mark.fact("7", "PUT without guestsCan* sets the defaults: a guest gets 403", "D")
    def test_update_by_a_guest_that_leaves_out_a_flag(self, bens, invite, refusal):
        made = invite(guestsCanInviteOthers=False)
        body = copy_of(bens, made)
        body.pop("guestsCanInviteOthers")
        request = bens.update(calendarId="primary", eventId=made, body=body)
        assert refusal(request) == FORBIDDEN

    @pytest.mark.fact("9", "PUT by a guest of the unchanged copy with own fields is fine", "D")
    def test_update_by_a_guest_with_own_fields(self, bens, invite):
        made = invite()
        body = copy_of(bens, made) | {"colorId": "3"}
        changed = bens.update(calendarId="primary", eventId=made, body=body).execute()
        assert changed["colorId"] == "3"

    @pytest.mark.fact("10", "shared properties are editable by every guest", "D")
    def test_guest_may_write_shared_properties(self, events, bens, invite):
        made = invite()
        change(bens, made, extendedProperties={"shared": {"deal": "7"}})
        assert copy_of(events, made)["extendedProperties"] == {"shared": {"deal": "7"}}

    @pytest.mark.fact("2", "guestsCanInviteOthers: default true", "D")
    def test_guest_may_invite_others(self, events, bens, carls, invite):
        made = invite()
        guests = copy_of(bens, made)["attendees"]
        change(bens, made, attendees=[*guests, {"email": CARL}])
        assert len(copy_of(events, made)["attendees"]) == 2
        assert copy_of(carls, made)["id"] == made

    @pytest.mark.fact("2", "guestsCanInviteOthers false: only the organizer invites", "D")
    def test_guest_may_not_invite_when_told_so(self, bens, invite, refusal):
        made = invite(guestsCanInviteOthers=False)
        guests = [*copy_of(bens, made)["attendees"], {"email": CARL}]
        request = bens.patch(calendarId="primary", eventId=made, body={"attendees": guests})
        assert refusal(request) == FORBIDDEN


class TestReplies:
    """Accepting and declining."""

    @pytest.mark.parametrize("reply", ["accepted", "declined", "tentative"])
    @pytest.mark.fact("9", "reply: the own entry and attendeesOmitted true", "D")
    @pytest.mark.usefixtures("carls")
    def test_short_reply_reaches_the_organizer_and_keeps_the_others(
        self, events, bens, invite, reply
    ):
        made = invite(guests=[BEN, {"email": CARL}])
        own = [{"email": "ben@example.com", "responseStatus": reply}]
        change(bens, made, attendees=own, attendeesOmitted=True)
        found = copy_of(events, made)
        assert reply_of(found) == reply
        assert reply_of(found, CARL) == "needsAction"

    @pytest.mark.fact("9", "reply: or the whole list", "D")
    @pytest.mark.usefixtures("carls")
    def test_reply_with_the_whole_list(self, events, bens, invite):
        made = invite(guests=[BEN, {"email": CARL}])
        guests = copy_of(bens, made)["attendees"]
        for each in guests:
            if each.get("self"):
                each["responseStatus"] = "accepted"
        change(bens, made, attendees=guests)
        assert reply_of(copy_of(events, made)) == "accepted"
        assert len(copy_of(events, made)["attendees"]) == 2

    @pytest.mark.fact("9", "part of the list without the flag removes the others", "D")
    def test_short_list_of_the_organizer_removes_guests(self, events, bens, carls, invite):
        made = invite(guests=[BEN, {"email": CARL}])
        change(events, made, attendees=[BEN])
        assert len(copy_of(bens, made)["attendees"]) == 1
        assert copy_of(carls, made)["status"] == "cancelled"

    @pytest.mark.fact("9", "a reply comes with a comment and additional guests", "D")
    def test_comment_of_a_reply_reaches_the_organizer(self, events, bens, invite):
        made = invite()
        own = {
            "email": "ben@example.com",
            "responseStatus": "accepted",
            "comment": "late",
            "additionalGuests": 2,
        }
        change(bens, made, attendees=[own], attendeesOmitted=True)
        (guest,) = copy_of(events, made)["attendees"]
        assert (guest["comment"], guest["additionalGuests"]) == ("late", 2)

    @pytest.mark.fact("2", "a guest's reply changes the organizer's etag", "K")
    def test_reply_gives_the_organizer_a_new_etag(self, events, bens, invite):
        made = invite()
        before = copy_of(events, made)["etag"]
        own = [{"email": "ben@example.com", "responseStatus": "accepted"}]
        change(bens, made, attendees=own, attendeesOmitted=True)
        assert copy_of(events, made)["etag"] != before

    @pytest.mark.fact("9", "a reply comes with the organizer's next incremental listing", "D")
    def test_reply_is_listed(self, events, bens, invite):
        made = invite()
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        own = [{"email": "ben@example.com", "responseStatus": "accepted"}]
        change(bens, made, attendees=own, attendeesOmitted=True)
        (item,) = events.list(calendarId="primary", syncToken=token).execute()["items"]
        assert reply_of(item) == "accepted"


class TestEnds:
    """Deleting and taking off."""

    @pytest.mark.fact("9", "a guest deleting the copy is declining and hiding it", "K")
    def test_guest_deletes_the_copy(self, events, bens, invite):
        made = invite()
        bens.delete(calendarId="primary", eventId=made).execute()
        assert reply_of(copy_of(events, made)) == "declined"
        assert copy_of(events, made)["status"] == "confirmed"
        assert bens.list(calendarId="primary").execute()["items"] == []

    @pytest.mark.fact("5", "invitations the user removed by hand keep their details", "D")
    def test_removed_invitation_keeps_its_details(self, bens, invite):
        made = invite()
        token = bens.list(calendarId="primary").execute()["nextSyncToken"]
        bens.delete(calendarId="primary", eventId=made).execute()
        page = bens.list(calendarId="primary", syncToken=token, showDeleted=True).execute()
        (item,) = page["items"]
        assert (item["status"], item["summary"]) == ("cancelled", "Call Ada")

    @pytest.mark.fact("9", "the organizer deleting cancels it for all", "K")
    def test_organizer_deletes_the_event(self, events, bens, invite):
        made = invite()
        token = bens.list(calendarId="primary").execute()["nextSyncToken"]
        events.delete(calendarId="primary", eventId=made).execute()
        (item,) = bens.list(calendarId="primary", syncToken=token).execute()["items"]
        assert (item["id"], item["status"]) == (made, "cancelled")

    @pytest.mark.fact("9", "a guest who is taken off loses the copy", "K")
    def test_guest_taken_off(self, events, bens, invite):
        made = invite()
        change(events, made, attendees=[])
        assert bens.list(calendarId="primary").execute()["items"] == []

    @pytest.mark.fact("3", "bringing back a deleted event works on the organizer's calendar", "O")
    def test_organizer_brings_it_back_for_all(self, events, bens, invite):
        made = invite()
        events.delete(calendarId="primary", eventId=made).execute()
        change(events, made, status="confirmed")
        assert copy_of(bens, made)["status"] == "confirmed"

    @pytest.mark.fact("3", "bringing back a deleted event: others got 403", "O")
    def test_guest_cannot_bring_it_back(self, events, bens, invite, refusal):
        made = invite()
        events.delete(calendarId="primary", eventId=made).execute()
        request = bens.patch(calendarId="primary", eventId=made, body={"status": "confirmed"})
        assert refusal(request)[0] == 403

    @pytest.mark.fact("5", "moved away: a tombstone unless the old organizer is a guest", "D")
    def test_moved_event_stays_when_the_old_organizer_is_a_guest(self, events, google, invite):
        made = invite(guests=[{"email": "anna@example.com"}, BEN])
        second = google.anna.calendars[1]
        events.move(calendarId="primary", eventId=made, destination=second).execute()
        assert copy_of(events, made)["status"] == "confirmed"
        assert copy_of(events, made)["organizer"]["email"] == second


class TestInvitations:
    """Events of organizers elsewhere."""

    UID = "040000008200E00074C5B7101A82E008@outlook.example"

    @pytest.fixture
    def invited(self, google, timed):
        """A function that lets somebody elsewhere invite Ben and returns the event's id."""

        def send(**more):
            event = timed(attendees=[BEN], iCalUID=self.UID)
            body = {"organizer": "boss@outlook.example", "event": event, **more}
            made = google.control("POST", "invitations", body)
            assert "error" not in made, made
            return made["id"]

        return send

    @pytest.mark.fact("3", "events that came by invitation: id = _ + base32hex(iCalUID)", "O")
    def test_id_of_an_invitation_decodes_to_the_uid(self, bens, invited):
        copy = copy_of(bens, invited())
        text = copy["id"].removeprefix("_").upper()
        assert copy["id"][0] == "_"
        assert base64.b32hexdecode(text + "=" * (-len(text) % 8)).decode() == self.UID
        assert copy["iCalUID"] == self.UID

    @pytest.mark.fact("9", "organizer elsewhere has no self", "D")
    def test_organizer_is_somebody_else(self, bens, invited):
        copy = copy_of(bens, invited())
        assert copy["organizer"]["email"] == "boss@outlook.example"
        assert "self" not in copy["organizer"]

    @pytest.mark.parametrize("name", ["summary", "description", "location"])
    @pytest.mark.fact("2", "locked: summary, description, location of this copy cannot change", "D")
    def test_locked_copy_cannot_change(self, bens, invited, refusal, name):
        made = invited(locked=True)
        assert copy_of(bens, made)["locked"] is True
        request = bens.patch(calendarId="primary", eventId=made, body={name: "x"})
        assert refusal(request)[0] == 403
        assert copy_of(bens, made).get(name) != "x"

    @pytest.mark.fact("9", "a reply to an organizer elsewhere is kept on the copy", "D")
    def test_reply_to_somebody_elsewhere(self, bens, invited):
        made = invited()
        own = [{"email": "ben@example.com", "responseStatus": "accepted"}]
        change(bens, made, attendees=own, attendeesOmitted=True)
        assert reply_of(copy_of(bens, made)) == "accepted"


class TestSeries:
    """Guests of series."""

    @pytest.fixture
    def weekly(self, invite):
        """The id of a series of four Tuesdays with Ben."""
        return invite(recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])

    @pytest.mark.fact("9", "a guest of a series has master and exceptions", "D")
    def test_series_and_its_exceptions_reach_the_guest(self, events, bens, weekly):
        instance = f"{weekly}_20260317T090000Z"
        change(events, instance, summary="x")
        listed = {each["id"] for each in bens.list(calendarId="primary").execute()["items"]}
        assert listed == {weekly, instance}

    @pytest.mark.fact("8", "invited to single instances only: no visible master", "O")
    def test_guest_of_one_instance_has_no_master(self, events, bens, timed, refusal):
        body = timed(recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
        series = events.insert(calendarId="primary", body=body).execute()["id"]
        instance = f"{series}_20260317T090000Z"
        change(events, instance, attendees=[BEN])
        (item,) = bens.list(calendarId="primary").execute()["items"]
        assert (item["id"], item["recurringEventId"]) == (instance, series)
        assert refusal(bens.get(calendarId="primary", eventId=series)) == (404, "notFound")

    @pytest.mark.fact("9", "a reply to one instance makes an exception", "K")
    def test_reply_to_one_instance(self, events, bens, weekly):
        instance = f"{weekly}_20260317T090000Z"
        own = [{"email": "ben@example.com", "responseStatus": "declined"}]
        change(bens, instance, attendees=own, attendeesOmitted=True)
        assert reply_of(copy_of(events, instance)) == "declined"
        assert reply_of(copy_of(events, weekly)) == "needsAction"

    @pytest.mark.fact("9", "a cancelled instance is cancelled for guests", "K")
    def test_cancelled_instance_reaches_the_guest(self, events, bens, weekly):
        instance = f"{weekly}_20260317T090000Z"
        events.delete(calendarId="primary", eventId=instance).execute()
        assert copy_of(bens, instance)["status"] == "cancelled"


class TestRoles:
    """Access to other people's calendars."""

    @pytest.mark.parametrize(
        "role", ["freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner"]
    )
    @pytest.mark.fact("9", "access roles", "D")
    def test_role_is_told_in_the_listing(self, bens, share, role):
        page = bens.list(calendarId=share(role)).execute()
        assert page["accessRole"] == role

    @pytest.mark.parametrize(
        ("role", "may"), [("reader", False), ("writer", True), ("owner", True)]
    )
    @pytest.mark.fact("12", "403 on a read-only calendar", "D")
    def test_writing_needs_a_role(self, bens, share, refusal, role, may):
        request = bens.insert(calendarId=share(role), body=DAY)
        if may:
            assert request.execute()["status"] == "confirmed"
        else:
            assert refusal(request) in [(403, "requiredAccessLevel"), (403, "forbidden")]

    @pytest.mark.parametrize(
        ("role", "detailed"),
        [
            ("reader", False),
            ("writerWithoutPrivateAccess", False),
            ("writer", True),
            ("owner", True),
        ],
    )
    @pytest.mark.fact(
        "9", "under reader and writerWithoutPrivateAccess private events are husks", "D"
    )
    def test_private_events_are_husks(self, events, bens, google, share, role, detailed):
        body = {**DAY, "summary": "Secret", "location": "x", "visibility": "private"}
        events.insert(calendarId=google.anna.calendars[1], body=body).execute()
        (item,) = bens.list(calendarId=share(role)).execute()["items"]
        assert (item.get("summary") == "Secret") is detailed
        assert ("location" in item) is detailed
        assert item["start"] == DAY["start"]

    @pytest.mark.parametrize(
        ("visibility", "is_husk"),
        [("confidential", True), ("private", True), ("public", False), ("default", False)],
    )
    @pytest.mark.fact("2", "visibility confidential means private", "D")
    def test_which_visibilities_hide_details(
        self, events, bens, google, share, visibility, is_husk
    ):
        body = {**DAY, "summary": "Secret", "visibility": visibility}
        events.insert(calendarId=google.anna.calendars[1], body=body).execute()
        (item,) = bens.list(calendarId=share("reader")).execute()["items"]
        assert (item.get("summary") != "Secret") is is_husk

    @pytest.mark.fact("6.1", "callers with free/busy access always get singleEvents", "D")
    def test_free_busy_reader_gets_instances(self, events, bens, google, share, timed):
        body = timed("Secret", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        events.insert(calendarId=google.anna.calendars[1], body=body).execute()
        items = bens.list(calendarId=share("freeBusyReader")).execute()["items"]
        assert len(items) == 3
        assert {each.get("summary") for each in items} <= {None, "busy", "Busy"}

    @pytest.mark.fact("9", "only the data owner may delete a secondary calendar", "D")
    def test_second_owner_may_not_delete_the_calendar(self, ben, service, share, refusal):
        second = share("owner")
        assert refusal(ben.calendars().delete(calendarId=second))[0] == 403
        assert service.calendars().get(calendarId=second).execute()["dataOwner"] == (
            "anna@example.com"
        )

    @pytest.mark.fact("9", "dataOwner is a read-only field", "D")
    def test_data_owner_cannot_be_written(self, service, google):
        second = google.anna.calendars[1]
        body = {"dataOwner": "ben@example.com", "summary": "New"}
        changed = service.calendars().patch(calendarId=second, body=body).execute()
        assert (changed["dataOwner"], changed["summary"]) == ("anna@example.com", "New")

    @pytest.mark.fact("9", "the data owner's access cannot be lowered", "D")
    def test_second_owner_may_not_lower_the_data_owner(self, ben, share, refusal):
        second = share("owner")
        body = {"role": "reader"}
        request = ben.acl().patch(calendarId=second, ruleId="user:anna@example.com", body=body)
        assert refusal(request)[0] in (400, 403)

    @pytest.mark.fact("9", "the data owner cannot take the calendar off the list", "D")
    def test_data_owner_keeps_the_entry(self, service, google, refusal):
        second = google.anna.calendars[1]
        assert refusal(service.calendarList().delete(calendarId=second))[0] in (400, 403)
