"""Dates, times and zones (facts 4)."""

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


def offsets(events, made):
    """Return wall-clock time and offset of each instance of a series."""
    found = events.instances(calendarId="primary", eventId=made["id"], timeZone=made["zone"])
    return [each["start"]["dateTime"][11:] for each in found.execute()["items"]]


@pytest.fixture
def series(events):
    """A function that makes a daily series of half an hour and returns it with its zone."""

    def make(zone, start, end, rule="RRULE:FREQ=DAILY;COUNT=2"):
        body = {
            "start": {"dateTime": start, "timeZone": zone},
            "end": {"dateTime": end, "timeZone": zone},
            "recurrence": [rule],
        }
        return {**events.insert(calendarId="primary", body=body).execute(), "zone": zone}

    return make


class TestForms:
    """How instants are written and answered."""

    @pytest.mark.parametrize(
        ("written", "zone"),
        [
            ({"dateTime": "2026-07-01T09:00:00+02:00"}, None),
            ({"dateTime": "2026-07-01T09:00:00"}, None),
            ({"dateTime": "2026-07-01T03:00:00", "timeZone": "America/New_York"}, True),
            ({"dateTime": "2026-07-01T07:00:00Z"}, None),
            ({"dateTime": "2026-07-01T09:00:00+02:00", "timeZone": "America/New_York"}, True),
            ({"dateTime": "2026-07-01T16:00:00+09:00", "timeZone": "Europe/London"}, True),
        ],
    )
    @pytest.mark.fact("4", "four equal ways to write one instant; the zone stays beside it", "D")
    def test_instant_is_the_same_and_the_named_zone_is_kept(self, events, written, zone):
        body = {"start": written, "end": {"dateTime": "2026-07-01T12:00:00Z"}}
        made = events.insert(calendarId="primary", body=body).execute()
        assert made["start"]["dateTime"] == "2026-07-01T09:00:00+02:00"
        if zone:
            assert made["start"]["timeZone"] == written["timeZone"]

    @pytest.mark.fact(
        "4", "answers have the offset of the timeZone parameter, in listings too", "D"
    )
    def test_listing_reads_in_the_asked_zone(self, events, timed):
        events.insert(calendarId="primary", body=timed()).execute()
        page = events.list(calendarId="primary", timeZone="Asia/Tokyo").execute()
        assert page["items"][0]["start"] == {
            "dateTime": "2026-03-10T18:00:00+09:00",
            "timeZone": "Europe/Berlin",
        }

    @pytest.mark.fact("4", "answers have the offset of the calendar's zone", "D")
    def test_same_event_reads_differently_under_another_calendar_zone(self, service, timed):
        made = service.events().insert(calendarId="primary", body=timed()).execute()
        body = {"timeZone": "America/New_York"}
        service.calendars().patch(calendarId="primary", body=body).execute()
        found = service.events().get(calendarId="primary", eventId=made["id"]).execute()
        assert found["start"] == {
            "dateTime": "2026-03-10T05:00:00-04:00",
            "timeZone": "Europe/Berlin",
        }

    @pytest.mark.parametrize("end", ["2026-03-11", "2026-03-12", "2026-04-10"])
    @pytest.mark.fact("4", "all-day end is exclusive", "D")
    def test_all_day_event_keeps_its_days(self, events, end):
        body = {"start": {"date": "2026-03-10"}, "end": {"date": end}}
        made = events.insert(calendarId="primary", body=body).execute()
        assert made["end"] == {"date": end}

    @pytest.mark.fact("4", "zone on all-day events has no meaning", "D")
    def test_zone_beside_a_date_places_nothing(self, events):
        start = {"date": "2026-03-10", "timeZone": "Pacific/Auckland"}
        end = {"date": "2026-03-11", "timeZone": "Pacific/Auckland"}
        made = events.insert(calendarId="primary", body={"start": start, "end": end}).execute()
        assert made["start"]["date"] == "2026-03-10"
        for bound, found in (("2026-03-10T22:59:59Z", 1), ("2026-03-10T23:00:00Z", 0)):
            page = events.list(calendarId="primary", timeMin=bound).execute()
            assert len(page["items"]) == found

    @pytest.mark.parametrize("fraction", ["001", "5", "987654"])
    @pytest.mark.fact("4", "Google stores instants to the second", "K")
    def test_fractions_of_a_second_are_dropped(self, events, fraction):
        body = {
            "start": {"dateTime": f"2026-03-10T09:00:00.{fraction}Z"},
            "end": {"dateTime": f"2026-03-10T10:00:00.{fraction}Z"},
        }
        made = events.insert(calendarId="primary", body=body).execute()
        assert made["start"]["dateTime"] == "2026-03-10T10:00:00+01:00"
        assert made["end"]["dateTime"] == "2026-03-10T11:00:00+01:00"

    @pytest.mark.fact("4", "floating local time does not exist", "I")
    def test_time_without_offset_and_zone_gets_the_calendars(self, service):
        service.calendars().patch(calendarId="primary", body={"timeZone": "Asia/Tokyo"}).execute()
        body = {
            "start": {"dateTime": "2026-03-10T09:00:00"},
            "end": {"dateTime": "2026-03-10T10:00:00"},
        }
        made = service.events().insert(calendarId="primary", body=body).execute()
        assert made["start"] == {"dateTime": "2026-03-10T09:00:00+09:00", "timeZone": "Asia/Tokyo"}


class TestRefusals:
    """What cannot be a time."""

    @pytest.mark.parametrize("offset", ["", "Z", "+01:00"])
    @pytest.mark.fact(
        "4", "recurring timed: Missing time zone definition, whatever the offset", "O"
    )
    def test_series_without_a_zone_is_refused_with_googles_words(self, events, error, offset):
        body = {
            "start": {"dateTime": f"2026-03-10T10:00:00{offset}"},
            "end": {"dateTime": f"2026-03-10T10:30:00{offset}"},
            "recurrence": ["RRULE:FREQ=WEEKLY"],
        }
        told = error(events.insert(calendarId="primary", body=body))
        assert told["code"] == 400
        assert told["message"] == "Missing time zone definition for start time."

    @pytest.mark.fact("4", "a zone is required of timed series only", "D")
    def test_all_day_series_needs_no_zone(self, events):
        body = {**DAY, "recurrence": ["RRULE:FREQ=WEEKLY"]}
        assert events.insert(calendarId="primary", body=body).execute()["recurrence"]

    @pytest.mark.parametrize("zone", ["W. Europe Standard Time", "Customized Time Zone", "CEST+1"])
    @pytest.mark.fact("4", 'unknown zones: 400 "Invalid time zone definition ..."', "K")
    def test_unknown_zone_is_refused_with_googles_words(self, events, error, zone):
        start = {"dateTime": "2026-03-10T10:00:00", "timeZone": zone}
        told = error(events.insert(calendarId="primary", body={"start": start, "end": start}))
        assert told["code"] == 400
        assert told["message"].startswith("Invalid time zone definition")


class TestBounds:
    """timeMin and timeMax."""

    @pytest.mark.parametrize(
        ("parameters", "found"),
        [
            ({"timeMax": "2026-03-10T09:00:00.999Z"}, 0),
            ({"timeMax": "2026-03-10T09:00:01.000Z"}, 1),
            ({"timeMin": "2026-03-10T09:29:59.999Z"}, 1),
            ({"timeMin": "2026-03-10T09:30:00.001Z"}, 0),
        ],
    )
    @pytest.mark.fact("4", "milliseconds of the bounds are ignored", "D")
    def test_bounds_count_in_seconds(self, events, timed, parameters, found):
        events.insert(calendarId="primary", body=timed()).execute()
        page = events.list(calendarId="primary", **parameters).execute()
        assert len(page["items"]) == found

    @pytest.mark.parametrize("name", ["timeMin", "timeMax", "updatedMin"])
    @pytest.mark.fact("4", "bounds need an offset", "D")
    def test_bound_without_offset_is_refused(self, events, refusal, name):
        request = events.list(calendarId="primary", **{name: "2026-03-10T09:00:00"})
        assert refusal(request)[0] == 400

    @pytest.mark.parametrize("maximum", ["2026-03-10T09:00:00Z", "2026-03-09T09:00:00Z"])
    @pytest.mark.fact("4", "timeMin must be smaller than timeMax, else timeRangeEmpty", "D")
    def test_empty_range_is_refused(self, events, error, maximum):
        told = error(
            events.list(calendarId="primary", timeMin="2026-03-10T09:00:00Z", timeMax=maximum)
        )
        assert (told["code"], told["domain"], told["reason"]) == (400, "calendar", "timeRangeEmpty")
        assert told["message"] == "The specified time range is empty."
        assert (told["locationType"], told["location"]) == ("parameter", "timeMax")


class TestSummerTime:
    """Series over changes of the clock."""

    @pytest.mark.parametrize(
        ("zone", "day", "times"),
        [
            ("Europe/Berlin", "2026-03-28", ["09:00:00+01:00", "09:00:00+02:00"]),
            ("Europe/Berlin", "2026-10-24", ["09:00:00+02:00", "09:00:00+01:00"]),
            ("America/New_York", "2026-03-07", ["09:00:00-05:00", "09:00:00-04:00"]),
            ("America/New_York", "2026-10-31", ["09:00:00-04:00", "09:00:00-05:00"]),
            ("Australia/Sydney", "2026-04-04", ["09:00:00+11:00", "09:00:00+10:00"]),
            ("Australia/Sydney", "2026-10-03", ["09:00:00+10:00", "09:00:00+11:00"]),
            ("Asia/Tokyo", "2026-03-28", ["09:00:00+09:00", "09:00:00+09:00"]),
        ],
    )
    @pytest.mark.fact("4", "a series in a zone keeps wall-clock time", "D")
    def test_wall_clock_stays(self, events, series, zone, day, times):
        made = series(zone, f"{day}T09:00:00", f"{day}T09:30:00")
        assert offsets(events, made) == times

    @pytest.mark.parametrize(
        ("day", "times"),
        [
            ("2026-03-28", ["10:00:00+01:00", "11:00:00+02:00"]),
            ("2026-10-24", ["11:00:00+02:00", "10:00:00+01:00"]),
        ],
    )
    @pytest.mark.fact("4", "a series sent in UTC shifts by an hour on the wall twice a year", "D")
    def test_series_in_utc_shifts(self, events, series, day, times):
        made = series("UTC", f"{day}T09:00:00Z", f"{day}T09:30:00Z")
        assert offsets(events, {**made, "zone": "Europe/Berlin"}) == times

    @pytest.mark.fact("4", "all-day series are days in every zone", "D")
    def test_all_day_series_knows_no_change(self, events):
        body = {
            "start": {"date": "2026-03-28"},
            "end": {"date": "2026-03-29"},
            "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"],
        }
        made = events.insert(calendarId="primary", body=body).execute()
        found = events.instances(calendarId="primary", eventId=made["id"]).execute()["items"]
        assert [each["start"] for each in found] == [
            {"date": f"2026-03-{day}"} for day in (28, 29, 30)
        ]
