"""Facts that are open: each value of a switch makes the rehearsal behave that way."""

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


def ids(page):
    """Return the ids of a page's items."""
    return [item["id"] for item in page["items"]]


@pytest.fixture
def weekly(events, timed):
    """The id of a series of four Tuesdays with one changed instance."""
    body = timed("Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    made = events.insert(calendarId="primary", body=body).execute()["id"]
    events.patch(
        calendarId="primary", eventId=f"{made}_20260317T090000Z", body={"summary": "Own"}
    ).execute()
    return made


@pytest.fixture
def since(events, weekly):
    """A function that returns the items changed after the series was made."""
    token = events.list(calendarId="primary").execute()["nextSyncToken"]

    def read():
        return events.list(calendarId="primary", syncToken=token).execute()["items"]

    return read


@pytest.mark.parametrize(("chosen", "found"), [("all", 1), ("any", 3)])
@pytest.mark.fact("6.1", "several private constraints: all must match, or OR", "D")
def test_property_constraints(events, switch, chosen, found):
    switch(property_constraints=chosen)
    for private in ({"a": "1", "b": "2"}, {"a": "1"}, {"b": "2"}, {"c": "3"}):
        body = {**DAY, "extendedProperties": {"private": private}}
        events.insert(calendarId="primary", body=body).execute()
    page = events.list(calendarId="primary", privateExtendedProperty=["a=1", "b=2"]).execute()
    assert len(page["items"]) == found


@pytest.mark.parametrize("chosen", ["as_made", "exceptions_first"])
@pytest.mark.fact("5", "order is unspecified: an exception can arrive before its master", "O")
def test_order_of_exception_and_master(events, switch, weekly, chosen):
    switch(listing_order=chosen)
    instance = f"{weekly}_20260317T090000Z"
    order = [instance, weekly] if chosen == "exceptions_first" else [weekly, instance]
    assert ids(events.list(calendarId="primary").execute()) == order


@pytest.mark.fact("5", "an exception can come on an earlier page than its master", "O")
def test_exception_on_an_earlier_page(events, switch, weekly):
    switch(listing_order="exceptions_first")
    request = events.list(calendarId="primary", maxResults=1)
    first = request.execute()
    second = events.list_next(request, first).execute()
    assert (ids(first), ids(second)) == ([f"{weekly}_20260317T090000Z"], [weekly])


@pytest.mark.parametrize(
    ("chosen", "with_exception"), [("with_exceptions", True), ("master_only", False)]
)
@pytest.mark.fact("5", "deleting a series may send tombstones for its exceptions too", "O")
def test_tombstones_of_exceptions(events, switch, weekly, since, chosen, with_exception):
    switch(series_tombstones=chosen)
    events.delete(calendarId="primary", eventId=weekly).execute()
    found = {each["id"]: each["status"] for each in since()}
    assert found[weekly] == "cancelled"
    assert (f"{weekly}_20260317T090000Z" in found) is with_exception


@pytest.mark.parametrize(("chosen", "is_told"), [("tombstones", True), ("silent", False)])
@pytest.mark.fact("8", "expect tombstones for the old instance ids, or silence", "I")
def test_exceptions_lost_by_a_new_time(events, switch, timed, weekly, since, chosen, is_told):
    switch(lost_exceptions=chosen)
    moved = timed(hour=14)
    body = {"start": moved["start"], "end": moved["end"]}
    events.patch(calendarId="primary", eventId=weekly, body=body).execute()
    instance = f"{weekly}_20260317T090000Z"
    assert (instance in [each["id"] for each in since()]) is is_told


@pytest.mark.parametrize(("chosen", "comes_along"), [("alone", False), ("along", True)])
@pytest.mark.fact("6.3", "changing a master may also bring all its exceptions along", "K")
def test_exceptions_with_their_master(events, switch, weekly, since, chosen, comes_along):
    switch(exceptions_with_master=chosen)
    instance = f"{weekly}_20260317T090000Z"
    before = events.get(calendarId="primary", eventId=instance).execute()["etag"]
    events.patch(calendarId="primary", eventId=weekly, body={"location": "x"}).execute()
    found = {each["id"]: each for each in since()}
    assert set(found) == ({weekly, instance} if comes_along else {weekly})
    if comes_along:
        assert found[instance]["etag"] != before


@pytest.mark.parametrize(
    ("chosen", "first", "later"),
    [
        ("pending", "pending", "success"),
        ("at_once", "success", "success"),
        ("failure", "pending", "failure"),
    ],
)
@pytest.mark.fact("10", "createRequest: status pending, success, failure", "D")
def test_course_of_a_conference_request(events, switch, advance, timed, chosen, first, later):
    switch(conference_creation=chosen)
    key = {"conferenceSolutionKey": {"type": "hangoutsMeet"}, "requestId": "r1"}
    body = timed(conferenceData={"createRequest": key})
    made = events.insert(calendarId="primary", body=body, conferenceDataVersion=1).execute()
    statuses = [made["conferenceData"]["createRequest"]["status"]["statusCode"]]
    advance(60)
    found = events.get(calendarId="primary", eventId=made["id"]).execute()
    statuses.append(found["conferenceData"]["createRequest"]["status"]["statusCode"])
    assert statuses == [first, later]
    assert ("entryPoints" in found["conferenceData"]) is (later == "success")


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.fact("10", "wrong use of a type: 400 or 403 eventTypeRestriction", "O")
def test_refusal_of_event_types(events, switch, refusal, timed, status):
    switch(event_type_refusal=status)
    request = events.insert(calendarId="primary", body=timed(eventType="fromGmail"))
    assert refusal(request) == (status, "eventTypeRestriction")


@pytest.mark.parametrize(("chosen", "is_made"), [("offered", True), ("missing", False)])
@pytest.mark.fact("10", "focusTime and the like: eligible Workspace users only", "D")
def test_status_events_of_eligible_users(google, switch, timed, chosen, is_made):
    switch(status_events=chosen)
    body = timed(eventType="focusTime", focusTimeProperties={"chatStatus": "doNotDisturb"})
    status, _ = google.api("POST", "/calendars/primary/events", body=body)
    assert (status == 200) is is_made


@pytest.mark.parametrize(("limit", "length", "is_taken"), [(8192, 8192, True), (100, 101, False)])
@pytest.mark.fact("10", "description: a limit of about 8192 characters", "O")
def test_limit_of_descriptions(google, switch, limit, length, is_taken):
    switch(description_limit=limit)
    body = {**DAY, "description": "x" * length}
    status, _ = google.api("POST", "/calendars/primary/events", body=body)
    assert status == (200 if is_taken else 400)


@pytest.mark.parametrize(("chosen", "is_kept"), [("removes", False), ("keeps", True)])
@pytest.mark.fact("2", "patch with eventLabelVersion=1 and no label", "D")
def test_patch_that_names_no_label(service, switch, chosen, is_kept):
    switch(patch_without_label=chosen)
    body = {"labelProperties": {"eventLabels": [{"name": "Deals", "backgroundColor": "#7986cb"}]}}
    calendar = service.calendars().patch(calendarId="primary", body=body).execute()
    label = calendar["labelProperties"]["eventLabels"][0]["id"]
    events = service.events()
    made = events.insert(
        calendarId="primary", body={**DAY, "eventLabelId": label}, eventLabelVersion=1
    ).execute()
    changed = events.patch(
        calendarId="primary", eventId=made["id"], body={"summary": "x"}, eventLabelVersion=1
    ).execute()
    assert ("eventLabelId" in changed) is is_kept


@pytest.mark.parametrize(("chosen", "is_kept"), [("keeps", True), ("clears", False)])
@pytest.mark.fact("10", "attachments: a PUT without the flag leaves them as well", "K")
def test_update_without_the_attachments_flag(events, switch, chosen, is_kept):
    switch(put_without_attachments=chosen)
    body = {**DAY, "attachments": [{"fileUrl": "https://drive.example.org/f1", "title": "f"}]}
    made = events.insert(calendarId="primary", body=body, supportsAttachments=True).execute()
    changed = events.update(calendarId="primary", eventId=made["id"], body=DAY).execute()
    assert ("attachments" in changed) is is_kept


@pytest.mark.parametrize("years", [1, 3])
@pytest.mark.fact("6.3", "an open-ended series is expanded, limited to some years", "K")
def test_expansion_of_endless_series(events, switch, years):
    switch(expansion_years=years)
    body = {
        "start": {"date": "2035-03-10"},
        "end": {"date": "2035-03-11"},
        "recurrence": ["RRULE:FREQ=MONTHLY"],
    }
    events.insert(calendarId="primary", body=body).execute()
    page = events.list(calendarId="primary", singleEvents=True).execute()
    assert 12 * years <= len(page["items"]) <= 12 * years + 1


@pytest.mark.parametrize(("chosen", "is_deleted"), [("refused", False), ("allowed", True)])
@pytest.mark.fact("10", "a birthday linked to a contact: update limited", "D")
def test_deletion_of_a_linked_birthday(events, google, switch, chosen, is_deleted):
    switch(linked_birthday_deletion=chosen)
    event = {
        **DAY,
        "eventType": "birthday",
        "summary": "Ada",
        "visibility": "private",
        "transparency": "transparent",
        "recurrence": ["RRULE:FREQ=YEARLY"],
        "birthdayProperties": {"type": "birthday", "contact": "people/c1"},
    }
    made = google.control("POST", "events", {"email": "anna@example.com", "event": event})
    status, _ = google.api("DELETE", f"/calendars/primary/events/{made['id']}")
    assert (status == 204) is is_deleted


@pytest.mark.parametrize("chosen", ["clipped", "whole"])
@pytest.mark.fact("1", "freebusy: busy times at the bounds of the query", "I")
def test_busy_time_at_a_bound(service, switch, timed, chosen):
    switch(freebusy_bounds=chosen)
    service.events().insert(calendarId="primary", body=timed()).execute()
    body = {
        "timeMin": "2026-03-10T09:15:00Z",
        "timeMax": "2026-03-11T00:00:00Z",
        "items": [{"id": "anna@example.com"}],
    }
    found = service.freebusy().query(body=body).execute()
    (busy,) = found["calendars"]["anna@example.com"]["busy"]
    start = "2026-03-10T09:15:00Z" if chosen == "clipped" else "2026-03-10T09:00:00Z"
    assert busy == {"start": start, "end": "2026-03-10T09:30:00Z"}


class TestSharing:
    """Guests and other people's calendars."""

    @pytest.fixture
    def invited(self, events, timed):
        """The id of an event of Anna's with Ben."""
        body = timed(attendees=[{"email": "ben@example.com"}])
        return events.insert(calendarId="primary", body=body).execute()["id"]

    @pytest.mark.parametrize(
        ("chosen", "reply"),
        [("everyone", "accepted"), ("when_responded", "needsAction")],
    )
    @pytest.mark.fact("9", "replies given for new guests may be reset, by their settings", "D")
    def test_reply_given_for_a_guest(self, events, switch, timed, chosen, reply):
        switch(add_invitations=chosen)
        body = timed(attendees=[{"email": "ben@example.com", "responseStatus": "accepted"}])
        made = events.insert(calendarId="primary", body=body).execute()
        assert made["attendees"][0]["responseStatus"] == reply

    @pytest.mark.parametrize("chosen", ["everyone", "when_responded"])
    @pytest.mark.fact("6.1", "showHiddenInvitations: invitations the guest's settings hide", "D")
    def test_hidden_invitation(self, ben, switch, events, timed, chosen):
        switch(add_invitations=chosen)
        body = timed(attendees=[{"email": "ben@example.com"}])
        made = events.insert(calendarId="primary", body=body).execute()["id"]
        plain = ben.events().list(calendarId="primary").execute()
        shown = ben.events().list(calendarId="primary", showHiddenInvitations=True).execute()
        assert ids(plain) == ([made] if chosen == "everyone" else [])
        assert ids(shown) == [made]

    @pytest.mark.parametrize(
        ("organizer", "is_listed"), [("anna@example.com", True), ("ada@example.org", False)]
    )
    @pytest.mark.fact("6.1", "invitations from unknown senders may be hidden", "D")
    def test_invitation_of_a_stranger(self, google, ben, switch, timed, organizer, is_listed):
        switch(add_invitations="known_senders")
        body = timed(attendees=[{"email": "ben@example.com"}])
        if is_listed:
            google.service().events().insert(calendarId="primary", body=body).execute()
        else:
            answer = google.control("POST", "invitations", {"organizer": organizer, "event": body})
            assert "error" not in answer, answer
        listed = ids(ben.events().list(calendarId="primary").execute())
        shown = ben.events().list(calendarId="primary", showHiddenInvitations=True).execute()
        assert (bool(listed), len(shown["items"])) == (is_listed, 1)

    @pytest.mark.parametrize(("chosen", "may"), [("all", True), ("none", False)])
    @pytest.mark.fact("1", "calendars.transferOwnership is an administrator's", "D")
    def test_transfer_of_a_calendar(self, service, google, switch, refusal, chosen, may):
        switch(administrators=chosen)
        second = google.anna.calendars[1]
        request = service.calendars().transferOwnership(
            calendarId=second, newDataOwner="ben@example.com", useAdminAccess=True
        )
        if may:
            request.execute()
        else:
            assert refusal(request)[0] == 403
        owner = service.calendars().get(calendarId=second).execute()["dataOwner"]
        assert owner == ("ben@example.com" if may else "anna@example.com")

    @pytest.mark.parametrize("chosen", ["refused", "ignored", "kept"])
    @pytest.mark.fact("9", "a guest writing shared facts: 403, or seen otherwise", "D")
    def test_shared_facts_written_by_a_guest(self, events, ben, switch, invited, refusal, chosen):
        switch(copy_edits=chosen)
        request = ben.events().patch(calendarId="primary", eventId=invited, body={"summary": "x"})
        if chosen == "refused":
            assert refusal(request) == (403, "forbiddenForNonOrganizer")
        else:
            assert request.execute()["summary"] == ("x" if chosen == "kept" else "Call Ada")
        found = events.get(calendarId="primary", eventId=invited).execute()
        assert found["summary"] == "Call Ada"

    @pytest.mark.parametrize(("limit", "is_taken"), [(200, False), (300, True)])
    @pytest.mark.fact("9", "guest limit: 200, more for some editions", "K")
    def test_limit_of_guests(self, google, switch, limit, is_taken):
        switch(guest_limit=limit)
        guests = [{"email": f"g{number}@example.org"} for number in range(201)]
        body = {**DAY, "attendees": guests}
        status, _ = google.api("POST", "/calendars/primary/events", body=body)
        assert (status == 200) is is_taken

    @pytest.mark.parametrize(("chosen", "title"), [("absent", None), ("busy", "busy")])
    @pytest.mark.fact("9", "private events: summary absent or busy", "D")
    def test_title_of_a_husk(self, events, ben, google, switch, share, chosen, title):
        switch(husk_summary=chosen)
        body = {**DAY, "summary": "Secret", "visibility": "private"}
        events.insert(calendarId=google.anna.calendars[1], body=body).execute()
        (item,) = ben.events().list(calendarId=share("reader")).execute()["items"]
        found = item.get("summary")
        assert (found and found.lower()) == title

    @pytest.mark.parametrize(("chosen", "is_listed"), [("unlisted", False), ("listed", True)])
    @pytest.mark.fact("1", "a shared calendar comes on the list by itself, or by insert", "I")
    def test_shared_calendar_on_the_list(self, ben, switch, share, chosen, is_listed):
        switch(sharing_lists=chosen)
        second = share("reader")
        assert (second in ids(ben.calendarList().list().execute())) is is_listed
        ben.calendarList().insert(body={"id": second}).execute()
        assert second in ids(ben.calendarList().list().execute())

    @pytest.mark.parametrize("chosen", ["at_once", "delayed"])
    @pytest.mark.fact("7", "ACL right after calendars.insert: 403 requiredAccessLevel", "O")
    def test_access_to_a_new_calendar(self, service, switch, advance, refusal, chosen):
        switch(new_calendar_access=chosen)
        made = service.calendars().insert(body={"summary": "New"}).execute()["id"]
        rule = {"role": "reader", "scope": {"type": "user", "value": "ben@example.com"}}
        request = service.acl().insert(calendarId=made, body=rule)
        if chosen == "delayed":
            assert refusal(request) == (403, "requiredAccessLevel")
            advance(5)
        assert request.execute()["role"] == "reader"

    @pytest.mark.fact("7", "a list just after an insert may lag", "K")
    @pytest.mark.parametrize("lags", [True, False])
    def test_listing_may_lag(self, events, fault, lags):
        if lags:
            fault("stale")
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        page = events.list(calendarId="primary").execute()
        assert ids(page) == ([] if lags else [made])
        after = events.list(calendarId="primary", syncToken=page["nextSyncToken"]).execute()
        assert ids(after) == ([made] if lags else [])
