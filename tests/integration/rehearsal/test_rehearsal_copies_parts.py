"""Conferences, attachments, labels and lost exceptions on guests' copies (facts 8, 9, 10)."""

import pytest

BEN = "ben@example.com"
MEET = {"conferenceData": {"createRequest": {"requestId": "one"}}}
FILES = {"attachments": [{"fileUrl": "https://example.org/f", "title": "f"}]}


@pytest.fixture
def make(events, timed):
    """A function that makes an event of Anna's to which Ben is invited."""

    def run(**more):
        body = timed("Meeting", attendees=[{"email": BEN}], **more)
        versions = {"conferenceDataVersion": 1, "supportsAttachments": True}
        return events.insert(calendarId="primary", body=body, **versions).execute()

    return run


def read(events, event_id):
    """Return an event of a primary calendar."""
    return events.get(calendarId="primary", eventId=event_id).execute()


@pytest.mark.parametrize("operation", ["patch", "update"])
@pytest.mark.parametrize(
    "versions", [{}, {"conferenceDataVersion": 1, "supportsAttachments": True}]
)
def test_conference_is_shared_and_no_hindrance(people, google, make, operation, versions):
    """Facts 10: a later read brings entry points, on every copy; own fields can be written."""
    made = make(**MEET, **FILES)
    google.control("POST", "clock", {"advance_seconds": 10})
    theirs, mine = read(people.anna, made["id"]), read(people.ben, made["id"])
    assert mine["hangoutLink"] == theirs["hangoutLink"]
    assert mine["conferenceData"] == theirs["conferenceData"]
    assert mine["attachments"] == theirs["attachments"]
    body = {"colorId": "4"} if operation == "patch" else {**mine, "colorId": "4"}
    write = getattr(people.ben, operation)
    changed = write(calendarId="primary", eventId=made["id"], body=body, **versions).execute()
    assert (changed["colorId"], changed["hangoutLink"]) == ("4", mine["hangoutLink"])
    assert changed["attachments"] == mine["attachments"]


def test_guest_cannot_take_the_conference_away(events, ben, google, make, refusal):
    """Facts 9: it is a shared fact."""
    made = make(**MEET)
    google.control("POST", "clock", {"advance_seconds": 10})
    request = ben.patch(
        calendarId="primary",
        eventId=made["id"],
        body={"conferenceData": None},
        conferenceDataVersion=1,
    )
    assert refusal(request) == (403, "forbiddenForNonOrganizer")
    gone = {"calendarId": "primary", "eventId": made["id"], "body": {"conferenceData": None}}
    events.patch(**gone, conferenceDataVersion=1).execute()
    assert "hangoutLink" not in read(ben, made["id"])


@pytest.mark.parametrize("behaviour", ["tombstones", "silent"])
def test_lost_exception_ends_for_guests_as_for_the_organizer(
    people, google, make, reader, behaviour
):
    """Facts 8: expect tombstones for the old instance ids, or silence."""
    google.control("POST", "switches", {"lost_exceptions": behaviour})
    made = make(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    instance = f"{made['id']}_20260317T090000Z"
    patch = {"summary": "Other"}
    people.anna.patch(calendarId="primary", eventId=instance, body=patch).execute()
    changes = [reader(people.anna), reader(people.ben)]
    told = {made["id"], instance} if behaviour == "tombstones" else {made["id"]}
    for count in (1, 3):
        lines = {"recurrence": [f"RRULE:FREQ=WEEKLY;COUNT={count}"]}
        people.anna.patch(calendarId="primary", eventId=made["id"], body=lines).execute()
        if count == 1:
            assert [each().keys() for each in changes] == [told, told]
        for each in (people.anna, people.ben):
            items = each.list(calendarId="primary", singleEvents=True).execute()["items"]
            assert [item["summary"] for item in items] == ["Meeting"] * count


def test_label_of_a_copy_is_one_of_the_guests_calendar(events, ben, google, make, refusal):
    """Facts 2 and 10: labels are a calendar's; an event's label belongs to the copy."""
    label = {
        "id": "0b7a2c4e-7a51-4c07-9d5f-0f6d3a1f2b11",
        "name": "x",
        "backgroundColor": "#112233",
    }
    body = {"labelProperties": {"eventLabels": [label]}}
    google.service().calendars().patch(calendarId="primary", body=body).execute()
    made = make()
    target = {"calendarId": "primary", "eventId": made["id"], "eventLabelVersion": 1}
    patch = {"eventLabelId": label["id"]}
    events.patch(**target, body=patch).execute()
    assert "eventLabelId" not in read(ben, made["id"])
    assert refusal(ben.patch(**target, body=patch)) == (400, "invalid")
