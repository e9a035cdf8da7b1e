"""Rules, summer time and changes of series (google-calendar-facts sections 4 and 8)."""

import pytest


@pytest.fixture
def insert(events):
    """A function that inserts on Anna's primary calendar."""
    return lambda body: events.insert(calendarId="primary", body=body).execute()


@pytest.fixture
def instances(events):
    """A function that returns the instances of a series."""

    def find(series, **more):
        request = events.instances(calendarId="primary", eventId=series["id"], **more)
        return request.execute()["items"]

    return find


@pytest.fixture
def patch(events):
    """A function that patches an event by id."""

    def run(event_id, **body):
        return events.patch(calendarId="primary", eventId=event_id, body=body).execute()

    return run


@pytest.fixture
def changed_since(events):
    """A function that returns what changed on the calendar since it was made."""
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    held = [token]

    def read():
        page = events.list(calendarId="primary", syncToken=held[0]).execute()
        held[0] = page["nextSyncToken"]
        return page["items"]

    return read


def all_day(day, *lines):
    """Return the body of a series of single days."""
    year, month, number = day.split("-")
    following = f"{year}-{month}-{int(number) + 1:02d}"
    return {"start": {"date": day}, "end": {"date": following}, "recurrence": list(lines)}


class TestRules:
    """Which days a rule gives."""

    @pytest.mark.parametrize(
        ("start", "lines", "days"),
        [
            (
                "2024-02-28",
                ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=3"],
                ["2024-02-28", "2024-02-29", "2028-02-29"],
            ),
            (
                "2026-01-30",
                ["RRULE:FREQ=MONTHLY;COUNT=3"],
                ["2026-01-30", "2026-03-30", "2026-04-30"],
            ),
            (
                "2026-01-28",
                ["RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4"],
                ["2026-01-28", "2026-01-30", "2026-02-27", "2026-03-31"],
            ),
            (
                "2026-01-02",
                ["RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,FR;COUNT=4"],
                ["2026-01-02", "2026-01-11", "2026-01-16", "2026-01-25"],
            ),
            (
                "2026-01-01",
                ["RRULE:FREQ=DAILY;COUNT=6", "EXRULE:FREQ=DAILY;INTERVAL=2"],
                ["2026-01-02", "2026-01-04", "2026-01-06"],
            ),
            (
                "2026-01-05",
                ["RRULE:FREQ=WEEKLY;UNTIL=20260119", "RDATE;VALUE=DATE:20260107,20260112"],
                ["2026-01-05", "2026-01-07", "2026-01-12", "2026-01-19"],
            ),
            ("2026-01-05", ["RRULE:FREQ=DAILY;COUNT=1"], ["2026-01-05"]),
            ("2026-01-06", ["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=1"], ["2026-01-06"]),
        ],
    )
    def test_of_all_day_series(self, insert, instances, start, lines, days):
        """Facts 8: month-day 31, BYSETPOS, 29 February, COUNT with an odd start, EXRULE, RDATE."""
        found = instances(insert(all_day(start, *lines)), timeMax="2030-01-01T00:00:00Z")
        assert [each["start"]["date"] for each in found] == days

    @pytest.mark.parametrize(
        ("until", "count"),
        [
            ("20260319T090000Z", 3),
            ("20260319T085959Z", 2),
            ("20260319", 3),
            ("20260319T100000", 3),
            ("20260318T225959Z", 2),
        ],
    )
    def test_forms_of_until(self, insert, instances, timed, until, count):
        """Facts 8: UTC instant or date; also a UTC time near local midnight."""
        body = timed(day="2026-03-17", recurrence=[f"RRULE:FREQ=DAILY;UNTIL={until}"])
        assert len(instances(insert(body))) == count

    @pytest.mark.parametrize(
        "line",
        [
            "RRULE:FREQ=MINUTELY",
            "RRULE:FREQ=WEEKLY;BYDAY=MO;BYDAY=TU",
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=99",
            "RRULE:FREQ=DAILY;BYHOUR=9,15",
            "RRULE:",
            "EXDATE;TZID=Nowhere/City:20260317T100000",
            "EXDATE:20261332T100000Z",
        ],
    )
    def test_refused_lines(self, events, refusal, timed, line):
        """Facts 8: sub-daily frequencies and malformed parts are 400."""
        request = events.insert(calendarId="primary", body=timed(recurrence=[line]))
        assert refusal(request) == (400, "invalid")

    def test_exdate_and_cancelled_instances_still_count(self, events, insert, instances, timed):
        """Facts 8: COUNT counts the first instance; cancelled ones and EXDATEs still count."""
        lines = ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE;TZID=Europe/Berlin:20260318T100000"]
        series = insert(timed(day="2026-03-17", recurrence=lines))
        events.delete(calendarId="primary", eventId=f"{series['id']}_20260319T090000Z").execute()
        assert [each["start"]["dateTime"][8:10] for each in instances(series)] == ["17", "20"]

    def test_series_that_began_long_ago_reaches_the_window(self, events, insert, timed):
        """Facts 6.3: an open-ended series expands in any window, however old it is."""
        series = insert(timed(day="2001-01-01", recurrence=["RRULE:FREQ=DAILY"]))
        page = events.list(
            calendarId="primary",
            singleEvents=True,
            timeMin="2026-03-10T00:00:00Z",
            timeMax="2026-03-12T00:00:00Z",
        ).execute()
        assert [item["id"] for item in page["items"]] == [
            f"{series['id']}_20260310T090000Z",
            f"{series['id']}_20260311T090000Z",
        ]

    @pytest.mark.parametrize(("years", "instances"), [(1, 13), (2, 25)])
    def test_endless_series_is_expanded_for_some_years(
        self, google, events, insert, years, instances
    ):
        """Facts 6.3 [K]: limited by the service to some years; how many is a switch."""
        google.control("POST", "switches", {"expansion_years": years})
        insert(all_day("2030-03-01", "RRULE:FREQ=MONTHLY"))
        page = events.list(calendarId="primary", singleEvents=True).execute()
        assert len(page["items"]) == instances

    def test_every_instance_cancelled_leaves_the_master(self, events, insert, instances, timed):
        """Facts 8: a series of which every instance is cancelled still exists as a master."""
        series = insert(timed(recurrence=["RRULE:FREQ=DAILY;COUNT=2"]))
        for each in instances(series):
            events.delete(calendarId="primary", eventId=each["id"]).execute()
        assert instances(series) == []
        found = events.get(calendarId="primary", eventId=series["id"]).execute()
        assert found["status"] == "confirmed"


class TestSummerTime:
    """Wall-clock time over changes of offset."""

    @pytest.mark.parametrize(
        ("zone", "day", "offsets"),
        [
            ("Europe/Berlin", "2026-10-24", ["+02:00", "+01:00", "+01:00"]),
            ("America/New_York", "2026-03-07", ["-05:00", "-04:00", "-04:00"]),
            ("Australia/Sydney", "2026-04-04", ["+11:00", "+10:00", "+10:00"]),
            ("Australia/Sydney", "2026-10-03", ["+10:00", "+11:00", "+11:00"]),
            ("America/Santiago", "2026-09-05", ["-04:00", "-03:00", "-03:00"]),
        ],
    )
    def test_stays_in_both_directions_and_hemispheres(self, insert, instances, zone, day, offsets):
        """Facts 4, 8: a series in a zone keeps wall-clock time."""
        body = {
            "start": {"dateTime": f"{day}T10:00:00", "timeZone": zone},
            "end": {"dateTime": f"{day}T11:00:00", "timeZone": zone},
            "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"],
        }
        found = instances(insert(body), timeZone=zone)
        assert [each["start"]["dateTime"][11:] for each in found] == [
            f"10:00:00{offset}" for offset in offsets
        ]
        assert [each["end"]["dateTime"][11:16] for each in found] == ["11:00"] * 3

    def test_all_day_series_does_not_move(self, insert, instances):
        """Facts 4: the zone on all-day events has no meaning."""
        found = instances(insert(all_day("2026-03-28", "RRULE:FREQ=DAILY;COUNT=3")))
        assert [each["start"]["date"] for each in found] == [
            "2026-03-28",
            "2026-03-29",
            "2026-03-30",
        ]

    def test_hour_that_does_not_exist_comes_an_hour_later(self, insert, instances):
        """Facts 8: 02:30 in the night without one."""
        body = {
            "start": {"dateTime": "2026-03-28T02:30:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2026-03-28T02:45:00", "timeZone": "Europe/Berlin"},
            "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"],
        }
        found = instances(insert(body))
        assert [each["start"]["dateTime"][11:16] for each in found] == ["02:30", "03:30", "02:30"]


class TestExceptionsOnTheMove:
    """Exceptions in odd places."""

    @pytest.fixture
    def weekly(self, insert, timed):
        """A series of four Tuesdays at ten in Berlin."""
        return insert(timed(day="2026-03-03", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"]))

    def moved(self, patch, weekly, which, day):
        """Move an instance to a day at noon and return it."""
        times = {
            name: {"dateTime": f"{day}T{clock}:00", "timeZone": "Europe/Berlin"}
            for name, clock in (("start", "12:00"), ("end", "12:30"))
        }
        return patch(f"{weekly['id']}_{which}T090000Z", **times)

    def test_before_the_start_of_the_series(self, events, patch, weekly, instances):
        """Facts 8: exception moved before the series start."""
        moved = self.moved(patch, weekly, "20260317", "2026-02-01")
        assert instances(weekly)[0]["id"] == moved["id"]
        page = events.list(
            calendarId="primary", singleEvents=True, timeMax="2026-02-02T00:00:00Z"
        ).execute()
        assert [item["id"] for item in page["items"]] == [moved["id"]]

    def test_onto_the_day_of_another_instance(self, patch, weekly, instances):
        """Facts 8: instance moved onto another instance's day: both are there."""
        self.moved(patch, weekly, "20260317", "2026-03-10")
        days = [each["start"]["dateTime"][5:13] for each in instances(weekly)]
        assert days == ["03-03T10", "03-10T10", "03-10T12", "03-24T10"]

    def test_last_instance_an_exception_beyond_the_bound(self, patch, weekly, instances):
        """Facts 8: COUNT and UNTIL bounds with the last instance an exception."""
        moved = self.moved(patch, weekly, "20260324", "2026-05-01")
        assert instances(weekly)[-1]["id"] == moved["id"]
        assert moved["originalStartTime"]["dateTime"] == "2026-03-24T10:00:00+01:00"
        patch(weekly["id"], recurrence=["RRULE:FREQ=WEEKLY;UNTIL=20260317T090000Z"])
        assert len(instances(weekly)) == 3

    def test_own_sequence_is_higher_than_the_masters(self, events, patch, weekly):
        """Facts 7: exceptions have their own sequence, often higher than the master's."""
        self.moved(patch, weekly, "20260317", "2026-03-18")
        moved = self.moved(patch, weekly, "20260317", "2026-03-19")
        master = events.get(calendarId="primary", eventId=weekly["id"]).execute()
        assert (moved["sequence"], master["sequence"]) == (2, 0)

    def test_excluded_by_exdate_it_is_lost(self, patch, weekly, instances):
        """Facts 8: writing EXDATE is legal; the exception of that instance goes."""
        self.moved(patch, weekly, "20260317", "2026-03-18")
        lines = [*weekly["recurrence"], "EXDATE;TZID=Europe/Berlin:20260317T100000"]
        patch(weekly["id"], recurrence=lines)
        assert len(instances(weekly)) == 3

    def test_page_may_list_it_before_its_master_by_switch(self, google, events, patch, weekly):
        """Facts 5: an exception can arrive before its master, or on another page."""
        google.control("POST", "switches", {"listing_order": "exceptions_first"})
        moved = self.moved(patch, weekly, "20260317", "2026-03-18")
        first = events.list(calendarId="primary", maxResults=1)
        page = first.execute()
        assert [item["id"] for item in page["items"]] == [moved["id"]]
        last = events.list_next(first, page).execute()
        assert [item["id"] for item in last["items"]] == [weekly["id"]]
        patch(weekly["id"], summary="New")
        patch(moved["id"], summary="New")
        request = events.list(calendarId="primary", syncToken=last["nextSyncToken"])
        assert [item["id"] for item in request.execute()["items"]] == [moved["id"], weekly["id"]]


class TestChangedSeries:
    """What a change of the master does to its exceptions."""

    @pytest.fixture
    def weekly(self, insert, patch, timed):
        """A series of four Tuesdays whose second one has another title."""
        made = insert(timed(day="2026-03-03", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"]))
        patch(f"{made['id']}_20260310T090000Z", summary="Other")
        return made

    EXCEPTION = "_20260310T090000Z"

    def later(self, hour=11):
        """Return times an hour later."""
        return {
            name: {"dateTime": f"2026-03-03T{hour}:{minute}:00", "timeZone": "Europe/Berlin"}
            for name, minute in (("start", "00"), ("end", "30"))
        }

    def test_lost_exceptions_are_told_of_as_tombstones(
        self, events, weekly, patch, instances, changed_since
    ):
        """Facts 8: instances whose original start no longer exists lose their exceptions."""
        changed_since()
        patch(weekly["id"], **self.later())
        items = {item["id"]: item for item in changed_since()}
        assert items[weekly["id"] + self.EXCEPTION]["status"] == "cancelled"
        assert {each.get("summary") for each in instances(weekly)} == {"Call Ada"}
        assert [item["id"] for item in events.list(calendarId="primary").execute()["items"]] == [
            weekly["id"]
        ]
        deleted = instances(weekly, showDeleted=True)
        assert weekly["id"] + self.EXCEPTION in [each["id"] for each in deleted]

    def test_or_there_is_silence_by_switch(self, google, weekly, patch, instances, changed_since):
        """Facts 8: expect tombstones for the old instance ids, or silence."""
        google.control("POST", "switches", {"lost_exceptions": "silent"})
        changed_since()
        patch(weekly["id"], **self.later())
        assert [item["id"] for item in changed_since()] == [weekly["id"]]
        assert len(instances(weekly, showDeleted=True)) == 4

    def test_or_they_keep_their_own_times_by_switch(self, google, weekly, patch, instances):
        """Facts 8 [I]: exceptions keep their own instants when every instance moves."""
        google.control("POST", "switches", {"lost_exceptions": "kept"})
        patch(weekly["id"], **self.later())
        found = [(each["start"]["dateTime"][8:13], each["summary"]) for each in instances(weekly)]
        assert found == [
            ("03T11", "Call Ada"),
            ("10T10", "Other"),
            ("10T11", "Call Ada"),
            ("17T11", "Call Ada"),
            ("24T11", "Call Ada"),
        ]

    def test_start_that_comes_back_is_a_plain_instance(self, weekly, patch, instances):
        """Facts 8: the exception is lost for good, the instance is not."""
        patch(weekly["id"], **self.later())
        patch(weekly["id"], **self.later(hour=10))
        assert [each["summary"] for each in instances(weekly)] == ["Call Ada"] * 4

    def test_new_zone_moves_every_instance_and_renames_it(self, weekly, patch, instances):
        """Facts 8: changing only the zone moves every instance; ids carry the original start."""
        times = {
            name: {"dateTime": f"2026-03-03T10:{minute}:00", "timeZone": "Europe/London"}
            for name, minute in (("start", "00"), ("end", "30"))
        }
        patch(weekly["id"], **times)
        assert [each["id"][-17:] for each in instances(weekly)] == [
            "_20260303T100000Z",
            "_20260310T100000Z",
            "_20260317T100000Z",
            "_20260324T100000Z",
        ]

    def test_timed_series_that_becomes_all_day_loses_them(self, insert, patch, timed, instances):
        """Facts 8: even where a day begins at the very instant of the original start."""
        made = insert(timed(day="2026-03-03", hour=0, recurrence=["RRULE:FREQ=DAILY;COUNT=2"]))
        patch(f"{made['id']}_20260303T230000Z", summary="Other")
        day = {"date": "2026-03-03", "dateTime": None, "timeZone": None}
        patch(made["id"], start=day, end={**day, "date": "2026-03-04"})
        assert [each["summary"] for each in instances(made)] == ["Call Ada"] * 2

    def test_series_that_ends_recurring_loses_all(self, weekly, patch, changed_since):
        """Facts 8: without a rule there are no instances."""
        changed_since()
        single = patch(weekly["id"], recurrence=None)
        assert "recurrence" not in single
        assert {item["id"]: item["status"] for item in changed_since()} == {
            weekly["id"]: "confirmed",
            weekly["id"] + self.EXCEPTION: "cancelled",
        }

    def test_exceptions_stay_unlisted_when_the_master_changes(self, weekly, patch, changed_since):
        """Facts 6.3: one change of a series is one item."""
        changed_since()
        patch(weekly["id"], summary="New")
        assert [item["id"] for item in changed_since()] == [weekly["id"]]

    def test_or_come_along_under_new_etags_by_switch(
        self, google, events, weekly, patch, changed_since
    ):
        """Facts 6.3: changing a master may also bring all its exceptions along."""
        google.control("POST", "switches", {"exceptions_with_master": "along"})
        before = events.get(calendarId="primary", eventId=weekly["id"] + self.EXCEPTION).execute()
        changed_since()
        patch(weekly["id"], summary="New")
        items = changed_since()
        assert [item["id"] for item in items] == [weekly["id"], before["id"]]
        assert items[1]["etag"] != before["etag"]
        assert items[1]["summary"] == "Other"

    def test_deletion_tells_of_exceptions_too(self, events, weekly, changed_since):
        """Facts 5: one tombstone for the master, and maybe for its exceptions too."""
        changed_since()
        events.delete(calendarId="primary", eventId=weekly["id"]).execute()
        assert len(changed_since()) == 2

    def test_or_of_the_master_only_by_switch(self, google, events, weekly, changed_since):
        """Facts 5: deleting a series sends one tombstone for the master."""
        google.control("POST", "switches", {"series_tombstones": "master_only"})
        changed_since()
        events.delete(calendarId="primary", eventId=weekly["id"]).execute()
        assert [item["id"] for item in changed_since()] == [weekly["id"]]

    def test_cancelled_and_restored_again_and_again(self, events, weekly, patch, changed_since):
        """Facts 8: a cancelled instance is restored by status confirmed; it stays an exception."""
        event_id = weekly["id"] + self.EXCEPTION
        for _ in range(2):
            changed_since()
            events.delete(calendarId="primary", eventId=event_id).execute()
            assert [item["status"] for item in changed_since()] == ["cancelled"]
            restored = patch(event_id, status="confirmed")
            assert (restored["status"], restored["summary"]) == ("confirmed", "Other")
            assert [item["id"] for item in changed_since()] == [event_id]


class TestInstancesMethod:
    """events.instances."""

    @pytest.fixture
    def daily(self, insert, timed):
        """A series of six days with guests."""
        guests = [{"email": f"g{number}@example.org"} for number in range(3)]
        lines = ["RRULE:FREQ=DAILY;COUNT=6"]
        return insert(timed(day="2026-03-10", recurrence=lines, attendees=guests))

    def test_lower_bound_is_inclusive(self, daily, instances):
        """Facts 6.1, reference: timeMin is inclusive here, unlike in list; timeMax exclusive."""
        window = {"timeMin": "2026-03-11T09:30:00Z", "timeMax": "2026-03-13T09:00:00Z"}
        assert [each["start"]["dateTime"][8:10] for each in instances(daily, **window)] == [
            "11",
            "12",
        ]

    def test_view_parameters_count(self, daily, instances):
        """Facts 6.1: timeZone and maxAttendees shape the answer."""
        (first, *_) = instances(daily, timeZone="Asia/Tokyo", maxAttendees=2)
        assert first["start"]["dateTime"] == "2026-03-10T18:00:00+09:00"
        assert first["originalStartTime"]["dateTime"] == "2026-03-10T18:00:00+09:00"
        assert first["attendeesOmitted"] is True

    def test_deletion_while_paging_skips_nothing(self, events, daily):
        """Facts 6.2: what goes away between two pages does not hide another item."""
        request = events.instances(calendarId="primary", eventId=daily["id"], maxResults=2)
        page = request.execute()
        seen = [item["id"] for item in page["items"]]
        events.delete(calendarId="primary", eventId=seen[0]).execute()
        while request := events.instances_next(request, page):
            page = request.execute()
            seen += [item["id"] for item in page["items"]]
        assert len(set(seen)) == 6

    def test_page_token_belongs_to_its_query(self, events, refusal, daily):
        """Facts 6.1: keep all other parameters the same."""
        page = events.instances(calendarId="primary", eventId=daily["id"], maxResults=2).execute()
        request = events.instances(
            calendarId="primary",
            eventId=daily["id"],
            pageToken=page["nextPageToken"],
            timeMin="2026-03-11T00:00:00Z",
        )
        assert refusal(request) == (400, "invalid")
