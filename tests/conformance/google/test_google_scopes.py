"""What each scope opens, through consent and the client library (facts 13)."""

import pytest
from googleapiclient.errors import HttpError

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
MISSING = (403, "insufficientPermissions")


@pytest.fixture
def signed_in(google, consent):
    """A function that returns the client library with exactly these scopes."""

    def connect(*scopes):
        return google.service_of(consent.grant(*scopes))

    return connect


def is_open(request):
    """Return whether a scope opens a method; any other refusal than for scopes counts as open."""
    try:
        request.execute()
    except HttpError as error:
        content = error.content
    else:
        content = b""
    assert b"notImplemented" not in content
    return b"insufficientPermissions" not in content


# Columns of the table: reads events, writes events, lists calendars, makes calendars, free/busy,
# settings, colours, acl; `-` for no.
TABLE = {
    "": "r w l c f s p a",
    ".events": "r w - - - - - -",
    ".events.owned": "r w - - - - p -",
    ".events.readonly": "r - - - - - - -",
    ".events.owned.readonly": "r - - - - - p -",
    ".events.public.readonly": "r - - - - - p -",
    ".events.freebusy": "r - - - f - p -",
    ".calendarlist": "- - l - - - p -",
    ".calendarlist.readonly": "- - l - - - p -",
    ".calendars": "- - - c - - - -",
    ".calendars.readonly": "- - - - - - - -",
    ".readonly": "r - l - f s p a",
    ".freebusy": "- - - - f - - -",
    ".settings.readonly": "- - - - - s - -",
    ".acls": "- - - - - - - a",
    ".acls.readonly": "- - - - - - - a",
}
COLUMNS = {
    "reads events": lambda service: service.events().list(calendarId="primary"),
    "writes events": lambda service: service.events().insert(calendarId="primary", body=DAY),
    "lists calendars": lambda service: service.calendarList().list(),
    "makes calendars": lambda service: service.calendars().insert(body={"summary": "New"}),
    "asks free/busy": lambda service: service.freebusy().query(
        body={
            "timeMin": "2026-03-10T00:00:00Z",
            "timeMax": "2026-03-11T00:00:00Z",
            "items": [{"id": "primary"}],
        }
    ),
    "reads settings": lambda service: service.settings().list(),
    "reads colours": lambda service: service.colors().get(),
    "reads access rules": lambda service: service.acl().get(
        calendarId="primary", ruleId="user:anna@example.com"
    ),
}


@pytest.mark.parametrize("scope", TABLE, ids=lambda scope: f"calendar{scope}")
@pytest.mark.fact("13", "scopes, by method: the table", "D")
def test_scope_opens_its_row_of_the_table(signed_in, scope):
    service = signed_in(scope)
    opened = {name: is_open(make(service)) for name, make in COLUMNS.items()}
    allowed = [mark != "-" for mark in TABLE[scope].split()]
    assert opened == dict(zip(COLUMNS, allowed, strict=True))


@pytest.mark.fact("12", "403 insufficientPermissions: insufficient authentication scopes", "O")
def test_missing_scope_is_told_in_full(signed_in, error):
    told = error(signed_in(".events").calendarList().list())
    assert (told["code"], told["domain"]) == (403, "global")
    assert told["reason"] == "insufficientPermissions"


@pytest.mark.fact("12", "Request had insufficient authentication scopes.", "O")
def test_missing_scope_is_said_in_googles_words(signed_in):
    with pytest.raises(HttpError) as caught:
        signed_in(".events").calendarList().list().execute()
    assert b"insufficient authentication scopes" in caught.value.content


class TestEventsScopes:
    """calendar.events and its kin."""

    @pytest.mark.parametrize("scope", [".events", ".events.owned"])
    @pytest.mark.fact("13", "with calendar.events alone calendarList.list is 403", "O")
    def test_list_of_calendars_is_closed(self, signed_in, refusal, scope):
        assert refusal(signed_in(scope).calendarList().list()) == MISSING

    @pytest.mark.parametrize("scope", [".events", ".events.owned"])
    @pytest.mark.fact("13", "with calendar.events alone calendars.get is 403", "O")
    def test_calendar_itself_is_closed(self, signed_in, refusal, scope):
        assert refusal(signed_in(scope).calendars().get(calendarId="primary")) == MISSING

    @pytest.mark.fact("13", "take zone and role from the head of the events.list answer", "O")
    def test_head_of_the_listing_tells_zone_and_role(self, signed_in):
        page = signed_in(".events").events().list(calendarId="primary").execute()
        assert (page["timeZone"], page["accessRole"]) == ("Europe/Berlin", "owner")

    @pytest.mark.parametrize("scope", [".events", ".events.owned"])
    @pytest.mark.fact("13", "calendar.events(.owned): all writes incl. move", "D")
    def test_every_write_is_open(self, signed_in, google, scope):
        events = signed_in(scope).events()
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        events.patch(calendarId="primary", eventId=made, body={"summary": "x"}).execute()
        second = google.anna.calendars[1]
        events.move(calendarId="primary", eventId=made, destination=second).execute()
        events.delete(calendarId=second, eventId=made).execute()

    @pytest.mark.parametrize("scope", [".events.readonly", ".readonly", ".events.owned.readonly"])
    @pytest.mark.fact("13", "readonly scopes write nothing", "D")
    def test_no_write_is_open(self, signed_in, events, refusal, scope):
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        reading = signed_in(scope).events()
        for request in (
            reading.insert(calendarId="primary", body=DAY),
            reading.patch(calendarId="primary", eventId=made, body={}),
            reading.update(calendarId="primary", eventId=made, body=DAY),
            reading.delete(calendarId="primary", eventId=made),
        ):
            assert refusal(request) == MISSING

    @pytest.mark.parametrize(("scope", "may"), [(".events", True), (".events.owned", False)])
    @pytest.mark.fact("13", "calendar.events.owned: calendars the user owns", "D")
    def test_calendar_of_somebody_else(self, google, ben, signed_in, scope, may):
        second = google.ben.calendars[1]
        rule = {"role": "writer", "scope": {"type": "user", "value": "anna@example.com"}}
        ben.acl().insert(calendarId=second, body=rule).execute()
        request = signed_in(scope).events().list(calendarId=second)
        if may:
            request.execute()
        else:
            with pytest.raises(HttpError) as caught:
                request.execute()
            assert caught.value.resp.status in (403, 404)

    @pytest.mark.fact("13", "calendar.events.freebusy: busy times only", "D")
    def test_free_busy_scope_shows_no_titles(self, events, signed_in, timed):
        events.insert(calendarId="primary", body=timed("Secret", location="x")).execute()
        (item,) = (
            signed_in(".events.freebusy").events().list(calendarId="primary").execute()["items"]
        )
        assert item["start"]["dateTime"].startswith("2026-03-10T10:00")
        assert item.get("summary") != "Secret"
        assert "location" not in item


class TestAppCreated:
    """calendar.app.created."""

    @pytest.fixture
    def service(self, signed_in):
        """The client library with the scope."""
        return signed_in(".app.created")

    @pytest.fixture
    def own(self, service):
        """The id of a calendar made with the scope."""
        return service.calendars().insert(body={"summary": "CRM"}).execute()["id"]

    @pytest.mark.fact("13", "app.created: reads and writes events of own secondary calendars", "D")
    def test_own_calendar_is_open(self, service, own):
        made = service.events().insert(calendarId=own, body=DAY).execute()["id"]
        body = {"summary": "x"}
        service.events().patch(calendarId=own, eventId=made, body=body).execute()
        page = service.events().list(calendarId=own).execute()
        assert [each["summary"] for each in page["items"]] == ["x"]
        service.events().delete(calendarId=own, eventId=made).execute()

    @pytest.mark.fact("13", "app.created: calendars get, patch, update, delete of its own", "D")
    def test_own_calendar_can_be_changed(self, service, own):
        body = {"summary": "New"}
        service.calendars().patch(calendarId=own, body=body).execute()
        service.calendars().update(calendarId=own, body=body).execute()
        assert service.calendars().get(calendarId=own).execute()["summary"] == "New"
        service.calendars().delete(calendarId=own).execute()

    @pytest.mark.fact("13", "app.created: no list, but get, patch, update of an entry", "D")
    def test_entry_is_open_and_the_list_is_not(self, service, own, refusal):
        entry = service.calendarList().get(calendarId=own).execute()
        body = {"colorId": "5"}
        assert service.calendarList().patch(calendarId=own, body=body).execute()["id"] == own
        assert service.calendarList().update(calendarId=own, body=entry).execute()["id"] == own
        assert refusal(service.calendarList().list()) == MISSING

    @pytest.mark.parametrize("number", [0, 1])
    @pytest.mark.fact("13", "app.created: calendars of others and the primary are closed", "D")
    def test_other_calendars_are_closed(self, service, google, refusal, number):
        calendar = google.anna.calendars[number]
        for request in (
            service.events().list(calendarId=calendar),
            service.events().insert(calendarId=calendar, body=DAY),
            service.calendars().get(calendarId=calendar),
        ):
            assert refusal(request)[0] in (403, 404)

    @pytest.mark.parametrize("name", ["move", "clear", "freebusy", "settings", "acl"])
    @pytest.mark.fact("13", "app.created: not move, clear, freebusy, settings, acl", "D")
    def test_some_methods_are_closed(self, service, own, refusal, name):
        made = service.events().insert(calendarId=own, body=DAY).execute()["id"]
        requests = {
            "move": service.events().move(calendarId=own, eventId=made, destination=own),
            "clear": service.calendars().clear(calendarId="primary"),
            "freebusy": service.freebusy().query(body={}),
            "settings": service.settings().list(),
            "acl": service.acl().list(calendarId=own),
        }
        assert refusal(requests[name]) == MISSING

    @pytest.mark.fact("13", "app.created: colors", "D")
    def test_colours_are_open(self, service):
        assert service.colors().get().execute()["kind"] == "calendar#colors"

    @pytest.mark.fact("13", "the user deletes the calendar: 404 on everything", "I")
    def test_calendar_deleted_by_the_user(self, service, own, google, refusal):
        google.service().calendars().delete(calendarId=own).execute()
        for request in (
            service.events().list(calendarId=own),
            service.events().insert(calendarId=own, body=DAY),
            service.calendars().get(calendarId=own),
            service.calendarList().get(calendarId=own),
        ):
            assert refusal(request) == (404, "notFound")
        fresh = service.calendars().insert(body={"summary": "CRM"}).execute()
        assert fresh["id"] != own


class TestFittingSets:
    """What a bridge asks for."""

    @pytest.mark.parametrize("scope", [".events", ".events.owned"])
    @pytest.mark.fact("13", "events(.owned) plus calendarlist.readonly fit a chosen calendar", "O")
    def test_chosen_calendar(self, signed_in, google, scope):
        service = signed_in(scope, ".calendarlist.readonly")
        entries = service.calendarList().list().execute()["items"]
        assert [each["id"] for each in entries] == list(google.anna.calendars)
        chosen = entries[1]
        assert chosen["timeZone"] == "Europe/Berlin"
        assert chosen["accessRole"] == "owner"
        assert service.events().insert(calendarId=chosen["id"], body=DAY).execute()["id"]
        token = service.events().list(calendarId=chosen["id"]).execute()["nextSyncToken"]
        service.events().list(calendarId=chosen["id"], syncToken=token).execute()

    @pytest.mark.fact("13", "calendars.readonly: get, no change", "D")
    def test_calendars_read_only(self, signed_in, refusal):
        service = signed_in(".calendars.readonly")
        assert service.calendars().get(calendarId="primary").execute()["id"] == "anna@example.com"
        request = service.calendars().patch(calendarId="primary", body={"summary": "x"})
        assert refusal(request) == MISSING
