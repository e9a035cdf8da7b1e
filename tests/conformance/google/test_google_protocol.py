"""The protocol of incremental synchronisation, and other collections with tokens (facts 6)."""

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
GONE = (410, "fullSyncRequired")


def ids(page):
    """Return the ids of a page's items."""
    return [item["id"] for item in page["items"]]


@pytest.fixture
def full(events):
    """A function that lists all pages and returns the sync token of the last one."""

    def run(**parameters):
        request = events.list(calendarId="primary", **parameters)
        while request is not None:
            page = request.execute()
            request = events.list_next(request, page)
        return page["nextSyncToken"]

    return run


@pytest.fixture
def since(events):
    """A function that lists what changed since a token and returns items and the new token."""

    def run(token, **parameters):
        items = []
        request = events.list(calendarId="primary", syncToken=token, **parameters)
        while request is not None:
            page = request.execute()
            items += page["items"]
            request = events.list_next(request, page)
        return items, page["nextSyncToken"]

    return run


class TestRounds:
    """Full, then incremental, then again."""

    @pytest.mark.fact("6.2", "each round gives what changed since the one before", "D")
    def test_rounds_follow_each_other(self, events, full, since):
        token = full()
        for summary in ("a", "b"):
            body = {"summary": summary, **DAY}
            events.insert(calendarId="primary", body=body).execute()
            items, token = since(token)
            assert [each["summary"] for each in items] == [summary]
        assert since(token)[0] == []

    @pytest.mark.fact("6.2", "event made and deleted between two rounds is a tombstone", "D")
    def test_short_lived_event_is_a_tombstone(self, events, full, since):
        token = full()
        made = events.insert(calendarId="primary", body=DAY).execute()
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        items, _ = since(token)
        assert [(each["id"], each["status"]) for each in items] == [(made["id"], "cancelled")]

    @pytest.mark.fact("6.2", "pages with the same syncToken and each pageToken", "D")
    def test_pages_of_a_round_may_be_short_by_switch(self, events, switch, full, since):
        token = full()
        made = [events.insert(calendarId="primary", body=DAY).execute()["id"] for _ in range(3)]
        for pages in ("full", "short"):
            switch(pages=pages)
            items, _ = since(token, maxResults=2)
            assert sorted(each["id"] for each in items) == sorted(made)

    @pytest.mark.parametrize(
        "parameters",
        [
            {"singleEvents": True},
            {"timeZone": "Asia/Tokyo"},
            {"maxAttendees": 3},
            {"eventTypes": ["default"]},
            {"showDeleted": True},
            {"maxResults": 7},
        ],
        ids=lambda each: next(iter(each)),
    )
    @pytest.mark.fact("6.2", "incremental: same parameters plus syncToken", "D")
    def test_same_parameters_are_accepted(self, events, full, since, parameters):
        token = full(**parameters)
        made = events.insert(calendarId="primary", body=DAY).execute()
        assert [each["id"] for each in since(token, **parameters)[0]] == [made["id"]]

    @pytest.mark.parametrize(
        "window", [{"timeMin": "2026-03-01T00:00:00Z"}, {"timeMax": "2026-04-01T00:00:00Z"}]
    )
    @pytest.mark.fact("6.2", "a time window is baked into the token", "K")
    def test_token_of_a_window_leaves_out_what_is_elsewhere(
        self, events, full, since, timed, window
    ):
        token = full(**window)
        day = "2026-01-10" if "timeMin" in window else "2026-06-10"
        events.insert(calendarId="primary", body=timed(day=day)).execute()
        inside = events.insert(calendarId="primary", body=timed(day="2026-03-10")).execute()
        assert [each["id"] for each in since(token)[0]] == [inside["id"]]


class TestLost:
    """Tokens that are good no more."""

    @pytest.mark.fact("12", "410 fullSyncRequired, domain calendar, location syncToken", "D")
    def test_lost_token_is_told_in_full(self, events, error, full, advance):
        token = full()
        advance(40 * 86400)
        told = error(events.list(calendarId="primary", syncToken=token))
        assert (told["code"], told["domain"], told["reason"]) == (410, "calendar", GONE[1])
        assert told["message"] == "Sync token is no longer valid, a full sync is required."
        assert (told["locationType"], told["location"]) == ("parameter", "syncToken")

    @pytest.mark.fact("6.2", "410 can happen at any time, also in the middle of paging", "I")
    def test_token_is_lost_between_two_pages(self, events, full, fault, refusal):
        token = full()
        for _ in range(3):
            events.insert(calendarId="primary", body=DAY).execute()
        fault("status:410", path_contains="pageToken")
        request = events.list(calendarId="primary", syncToken=token, maxResults=1)
        following = events.list_next(request, request.execute())
        assert refusal(following) == GONE

    @pytest.mark.fact("6.2", "after 410 a full sync gives a good token", "D")
    def test_full_listing_after_a_lost_token(self, events, full, fault, refusal, since):
        token = full()
        fault("status:410")
        assert refusal(events.list(calendarId="primary", syncToken=token)) == GONE
        assert since(full())[0] == []

    @pytest.mark.parametrize(("status", "reason"), [(410, "fullSyncRequired"), (400, "invalid")])
    @pytest.mark.fact("6.2", "malformed token: 410, or 400 Invalid sync token value.", "O")
    def test_malformed_token_by_switch(self, events, error, switch, status, reason):
        switch(malformed_sync_token=status)
        told = error(events.list(calendarId="primary", syncToken="malformed"))
        assert (told["code"], told["reason"]) == (status, reason)
        if status == 400:
            assert told["message"] == "Invalid sync token value."

    @pytest.mark.fact("6.2", "410 when access rights changed", "D")
    def test_changed_access_ends_the_token(self, service, ben, google, refusal):
        second = google.anna.calendars[1]
        rule = {"role": "reader", "scope": {"type": "user", "value": "ben@example.com"}}
        made = service.acl().insert(calendarId=second, body=rule).execute()
        token = ben.events().list(calendarId=second).execute()["nextSyncToken"]
        ben.events().list(calendarId=second, syncToken=token).execute()
        service.acl().patch(calendarId=second, ruleId=made["id"], body={"role": "writer"}).execute()
        assert refusal(ben.events().list(calendarId=second, syncToken=token)) == GONE

    @pytest.mark.fact("12", "410 updatedMinTooLongAgo", "D")
    def test_updated_min_too_long_ago_is_told_in_full(self, events, error):
        told = error(events.list(calendarId="primary", updatedMin="2020-01-01T00:00:00Z"))
        assert (told["code"], told["domain"]) == (410, "calendar")
        assert told["reason"] == "updatedMinTooLongAgo"
        assert (
            told["message"] == "The requested minimum modification time lies too far in the past."
        )


class TestSeries:
    """Masters and exceptions in an incremental listing (6.3)."""

    @pytest.fixture
    def weekly(self, events, timed):
        """A series of four Tuesdays."""
        body = timed("Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
        return events.insert(calendarId="primary", body=body).execute()

    @pytest.mark.fact("6.3", "the master appears when its own data changed", "K")
    def test_changed_series_is_one_item(self, events, full, since, weekly):
        token = full()
        body = {"summary": "x"}
        events.patch(calendarId="primary", eventId=weekly["id"], body=body).execute()
        assert [each["id"] for each in since(token)[0]] == [weekly["id"]]

    @pytest.mark.parametrize("how", ["changed", "cancelled"])
    @pytest.mark.fact("6.3", "an exception appears when it changed, was created or cancelled", "K")
    def test_exception_is_an_item_of_its_own(self, events, full, since, weekly, how):
        token = full()
        instance = f"{weekly['id']}_20260317T090000Z"
        if how == "changed":
            body = {"summary": "x"}
            events.patch(calendarId="primary", eventId=instance, body=body).execute()
        else:
            events.delete(calendarId="primary", eventId=instance).execute()
        items = {each["id"]: each for each in since(token)[0]}
        assert items[instance]["recurringEventId"] == weekly["id"]
        assert items[instance]["status"] == ("confirmed" if how == "changed" else "cancelled")


class TestOtherCollections:
    """calendarList, settings, acl (6.4)."""

    @pytest.mark.fact("6.4", "settings have sync tokens of their own", "D")
    def test_settings_give_a_token(self, service):
        page = service.settings().list().execute()
        assert page["kind"] == "calendar#settings"
        after = service.settings().list(syncToken=page["nextSyncToken"]).execute()
        assert after["items"] == []

    @pytest.mark.fact("6.4", "acl has sync tokens of its own", "D")
    def test_access_rules_give_a_token(self, service, google):
        second = google.anna.calendars[1]
        token = service.acl().list(calendarId=second).execute()["nextSyncToken"]
        rule = {"role": "reader", "scope": {"type": "user", "value": "ben@example.com"}}
        made = service.acl().insert(calendarId=second, body=rule).execute()
        page = service.acl().list(calendarId=second, syncToken=token).execute()
        assert ids(page) == [made["id"]]

    @pytest.mark.fact("6.4", "acl: deleted rules are listed with role none", "D")
    def test_deleted_access_rule_has_the_role_none(self, service, google):
        second = google.anna.calendars[1]
        rule = {"role": "reader", "scope": {"type": "user", "value": "ben@example.com"}}
        made = service.acl().insert(calendarId=second, body=rule).execute()
        token = service.acl().list(calendarId=second).execute()["nextSyncToken"]
        service.acl().delete(calendarId=second, ruleId=made["id"]).execute()
        (item,) = service.acl().list(calendarId=second, syncToken=token).execute()["items"]
        assert (item["id"], item["role"]) == (made["id"], "none")

    @pytest.mark.fact("6.4", "calendarList: hidden entries are always included with a token", "D")
    def test_hidden_entry_is_in_the_incremental_list(self, service, google):
        second = google.anna.calendars[1]
        token = service.calendarList().list().execute()["nextSyncToken"]
        body = {"hidden": True}
        service.calendarList().patch(calendarId=second, body=body).execute()
        assert second not in ids(service.calendarList().list().execute())
        assert second in ids(service.calendarList().list(showHidden=True).execute())
        (entry,) = service.calendarList().list(syncToken=token).execute()["items"]
        assert (entry["id"], entry["hidden"]) == (second, True)

    @pytest.mark.fact("6.4", "calendarList: own changes of an entry are reported", "D")
    def test_changed_entry_is_in_the_incremental_list(self, service, google):
        second = google.anna.calendars[1]
        token = service.calendarList().list().execute()["nextSyncToken"]
        body = {"summaryOverride": "Mine"}
        service.calendarList().patch(calendarId=second, body=body).execute()
        (entry,) = service.calendarList().list(syncToken=token).execute()["items"]
        assert entry["summaryOverride"] == "Mine"

    @pytest.mark.fact("6.4", "calendarList: default page 100", "D")
    def test_page_of_the_list_holds_100_unless_told(self, service, switch):
        switch(quotas="off")
        for number in range(99):
            service.calendars().insert(body={"summary": f"New {number}"}).execute()
        page = service.calendarList().list().execute()
        assert len(page["items"]) == 100
        assert "nextPageToken" in page
        assert len(service.calendarList().list(maxResults=250).execute()["items"]) == 101

    @pytest.mark.parametrize(("asked", "status"), [(250, 200), (1, 200), (0, 400)])
    @pytest.mark.fact("6.4", "calendarList: highest page 250", "D")
    def test_sizes_of_calendar_list_pages(self, google, asked, status):
        assert google.api("GET", f"/users/me/calendarList?maxResults={asked}")[0] == status

    @pytest.mark.fact("6.4", "calendarList: a token is no token of events", "D")
    def test_tokens_of_collections_do_not_mix(self, service, full, refusal):
        token = service.calendarList().list().execute()["nextSyncToken"]
        assert refusal(service.events().list(calendarId="primary", syncToken=token)) == GONE
        assert refusal(service.calendarList().list(syncToken=full())) == GONE
