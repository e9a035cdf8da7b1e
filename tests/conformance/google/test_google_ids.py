"""Ids of events, chosen, made and burnt (facts 3)."""

import base64
import uuid

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.mark.fact("3", "32 hex digits of a UUID without hyphens are legal", "D")
def test_uuid_is_an_id(events):
    own = uuid.UUID(int=2**127 + 11).hex
    assert events.insert(calendarId="primary", body={"id": own, **DAY}).execute()["id"] == own


@pytest.mark.fact(
    "3", "after a time-out send the same insert again; 409 means the first worked", "D"
)
def test_second_insert_after_a_lost_answer_is_a_duplicate(events, google, fault, refusal):
    fault("reset_after", method="POST")
    request = events.insert(calendarId="primary", body={"id": "gehtgut", "summary": "a", **DAY})
    # On a connection of its own the transport does not try again by itself.
    request.http.http.connections.clear()
    with pytest.raises(ConnectionError):
        request.execute(num_retries=0)
    assert refusal(request) == (409, "duplicate")
    assert events.get(calendarId="primary", eventId="gehtgut").execute()["summary"] == "a"


@pytest.mark.fact("3", "409 duplicate: the requested identifier already exists", "D")
def test_duplicate_says_so(events, error):
    events.insert(calendarId="primary", body={"id": "taken", **DAY}).execute()
    told = error(events.insert(calendarId="primary", body={"id": "taken", **DAY}))
    assert (told["code"], told["domain"], told["reason"]) == (409, "global", "duplicate")
    assert told["message"] == "The requested identifier already exists."


@pytest.mark.parametrize("method", ["patch", "update"])
@pytest.mark.fact("3", "to bring an event back, update it with status confirmed", "O")
def test_deleted_event_is_brought_back_under_its_id(events, method):
    made = events.insert(
        calendarId="primary", body={"id": "again", "summary": "a", **DAY}
    ).execute()
    events.delete(calendarId="primary", eventId="again").execute()
    body = {"status": "confirmed"} if method == "patch" else {"summary": "a", **DAY}
    body["status"] = "confirmed"
    back = getattr(events, method)(calendarId="primary", eventId="again", body=body).execute()
    assert (back["status"], back["iCalUID"]) == ("confirmed", made["iCalUID"])
    assert back["summary"] == "a"
    assert back["etag"] != made["etag"]
    listed = events.list(calendarId="primary").execute()["items"]
    assert [each["id"] for each in listed] == ["again"]


@pytest.mark.fact("3", "or insert under a new id", "O")
def test_next_generation_of_a_burnt_id_is_free(events):
    events.insert(calendarId="primary", body={"id": "gener0", **DAY}).execute()
    events.delete(calendarId="primary", eventId="gener0").execute()
    made = events.insert(calendarId="primary", body={"id": "gener1", **DAY}).execute()
    assert made["status"] == "confirmed"


@pytest.mark.fact("3", "a second delete gives 410 deleted", "O")
def test_tombstone_cannot_be_deleted_again(events, error):
    events.insert(calendarId="primary", body={"id": "double", **DAY}).execute()
    events.delete(calendarId="primary", eventId="double").execute()
    told = error(events.delete(calendarId="primary", eventId="double"))
    assert (told["code"], told["domain"], told["reason"]) == (410, "global", "deleted")
    assert told["message"] == "Resource has been deleted"


class TestInstances:
    """Ids of instances."""

    @pytest.mark.parametrize(
        ("zone", "start", "suffix"),
        [
            ("Europe/Berlin", "2026-03-10T09:00:00", "20260310T080000Z"),
            ("America/New_York", "2026-03-10T21:30:00", "20260311T013000Z"),
            ("Asia/Tokyo", "2026-03-10T08:00:00", "20260309T230000Z"),
            ("Asia/Kolkata", "2026-03-10T09:00:00", "20260310T033000Z"),
            ("UTC", "2026-03-10T09:00:00", "20260310T090000Z"),
        ],
    )
    @pytest.mark.fact("3", "instance id: series id, _ and the original start in UTC", "O")
    def test_timed_instance_carries_utc(self, events, zone, start, suffix):
        when = {"dateTime": start, "timeZone": zone}
        body = {"start": when, "end": when, "recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}
        made = events.insert(calendarId="primary", body=body).execute()
        found = events.instances(calendarId="primary", eventId=made["id"]).execute()["items"]
        assert found[0]["id"] == f"{made['id']}_{suffix}"

    @pytest.mark.fact("3", "an instance's id stays the same when the instance moves", "D")
    def test_moved_instance_keeps_its_id(self, events, timed):
        body = timed(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        made = events.insert(calendarId="primary", body=body).execute()
        instance = f"{made['id']}_20260317T090000Z"
        for hour in (12, 15):
            moved = timed(day="2026-03-18", hour=hour)
            body = {"start": moved["start"], "end": moved["end"]}
            changed = events.patch(calendarId="primary", eventId=instance, body=body).execute()
            assert changed["id"] == instance
            assert changed["originalStartTime"]["dateTime"] == "2026-03-17T10:00:00+01:00"

    @pytest.mark.fact("3", "iCalUID is shared by all instances of a series", "D")
    def test_instances_and_exceptions_share_the_uid(self, events, timed):
        body = timed(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        made = events.insert(calendarId="primary", body=body).execute()
        instance = f"{made['id']}_20260317T090000Z"
        events.patch(calendarId="primary", eventId=instance, body={"summary": "x"}).execute()
        found = events.instances(calendarId="primary", eventId=made["id"]).execute()["items"]
        assert {each["iCalUID"] for each in found} == {made["iCalUID"]}

    @pytest.mark.fact(
        "3", "several events can share an iCalUID; events.list?iCalUID= finds them", "I"
    )
    def test_look_up_by_uid_finds_master_and_exceptions(self, events, timed):
        body = timed(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        made = events.insert(calendarId="primary", body=body).execute()
        events.insert(calendarId="primary", body=timed()).execute()
        instance = f"{made['id']}_20260317T090000Z"
        events.patch(calendarId="primary", eventId=instance, body={"summary": "x"}).execute()
        page = events.list(calendarId="primary", iCalUID=made["iCalUID"]).execute()
        assert {each["id"] for each in page["items"]} == {made["id"], instance}


class TestUids:
    """iCalUID and ids made of it."""

    @pytest.mark.fact("3", "get takes ids only", "D")
    def test_uid_is_no_id(self, events, refusal):
        made = events.insert(calendarId="primary", body=DAY).execute()
        assert refusal(events.get(calendarId="primary", eventId=made["iCalUID"]))[0] == 404

    @pytest.mark.parametrize(
        "uid",
        [
            "040000008200E00074C5B7101A82E008@Outlook.Example",
            "simple",
            "mit-Umlaut-ü@example.org",
            "a b/c?d@example.org",
        ],
    )
    @pytest.mark.fact(
        "3", "an imported id is _ and base32hex(iCalUID), lower case, no padding", "O"
    )
    def test_imported_id_decodes_to_the_uid(self, events, uid):
        made = events.import_(calendarId="primary", body={**DAY, "iCalUID": uid}).execute()
        assert made["iCalUID"] == uid
        assert made["id"][0] == "_"
        assert made["id"] == made["id"].lower().rstrip("=")
        text = made["id"][1:].upper()
        assert base64.b32hexdecode(text + "=" * (-len(text) % 8)).decode() == uid
        found = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert found["iCalUID"] == uid

    @pytest.mark.fact("3", "ids in answers are wider than what clients may choose", "O")
    def test_imported_id_may_not_be_chosen(self, events, refusal):
        made = events.import_(calendarId="primary", body={**DAY, "iCalUID": "u@x.org"}).execute()
        request = events.insert(calendarId="primary", body={**DAY, "id": f"{made['id']}0"})
        assert refusal(request) == (400, "invalid")
