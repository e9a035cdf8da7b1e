"""Special parts of an event (facts 10)."""

import pytest

from google_client import discovery_document

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
HOUR = {
    "start": {"dateTime": "2026-03-10T10:00:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-03-10T11:00:00", "timeZone": "Europe/Berlin"},
}
BIRTHDAY = {
    **DAY,
    "eventType": "birthday",
    "summary": "Ada's birthday",
    "visibility": "private",
    "transparency": "transparent",
    "recurrence": ["RRULE:FREQ=YEARLY"],
    "birthdayProperties": {"type": "birthday"},
}
FOCUS = {
    **HOUR,
    "eventType": "focusTime",
    "focusTimeProperties": {
        "autoDeclineMode": "declineNone",
        "chatStatus": "doNotDisturb",
        "declineMessage": "Later",
    },
}
AWAY = {
    **HOUR,
    "eventType": "outOfOffice",
    "outOfOfficeProperties": {"autoDeclineMode": "declineNone", "declineMessage": "Away"},
}
OFFICE = {
    **DAY,
    "eventType": "workingLocation",
    "visibility": "public",
    "transparency": "transparent",
    "workingLocationProperties": {
        "type": "officeLocation",
        "officeLocation": {"label": "Prague office"},
    },
}
SPECIAL = {"birthday": BIRTHDAY, "focusTime": FOCUS, "outOfOffice": AWAY, "workingLocation": OFFICE}
OFFER = {"fileUrl": "https://drive.example.org/f1", "title": "Offer", "mimeType": "text/plain"}
MEET = {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}


def insert(events, body, **parameters):
    """Insert an event on the primary calendar and return it."""
    return events.insert(calendarId="primary", body=body, **parameters).execute()


def patch(events, event_id, body, **parameters):
    """Patch an event on the primary calendar and return it."""
    return events.patch(calendarId="primary", eventId=event_id, body=body, **parameters).execute()


class TestExtendedProperties:
    """Names and values of programs."""

    @pytest.mark.fact("10", "PATCH keeps other properties, null deletes one", "D")
    @pytest.mark.parametrize("kind", ["private", "shared"])
    def test_patch_touches_what_it_names(self, events, kind):
        made = insert(events, {**DAY, "extendedProperties": {kind: {"a": "1", "b": "2"}}})
        body = {"extendedProperties": {kind: {"a": None, "c": "3"}}}
        assert patch(events, made["id"], body)["extendedProperties"] == {kind: {"b": "2", "c": "3"}}

    @pytest.mark.fact("10", "PUT drops what is missing", "D")
    def test_update_drops_what_is_missing(self, events):
        made = insert(events, {**DAY, "extendedProperties": {"private": {"a": "1", "b": "2"}}})
        body = {**DAY, "extendedProperties": {"private": {"b": "2"}}}
        changed = events.update(calendarId="primary", eventId=made["id"], body=body).execute()
        assert changed["extendedProperties"] == {"private": {"b": "2"}}

    @pytest.mark.parametrize(("length", "is_kept"), [(44, True), (45, False)])
    @pytest.mark.fact("10", "names up to 44 characters, longer silently dropped", "D")
    def test_length_of_names(self, events, length, is_kept):
        properties = {"private": {"n" * length: "x", "kept": "y"}}
        made = insert(events, {**DAY, "extendedProperties": properties})
        assert ("n" * length in made["extendedProperties"]["private"]) is is_kept
        assert made["extendedProperties"]["private"]["kept"] == "y"

    @pytest.mark.parametrize(("length", "kept"), [(1024, 1024), (1025, 1024), (3000, 1024)])
    @pytest.mark.fact("10", "values up to 1024 characters, longer silently cut", "D")
    def test_length_of_values(self, events, length, kept):
        made = insert(events, {**DAY, "extendedProperties": {"shared": {"a": "v" * length}}})
        assert made["extendedProperties"]["shared"]["a"] == "v" * kept

    @pytest.mark.parametrize(("count", "status"), [(150, 200), (151, 400)])
    @pytest.mark.fact("10", "up to 300 properties, counting both kinds", "D")
    def test_number_of_properties(self, google, count, status):
        properties = {
            "private": {f"p{number}": "x" for number in range(150)},
            "shared": {f"s{number}": "x" for number in range(count)},
        }
        body = {**DAY, "extendedProperties": properties}
        assert google.api("POST", "/calendars/primary/events", body=body)[0] == status

    @pytest.mark.parametrize(("count", "status"), [(15, 200), (17, 400)])
    @pytest.mark.fact("10", "up to 32 kB of properties, counting both kinds", "D")
    def test_size_of_properties(self, google, count, status):
        values = {f"n{number}": "v" * 1000 for number in range(count)}
        body = {**DAY, "extendedProperties": {"private": values, "shared": values}}
        assert google.api("POST", "/calendars/primary/events", body=body)[0] == status


class TestEventTypes:
    """birthday, focusTime, outOfOffice, workingLocation, fromGmail."""

    @pytest.mark.parametrize("kind", sorted(SPECIAL))
    @pytest.mark.fact("10", "special types may be created on the primary calendar", "D")
    def test_special_type_is_made_and_kept(self, events, kind):
        made = insert(events, SPECIAL[kind])
        assert made["eventType"] == kind
        found = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert found["eventType"] == kind

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("focusTime", "focusTimeProperties"),
            ("outOfOffice", "outOfOfficeProperties"),
            ("workingLocation", "workingLocationProperties"),
            ("birthday", "birthdayProperties"),
        ],
    )
    @pytest.mark.fact("2", "properties by type", "D")
    def test_properties_of_a_special_type_are_kept(self, events, kind, name):
        made = insert(events, SPECIAL[kind])
        assert made[name] == SPECIAL[kind][name]

    @pytest.mark.parametrize("kind", ["focusTime", "outOfOffice", "workingLocation"])
    @pytest.mark.fact("10", "focusTime, outOfOffice, workingLocation: primary calendar only", "D")
    def test_special_type_on_a_secondary_calendar_is_refused(self, events, google, refusal, kind):
        request = events.insert(calendarId=google.anna.calendars[1], body=SPECIAL[kind])
        code, reason = refusal(request)
        assert code in (400, 403)
        assert reason != "notImplemented"

    @pytest.mark.parametrize("kind", ["focusTime", "outOfOffice"])
    @pytest.mark.fact("10", "focusTime and outOfOffice are timed", "D")
    def test_all_day_form_is_refused(self, events, refusal, kind):
        body = {**SPECIAL[kind], **DAY}
        code, reason = refusal(events.insert(calendarId="primary", body=body))
        assert code in (400, 403)
        assert reason != "notImplemented"

    @pytest.mark.parametrize("times", [DAY, HOUR], ids=["all-day", "timed"])
    @pytest.mark.fact("10", "workingLocation is all-day or timed", "D")
    def test_working_location_may_be_both(self, events, times):
        assert insert(events, {**OFFICE, **times})["eventType"] == "workingLocation"

    @pytest.mark.parametrize(
        "change",
        [
            HOUR,
            {"end": {"date": "2026-03-13"}},
            {"recurrence": ["RRULE:FREQ=MONTHLY"]},
            {"visibility": "public"},
            {"transparency": "opaque"},
            {"attendees": [{"email": "ada@example.org"}]},
            {"location": "Prague"},
            {"description": "cake"},
        ],
        ids=["timed", "days", "rule", "visibility", "transparency", "guests", "place", "text"],
    )
    @pytest.mark.fact(
        "10",
        "birthday: all-day, one day, yearly, private, transparent; no guests, place, text",
        "D",
    )
    def test_birthday_has_constraints(self, events, refusal, change):
        request = events.insert(calendarId="primary", body={**BIRTHDAY, **change})
        code, reason = refusal(request)
        assert code in (400, 403)
        assert reason != "notImplemented"

    @pytest.mark.fact("10", "a birthday may not be imported as one", "D")
    def test_imported_birthday_is_none(self, events):
        body = {**DAY, "iCalUID": "u1@example.org", "eventType": "birthday"}
        made = events.import_(calendarId="primary", body=body).execute()
        assert made["eventType"] == "default"

    @pytest.mark.parametrize(
        "change", [{"visibility": "private"}, {"transparency": "opaque"}], ids=["private", "busy"]
    )
    @pytest.mark.fact("10", "workingLocation is public and transparent", "D")
    def test_working_location_has_constraints(self, events, refusal, change):
        request = events.insert(calendarId="primary", body={**OFFICE, **change})
        code, reason = refusal(request)
        assert code in (400, 403)
        assert reason != "notImplemented"

    @pytest.mark.fact("10", "malformedWorkingLocationEvent and the like", "K")
    def test_working_location_without_its_properties_is_refused(self, events, refusal):
        body = {name: value for name, value in OFFICE.items() if "Properties" not in name}
        request = events.insert(calendarId="primary", body=body)
        assert refusal(request) == (400, "malformedWorkingLocationEvent")

    @pytest.mark.fact("10", "fromGmail cannot be created by API", "D")
    def test_mail_event_cannot_be_made(self, events, refusal):
        body = {**HOUR, "eventType": "fromGmail"}
        code, reason = refusal(events.insert(calendarId="primary", body=body))
        assert (code, reason) in [(400, "eventTypeRestriction"), (403, "eventTypeRestriction")]

    @pytest.mark.parametrize("kind", ["focusTime", "outOfOffice", "birthday"])
    @pytest.mark.fact("10", "type never changes after creation: eventTypeRestriction", "O")
    def test_default_event_does_not_become_special(self, events, refusal, kind):
        made = insert(events, HOUR)
        request = events.patch(calendarId="primary", eventId=made["id"], body={"eventType": kind})
        code, reason = refusal(request)
        assert code in (400, 403)
        assert reason == "eventTypeRestriction"

    @pytest.mark.fact("10", "eventTypes=default on list leaves the rest out", "D")
    def test_types_choose_the_items(self, events):
        made = {kind: insert(events, body)["id"] for kind, body in SPECIAL.items()}
        made["default"] = insert(events, HOUR)["id"]

        def found(kinds):
            page = events.list(calendarId="primary", eventTypes=kinds).execute()
            return {each["id"] for each in page["items"]}

        for kind, event_id in made.items():
            assert found(kind) == {event_id}
        assert found(["default", "birthday"]) == {made["default"], made["birthday"]}
        everything = events.list(calendarId="primary").execute()["items"]
        assert {each["id"] for each in everything} == set(made.values())

    @pytest.mark.fact("10", "eventTypes must be part of every later incremental call", "D")
    def test_types_are_part_of_the_token(self, events, refusal):
        page = events.list(calendarId="primary", eventTypes="default").execute()
        token = page["nextSyncToken"]
        insert(events, FOCUS)
        made = insert(events, HOUR)
        page = events.list(calendarId="primary", eventTypes="default", syncToken=token).execute()
        assert [each["id"] for each in page["items"]] == [made["id"]]
        assert refusal(events.list(calendarId="primary", syncToken=token))[0] == 400

    @pytest.mark.fact("6.1", "q searches working-location labels", "D")
    def test_text_search_finds_the_office(self, events):
        made = insert(events, OFFICE)
        page = events.list(calendarId="primary", q="prague").execute()
        assert [each["id"] for each in page["items"]] == [made["id"]]


class TestMailEvents:
    """fromGmail."""

    @pytest.fixture
    def ticket(self, google):
        """A function that lets Google make an event of a mail and returns its id."""

        def make(**more):
            event = {**HOUR, "eventType": "fromGmail", "summary": "Flight", **more}
            body = {"email": "anna@example.com", "event": event}
            made = google.control("POST", "events", body)
            assert "error" not in made, made
            return made["id"]

        return make

    @pytest.mark.fact("10", "fromGmail: made from mails; private", "D")
    def test_mail_event_is_listed_as_private(self, events, ticket):
        made = ticket()
        (item,) = events.list(calendarId="primary").execute()["items"]
        assert (item["id"], item["eventType"], item["visibility"]) == (made, "fromGmail", "private")

    @pytest.mark.parametrize(
        "body",
        [
            {"reminders": {"useDefault": False}},
            {"colorId": "4"},
            {"visibility": "public"},
            {"extendedProperties": {"private": {"a": "1"}}},
        ],
        ids=lambda each: next(iter(each)),
    )
    @pytest.mark.fact("10", "fromGmail: reminders, colour, visibility, own properties", "K")
    def test_few_fields_of_a_mail_event_are_writable(self, events, ticket, body):
        changed = patch(events, ticket(), body)
        assert {name: changed.get(name) for name in body} == body

    @pytest.mark.parametrize(
        "body", [{"summary": "x"}, {"location": "x"}, {"recurrence": ["RRULE:FREQ=DAILY"]}]
    )
    @pytest.mark.fact("10", "fromGmail: few fields writable", "K")
    def test_other_fields_of_a_mail_event_are_not(self, events, ticket, refusal, body):
        request = events.patch(calendarId="primary", eventId=ticket(), body=body)
        code, reason = refusal(request)
        assert code in (400, 403)
        assert reason == "eventTypeRestriction"

    @pytest.mark.fact("10", "PATCH of end fails when endTimeUnspecified", "O")
    def test_end_of_an_open_mail_event_is_refused(self, events, ticket, refusal):
        body = {"end": {"dateTime": "2026-03-10T12:00:00+01:00"}}
        request = events.patch(
            calendarId="primary", eventId=ticket(endTimeUnspecified=True), body=body
        )
        assert refusal(request)[0] in (400, 403)


class TestDescription:
    """Texts."""

    @pytest.mark.fact("10", "plain text is not taken for HTML", "K")
    def test_angle_in_plain_text_survives_twice(self, events):
        made = insert(events, {**DAY, "description": "1 < 2 and 3 > 2 & so on"})
        again = patch(events, made["id"], {"description": made["description"]})
        assert again["description"] == made["description"]


class TestReminders:
    """Reminders are per user."""

    @pytest.mark.parametrize("minutes", [0, 1, 40320])
    @pytest.mark.fact("10", "minutes 0..40320 before start", "D")
    def test_minutes_within_the_range_are_kept(self, events, minutes):
        reminders = {"useDefault": False, "overrides": [{"method": "popup", "minutes": minutes}]}
        assert insert(events, {**DAY, "reminders": reminders})["reminders"] == reminders

    @pytest.mark.parametrize("minutes", [-1, 40321])
    @pytest.mark.fact("10", "minutes outside 0..40320 are refused", "D")
    def test_minutes_outside_the_range_are_refused(self, events, refusal, minutes):
        reminders = {"useDefault": False, "overrides": [{"method": "popup", "minutes": minutes}]}
        request = events.insert(calendarId="primary", body={**DAY, "reminders": reminders})
        assert refusal(request) == (400, "invalid")

    @pytest.mark.parametrize(("count", "status"), [(5, 200), (6, 400)])
    @pytest.mark.fact("10", "at most 5 overrides", "D")
    def test_number_of_overrides(self, google, count, status):
        overrides = [{"method": "popup", "minutes": number} for number in range(count)]
        body = {**DAY, "reminders": {"useDefault": False, "overrides": overrides}}
        assert google.api("POST", "/calendars/primary/events", body=body)[0] == status

    @pytest.mark.fact("10", "useDefault false with no overrides means none", "D")
    def test_no_reminders_at_all(self, events):
        made = insert(events, {**DAY, "reminders": {"useDefault": False}})
        assert made["reminders"]["useDefault"] is False
        assert not made["reminders"].get("overrides")

    @pytest.mark.parametrize("method", ["email", "popup"])
    @pytest.mark.fact("2", "reminder method email or popup", "D")
    def test_methods_of_reminders(self, events, method):
        reminders = {"useDefault": False, "overrides": [{"method": method, "minutes": 5}]}
        assert insert(events, {**DAY, "reminders": reminders})["reminders"] == reminders

    @pytest.mark.fact("10", "defaultReminders are set on the calendarList entry", "D")
    def test_default_reminders_of_a_calendar(self, service):
        body = {"defaultReminders": [{"method": "popup", "minutes": 15}]}
        entry = service.calendarList().patch(calendarId="primary", body=body).execute()
        assert entry["defaultReminders"] == body["defaultReminders"]


class TestColours:
    """Palettes and labels."""

    @pytest.mark.fact("10", "colors.get gives palettes for calendars and events", "D")
    def test_palettes(self, service):
        found = service.colors().get().execute()
        assert found["kind"] == "calendar#colors"
        assert set(found["event"]) == {str(number) for number in range(1, 12)}
        assert len(found["calendar"]) == 24
        for colour in [*found["event"].values(), *found["calendar"].values()]:
            assert colour["background"].startswith("#")
            assert colour["foreground"].startswith("#")

    @pytest.fixture
    def label(self, service):
        """The id of a label of the primary calendar."""
        body = {
            "labelProperties": {"eventLabels": [{"name": "Deals", "backgroundColor": "#7986cb"}]}
        }
        made = service.calendars().patch(calendarId="primary", body=body).execute()
        return made["labelProperties"]["eventLabels"][0]["id"]

    @pytest.mark.fact("10", "labels: names and colours per calendar", "D")
    def test_calendar_tells_its_labels(self, service, label):
        found = service.calendars().get(calendarId="primary").execute()
        (told,) = found["labelProperties"]["eventLabels"]
        assert (told["id"], told["name"]) == (label, "Deals")

    @pytest.mark.parametrize(("length", "status"), [(50, 200), (51, 400)])
    @pytest.mark.fact("10", "label name up to 50 characters", "D")
    def test_length_of_label_names(self, google, length, status):
        labels = [{"name": "n" * length, "backgroundColor": "#7986cb"}]
        body = {"labelProperties": {"eventLabels": labels}}
        assert google.api("PATCH", "/calendars/primary", body=body)[0] == status

    @pytest.mark.fact("2", "eventLabelId is looked at with eventLabelVersion=1", "D")
    def test_label_is_set_with_the_version(self, events, label):
        made = insert(events, {**DAY, "eventLabelId": label}, eventLabelVersion=1)
        assert made["eventLabelId"] == label

    @pytest.mark.fact("2", "eventLabelId is only looked at with eventLabelVersion=1", "D")
    def test_label_is_ignored_without_the_version(self, events, label):
        made = insert(events, {**DAY, "eventLabelId": label, "colorId": "4"})
        assert made.get("eventLabelId") != label
        assert made["colorId"] == "4"

    @pytest.mark.parametrize("gone", [{}, {"eventLabelId": ""}], ids=["absent", "empty"])
    @pytest.mark.fact("2", "with version 1 an absent or empty label removes it", "D")
    def test_label_is_removed_with_the_version(self, events, label, gone):
        made = insert(events, {**DAY, "eventLabelId": label}, eventLabelVersion=1)
        changed = events.update(
            calendarId="primary", eventId=made["id"], body={**DAY, **gone}, eventLabelVersion=1
        ).execute()
        assert "eventLabelId" not in changed

    @pytest.mark.fact("2", "with version 1 colorId is ignored", "D")
    @pytest.mark.usefixtures("label")
    def test_colour_is_ignored_with_the_version(self, events):
        made = insert(events, {**DAY, "colorId": "4"}, eventLabelVersion=1)
        assert "colorId" not in made

    @pytest.mark.fact("2", "a client without the version keeps the label", "D")
    def test_label_survives_a_client_that_does_not_know_it(self, events, label):
        made = insert(events, {**DAY, "eventLabelId": label}, eventLabelVersion=1)
        assert patch(events, made["id"], {"summary": "x"})["eventLabelId"] == label


class TestConferences:
    """conferenceData."""

    @pytest.mark.fact("10", "conferenceData is ignored unless conferenceDataVersion=1", "D")
    @pytest.mark.parametrize("version", [None, 0])
    def test_request_without_the_version_is_ignored(self, events, version):
        more = {} if version is None else {"conferenceDataVersion": version}
        made = insert(events, {**HOUR, "conferenceData": MEET}, **more)
        assert not {"conferenceData", "hangoutLink"} & set(made)

    @pytest.mark.fact("10", "createRequest: pending or success at once, later entry points", "D")
    def test_meeting_is_there_after_a_while(self, events, advance):
        made = insert(events, {**HOUR, "conferenceData": MEET}, conferenceDataVersion=1)
        status = made["conferenceData"]["createRequest"]["status"]["statusCode"]
        assert status in {"pending", "success"}
        advance(60)
        found = events.get(calendarId="primary", eventId=made["id"]).execute()
        data = found["conferenceData"]
        assert data["createRequest"]["status"]["statusCode"] == "success"
        assert data["conferenceSolution"]["key"]["type"] == "hangoutsMeet"
        assert "video" in [each["entryPointType"] for each in data["entryPoints"]]
        assert found["hangoutLink"].startswith("https://meet.google.com/")

    @pytest.mark.fact("10", "a repeated requestId is ignored", "D")
    def test_same_request_again_changes_nothing(self, events, advance):
        made = insert(events, {**HOUR, "conferenceData": MEET}, conferenceDataVersion=1)
        advance(60)
        before = events.get(calendarId="primary", eventId=made["id"]).execute()
        body = {"conferenceData": MEET}
        patch(events, made["id"], body, conferenceDataVersion=1)
        advance(60)
        after = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert after["conferenceData"]["conferenceId"] == before["conferenceData"]["conferenceId"]

    @pytest.fixture
    def meeting(self, events, advance):
        """The id of an event with a conference."""
        made = insert(events, {**HOUR, "conferenceData": MEET}, conferenceDataVersion=1)
        advance(60)
        return made["id"]

    @pytest.mark.fact("10", "to remove: conferenceData null with version 1", "D")
    def test_conference_is_removed_by_null(self, events, meeting):
        changed = patch(events, meeting, {"conferenceData": None}, conferenceDataVersion=1)
        assert not {"conferenceData", "hangoutLink"} & set(changed)

    @pytest.mark.fact("10", "without version 1 a write leaves the conference alone", "D")
    @pytest.mark.parametrize("how", ["patch", "update"])
    def test_conference_survives_clients_that_do_not_know_it(self, events, meeting, how):
        body = {"conferenceData": None} if how == "patch" else HOUR
        changed = getattr(events, how)(calendarId="primary", eventId=meeting, body=body).execute()
        assert "conferenceData" in changed

    @pytest.mark.fact("10", "with version 1 a PUT without it strips the conference", "D")
    def test_update_with_the_version_strips_it(self, events, meeting):
        changed = events.update(
            calendarId="primary", eventId=meeting, body=HOUR, conferenceDataVersion=1
        ).execute()
        assert "conferenceData" not in changed

    @pytest.mark.fact("10", "allowed types are in conferenceProperties of the calendar", "D")
    def test_calendar_tells_the_allowed_types(self, service):
        for found in (
            service.calendars().get(calendarId="primary").execute(),
            service.calendarList().get(calendarId="primary").execute(),
        ):
            allowed = found["conferenceProperties"]["allowedConferenceSolutionTypes"]
            assert "hangoutsMeet" in allowed

    @pytest.mark.parametrize(("length", "is_taken"), [(2048, True), (2049, False)])
    @pytest.mark.fact("10", "conference notes: 2048 characters", "D")
    def test_length_of_conference_notes(self, google, events, meeting, length, is_taken):
        data = events.get(calendarId="primary", eventId=meeting).execute()["conferenceData"]
        body = {"conferenceData": {**data, "notes": "n" * length}}
        path = f"/calendars/primary/events/{meeting}?conferenceDataVersion=1"
        assert google.api("PATCH", path, body=body)[0] == (200 if is_taken else 400)


class TestAttachments:
    """attachments."""

    @pytest.mark.fact("10", "without supportsAttachments=true attachments are ignored", "D")
    def test_ignored_without_the_flag(self, events):
        assert "attachments" not in insert(events, {**DAY, "attachments": [OFFER]})

    @pytest.mark.fact(
        "2", "attachments with supportsAttachments=true: fileUrl, title, mimeType", "D"
    )
    def test_kept_with_the_flag(self, events):
        made = insert(events, {**DAY, "attachments": [OFFER]}, supportsAttachments=True)
        (kept,) = made["attachments"]
        assert {name: kept[name] for name in OFFER} == OFFER

    @pytest.mark.fact("2", "attachments: fileUrl is required", "D")
    def test_address_is_required(self, events, refusal):
        body = {**DAY, "attachments": [{"title": "Offer"}]}
        request = events.insert(calendarId="primary", body=body, supportsAttachments=True)
        assert refusal(request)[0] == 400

    @pytest.mark.parametrize(("count", "status"), [(25, 200), (26, 400)])
    @pytest.mark.fact("2", "attachments: at most 25", "D")
    def test_number_of_attachments(self, google, count, status):
        files = [{"fileUrl": f"https://drive.example.org/{number}"} for number in range(count)]
        path = "/calendars/primary/events?supportsAttachments=true"
        assert google.api("POST", path, body={**DAY, "attachments": files})[0] == status

    @pytest.mark.fact("10", "existing attachments are kept by patch without the flag", "D")
    def test_patch_without_the_flag_keeps_them(self, events):
        made = insert(events, {**DAY, "attachments": [OFFER]}, supportsAttachments=True)
        changed = patch(events, made["id"], {"attachments": [], "summary": "x"})
        assert changed["attachments"] == made["attachments"]

    @pytest.mark.fact("10", "with the flag attachments are replaced whole", "D")
    def test_patch_with_the_flag_replaces_them(self, events):
        made = insert(events, {**DAY, "attachments": [OFFER]}, supportsAttachments=True)
        changed = patch(events, made["id"], {"attachments": []}, supportsAttachments=True)
        assert not changed.get("attachments")


@pytest.mark.fact("10", "eventType is one of the documented values", "D")
def test_unknown_type_is_refused(events, refusal):
    told = discovery_document()["schemas"]["Event"]["properties"]["eventType"]["description"]
    assert "party" not in told
    request = events.insert(calendarId="primary", body={**DAY, "eventType": "party"})
    assert refusal(request) == (400, "invalid")
