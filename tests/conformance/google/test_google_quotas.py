"""Quotas, use limits and batches (facts 12)."""

import pytest
from googleapiclient.errors import HttpError

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.fixture
def calls(google):
    """A function that sends plain reads until one is refused and returns how many were not."""

    def count(limit, **more):
        for number in range(limit):
            status, body = google.api("GET", "/users/me/calendarList?fields=kind", **more)
            if status != 200:
                return number, status, body["error"]["errors"][0]["reason"]
        return limit, 200, ""

    return count


class TestMinute:
    """Units per minute."""

    @pytest.mark.fact("12", "per minute per user per project: 600", "D")
    def test_six_hundred_a_minute(self, calls):
        done, status, reason = calls(601)
        assert (done, status) == (600, 403)
        assert reason in {"rateLimitExceeded", "userRateLimitExceeded"}

    @pytest.mark.parametrize("status", [403, 429])
    @pytest.mark.fact("12", "403 or 429, both alike", "D")
    def test_status_of_the_refusal_by_switch(self, calls, switch, status):
        switch(user_minute_quota=5, rate_limit_status=status)
        assert calls(6)[:2] == (5, status)

    @pytest.mark.fact("12", "sliding minute", "D")
    def test_minute_slides(self, calls, switch, advance):
        switch(user_minute_quota=4)
        calls(2)
        advance(40)
        calls(2)
        advance(25)
        assert calls(9)[0] == 2

    @pytest.mark.fact("12", "after the minute all is well", "D")
    def test_minute_passes(self, calls, switch, advance):
        switch(user_minute_quota=3)
        assert calls(4)[0] == 3
        advance(61)
        assert calls(3)[:2] == (3, 200)

    @pytest.mark.fact("12", "per user: others have their own minute", "D")
    def test_other_users_have_their_own(self, google, calls, switch):
        switch(user_minute_quota=3)
        assert calls(4)[0] == 3
        assert calls(3, token=google.ben.access_token)[:2] == (3, 200)

    @pytest.mark.fact("12", "per minute per project: all users together", "D")
    def test_project_counts_all_users(self, google, calls, switch):
        switch(project_minute_quota=4)
        calls(3)
        assert calls(3, token=google.ben.access_token)[:2] == (1, 403)

    @pytest.mark.fact("12", "patch counts three", "D")
    def test_patch_uses_three_units(self, events, switch, refusal):
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        switch(user_minute_quota=8)
        request = events.patch(calendarId="primary", eventId=made, body={"summary": "x"})
        for _ in range(2):
            request.execute()
        assert refusal(request)[0] == 403

    @pytest.mark.fact("12", "a batch of n counts n", "D")
    def test_batch_counts_its_parts(self, service, events, switch):
        switch(user_minute_quota=10)
        refused = []
        batch = service.new_batch_http_request(callback=lambda *told: refused.append(told[2]))
        for _ in range(12):
            batch.add(events.list(calendarId="primary"))
        batch.execute()
        assert [each is not None for each in refused].count(True) == 2

    @pytest.mark.fact("12", "a refused write is not done", "D")
    def test_refused_write_leaves_nothing(self, events, switch, refusal, advance):
        switch(user_minute_quota=1)
        events.list(calendarId="primary").execute()
        request = events.insert(calendarId="primary", body={"id": "quotaone", **DAY})
        assert refusal(request)[0] == 403
        advance(61)
        assert refusal(events.get(calendarId="primary", eventId="quotaone"))[0] == 404

    @pytest.mark.fact("17", "quotas: Retry-After absent", "K")
    def test_no_hint_when_to_come_back(self, events, switch):
        switch(user_minute_quota=1)
        events.list(calendarId="primary").execute()
        with pytest.raises(HttpError) as caught:
            events.list(calendarId="primary").execute()
        assert "retry-after" not in caught.value.resp

    @pytest.mark.parametrize("reason", ["dailyLimitExceeded", "quotaExceeded"])
    @pytest.mark.fact("12", "per day per project", "D")
    def test_day_ends_by_switch(self, calls, switch, advance, reason):
        switch(project_day_quota=3, day_quota_reason=reason)
        assert calls(4) == (3, 403, reason)
        advance(61)
        assert calls(1)[0] == 0
        advance(25 * 3600)
        assert calls(1)[:2] == (1, 200)

    @pytest.mark.fact("12", "writing fast to one calendar can be limited, without a number", "D")
    def test_fast_writing_to_one_calendar(self, events, google, switch, refusal):
        switch(calendar_writes_minute_limit=3)
        for _ in range(3):
            events.insert(calendarId="primary", body=DAY).execute()
        assert refusal(events.insert(calendarId="primary", body=DAY))[0] in (403, 429)
        events.insert(calendarId=google.anna.calendars[1], body=DAY).execute()
        events.list(calendarId="primary").execute()

    @pytest.mark.parametrize("is_on", [True, False])
    @pytest.mark.fact("17", "quotas can be switched", "I")
    def test_quotas_can_be_switched_off(self, calls, switch, is_on):
        switch(user_minute_quota=2, quotas="on" if is_on else "off")
        assert calls(3)[0] == (2 if is_on else 3)


class TestUseLimits:
    """Limits against abuse: read-only for hours."""

    @pytest.mark.fact("12", "too many events in a short time: quotaExceeded, keep reading", "D")
    def test_many_events_make_the_account_read_only(self, events, switch, error):
        switch(events_day_limit=2)
        for _ in range(2):
            events.insert(calendarId="primary", body=DAY).execute()
        told = error(events.insert(calendarId="primary", body=DAY))
        assert (told["code"], told["domain"]) == (403, "usageLimits")
        assert (told["reason"], told["message"]) == (
            "quotaExceeded",
            "Calendar usage limits exceeded.",
        )
        assert len(events.list(calendarId="primary").execute()["items"]) == 2

    @pytest.mark.parametrize("send", ["none", "all"])
    @pytest.mark.fact("12", "guests on inserts count, sendUpdates=none notwithstanding", "O")
    def test_many_guests_make_the_account_read_only(self, events, switch, refusal, send):
        switch(guests_day_limit=3)
        guests = [{"email": f"g{number}@example.org"} for number in range(2)]
        body = {**DAY, "attendees": guests}
        events.insert(calendarId="primary", body=body, sendUpdates=send).execute()
        request = events.insert(calendarId="primary", body=body, sendUpdates=send)
        assert refusal(request) == (403, "quotaExceeded")

    @pytest.mark.fact("12", "over 60 calendars", "D")
    def test_many_calendars(self, service, switch, refusal):
        switch(calendars_day_limit=2)
        for _ in range(2):
            service.calendars().insert(body={"summary": "New"}).execute()
        request = service.calendars().insert(body={"summary": "New"})
        assert refusal(request) == (403, "quotaExceeded")

    @pytest.mark.parametrize("hours", [2, 24])
    @pytest.mark.fact("12", "read-only for hours up to months", "D")
    def test_read_only_ends_by_switch(self, events, switch, refusal, advance, hours):
        switch(events_day_limit=1, read_only_hours=hours)
        events.insert(calendarId="primary", body=DAY).execute()
        request = events.insert(calendarId="primary", body=DAY)
        assert refusal(request) == (403, "quotaExceeded")
        advance(hours * 3600 - 300)
        assert refusal(request) == (403, "quotaExceeded")
        advance(24 * 3600)
        request.execute()

    @pytest.mark.fact("12", "read-only concerns changes and deletions as well", "D")
    def test_read_only_account_changes_nothing(self, events, switch, refusal):
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        switch(events_day_limit=1)
        refusal(events.insert(calendarId="primary", body=DAY))
        request = events.patch(calendarId="primary", eventId=made, body={"summary": "x"})
        assert refusal(request) == (403, "quotaExceeded")


class TestBatch:
    """Batches."""

    def run(self, service, *requests):
        """Run requests as a batch and return (id, answer, status of refusal) as they come."""
        seen = []

        def note(identity, answer, error):
            seen.append((identity, answer, error and error.resp.status))

        batch = service.new_batch_http_request(callback=note)
        for request in requests:
            batch.add(request)
        batch.execute()
        return seen

    @pytest.mark.fact("12", "answers in order", "D")
    def test_answers_come_in_order(self, service, events):
        made = [
            events.insert(calendarId="primary", body={"id": f"ofbatch{number}", **DAY})
            for number in range(5)
        ]
        seen = self.run(service, *made)
        assert [answer["id"] for _, answer, _ in seen] == [f"ofbatch{n}" for n in range(5)]

    @pytest.mark.fact("12", "409 global / conflict: batch items collided", "D")
    def test_collided_part_can_be_ordered(self, events, fault, error):
        fault("status:409")
        told = error(events.insert(calendarId="primary", body=DAY))
        assert (told["code"], told["domain"]) == (409, "global")
        assert (told["reason"], told["message"]) == ("conflict", "Conflict")

    @pytest.mark.fact("12", "each part has its own fields mask", "D")
    def test_part_has_its_own_query(self, service, events):
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        seen = self.run(
            service,
            events.get(calendarId="primary", eventId=made, fields="id"),
            events.get(calendarId="primary", eventId=made, fields="status"),
        )
        assert [answer for _, answer, _ in seen] == [{"id": made}, {"status": "confirmed"}]
