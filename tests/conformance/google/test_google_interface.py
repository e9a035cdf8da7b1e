"""What the Google user does in Google's own interface, seen through the API (facts 3, 5, 8, 19)."""

import pytest

WEEKLY = "RRULE:FREQ=WEEKLY"
SPLIT = "20260324T090000"


@pytest.fixture
def act(google):
    """A function that does something as Anna in Google's page."""

    def run(name, event="", **more):
        body = {"account": "anna@example.com", "act": name, "event": event, **more}
        answer = google.control("POST", "acts", body)
        assert "error" not in answer, answer
        return answer

    return run


@pytest.fixture
def weekly(events, timed):
    """The id of an endless weekly series from 10 March on, with properties of a program."""
    properties = {"private": {"crm": "1"}, "shared": {"deal": "2"}}
    body = timed("Weekly", recurrence=[WEEKLY], extendedProperties=properties)
    return events.insert(calendarId="primary", body=body).execute()["id"]


@pytest.fixture
def token(events, weekly):
    """A sync token from after the series was made."""
    return events.list(calendarId="primary").execute()["nextSyncToken"]


def get(events, event_id):
    """Return an event of the primary calendar."""
    return events.get(calendarId="primary", eventId=event_id).execute()


class TestSplit:
    """This and following."""

    @pytest.fixture
    def split(self, act, weekly, token):
        """The id of the series that begins with the third instance."""
        act("edit", f"{weekly}_{SPLIT}Z", span="following", fields={"summary": "New"})
        return f"{weekly}_R{SPLIT}"

    @pytest.mark.fact("3", "series made by splitting: id <old id>_R<start>", "O")
    def test_new_series_has_a_telling_id(self, events, split):
        assert get(events, split)["summary"] == "New"

    @pytest.mark.fact("3", "instances have ids without the _R part, recurringEventId with it", "O")
    def test_instances_of_the_new_series(self, events, weekly, split):
        window = {"timeMin": "2026-03-24T00:00:00Z", "timeMax": "2026-04-08T00:00:00Z"}
        page = events.list(calendarId="primary", singleEvents=True, **window).execute()
        ids = {each["id"]: each["recurringEventId"] for each in page["items"]}
        assert ids == {
            f"{weekly}_20260324T090000Z": split,
            f"{weekly}_20260331T080000Z": split,
            f"{weekly}_20260407T080000Z": split,
        }

    @pytest.mark.fact("3", "instance of the new series answers get under the old id's name", "O")
    def test_instance_is_found_by_its_id(self, events, weekly, split):
        found = get(events, f"{weekly}_20260331T080000Z")
        assert (found["recurringEventId"], found["summary"]) == (split, "New")

    @pytest.mark.fact("3", "iCalUID of a split-off series is <old id>_R...@google.com", "K")
    def test_new_series_has_a_new_uid(self, events, weekly, split):
        assert get(events, split)["iCalUID"] == f"{split}@google.com"
        assert get(events, weekly)["iCalUID"] != get(events, split)["iCalUID"]

    @pytest.mark.fact("8", "extendedProperties are copied: two masters claim the same id", "O")
    def test_properties_are_copied(self, events, weekly, split):
        copied = get(events, split)["extendedProperties"]
        assert copied == get(events, weekly)["extendedProperties"]
        assert copied["private"] == {"crm": "1"}

    @pytest.mark.fact("8", "one changed master with UNTIL, one new master", "D")
    def test_incremental_answer_has_both_masters(self, events, weekly, token, split):
        page = events.list(calendarId="primary", syncToken=token).execute()
        masters = {each["id"]: each for each in page["items"] if "recurrence" in each}
        assert set(masters) == {weekly, split}
        assert "UNTIL=" in masters[weekly]["recurrence"][0]
        assert "UNTIL=" not in masters[split]["recurrence"][0]

    @pytest.mark.parametrize(
        ("chosen", "until"),
        [("second_before", "UNTIL=20260324T085959Z"), ("day_before", "UNTIL=20260323T")],
    )
    @pytest.mark.fact("19", "UNTIL just before the split, or the end of the day before", "O")
    def test_end_of_the_old_series_by_switch(self, events, act, switch, weekly, chosen, until):
        switch(split_until=chosen)
        act("edit", f"{weekly}_{SPLIT}Z", span="following", fields={"summary": "New"})
        assert until in get(events, weekly)["recurrence"][0]
        found = events.instances(calendarId="primary", eventId=weekly).execute()["items"]
        assert len(found) == 2

    @pytest.mark.fact("3", "_R20260317 for all-day series", "O")
    def test_split_of_an_all_day_series(self, events, act):
        body = {
            "start": {"date": "2026-03-10"},
            "end": {"date": "2026-03-11"},
            "recurrence": [WEEKLY],
        }
        series = events.insert(calendarId="primary", body=body).execute()["id"]
        act("edit", f"{series}_20260317", span="following", fields={"summary": "New"})
        assert get(events, f"{series}_R20260317")["summary"] == "New"
        assert get(events, f"{series}_20260324")["recurringEventId"] == f"{series}_R20260317"

    @pytest.mark.parametrize("chosen", ["tombstones", "kept"])
    @pytest.mark.fact("8", "tombstones or new items for exceptions after the split", "O")
    def test_exceptions_behind_the_split_by_switch(self, events, act, switch, weekly, chosen):
        late = f"{weekly}_20260331T080000Z"
        events.patch(calendarId="primary", eventId=late, body={"location": "Prague"}).execute()
        switch(split_exceptions=chosen)
        act("edit", f"{weekly}_{SPLIT}Z", span="following", fields={"summary": "New"})
        page = events.list(
            calendarId="primary",
            singleEvents=True,
            timeMin="2026-03-31T00:00:00Z",
            timeMax="2026-04-01T00:00:00Z",
        ).execute()
        (found,) = page["items"]
        assert (found.get("location") == "Prague") is (chosen == "kept")

    @pytest.mark.fact("8", "a moved instance can be edited after the split", "O")
    def test_edit_of_a_moved_instance_after_the_split(self, events, act, weekly, split):
        late = f"{weekly}_20260331T080000Z"
        events.patch(calendarId="primary", eventId=late, body={"location": "x"}).execute()
        found = get(events, late)
        assert (found["recurringEventId"], found["location"]) == (split, "x")
        window = {"timeMin": "2026-03-31T00:00:00Z", "timeMax": "2026-04-01T00:00:00Z"}
        page = events.list(calendarId="primary", singleEvents=True, **window).execute()
        assert [each["id"] for each in page["items"]] == [late]


class TestOthers:
    """Edits, deletions, replies."""

    @pytest.mark.fact("8", "deleting an instance makes a cancelled exception item, no EXDATE", "D")
    def test_deleted_instance_is_an_item(self, events, act, weekly, token):
        instance = f"{weekly}_20260317T090000Z"
        act("delete", instance, span="this")
        page = events.list(calendarId="primary", syncToken=token).execute()
        gone = {each["id"]: each["status"] for each in page["items"]}
        assert gone[instance] == "cancelled"
        assert all("EXDATE" not in line for line in get(events, weekly)["recurrence"])

    @pytest.mark.fact("8", "the interface's 'all events' edit rewrites exceptions", "K")
    def test_edit_of_all_events_reaches_exceptions(self, events, act, weekly):
        instance = f"{weekly}_20260317T090000Z"
        events.patch(calendarId="primary", eventId=instance, body={"summary": "Own"}).execute()
        act("edit", f"{weekly}_{SPLIT}Z", span="all", fields={"summary": "New"})
        assert get(events, instance)["summary"] == "New"
        assert get(events, weekly)["summary"] == "New"

    @pytest.mark.fact("8", "an edit of one instance makes an exception", "D")
    def test_edit_of_one_instance(self, events, act, weekly):
        instance = f"{weekly}_{SPLIT}Z"
        act("edit", instance, span="this", fields={"summary": "Own"})
        assert get(events, instance)["summary"] == "Own"
        assert get(events, weekly)["summary"] == "Weekly"

    @pytest.mark.fact("17", "act as the user: edits come with the next incremental listing", "I")
    def test_acts_are_in_the_incremental_listing(self, events, act, timed):
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        made = act("add", fields=timed("By hand"))["id"]
        act("move", made, to="2026-03-12T15:00:00")
        (item,) = events.list(calendarId="primary", syncToken=token).execute()["items"]
        assert (item["id"], item["summary"]) == (made, "By hand")
        assert item["start"]["dateTime"].startswith("2026-03-12T15:00")
        act("delete", made)
        page = events.list(calendarId="primary", syncToken=token).execute()
        assert [each["status"] for each in page["items"]] == ["cancelled"]

    @pytest.mark.fact("17", "acts use no quota and no API call", "I")
    def test_acts_are_no_api_calls(self, act, timed, requests_seen):
        requests_seen()
        act("add", fields=timed())
        assert requests_seen() == []
