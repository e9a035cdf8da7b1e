"""Access rules, roles, and what a change of them does (google-calendar-facts sections 6, 9, 12)."""

from dataclasses import dataclass

import pytest


@pytest.fixture
def calendar(google):
    """Anna's second calendar."""
    return google.anna.calendars[1]


@pytest.fixture
def ben(google):
    """The client library, signed in as Ben."""
    return google.service(google.ben.access_token)


@pytest.fixture
def share(service, calendar):
    """A function that gives a role in the second calendar to Ben, or to another scope."""

    def give(role, **scope):
        scope = scope or {"type": "user", "value": "ben@example.com"}
        body = {"role": role, "scope": scope}
        return service.acl().insert(calendarId=calendar, body=body).execute()

    return give


@dataclass
class Pair:
    """Anna, who owns a calendar, and Ben, who wants to see it."""

    anna: object
    ben: object
    calendar: str
    share: object


@pytest.fixture
def pair(service, ben, calendar, share):
    """Both of them, signed in."""
    return Pair(anna=service, ben=ben, calendar=calendar, share=share)


def ids(page):
    """Return the ids of a page's items."""
    return [item["id"] for item in page["items"]]


class TestRules:
    """The collection `acl`."""

    def test_a_calendar_begins_with_its_owners_rule(self, service, calendar):
        """Facts 9: access roles; the data owner is an owner."""
        (rule,) = service.acl().list(calendarId=calendar).execute()["items"]
        assert (rule["id"], rule["role"]) == ("user:anna@example.com", "owner")
        assert rule["scope"] == {"type": "user", "value": "anna@example.com"}

    def test_rule_is_made_read_changed_and_deleted(self, service, calendar, share, refusal):
        """Facts 1: acl get list insert update patch delete."""
        made = share("reader")
        assert made["id"] == "user:ben@example.com"
        acl, rule = service.acl(), {"calendarId": calendar, "ruleId": made["id"]}
        assert acl.get(**rule).execute() == made
        patched = acl.patch(**rule, body={"role": "writer"}).execute()
        assert (patched["role"], patched["scope"]) == ("writer", made["scope"])
        assert patched["etag"] != made["etag"]
        updated = acl.update(**rule, body={"role": "freeBusyReader"}).execute()
        assert updated["role"] == "freeBusyReader"
        stale = acl.patch(**rule, body={"role": "reader"})
        stale.headers["If-Match"] = made["etag"]
        assert refusal(stale) == (412, "conditionNotMet")
        acl.delete(**rule).execute()
        assert refusal(acl.get(**rule)) == (404, "notFound")
        assert refusal(acl.delete(**rule)) == (404, "notFound")

    def test_insert_of_the_same_scope_changes_its_rule(self, service, calendar, share):
        """One rule per scope."""
        share("reader")
        share("writer")
        items = service.acl().list(calendarId=calendar).execute()["items"]
        assert [rule["role"] for rule in items] == ["owner", "writer"]

    def test_list_has_pages_and_tokens_that_tell_of_deleted_rules(
        self, service, calendar, share, refusal
    ):
        """Facts 6.4: own sync tokens; a deleted rule has the role none."""
        share("reader", type="default")
        share("reader")
        listing = service.acl().list
        first = listing(calendarId=calendar, maxResults=2).execute()
        assert "nextSyncToken" not in first
        last = listing(
            calendarId=calendar, maxResults=2, pageToken=first["nextPageToken"]
        ).execute()
        assert ids(first) + ids(last) == [
            "user:anna@example.com", "default", "user:ben@example.com",
        ]  # fmt: skip
        token = last["nextSyncToken"]
        assert listing(calendarId=calendar, syncToken=token).execute()["items"] == []
        service.acl().delete(calendarId=calendar, ruleId="default").execute()
        (gone,) = listing(calendarId=calendar, syncToken=token).execute()["items"]
        assert (gone["id"], gone["role"]) == ("default", "none")
        assert "default" not in ids(listing(calendarId=calendar).execute())
        assert "default" in ids(listing(calendarId=calendar, showDeleted=True).execute())
        request = listing(calendarId=calendar, syncToken=token, showDeleted=False)
        assert refusal(request) == (400, "invalid")
        assert refusal(listing(calendarId=calendar, syncToken="x")) == (410, "fullSyncRequired")

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({}, "required"),
            ({"role": "reader"}, "required"),
            ({"scope": {"type": "default"}}, "required"),
            ({"role": "reader", "scope": {"type": "user"}}, "required"),
            ({"role": "reader", "scope": {"type": "user", "value": "x"}}, "invalid"),
            ({"role": "reader", "scope": {"type": "domain", "value": "a@b"}}, "invalid"),
            ({"role": "king", "scope": {"type": "default"}}, "invalid"),
            ({"role": "writer", "scope": {"type": "default"}}, "invalid"),
            ({"role": "reader", "scope": {"type": "world"}}, "invalid"),
            ({"role": 1, "scope": {"type": "default"}}, "invalid"),
        ],
    )
    def test_wrong_rules_are_refused(self, service, calendar, refusal, body, reason):
        """Facts 12: required and invalid."""
        assert refusal(service.acl().insert(calendarId=calendar, body=body)) == (400, reason)

    def test_data_owner_keeps_the_owner_role(self, service, ben, calendar, share, refusal):
        """Facts 9: the data owner's access cannot be lowered."""
        share("owner")
        rule = {"calendarId": calendar, "ruleId": "user:anna@example.com"}
        assert refusal(ben.acl().delete(**rule)) == (403, "forbidden")
        assert refusal(ben.acl().patch(**rule, body={"role": "reader"})) == (403, "forbidden")
        own = {"calendarId": calendar, "ruleId": "user:ben@example.com"}
        assert refusal(ben.acl().delete(**own)) == (403, "cannotChangeOwnAcl")
        service.acl().delete(**own).execute()

    def test_person_is_told_of_a_share_but_not_of_its_end(self, service, google, calendar, share):
        """Facts 13 column other: sendNotifications is true by default, none on removal."""
        share("reader")
        (mail,) = google.control("GET", "mail")
        assert (mail["to"], mail["kind"]) == ("ben@example.com", "sharing")
        rule = {"calendarId": calendar, "ruleId": "user:ben@example.com"}
        body = {"role": "writer"}
        service.acl().patch(**rule, sendNotifications=False, body=body).execute()
        service.acl().delete(**rule).execute()
        assert len(google.control("GET", "mail")) == 1

    @pytest.mark.parametrize("switch", ["at_once", "delayed"])
    def test_rules_of_a_new_calendar_may_lag(self, service, google, refusal, switch):
        """Facts 7 and 15: ACL right after calendars.insert failed with 403."""
        google.control("POST", "switches", {"new_calendar_access": switch})
        made = service.calendars().insert(body={"summary": "New"}).execute()["id"]
        body = {"role": "reader", "scope": {"type": "default"}}
        request = service.acl().insert(calendarId=made, body=body)
        if switch == "delayed":
            assert refusal(request) == (403, "requiredAccessLevel")
            google.control("POST", "clock", {"advance_seconds": 3})
        assert request.execute()["role"] == "reader"


class TestRoles:
    """What each role may do."""

    def test_without_a_rule_nothing_is_found(self, ben, calendar, refusal):
        """Facts 12: 404 for no access."""
        for request in (
            ben.events().list(calendarId=calendar),
            ben.calendars().get(calendarId=calendar),
            ben.acl().list(calendarId=calendar),
        ):
            assert refusal(request) == (404, "notFound")

    @pytest.mark.parametrize(
        ("role", "may"),
        [
            ("freeBusyReader", (False, False, False)),
            ("reader", (False, False, False)),
            ("writerWithoutPrivateAccess", (True, True, False)),
            ("writer", (True, True, False)),
            ("owner", (True, True, True)),
        ],
    )
    def test_role_decides_what_is_allowed(self, pair, refusal, timed, role, may):
        """Facts 9 and 12: access roles, 403 requiredAccessLevel."""
        ben, calendar = pair.ben, pair.calendar
        pair.share(role)
        assert ben.events().list(calendarId=calendar).execute()["accessRole"] == role
        writes, reads_rules, shares = may
        body = {"role": "reader", "scope": {"type": "user", "value": "carl@example.com"}}
        for allowed, request in (
            (writes, ben.events().insert(calendarId=calendar, body=timed())),
            (reads_rules, ben.acl().list(calendarId=calendar)),
            (shares, ben.acl().insert(calendarId=calendar, body=body)),
            (shares, ben.calendars().patch(calendarId=calendar, body={"summary": "B"})),
        ):
            if allowed:
                request.execute()
            else:
                assert refusal(request) == (403, "requiredAccessLevel")

    def test_widest_of_several_rules_counts(self, ben, calendar, share):
        """A rule for everybody, a domain, a group or a person."""
        share("freeBusyReader", type="default")
        assert ben.events().list(calendarId=calendar).execute()["accessRole"] == "freeBusyReader"
        share("writer", type="domain", value="example.com")
        share("reader")
        assert ben.events().list(calendarId=calendar).execute()["accessRole"] == "writer"

    def test_group_gives_its_role_to_its_members(self, google, ben, calendar, share, refusal):
        """A group's members are said through the control surface."""
        share("writer", type="group", value="sales@example.com")
        request = ben.events().list(calendarId=calendar)
        assert refusal(request) == (404, "notFound")
        members = {"email": "sales@example.com", "members": ["ben@example.com"]}
        assert google.control("POST", "groups", members) == members
        assert request.execute()["accessRole"] == "writer"
        google.control("POST", "groups", {**members, "members": []})
        assert refusal(request) == (404, "notFound")

    @pytest.mark.parametrize("role", ["reader", "writerWithoutPrivateAccess"])
    @pytest.mark.parametrize("switch", ["absent", "busy"])
    def test_private_events_are_husks(self, pair, google, timed, role, switch):
        """Facts 9: private events come without details (summary absent or busy)."""
        google.control("POST", "switches", {"husk_summary": switch})
        pair.share(role)
        events, ben, calendar = pair.anna.events(), pair.ben, pair.calendar
        more = {
            "visibility": "private",
            "description": "secret",
            "location": "secret",
            "extendedProperties": {"shared": {"k": "secret"}},
            "attendees": [{"email": "carl@example.org"}],
        }
        made = events.insert(calendarId=calendar, body=timed(**more)).execute()
        open_one = events.insert(calendarId=calendar, body=timed("Open")).execute()
        husk, other = ben.events().list(calendarId=calendar).execute()["items"]
        assert "secret" not in str(husk)
        assert husk.get("summary") == ("Busy" if switch == "busy" else None)
        assert not husk.keys() & {"description", "attendees", "creator", "reminders"}
        for name in ("id", "etag", "start", "end", "visibility"):
            assert husk[name] == made[name]
        assert other["summary"] == open_one["summary"] == "Open"
        assert ben.events().get(calendarId=calendar, eventId=made["id"]).execute() == husk

    def test_guests_of_a_private_event_see_it(self, pair, timed):
        """Google, Events resource: attendees may view the details of a private event."""
        pair.share("reader")
        body = timed(visibility="private", attendees=[{"email": "ben@example.com"}])
        made = pair.anna.events().insert(calendarId=pair.calendar, body=body).execute()
        event = {"calendarId": pair.calendar, "eventId": made["id"]}
        assert pair.ben.events().get(**event).execute()["summary"] == made["summary"]

    def test_hidden_details_are_not_found_by_searching(self, events, ben, calendar, share, timed):
        """A search must not tell what the answer hides."""
        share("reader")
        events.insert(calendarId=calendar, body=timed("Surgery", visibility="private")).execute()
        assert ben.events().list(calendarId=calendar, q="surgery").execute()["items"] == []
        share("writer")
        assert len(ben.events().list(calendarId=calendar, q="surgery").execute()["items"]) == 1

    def test_free_busy_readers_get_instances_without_details(
        self, events, ben, calendar, share, timed
    ):
        """Facts 6.1: callers with free/busy access only always get single events."""
        share("freeBusyReader")
        rule = ["RRULE:FREQ=DAILY;COUNT=3"]
        events.insert(calendarId=calendar, body=timed("Daily", recurrence=rule)).execute()
        page = ben.events().list(calendarId=calendar).execute()
        assert len(page["items"]) == 3
        for item in page["items"]:
            assert "summary" not in item
            assert item["recurringEventId"]
        again = ben.events().list(calendarId=calendar, syncToken=page["nextSyncToken"]).execute()
        assert again["items"] == []


class TestChangesOfAccess:
    """Calendar removed, access lowered, free/busy only."""

    @pytest.mark.parametrize("role", ["reader", "freeBusyReader"])
    def test_lowered_access_ends_tokens_and_writes(self, pair, refusal, timed, role):
        """Facts 6.2: 410 when access rights changed; facts 12: 403 for a read-only calendar."""
        service, ben, calendar, share = pair.anna, pair.ben, pair.calendar, pair.share
        share("writer")
        made = ben.events().insert(calendarId=calendar, body=timed()).execute()["id"]
        token = ben.events().list(calendarId=calendar).execute()["nextSyncToken"]
        share(role)
        request = ben.events().list(calendarId=calendar, syncToken=token)
        assert refusal(request) == (410, "fullSyncRequired")
        page = ben.events().list(calendarId=calendar).execute()
        assert (page["accessRole"], ids(page)) == (role, [made])
        ben.events().list(calendarId=calendar, syncToken=page["nextSyncToken"]).execute()
        request = ben.events().patch(calendarId=calendar, eventId=made, body={"summary": "x"})
        assert refusal(request) == (403, "requiredAccessLevel")
        own = service.events().list(calendarId=calendar).execute()["nextSyncToken"]
        share("writer")
        service.events().list(calendarId=calendar, syncToken=own).execute()

    def test_access_lowered_between_two_pages_is_410(self, pair, refusal, timed):
        """Facts 6.2: 410 also occurs in the middle of paging."""
        ben, calendar, share = pair.ben, pair.calendar, pair.share
        share("writer")
        listing = ben.events().list
        token = listing(calendarId=calendar).execute()["nextSyncToken"]
        for _ in range(3):
            ben.events().insert(calendarId=calendar, body=timed()).execute()
        page = listing(calendarId=calendar, syncToken=token, maxResults=1).execute()
        share("reader")
        request = listing(
            calendarId=calendar, syncToken=token, maxResults=1, pageToken=page["nextPageToken"]
        )
        assert refusal(request) == (410, "fullSyncRequired")

    def test_withdrawn_access_is_404_and_leaves_the_list(
        self, service, ben, calendar, share, refusal
    ):
        """Facts 6.4: entries removed are always included."""
        share("reader")
        ben.calendarList().insert(body={"id": calendar}).execute()
        token = ben.calendarList().list().execute()["nextSyncToken"]
        rule = {"calendarId": calendar, "ruleId": "user:ben@example.com"}
        service.acl().patch(**rule, body={"role": "freeBusyReader"}).execute()
        assert ben.calendarList().list(syncToken=token).execute()["items"] == []
        entry = ben.calendarList().get(calendarId=calendar).execute()
        assert entry["accessRole"] == "freeBusyReader"
        service.acl().delete(**rule).execute()
        (gone,) = ben.calendarList().list(syncToken=token).execute()["items"]
        assert (gone["id"], gone["deleted"]) == (calendar, True)
        assert refusal(ben.events().list(calendarId=calendar)) == (404, "notFound")

    @pytest.mark.parametrize("switch", ["unlisted", "listed"])
    def test_shared_calendar_comes_on_the_list_by_switch(
        self, google, ben, calendar, share, switch
    ):
        """Facts leave open whether a share lists itself."""
        google.control("POST", "switches", {"sharing_lists": switch})
        share("reader")
        assert (calendar in ids(ben.calendarList().list().execute())) == (switch == "listed")

    @pytest.mark.parametrize("number", [0, 1])
    def test_own_access_is_lowered_by_the_control_surface(
        self, service, google, refusal, timed, number
    ):
        """Threat G11: access lowered to reader, to free/busy only, and given back."""
        calendar = google.anna.calendars[number]
        service.events().insert(calendarId=calendar, body=timed()).execute()
        token = service.events().list(calendarId=calendar).execute()["nextSyncToken"]
        change = {"calendar_id": calendar, "email": "anna@example.com"}
        for role in ("reader", "freeBusyReader"):
            assert google.control("POST", "access", {**change, "role": role})["role"] == role
            request = service.events().list(calendarId=calendar, syncToken=token)
            assert refusal(request) == (410, "fullSyncRequired")
            page = service.events().list(calendarId=calendar).execute()
            assert (page["accessRole"], len(page["items"])) == (role, 1)
            request = service.events().insert(calendarId=calendar, body=timed())
            assert refusal(request) == (403, "requiredAccessLevel")
        google.control("POST", "access", {**change, "role": "none"})
        assert refusal(service.events().list(calendarId=calendar)) == (404, "notFound")
        google.control("POST", "access", {**change, "role": "owner"})
        service.events().insert(calendarId=calendar, body=timed()).execute()
        assert calendar in ids(service.calendarList().list().execute())

    def test_calendar_is_removed_by_the_control_surface(self, service, google, calendar, refusal):
        """Threat G11: calendar removed."""
        token = service.calendarList().list().execute()["nextSyncToken"]
        google.control("POST", "remove_calendar", {"calendar_id": calendar})
        assert refusal(service.events().list(calendarId=calendar)) == (404, "notFound")
        (gone,) = service.calendarList().list(syncToken=token).execute()["items"]
        assert (gone["id"], gone["deleted"]) == (calendar, True)

    @pytest.mark.parametrize(
        ("call", "body"),
        [
            ("access", {"calendar_id": "x", "email": "a@b.c", "role": "reader"}),
            ("access", {"calendar_id": "anna@example.com", "email": "a@b.c", "role": "king"}),
            ("access", {"calendar_id": "anna@example.com", "role": "reader"}),
            ("remove_calendar", {"calendar_id": "x"}),
            ("groups", {"email": "g@example.com", "members": "x"}),
            ("settings", {"email": "nobody@example.com", "id": "locale", "value": "de"}),
        ],
    )
    def test_wrong_orders_say_what_is_wrong(self, google, call, body):
        """The control surface answers with an error of its own."""
        status, text, _ = google.http("POST", f"/_rehearsal/{call}", body=body)
        assert status == 400
        assert "error" in text

    def test_only_the_data_owner_deletes_a_calendar(self, pair, refusal):
        """Facts 9: only that person may delete it."""
        pair.share("owner")
        request = pair.ben.calendars().delete(calendarId=pair.calendar)
        assert refusal(request) == (403, "forbidden")
        pair.anna.calendars().delete(calendarId=pair.calendar).execute()

    def test_primary_calendar_of_somebody_else_stays_theirs(self, google, pair, timed, refusal):
        """Facts 1 and 9: primary is a person's own; only secondary calendars have a dataOwner."""
        access = {"email": "ben@example.com", "role": "owner"}
        google.control("POST", "access", {"calendar_id": "anna@example.com", **access})
        entry = pair.ben.calendarList().insert(body={"id": "anna@example.com"}).execute()
        assert not entry.keys() & {"primary", "dataOwner"}
        body = timed("Ben was here")
        made = pair.ben.events().insert(calendarId="anna@example.com", body=body).execute()
        assert made["organizer"] == {"email": "anna@example.com", "self": True}
        assert made["creator"]["email"] == "ben@example.com"
        calendars = pair.ben.calendars()
        assert refusal(calendars.delete(calendarId="anna@example.com")) == (403, "forbidden")
        assert refusal(calendars.clear(calendarId="anna@example.com")) == (403, "forbidden")

    def test_known_answers_are_new_again_in_another_role(self, google, pair, timed):
        """Facts 7: If-None-Match gives 304 only for what is still so."""
        pair.share("writer")
        pair.ben.calendarList().insert(body={"id": pair.calendar}).execute()
        pair.anna.events().insert(calendarId=pair.calendar, body=timed()).execute()
        requests = [
            lambda: pair.ben.events().list(calendarId=pair.calendar),
            lambda: pair.ben.calendarList().get(calendarId=pair.calendar),
            lambda: pair.ben.calendarList().list(),
        ]
        known = [make().execute()["etag"] for make in requests]
        pair.share("reader")
        for make, etag in zip(requests, known, strict=True):
            request = make()
            request.headers["If-None-Match"] = etag
            assert request.execute()["etag"] != etag


class TestNarrowScopes:
    """Scopes that open a calendar in a lower role."""

    def test_freebusy_scope_shows_busy_times_only(self, google, granted, calendar, events, timed):
        """Facts 13: calendar.events.freebusy reads busy times only."""
        events.insert(calendarId=calendar, body=timed("Secret")).execute()
        page = granted("calendar.events.freebusy").events().list(calendarId=calendar).execute()
        assert page["accessRole"] == "freeBusyReader"
        assert "Secret" not in str(page)

    def test_public_scope_reads_public_calendars_only(self, granted, calendar, share, refusal):
        """Facts 13: calendar.events.public.readonly, in that range."""
        reader = granted("calendar.events.public.readonly")
        request = reader.events().list(calendarId=calendar)
        assert refusal(request) == (404, "notFound")
        share("reader", type="default")
        assert request.execute()["accessRole"] == "reader"

    def test_owned_scope_stops_at_shared_calendars(self, granted, ben, calendar, share, refusal):
        """Facts 13: calendars the user owns."""
        share("writer")
        owned = granted("calendar.events.owned", email="ben@example.com")
        request = owned.events().list(calendarId=calendar)
        assert refusal(request) == (403, "insufficientPermissions")
        share("owner")
        assert request.execute()["accessRole"] == "owner"
