"""Calendars and the calendar list (google-calendar-facts sections 1, 6.4, 9)."""

import urllib.parse

import pytest


def ids(page):
    """Return the ids of a page's items."""
    return [item["id"] for item in page["items"]]


@pytest.mark.fact("13", "zone and role come from the calendarList entry", "O")
def test_list_shows_the_accounts_calendars_with_role_zone_and_colour(service, google):
    page = service.calendarList().list().execute()
    assert ids(page) == list(google.anna.calendars)
    primary, second = page["items"]
    assert primary["primary"] is True
    assert primary["id"] == primary["summary"] == "anna@example.com"
    assert "primary" not in second
    assert second["dataOwner"] == "anna@example.com"
    for entry in page["items"]:
        assert entry["accessRole"] == "owner"
        assert entry["timeZone"] == "Europe/Berlin"
        assert entry["backgroundColor"].startswith("#")


@pytest.mark.fact("1", "primary is an alias; store the resolved id", "D")
def test_entry_can_be_read_by_alias(service):
    assert service.calendarList().get(calendarId="primary").execute()["id"] == "anna@example.com"
    assert service.calendars().get(calendarId="primary").execute()["id"] == "anna@example.com"


@pytest.mark.fact("6.4", "default page 100, own sync tokens", "D")
def test_pages_and_tokens(service, google):
    collection = service.calendarList()
    first = collection.list(maxResults=1).execute()
    assert "nextSyncToken" not in first
    second = collection.list_next(collection.list(maxResults=1), first).execute()
    assert ids(first) + ids(second) == list(google.anna.calendars)
    made = service.calendars().insert(body={"summary": "New"}).execute()["id"]
    after = collection.list(syncToken=second["nextSyncToken"]).execute()
    assert ids(after) == [made]


@pytest.mark.fact("6.4", "entries removed are always included", "D")
def test_removed_calendar_is_in_the_incremental_list_as_deleted(service):
    made = service.calendars().insert(body={"summary": "New"}).execute()["id"]
    token = service.calendarList().list().execute()["nextSyncToken"]
    service.calendars().delete(calendarId=made).execute()
    (entry,) = service.calendarList().list(syncToken=token).execute()["items"]
    assert (entry["id"], entry["deleted"]) == (made, True)
    assert made not in ids(service.calendarList().list().execute())
    assert made in ids(service.calendarList().list(showDeleted=True).execute())


@pytest.mark.fact("6.4", "changes of read-only parts alone are not reported", "D")
def test_change_of_a_calendars_properties_alone_is_not_reported(service, google):
    token = service.calendarList().list().execute()["nextSyncToken"]
    body = {"summary": "Renamed"}
    service.calendars().patch(calendarId=google.anna.calendars[1], body=body).execute()
    assert service.calendarList().list(syncToken=token).execute()["items"] == []


@pytest.mark.fact("6.4", "minAccessRole not together with a token", "D")
def test_minimum_role_filters_and_excludes_a_token(service, refusal):
    collection = service.calendarList()
    assert len(ids(collection.list(minAccessRole="owner").execute())) == 2
    token = collection.list().execute()["nextSyncToken"]
    request = collection.list(syncToken=token, minAccessRole="owner")
    assert refusal(request) == (400, "invalid")


@pytest.mark.fact("6.4", "calendarList has its own sync tokens, expiring like others", "D")
def test_malformed_and_expired_tokens_are_410(service, google, refusal):
    collection = service.calendarList()
    token = collection.list().execute()["nextSyncToken"]
    assert refusal(collection.list(syncToken="x")) == (410, "fullSyncRequired")
    google.control("POST", "clock", {"advance_seconds": 29 * 86400})
    assert refusal(collection.list(syncToken=token)) == (410, "fullSyncRequired")


class TestCalendars:
    """The calendars themselves."""

    @pytest.mark.fact("1", "secondary ones end in @group.calendar.google.com", "D")
    def test_insert_makes_a_secondary_calendar_on_the_own_list(self, service, google):
        body = {"summary": "CRM", "timeZone": "Asia/Tokyo", "description": "d", "location": "l"}
        made = service.calendars().insert(body=body).execute()
        assert made["id"].endswith("@group.calendar.google.com")
        assert {name: made[name] for name in body} == body
        assert made["dataOwner"] == "anna@example.com"
        assert ids(service.calendarList().list().execute())[-1] == made["id"]
        assert google.service(google.ben.access_token).calendarList().list().execute()["items"]
        entry = service.calendarList().get(calendarId=made["id"]).execute()
        assert (entry["accessRole"], entry["timeZone"]) == ("owner", "Asia/Tokyo")

    @pytest.mark.fact("12", "required and invalid", "D")
    @pytest.mark.parametrize(
        ("body", "reason"),
        [({}, "required"), ({"summary": ""}, "required"), ({"summary": 1}, "invalid")],
    )
    def test_a_title_is_needed(self, service, refusal, body, reason):
        assert refusal(service.calendars().insert(body=body)) == (400, reason)

    @pytest.mark.fact("4", "unknown zone names are refused", "K")
    def test_unknown_zone_is_refused(self, service, refusal):
        body = {"summary": "x", "timeZone": "Nowhere"}
        assert refusal(service.calendars().insert(body=body)) == (400, "invalid")

    @pytest.mark.fact("7", "patch merges, update replaces; calendars as well", "D")
    def test_patch_and_update(self, service, google):
        calendar = google.anna.calendars[1]
        body = {"description": "d", "location": "l"}
        service.calendars().patch(calendarId=calendar, body=body).execute()
        patch = {"location": None, "summary": "New"}
        changed = service.calendars().patch(calendarId=calendar, body=patch).execute()
        assert (changed["summary"], changed["description"]) == ("New", "d")
        assert "location" not in changed
        body = {"summary": "Newer"}
        replaced = service.calendars().update(calendarId=calendar, body=body).execute()
        assert "description" not in replaced
        assert replaced["timeZone"] == "Europe/Berlin"

    @pytest.mark.fact("4", "the same event reads differently under another calendar zone", "D")
    def test_new_zone_changes_offsets_and_places_all_day_events_anew(self, service, google):
        calendar = google.anna.calendars[1]
        day = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
        made = service.events().insert(calendarId=calendar, body=day).execute()["id"]
        body = {"timeZone": "Pacific/Auckland"}
        service.calendars().patch(calendarId=calendar, body=body).execute()
        listing = service.events().list
        before = listing(calendarId=calendar, timeMin="2026-03-10T10:59:00Z").execute()
        after = listing(calendarId=calendar, timeMin="2026-03-10T11:00:00Z").execute()
        assert (ids(before), ids(after)) == ([made], [])
        assert before["timeZone"] == "Pacific/Auckland"

    @pytest.mark.fact("13", "the user deletes the calendar: 404 on everything", "I")
    def test_delete_takes_the_events_along(self, service, google, refusal):
        calendar = google.anna.calendars[1]
        day = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
        made = service.events().insert(calendarId=calendar, body=day).execute()["id"]
        service.calendars().delete(calendarId=calendar).execute()
        for request in (
            service.events().list(calendarId=calendar),
            service.events().get(calendarId=calendar, eventId=made),
            service.calendarList().get(calendarId=calendar),
            service.calendars().get(calendarId=calendar),
        ):
            assert refusal(request) == (404, "notFound")

    @pytest.mark.fact("1", "calendars.delete is for secondary calendars", "D")
    def test_primary_calendar_cannot_be_deleted(self, service, refusal):
        assert refusal(service.calendars().delete(calendarId="primary")) == (403, "forbidden")

    @pytest.mark.fact("12", "404 notFound: gone or no access", "D")
    def test_calendars_of_others_are_not_found(self, service, google, refusal):
        for calendar in google.ben.calendars:
            request = service.calendars().patch(calendarId=calendar, body={"summary": "x"})
            assert refusal(request) == (404, "notFound")

    @pytest.mark.fact("1", "must be percent-encoded in the path", "K")
    def test_id_is_found_in_its_encoded_form(self, google):
        calendar = urllib.parse.quote(google.anna.calendars[1], safe="")
        assert google.api("GET", f"/calendars/{calendar}")[1]["summary"] == "Customer visits"
