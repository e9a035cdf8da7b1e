"""Creating, changing and deleting events (google-calendar-facts sections 2, 3, 4, 5, 7, 10)."""

import base64

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


class TestInsert:
    """events.insert."""

    @pytest.mark.fact("19", "the answer to a minimal timed insert on a secondary calendar", "K")
    def test_minimal_timed_event_has_the_documented_shape(self, events, google, timed):
        second = google.anna.calendars[1]
        made = events.insert(calendarId=second, body=timed()).execute()
        assert made.pop("etag").strip('"').isdigit()
        assert made.pop("created").endswith("Z")
        assert made.pop("updated").endswith("Z")
        eid = base64.urlsafe_b64encode(f"{made['id']} {second}".encode()).decode().rstrip("=")
        assert made == {
            "kind": "calendar#event",
            "id": made["id"],
            "status": "confirmed",
            "htmlLink": f"https://www.google.com/calendar/event?eid={eid}",
            "summary": "Call Ada",
            "creator": {"email": "anna@example.com"},
            "organizer": {"email": second, "displayName": "Customer visits", "self": True},
            "start": {"dateTime": "2026-03-10T10:00:00+01:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2026-03-10T10:30:00+01:00", "timeZone": "Europe/Berlin"},
            "iCalUID": f"{made['id']}@google.com",
            "sequence": 0,
            "reminders": {"useDefault": True},
            "eventType": "default",
        }

    @pytest.mark.fact("9", "`self` tells whose copy this is", "K")
    def test_on_the_primary_calendar_creator_and_organizer_are_self(self, events, timed):
        made = events.insert(calendarId="primary", body=timed()).execute()
        assert made["creator"] == {"email": "anna@example.com", "self": True}
        assert made["organizer"] == {"email": "anna@example.com", "self": True}

    @pytest.mark.fact("3", "a..v and 0..9, 5 to 1024 characters", "D")
    @pytest.mark.parametrize("event_id", ["abcde", "0123456789abcdefghijklmnopqrstuv", "a" * 1024])
    def test_own_id_of_base32hex_is_kept(self, events, event_id):
        made = events.insert(calendarId="primary", body={"id": event_id, **DAY}).execute()
        assert made["id"] == event_id
        assert made["iCalUID"] == f"{event_id}@google.com"

    @pytest.mark.fact("3", "other characters and lengths are not allowed", "D")
    @pytest.mark.parametrize("event_id", ["abcd", "ABCDE", "abcdw", "abc_de", "a" * 1025, "ab cde"])
    def test_own_id_outside_the_rules_is_refused(self, events, refusal, event_id):
        request = events.insert(calendarId="primary", body={"id": event_id, **DAY})
        assert refusal(request) == (400, "invalid")

    @pytest.mark.fact("3", "a generated id is base32hex too", "K")
    def test_generated_id_keeps_the_rules_for_ids(self, events):
        made = events.insert(calendarId="primary", body=DAY).execute()
        assert set(made["id"]) <= set("abcdefghijklmnopqrstuv0123456789")

    @pytest.mark.fact("3", "409 duplicate; it is not an upsert", "D")
    def test_same_id_again_is_a_duplicate_and_changes_nothing(self, events, refusal):
        events.insert(calendarId="primary", body={"id": "doubled", "summary": "a", **DAY}).execute()
        again = events.insert(calendarId="primary", body={"id": "doubled", "summary": "b", **DAY})
        assert refusal(again) == (409, "duplicate")
        assert events.get(calendarId="primary", eventId="doubled").execute()["summary"] == "a"

    @pytest.mark.fact("3", "the tombstone keeps the id", "O")
    def test_id_of_a_deleted_event_is_never_free_again(self, events, refusal):
        events.insert(calendarId="primary", body={"id": "burnt", **DAY}).execute()
        events.delete(calendarId="primary", eventId="burnt").execute()
        again = events.insert(calendarId="primary", body={"id": "burnt", **DAY})
        assert refusal(again) == (409, "duplicate")

    @pytest.mark.fact("3", "unique per calendar", "D")
    def test_same_id_on_another_calendar_is_fine(self, events, google):
        for calendar in google.anna.calendars:
            body = {"id": "shared", **DAY}
            assert events.insert(calendarId=calendar, body=body).execute()["id"] == "shared"

    @pytest.mark.fact("2", "give either id or iCalUID at creation, not both", "D")
    def test_id_and_ical_uid_together_are_refused(self, events, refusal):
        body = {"id": "abcde", "iCalUID": "x@example.org", **DAY}
        assert refusal(events.insert(calendarId="primary", body=body)) == (400, "invalid")

    @pytest.mark.fact("14", "insert with iCalUID keeps it", "K")
    def test_ical_uid_alone_is_kept_and_taken_only_once(self, events, refusal):
        body = {"iCalUID": "x@example.org", **DAY}
        assert (
            events.insert(calendarId="primary", body=body).execute()["iCalUID"] == "x@example.org"
        )
        assert refusal(events.insert(calendarId="primary", body=body)) == (409, "duplicate")

    @pytest.mark.fact("7", "insert needs start and end", "D")
    @pytest.mark.parametrize("missing", ["start", "end"])
    def test_start_and_end_are_required(self, events, refusal, missing):
        body = {name: value for name, value in DAY.items() if name != missing}
        assert refusal(events.insert(calendarId="primary", body=body)) == (400, "required")

    @pytest.mark.fact("2", "fields marked R are the server's", "D")
    def test_unknown_and_read_only_fields_are_left_out_silently(self, events):
        body = {"kind": "x", "etag": "1", "htmlLink": "x", "foo": {"bar": 1}, "created": "x", **DAY}
        made = events.insert(calendarId="primary", body=body).execute()
        assert "foo" not in made
        assert made["kind"] == "calendar#event"
        assert made["htmlLink"].startswith("https://www.google.com/calendar/")

    @pytest.mark.fact("12", "400 invalid for what cannot be used", "D")
    @pytest.mark.parametrize(
        "field",
        [
            {"summary": 5},
            {"start": "2026-03-10"},
            {"attendees": {}},
            {"recurrence": "RRULE:FREQ=DAILY"},
            {"sequence": "x"},
            {"reminders": {"overrides": [{"minutes": "ten"}]}},
            {"extendedProperties": {"private": {"a": 1}}},
            {"guestsCanModify": "yes"},
        ],
    )
    def test_wrong_type_is_refused_in_googles_form(self, events, refusal, field):
        request = events.insert(calendarId="primary", body={**DAY, **field})
        assert refusal(request) == (400, "invalid")

    @pytest.mark.fact("1", "absent = default", "K")
    def test_default_values_are_left_out_of_the_answer(self, events):
        body = {
            "transparency": "opaque",
            "visibility": "default",
            "guestsCanModify": False,
            "guestsCanInviteOthers": True,
            "guestsCanSeeOtherGuests": True,
            "summary": "",
            "location": "",
            **DAY,
        }
        made = events.insert(calendarId="primary", body=body).execute()
        assert not set(body) - set(DAY) & set(made)

    @pytest.mark.fact("2", "closed sets of values, http(s) sources only", "D")
    @pytest.mark.parametrize(
        "field",
        [
            {"colorId": "12"},
            {"transparency": "busy"},
            {"visibility": "secret"},
            {"status": "done"},
            {"status": "cancelled"},
            {"source": {"url": "mailto:a@example.org"}},
        ],
    )
    def test_values_google_does_not_know_are_refused(self, events, refusal, field):
        request = events.insert(calendarId="primary", body={**DAY, **field})
        assert refusal(request) == (400, "invalid")


class TestTimes:
    """Dates, times and zones."""

    @pytest.mark.fact("4", "the same event reads differently under another zone", "D")
    def test_answer_carries_the_offset_of_the_asked_zone(self, events, timed):
        made = events.insert(calendarId="primary", body=timed()).execute()
        found = events.get(
            calendarId="primary", eventId=made["id"], timeZone="America/New_York"
        ).execute()
        assert found["start"] == {
            "dateTime": "2026-03-10T05:00:00-04:00",
            "timeZone": "Europe/Berlin",
        }
        utc = events.get(calendarId="primary", eventId=made["id"], timeZone="UTC").execute()
        assert utc["start"]["dateTime"] == "2026-03-10T09:00:00Z"

    @pytest.mark.fact("4", "single timed events may have different zones for start and end", "D")
    def test_start_and_end_of_a_single_event_may_have_different_zones(self, events):
        body = {
            "start": {"dateTime": "2026-03-10T10:00:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2026-03-10T10:30:00", "timeZone": "Europe/London"},
        }
        made = events.insert(calendarId="primary", body=body).execute()
        assert made["end"] == {
            "dateTime": "2026-03-10T11:30:00+01:00",
            "timeZone": "Europe/London",
        }

    @pytest.mark.fact("4", "start equal to end is accepted for timed events", "K")
    def test_zero_length_timed_event_is_accepted(self, events):
        now = {"dateTime": "2026-03-10T10:00:00Z"}
        made = events.insert(calendarId="primary", body={"start": now, "end": now}).execute()
        assert made["start"] == made["end"]

    @pytest.mark.fact("4", "no mixing, no nonsense, no end before the start", "D")
    @pytest.mark.parametrize(
        ("start", "end", "reason"),
        [
            ({"date": "2026-03-10"}, {"dateTime": "2026-03-10T10:00:00Z"}, "invalid"),
            ({"date": "2026-03-10", "dateTime": "2026-03-10T10:00:00Z"}, DAY["end"], "invalid"),
            ({"date": "2026-03-32"}, DAY["end"], "invalid"),
            ({"date": "20260310"}, DAY["end"], "invalid"),
            ({"date": "0000-01-01"}, DAY["end"], "invalid"),
            ({"date": "0001-01-01"}, DAY["end"], "invalid"),
            (DAY["start"], {"date": "9999-12-31"}, "invalid"),
            (
                {"dateTime": "2026-03-10T10:00:00Z"},
                {"dateTime": "9999-12-31T23:59:59Z"},
                "invalid",
            ),
            ({"dateTime": "2026-03-10"}, {"dateTime": "2026-03-10T10:00:00Z"}, "invalid"),
            ({"dateTime": "2026-03-10T25:00:00Z"}, {"dateTime": "2026-03-10T10:00:00Z"}, "invalid"),
            (
                {"dateTime": "0001-01-01T00:00:00+14:00"},
                {"dateTime": "2026-03-10T10:00:00Z"},
                "invalid",
            ),
            ({}, DAY["end"], "required"),
            ({"timeZone": "Europe/Berlin"}, {"timeZone": "Europe/Berlin"}, "invalid"),
            ({"date": "2026-03-10"}, {"date": "2026-03-09"}, "timeRangeEmpty"),
            ({"date": "2026-03-10"}, {"date": "2026-03-10"}, "timeRangeEmpty"),
            (
                {"dateTime": "2026-03-10T10:00:00Z"},
                {"dateTime": "2026-03-10T09:59:59Z"},
                "timeRangeEmpty",
            ),
        ],
    )
    def test_impossible_times_are_refused(self, events, refusal, start, end, reason):
        request = events.insert(calendarId="primary", body={"start": start, "end": end})
        assert refusal(request) == (400, reason)

    @pytest.mark.fact("4", "Windows names and folders are no zones", "K")
    @pytest.mark.parametrize(
        "zone", ["W. Europe Standard Time", "Europe", "../etc/passwd", "Mars/Base", "GMT+02:00"]
    )
    def test_unknown_zones_are_refused(self, events, refusal, zone):
        start = {"dateTime": "2026-03-10T10:00:00", "timeZone": zone}
        body = {"start": start, "end": {"dateTime": "2026-03-10T11:00:00Z"}}
        assert refusal(events.insert(calendarId="primary", body=body)) == (400, "invalid")


class TestPatch:
    """events.patch."""

    @pytest.mark.fact(
        "7", "patch merges maps at every depth, replaces arrays whole, null removes", "D"
    )
    def test_maps_merge_deep_null_removes_arrays_are_replaced(self, events):
        body = {
            **DAY,
            "location": "here",
            "extendedProperties": {"private": {"a": "1", "b": "2"}, "shared": {"c": "3"}},
            "attendees": [{"email": "a@example.org"}, {"email": "b@example.org"}],
        }
        made = events.insert(calendarId="primary", body=body).execute()
        patch = {
            "location": None,
            "extendedProperties": {"private": {"a": None, "d": "4"}},
            "attendees": [{"email": "c@example.org"}],
        }
        changed = events.patch(calendarId="primary", eventId=made["id"], body=patch).execute()
        assert "location" not in changed
        assert changed["extendedProperties"] == {
            "private": {"b": "2", "d": "4"},
            "shared": {"c": "3"},
        }
        assert [guest["email"] for guest in changed["attendees"]] == ["c@example.org"]

    @pytest.mark.fact("7", "only what is named changes", "D")
    def test_patch_leaves_everything_else_alone(self, events, timed):
        made = events.insert(calendarId="primary", body=timed(location="x")).execute()
        changed = events.patch(
            calendarId="primary", eventId=made["id"], body={"summary": "New"}
        ).execute()
        differing = {name for name in made if made[name] != changed[name]}
        assert differing == {"summary", "etag", "updated"}

    @pytest.mark.fact("7", "patch does not repair exclusive pairs", "O")
    def test_all_day_to_timed_without_null_is_refused(self, events, refusal):
        made = events.insert(calendarId="primary", body=DAY).execute()
        times = {
            "start": {"dateTime": "2026-03-10T10:00:00Z"},
            "end": {"dateTime": "2026-03-10T11:00:00Z"},
        }
        patch = events.patch(calendarId="primary", eventId=made["id"], body=times)
        assert refusal(patch) == (400, "invalid")

    @pytest.mark.fact("7", "date must be null beside dateTime", "O")
    def test_all_day_to_timed_and_back_with_nulls(self, events):
        made = events.insert(calendarId="primary", body=DAY).execute()
        timed = {
            "start": {"dateTime": "2026-03-10T10:00:00Z", "date": None},
            "end": {"dateTime": "2026-03-10T11:00:00Z", "date": None},
        }
        changed = events.patch(calendarId="primary", eventId=made["id"], body=timed).execute()
        assert changed["start"]["dateTime"] == "2026-03-10T11:00:00+01:00"
        day = {
            "start": {"date": "2026-03-12", "dateTime": None},
            "end": {"date": "2026-03-13", "dateTime": None},
        }
        back = events.patch(calendarId="primary", eventId=made["id"], body=day).execute()
        assert back["start"] == {"date": "2026-03-12"}

    @pytest.mark.fact("12", "404 notFound for an unknown id", "D")
    def test_unknown_event_is_not_found(self, events, refusal):
        patch = events.patch(calendarId="primary", eventId="nothing", body={"summary": "x"})
        assert refusal(patch) == (404, "notFound")

    @pytest.mark.fact("12", "patch counts three", "D")
    def test_costs_three_quota_units(self, events, google):
        made = events.insert(calendarId="primary", body=DAY).execute()
        events.patch(calendarId="primary", eventId=made["id"], body={}).execute()
        units = [record["quota_units"] for record in google.control("GET", "requests")]
        assert units == [1, 3]


class TestUpdate:
    """events.update (PUT)."""

    @pytest.mark.fact("7", "PUT replaces the whole event", "D")
    def test_whatever_is_missing_is_cleared(self, events, timed):
        body = timed(
            location="x",
            description="y",
            colorId="3",
            transparency="transparent",
            extendedProperties={"private": {"a": "1"}},
            attendees=[{"email": "a@example.org"}],
            reminders={"useDefault": False},
            recurrence=["RRULE:FREQ=DAILY;COUNT=3"],
        )
        made = events.insert(calendarId="primary", body=body).execute()
        changed = events.update(
            calendarId="primary", eventId=made["id"], body=timed("New")
        ).execute()
        fresh = events.insert(calendarId="primary", body=timed("New")).execute()
        assert set(changed) == set(fresh)
        assert changed["reminders"] == {"useDefault": True}

    @pytest.mark.fact("2", "id, iCalUID, created, creator, organizer are the server's", "D")
    def test_what_never_changes_stays(self, events, timed):
        made = events.insert(calendarId="primary", body=timed()).execute()
        body = timed() | {"id": "other", "iCalUID": "x@y", "creator": {"email": "x@y"}}
        changed = events.update(calendarId="primary", eventId=made["id"], body=body).execute()
        for name in ("id", "iCalUID", "created", "creator", "organizer", "htmlLink"):
            assert changed[name] == made[name]

    @pytest.mark.fact("2", "required by update", "D")
    @pytest.mark.parametrize("missing", ["start", "end"])
    def test_start_and_end_are_required(self, events, refusal, timed, missing):
        made = events.insert(calendarId="primary", body=timed()).execute()
        body = {name: value for name, value in timed().items() if name != missing}
        request = events.update(calendarId="primary", eventId=made["id"], body=body)
        assert refusal(request) == (400, "required")

    @pytest.mark.fact("10", "a PUT without supportsAttachments leaves attachments", "K")
    def test_attachments_stay_without_the_flag(self, events, timed):
        attached = timed(attachments=[{"fileUrl": "https://example.org/f", "title": "f"}])
        ignored = events.insert(calendarId="primary", body=attached).execute()
        assert "attachments" not in ignored
        kept = events.insert(
            calendarId="primary", body=attached, supportsAttachments=True
        ).execute()
        changed = events.update(calendarId="primary", eventId=kept["id"], body=timed()).execute()
        assert changed["attachments"] == attached["attachments"]


class TestDelete:
    """events.delete."""

    @pytest.mark.fact("7", "never existed: 404", "D")
    def test_unknown_event_is_404(self, events, refusal):
        request = events.delete(calendarId="primary", eventId="nothing")
        assert refusal(request) == (404, "notFound")

    @pytest.mark.fact("5", "get returns cancelled events, the organizer's copy keeps details", "D")
    def test_deleted_event_still_answers_get_with_its_details(self, events, timed):
        made = events.insert(calendarId="primary", body=timed()).execute()
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        found = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert (found["status"], found["summary"]) == ("cancelled", "Call Ada")
        assert found["etag"] != made["etag"]

    @pytest.mark.fact("5", "tombstones disappear; afterwards get is 404", "K")
    def test_tombstone_is_gone_after_its_time_but_the_id_stays_burnt(self, events, google, refusal):
        events.insert(calendarId="primary", body={"id": "agone", **DAY}).execute()
        events.delete(calendarId="primary", eventId="agone").execute()
        google.control("POST", "clock", {"advance_seconds": 29 * 86400})
        assert refusal(events.get(calendarId="primary", eventId="agone")) == (404, "notFound")
        again = events.insert(calendarId="primary", body={"id": "agone", **DAY})
        assert refusal(again) == (409, "duplicate")


class TestVersions:
    """ETags, If-Match, If-None-Match, sequence, updated."""

    @pytest.mark.fact("2", "the etag changes on every change", "D")
    def test_every_write_gives_a_new_etag(self, events):
        made = events.insert(calendarId="primary", body=DAY).execute()
        seen = {made["etag"]}
        for summary in ("a", "b", "c"):
            body = {"summary": summary}
            patch = events.patch(calendarId="primary", eventId=made["id"], body=body)
            seen.add(patch.execute()["etag"])
        assert len(seen) == 4

    @pytest.mark.fact("7", "stale If-Match: 412 conditionNotMet", "D")
    @pytest.mark.parametrize("operation", ["patch", "update", "delete"])
    def test_stale_if_match_is_refused_and_changes_nothing(self, events, refusal, operation):
        made = events.insert(calendarId="primary", body=DAY).execute()
        events.patch(calendarId="primary", eventId=made["id"], body={"summary": "x"}).execute()
        more = {} if operation == "delete" else {"body": {**DAY, "summary": "lost"}}
        request = getattr(events, operation)(calendarId="primary", eventId=made["id"], **more)
        request.headers["If-Match"] = made["etag"]
        assert refusal(request) == (412, "conditionNotMet")
        found = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert (found["status"], found["summary"]) == ("confirmed", "x")

    @pytest.mark.fact("7", "If-Match on update, patch, delete", "D")
    @pytest.mark.parametrize("tag", ["the present one", "*"])
    def test_matching_if_match_lets_the_write_through(self, events, tag):
        made = events.insert(calendarId="primary", body=DAY).execute()
        request = events.patch(calendarId="primary", eventId=made["id"], body={"summary": "x"})
        request.headers["If-Match"] = "*" if tag == "*" else made["etag"]
        assert request.execute()["summary"] == "x"

    @pytest.mark.fact("7", "a delete by somebody else makes the known etag stale", "D")
    def test_if_match_on_a_tombstone_after_a_foreign_delete(self, events, refusal):
        made = events.insert(calendarId="primary", body=DAY).execute()
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        request = events.patch(calendarId="primary", eventId=made["id"], body={"summary": "x"})
        request.headers["If-Match"] = made["etag"]
        assert refusal(request) == (412, "conditionNotMet")

    @pytest.mark.fact("7", "If-None-Match on get and list: 304", "D")
    def test_known_etag_answers_304(self, google):
        _, made = google.api("POST", "/calendars/primary/events", body=DAY)
        path = f"/calendars/primary/events/{made['id']}"
        assert google.api("GET", path, headers={"If-None-Match": made["etag"]}) == (304, None)
        listed = google.api("GET", "/calendars/primary/events")[1]
        known = {"If-None-Match": listed["etag"]}
        assert google.api("GET", "/calendars/primary/events", headers=known) == (304, None)
        google.api("PATCH", path, body={"summary": "x"})
        assert google.api("GET", path, headers={"If-None-Match": made["etag"]})[0] == 200
        assert google.api("GET", "/calendars/primary/events", headers=known)[0] == 200

    @pytest.mark.fact("7", "a written value below the stored one is a 400", "O")
    def test_lower_sequence_is_refused_higher_one_kept(self, events, refusal, timed):
        made = events.insert(calendarId="primary", body=timed(sequence=5)).execute()
        assert made["sequence"] == 5
        lower = events.patch(calendarId="primary", eventId=made["id"], body={"sequence": 4})
        assert refusal(lower) == (400, "invalid")
        higher = events.patch(calendarId="primary", eventId=made["id"], body={"sequence": 9})
        assert higher.execute()["sequence"] == 9

    @pytest.mark.fact("2", "reminder-only edits do not move updated", "D")
    def test_change_of_reminders_alone_moves_the_etag_but_not_updated(self, events, google):
        made = events.insert(calendarId="primary", body=DAY).execute()
        google.control("POST", "clock", {"advance_seconds": 60})
        patch = {"reminders": {"useDefault": False}}
        changed = events.patch(calendarId="primary", eventId=made["id"], body=patch).execute()
        assert changed["updated"] == made["updated"]
        assert changed["etag"] != made["etag"]
        other = {"summary": "x"}
        changed = events.patch(calendarId="primary", eventId=made["id"], body=other).execute()
        assert changed["updated"] > made["updated"]


class TestParts:
    """Reminders, extended properties, descriptions, guests."""

    @pytest.mark.fact("10", "useDefault true excludes overrides", "D")
    def test_defaults_and_overrides_exclude_each_other(self, events, refusal):
        body = {
            **DAY,
            "reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 5}]},
        }
        request = events.insert(calendarId="primary", body=body)
        assert refusal(request) == (400, "cannotUseDefaultRemindersAndSpecifyOverride")

    @pytest.mark.fact("7", "reminders are sorted on write", "K")
    def test_overrides_come_back_sorted(self, events):
        overrides = [{"method": "popup", "minutes": 60}, {"method": "popup", "minutes": 0}]
        body = {**DAY, "reminders": {"useDefault": False, "overrides": overrides}}
        made = events.insert(calendarId="primary", body=body).execute()
        assert made["reminders"] == {"useDefault": False, "overrides": overrides[::-1]}

    @pytest.mark.fact("2", "at most 5 overrides, email or popup, 0..40320 minutes", "D")
    @pytest.mark.parametrize(
        "overrides",
        [
            [{"method": "popup", "minutes": 1}] * 6,
            [{"method": "popup", "minutes": -1}],
            [{"method": "popup", "minutes": 40321}],
            [{"method": "sms", "minutes": 1}],
            [{"method": "popup"}],
        ],
    )
    def test_reminders_outside_the_limits_are_refused(self, events, refusal, overrides):
        body = {**DAY, "reminders": {"useDefault": False, "overrides": overrides}}
        assert refusal(events.insert(calendarId="primary", body=body)) == (400, "invalid")

    @pytest.mark.fact("10", "an HTML subset is kept, the rest goes", "K")
    def test_html_of_the_description_is_sanitised(self, events):
        body = {**DAY, "description": '<b onclick="x">Hi</b><script>alert(1)</script><h1>T</h1>'}
        made = events.insert(calendarId="primary", body=body).execute()
        assert made["description"] == "<b>Hi</b>T"

    @pytest.mark.fact("7", "addresses are lower-cased; facts 9: self and organizer are marked", "K")
    def test_guests_are_lower_cased_and_marked(self, events):
        guests = [{"email": "Ada@Example.ORG", "optional": False}, {"email": "anna@example.com"}]
        made = events.insert(calendarId="primary", body={**DAY, "attendees": guests}).execute()
        assert made["attendees"] == [
            {"email": "ada@example.org", "responseStatus": "needsAction"},
            {
                "email": "anna@example.com",
                "responseStatus": "needsAction",
                "self": True,
                "organizer": True,
            },
        ]

    @pytest.mark.fact("2", "email is required when adding", "D")
    @pytest.mark.parametrize("guests", [[{}], [{"email": "ada"}], [{"email": "@"}]])
    def test_guests_need_an_address(self, events, refusal, guests):
        code, _ = refusal(events.insert(calendarId="primary", body={**DAY, "attendees": guests}))
        assert code == 400

    @pytest.mark.fact("9", "replying with the own entry and attendeesOmitted", "D")
    def test_own_reply_alone_with_attendees_omitted_keeps_the_other_guests(self, events):
        guests = [{"email": "anna@example.com"}, {"email": "ada@example.org"}]
        made = events.insert(calendarId="primary", body={**DAY, "attendees": guests}).execute()
        patch = {
            "attendeesOmitted": True,
            "attendees": [{"email": "anna@example.com", "responseStatus": "accepted"}],
        }
        changed = events.patch(calendarId="primary", eventId=made["id"], body=patch).execute()
        replies = {each["email"]: each["responseStatus"] for each in changed["attendees"]}
        assert replies == {"anna@example.com": "accepted", "ada@example.org": "needsAction"}

    @pytest.mark.fact("6.1", "maxAttendees: more guests than that: only the own entry", "D")
    def test_more_guests_than_asked_for_shows_only_oneself(self, events):
        guests = [{"email": "anna@example.com"}, {"email": "ada@example.org"}]
        made = events.insert(calendarId="primary", body={**DAY, "attendees": guests}).execute()
        found = events.get(calendarId="primary", eventId=made["id"], maxAttendees=1).execute()
        assert [each["email"] for each in found["attendees"]] == ["anna@example.com"]
        assert found["attendeesOmitted"] is True


class TestMail:
    """Who would get a mail."""

    GUESTS = ({"email": "ben@example.com"}, {"email": "ada@example.org"})

    @pytest.mark.fact("7", "sendUpdates all / externalOnly / none; default none sent", "D")
    @pytest.mark.parametrize(
        ("send", "to"),
        [
            ("all", ["ada@example.org", "ben@example.com"]),
            ("externalOnly", ["ada@example.org"]),
            ("none", []),
            (None, []),
        ],
    )
    def test_send_updates_decides_who_gets_mail(self, events, google, send, to):
        more = {"sendUpdates": send} if send else {}
        body = {**DAY, "attendees": list(self.GUESTS)}
        made = events.insert(calendarId="primary", body=body, **more).execute()
        assert [mail["to"] for mail in google.control("GET", "mail")] == to
        events.delete(calendarId="primary", eventId=made["id"], **more).execute()
        kinds = [mail["kind"] for mail in google.control("GET", "mail")]
        assert kinds == ["invitation"] * len(to) + ["cancellation"] * len(to)

    @pytest.mark.fact("9", "the organizer's changes reach guests", "K")
    def test_guest_taken_off_is_told(self, events, google):
        body = {**DAY, "attendees": list(self.GUESTS)}
        made = events.insert(calendarId="primary", body=body).execute()
        patch = {"attendees": [self.GUESTS[0]]}
        events.patch(
            calendarId="primary", eventId=made["id"], body=patch, sendUpdates="all"
        ).execute()
        told = {mail["to"]: mail["kind"] for mail in google.control("GET", "mail")}
        assert told == {"ben@example.com": "update", "ada@example.org": "cancellation"}


class TestImport:
    """events.import."""

    @pytest.mark.fact("7", "required iCalUID; owner must be organizer or guest", "D")
    def test_needs_a_uid_and_a_part_for_the_owner(self, events, refusal):
        assert refusal(events.import_(calendarId="primary", body=DAY)) == (400, "required")
        body = {**DAY, "iCalUID": "u@example.org", "organizer": {"email": "boss@example.org"}}
        request = events.import_(calendarId="primary", body=body)
        assert refusal(request) == (400, "participantIsNeitherOrganizerNorAttendee")
        body["attendees"] = [{"email": "anna@example.com"}]
        made = events.import_(calendarId="primary", body=body).execute()
        assert made["organizer"] == {"email": "boss@example.org"}
