"""Recurrence: rules, exceptions, splits, by way of the API (facts 8)."""

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.fixture
def weekly(events, timed):
    """A series of four Tuesdays at ten in Berlin."""
    body = timed("Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    return events.insert(calendarId="primary", body=body).execute()


@pytest.fixture
def instances(events):
    """A function that returns the instances of a series."""

    def find(series_id, **parameters):
        request = events.instances(calendarId="primary", eventId=series_id, **parameters)
        return request.execute()["items"]

    return find


@pytest.fixture
def all_day(events, instances):
    """A function that makes an all-day series and returns the days of its instances."""

    def make(first, last, *lines, **parameters):
        body = {"start": {"date": first}, "end": {"date": last}, "recurrence": list(lines)}
        made = events.insert(calendarId="primary", body=body).execute()
        return [each["start"]["date"] for each in instances(made["id"], **parameters)]

    return make


class TestRules:
    """What lines mean."""

    @pytest.mark.parametrize(
        ("lines", "days"),
        [
            (["RRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3"], ["01-31", "03-31", "05-31"]),
            (["RRULE:FREQ=MONTHLY;COUNT=3"], ["01-31", "03-31", "05-31"]),
            (["RRULE:FREQ=MONTHLY;BYDAY=-1SA;COUNT=3"], ["01-31", "02-28", "03-28"]),
            (["RRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;COUNT=3"], ["01-31", "02-24", "03-31"]),
            (["RRULE:FREQ=DAILY;INTERVAL=10;COUNT=3"], ["01-31", "02-10", "02-20"]),
            (["RRULE:FREQ=WEEKLY;BYDAY=SA,SU;COUNT=3"], ["01-31", "02-01", "02-07"]),
            (["RRULE:FREQ=DAILY;UNTIL=20260202"], ["01-31", "02-01", "02-02"]),
        ],
    )
    @pytest.mark.fact("8", "recurrence holds lines as RFC 5545 properties", "D")
    def test_rule_gives_its_days(self, all_day, lines, days):
        found = all_day("2026-01-31", "2026-02-01", *lines)
        # A start that the rule does not give is an instance all the same, and COUNT counts it.
        assert [each[5:] for each in found] == days

    @pytest.mark.fact("8", "29 February recurs in leap years", "D")
    def test_leap_day(self, all_day):
        found = all_day("2016-02-29", "2016-03-01", "RRULE:FREQ=YEARLY;COUNT=3")
        assert found == ["2016-02-29", "2020-02-29", "2024-02-29"]

    @pytest.mark.parametrize(
        ("line", "days"),
        [
            ("EXDATE;VALUE=DATE:20260311", ["10", "12", "13"]),
            ("EXDATE;VALUE=DATE:20260311,20260312", ["10", "13"]),
            ("RDATE;VALUE=DATE:20260320", ["10", "11", "12", "13", "20"]),
            ("RDATE;VALUE=DATE:20260320,20260321", ["10", "11", "12", "13", "20", "21"]),
            ("EXRULE:FREQ=DAILY;INTERVAL=2", ["11", "13"]),
        ],
    )
    @pytest.mark.fact("8", "EXDATE, RDATE and EXRULE lines, several values with commas", "D")
    def test_lines_beside_the_rule(self, all_day, line, days):
        found = all_day("2026-03-10", "2026-03-11", "RRULE:FREQ=DAILY;COUNT=4", line)
        assert [each[8:] for each in found] == days

    @pytest.mark.fact("8", "lists of pure RDATE without any RRULE occur", "O")
    def test_series_of_dates_alone(self, all_day):
        found = all_day("2026-03-10", "2026-03-11", "RDATE;VALUE=DATE:20260407,20260506")
        assert found == ["2026-03-10", "2026-04-07", "2026-05-06"]

    @pytest.mark.parametrize(
        "line",
        ["EXDATE;TZID=Europe/Berlin:20260317T100000", "EXDATE:20260317T090000Z"],
    )
    @pytest.mark.fact("14", "EXDATE with TZID or UTC both fine", "D")
    def test_exdate_in_zone_or_utc(self, events, timed, instances, line):
        body = timed(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3", line])
        made = events.insert(calendarId="primary", body=body).execute()
        found = instances(made["id"])
        assert [each["start"]["dateTime"][5:10] for each in found] == ["03-10", "03-24"]

    @pytest.mark.parametrize(
        "line",
        [
            "RDATE;TZID=Europe/Berlin:20260312T100000,20260313T150000",
            "RDATE:20260312T090000Z,20260313T140000Z",
        ],
    )
    @pytest.mark.fact("15", "RDATE;TZID with many values", "O")
    def test_rdates_of_a_timed_series(self, events, timed, instances, line):
        body = timed(recurrence=["RRULE:FREQ=WEEKLY;COUNT=2", line])
        made = events.insert(calendarId="primary", body=body).execute()
        found = [each["start"]["dateTime"][8:16] for each in instances(made["id"])]
        assert found == ["10T10:00", "12T10:00", "13T15:00", "17T10:00"]

    @pytest.mark.fact("8", "a start that does not match the rule is kept as an instance", "K")
    def test_start_beside_the_rule_is_an_instance(self, all_day):
        found = all_day("2026-03-10", "2026-03-11", "RRULE:FREQ=WEEKLY;BYDAY=WE;UNTIL=20260320")
        assert found == ["2026-03-10", "2026-03-11", "2026-03-18"]

    @pytest.mark.parametrize(
        ("until", "count"),
        [("20260324T090000Z", 3), ("20260324T085959Z", 2), ("20260323T225959Z", 2)],
    )
    @pytest.mark.fact("8", "UNTIL of a timed series is a UTC instant, inclusive", "D")
    def test_until_includes_its_instant(self, events, timed, instances, until, count):
        body = timed(recurrence=[f"RRULE:FREQ=WEEKLY;UNTIL={until}"])
        made = events.insert(calendarId="primary", body=body).execute()
        assert len(instances(made["id"])) == count

    @pytest.mark.parametrize(
        "line",
        [
            "RRULE:FREQ=HOURLY",
            "RRULE:FREQ=MINUTELY;INTERVAL=90",
            "RRULE:FREQ=SOMETIMES",
            "RRULE:COUNT=3",
        ],
    )
    @pytest.mark.fact("8", 'refused rules: 400 "Invalid recurrence rule."', "K")
    def test_refused_rule_is_told_with_googles_words(self, events, error, timed, line):
        told = error(events.insert(calendarId="primary", body=timed(recurrence=[line])))
        assert (told["code"], told["message"]) == (400, "Invalid recurrence rule.")

    @pytest.mark.fact("8", "large EXDATE lists exceed the allowed size limit", "O")
    def test_endless_list_of_exdates_is_told_with_googles_words(self, events, error, timed):
        dates = ",".join(f"{year}0310T090000Z" for year in range(1000, 3000))
        body = timed(recurrence=["RRULE:FREQ=YEARLY", *[f"EXDATE:{dates}"] * 5])
        told = error(events.insert(calendarId="primary", body=body))
        assert told["code"] == 400
        assert told["message"] == "A provided value exceeds the allowed size limit."

    @pytest.mark.parametrize("extra", ["EXDATE;VALUE=DATE:20260311", "cancelled"])
    @pytest.mark.fact("8", "COUNT counts the first, EXDATEs and cancelled instances", "D")
    def test_excluded_instances_still_count(self, events, instances, extra):
        lines = ["RRULE:FREQ=DAILY;COUNT=3"]
        if extra != "cancelled":
            lines.append(extra)
        made = events.insert(calendarId="primary", body={**DAY, "recurrence": lines}).execute()
        if extra == "cancelled":
            instance = f"{made['id']}_20260311"
            events.delete(calendarId="primary", eventId=instance).execute()
        found = [each["start"]["date"] for each in instances(made["id"])]
        assert found == ["2026-03-10", "2026-03-12"]


class TestExceptions:
    """Instances that say otherwise."""

    @pytest.mark.parametrize("how", ["patch", "update"])
    @pytest.mark.fact("8", "get the instance by originalStart, then update or patch that id", "D")
    def test_exception_is_made_as_the_guide_says(self, events, timed, weekly, instances, how):
        (found,) = instances(weekly["id"], originalStart="2026-03-17T10:00:00+01:00")
        moved = timed("Moved", day="2026-03-18", hour=15)
        body = moved if how == "update" else {name: moved[name] for name in moved}
        made = getattr(events, how)(calendarId="primary", eventId=found["id"], body=body).execute()
        assert made["id"] == found["id"]
        assert made["recurringEventId"] == weekly["id"]
        days = [each["start"]["dateTime"][5:13] for each in instances(weekly["id"])]
        assert days == ["03-10T10", "03-18T15", "03-24T10", "03-31T10"]

    @pytest.mark.fact("8", "exceptions are full events with own id and etag; the series' UID", "D")
    def test_exception_is_a_whole_event(self, events, weekly):
        instance = f"{weekly['id']}_20260317T090000Z"
        body = {"summary": "x"}
        made = events.patch(calendarId="primary", eventId=instance, body=body).execute()
        assert made["etag"] != weekly["etag"]
        assert made["iCalUID"] == weekly["iCalUID"]
        assert {"start", "end", "creator", "organizer", "created", "reminders"} <= set(made)
        assert "recurrence" not in made

    @pytest.mark.fact("8", "there is no un-except: with the master's values it stays an item", "K")
    def test_exception_put_back_stays_an_exception(self, events, weekly):
        instance = f"{weekly['id']}_20260317T090000Z"
        for summary in ("x", "Weekly"):
            body = {"summary": summary}
            events.patch(calendarId="primary", eventId=instance, body=body).execute()
        listed = events.list(calendarId="primary").execute()["items"]
        assert instance in [each["id"] for each in listed]

    @pytest.mark.fact("8", "a cancelled instance is restored by status confirmed", "K")
    def test_cancelled_instance_comes_back(self, events, weekly, instances):
        instance = f"{weekly['id']}_20260317T090000Z"
        events.delete(calendarId="primary", eventId=instance).execute()
        body = {"status": "confirmed"}
        back = events.patch(calendarId="primary", eventId=instance, body=body).execute()
        assert (back["id"], back["status"], back["summary"]) == (instance, "confirmed", "Weekly")
        assert len(instances(weekly["id"])) == 4

    @pytest.mark.fact("8", "later edits of the master do not reach an exception", "K")
    def test_exception_keeps_its_own_title_and_place(self, events, weekly, instances):
        instance = f"{weekly['id']}_20260317T090000Z"
        body = {"summary": "Own"}
        events.patch(calendarId="primary", eventId=instance, body=body).execute()
        body = {"summary": "New", "location": "Prague"}
        events.patch(calendarId="primary", eventId=weekly["id"], body=body).execute()
        found = [(each["summary"], each.get("location")) for each in instances(weekly["id"])]
        assert found == [("New", "Prague"), ("Own", None), ("New", "Prague"), ("New", "Prague")]

    @pytest.mark.fact("8", "an instance may move onto another instance's day", "D")
    def test_two_instances_on_one_day(self, events, timed, weekly, instances):
        instance = f"{weekly['id']}_20260317T090000Z"
        moved = timed(day="2026-03-24", hour=16)
        body = {"start": moved["start"], "end": moved["end"]}
        events.patch(calendarId="primary", eventId=instance, body=body).execute()
        found = instances(weekly["id"])
        assert len({each["id"] for each in found}) == 4
        assert [each["start"]["dateTime"][8:10] for each in found].count("24") == 2

    @pytest.mark.fact("8", "an exception may move before the series' start", "D")
    def test_instance_before_the_first_one(self, events, timed, weekly, instances):
        instance = f"{weekly['id']}_20260317T090000Z"
        moved = timed(day="2026-03-02")
        body = {"start": moved["start"], "end": moved["end"]}
        events.patch(calendarId="primary", eventId=instance, body=body).execute()
        days = sorted(each["start"]["dateTime"][5:10] for each in instances(weekly["id"]))
        assert days == ["03-02", "03-10", "03-24", "03-31"]
        window = {"timeMin": "2026-03-02T00:00:00Z", "timeMax": "2026-03-03T00:00:00Z"}
        page = events.list(calendarId="primary", **window).execute()
        assert instance in [each["id"] for each in page["items"]]

    @pytest.mark.fact("8", "the last instance of COUNT may be an exception", "D")
    def test_moved_last_instance_does_not_lengthen_the_series(self, events, timed, weekly):
        instance = f"{weekly['id']}_20260331T080000Z"
        moved = timed(day="2026-05-05")
        body = {"start": moved["start"], "end": moved["end"]}
        events.patch(calendarId="primary", eventId=instance, body=body).execute()
        page = events.list(calendarId="primary", singleEvents=True, orderBy="startTime").execute()
        days = [each["start"]["dateTime"][5:10] for each in page["items"]]
        assert days == ["03-10", "03-17", "03-24", "05-05"]

    @pytest.mark.fact("8", "a series of which every instance is cancelled still exists", "K")
    def test_master_without_living_instances(self, events, weekly, instances):
        for each in instances(weekly["id"]):
            events.delete(calendarId="primary", eventId=each["id"]).execute()
        assert instances(weekly["id"]) == []
        master = events.get(calendarId="primary", eventId=weekly["id"]).execute()
        assert master["status"] == "confirmed"
        listed = events.list(calendarId="primary").execute()["items"]
        assert weekly["id"] in [each["id"] for each in listed]

    @pytest.mark.fact("8", "writing an EXDATE is legal and leaves no item", "D")
    def test_exdate_hides_an_instance_without_an_item(self, events, weekly, instances):
        body = {"recurrence": [*weekly["recurrence"], "EXDATE;TZID=Europe/Berlin:20260317T100000"]}
        events.patch(calendarId="primary", eventId=weekly["id"], body=body).execute()
        assert len(instances(weekly["id"])) == 3
        listed = events.list(calendarId="primary").execute()["items"]
        assert [each["id"] for each in listed] == [weekly["id"]]

    @pytest.mark.fact("8", "status, reminders and colour of one instance are its own", "D")
    def test_parts_of_one_instance_are_its_own(self, events, weekly, instances):
        instance = f"{weekly['id']}_20260317T090000Z"
        body = {"colorId": "4", "status": "tentative", "reminders": {"useDefault": False}}
        events.patch(calendarId="primary", eventId=instance, body=body).execute()
        found = instances(weekly["id"])
        assert [each.get("colorId") for each in found] == [None, "4", None, None]
        assert [each["status"] for each in found].count("tentative") == 1
        assert [each["reminders"]["useDefault"] for each in found].count(False) == 1


class TestMasters:
    """Changes of the series as a whole."""

    @pytest.mark.fact("8", "instances whose original start is gone lose their exceptions", "I")
    def test_shorter_series_loses_the_exceptions_beyond(self, events, weekly, instances):
        last = f"{weekly['id']}_20260331T080000Z"
        events.patch(calendarId="primary", eventId=last, body={"summary": "x"}).execute()
        body = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]}
        events.patch(calendarId="primary", eventId=weekly["id"], body=body).execute()
        assert [each["summary"] for each in instances(weekly["id"])] == ["Weekly", "Weekly"]
        page = events.list(calendarId="primary", singleEvents=True).execute()
        assert last not in [each["id"] for each in page["items"]]

    @pytest.mark.fact("8", "ids of instances change with the start of the series", "I")
    def test_new_time_gives_new_instance_ids(self, events, timed, weekly, instances):
        moved = timed(hour=14)
        body = {"start": moved["start"], "end": moved["end"]}
        events.patch(calendarId="primary", eventId=weekly["id"], body=body).execute()
        found = [each["id"] for each in instances(weekly["id"])]
        assert found[0] == f"{weekly['id']}_20260310T130000Z"

    @pytest.mark.fact("8", "changing only the zone of a series moves every instance", "I")
    def test_new_zone_moves_every_instance(self, events, weekly, instances):
        zone = {"timeZone": "America/New_York"}
        body = {
            "start": {"dateTime": "2026-03-10T10:00:00", **zone},
            "end": {"dateTime": "2026-03-10T10:30:00", **zone},
        }
        events.patch(calendarId="primary", eventId=weekly["id"], body=body).execute()
        found = instances(weekly["id"], timeZone="UTC")
        assert [each["start"]["dateTime"][11:] for each in found] == ["14:00:00Z"] * 4

    @pytest.mark.fact("8", "this and following: the exceptions after the split are lost", "D")
    def test_split_by_two_calls(self, events, timed, weekly, instances):
        late = f"{weekly['id']}_20260331T080000Z"
        events.patch(calendarId="primary", eventId=late, body={"summary": "x"}).execute()
        body = {"recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20260324T085959Z"]}
        events.patch(calendarId="primary", eventId=weekly["id"], body=body).execute()
        body = timed("New", day="2026-03-24", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
        fresh = events.insert(calendarId="primary", body=body).execute()
        assert fresh["iCalUID"] != weekly["iCalUID"]
        assert [each["summary"] for each in instances(weekly["id"])] == ["Weekly", "Weekly"]
        assert [each["summary"] for each in instances(fresh["id"])] == ["New", "New"]
        page = events.list(calendarId="primary", singleEvents=True).execute()
        assert len(page["items"]) == 4

    @pytest.mark.fact("7", "PUT clears what is missing, a recurrence too", "D")
    def test_rule_can_be_taken_off(self, events, timed, weekly, refusal):
        single = events.update(calendarId="primary", eventId=weekly["id"], body=timed()).execute()
        assert "recurrence" not in single
        assert len(events.list(calendarId="primary", singleEvents=True).execute()["items"]) == 1
        body = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}
        events.patch(calendarId="primary", eventId=weekly["id"], body=body).execute()
        assert len(events.list(calendarId="primary", singleEvents=True).execute()["items"]) == 2
