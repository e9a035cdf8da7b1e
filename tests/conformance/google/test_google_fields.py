"""The fields of an event: who writes them, what they are when absent (facts 2)."""

import base64

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
WRITABLE = [
    ({"summary": "Lunch"}, "summary"),
    ({"description": "with Ada\nand Ben"}, "description"),
    ({"location": "Café Größe ☕"}, "location"),
    ({"status": "tentative"}, "status tentative"),
    ({"colorId": "11"}, "colorId"),
    ({"transparency": "transparent"}, "transparency transparent"),
    ({"visibility": "public"}, "visibility public"),
    ({"visibility": "private"}, "visibility private"),
    ({"visibility": "confidential"}, "visibility confidential, kept for compatibility"),
    ({"anyoneCanAddSelf": True}, "anyoneCanAddSelf, deprecated"),
    ({"guestsCanInviteOthers": False}, "guestsCanInviteOthers, default true"),
    ({"guestsCanModify": True}, "guestsCanModify, default false"),
    ({"guestsCanSeeOtherGuests": False}, "guestsCanSeeOtherGuests, default true"),
    ({"endTimeUnspecified": True}, "endTimeUnspecified"),
    ({"sequence": 3}, "sequence"),
    ({"source": {"title": "CRM", "url": "https://crm.example.org/1"}}, "source title and url"),
    ({"extendedProperties": {"private": {"a": "1"}, "shared": {"b": "2"}}}, "extendedProperties"),
    ({"reminders": {"useDefault": False}}, "reminders: none"),
]
READ_ONLY = [
    ("kind", "calendar#other"),
    ("etag", '"1"'),
    ("htmlLink", "https://example.org/"),
    ("created", "2001-01-01T00:00:00.000Z"),
    ("updated", "2001-01-01T00:00:00.000Z"),
    ("creator", {"email": "somebody@example.org"}),
    ("organizer", {"email": "somebody@example.org"}),
    ("hangoutLink", "https://meet.example.org/"),
    ("locked", True),
]


class TestWritable:
    """Fields a client may write."""

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(body, marks=pytest.mark.fact("2", f"client writes {words}", "D"), id=words)
            for body, words in WRITABLE
        ],
    )
    def test_written_value_is_kept_through_insert_and_patch(self, events, body):
        made = events.insert(calendarId="primary", body={**DAY, **body}).execute()
        assert {name: made.get(name) for name in body} == body
        plain = events.insert(calendarId="primary", body=DAY).execute()
        changed = events.patch(calendarId="primary", eventId=plain["id"], body=body).execute()
        assert {name: changed.get(name) for name in body} == body

    @pytest.mark.parametrize("key", [str(number) for number in range(1, 12)])
    @pytest.mark.fact("2", "colorId is a key from 1 to 11", "K")
    def test_eleven_colours(self, events, key):
        body = {**DAY, "colorId": key}
        assert events.insert(calendarId="primary", body=body).execute()["colorId"] == key

    @pytest.mark.parametrize("name", ["summary", "description", "location", "colorId"])
    @pytest.mark.fact("2", "summary, description, location, colorId: absent by default", "D")
    def test_texts_that_were_never_given_are_absent(self, events, name):
        assert name not in events.insert(calendarId="primary", body=DAY).execute()

    @pytest.mark.fact("2", "summary has no documented length limit", "D")
    def test_long_summary_is_kept(self, events):
        body = {**DAY, "summary": "x" * 2000}
        assert len(events.insert(calendarId="primary", body=body).execute()["summary"]) == 2000

    @pytest.mark.fact("2", "status defaults to confirmed", "D")
    def test_status_is_confirmed_unless_told(self, events):
        assert events.insert(calendarId="primary", body=DAY).execute()["status"] == "confirmed"

    @pytest.mark.fact("2", "sequence defaults to 0", "D")
    def test_sequence_begins_at_zero(self, events):
        assert events.insert(calendarId="primary", body=DAY).execute()["sequence"] == 0

    @pytest.mark.fact("2", "eventType defaults to default", "D")
    def test_type_is_default_unless_told(self, events):
        assert events.insert(calendarId="primary", body=DAY).execute()["eventType"] == "default"

    @pytest.mark.fact("2", "useDefault true on insert without reminders", "K")
    def test_reminders_are_the_calendars_unless_told(self, events):
        made = events.insert(calendarId="primary", body=DAY).execute()
        assert made["reminders"] == {"useDefault": True}

    @pytest.mark.fact("2", "endTimeUnspecified: an end is present all the same", "D")
    def test_unspecified_end_is_there(self, events, timed):
        made = events.insert(calendarId="primary", body=timed(endTimeUnspecified=True)).execute()
        assert made["end"]["dateTime"] == "2026-03-10T10:30:00+01:00"

    @pytest.mark.parametrize("url", ["http://crm.example.org/", "https://crm.example.org/"])
    @pytest.mark.fact("2", "source.url: http(s) only", "D")
    def test_web_addresses_are_sources(self, events, url):
        made = events.insert(calendarId="primary", body={**DAY, "source": {"url": url}}).execute()
        assert made["source"]["url"] == url

    @pytest.mark.parametrize("url", ["ftp://example.org/", "javascript:alert(1)", "crm"])
    @pytest.mark.fact("2", "source.url: anything but http(s) is refused", "D")
    def test_other_addresses_are_no_sources(self, events, refusal, url):
        request = events.insert(calendarId="primary", body={**DAY, "source": {"url": url}})
        assert refusal(request)[0] == 400


class TestReadOnly:
    """Fields that are the server's."""

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            pytest.param(
                *each, marks=pytest.mark.fact("2", f"{each[0]} is the server's", "D"), id=each[0]
            )
            for each in READ_ONLY
        ],
    )
    def test_written_value_is_ignored(self, events, name, value):
        made = events.insert(calendarId="primary", body={**DAY, name: value}).execute()
        assert made.get(name) != value
        body = {name: value, "summary": "x"}
        changed = events.patch(calendarId="primary", eventId=made["id"], body=body).execute()
        assert changed.get(name) != value

    @pytest.mark.fact("2", "htmlLink: eid is base64url of id and calendar, without padding", "K")
    def test_link_leads_to_the_event(self, events):
        made = events.insert(calendarId="primary", body=DAY).execute()
        address, eid = made["htmlLink"].split("?eid=")
        assert address == "https://www.google.com/calendar/event"
        assert "=" not in eid
        told = base64.urlsafe_b64decode(eid + "=" * (-len(eid) % 4)).decode()
        assert told.split(" ")[0] == made["id"]

    @pytest.mark.fact("2", "created stays, updated moves with each change", "D")
    def test_change_moves_updated_alone(self, events, advance):
        made = events.insert(calendarId="primary", body=DAY).execute()
        advance(60)
        body = {"summary": "x"}
        changed = events.patch(calendarId="primary", eventId=made["id"], body=body).execute()
        assert changed["created"] == made["created"]
        assert changed["updated"] > made["updated"]

    @pytest.mark.fact("2", "eventType is written at creation only", "D")
    def test_type_never_changes(self, events, refusal):
        made = events.insert(calendarId="primary", body=DAY).execute()
        body = {"eventType": "focusTime"}
        request = events.patch(calendarId="primary", eventId=made["id"], body=body)
        assert refusal(request)[0] in (400, 403)
        found = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert found["eventType"] == "default"

    @pytest.mark.fact("2", "privateCopy is immutable", "D")
    def test_private_copy_stays_one(self, events):
        body = {**DAY, "iCalUID": "u1@example.org"}
        made = events.import_(calendarId="primary", body=body).execute()
        body = {"privateCopy": False, "summary": "x"}
        changed = events.patch(calendarId="primary", eventId=made["id"], body=body).execute()
        assert (changed["privateCopy"], changed["summary"]) == (True, "x")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("recurringEventId", "othermaster"),
            ("originalStartTime", {"dateTime": "2026-05-01T10:00:00+02:00"}),
        ],
    )
    @pytest.mark.fact("2", "recurringEventId and originalStartTime are immutable", "D")
    def test_ties_of_an_exception_stay(self, events, timed, name, value):
        body = timed(recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
        series = events.insert(calendarId="primary", body=body).execute()
        instance = f"{series['id']}_20260311T090000Z"
        before = events.get(calendarId="primary", eventId=instance).execute()
        body = {name: value, "summary": "x"}
        changed = events.patch(calendarId="primary", eventId=instance, body=body).execute()
        assert (changed[name], changed["summary"]) == (before[name], "x")

    @pytest.mark.fact("2", "recurrence, recurringEventId: absent on single events", "D")
    def test_single_event_has_no_ties(self, events, timed):
        made = events.insert(calendarId="primary", body=timed()).execute()
        assert not {"recurrence", "recurringEventId", "originalStartTime"} & set(made)


class TestGuestsFields:
    """The entries of attendees."""

    @pytest.mark.parametrize(
        "more",
        [
            {"displayName": "Ada"},
            {"responseStatus": "accepted"},
            {"responseStatus": "declined"},
            {"responseStatus": "tentative"},
            {"comment": "late"},
            {"additionalGuests": 2},
            {"optional": True},
            {"resource": True},
        ],
        ids=lambda each: "-".join(map(str, next(iter(each.items())))),
    )
    @pytest.mark.fact("2", "what a client may say of a guest", "D")
    def test_written_value_of_a_guest_is_kept(self, events, more):
        guest = {"email": "ada@example.org", **more}
        made = events.insert(calendarId="primary", body={**DAY, "attendees": [guest]}).execute()
        (kept,) = made["attendees"]
        assert {name: kept.get(name) for name in guest} == guest

    @pytest.mark.fact("2", "resource: only when first added", "D")
    def test_person_does_not_become_a_room(self, events):
        body = {**DAY, "attendees": [{"email": "ada@example.org"}]}
        made = events.insert(calendarId="primary", body=body).execute()
        body = {"attendees": [{"email": "ada@example.org", "resource": True}]}
        changed = events.patch(calendarId="primary", eventId=made["id"], body=body).execute()
        assert "resource" not in changed["attendees"][0]

    @pytest.mark.parametrize("name", ["self", "organizer"])
    @pytest.mark.fact("2", "organizer and self of a guest are the server's", "D")
    def test_stranger_is_not_self(self, events, name):
        body = {**DAY, "attendees": [{"email": "ada@example.org", name: True}]}
        made = events.insert(calendarId="primary", body=body).execute()
        assert name not in made["attendees"][0]

    @pytest.mark.fact("2", "responseStatus is one of four", "D")
    def test_unknown_reply_is_refused(self, events, refusal):
        body = {**DAY, "attendees": [{"email": "ada@example.org", "responseStatus": "maybe"}]}
        assert refusal(events.insert(calendarId="primary", body=body)) == (400, "invalid")

    @pytest.mark.fact("2", "a guest has not replied unless told: needsAction", "D")
    def test_new_guest_needs_action(self, events):
        body = {**DAY, "attendees": [{"email": "ada@example.org"}]}
        made = events.insert(calendarId="primary", body=body).execute()
        assert made["attendees"][0]["responseStatus"] == "needsAction"


class TestVisibilityOfSeries:
    """What happens to a series when one instance says otherwise."""

    @pytest.fixture
    def series(self, events, timed):
        """A function that makes a series of three days with a visibility and returns its id."""

        def make(visibility):
            body = timed(recurrence=["RRULE:FREQ=DAILY;COUNT=3"], visibility=visibility)
            return events.insert(calendarId="primary", body=body).execute()["id"]

        return make

    @pytest.mark.parametrize(("first", "then"), [("default", "private"), ("public", "private")])
    @pytest.mark.fact("2", "making one instance stricter spreads to the whole series", "D")
    def test_stricter_instance_makes_the_series_stricter(self, events, series, first, then):
        made = series(first)
        instance = f"{made}_20260311T090000Z"
        body = {"visibility": then}
        events.patch(calendarId="primary", eventId=instance, body=body).execute()
        master = events.get(calendarId="primary", eventId=made).execute()
        assert master["visibility"] == then
        found = events.instances(calendarId="primary", eventId=made).execute()["items"]
        assert [each["visibility"] for each in found] == [then] * 3

    @pytest.mark.parametrize("then", ["public", "default"])
    @pytest.mark.fact("2", "making one instance laxer is ignored", "D")
    def test_laxer_instance_stays_as_strict(self, events, series, then):
        made = series("private")
        instance = f"{made}_20260311T090000Z"
        body = {"visibility": then}
        changed = events.patch(calendarId="primary", eventId=instance, body=body).execute()
        assert changed["visibility"] == "private"
        master = events.get(calendarId="primary", eventId=made).execute()
        assert master["visibility"] == "private"


class TestCollection:
    """The head of a listing."""

    @pytest.mark.fact("2", "answers carry summary, description, timeZone of the calendar", "D")
    def test_head_tells_of_the_calendar(self, service, google):
        second = google.anna.calendars[1]
        body = {"summary": "Visits", "description": "Ours", "timeZone": "Asia/Tokyo"}
        service.calendars().patch(calendarId=second, body=body).execute()
        page = service.events().list(calendarId=second).execute()
        assert {name: page[name] for name in body} == body

    @pytest.mark.fact("2", "answers carry defaultReminders", "D")
    def test_head_tells_of_the_own_default_reminders(self, service):
        wanted = [{"method": "email", "minutes": 20}]
        body = {"defaultReminders": wanted}
        service.calendarList().patch(calendarId="primary", body=body).execute()
        page = service.events().list(calendarId="primary").execute()
        assert page["defaultReminders"] == wanted

    @pytest.mark.fact("2", "answers carry updated and etag of the collection", "D")
    def test_head_moves_with_a_change(self, events, advance):
        before = events.list(calendarId="primary").execute()
        advance(60)
        events.insert(calendarId="primary", body=DAY).execute()
        after = events.list(calendarId="primary").execute()
        assert after["updated"] > before["updated"]
        assert after["etag"] != before["etag"]
