"""Series, instances and exceptions (google-calendar-facts sections 3 and 8)."""

import pytest


@pytest.fixture
def weekly(events, timed):
    """A series of four Tuesdays at ten in Berlin over the change to summer time."""
    body = timed("Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], day="2026-03-17")
    return events.insert(calendarId="primary", body=body).execute()


def ids(page):
    """Return the ids of a page's items."""
    return [item["id"] for item in page["items"]]


def instances(events, series, **parameters):
    """Return the instances of a series."""
    return events.instances(calendarId="primary", eventId=series["id"], **parameters).execute()[
        "items"
    ]


class TestSeries:
    """Masters."""

    @pytest.mark.fact(
        "4", '400 "Missing time zone definition for start time." whatever the offset', "D"
    )
    def test_timed_series_must_name_a_zone(self, events, refusal):
        body = {
            "start": {"dateTime": "2026-03-17T10:00:00+01:00"},
            "end": {"dateTime": "2026-03-17T10:30:00+01:00"},
            "recurrence": ["RRULE:FREQ=WEEKLY"],
        }
        assert refusal(events.insert(calendarId="primary", body=body)) == (400, "required")

    @pytest.mark.fact("4", "recurring timed events use one zone", "D")
    def test_start_and_end_must_name_the_same_zone(self, events, refusal, timed):
        body = timed(recurrence=["RRULE:FREQ=WEEKLY"])
        body["end"]["timeZone"] = "Europe/Paris"
        assert refusal(events.insert(calendarId="primary", body=body)) == (400, "invalid")

    @pytest.mark.fact("7", "RRULE part order and WKST added, EXDATE lines joined", "K")
    @pytest.mark.parametrize(
        ("given", "stored"),
        [
            (
                ["RRULE:COUNT=3;BYDAY=TU,TH;INTERVAL=2;FREQ=WEEKLY"],
                ["RRULE:FREQ=WEEKLY;WKST=MO;COUNT=3;INTERVAL=2;BYDAY=TU,TH"],
            ),
            (
                [
                    "EXDATE;TZID=Europe/Berlin:20260325T100000",
                    "RRULE:FREQ=DAILY",
                    "EXDATE;TZID=Europe/Berlin:20260318T100000",
                ],
                ["RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Berlin:20260318T100000,20260325T100000"],
            ),
            (["RDATE:20260318T090000Z"], ["RDATE:20260318T090000Z"]),
        ],
    )
    def test_lines_are_rewritten(self, events, timed, given, stored):
        body = timed(recurrence=given, day="2026-03-17")
        assert events.insert(calendarId="primary", body=body).execute()["recurrence"] == stored

    @pytest.mark.fact("8", '400 "Invalid recurrence rule."', "K")
    @pytest.mark.parametrize(
        "lines",
        [
            ["RRULE:FREQ=SECONDLY"],
            ["RRULE:FREQ=HOURLY"],
            ["RRULE:INTERVAL=2"],
            ["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"],
            ["RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z"],
            ["RRULE:FREQ=DAILY;COUNT=0"],
            ["RRULE:FREQ=DAILY;INTERVAL=0"],
            ["RRULE:FREQ=DAILY;FOO=1"],
            ["RRULE:FREQ=DAILY;BYDAY=XX"],
            ["RRULE:FREQ=DAILY;UNTIL=soon"],
            ["FREQ=DAILY"],
            ["DTSTART:20260317T090000Z"],
            ["EXDATE:tomorrow"],
            ["RDATE;VALUE=PERIOD:20260317T090000Z/PT1H"],
            ["RRULE:FREQ=DAILY\r\nEXDATE:20260317"],
        ],
    )
    def test_broken_lines_are_refused(self, events, refusal, timed, lines):
        request = events.insert(calendarId="primary", body=timed(recurrence=lines))
        assert refusal(request) == (400, "invalid")

    @pytest.mark.fact("6.3", "one change of a series is one item", "D")
    def test_listing_without_single_events_shows_the_master_only(self, events, weekly):
        assert ids(events.list(calendarId="primary").execute()) == [weekly["id"]]

    @pytest.mark.fact("4", "timeMin bounds the end, timeMax the start, of some instance", "D")
    @pytest.mark.parametrize(
        ("window", "found"),
        [
            ({"timeMin": "2026-04-07T08:29:59Z"}, True),
            ({"timeMin": "2026-04-07T08:30:00Z"}, False),
            ({"timeMax": "2026-03-17T09:00:01Z"}, True),
            ({"timeMin": "2026-03-18T00:00:00Z", "timeMax": "2026-03-19T00:00:00Z"}, False),
            ({"timeMin": "2026-03-24T00:00:00Z", "timeMax": "2026-03-25T00:00:00Z"}, True),
        ],
    )
    def test_window_finds_a_series_by_its_instances(self, events, weekly, window, found):
        page = events.list(calendarId="primary", **window).execute()
        assert bool(page["items"]) is found


class TestInstances:
    """Instances as worked out from the series."""

    @pytest.mark.fact("3", "<series id>_<original start> in UTC", "O")
    def test_ids_carry_the_original_start(self, events, weekly):
        first = instances(events, weekly)[0]
        assert first["id"] == f"{weekly['id']}_20260317T090000Z"
        assert first["recurringEventId"] == weekly["id"]
        assert first["iCalUID"] == weekly["iCalUID"]
        assert first["originalStartTime"] == weekly["start"]
        assert "recurrence" not in first

    @pytest.mark.fact("3", "_20260310 for all-day series", "O")
    def test_all_day_instances_have_dates_in_their_ids(self, events):
        body = {
            "start": {"date": "2026-03-10"},
            "end": {"date": "2026-03-12"},
            "recurrence": ["RRULE:FREQ=MONTHLY;COUNT=2"],
        }
        made = events.insert(calendarId="primary", body=body).execute()
        found = instances(events, made)
        assert [each["id"] for each in found] == [
            f"{made['id']}_20260310",
            f"{made['id']}_20260410",
        ]
        assert found[1]["end"] == {"date": "2026-04-12"}
        assert found[1]["originalStartTime"] == {"date": "2026-04-10"}

    @pytest.mark.fact(
        "8", "start is an instance; COUNT counts EXDATEs; UNTIL is inclusive; pure RDATE", "K"
    )
    @pytest.mark.parametrize(
        ("lines", "starts"),
        [
            (
                ["RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3"],
                ["2026-01-05", "2026-01-30", "2026-02-27"],
            ),
            (
                ["RRULE:FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20260601"],
                ["2026-01-05", "2026-01-31", "2026-03-31", "2026-05-31"],
            ),
            (["RDATE;VALUE=DATE:20260203,20260101"], ["2026-01-01", "2026-01-05", "2026-02-03"]),
            (
                ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE;VALUE=DATE:20260105,20260107"],
                ["2026-01-06", "2026-01-08"],
            ),
            (["RRULE:FREQ=DAILY;UNTIL=20260107"], ["2026-01-05", "2026-01-06", "2026-01-07"]),
        ],
    )
    def test_rules_dates_and_exclusions(self, events, lines, starts):
        body = {"start": {"date": "2026-01-05"}, "end": {"date": "2026-01-06"}, "recurrence": lines}
        made = events.insert(calendarId="primary", body=body).execute()
        assert [each["start"]["date"] for each in instances(events, made)] == starts

    @pytest.mark.fact("12", "400 for what makes no sense", "D")
    def test_single_event_has_no_instances(self, events, refusal, timed):
        made = events.insert(calendarId="primary", body=timed()).execute()
        request = events.instances(calendarId="primary", eventId=made["id"])
        assert refusal(request) == (400, "invalid")

    @pytest.mark.fact("12", "404 for ids of nothing", "D")
    @pytest.mark.parametrize(
        "suffix", ["_20260318T090000Z", "_20260317", "_20269999T000000Z", "_x", ""]
    )
    def test_ids_of_no_instance_are_not_found(self, events, refusal, weekly, suffix):
        event_id = f"{weekly['id']}{suffix}" if suffix else "x_20260317T090000Z"
        request = events.get(calendarId="primary", eventId=event_id)
        assert refusal(request) == (404, "notFound")


class TestExceptions:
    """Instances that differ from their series."""

    @pytest.mark.fact(
        "8", "get the instance, then patch that id; it is a full event of its own", "D"
    )
    def test_patch_of_an_instance_makes_an_exception(self, events, weekly):
        event_id = f"{weekly['id']}_20260324T090000Z"
        times = {
            "start": {"dateTime": "2026-03-24T11:00:00+01:00"},
            "end": {"dateTime": "2026-03-24T11:30:00+01:00"},
        }
        made = events.patch(calendarId="primary", eventId=event_id, body=times).execute()
        assert made["id"] == event_id
        assert made["start"]["dateTime"] == "2026-03-24T11:00:00+01:00"
        assert made["originalStartTime"]["dateTime"] == "2026-03-24T10:00:00+01:00"
        assert made["sequence"] == 1
        assert made["etag"] != weekly["etag"]
        listed = events.list(calendarId="primary").execute()["items"]
        assert [each["id"] for each in listed] == [weekly["id"], event_id]
        starts = [each["start"]["dateTime"][:16] for each in instances(events, weekly)]
        assert starts[1] == "2026-03-24T11:00"
        assert len(starts) == 4

    @pytest.mark.fact("8", "a cancelled exception item, not an EXDATE in the master", "D")
    def test_deleted_instance_is_a_cancelled_exception(self, events, weekly):
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        event_id = f"{weekly['id']}_20260324T090000Z"
        events.delete(calendarId="primary", eventId=event_id).execute()
        (item,) = events.list(calendarId="primary", syncToken=token).execute()["items"]
        assert item == {
            "kind": "calendar#event",
            "etag": item["etag"],
            "id": event_id,
            "status": "cancelled",
            "recurringEventId": weekly["id"],
            "originalStartTime": {
                "dateTime": "2026-03-24T10:00:00+01:00",
                "timeZone": "Europe/Berlin",
            },
        }
        master = events.get(calendarId="primary", eventId=weekly["id"]).execute()
        assert master["recurrence"] == weekly["recurrence"]
        assert len(instances(events, weekly)) == 3
        assert len(instances(events, weekly, showDeleted=True)) == 4

    @pytest.mark.fact("5", "used for single instances in Google's own guide", "D")
    def test_status_cancelled_on_an_instance_cancels_it(self, events, weekly):
        event_id = f"{weekly['id']}_20260324T090000Z"
        body = {"status": "cancelled"}
        events.patch(calendarId="primary", eventId=event_id, body=body).execute()
        assert len(instances(events, weekly)) == 3

    @pytest.mark.fact("2", "recurrence is absent on instances", "D")
    def test_instance_cannot_recur_itself(self, events, refusal, weekly):
        event_id = f"{weekly['id']}_20260324T090000Z"
        body = {"recurrence": ["RRULE:FREQ=DAILY"]}
        request = events.patch(calendarId="primary", eventId=event_id, body=body)
        assert refusal(request) == (400, "invalid")

    @pytest.mark.fact("7", "If-Match; an instance lends the etag of its series", "I")
    def test_if_match_with_the_etag_of_an_unstored_instance(self, events, refusal, weekly):
        event_id = f"{weekly['id']}_20260324T090000Z"
        etag = events.get(calendarId="primary", eventId=event_id).execute()["etag"]
        for answer in ("x", (412, "conditionNotMet")):
            request = events.patch(calendarId="primary", eventId=event_id, body={"summary": "x"})
            request.headers["If-Match"] = etag
            if answer == "x":
                assert request.execute()["summary"] == "x"
            else:
                assert refusal(request) == answer

    @pytest.mark.fact(
        "8", "instances whose original start no longer exists lose their exceptions", "I"
    )
    def test_new_time_of_the_series_ends_its_exceptions(self, events, weekly, timed):
        event_id = f"{weekly['id']}_20260324T090000Z"
        body = {"summary": "moved"}
        events.patch(calendarId="primary", eventId=event_id, body=body).execute()
        times = timed(day="2026-03-17", hour=14)
        patch = {"start": times["start"], "end": times["end"]}
        changed = events.patch(calendarId="primary", eventId=weekly["id"], body=patch).execute()
        assert changed["sequence"] == 1
        assert [each["summary"] for each in instances(events, weekly)] == ["Weekly"] * 4
        gone = events.get(calendarId="primary", eventId=event_id).execute()
        assert gone["status"] == "cancelled"

    @pytest.mark.fact(
        "5", "tombstones for master and exceptions; a cancelled master has no recurrence", "O"
    )
    def test_deleting_the_series_ends_everything_and_undoing_brings_it_back(
        self, events, weekly, timed
    ):
        moved = f"{weekly['id']}_20260324T090000Z"
        cancelled = f"{weekly['id']}_20260331T080000Z"
        events.patch(calendarId="primary", eventId=moved, body={"summary": "x"}).execute()
        events.delete(calendarId="primary", eventId=cancelled).execute()
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        events.delete(calendarId="primary", eventId=weekly["id"]).execute()
        page = events.list(calendarId="primary", syncToken=token).execute()
        assert sorted(ids(page)) == sorted([weekly["id"], moved])
        assert {each["status"] for each in page["items"]} == {"cancelled"}
        master = events.get(calendarId="primary", eventId=weekly["id"]).execute()
        assert "recurrence" not in master
        assert events.list(calendarId="primary").execute()["items"] == []
        body = timed("Weekly", recurrence=weekly["recurrence"], day="2026-03-17")
        events.update(calendarId="primary", eventId=weekly["id"], body=body).execute()
        assert [each["summary"] for each in instances(events, weekly)] == ["Weekly", "x", "Weekly"]


class TestSingleEvents:
    """singleEvents=true."""

    @pytest.mark.fact("6.1", "instances instead of masters", "D")
    def test_instances_stand_in_for_the_series(self, events, weekly, timed):
        single = events.insert(calendarId="primary", body=timed(day="2026-03-20")).execute()["id"]
        page = events.list(calendarId="primary", singleEvents=True, orderBy="startTime").execute()
        assert ids(page) == [
            f"{weekly['id']}_20260317T090000Z",
            single,
            f"{weekly['id']}_20260324T090000Z",
            f"{weekly['id']}_20260331T080000Z",
            f"{weekly['id']}_20260407T080000Z",
        ]

    @pytest.mark.fact("6.3", "limited by the service to some years", "K")
    def test_endless_series_is_expanded_for_some_years_only(self, events, timed):
        body = timed(recurrence=["RRULE:FREQ=YEARLY"], day="2026-03-17")
        events.insert(calendarId="primary", body=body).execute()
        page = events.list(calendarId="primary", singleEvents=True).execute()
        assert 1 <= len(page["items"]) <= 10

    @pytest.mark.fact("6.3", "with true, one change of a series is many items", "D")
    def test_incremental_listing_shows_the_instances_of_a_changed_series(self, events, weekly):
        token = events.list(calendarId="primary", singleEvents=True).execute()["nextSyncToken"]
        body = {"summary": "x"}
        events.patch(calendarId="primary", eventId=weekly["id"], body=body).execute()
        page = events.list(calendarId="primary", singleEvents=True, syncToken=token).execute()
        assert [each["summary"] for each in page["items"]] == ["x"] * 4

    @pytest.mark.fact(
        "6.3", "deleting a series reported only about six months of cancelled instances", "O"
    )
    def test_deleted_series_is_reported_for_half_a_year_only(self, events, google, timed):
        today = google.control("GET", "clock")["now"][:10]
        body = timed(recurrence=["RRULE:FREQ=WEEKLY;COUNT=200"], day=today)
        made = events.insert(calendarId="primary", body=body).execute()
        token = events.list(calendarId="primary", singleEvents=True).execute()["nextSyncToken"]
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        page = events.list(calendarId="primary", singleEvents=True, syncToken=token).execute()
        assert 20 <= len(page["items"]) <= 30
        assert {each["status"] for each in page["items"]} == {"cancelled"}
