"""Visibility of instances and series, and private events (google-calendar-facts sections 2, 9)."""

import pytest

BEN = "ben@example.com"


@pytest.fixture
def weekly(events, timed):
    """A function that makes a weekly series of Anna's, its second instance an exception."""

    def make(visibility, **more):
        rule = ["RRULE:FREQ=WEEKLY;COUNT=3"]
        body = timed("Series", recurrence=rule, visibility=visibility, **more)
        made = events.insert(calendarId="primary", body=body).execute()
        second = f"{made['id']}_20260317T090000Z"
        events.patch(calendarId="primary", eventId=second, body={"summary": "Other"}).execute()
        return made["id"], second, f"{made['id']}_20260324T090000Z"

    return make


def seen(events, *ids):
    """Return the visibility of events of a primary calendar."""
    found = (events.get(calendarId="primary", eventId=event_id).execute() for event_id in ids)
    return [each.get("visibility", "default") for each in found]


@pytest.mark.parametrize("operation", ["patch", "update"])
@pytest.mark.parametrize(
    "change",
    [
        ("public", "default"),
        ("public", "private"),
        ("default", "private"),
        ("default", "confidential"),
    ],
)
def test_stricter_instance_makes_the_series_stricter(events, weekly, reader, operation, change):
    """Facts 2: since 7 July 2026 a stricter instance spreads to the whole series."""
    before, after = change
    ids = weekly(before)
    changes = reader(events)
    body = events.get(calendarId="primary", eventId=ids[2]).execute()
    body = {"visibility": after} if operation == "patch" else {**body, "visibility": after}
    write = getattr(events, operation)
    write(calendarId="primary", eventId=ids[2], body=body).execute()
    assert seen(events, *ids) == [after] * 3
    assert changes().keys() == set(ids)


@pytest.mark.parametrize(
    ("before", "after"), [("private", "public"), ("private", "default"), ("default", "public")]
)
def test_laxer_instance_is_ignored(events, weekly, before, after):
    """Facts 2: making one instance laxer is ignored; the rest of the write is not."""
    ids = weekly(before)
    patch = {"visibility": after, "summary": "New"}
    changed = events.patch(calendarId="primary", eventId=ids[1], body=patch).execute()
    assert changed["summary"] == "New"
    assert seen(events, *ids) == [before] * 3


def test_equally_strict_instance_stays_by_itself(events, weekly):
    """Facts 2: confidential means private."""
    ids = weekly("private")
    patch = {"visibility": "confidential"}
    events.patch(calendarId="primary", eventId=ids[1], body=patch).execute()
    assert seen(events, *ids) == ["private", "confidential", "private"]


def test_series_itself_can_be_made_laxer(events, weekly):
    """Facts 2: the rule is about instances; a series is changed as a whole."""
    ids = weekly("private")
    patch = {"visibility": "public"}
    events.patch(calendarId="primary", eventId=ids[0], body=patch).execute()
    assert seen(events, ids[0], ids[2]) == ["public", "public"]


def test_stricter_instance_of_a_copy_is_the_guests_own_affair(events, ben, weekly, reader):
    """Facts 9: visibility belongs to the copy."""
    ids = weekly("default", attendees=[{"email": BEN}])
    changes = reader(events)
    patch = {"visibility": "private"}
    ben.patch(calendarId="primary", eventId=ids[2], body=patch).execute()
    assert seen(ben, *ids) == ["private"] * 3
    assert changes() == {}
    assert seen(events, *ids) == ["default"] * 3


class TestWriterWithoutPrivateAccess:
    """Anna's calendar shared with Ben, who may write but not see what is private."""

    @pytest.fixture(autouse=True)
    def _shared(self, google):
        google.server.world.state.execute(
            "INSERT INTO calendar_entry (email, calendar_id, role, body, stamp, change, deleted) "
            "VALUES (?, ?, 'writerWithoutPrivateAccess', '{}', 1, 1, 0)",
            (BEN, google.anna.email),
        )

    @pytest.mark.parametrize("operation", ["patch", "update", "delete"])
    def test_private_events_cannot_be_written(self, people, timed, refusal, operation):
        """Facts 9: under this role private events come without details."""
        body = timed("Secret", visibility="private")
        made = people.anna.insert(calendarId="primary", body=body).execute()
        more = {} if operation == "delete" else {"body": timed("x")}
        write = getattr(people.ben, operation)
        request = write(calendarId="anna@example.com", eventId=made["id"], **more)
        assert refusal(request) == (403, "requiredAccessLevel")
        kept = people.anna.get(calendarId="primary", eventId=made["id"]).execute()
        assert kept["summary"] == "Secret"

    def test_other_events_and_those_of_guests_can(self, events, ben, google, timed):
        """Facts 2: only attendees may see a private event's details, and they may."""
        guest = {"attendees": [{"email": BEN}], "visibility": "private"}
        for more in ({}, guest):
            made = events.insert(calendarId="primary", body=timed("x", **more)).execute()
            changed = ben.patch(
                calendarId=google.anna.email, eventId=made["id"], body={"summary": "y"}
            ).execute()
            assert changed["summary"] == "y"
