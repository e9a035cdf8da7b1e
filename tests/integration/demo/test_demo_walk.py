"""What a person sees of the demo without any further step."""

from __future__ import annotations

import json
from datetime import timedelta

RECURRING_NAMES = {"call", "meeting", "lunch", "task", "deadline", "email"}


def test_description_has_the_names_outsiders_rely_on(demo):
    """The object of the contract comes first, `ready` after it."""
    described = demo.description
    assert set(described) >= {
        "web_url",
        "caldav_url",
        "login",
        "password",
        "app_password",
        "api_url",
        "api_token",
        "google",
        "google_calendar_id",
    }
    assert set(described["google"]) >= {
        "root",
        "authorization_url",
        "token_url",
        "revocation_url",
        "api_url",
        "client_id",
        "client_secret",
        "accounts",
    }
    assert described["google_calendar_id"] in described["google"]["accounts"][0]["calendars"]


def test_sample_data_is_there_for_two_users_in_every_stock_type(demo):
    """At least 60 activities, some all-day, done, undated, with persons and organizations."""
    people = [user["login"] for user in demo.description["users"]]
    rows = [
        row
        for login in people
        for row in json.loads(demo.crmdav("activities", "list", login, "--json").stdout)
    ]
    assert len(people) == 2
    assert len(rows) >= 60
    assert {row["type"] for row in rows} >= RECURRING_NAMES
    for test in ("all_day", "done", "person", "organization", "deal", "private"):
        assert any(row[test] for row in rows), test
        assert not all(row[test] for row in rows), test
    assert any(row["start"] is None for row in rows)


def test_sample_activities_are_in_caldav_and_the_coming_ones_at_google(demo):
    """The first load needs nobody."""
    assert len(demo.hrefs("activities")) >= 15
    assert len(demo.hrefs("tasks")) >= 10
    assert demo.eventually(lambda: len(demo.events()) >= 12, seconds=20)
    titles = {event["summary"] for event in demo.events()}
    assert "Pilot kick-off on board" in titles
    assert "Ask marketing for new business cards" not in titles


def test_event_put_by_a_client_is_at_google_within_five_seconds(demo):
    """A local change does not wait for the poll."""
    assert demo.dav(
        "PUT", "activities/put-1.ics", demo.event_text("put-1", "Put by a client")
    ).status in (
        201,
        204,
    )
    assert demo.eventually(lambda: demo.event("Put by a client"))


def test_title_time_and_delete_at_google_reach_a_client(demo):
    """Each within five seconds."""
    demo.dav("PUT", "activities/back-1.ics", demo.event_text("back-1", "Goes there"))
    event = demo.eventually(lambda: demo.event("Goes there"))
    demo.api("PATCH", f"/{event['id']}", {"summary": "Comes back"})
    assert demo.eventually(
        lambda: "SUMMARY:Comes back" in demo.dav("GET", "activities/back-1.ics").body
    )
    later = demo.next_week + timedelta(days=1)
    moved = {
        "start": {"dateTime": f"{later:%Y-%m-%dT%H:%M:%SZ}"},
        "end": {"dateTime": f"{later + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"},
    }
    demo.api("PATCH", f"/{event['id']}", moved)
    day = f"{later:%Y%m%d}T"
    assert demo.eventually(
        lambda: any(
            line.startswith("DTSTART") and day in line
            for line in demo.dav("GET", "activities/back-1.ics").body.splitlines()
        )
    )
    demo.api("DELETE", f"/{event['id']}")
    assert demo.eventually(lambda: demo.dav("GET", "activities/back-1.ics").status == 404)


def test_delete_by_a_client_deletes_at_google(demo):
    """A delete is a change like any other."""
    demo.dav("PUT", "activities/gone-1.ics", demo.event_text("gone-1", "Soon gone"))
    assert demo.eventually(lambda: demo.event("Soon gone"))
    assert demo.dav("DELETE", "activities/gone-1.ics").status in (200, 204)
    assert demo.eventually(lambda: demo.event("Soon gone") is None)


def test_new_event_at_google_becomes_an_activity_of_the_chosen_type(demo):
    """The demo's options say Meeting."""
    before = demo.hrefs("activities")
    body = {
        "summary": "Made at Google",
        "location": "Quay 3",
        "start": {"dateTime": f"{demo.next_week:%Y-%m-%dT%H:%M:%SZ}"},
        "end": {"dateTime": f"{demo.next_week + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"},
    }
    demo.api("POST", "", body)
    (href,) = demo.eventually(lambda: demo.hrefs("activities") - before)
    text = demo.dav("GET", f"activities/{href}").body
    assert "SUMMARY:Made at Google" in text
    assert "X-CRM-ACTIVITY-TYPE:meeting" in text
    listed = json.loads(demo.crmdav("activities", "list", "anna", "--json").stdout)
    made = [row for row in listed if row["subject"] == "Made at Google"]
    assert [(row["type"], row["location"]) for row in made] == [("meeting", "Quay 3")]


def test_this_and_following_at_google_keeps_the_type_and_what_was_done(demo):
    """The new series is no fresh activity, and its dates that were done are done at Google, too."""
    first = demo.next_week
    text = demo.event_text("weekly-1", "Weekly call").decode()
    text = text.replace("SUMMARY", "RRULE:FREQ=WEEKLY;COUNT=6\r\nCATEGORIES:Call\r\nSUMMARY")
    done = first + timedelta(weeks=3)
    override = demo.event_text("weekly-1", "✓ Weekly call", start=done).decode()
    override = override[override.index("BEGIN:VEVENT") : override.index("END:VCALENDAR")]
    override = override.replace("SUMMARY", f"RECURRENCE-ID:{done:%Y%m%dT%H%M%SZ}\r\nSUMMARY")
    text = text.replace("END:VCALENDAR", f"{override}END:VCALENDAR")
    assert demo.dav("PUT", "activities/weekly-1.ics", text.encode()).status == 201
    series = demo.eventually(lambda: demo.event("Weekly call"))
    assert demo.eventually(lambda: demo.event("✓ Weekly call"))
    before = demo.hrefs("activities")
    split = {
        "act": "split",
        "account": demo.google["accounts"][0]["email"],
        "calendar": demo.description["google_calendar_id"],
        "event": f"{series['id']}_{first + timedelta(weeks=2):%Y%m%dT%H%M%SZ}",
        "fields": {"summary": "Later call"},
    }
    demo.control("POST", "acts", split)
    (href,) = demo.eventually(lambda: demo.hrefs("activities") - before)
    assert demo.eventually(lambda: demo.event("✓ Later call"))
    told = demo.dav("GET", f"activities/{href}").body
    assert "SUMMARY:✓ Later call" in told
    assert "CATEGORIES:Call" in told
    assert "✓" not in demo.dav("GET", "activities/weekly-1.ics").body


def test_discovery_leads_to_the_dav_tree_and_strangers_are_refused(demo):
    """Redirects keep to the same server; a wrong password is 401."""
    web = demo.description["web_url"]
    for method, path in (("GET", "/.well-known/caldav"), ("PROPFIND", "/.well-known/caldav")):
        answer = demo.request(method, web + path)
        assert answer.status in (301, 307)
        assert answer.headers["location"] == "/dav/"
    assert demo.request("PROPFIND", f"{web}/").headers["location"] == "/dav/"
    assert demo.dav("PROPFIND", "", password="wrong").status == 401
    assert demo.request("GET", f"{web}/healthz").status == 200
    ready = demo.request("GET", f"{web}/readyz")
    assert (ready.status, json.loads(ready.body)["worker"]) == (200, "ok")


def test_broken_calendar_data_is_refused_and_stored_nowhere(demo):
    """A client error, and no such object afterwards."""
    answer = demo.dav("PUT", "activities/broken.ics", b"BEGIN:VCALENDAR\r\nnonsense\r\n")
    assert 400 <= answer.status < 500
    assert demo.dav("GET", "activities/broken.ics").status == 404


def test_google_failing_in_the_middle_of_a_run_loses_nothing(demo):
    """503, a cut connection before and after a write was applied: each event once in the end."""
    for fault in ("status:503", "reset_before", "reset_after"):
        # Single writes and batches alike.
        body = {"method": "POST", "path_contains": "calendar/v3", "fault": fault, "times": 1}
        demo.control("POST", "faults", {**body, "after": 0})
    for number in range(4):
        title = f"Through trouble {number}"
        demo.dav(
            "PUT", f"activities/trouble-{number}.ics", demo.event_text(f"trouble-{number}", title)
        )
    for number in range(4):
        title = f"Through trouble {number}"
        assert demo.eventually(lambda title=title: demo.event(title), seconds=30), title


def test_sync_command_beside_the_worker_never_runs_a_connection_twice_at_once(demo):
    """Either it gets the lease and reports a run, or it says who has it and exits with 9."""
    demo.control(
        "POST",
        "faults",
        {"method": "GET", "path_contains": "/events", "fault": "slow:1.5", "times": 6, "after": 0},
    )
    codes = []
    for number in range(3):
        demo.dav(
            "PUT",
            f"activities/both-{number}.ics",
            demo.event_text(f"both-{number}", f"Both {number}"),
        )
        outcome = demo.crmdav("sync", "anna", "--json")
        codes.append(outcome.returncode)
        if outcome.returncode == 9:
            assert "is being synced by `worker on" in outcome.stderr
        else:
            assert json.loads(outcome.stdout)["stopped_by"] is None, outcome.stderr
    assert set(codes) <= {0, 9}
    for number in range(3):
        assert demo.eventually(lambda n=number: demo.event(f"Both {n}"), seconds=20)


def test_plan_says_that_both_sides_agree_once_all_is_synced(demo):
    """With no new edits there is nothing to do."""

    def nothing_left() -> bool:
        outcome = demo.crmdav("plan", "anna", "--json")
        assert outcome.returncode == 0, outcome.stderr
        groups = json.loads(outcome.stdout)["groups"]
        return not [group for group in groups if group["action"] != "skip"]

    assert demo.eventually(nothing_left, seconds=20)


def test_a_series_of_a_client_goes_to_google_and_a_date_changed_there_comes_back(demo):
    """The client's bytes stay as they are until somebody changes something."""
    series = demo.event_text("series-1", "Every week").replace(
        b"SUMMARY:", b"RRULE:FREQ=WEEKLY;COUNT=4\r\nX-ODD;P=1:kept\r\nSUMMARY:"
    )
    assert demo.dav("PUT", "activities/series-1.ics", series).status == 201
    event = demo.eventually(lambda: demo.event("Every week"), seconds=20)
    (rule,) = event["recurrence"]
    assert {"RRULE:FREQ=WEEKLY", "COUNT=4"} <= set(rule.split(";"))
    assert demo.dav("GET", "activities/series-1.ics").body.encode() == series

    dates = demo.api("GET", f"/{event['id']}/instances")["items"]
    demo.api("PATCH", f"/{dates[1]['id']}", {"summary": "Another week"})
    demo.api("PATCH", f"/{dates[2]['id']}", {"status": "cancelled"})

    def came_back() -> bool:
        text = demo.dav("GET", "activities/series-1.ics").body
        return all(told in text for told in ("SUMMARY:Another week", "RECURRENCE-ID", "EXDATE"))

    assert demo.eventually(came_back, seconds=20)
    text = demo.dav("GET", "activities/series-1.ics").body
    assert "X-ODD;P=1:kept" in text
    assert "RRULE:FREQ=WEEKLY;COUNT=4" in text


def test_an_idle_poll_is_one_listing_and_no_write(demo):
    """Google's quota is spent on changes."""

    def asked() -> list[str]:
        return [
            f"{entry['method']} {entry['operation']}"
            for entry in demo.control("GET", "requests")
            if entry["method"] != "GET" or "/calendar/" in entry["path"]
        ]

    def polled() -> list[str]:
        demo.control("DELETE", "requests")
        demo.eventually(lambda: len(asked()) >= 3, seconds=10)
        return asked()

    assert demo.eventually(lambda: set(polled()) == {"GET calendar.events.list"}, seconds=40)


def test_google_tells_the_demo_of_changes(demo):
    """Push is on, over http, as the rehearsal allows it; the administrator sees it."""

    def told():
        shown = demo.control("GET", "channels")
        alive = [each for each in shown if each["state"] == "alive"]
        return alive and [m for m in alive[0]["messages"] if m["outcome"] == "delivered"]

    assert demo.eventually(told, seconds=20)
    (channel,) = [each for each in demo.control("GET", "channels") if each["state"] == "alive"]
    assert channel["address"] == f"{demo.description['web_url']}/google/push"
    rows = json.loads(demo.crmdav("connections", "list", "--json").stdout)
    assert [row["push"] for row in rows] == ["on"]
    noted = demo.crmdav("config", "check")
    assert f"{demo.description['web_url']}/google/push" in noted.stderr
