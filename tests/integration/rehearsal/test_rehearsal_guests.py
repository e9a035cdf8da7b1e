"""What guests may do, replies, and mails (google-calendar-facts sections 2, 7, 9)."""

import pytest

ANNA, BEN, CORA, ADA = "anna@example.com", "ben@example.com", "cora@example.com", "ada@example.org"


@pytest.fixture
def meeting(people, timed):
    """A function that makes an event of Anna's with Ben, Cora and Ada as guests."""

    def make(*emails, **more):
        guests = [{"email": email} for email in emails or (BEN, CORA, ADA)]
        body = timed("Meeting", attendees=guests, **more)
        return people.anna.insert(calendarId="primary", body=body).execute()

    return make


def patch(events, event, body, **more):
    """Patch an event of a primary calendar and return the answer."""
    request = events.patch(calendarId="primary", eventId=event["id"], body=body, **more)
    return request.execute()


def read(events, event):
    """Return an event of a primary calendar."""
    return events.get(calendarId="primary", eventId=event["id"]).execute()


def replies(event):
    """Return the reply of each guest of an event, by address."""
    return {guest["email"]: guest["responseStatus"] for guest in event["attendees"]}


def reply(email, status, **more):
    """Return a patch that says one guest's reply and leaves the list alone."""
    entry = {"email": email, "responseStatus": status, **more}
    return {"attendeesOmitted": True, "attendees": [entry]}


class TestReplies:
    """Answering an invitation."""

    def test_own_entry_with_attendees_omitted_is_a_reply(self, people, meeting, reader):
        """Facts 9: patch attendees with the own entry and attendeesOmitted: true."""
        made = meeting()
        changes = [reader(people.anna), reader(people.cora)]
        own = {"email": BEN, "responseStatus": "accepted", "comment": "late", "additionalGuests": 1}
        said = {"attendeesOmitted": True, "attendees": [own]}
        expected = {BEN: "accepted", CORA: "needsAction", ADA: "needsAction"}
        copies = [patch(people.ben, made, said), *(each()[made["id"]] for each in changes)]
        for copy in copies:
            assert replies(copy) == expected
            assert own.items() <= copy["attendees"][0].items()
        assert [copy["sequence"] for copy in copies] == [0, 0, 0]

    def test_whole_list_is_a_reply_too(self, people, meeting):
        """Facts 9: or the whole list."""
        made = meeting()
        guests = read(people.ben, made)["attendees"]
        guests[0]["responseStatus"] = "tentative"
        assert replies(patch(people.ben, made, {"attendees": guests}))[BEN] == "tentative"
        assert replies(read(people.anna, made))[BEN] == "tentative"

    def test_put_of_what_was_read_is_a_reply_too(self, people, meeting):
        """Facts 7: get, change, put is Google's advice."""
        made = meeting(guestsCanInviteOthers=False)
        body = read(people.ben, made)
        body["attendees"][0]["responseStatus"] = "accepted"
        people.ben.update(calendarId="primary", eventId=made["id"], body=body).execute()
        assert replies(read(people.anna, made))[BEN] == "accepted"

    def test_reply_names_nobody_but_oneself(self, people, meeting):
        """Facts 9: with attendeesOmitted only the own reply is looked at."""
        made = meeting()
        said = reply(CORA, "declined")
        patch(people.ben, made, said)
        assert set(replies(read(people.anna, made)).values()) == {"needsAction"}

    def test_reply_with_a_hidden_guest_list_reaches_only_the_organizer(
        self, people, meeting, reader
    ):
        """Facts 2: guestsCanSeeOtherGuests false: guests do not learn of each other."""
        made = meeting(guestsCanSeeOtherGuests=False)
        changes = reader(people.cora)
        said = {"attendees": [{"email": BEN, "responseStatus": "accepted"}]}
        assert replies(patch(people.ben, made, said)) == {BEN: "accepted"}
        assert replies(read(people.anna, made)) == {
            BEN: "accepted",
            CORA: "needsAction",
            ADA: "needsAction",
        }
        assert changes() == {}

    def test_reply_to_one_instance_is_an_exception_for_all(self, people, meeting):
        """Facts 8: an exception is made by writing the instance's id."""
        made = meeting(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        instance = {"id": f"{made['id']}_20260317T090000Z"}
        said = reply(BEN, "declined")
        patch(people.ben, instance, said)
        for each in (people.anna, people.ben, people.cora):
            assert replies(read(each, instance))[BEN] == "declined"
            assert replies(read(each, made))[BEN] == "needsAction"

    def test_replies_above_200_guests_stay_with_the_organizer(
        self, people, meeting, google, reader
    ):
        """Facts 9: above 200 guests replies are not propagated; the limit is 200 by default."""
        google.control("POST", "switches", {"guest_limit": 201})
        others = [f"g{number}@example.org" for number in range(199)]
        made = meeting(BEN, CORA, *others)
        changes = reader(people.cora)
        said = reply(BEN, "accepted")
        assert replies(patch(people.ben, made, said))[BEN] == "accepted"
        assert replies(read(people.anna, made))[BEN] == "accepted"
        assert changes() == {}

    def test_organizers_partial_list_removes_the_others(self, people, meeting):
        """Facts 9: a patch that sends part of the list without the flag removes the others."""
        made = meeting()
        guests = [{"email": BEN, "responseStatus": "accepted"}]
        assert replies(patch(people.anna, made, {"attendees": guests})) == {BEN: "accepted"}
        assert replies(read(people.ben, made)) == {BEN: "accepted"}
        assert read(people.cora, made)["status"] == "cancelled"

    @pytest.mark.parametrize(
        ("setting", "stored"),
        [
            ("everyone", "accepted"),
            ("known_senders", "accepted"),
            ("when_responded", "needsAction"),
        ],
    )
    def test_reply_given_for_a_new_guest_may_be_reset(
        self, google, meeting, people, setting, stored
    ):
        """Facts 9: adding guests with a reply may be reset, depending on their settings."""
        google.control("POST", "switches", {"add_invitations": setting})
        made = meeting(CORA)
        guests = [*made["attendees"], {"email": BEN, "responseStatus": "accepted"}]
        assert replies(patch(people.anna, made, {"attendees": guests}))[BEN] == stored

    def test_invitation_waits_unseen_until_the_reply(self, google, people, meeting, reader, events):
        """Facts 6.1: showHiddenInvitations; facts 9: the guest's setting decides."""
        google.control("POST", "switches", {"add_invitations": "when_responded"})
        changes = reader(people.ben)
        made = meeting()
        patch(people.anna, made, {"summary": "New"})
        assert changes() == {}
        shown = people.ben.list(calendarId="primary", showHiddenInvitations=True).execute()["items"]
        assert [each["summary"] for each in shown] == ["New"]
        said = reply(BEN, "accepted")
        patch(people.ben, made, said)
        assert changes()[made["id"]]["summary"] == "New"


class TestRights:
    """What a guest may change of the shared facts."""

    @pytest.mark.parametrize(
        "fields",
        [
            {"summary": "Mine"},
            {"location": "elsewhere"},
            {"description": None, "location": "x"},
            {"status": "tentative"},
            {"guestsCanModify": True},
            {"attendees": []},
            {"attendees": [{"email": BEN}]},
            {"start": {"dateTime": "2026-03-10T09:00:00+01:00"}},
        ],
    )
    def test_shared_facts_are_the_organizers(self, people, meeting, refusal, fields):
        """Facts 9: 403 forbiddenForNonOrganizer when a copy's holder writes shared facts."""
        made = meeting()
        request = people.ben.patch(calendarId="primary", eventId=made["id"], body=fields)
        assert refusal(request) == (403, "forbiddenForNonOrganizer")
        assert read(people.anna, made)["etag"] == made["etag"]
        assert read(people.ben, made)["summary"] == "Meeting"

    def test_put_without_the_guests_rights_is_refused(self, people, meeting, refusal):
        """Facts 7: missing guestsCan* count as setting the defaults."""
        made = meeting(guestsCanInviteOthers=False)
        body = read(people.ben, made)
        del body["guestsCanInviteOthers"]
        request = people.ben.update(calendarId="primary", eventId=made["id"], body=body)
        assert refusal(request) == (403, "forbiddenForNonOrganizer")

    def test_shared_facts_may_be_ignored(self, people, meeting, google):
        """Facts 9: seen elsewhere: an answer 200 in which nothing shared has changed."""
        google.control("POST", "switches", {"copy_edits": "ignored"})
        made = meeting()
        changed = patch(people.ben, made, {"summary": "Mine", "colorId": "4"})
        assert (changed["summary"], changed["colorId"]) == ("Meeting", "4")
        assert read(people.anna, made)["summary"] == "Meeting"

    def test_shared_facts_may_stay_on_the_copy(self, people, meeting, google):
        """Facts 2: a copy that is not locked can change, until the organizer's next change."""
        google.control("POST", "switches", {"copy_edits": "kept"})
        made = meeting()
        assert patch(people.ben, made, {"summary": "Mine"})["summary"] == "Mine"
        assert read(people.anna, made)["etag"] == made["etag"]
        patch(people.anna, made, {"location": "there"})
        assert read(people.ben, made)["summary"] == "Meeting"

    def test_guests_can_modify_opens_the_shared_facts(self, people, meeting):
        """Facts 9: with guestsCanModify guests may write most shared facts, for everybody."""
        made = meeting(guestsCanModify=True)
        guests = [{"email": BEN, "responseStatus": "accepted"}, {"email": CORA}]
        later = {"dateTime": "2026-03-10T11:30:00+01:00"}
        change = {"summary": "Ours", "location": "there", "end": later, "attendees": guests}
        patch(people.ben, made, {**change, "colorId": "4"})
        for each in (people.anna, people.ben, people.cora):
            found = read(each, made)
            assert (found["summary"], found["location"], found["sequence"]) == ("Ours", "there", 1)
            assert replies(found) == {BEN: "accepted", CORA: "needsAction"}
        assert "colorId" not in read(people.anna, made)
        assert read(people.anna, made)["organizer"] == {"email": ANNA, "self": True}

    def test_rights_themselves_stay_the_organizers(self, people, meeting, refusal):
        """Facts 2: guestsCan* are written by the organizer."""
        made = meeting(guestsCanModify=True)
        request = people.ben.patch(
            calendarId="primary", eventId=made["id"], body={"guestsCanInviteOthers": False}
        )
        assert refusal(request) == (403, "forbiddenForNonOrganizer")

    @pytest.mark.parametrize("allowed", [True, False])
    def test_guests_can_invite_others(self, people, meeting, refusal, allowed):
        """Facts 2: guestsCanInviteOthers, default true."""
        made = meeting(BEN, guestsCanInviteOthers=allowed)
        guests = [
            *read(people.ben, made)["attendees"],
            {"email": CORA, "responseStatus": "accepted"},
        ]
        request = people.ben.patch(
            calendarId="primary", eventId=made["id"], body={"attendees": guests}
        )
        if not allowed:
            assert refusal(request) == (403, "forbiddenForNonOrganizer")
            return
        assert set(replies(request.execute())) == {BEN, CORA}
        assert replies(read(people.anna, made)) == {BEN: "needsAction", CORA: "needsAction"}
        assert read(people.cora, made)["summary"] == "Meeting"

    def test_shared_properties_are_for_every_guest(self, people, meeting):
        """Facts 10: shared = all copies, editable by every guest."""
        made = meeting(extendedProperties={"private": {"a": "1"}, "shared": {"b": "2"}})
        mine = {"extendedProperties": {"private": {"c": "3"}, "shared": {"d": "4"}}}
        patch(people.ben, made, mine)
        shared = {"b": "2", "d": "4"}
        assert read(people.anna, made)["extendedProperties"] == {
            "private": {"a": "1"},
            "shared": shared,
        }
        assert read(people.ben, made)["extendedProperties"] == {
            "private": {"c": "3"},
            "shared": shared,
        }
        assert read(people.cora, made)["extendedProperties"] == {"shared": shared}

    def test_sequence_is_not_the_guests_to_lower(self, people, meeting, refusal, timed):
        """Facts 7: raised on schedule changes of the organizer's copy; lower is a 400."""
        made = meeting()
        patch(people.anna, made, {name: timed(hour=9)[name] for name in ("start", "end")})
        assert read(people.ben, made)["sequence"] == 1
        request = people.ben.patch(
            calendarId="primary", eventId=made["id"], body={"sequence": 0, "colorId": "4"}
        )
        assert refusal(request) == (400, "invalid")
        assert patch(people.ben, made, {"sequence": 1, "colorId": "4"})["sequence"] == 1

    def test_stale_etag_of_a_copy_is_refused(self, people, meeting, refusal):
        """Facts 7: If-Match; the organizer's change made the copy's etag stale."""
        made = meeting()
        etag = read(people.ben, made)["etag"]
        patch(people.anna, made, {"summary": "New"})
        request = people.ben.patch(calendarId="primary", eventId=made["id"], body={"colorId": "4"})
        request.headers["If-Match"] = etag
        assert refusal(request) == (412, "conditionNotMet")

    def test_reminders_of_a_copy_do_not_move_updated(self, people, meeting, google):
        """Facts 2: reminder-only edits do not move updated."""
        made = meeting()
        before = read(people.ben, made)
        google.control("POST", "clock", {"advance_seconds": 60})
        after = patch(people.ben, made, {"reminders": {"useDefault": False}})
        assert after["updated"] == before["updated"]
        assert after["etag"] != before["etag"]

    @pytest.mark.parametrize("limit", [200, 300])
    def test_guest_limit_can_be_raised(self, people, google, timed, refusal, limit):
        """Facts 9: 200 by default, more for some Workspace editions."""
        google.control("POST", "switches", {"guest_limit": limit})
        guests = [{"email": f"g{number}@example.org"} for number in range(limit + 1)]
        request = people.anna.insert(calendarId="primary", body=timed(attendees=guests))
        assert refusal(request) == (400, "invalid")
        request = people.anna.insert(calendarId="primary", body=timed(attendees=guests[1:]))
        assert len(request.execute()["attendees"]) == limit


class TestMails:
    """What sendUpdates lets Google send."""

    @pytest.fixture
    def mails(self, google):
        """A function that returns (to, kind) of the mails since the last call."""
        read_so_far = []

        def take():
            found = google.control("GET", "mail")[len(read_so_far) :]
            read_so_far.extend(found)
            return [(mail["to"], mail["kind"]) for mail in found]

        return take

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            ({"sendUpdates": "all"}, [ADA, BEN, CORA]),
            ({"sendUpdates": "externalOnly"}, [ADA]),
            ({"sendUpdates": "none"}, []),
            ({"sendNotifications": True}, [ADA, BEN, CORA]),
            ({"sendNotifications": False}, []),
            ({"sendNotifications": True, "sendUpdates": "none"}, []),
            ({}, []),
        ],
    )
    def test_invitation_update_and_cancellation(self, people, meeting, mails, more, told):
        """Facts 7: all / externalOnly / none; default none; sendNotifications is deprecated."""
        made = meeting()
        assert mails() == []
        target = {"calendarId": "primary", "eventId": made["id"]}
        body = {"attendees": made["attendees"][:0]}
        people.anna.patch(**target, body=body).execute()
        body = {"attendees": made["attendees"]}
        people.anna.patch(**target, body=body, **more).execute()
        assert mails() == [(email, "invitation") for email in told]
        people.anna.patch(**target, body={"summary": "New"}, **more).execute()
        assert mails() == [(email, "update") for email in told]
        people.anna.delete(**target, **more).execute()
        assert mails() == [(email, "cancellation") for email in told]

    def test_own_settings_are_no_news(self, people, meeting, mails):
        """Facts 9: what belongs to the organizer's copy concerns no guest."""
        made = meeting()
        patch(
            people.anna,
            made,
            {"colorId": "4", "reminders": {"useDefault": False}},
            sendUpdates="all",
        )
        assert mails() == []

    @pytest.mark.parametrize(
        ("send", "told"), [("all", [ANNA]), ("externalOnly", []), ("none", [])]
    )
    def test_reply_is_told_to_the_organizer(self, people, meeting, mails, send, told):
        """Facts 7: sendUpdates of the reply decides about its mail."""
        made = meeting()
        patch(people.ben, made, reply(BEN, "accepted"), sendUpdates=send)
        assert mails() == [(email, "reply") for email in told]

    def test_mail_of_a_reply_says_who_and_what(self, people, meeting, google):
        """Facts 9: the reply reaches the organizer."""
        made = meeting()
        patch(people.ben, made, reply(BEN, "accepted", comment="yes"), sendUpdates="all")
        assert google.control("GET", "mail") == [
            {
                "to": ANNA,
                "kind": "reply",
                "from": BEN,
                "responseStatus": "accepted",
                "comment": "yes",
                "calendar_id": ANNA,
                "event_id": made["id"],
                "summary": "Meeting",
                "sendUpdates": "all",
            }
        ]

    def test_deleting_the_copy_is_a_reply(self, people, meeting, mails):
        """Facts 9: a guest deleting the copy declines."""
        made = meeting()
        people.ben.delete(calendarId="primary", eventId=made["id"], sendUpdates="all").execute()
        assert mails() == [(ANNA, "reply")]

    def test_reply_to_a_secondary_calendar_goes_to_its_owner(self, people, google, timed, mails):
        """Facts 9: the calendar's address is no person."""
        body = timed(attendees=[{"email": BEN}])
        made = people.anna.insert(calendarId=google.anna.calendars[1], body=body).execute()
        said = {"attendees": [{"email": BEN, "responseStatus": "accepted"}]}
        patch(people.ben, made, said, sendUpdates="all")
        assert mails() == [(ANNA, "reply")]

    def test_change_by_a_guest_is_told_to_everybody_else(self, people, meeting, mails):
        """Facts 9: guestsCanModify."""
        made = meeting(guestsCanModify=True)
        patch(people.ben, made, {"summary": "Ours"}, sendUpdates="all")
        assert mails() == [(ADA, "update"), (CORA, "update"), (ANNA, "update")]
