"""Video conferences of events (google-calendar-facts section 10, conferenceData)."""

import pytest

MEET = {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
FOREIGN = {
    "conferenceId": "77 88",
    "conferenceSolution": {"key": {"type": "addOn"}, "name": "Jitsi", "iconUri": "https://j/i.png"},
    "entryPoints": [
        {"entryPointType": "video", "uri": "https://meet.example.org/77", "label": "77"},
        {"entryPointType": "phone", "uri": "tel:+4930123", "pin": "42"},
    ],
    "notes": "Bring <b>cake</b>",
}


@pytest.fixture
def with_meet(events, timed):
    """An event that was just inserted with a request for a Meet conference."""
    body = timed(conferenceData=MEET)
    return events.insert(calendarId="primary", body=body, conferenceDataVersion=1).execute()


@pytest.fixture
def patch(events):
    """A function that patches an event with conferenceDataVersion=1."""

    def run(event, body, version=1):
        request = events.patch(
            calendarId="primary", eventId=event["id"], body=body, conferenceDataVersion=version
        )
        return request.execute()

    return run


@pytest.fixture
def later(google):
    """A function that lets ten seconds pass on the rehearsal's clock."""
    return lambda: google.control("POST", "clock", {"advance_seconds": 10})


def get(events, event):
    """Return an event as it is now."""
    return events.get(calendarId="primary", eventId=event["id"]).execute()


class TestCreateRequest:
    """Asking Google for a conference."""

    def test_without_version_1_the_data_are_ignored(self, events, timed):
        """Facts 10: conferenceData is ignored unless conferenceDataVersion=1."""
        body = timed(conferenceData=MEET)
        assert "conferenceData" not in events.insert(calendarId="primary", body=body).execute()

    def test_answer_is_pending_and_a_later_read_has_entry_points(self, events, with_meet, later):
        """Facts 10: asynchronous; a later read brings entry points, and hangoutLink."""
        request = with_meet["conferenceData"]["createRequest"]
        assert request == {**MEET["createRequest"], "status": {"statusCode": "pending"}}
        assert "hangoutLink" not in with_meet
        later()
        made = get(events, with_meet)
        conference = made["conferenceData"]
        assert conference["createRequest"]["status"] == {"statusCode": "success"}
        assert conference["conferenceSolution"]["key"] == {"type": "hangoutsMeet"}
        video = conference["entryPoints"][0]
        assert video["entryPointType"] == "video"
        assert video["uri"] == made["hangoutLink"]
        assert video["uri"] == f"https://meet.google.com/{conference['conferenceId']}"

    def test_made_conference_is_a_change_like_any_other(self, events, with_meet, later):
        """Facts 2, 6.2: the etag is new and the event is in the next incremental listing."""
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        later()
        page = events.list(calendarId="primary", syncToken=token).execute()
        assert [item["id"] for item in page["items"]] == [with_meet["id"]]
        assert page["items"][0]["etag"] != with_meet["etag"]
        assert "hangoutLink" in page["items"][0]

    def test_edit_while_pending_keeps_the_request(self, events, with_meet, patch, later):
        """Facts 10: whatever else is changed meanwhile, the conference comes."""
        events.update(
            calendarId="primary",
            eventId=with_meet["id"],
            body={"summary": "New", "start": with_meet["start"], "end": with_meet["end"]},
        ).execute()
        patch(with_meet, {"location": "Here"})
        later()
        assert "hangoutLink" in get(events, with_meet)

    def test_repeated_request_id_is_ignored(self, events, with_meet, patch, later):
        """Facts 10: a repeated requestId is ignored."""
        later()
        first = get(events, with_meet)["conferenceData"]
        assert patch(with_meet, {"conferenceData": MEET})["conferenceData"] == first
        later()
        assert get(events, with_meet)["conferenceData"] == first

    def test_new_request_id_makes_a_new_conference(self, events, with_meet, patch, later):
        """Facts 10: requestId is unique per request."""
        later()
        first = get(events, with_meet)
        again = patch(with_meet, {"conferenceData": {"createRequest": {"requestId": "r2"}}})
        assert "hangoutLink" not in again
        later()
        assert get(events, with_meet)["hangoutLink"] != first["hangoutLink"]

    def test_at_once_by_switch(self, google, events, timed):
        """Facts 10 [K]: the answer itself may bring the conference."""
        google.control("POST", "switches", {"conference_creation": "at_once"})
        body = timed(conferenceData=MEET)
        request = events.insert(calendarId="primary", body=body, conferenceDataVersion=1)
        assert "hangoutLink" in request.execute()

    def test_failure_by_switch(self, google, events, with_meet, later):
        """Facts 10: status failure; there are no entry points."""
        google.control("POST", "switches", {"conference_creation": "failure"})
        later()
        made = get(events, with_meet)
        assert made["conferenceData"]["createRequest"]["status"] == {"statusCode": "failure"}
        assert set(made["conferenceData"]) == {"createRequest"}
        assert "hangoutLink" not in made

    @pytest.mark.parametrize(
        ("create", "reason"),
        [
            ({"conferenceSolutionKey": {"type": "hangoutsMeet"}}, "required"),
            ({"requestId": "1", "conferenceSolutionKey": {"type": "eventHangout"}}, "invalid"),
            ({"requestId": "1", "conferenceSolutionKey": {"type": "addOn"}}, "invalid"),
        ],
    )
    def test_request_needs_an_id_and_a_kind_google_makes(
        self, events, refusal, timed, create, reason
    ):
        """Facts 10: allowed types are hangoutsMeet only; requestId identifies."""
        body = timed(conferenceData={"createRequest": create})
        request = events.insert(calendarId="primary", body=body, conferenceDataVersion=1)
        assert refusal(request) == (400, reason)

    def test_calendar_says_and_decides_what_is_allowed(self, google, service, refusal, timed):
        """Facts 10: allowed types are in conferenceProperties.allowedConferenceSolutionTypes."""
        shown = service.calendars().get(calendarId="primary").execute()
        assert shown["conferenceProperties"] == {"allowedConferenceSolutionTypes": ["hangoutsMeet"]}
        google.control("POST", "conference_types", {"email": google.anna.email, "types": []})
        for resource in (service.calendars(), service.calendarList()):
            shown = resource.get(calendarId="primary").execute()
            assert shown["conferenceProperties"] == {"allowedConferenceSolutionTypes": []}
        request = service.events().insert(
            calendarId="primary", body=timed(conferenceData=MEET), conferenceDataVersion=1
        )
        assert refusal(request) == (400, "invalid")

    def test_series_lends_its_conference_to_its_instances(self, events, timed, later):
        """Facts 8: exceptions are full copies."""
        body = timed(conferenceData=MEET, recurrence=["RRULE:FREQ=DAILY;COUNT=2"])
        request = events.insert(calendarId="primary", body=body, conferenceDataVersion=1)
        series = request.execute()
        later()
        page = events.instances(calendarId="primary", eventId=series["id"]).execute()
        assert len({item["hangoutLink"] for item in page["items"]}) == 1


class TestKeepingAndRemoving:
    """Writes that touch a conference or not."""

    def test_put_without_version_keeps_it(self, events, with_meet, later, timed):
        """Facts 10: version 0 ignores conference data altogether."""
        later()
        body = timed("New")
        updated = events.update(calendarId="primary", eventId=with_meet["id"], body=body).execute()
        assert "hangoutLink" in updated

    def test_put_with_version_1_and_no_data_strips_it(self, events, with_meet, later, timed):
        """Facts 10: with version 1 a PUT would strip conferences."""
        later()
        request = events.update(
            calendarId="primary", eventId=with_meet["id"], body=timed(), conferenceDataVersion=1
        )
        assert not {"conferenceData", "hangoutLink"} & set(request.execute())

    def test_put_of_what_was_read_keeps_it(self, events, with_meet, later):
        """Facts 7: get, change, put."""
        later()
        read = get(events, with_meet)
        request = events.update(
            calendarId="primary", eventId=read["id"], body=read, conferenceDataVersion=1
        )
        assert request.execute()["conferenceData"] == read["conferenceData"]

    def test_null_with_version_1_removes_it(self, events, with_meet, patch, later):
        """Facts 10: to remove: conferenceData null with version 1."""
        later()
        assert "hangoutLink" in patch(with_meet, {"conferenceData": None}, version=0)
        assert not {"conferenceData", "hangoutLink"} & set(
            patch(with_meet, {"conferenceData": None})
        )

    def test_removed_while_pending_it_never_comes(self, events, with_meet, patch, later):
        """Facts 10: removal also ends a request."""
        patch(with_meet, {"conferenceData": None})
        later()
        assert "conferenceData" not in get(events, with_meet)

    def test_foreign_conference_is_kept_as_it_is(self, events, timed):
        """Facts 10: conferences of other providers; no hangoutLink for them."""
        request = events.insert(
            calendarId="primary", body=timed(conferenceData=FOREIGN), conferenceDataVersion=1
        )
        made = request.execute()
        assert made["conferenceData"] == FOREIGN
        assert "hangoutLink" not in made
        patched = events.patch(
            calendarId="primary", eventId=made["id"], body={"summary": "New"}
        ).execute()
        assert patched["conferenceData"] == FOREIGN

    @pytest.mark.parametrize(
        "change",
        [
            {"entryPoints": []},
            {"conferenceSolution": None},
            {"notes": "x" * 2049},
            {"entryPoints": [{"entryPointType": "video", "uri": "https://x/" + "y" * 1291}]},
            {"entryPoints": [{"entryPointType": "video", "uri": "https://x", "label": "y" * 513}]},
            {"entryPoints": [{"entryPointType": "phone", "uri": "tel:1", "pin": "1" * 129}]},
            {"entryPoints": [{"entryPointType": "video", "uri": "ftp://x"}]},
            {"entryPoints": [{"entryPointType": "fax", "uri": "tel:1"}]},
            {"entryPoints": [{"entryPointType": "more", "uri": "https://x"}]},
            {"entryPoints": [{"entryPointType": "video", "uri": "https://x"}] * 2},
        ],
    )
    def test_half_a_conference_or_too_much_of_one_is_refused(self, events, refusal, timed, change):
        """Facts 10: notes 2048, uri 1300, label 512, codes 128 characters."""
        body = timed(conferenceData={**FOREIGN, **change})
        request = events.insert(calendarId="primary", body=body, conferenceDataVersion=1)
        assert refusal(request) == (400, "invalid")

    def test_version_2_does_not_exist(self, google):
        """Facts 12: 400 invalidParameter outside 0 and 1."""
        status, answer = google.api(
            "POST", "/calendars/primary/events?conferenceDataVersion=2", body={}
        )
        assert (status, answer["error"]["errors"][0]["reason"]) == (400, "invalidParameter")
