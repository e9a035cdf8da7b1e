"""Types of events, and what may not be done to each (google-calendar-facts section 10)."""

import pytest

RESTRICTED = (400, "eventTypeRestriction")
BIRTHDAY = {
    "eventType": "birthday",
    "summary": "Ada",
    "start": {"date": "2026-03-10"},
    "end": {"date": "2026-03-11"},
    "visibility": "private",
    "transparency": "transparent",
    "recurrence": ["RRULE:FREQ=YEARLY"],
}
HOME = {
    "eventType": "workingLocation",
    "start": {"date": "2026-03-10"},
    "end": {"date": "2026-03-11"},
    "visibility": "public",
    "transparency": "transparent",
    "workingLocationProperties": {"type": "homeOffice", "homeOffice": {}},
}
OFFICE = {
    **HOME,
    "workingLocationProperties": {
        "type": "officeLocation",
        "officeLocation": {"buildingId": "b7", "label": "Harbour", "deskId": "D12"},
    },
}


@pytest.fixture
def insert(events):
    """A function that inserts on Anna's primary calendar."""
    return lambda body: events.insert(calendarId="primary", body=body).execute()


@pytest.fixture
def refused(events, refusal):
    """A function that tries to insert and returns the refusal."""
    return lambda body: refusal(events.insert(calendarId="primary", body=body))


@pytest.fixture
def place(google):
    """A function that places an event on Anna's primary calendar through the control surface."""

    def run(event):
        return google.control("POST", "events", {"email": google.anna.email, "event": event})

    return run


@pytest.fixture
def ticket(place, timed):
    """An event made from a mail, its end not known."""
    return place(timed("Flight", eventType="fromGmail", endTimeUnspecified=True, location="Gate 7"))


@pytest.fixture
def contact(place):
    """The birthday of a contact."""
    return place(
        {
            **BIRTHDAY,
            "birthdayProperties": {"type": "birthday", "contact": "people/c12345"},
            "gadget": {"type": "birthday", "title": "Ada", "display": "icon"},
        }
    )


class TestBirthdays:
    """Birthday events."""

    def test_plain_birthday_can_be_made(self, insert):
        """Facts 10: insert yes (type birthday only)."""
        made = insert(BIRTHDAY)
        assert made["eventType"] == "birthday"
        assert made["birthdayProperties"] == {"type": "birthday"}

    def test_leap_day_has_a_rule_of_its_own(self, insert):
        """Facts 10, event-types guide: 29 February is the last day of February."""
        rule = ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"]
        days = {"start": {"date": "2024-02-29"}, "end": {"date": "2024-03-01"}}
        assert insert({**BIRTHDAY, **days, "recurrence": rule})["recurrence"] == rule

    @pytest.mark.parametrize(
        "change",
        [
            {"end": {"date": "2026-03-12"}},
            {"visibility": "default"},
            {"transparency": "opaque"},
            {"recurrence": ["RRULE:FREQ=MONTHLY"]},
            {"recurrence": []},
            {"description": "x"},
            {"location": "x"},
            {"attendees": [{"email": "ben@example.com"}]},
            {"extendedProperties": {"private": {"a": "1"}}},
            {"birthdayProperties": {"type": "anniversary"}},
            {"birthdayProperties": {"type": "birthday", "contact": "people/c1"}},
        ],
    )
    def test_anything_else_about_it_is_refused(self, refused, change):
        """Facts 10: all-day, one day, yearly, private, transparent; no guests, place and so on."""
        assert refused({**BIRTHDAY, **change}) == RESTRICTED

    def test_summary_colour_reminders_and_day_can_change(self, events, insert):
        """Facts 10: update limited."""
        made = insert(BIRTHDAY)
        patch = {
            "summary": "Grace",
            "colorId": "3",
            "start": {"date": "2026-04-01"},
            "end": {"date": "2026-04-02"},
        }
        changed = events.patch(calendarId="primary", eventId=made["id"], body=patch).execute()
        assert {name: changed[name] for name in patch} == patch

    def test_day_of_a_contacts_birthday_stays(self, events, refusal, contact):
        """Facts 10: linked to contacts when made there; the day belongs to the contact."""
        patch = {"start": {"date": "2026-04-01"}, "end": {"date": "2026-04-02"}}
        request = events.patch(calendarId="primary", eventId=contact["id"], body=patch)
        assert refusal(request) == RESTRICTED
        rename = events.patch(
            calendarId="primary", eventId=contact["id"], body={"summary": "Countess"}
        )
        assert rename.execute()["birthdayProperties"]["contact"] == "people/c12345"

    def test_put_of_what_was_read_is_fine(self, events, contact):
        """Facts 7: get, change, put."""
        body = {**contact, "summary": "Countess"}
        request = events.update(calendarId="primary", eventId=contact["id"], body=body)
        assert request.execute()["summary"] == "Countess"

    def test_gadget_is_left_alone(self, events, contact):
        """Facts 2: gadget is only seen for birthdays; what a client sends of it is ignored."""
        patch = {"summary": "Countess", "gadget": {"title": "Mine"}}
        request = events.patch(calendarId="primary", eventId=contact["id"], body=patch)
        assert request.execute()["gadget"] == contact["gadget"]

    def test_deleting_a_contacts_birthday_is_refused_or_not_by_switch(
        self, google, events, refusal, contact
    ):
        """Facts 10 [O/D]: seen refused, while the guide says that delete works."""
        assert refusal(events.delete(calendarId="primary", eventId=contact["id"])) == RESTRICTED
        google.control("POST", "switches", {"linked_birthday_deletion": "allowed"})
        events.delete(calendarId="primary", eventId=contact["id"]).execute()

    def test_plain_birthday_can_be_deleted(self, events, insert):
        """Facts 10, event-types guide: birthdays can be deleted."""
        events.delete(calendarId="primary", eventId=insert(BIRTHDAY)["id"]).execute()

    def test_one_year_can_be_renamed(self, events, insert):
        """Facts 8: an instance has no rule of its own, a birthday's neither."""
        made = insert(BIRTHDAY)
        request = events.patch(
            calendarId="primary", eventId=f"{made['id']}_20270310", body={"summary": "Forty"}
        )
        assert request.execute()["eventType"] == "birthday"


class TestStatusEvents:
    """Focus time, out of office and working location."""

    @pytest.mark.parametrize("kind", ["focusTime", "outOfOffice"])
    def test_timed_ones_can_be_made(self, insert, timed, kind):
        """Facts 10: yes, primary calendar, timed."""
        properties = {
            "autoDeclineMode": "declineOnlyNewConflictingInvitations",
            "declineMessage": "Later",
        }
        made = insert(timed(eventType=kind, **{f"{kind}Properties": properties}))
        assert made["eventType"] == kind
        assert made[f"{kind}Properties"] == properties

    @pytest.mark.parametrize(
        ("kind", "change"),
        [
            ("focusTime", {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}),
            ("focusTime", {"transparency": "transparent"}),
            ("focusTime", {"attendees": [{"email": "ben@example.com"}]}),
            ("focusTime", {"focusTimeProperties": {"chatStatus": "asleep"}}),
            ("outOfOffice", {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}),
            ("outOfOffice", {"description": "x"}),
            ("outOfOffice", {"attendees": [{"email": "ben@example.com"}]}),
            ("outOfOffice", {"outOfOfficeProperties": {"autoDeclineMode": "x"}}),
        ],
    )
    def test_malformed_ones_are_refused(self, refused, timed, kind, change):
        """Facts 10: timed; a reason per type, such as malformedWorkingLocationEvent."""
        reason = f"malformed{kind[0].upper()}{kind[1:]}Event"
        assert refused({**timed(eventType=kind), **change}) == (400, reason)

    @pytest.mark.parametrize(
        "change",
        [
            {"visibility": "default"},
            {"transparency": "opaque"},
            {"end": {"date": "2026-03-12"}},
            {"workingLocationProperties": {"type": "moon"}},
            {"workingLocationProperties": None},
            {"attendees": [{"email": "ben@example.com"}]},
        ],
    )
    def test_malformed_working_location_is_refused(self, refused, change):
        """Facts 10: public, transparent; malformedWorkingLocationEvent."""
        assert refused({**HOME, **change}) == (400, "malformedWorkingLocationEvent")

    def test_working_location_may_be_timed(self, insert, timed):
        """Facts 10: all-day or timed."""
        times = {name: timed()[name] for name in ("start", "end")}
        assert insert({**HOME, **times})["eventType"] == "workingLocation"

    def test_only_the_named_place_is_kept(self, insert):
        """Facts 2: any details are in the field of the named type, others are ignored."""
        places = {**OFFICE["workingLocationProperties"], "customLocation": {"label": "Beach"}}
        made = insert({**OFFICE, "workingLocationProperties": places})
        assert made["workingLocationProperties"] == OFFICE["workingLocationProperties"]

    def test_search_finds_office_and_desk(self, events, insert):
        """Facts 6: q searches working-location labels; building and desk by the reference."""
        made = insert(OFFICE)
        for text in ("harbour", "d12", "b7", "office"):
            page = events.list(calendarId="primary", q=text).execute()
            assert [item["id"] for item in page["items"]] == [made["id"]], text

    def test_secondary_calendars_have_none(self, google, events, refusal):
        """Facts 10: primary calendar only."""
        second = google.anna.calendars[1]
        assert refusal(events.insert(calendarId=second, body=HOME)) == RESTRICTED

    def test_accounts_without_the_feature_have_none(self, google, refused):
        """Facts 10: eligible Workspace users only."""
        google.control("POST", "switches", {"status_events": "missing"})
        assert refused(HOME) == RESTRICTED


class TestFromGmail:
    """Events made from mails."""

    def test_cannot_be_made_by_the_api(self, refused, timed):
        """Facts 10: fromGmail: no."""
        assert refused(timed(eventType="fromGmail")) == RESTRICTED

    def test_placed_one_is_private_and_has_an_end_all_the_same(self, events, ticket):
        """Facts 2, 10: an end is present although endTimeUnspecified; private."""
        found = events.get(calendarId="primary", eventId=ticket["id"]).execute()
        assert found["endTimeUnspecified"] is True
        assert (found["visibility"], found["end"]) == ("private", ticket["end"])

    def test_few_fields_are_writable(self, events, ticket):
        """Facts 10: reminders, colour, visibility, own properties."""
        patch = {
            "colorId": "4",
            "visibility": "public",
            "reminders": {"useDefault": False},
            "extendedProperties": {"private": {"a": "1"}},
        }
        changed = events.patch(calendarId="primary", eventId=ticket["id"], body=patch).execute()
        assert {name: changed[name] for name in patch} == patch

    @pytest.mark.parametrize(
        "patch",
        [
            {"summary": "x"},
            {"location": "x"},
            {"end": {"dateTime": "2026-03-10T12:00:00+01:00"}},
            {"endTimeUnspecified": False},
        ],
    )
    def test_others_are_not(self, events, refusal, ticket, patch):
        """Facts 10: PATCH of end fails when endTimeUnspecified."""
        request = events.patch(calendarId="primary", eventId=ticket["id"], body=patch)
        assert refusal(request) == RESTRICTED

    def test_refusals_are_403_by_switch(self, google, events, refusal, ticket):
        """Facts 10: 400 or 403 with reason eventTypeRestriction."""
        google.control("POST", "switches", {"event_type_refusal": 403})
        request = events.patch(calendarId="primary", eventId=ticket["id"], body={"summary": "x"})
        assert refusal(request) == (403, "eventTypeRestriction")

    def test_can_be_deleted(self, events, ticket):
        """Facts 10, event-types guide: delete works."""
        events.delete(calendarId="primary", eventId=ticket["id"]).execute()


class TestAllTypes:
    """What holds for every type."""

    @pytest.mark.parametrize("kind", ["default", "focusTime"])
    def test_type_never_changes(self, events, refusal, timed, insert, kind):
        """Facts 10: type never changes after creation."""
        made = insert(timed(eventType="outOfOffice"))
        body = timed(eventType=kind)
        request = events.update(calendarId="primary", eventId=made["id"], body=body)
        assert refusal(request) == RESTRICTED

    def test_put_that_does_not_name_the_type_means_default(self, events, refusal, timed, insert):
        """Facts 7: PUT resets what is missing, and so would change the type."""
        made = insert(timed(eventType="outOfOffice"))
        request = events.update(calendarId="primary", eventId=made["id"], body=timed())
        assert refusal(request) == RESTRICTED

    def test_unknown_type_is_refused(self, refused, timed):
        """Facts 12: 400 invalid."""
        assert refused(timed(eventType="party")) == (400, "invalid")

    def test_import_turns_it_into_default(self, events, timed):
        """Facts 7: others are turned into default and lose their parts."""
        body = timed(
            eventType="outOfOffice",
            iCalUID="u1@example.org",
            outOfOfficeProperties={"declineMessage": "x"},
        )
        made = events.import_(calendarId="primary", body=body).execute()
        assert made["eventType"] == "default"
        assert "outOfOfficeProperties" not in made

    def test_filter_leaves_other_types_out(self, events, insert, ticket, timed):
        """Facts 10: eventTypes=default leaves the rest out, in every later call, too."""
        plain = insert(timed())
        page = events.list(calendarId="primary", eventTypes=["default"]).execute()
        assert [item["id"] for item in page["items"]] == [plain["id"]]
        insert(HOME)
        again = events.list(
            calendarId="primary", eventTypes=["default"], syncToken=page["nextSyncToken"]
        ).execute()
        assert again["items"] == []
        both = events.list(calendarId="primary", eventTypes=["fromGmail", "workingLocation"])
        assert len(both.execute()["items"]) == 2

    def test_unknown_type_in_the_filter_is_refused(self, google):
        """Facts 12: 400 invalidParameter."""
        status, answer = google.api("GET", "/calendars/primary/events?eventTypes=party")
        assert (status, answer["error"]["errors"][0]["reason"]) == (400, "invalidParameter")


class TestPlacing:
    """The control surface's `events` call."""

    def test_exception_without_its_series(self, events, refusal, place, timed):
        """Facts 8: items with recurringEventId but no visible master."""
        original = {"dateTime": "2026-03-17T10:00:00+01:00", "timeZone": "Europe/Berlin"}
        placed = place(
            timed(day="2026-03-18", recurringEventId="far0away", originalStartTime=original)
        )
        assert placed["id"] == "far0away_20260317T090000Z"
        items = events.list(calendarId="primary").execute()["items"]
        assert [item["recurringEventId"] for item in items] == ["far0away"]
        request = events.get(calendarId="primary", eventId="far0away")
        assert refusal(request) == (404, "notFound")

    def test_hidden_invitation_is_listed_only_when_asked_for(self, events, place, timed):
        """Facts 6: showHiddenInvitations defaults to false."""
        placed = place(timed(hiddenInvitation=True))
        assert events.list(calendarId="primary").execute()["items"] == []
        page = events.list(calendarId="primary", showHiddenInvitations=True).execute()
        assert [item["id"] for item in page["items"]] == [placed["id"]]

    def test_nonsense_is_refused(self, google, place):
        """The control surface says what is wrong."""
        assert "error" in place({"start": {"date": "x"}})
        assert "error" in google.control("POST", "events", {"event": {}})
        assert "error" in google.control("POST", "events", {"email": google.anna.email})
        assert "error" in google.control("POST", "conference_types", {"types": "hangoutsMeet"})
