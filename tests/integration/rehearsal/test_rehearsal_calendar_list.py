"""Calendar list entries as their account changes them, and whole calendars (facts 1, 6.4, 9)."""

import pytest


@pytest.fixture
def calendar(google):
    """Anna's second calendar."""
    return google.anna.calendars[1]


@pytest.fixture
def entries(service):
    """The collection `calendarList`, as Anna."""
    return service.calendarList()


@pytest.fixture
def shared(service, calendar):
    """Anna's second calendar, which Ben may read."""
    scope = {"type": "user", "value": "ben@example.com"}
    service.acl().insert(calendarId=calendar, body={"role": "reader", "scope": scope}).execute()
    return calendar


@pytest.fixture
def bens(google):
    """The collection `calendarList`, as Ben."""
    return google.service(google.ben.access_token).calendarList()


def ids(page):
    """Return the ids of a page's items."""
    return [item["id"] for item in page["items"]]


class TestEntries:
    """calendarList.insert, patch, update, delete."""

    def test_shared_calendar_is_put_on_the_list_and_taken_off(self, bens, shared, refusal):
        """Facts 1 and 6.4: insert and delete; removed entries are always listed incrementally."""
        token = bens.list().execute()["nextSyncToken"]
        assert refusal(bens.get(calendarId=shared)) == (404, "notFound")
        made = bens.insert(body={"id": shared, "summaryOverride": "Anna's"}).execute()
        assert (made["accessRole"], made["summaryOverride"]) == ("reader", "Anna's")
        assert made["selected"] is True
        assert made["backgroundColor"].startswith("#")
        page = bens.list(syncToken=token).execute()
        assert page["items"] == [made]
        bens.delete(calendarId=shared).execute()
        (gone,) = bens.list(syncToken=page["nextSyncToken"]).execute()["items"]
        assert (gone["id"], gone["deleted"]) == (shared, True)
        assert refusal(bens.delete(calendarId=shared)) == (404, "notFound")
        assert "summaryOverride" not in bens.insert(body={"id": shared}).execute()

    def test_calendar_off_the_list_can_still_be_read(self, google, bens, shared):
        """Access and the list are two things."""
        ben = google.service(google.ben.access_token)
        assert ben.events().list(calendarId=shared).execute()["accessRole"] == "reader"
        assert ben.calendars().get(calendarId=shared).execute()["id"] == shared

    def test_insert_needs_an_id_one_may_see(self, bens, calendar, refusal):
        """Facts 12: 404 without access."""
        assert refusal(bens.insert(body={"id": calendar})) == (404, "notFound")
        assert refusal(bens.insert(body={})) == (400, "required")

    def test_insert_of_a_listed_calendar_keeps_its_settings(self, entries, calendar):
        """A second insert must not undo what the person chose."""
        entries.patch(calendarId=calendar, body={"summaryOverride": "Mine"}).execute()
        again = entries.insert(body={"id": calendar}).execute()
        assert again["summaryOverride"] == "Mine"

    @pytest.mark.parametrize("number", [0, 1])
    def test_data_owner_cannot_take_a_calendar_off(self, entries, google, refusal, number):
        """Facts 9: they cannot take it off their list."""
        request = entries.delete(calendarId=google.anna.calendars[number])
        assert refusal(request) == (403, "forbidden")

    def test_hidden_entry_is_listed_on_demand_and_always_incrementally(self, entries, calendar):
        """Facts 6.4: entries removed or hidden are always included."""
        token = entries.list().execute()["nextSyncToken"]
        hidden = entries.patch(calendarId=calendar, body={"hidden": True}).execute()
        assert hidden["hidden"] is True
        assert calendar not in ids(entries.list().execute())
        assert calendar in ids(entries.list(showHidden=True).execute())
        page = entries.list(syncToken=token).execute()
        assert page["items"] == [hidden]
        shown = entries.patch(calendarId=calendar, body={"hidden": False}).execute()
        assert "hidden" not in shown
        assert entries.list(syncToken=page["nextSyncToken"]).execute()["items"] == [shown]

    def test_token_does_not_go_with_hiding_what_it_must_tell(self, entries, refusal):
        """Facts 6.4: showDeleted and showHidden may not be false together with a token."""
        token = entries.list().execute()["nextSyncToken"]
        assert refusal(entries.list(syncToken=token, showHidden=False)) == (400, "invalid")

    def test_colour_by_number_and_by_value(self, entries, calendar):
        """CalendarList: colorRgbFormat; the number follows the value."""
        by_number = entries.patch(calendarId=calendar, body={"colorId": "1"}).execute()
        assert by_number["backgroundColor"] == "#ac725e"
        body = {"backgroundColor": "#FA0000", "foregroundColor": "#ffffff"}
        ignored = entries.patch(calendarId=calendar, body=body).execute()
        assert ignored["backgroundColor"] == "#ac725e"
        by_value = entries.patch(calendarId=calendar, body=body, colorRgbFormat=True).execute()
        assert by_value["backgroundColor"] == "#fa0000"
        assert by_value["foregroundColor"] == "#ffffff"
        assert by_value["colorId"] == "3"

    def test_patch_merges_and_update_replaces(self, entries, calendar):
        """Facts 7 for entries."""
        notification = {"type": "eventCreation", "method": "email"}
        body = {
            "summaryOverride": "Mine",
            "selected": True,
            "defaultReminders": [
                {"method": "popup", "minutes": 10},
                {"method": "email", "minutes": 60},
            ],
            "notificationSettings": {"notifications": [notification]},
        }
        first = entries.patch(calendarId=calendar, body=body).execute()
        assert [each["method"] for each in first["defaultReminders"]] == ["email", "popup"]
        assert first["notificationSettings"] == {"notifications": [notification]}
        second = entries.patch(calendarId=calendar, body={"summaryOverride": None}).execute()
        assert "summaryOverride" not in second
        assert second["defaultReminders"] == first["defaultReminders"]
        third = entries.update(calendarId=calendar, body={"summaryOverride": "Other"}).execute()
        assert third["summaryOverride"] == "Other"
        assert third["defaultReminders"] == []
        assert not third.keys() & {"notificationSettings", "selected"}
        assert third["backgroundColor"] == first["backgroundColor"]

    def test_default_reminders_come_with_the_events(self, service, entries, calendar):
        """Facts 10: the calendar's defaultReminders come with every list answer."""
        reminders = [{"method": "popup", "minutes": 5}]
        entries.patch(calendarId=calendar, body={"defaultReminders": reminders}).execute()
        page = service.events().list(calendarId=calendar).execute()
        assert page["defaultReminders"] == reminders

    @pytest.mark.parametrize(
        "body",
        [
            {"colorId": "25"},
            {"colorId": 1},
            {"selected": "yes"},
            {"defaultReminders": [{"method": "popup", "minutes": -1}]},
            {"defaultReminders": [{"method": "popup", "minutes": 1}] * 6},
            {"notificationSettings": {"notifications": [{"type": "rain", "method": "email"}]}},
            {"notificationSettings": {"notifications": [{"type": "agenda", "method": "sms"}]}},
        ],
    )
    def test_wrong_values_are_refused(self, entries, calendar, refusal, body):
        """Facts 12: invalid."""
        assert refusal(entries.patch(calendarId=calendar, body=body)) == (400, "invalid")

    def test_wrong_colour_value_is_refused(self, entries, calendar, refusal):
        """Colours are #rrggbb."""
        body = {"backgroundColor": "red"}
        request = entries.patch(calendarId=calendar, body=body, colorRgbFormat=True)
        assert refusal(request) == (400, "invalid")

    def test_stale_etag_is_refused(self, entries, calendar, refusal):
        """Facts 7: If-Match."""
        old = entries.get(calendarId=calendar).execute()["etag"]
        new = entries.patch(calendarId=calendar, body={"summaryOverride": "x"}).execute()["etag"]
        request = entries.patch(calendarId=calendar, body={"summaryOverride": "y"})
        request.headers["If-Match"] = old
        assert refusal(request) == (412, "conditionNotMet")
        request = entries.update(calendarId=calendar, body={"summaryOverride": "y"})
        request.headers["If-Match"] = new
        request.execute()


class TestClear:
    """calendars.clear."""

    def test_all_events_of_the_primary_calendar_become_tombstones(self, service, timed):
        """Facts 1: clear; facts 6.2: deleted entries always in an incremental listing."""
        events = service.events()
        rule = ["RRULE:FREQ=DAILY;COUNT=3"]
        made = [
            events.insert(calendarId="primary", body=body).execute()["id"]
            for body in (timed(), timed("Series", recurrence=rule))
        ]
        instance = events.instances(calendarId="primary", eventId=made[1]).execute()["items"][1]
        body = {"summary": "Other"}
        events.patch(calendarId="primary", eventId=instance["id"], body=body).execute()
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        assert service.calendars().clear(calendarId="primary").execute() == ""
        assert events.list(calendarId="primary").execute()["items"] == []
        page = events.list(calendarId="primary", syncToken=token).execute()
        assert {*made, instance["id"]} == set(ids(page))
        assert {item["status"] for item in page["items"]} == {"cancelled"}
        service.calendars().clear(calendarId="primary").execute()

    def test_secondary_calendar_cannot_be_cleared(self, service, calendar, refusal):
        """Google, Calendars: clear; primary only."""
        assert refusal(service.calendars().clear(calendarId=calendar)) == (403, "forbidden")


class TestTransfer:
    """calendars.transferOwnership."""

    @pytest.fixture
    def transfer(self, service):
        """A function that asks for a transfer as Anna."""

        def ask(calendar, new_owner="ben@example.com", *, admin=True):
            return service.calendars().transferOwnership(
                calendarId=calendar, newDataOwner=new_owner, useAdminAccess=admin
            )

        return ask

    def test_calendar_gets_a_new_data_owner(self, service, bens, calendar, transfer, refusal):
        """Facts 9: each secondary calendar has one data owner."""
        transfer(calendar).execute()
        entry = bens.get(calendarId=calendar).execute()
        assert (entry["dataOwner"], entry["accessRole"]) == ("ben@example.com", "owner")
        mine = service.calendarList().get(calendarId=calendar).execute()
        assert (mine["dataOwner"], mine["accessRole"]) == ("ben@example.com", "owner")
        rule = {"calendarId": calendar, "ruleId": "user:ben@example.com"}
        assert refusal(service.acl().delete(**rule)) == (403, "forbidden")
        service.calendarList().delete(calendarId=calendar).execute()

    def test_only_secondary_calendars_of_the_own_domain(self, google, calendar, transfer, refusal):
        """Google, Calendars: transferOwnership within an organization."""
        google.control("POST", "accounts", {"email": "eve@example.org"})
        assert refusal(transfer("anna@example.com")) == (404, "notFound")
        assert refusal(transfer("nothing")) == (404, "notFound")
        assert refusal(transfer(calendar, "eve@example.org")) == (400, "invalid")
        assert refusal(transfer(calendar, "nobody@example.com")) == (400, "invalid")
        assert refusal(transfer(calendar, admin=False)) == (400, "invalidParameter")

    def test_callers_who_administrate_nothing_are_refused(
        self, google, calendar, transfer, refusal
    ):
        """The privilege to manage calendars is a switch."""
        google.control("POST", "switches", {"administrators": "none"})
        assert refusal(transfer(calendar)) == (403, "forbidden")


class TestSettings:
    """The collection `settings`."""

    def test_all_settings_are_told_with_their_defaults(self, service):
        """Facts 1: settings; values are always texts."""
        page = service.settings().list().execute()
        values = {item["id"]: item["value"] for item in page["items"]}
        assert values["timezone"] == "Europe/Berlin"
        assert (values["locale"], values["weekStart"]) == ("en", "0")
        assert values["format24HourTime"] == "false"
        assert len(values) == 12
        for item in page["items"]:
            assert service.settings().get(setting=item["id"]).execute() == item

    def test_unknown_setting_is_not_found(self, service, refusal):
        """Facts 12: 404."""
        assert refusal(service.settings().get(setting="nothing")) == (404, "notFound")

    def test_changes_are_told_incrementally_and_to_their_account_only(
        self, service, google, refusal
    ):
        """Facts 6.4: own sync tokens."""
        listing = service.settings().list
        first = listing(maxResults=10).execute()
        last = listing(maxResults=10, pageToken=first["nextPageToken"]).execute()
        token = last["nextSyncToken"]
        assert listing(syncToken=token).execute()["items"] == []
        body = {"email": "anna@example.com", "id": "format24HourTime", "value": "true"}
        changed = google.control("POST", "settings", body)
        page = listing(syncToken=token).execute()
        assert page["items"] == [changed]
        assert listing(syncToken=page["nextSyncToken"]).execute()["items"] == []
        ben = google.service(google.ben.access_token)
        assert ben.settings().get(setting="format24HourTime").execute()["value"] == "false"
        assert refusal(listing(syncToken="x")) == (410, "fullSyncRequired")
        token = ben.settings().list().execute()["nextSyncToken"]
        assert refusal(listing(syncToken=token)) == (410, "fullSyncRequired")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("weekStart", "3"),
            ("timezone", "Nowhere"),
            ("defaultEventLength", "0"),
            ("hideWeekends", "yes"),
            ("nothing", "x"),
            ("locale", "x" * 1025),
        ],
    )
    def test_values_google_does_not_have_are_refused(self, google, name, value):
        """Google, Settings: allowed values."""
        body = {"email": "anna@example.com", "id": name, "value": value}
        assert google.http("POST", "/_rehearsal/settings", body=body)[0] == 400


def test_colours_are_the_two_palettes(service):
    """Facts 10: colors.get gives palettes for calendars and events; events have 1 to 11."""
    colours = service.colors().get().execute()
    assert list(colours["event"]) == [str(number) for number in range(1, 12)]
    assert len(colours["calendar"]) == 24
    assert colours["event"]["11"]["background"] == "#dc2127"
    entry = service.calendarList().get(calendarId="primary").execute()
    assert colours["calendar"][entry["colorId"]]["background"] == entry["backgroundColor"]


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("calendar.events", set()),
        ("calendar.settings.readonly", {"settings"}),
        ("calendar.calendarlist", {"colors", "entry"}),
        ("calendar.acls.readonly", {"rules"}),
        ("calendar.readonly", {"settings", "colors"}),
    ],
)
def test_scopes_open_what_googles_table_says(granted, calendar, refusal, scope, allowed):
    """Facts 13: scopes by method."""
    service = granted(scope)
    body = {"selected": True}
    requests = {
        "settings": service.settings().list(),
        "colors": service.colors().get(),
        "entry": service.calendarList().patch(calendarId=calendar, body=body),
        "rules": service.acl().list(calendarId=calendar),
        "clear": service.calendars().clear(calendarId="primary"),
    }
    for name, request in requests.items():
        if name in allowed:
            request.execute()
        else:
            assert refusal(request) == (403, "insufficientPermissions"), name
