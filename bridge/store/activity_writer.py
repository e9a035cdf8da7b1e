"""Write rows of `activities` and their links, and only the columns concerned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, update

from bridge.domain.activity import Activity, Attendee
from bridge.domain.identifiers import ActivityId, CompanyId
from bridge.store.activity_spans import span_columns
from bridge.store.prepared import Prepared
from bridge.store.schema import crm

# Built once, as every write runs them; columns are set by the names of the values.
_INSERT = Prepared(insert(crm.Activity).returning(crm.Activity.id))
_UPDATE = Prepared(update(crm.Activity).where(crm.Activity.id == bindparam("activity")))
_INVITE = insert(crm.ActivityAttendee)


def insert_activity(
    connection: Connection, activity: Activity, *, component: str, revision: int, now: datetime
) -> ActivityId:
    """Store a new activity and its links; return its id.

    Args:
        connection: Of a transaction that raised the home's counter.
        activity: Its id is ignored.
        component: Component of its calendar object, which says what `due_date` means.
        revision: The counter's value.
        now: Aware; stands where the activity names no creation.
    """
    values = {
        **_columns(activity, component),
        "company_id": activity.company_id,
        "created_at": activity.created_at or now,
        "updated_at": now,
        "crmdav_revision": revision,
    }
    activity_id = ActivityId(_INSERT.rows(connection, values)[0].id)
    _insert_participants(connection, activity_id, activity, _participant_ids(activity))
    _insert_attendees(connection, activity_id, activity.company_id, activity.attendees)
    return activity_id


def update_activity(
    connection: Connection,
    old: Activity,
    new: Activity,
    *,
    components: tuple[str, str],
    stamp: tuple[int, datetime],
) -> None:
    """Store the differences of two versions of a stored activity.

    Args:
        connection: Of a transaction that raised the home's counter.
        old: As it was read in this transaction.
        new: As it is to be; `id` and `company_id` are those of `old`.
        components: Of the calendar object before and after.
        stamp: The counter's value, and the instant of the change.
    """
    activity_id = stored_id(old)
    revision, now = stamp
    before, after = _columns(old, components[0]), _columns(new, components[1])
    changed = {name: value for name, value in after.items() if value != before[name]}
    spans = span_columns(old.span, components[0]), span_columns(new.span, components[1])
    if spans[0] != spans[1]:
        # These four mean something only together: a time that another program left beside no
        # date would come to life again with the date.
        changed |= spans[1]
    values = {**changed, "updated_at": now, "crmdav_revision": revision}
    _UPDATE.run(connection, {**values, "activity": activity_id})
    _change_participants(connection, activity_id, old, new)
    _change_attendees(connection, activity_id, old, new)


def overwrite_activity(
    connection: Connection, activity: Activity, *, component: str, stamp: tuple[int, datetime]
) -> None:
    """Store every column of an activity over a row that cannot be read.

    Args:
        connection: Of a transaction that raised the home's counter.
        activity: With the row's id. Its participants, which no client writes, stay as they are.
        component: Of its calendar object.
        stamp: The counter's value, and the instant of the change.
    """
    activity_id, guest = stored_id(activity), crm.ActivityAttendee
    revision, now = stamp
    values = {**_columns(activity, component), "updated_at": now, "crmdav_revision": revision}
    _UPDATE.run(connection, {**values, "activity": activity_id})
    connection.execute(delete(guest).where(guest.activity_id == activity_id))
    _insert_attendees(connection, activity_id, activity.company_id, activity.attendees)


def stamp_activity(connection: Connection, activity_id: ActivityId, *, revision: int) -> None:
    """Mark the row as taken over by us at this revision; nothing else of it changes."""
    _UPDATE.run(connection, {"activity": activity_id, "crmdav_revision": revision})


def mark_deleted(
    connection: Connection, activity_id: ActivityId, *, revision: int, now: datetime
) -> None:
    """Delete an activity softly; the row stays."""
    values = {"deleted_at": now, "updated_at": now, "crmdav_revision": revision}
    _UPDATE.run(connection, {**values, "activity": activity_id})


def stored_id(activity: Activity) -> ActivityId:
    """Return the id of an activity that was read from the store."""
    if activity.id is None:
        raise ValueError("an activity without an id is not stored")
    return activity.id


def _columns(activity: Activity, component: str) -> dict[str, Any]:
    return {
        **span_columns(activity.span, component),
        "owner_id": activity.owner_id,
        "type_key": activity.type_key,
        "subject": activity.subject,
        "recurrence": "\n".join(activity.recurrence),
        "done": activity.done,
        "done_at": activity.done_at,
        "busy": activity.busy,
        "private": activity.private,
        "do_not_sync": activity.do_not_sync,
        "location": activity.location,
        "public_description": activity.public_description,
        "note": activity.note,
        "priority": activity.priority,
        "person_id": activity.person.id if activity.person else None,
        "organization_id": activity.organization.id if activity.organization else None,
        "deal_id": activity.deal.id if activity.deal else None,
        "conference_client": activity.conference.client,
        "conference_url": activity.conference.url,
        "conference_id": activity.conference.id,
        "deleted_at": activity.deleted_at,
    }


def _participant_ids(activity: Activity) -> frozenset[int]:
    return frozenset(person.id for person in activity.participants)


def _change_participants(
    connection: Connection, activity_id: ActivityId, old: Activity, new: Activity
) -> None:
    before, after = _participant_ids(old), _participant_ids(new)
    link = crm.ActivityParticipant
    if before - after:
        connection.execute(
            delete(link).where(link.activity_id == activity_id, link.person_id.in_(before - after))
        )
    _insert_participants(connection, activity_id, new, after - before)


def _insert_participants(
    connection: Connection, activity_id: ActivityId, activity: Activity, ids: frozenset[int]
) -> None:
    if ids:
        rows = [
            {"activity_id": activity_id, "person_id": number, "company_id": activity.company_id}
            for number in sorted(ids)
        ]
        connection.execute(insert(crm.ActivityParticipant), rows)


def _change_attendees(
    connection: Connection, activity_id: ActivityId, old: Activity, new: Activity
) -> None:
    before, after = _by_email(old.attendees), _by_email(new.attendees)
    stale = [email for email, guest in before.items() if after.get(email) != guest]
    fresh = [guest for email, guest in after.items() if before.get(email) != guest]
    if stale:
        guest = crm.ActivityAttendee
        connection.execute(
            delete(guest).where(guest.activity_id == activity_id, guest.email.in_(stale))
        )
    _insert_attendees(connection, activity_id, new.company_id, tuple(fresh))


def _insert_attendees(
    connection: Connection,
    activity_id: ActivityId,
    company_id: CompanyId,
    attendees: tuple[Attendee, ...],
) -> None:
    rows = [
        {
            "activity_id": activity_id,
            "email": guest.email,
            "company_id": company_id,
            "name": guest.name,
            "reply": guest.reply.value,
            "optional": guest.optional,
        }
        for guest in _by_email(attendees).values()
    ]
    if rows:
        connection.execute(_INVITE, rows)


def _by_email(attendees: tuple[Attendee, ...]) -> dict[str, Attendee]:
    # A guest named twice in a text is one guest; the first line counts.
    return {guest.email: guest for guest in reversed(attendees)}
