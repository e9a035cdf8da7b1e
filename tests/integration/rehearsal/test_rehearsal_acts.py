"""What the Google user does in Google's own page, asked for by a script (facts 17.13)."""

import json

import pytest

ANNA, BEN = "anna@example.com", "ben@example.com"
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=6"
THIRD = "20260324T090000Z"


@pytest.fixture
def act(google):
    """A function that acts as Anna and returns the event; a refusal fails the test."""

    def run(name, event="", **more):
        answer = google.control(
            "POST", "acts", {"account": ANNA, "act": name, "event": event, **more}
        )
        assert "error" not in answer, answer
        return answer

    return run


@pytest.fixture
def refused(google):
    """A function that acts as Anna, expects a refusal and returns its text."""

    def run(name, event="", **more):
        body = {"account": ANNA, "act": name, "event": event, **more}
        status, text, _ = google.http("POST", "/_rehearsal/acts", body=body)
        assert status == 400
        return json.loads(text)["error"]

    return run


@pytest.fixture
def series(events, timed):
    """The id of a weekly series of six Tuesdays from 10 March on, at ten in Berlin."""
    body = timed("Weekly", recurrence=[WEEKLY])
    return events.insert(calendarId="primary", body=body).execute()["id"]


def since(events, token):
    """Return the items and the next token of an incremental listing."""
    answer = events.list(calendarId="primary", syncToken=token).execute()
    return answer["items"], answer["nextSyncToken"]


def token_of(events):
    """Return a sync token for now."""
    return events.list(calendarId="primary").execute()["nextSyncToken"]


def get(events, event_id):
    """Return an event of the primary calendar."""
    return events.get(calendarId="primary", eventId=event_id).execute()


def starts(events, event_id):
    """Return the local starts of a series' instances, minutes and all."""
    items = events.instances(calendarId="primary", eventId=event_id).execute()["items"]
    return [(item["start"].get("dateTime") or item["start"]["date"])[:16] for item in items]


class TestSplit:
    """This and following (facts 3, 8, 19)."""

    def test_old_series_ends_and_a_new_one_with_the_rest_of_the_count_begins(
        self, events, act, series
    ):
        """Facts 19: the shapes of both masters."""
        token = token_of(events)
        made = act("edit", f"{series}_{THIRD}", span="following", fields={"summary": "New"})
        assert made["id"] == f"{series}_R20260324T090000"
        assert made["iCalUID"] == f"{series}_R20260324T090000@google.com"
        assert made["recurrence"] == ["RRULE:FREQ=WEEKLY;WKST=MO;COUNT=4"]
        assert made["summary"] == "New"
        items, _ = since(events, token)
        old, new = items
        assert (old["id"], old["summary"], old["sequence"]) == (series, "Weekly", 1)
        assert old["recurrence"] == ["RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260324T085959Z"]
        assert (new["id"], new["sequence"]) == (made["id"], 0)
        assert starts(events, series) == ["2026-03-10T10:00", "2026-03-17T10:00"]
        # Over the change to summer time the wall-clock time stays.
        assert starts(events, made["id"]) == [
            "2026-03-24T10:00", "2026-03-31T10:00", "2026-04-07T10:00", "2026-04-14T10:00",
        ]  # fmt: skip

    def test_instances_of_the_new_series_lack_the_part_of_the_split(self, events, act, series):
        """Facts 3: instance ids without `_R`, recurringEventId with it."""
        made = act("split", f"{series}_{THIRD}", fields={"location": "Room 2"})
        instance = get(events, f"{series}_{THIRD}")
        assert instance["recurringEventId"] == made["id"]
        assert instance["iCalUID"] == made["iCalUID"]
        assert instance["location"] == "Room 2"

    def test_extended_properties_are_copied(self, events, act, timed):
        """Facts 8: two masters claim the same foreign id."""
        claimed = {"private": {"crm": "7"}, "shared": {"deal": "9"}}
        body = timed(recurrence=[WEEKLY], extendedProperties=claimed, colorId="5")
        series = events.insert(calendarId="primary", body=body).execute()["id"]
        made = act("split", f"{series}_{THIRD}")
        assert get(events, made["id"])["extendedProperties"] == claimed
        assert get(events, series)["extendedProperties"] == claimed
        assert made["colorId"] == "5"

    def test_switch_lets_the_old_series_end_with_the_day_before(self, google, events, act, series):
        """Facts 19: or the end of the day before, in UTC."""
        google.control("POST", "switches", {"split_until": "day_before"})
        act("split", f"{series}_{THIRD}")
        assert get(events, series)["recurrence"] == [
            "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260323T225959Z"
        ]

    def test_all_day_series(self, events, act):
        """Facts 3 and 8: `_R20260317`, and UNTIL is a day."""
        body = {
            "start": {"date": "2026-03-10"},
            "end": {"date": "2026-03-11"},
            "recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20260331"],
        }
        series = events.insert(calendarId="primary", body=body).execute()["id"]
        made = act("split", f"{series}_20260317", fields={"summary": "Fair"})
        assert made["id"] == f"{series}_R20260317"
        assert made["recurrence"] == ["RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260331"]
        assert get(events, series)["recurrence"] == ["RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260316"]
        assert starts(events, made["id"]) == ["2026-03-17", "2026-03-24", "2026-03-31"]
        assert get(events, f"{series}_20260317")["recurringEventId"] == made["id"]

    def test_at_the_first_instance_it_means_all_events(self, events, act, series):
        """Nothing lies before the first one, so that nothing is split."""
        act("split", f"{series}_20260310T090000Z", fields={"summary": "All"})
        (item,) = events.list(calendarId="primary").execute()["items"]
        assert (item["id"], item["summary"]) == (series, "All")

    def test_split_of_a_split_series_counts_from_the_first_id(self, events, act, series):
        """Facts 3: the old id is that of the first series, `_R` does not pile up."""
        second = act("split", f"{series}_{THIRD}")
        third = act("split", f"{series}_20260407T080000Z", fields={"summary": "Third"})
        assert third["id"] == f"{series}_R20260407T080000"
        assert third["recurrence"] == ["RRULE:FREQ=WEEKLY;WKST=MO;COUNT=2"]
        assert starts(events, second["id"]) == ["2026-03-24T10:00", "2026-03-31T10:00"]

    def test_last_instance_becomes_a_series_of_one(self, events, act, series):
        """The rest of the count is one."""
        made = act("split", f"{series}_20260414T080000Z")
        assert made["recurrence"] == ["RRULE:FREQ=WEEKLY;WKST=MO;COUNT=1"]

    def test_dates_of_the_rule_go_to_the_half_they_belong_to(self, events, act, timed):
        """EXDATE and RDATE before the split stay, later ones go along."""
        lines = [
            "RRULE:FREQ=WEEKLY",
            "EXDATE;TZID=Europe/Berlin:20260317T100000,20260331T100000",
            "RDATE;TZID=Europe/Berlin:20260311T100000,20260401T100000",
        ]
        series = events.insert(calendarId="primary", body=timed(recurrence=lines)).execute()["id"]
        made = act("split", f"{series}_{THIRD}")
        assert get(events, series)["recurrence"] == [
            "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260324T085959Z",
            "EXDATE;TZID=Europe/Berlin:20260317T100000",
            "RDATE;TZID=Europe/Berlin:20260311T100000",
        ]
        assert made["recurrence"] == [
            "RRULE:FREQ=WEEKLY;WKST=MO",
            "EXDATE;TZID=Europe/Berlin:20260331T100000",
            "RDATE;TZID=Europe/Berlin:20260401T100000",
        ]

    def test_series_of_dates_alone_is_split_too(self, events, act, timed):
        """Facts 8: lists of pure RDATE without any RRULE occur."""
        lines = ["RDATE;TZID=Europe/Berlin:20260317T100000,20260324T100000"]
        series = events.insert(calendarId="primary", body=timed(recurrence=lines)).execute()["id"]
        made = act("split", f"{series}_20260317T090000Z")
        assert starts(events, series) == ["2026-03-10T10:00"]
        assert starts(events, made["id"]) == ["2026-03-17T10:00", "2026-03-24T10:00"]

    def test_exceptions_behind_it_end_as_tombstones(self, events, act, series):
        """Facts 8: later exceptions are not carried over; their ids live on in the new series."""
        moved, cancelled = f"{series}_20260331T080000Z", f"{series}_20260407T080000Z"
        act("edit", moved, fields={"summary": "Other"})
        act("delete", cancelled)
        token = token_of(events)
        made = act("split", f"{series}_{THIRD}", fields={"location": "Room 2"})
        items, _ = since(events, token)
        (gone,) = [item for item in items if item["id"] == moved]
        assert (gone["status"], gone["recurringEventId"]) == ("cancelled", series)
        for event_id in (moved, cancelled):
            living = get(events, event_id)
            assert (living["status"], living["recurringEventId"]) == ("confirmed", made["id"])
            assert (living["summary"], living["location"]) == ("Weekly", "Room 2")

    def test_instance_with_the_id_of_a_tombstone_can_be_edited_and_deleted(
        self, events, act, series
    ):
        """Split, then edit of an instance that was moved before (facts 8, test cases)."""
        event_id = f"{series}_20260331T080000Z"
        act("edit", event_id, fields={"summary": "Other"})
        made = act("split", f"{series}_{THIRD}")
        act("edit", event_id, fields={"summary": "Again"})
        assert get(events, event_id)["recurringEventId"] == made["id"]
        act("delete", event_id)
        assert get(events, event_id)["status"] == "cancelled"
        assert len(starts(events, made["id"])) == 3

    def test_switch_lets_the_new_series_keep_exceptions(self, google, events, act, series):
        """Facts 8: tombstones or new items for exceptions after the split."""
        google.control("POST", "switches", {"split_exceptions": "kept"})
        moved, cancelled = f"{series}_20260331T080000Z", f"{series}_20260407T080000Z"
        act("edit", moved, fields={"summary": "Other", "location": "Lab"})
        act("delete", cancelled)
        made = act("split", f"{series}_{THIRD}", fields={"location": "Room 2"})
        kept = get(events, moved)
        assert (kept["summary"], kept["location"]) == ("Other", "Room 2")
        assert (kept["recurringEventId"], kept["iCalUID"]) == (made["id"], made["iCalUID"])
        assert get(events, cancelled)["status"] == "cancelled"
        assert len(starts(events, made["id"])) == 3

    def test_moved_instance_takes_the_following_along(self, events, act, series):
        """Dragging Tuesday to Thursday, this and following: Thursdays from there on."""
        made = act("move", f"{series}_{THIRD}", to="2026-03-26T14:00:00", span="following")
        assert made["id"] == f"{series}_R20260324T090000"
        assert starts(events, made["id"])[:2] == ["2026-03-26T14:00", "2026-04-02T14:00"]
        assert len(starts(events, series)) == 2

    @pytest.mark.parametrize("kept", ["tombstones", "kept"])
    def test_new_series_begins_as_the_instance_shows(self, google, events, act, series, kept):
        """An instance moved before, and then changed with all that follow, takes them along."""
        google.control("POST", "switches", {"split_exceptions": kept})
        act("move", f"{series}_{THIRD}", to="2026-03-25T11:00:00")
        made = act("split", f"{series}_{THIRD}", fields={"summary": "New"})
        assert starts(events, made["id"])[:2] == ["2026-03-25T11:00", "2026-04-01T11:00"]
        assert starts(events, series) == ["2026-03-10T10:00", "2026-03-17T10:00"]
        assert get(events, f"{series}_{THIRD}")["status"] == "cancelled"

    def test_same_place_twice_gives_the_second_one_a_fresh_id(self, events, act, series):
        """Facts 3: an id is never free again."""
        made = act("split", f"{series}_{THIRD}")
        act("delete", made["id"])
        act("edit", series, fields={"recurrence": [WEEKLY]}, span="all")
        again = act("split", f"{series}_{THIRD}")
        assert again["id"] != made["id"]
        assert len(starts(events, again["id"])) == 4

    def test_nothing_is_split_when_the_new_half_is_refused(self, events, refused, series):
        """An act is done whole or not at all."""
        before = get(events, series)
        assert "valid" in refused("split", f"{series}_{THIRD}", fields={"colorId": "99"})
        assert get(events, series) == before


class TestAllEvents:
    """Editing all events of a series from one of its instances (facts 8)."""

    def test_changed_fields_reach_the_exceptions_and_only_these(self, events, act, series):
        """Facts 8: the interface's 'all events' edit rewrites them."""
        exception = f"{series}_20260317T090000Z"
        act("edit", exception, fields={"summary": "Other", "location": "Lab"})
        act("edit", f"{series}_{THIRD}", span="all", fields={"location": "Room 2"})
        assert get(events, series)["location"] == "Room 2"
        found = get(events, exception)
        assert (found["summary"], found["location"]) == ("Other", "Room 2")

    def test_new_time_of_one_moves_all_by_as_much(self, events, act, series):
        """The series keeps its first day when only the hour of a later instance changes."""
        act("move", f"{series}_{THIRD}", to="2026-03-24T15:00:00", span="all")
        assert starts(events, series)[0] == "2026-03-10T15:00"
        assert len(starts(events, series)) == 6

    def test_other_weekday_of_one_moves_the_rule(self, events, act, timed):
        """Every Tuesday and Friday becomes every Thursday and Sunday."""
        body = timed(recurrence=["RRULE:FREQ=WEEKLY;BYDAY=TU,FR;UNTIL=20260331T080000Z"])
        series = events.insert(calendarId="primary", body=body).execute()["id"]
        act("move", f"{series}_20260313T090000Z", to="2026-03-15", span="all")
        assert get(events, series)["recurrence"] == [
            "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260402T080000Z;BYDAY=TH,SU"
        ]

    @pytest.mark.parametrize(
        "case",
        [
            ("MONTHLY;BYDAY=2TU", "2026-03-10", "2026-03-18", "MONTHLY;BYDAY=3WE"),
            ("MONTHLY;BYDAY=-1TU", "2026-03-31", "2026-03-30", "MONTHLY;BYDAY=-1MO"),
            ("MONTHLY;BYMONTHDAY=10", "2026-03-10", "2026-03-12", "MONTHLY;BYMONTHDAY=12"),
            (
                "YEARLY;BYMONTH=3;BYMONTHDAY=31", "2026-03-31", "2026-04-01",
                "YEARLY;BYMONTH=4;BYMONTHDAY=1",
            ),
            ("MONTHLY;BYMONTHDAY=10,20", "2026-03-10", "2026-03-11", "MONTHLY;BYMONTHDAY=10,20"),
        ],
    )  # fmt: skip
    def test_rules_by_month_follow_where_one_can_tell_how(self, events, act, timed, case):
        """A rule that names several days of the month stays as it is."""
        rule, day, to, moved = case
        body = timed(day=day, recurrence=[f"RRULE:FREQ={rule}"])
        series = events.insert(calendarId="primary", body=body).execute()["id"]
        act("move", series, to=to, span="all")
        assert get(events, series)["recurrence"] == [f"RRULE:FREQ={moved}"]
        assert get(events, series)["start"]["dateTime"][:10] == to

    def test_series_becomes_all_day_with_its_dates(self, events, act, timed):
        """UNTIL and EXDATE change their kind together with the start."""
        lines = [
            "RRULE:FREQ=WEEKLY;UNTIL=20260331T080000Z",
            "EXDATE;TZID=Europe/Berlin:20260317T100000",
        ]
        series = events.insert(calendarId="primary", body=timed(recurrence=lines)).execute()["id"]
        days = {
            "start": {"date": "2026-03-24", "dateTime": None, "timeZone": None},
            "end": {"date": "2026-03-25", "dateTime": None, "timeZone": None},
        }
        act("edit", f"{series}_{THIRD}", span="all", fields=days)
        assert get(events, series)["recurrence"] == [
            "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260331",
            "EXDATE;VALUE=DATE:20260317",
        ]
        assert starts(events, series) == ["2026-03-10", "2026-03-24", "2026-03-31"]

    def test_new_length_reaches_exceptions_that_stay(self, events, act, series):
        """The start stays, so the exceptions live on, with the times of their series."""
        exception = f"{series}_20260317T090000Z"
        act("move", exception, to="2026-03-18T11:00:00")
        longer = {"end": {"dateTime": "2026-03-24T12:00:00+01:00"}}
        act("edit", f"{series}_{THIRD}", span="all", fields=longer)
        found = get(events, exception)
        assert found["start"]["dateTime"] == "2026-03-17T10:00:00+01:00"
        assert found["end"]["dateTime"] == "2026-03-17T12:00:00+01:00"

    def test_rule_taken_away_leaves_one_event(self, events, act, series):
        """All events, does not repeat."""
        act("edit", f"{series}_{THIRD}", span="all", fields={"recurrence": []})
        (item,) = events.list(calendarId="primary").execute()["items"]
        assert "recurrence" not in item


class TestDelete:
    """Deleting one instance, this and following, all (facts 5 and 8)."""

    def test_one_instance_is_a_cancelled_exception(self, events, act, series):
        """Facts 8: a cancelled exception item, not an EXDATE in the master."""
        token = token_of(events)
        assert act("delete", f"{series}_{THIRD}") == {}
        (item,), _ = since(events, token)
        assert (item["id"], item["status"]) == (f"{series}_{THIRD}", "cancelled")
        assert item["recurringEventId"] == series
        assert get(events, series)["recurrence"] == ["RRULE:FREQ=WEEKLY;WKST=MO;COUNT=6"]

    def test_this_and_following_only_shortens(self, events, act, series):
        """One changed master, no new one."""
        token = token_of(events)
        act("delete", f"{series}_{THIRD}", span="following")
        (item,), _ = since(events, token)
        assert item["recurrence"] == ["RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260324T085959Z"]
        assert len(starts(events, series)) == 2

    @pytest.mark.parametrize(
        ("instance", "span"), [("20260310T090000Z", "following"), (THIRD, "all")]
    )
    def test_all_events_end_the_series(self, events, act, series, instance, span):
        """Facts 5: deleting a series sends a tombstone of the master."""
        act("delete", f"{series}_{instance}", span=span)
        assert get(events, series)["status"] == "cancelled"

    def test_restored_instance_is_back(self, events, act, series):
        """Facts 8: a cancelled instance is restored by status confirmed."""
        act("delete", f"{series}_{THIRD}")
        assert act("restore", f"{series}_{THIRD}")["status"] == "confirmed"
        assert len(starts(events, series)) == 6


class TestReply:
    """Yes, Maybe, No (facts 9)."""

    @pytest.fixture
    def invited(self, events, timed):
        """The id of a weekly series with Anna and another guest."""
        guests = [
            {"email": ANNA, "responseStatus": "needsAction", "displayName": "Anna"},
            {"email": "x@example.org"},
        ]
        body = timed(recurrence=[WEEKLY], attendees=guests)
        return events.insert(calendarId="primary", body=body).execute()["id"]

    def replies(self, events, event_id):
        """Return the replies of an event's guests by address."""
        guests = get(events, event_id)["attendees"]
        return {guest["email"]: guest["responseStatus"] for guest in guests}

    def test_to_one_event_makes_an_exception(self, events, act, invited):
        """The other guests and instances keep their replies."""
        act("reply", f"{invited}_{THIRD}", reply="declined", comment="Away")
        own = get(events, f"{invited}_{THIRD}")["attendees"][0]
        assert (own["responseStatus"], own["comment"]) == ("declined", "Away")
        assert own["displayName"] == "Anna"
        assert self.replies(events, invited) == {
            ANNA: "needsAction",
            "x@example.org": "needsAction",
        }

    def test_to_all_events_reaches_exceptions(self, events, act, invited):
        """The series and every exception carry the reply."""
        act("edit", f"{invited}_{THIRD}", fields={"summary": "Other"})
        act("reply", f"{invited}_20260317T090000Z", reply="accepted", span="all")
        for event_id in (invited, f"{invited}_{THIRD}"):
            assert self.replies(events, event_id)[ANNA] == "accepted"

    def test_of_somebody_who_is_no_guest_is_refused(self, refused, series):
        """Only a guest replies."""
        assert "not a guest" in refused("reply", series, reply="accepted")

    def test_unknown_reply_is_refused(self, refused, invited):
        """A misspelt reply must not pass."""
        assert "perhaps" in refused("reply", invited, reply="perhaps")


class TestRefusals:
    """What cannot be done says why."""

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ({"account": ANNA}, "`act` is one of"),
            ({"account": ANNA, "act": "explode"}, "`act` is one of"),
            ({"account": "nobody@example.com", "act": "delete"}, "no account"),
            ({"account": ANNA, "act": "delete", "event": "nothing"}, "Not Found"),
            ({"account": ANNA, "act": "delete", "event": 7}, "`event` is a text"),
            ({"account": ANNA, "calendar": BEN, "act": "add"}, "Not Found"),
            ({"account": ANNA, "act": "add", "send_updates": "some"}, "send_updates"),
            ({"account": ANNA, "act": "delete", "event": "x", "span": "some"}, "`span`"),
        ],
    )
    def test_is_answered_with_a_reason(self, google, body, told):
        """A simulator must not take a misspelt act for a done one."""
        status, text, _ = google.http("POST", "/_rehearsal/acts", body=body)
        assert (status, told in json.loads(text)["error"]) == (400, True)

    @pytest.mark.parametrize("lines", [["RRULE:FREQ=DAILY"], []])
    def test_rule_of_one_instance_cannot_change(self, refused, series, lines):
        """Google's page offers no 'this event' after a change of the rule."""
        fields = {"recurrence": lines}
        assert "following" in refused("edit", f"{series}_{THIRD}", fields=fields)

    def test_deleted_event_cannot_be_moved(self, act, refused, series):
        """Nothing is moved from the bin."""
        act("delete", series)
        assert "deleted" in refused("move", series, to="2026-03-11")


def test_added_event_is_the_persons(events, act):
    """An act without an event makes one, in the calendar it names."""
    made = act("add", fields={"summary": "Own", "start": {"date": "2026-03-10"},
                              "end": {"date": "2026-03-11"}})  # fmt: skip
    assert get(events, made["id"])["summary"] == "Own"


def test_acts_are_no_requests_and_tell_guests_when_asked(google, act, events, timed):
    """A person spends no quota; mails go out only on the person's word."""
    body = timed(attendees=[{"email": "x@example.org"}])
    event = events.insert(calendarId="primary", body=body).execute()["id"]
    google.control("DELETE", "requests")
    act("move", event, to="2026-03-11")
    assert google.control("GET", "mail") == []
    act("move", event, to="2026-03-12", send_updates="all")
    assert [mail["kind"] for mail in google.control("GET", "mail")] == ["update"]
    assert google.control("GET", "requests") == []
