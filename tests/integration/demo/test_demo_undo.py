"""Explaining and taking back from the shell, while worker, server and Google run."""

from __future__ import annotations

import json

HELD_BY_THE_WORKER = 9


def asked(demo, *arguments):
    """Return what a command prints as JSON, once the worker is not at it itself."""

    def answer():
        done = demo.crmdav(*arguments, "--json")
        assert done.returncode in (0, HELD_BY_THE_WORKER), done.stderr
        return done.stdout

    return json.loads(demo.eventually(answer, seconds=20))


def latest_write(demo, uid, action):
    """Return the last write of that kind about an item, once there is one."""
    query = ("history", "anna", "--item", uid, "--action", action)
    return demo.eventually(lambda: asked(demo, *query), seconds=10)[0]


def test_activity_deleted_at_google_comes_back_with_all_it_had(demo):
    """Its text is what the client had put, and its event is there again."""
    text = demo.event_text("undo-1", "Came back").replace(
        b"END:VEVENT", b"X-CLIENTS-OWN:kept\r\nEND:VEVENT"
    )
    demo.dav("PUT", "activities/undo-1.ics", text)
    event = demo.eventually(lambda: demo.event("Came back"))
    demo.api("DELETE", f"/{event['id']}")
    assert demo.eventually(lambda: demo.dav("GET", "activities/undo-1.ics").status == 404)
    write = latest_write(demo, "undo-1", "delete")
    assert (write["side"], write["title"]) == ("calendar", "Came back")
    assert asked(demo, "explain", "anna", "undo-1")["standing"] == "removed"
    before = demo.hrefs("activities")
    told = asked(demo, "undo", "anna", write["run_id"])
    assert (told["items"], told["run"]) == (1, None)
    assert demo.hrefs("activities") == before
    told = asked(demo, "undo", "anna", write["run_id"], "--yes")
    assert told["run"]["stopped_by"] is None
    (href,) = demo.hrefs("activities") - before
    back = demo.dav("GET", f"activities/{href}").body
    assert "SUMMARY:Came back" in back
    assert "X-CLIENTS-OWN:kept" in back
    assert demo.eventually(lambda: demo.event("Came back"))["id"] == event["id"]
    assert asked(demo, "explain", "anna", event["id"])["standing"] == "agreed"


def test_activity_deleted_by_a_client_comes_back_from_the_deletion_at_google(demo):
    """The journal knows what the calendar had held."""
    text = demo.event_text("undo-2", "Deleted here").replace(
        b"END:VEVENT", b"X-CLIENTS-OWN:kept\r\nEND:VEVENT"
    )
    demo.dav("PUT", "activities/undo-2.ics", text)
    event = demo.eventually(lambda: demo.event("Deleted here"))
    demo.dav("DELETE", "activities/undo-2.ics")
    assert demo.eventually(lambda: demo.event("Deleted here") is None)
    before = demo.hrefs("activities")
    write = latest_write(demo, "undo-2", "delete")
    assert write["side"] == "google"
    assert asked(demo, "undo", "anna", write["id"], "--yes")["items"] == 1
    (href,) = demo.hrefs("activities") - before
    assert "X-CLIENTS-OWN:kept" in demo.dav("GET", f"activities/{href}").body
    assert demo.eventually(lambda: demo.event("Deleted here"))["id"] == event["id"]


def test_title_changed_at_google_is_taken_back_there_and_here(demo):
    """The run that brought it in names the field."""
    demo.dav("PUT", "activities/undo-3.ics", demo.event_text("undo-3", "As it was"))
    event = demo.eventually(lambda: demo.event("As it was"))
    demo.api("PATCH", f"/{event['id']}", {"summary": "Oops", "location": "Nowhere"})
    write = latest_write(demo, "undo-3", "update")
    assert {change["field"] for change in write["changes"]} == {"title", "location"}
    asked(demo, "undo", "anna", write["id"], "--field", "title", "--yes")
    assert demo.eventually(lambda: demo.event("As it was"))["location"] == "Nowhere"
    assert "SUMMARY:As it was" in demo.dav("GET", "activities/undo-3.ics").body


def test_after_a_stop_the_activity_has_its_title_back_and_google_is_left_alone(start):
    """Over the very server and its sign-in; what was written at Google says that it has to wait."""
    demo = start()
    demo.dav("PUT", "activities/undo-4.ics", demo.event_text("undo-4", "As it was"))
    demo.dav("PUT", "activities/undo-5.ics", demo.event_text("undo-5", "Another"))
    event = demo.eventually(lambda: demo.event("As it was"), seconds=20)
    demo.api("PATCH", f"/{event['id']}", {"summary": "Oops"})
    update = latest_write(demo, "undo-4", "update")
    creation = latest_write(demo, "undo-5", "create")
    assert demo.crmdav("connections", "stop", "anna").returncode == 0
    demo.control("DELETE", "requests")
    told = asked(demo, "undo", "anna", update["id"], "--yes")
    assert (told["alone"], told["items"], told["run"]["stopped_by"]) == (True, 1, None)
    assert "SUMMARY:As it was" in demo.dav("GET", "activities/undo-4.ics").body
    (line,) = asked(demo, "undo", "anna", creation["id"], "--yes")["lines"]
    assert (
        "because nothing is written at Google while the connection does not sync"
        in (line["sentence"])
    )
    # The worker lets Google's messages end, whenever it comes to that.
    asked_for = {each["operation"] for each in demo.control("GET", "requests")}
    assert asked_for <= {"calendar.channels.stop"}
    assert demo.event("Oops")["id"] == event["id"]
