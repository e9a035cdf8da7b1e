"""Conditions, sequences, normalisation, import and move (facts 7)."""

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.fixture
def made(events, timed):
    """A timed event."""
    return events.insert(calendarId="primary", body=timed()).execute()


class TestConditions:
    """If-Match and If-None-Match."""

    @pytest.mark.parametrize("operation", ["patch", "update", "delete"])
    @pytest.mark.fact("7", "If-Match on update, patch, delete", "D")
    def test_present_etag_lets_each_write_through(self, events, timed, made, operation):
        body = {} if operation == "delete" else {"body": timed("New")}
        request = getattr(events, operation)(calendarId="primary", eventId=made["id"], **body)
        request.headers["If-Match"] = made["etag"]
        request.execute()
        found = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert found["etag"] != made["etag"]

    @pytest.mark.fact("12", "412 conditionNotMet, header If-Match, Precondition Failed", "D")
    def test_stale_etag_is_told_in_full(self, events, error, made):
        request = events.patch(calendarId="primary", eventId=made["id"], body={"summary": "x"})
        request.headers["If-Match"] = '"1"'
        told = error(request)
        assert (told["code"], told["domain"]) == (412, "global")
        assert (told["reason"], told["message"]) == ("conditionNotMet", "Precondition Failed")
        assert (told["locationType"], told["location"]) == ("header", "If-Match")


class TestPatch:
    """What patch does and does not."""

    @pytest.mark.fact("7", 'all-day to timed without null: 400 "Invalid start time."', "O")
    def test_patch_does_not_repair_exclusive_pairs(self, events, error):
        made = events.insert(calendarId="primary", body=DAY).execute()
        times = {"dateTime": "2026-03-10T10:00:00Z"}
        body = {"start": times, "end": times}
        told = error(events.patch(calendarId="primary", eventId=made["id"], body=body))
        assert (told["code"], told["message"]) == (400, "Invalid start time.")

    @pytest.mark.fact("7", "patch merges maps at every depth", "D")
    def test_time_alone_keeps_the_zone(self, events, made):
        body = {
            "start": {"dateTime": "2026-03-11T10:00:00"},
            "end": {"dateTime": "2026-03-11T10:30:00"},
        }
        changed = events.patch(calendarId="primary", eventId=made["id"], body=body).execute()
        assert changed["start"] == {
            "dateTime": "2026-03-11T10:00:00+01:00",
            "timeZone": "Europe/Berlin",
        }

    @pytest.mark.parametrize("name", ["summary", "location", "description", "colorId"])
    @pytest.mark.fact("7", "null removes", "D")
    def test_null_removes_a_field(self, events, timed, name):
        body = timed(**{name: "1"})
        made = events.insert(calendarId="primary", body=body).execute()
        body = {name: None}
        changed = events.patch(calendarId="primary", eventId=made["id"], body=body).execute()
        assert name not in changed


class TestSequence:
    """The sequence number."""

    @pytest.mark.parametrize(
        ("change", "raised"),
        [
            ({"summary": "x"}, 0),
            ({"description": "x"}, 0),
            ({"colorId": "4"}, 0),
            ({"reminders": {"useDefault": False}}, 0),
            ({"start": {"dateTime": "2026-03-10T09:00:00+01:00"}}, 1),
            ({"end": {"dateTime": "2026-03-10T12:00:00+01:00"}}, 1),
            ({"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}, 1),
        ],
        ids=lambda each: next(iter(each)) if isinstance(each, dict) else str(each),
    )
    @pytest.mark.fact("7", "the server raises sequence when time or recurrence change", "D")
    def test_which_changes_raise_it(self, events, made, change, raised):
        changed = events.patch(calendarId="primary", eventId=made["id"], body=change).execute()
        assert changed["sequence"] == raised

    @pytest.mark.fact("7", 'a lower sequence: 400 "Invalid sequence value. ..."', "O")
    def test_lower_sequence_is_refused_with_googles_words(self, events, error, timed):
        made = events.insert(calendarId="primary", body=timed(sequence=5)).execute()
        request = events.update(calendarId="primary", eventId=made["id"], body=timed(sequence=4))
        told = error(request)
        assert told["code"] == 400
        assert told["message"].startswith("Invalid sequence value.")

    @pytest.mark.fact(
        "7", "exceptions have their own sequence, often higher than the master's", "O"
    )
    def test_exception_counts_for_itself(self, events, timed):
        body = timed(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        series = events.insert(calendarId="primary", body=body).execute()
        instance = f"{series['id']}_20260317T090000Z"
        for hour in (11, 12):
            moved = timed(day="2026-03-17", hour=hour)
            body = {"start": moved["start"], "end": moved["end"]}
            changed = events.patch(calendarId="primary", eventId=instance, body=body).execute()
        master = events.get(calendarId="primary", eventId=series["id"]).execute()
        assert changed["sequence"] > master["sequence"] == 0


class TestNormalisation:
    """What Google rewrites."""

    @pytest.mark.fact("7", "what came back, sent again, changes nothing", "I")
    def test_answer_is_a_fixed_point(self, events, timed):
        body = timed(
            description="<p>Hi<script>x</script></p>",
            recurrence=["RRULE:COUNT=3;FREQ=DAILY;INTERVAL=2"],
            attendees=[{"email": "Ada@Example.ORG"}],
            reminders={
                "useDefault": False,
                "overrides": [
                    {"method": "popup", "minutes": 60},
                    {"method": "email", "minutes": 10},
                ],
            },
        )
        made = events.insert(calendarId="primary", body=body).execute()
        again = events.update(calendarId="primary", eventId=made["id"], body=made).execute()
        for changing in ("etag", "updated"):
            made.pop(changing)
            again.pop(changing)
        assert again == made

    @pytest.mark.fact("7", "the answer of a write is the full stored event", "D")
    def test_answer_equals_what_get_says(self, events, made):
        assert events.get(calendarId="primary", eventId=made["id"]).execute() == made
        body = {"summary": "x"}
        changed = events.patch(calendarId="primary", eventId=made["id"], body=body).execute()
        assert events.get(calendarId="primary", eventId=made["id"]).execute() == changed

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("<b>Hi</b> <i>you</i><br>x", "<b>Hi</b> <i>you</i><br>x"),
            ("<ul><li>a</li></ul>", "<ul><li>a</li></ul>"),
            ("a\nb", "a\nb"),
        ],
    )
    @pytest.mark.fact("10", "description: an HTML subset and line feeds are kept", "D")
    def test_allowed_markup_stays(self, events, given, kept):
        made = events.insert(calendarId="primary", body={**DAY, "description": given}).execute()
        assert made["description"] == kept

    @pytest.mark.parametrize("part", ["<script>", "onclick", "<iframe", "javascript:"])
    @pytest.mark.fact("10", "description is sanitised on write", "D")
    def test_dangerous_markup_goes(self, events, part):
        text = (
            '<b onclick="x()">Hi</b><script>x()</script><iframe src="https://x.example"></iframe>'
            '<a href="javascript:x()">y</a>'
        )
        made = events.insert(calendarId="primary", body={**DAY, "description": text}).execute()
        assert "Hi" in made["description"]
        assert part not in made["description"]


class TestDelete:
    """events.delete."""

    @pytest.mark.fact("7", "204, empty", "D")
    def test_answer_is_empty(self, google, made):
        path = f"/calendars/primary/events/{made['id']}"
        assert google.api("DELETE", path) == (204, None)

    @pytest.mark.fact("7", "never existed or no access: 404", "D")
    def test_event_of_others_is_not_found(self, ben, made, refusal):
        request = ben.events().delete(calendarId="anna@example.com", eventId=made["id"])
        assert refusal(request) == (404, "notFound")


class TestImport:
    """events.import."""

    @pytest.mark.parametrize("missing", ["iCalUID", "start", "end"])
    @pytest.mark.fact("7", "import needs iCalUID, start, end", "D")
    def test_each_of_three_is_required(self, events, refusal, missing):
        body = {"iCalUID": "u1@example.org", **DAY}
        body.pop(missing)
        assert refusal(events.import_(calendarId="primary", body=body)) == (400, "required")

    @pytest.mark.fact("7", "import never notifies", "D")
    def test_nobody_gets_a_mail(self, events, google):
        guests = [{"email": "anna@example.com"}, {"email": "ada@example.org"}]
        body = {"iCalUID": "u1@example.org", "attendees": guests, **DAY}
        events.import_(calendarId="primary", body=body).execute()
        assert google.control("GET", "mail") == []

    @pytest.mark.fact("2", "an imported private copy does not propagate to others", "O")
    def test_guests_get_no_copy(self, events, ben):
        guests = [{"email": "anna@example.com"}, {"email": "ben@example.com"}]
        body = {"iCalUID": "u1@example.org", "attendees": guests, **DAY}
        made = events.import_(calendarId="primary", body=body).execute()
        assert made["privateCopy"] is True
        assert ben.events().list(calendarId="primary").execute()["items"] == []

    @pytest.mark.fact("7", "import turns other event types into default; their parts are lost", "D")
    def test_special_type_becomes_default(self, events):
        body = {
            "iCalUID": "u1@example.org",
            "eventType": "focusTime",
            "focusTimeProperties": {"chatStatus": "doNotDisturb"},
            "start": {"dateTime": "2026-03-10T10:00:00Z"},
            "end": {"dateTime": "2026-03-10T11:00:00Z"},
        }
        made = events.import_(calendarId="primary", body=body).execute()
        assert made["eventType"] == "default"
        assert "focusTimeProperties" not in made

    @pytest.mark.fact("12", "400 participantIsNeitherOrganizerNorAttendee", "O")
    def test_stranger_to_the_event_is_told_in_full(self, events, error):
        body = {"iCalUID": "u1@example.org", "organizer": {"email": "x@example.org"}, **DAY}
        told = error(events.import_(calendarId="primary", body=body))
        assert (told["code"], told["domain"]) == (400, "calendar")
        assert told["reason"] == "participantIsNeitherOrganizerNorAttendee"
        assert told["message"].startswith(
            "The owner of the calendar must either be the organizer or an attendee"
        )

    @pytest.mark.parametrize(("sequence", "status"), [(2, 200), (3, 200), (1, 400)])
    @pytest.mark.fact("7", "importing an existing UID updates if sequence is not lower", "K")
    def test_newer_copy_wins(self, google, sequence, status):
        body = {"iCalUID": "u1@example.org", "sequence": 2, "summary": "a", **DAY}
        path = "/calendars/primary/events/import"
        _, first = google.api("POST", path, body=body)
        found, second = google.api(
            "POST", path, body={**body, "sequence": sequence, "summary": "b"}
        )
        assert found == status
        if status == 200:
            assert (second["id"], second["summary"]) == (first["id"], "b")

    @pytest.mark.fact("7", "a UID the account already knows in another role is refused", "O")
    def test_uid_of_an_own_event_is_refused(self, events, refusal):
        made = events.insert(calendarId="primary", body=DAY).execute()
        guests = [{"email": "anna@example.com"}]
        body = {
            "iCalUID": made["iCalUID"],
            "organizer": {"email": "boss@example.org"},
            "attendees": guests,
            **DAY,
        }
        assert refusal(events.import_(calendarId="primary", body=body))[0] == 403

    @pytest.mark.fact("8", "import with the series' UID and originalStartTime is an exception", "K")
    def test_exception_can_be_imported(self, events, timed):
        body = timed(iCalUID="series@example.org", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        series = events.import_(calendarId="primary", body=body).execute()
        moved = timed("Moved", day="2026-03-18", iCalUID="series@example.org")
        moved["originalStartTime"] = timed(day="2026-03-17")["start"]
        made = events.import_(calendarId="primary", body=moved).execute()
        assert made["id"] == f"{series['id']}_20260317T090000Z"
        assert made["recurringEventId"] == series["id"]
        found = events.instances(calendarId="primary", eventId=series["id"]).execute()["items"]
        assert [each["start"]["dateTime"][:10] for each in found] == [
            "2026-03-10",
            "2026-03-18",
            "2026-03-24",
        ]
        master = events.get(calendarId="primary", eventId=series["id"]).execute()
        assert master["summary"] == "Call Ada"


class TestMove:
    """events.move."""

    @pytest.fixture
    def moved(self, events, google, made):
        """A function that moves the event to the second calendar."""

        def run(**parameters):
            return events.move(
                calendarId="primary",
                eventId=made["id"],
                destination=google.anna.calendars[1],
                **parameters,
            )

        return run

    @pytest.mark.fact("7", "move changes the organizer to another calendar", "D")
    def test_event_has_a_new_organizer(self, google, made, moved):
        found = moved().execute()
        assert found["organizer"]["email"] == google.anna.calendars[1]
        assert (found["id"], found["iCalUID"]) == (made["id"], made["iCalUID"])

    @pytest.mark.fact("5", "move leaves a tombstone with only an id on the old calendar", "D")
    def test_old_calendar_keeps_a_bare_tombstone(self, events, google, made, moved):
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        moved().execute()
        assert events.list(calendarId="primary").execute()["items"] == []
        (item,) = events.list(calendarId="primary", syncToken=token).execute()["items"]
        assert set(item) <= {"kind", "etag", "id", "status"}
        assert (item["id"], item["status"]) == (made["id"], "cancelled")
        listed = events.list(calendarId=google.anna.calendars[1]).execute()["items"]
        assert [each["id"] for each in listed] == [made["id"]]

    @pytest.mark.fact("7", "move: only eventType default", "D")
    def test_birthday_does_not_move(self, events, google, refusal):
        body = {
            **DAY,
            "eventType": "birthday",
            "visibility": "private",
            "transparency": "transparent",
            "recurrence": ["RRULE:FREQ=YEARLY"],
        }
        birthday = events.insert(calendarId="primary", body=body).execute()
        request = events.move(
            calendarId="primary",
            eventId=birthday["id"],
            destination=google.anna.calendars[1],
        )
        assert refusal(request)[0] in (400, 403)

    @pytest.mark.fact("7", "move: unknown destination or event is 404", "D")
    def test_unknown_places_are_not_found(self, events, google, made, refusal):
        for event, destination in (
            (made["id"], "nobody@group.calendar.google.com"),
            ("unknown", google.anna.calendars[1]),
        ):
            request = events.move(calendarId="primary", eventId=event, destination=destination)
            assert refusal(request) == (404, "notFound")


class TestQuickAdd:
    """events.quickAdd."""

    @pytest.mark.fact("7", "quickAdd: text to event", "D")
    def test_text_becomes_an_event(self, events):
        made = events.quickAdd(calendarId="primary", text="Call Ada").execute()
        assert made["summary"] == "Call Ada"
        assert {"start", "end"} <= set(made)
        listed = events.list(calendarId="primary").execute()["items"]
        assert [each["id"] for each in listed] == [made["id"]]


class TestMails:
    """sendUpdates."""

    @pytest.mark.parametrize("operation", ["insert", "patch", "update", "delete", "move"])
    @pytest.mark.fact("7", "sendUpdates default: none sent", "D")
    def test_nobody_is_told_unless_asked(self, events, google, timed, operation):
        body = timed(attendees=[{"email": "ada@example.org"}])
        made = events.insert(calendarId="primary", body=body).execute()
        where = {"calendarId": "primary", "eventId": made["id"]}
        if operation == "patch":
            events.patch(**where, body={"location": "x"}).execute()
        elif operation == "update":
            events.update(**where, body={**body, "location": "x"}).execute()
        elif operation == "delete":
            events.delete(**where).execute()
        elif operation == "move":
            events.move(**where, destination=google.anna.calendars[1]).execute()
        assert google.control("GET", "mail") == []

    @pytest.mark.parametrize("operation", ["patch", "update", "delete"])
    @pytest.mark.fact("7", "sendUpdates all tells every guest of changes", "D")
    def test_guests_are_told_when_asked(self, events, google, timed, operation):
        body = timed(attendees=[{"email": "ada@example.org"}])
        made = events.insert(calendarId="primary", body=body).execute()
        where = {"calendarId": "primary", "eventId": made["id"], "sendUpdates": "all"}
        more = (
            {} if operation == "delete" else {"body": timed(hour=12, attendees=body["attendees"])}
        )
        getattr(events, operation)(**where, **more).execute()
        assert [each["to"] for each in google.control("GET", "mail")] == ["ada@example.org"]
