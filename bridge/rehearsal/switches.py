"""Switches for what Google's documents leave uncertain, and for what an admin may meet.

Each switch has the likelier behaviour as its default. They are set through the control surface.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from bridge.errors import InvalidInput

_CHOICES: dict[str, tuple[Any, ...]] = {
    "malformed_sync_token": (410, 400),
    "sharing_lists": ("unlisted", "listed"),
    "husk_summary": ("absent", "busy"),
    "new_calendar_access": ("at_once", "delayed"),
    "administrators": ("all", "none"),
    "freebusy_bounds": ("clipped", "whole"),
    "push_reasons": ("plain", "prefixed"),
    "channel_ids": ("once", "reusable"),
    "channel_stop": ("at_once", "lagging"),
    "tombstone_details": ("documented", "always", "never"),
    "window_exit": ("silent", "listed", "cancelled"),
    "pages": ("full", "short"),
    "split_exceptions": ("tombstones", "kept"),
    "split_until": ("second_before", "day_before"),
    "batch_order": ("as_sent", "reversed"),
    "publishing_status": ("production", "testing"),
    "conference_creation": ("pending", "at_once", "failure"),
    "event_type_refusal": (400, 403),
    "linked_birthday_deletion": ("refused", "allowed"),
    "status_events": ("offered", "missing"),
    "patch_without_label": ("removes", "keeps"),
    "put_without_attachments": ("keeps", "clears"),
    "property_constraints": ("all", "any"),
    "listing_order": ("as_made", "exceptions_first"),
    "series_tombstones": ("with_exceptions", "master_only"),
    "lost_exceptions": ("tombstones", "silent", "kept"),
    "exceptions_with_master": ("alone", "along"),
    "add_invitations": ("everyone", "known_senders", "when_responded"),
    "copy_edits": ("refused", "ignored", "kept"),
    "quotas": ("on", "off"),
    "rate_limit_status": (403, 429),
    "day_quota_reason": ("dailyLimitExceeded", "quotaExceeded"),
}
_MAY_BE_ZERO = frozenset(
    {
        "user_minute_quota", "project_minute_quota", "project_day_quota", "events_day_limit",
        "guests_day_limit", "calendars_day_limit", "calendar_writes_minute_limit",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How the rehearsal behaves where the facts are open.

    Attributes:
        malformed_sync_token: Status for a token that cannot be read; 410 or 400, both were seen.
        sharing_lists: Whether a calendar that is shared with somebody comes on that person's list
            by itself (`listed`) or only by calendarList.insert.
        husk_summary: Title of events whose details the caller may not see: none, or `Busy`.
        new_calendar_access: `delayed` refuses the access rules of a new calendar to its owner for
            two seconds, as was seen.
        administrators: Whether callers count as administrators of their domain, who may transfer
            calendars.
        freebusy_bounds: Whether busy times are cut at the bounds of the query or told whole.
        push_reasons: Whether refusals of push addresses have `push.` before their reason.
        channel_ids: Whether the id of a channel that is over may be used again.
        channel_stop: `lagging` goes on to deliver for a minute after a stop.
        channel_longest_days: Longest life of a channel; a longer wish is cut.
        tombstone_details: Whether deleted events keep their details in listings: `documented` (only
            with showDeleted=true in an incremental listing), `always` or `never`.
        window_exit: What an incremental listing with a window in its token says of an event that
            has left the window: nothing, the event itself, or a tombstone.
        pages: `short` answers pages that hold less than asked, the first one none at all, as Google
            may.
        split_exceptions: What becomes of exceptions behind a "this and following" split: they end
            as tombstones, or the new series keeps them.
        split_until: UNTIL of the old series after such a split: the second before the split, or the
            end of the day before.
        batch_limit: Most parts of a batch; Google's pages name 50 and 1000.
        batch_order: In which order the parts of a batch are carried out; Google promises none.
        tombstone_days: Age at which tombstones, and the sync tokens that need them, disappear.
        publishing_status: `testing` lets refresh tokens die after seven days.
        conference_creation: What becomes of a request for a conference: `pending` for five seconds
            and then made, made `at_once`, or pending and then a `failure`.
        event_type_refusal: Status of `eventTypeRestriction`; 400 and 403 were reported.
        linked_birthday_deletion: Whether the birthday of a contact can be deleted; the guide says
            so, and it was seen refused.
        status_events: Whether accounts have focus time, out of office and working location, as
            only some have.
        patch_without_label: What a patch with eventLabelVersion=1 that names no label does to the
            event's label.
        description_limit: Most characters of a description.
        put_without_attachments: What an update without supportsAttachments does to attachments.
        expansion_years: How far endless series are expanded where nothing bounds them.
        property_constraints: Whether all extended properties of one kind that a listing names must
            fit, as the reference says, or any, as the guide says.
        listing_order: `exceptions_first` lists exceptions before their masters, on earlier pages
            even, as Google may.
        series_tombstones: Whether the deletion of a series is told of its exceptions, too.
        lost_exceptions: What becomes of exceptions whose original start a changed series does not
            have any more: `tombstones`, or gone in silence (`silent`), or `kept` at their own times
            beside the new instances.
        exceptions_with_master: Whether a change of a series brings its exceptions along in the
            incremental listing, under new ETags.
        add_invitations: The setting "Add invitations to my calendar" of all accounts. With
            `known_senders` an invitation from outside, with `when_responded` any, is listed with
            showHiddenInvitations only until its guest replies; the latter also sets back replies
            the organizer gives for new guests.
        copy_edits: What becomes of shared facts that a guest writes without the right to: the write
            is `refused` with 403, they are `ignored`, or `kept` on the copy until the organizer
            changes something. All three were seen.
        guest_limit: Most guests of an event; some Workspace editions allow more than 200.
        quotas: `off` lets everybody do as much as they like.
        user_minute_quota: Units of one user in a sliding minute; 0 for no limit, as in all below.
        project_minute_quota: Units of one OAuth client in a sliding minute.
        project_day_quota: Units of one OAuth client in a day.
        rate_limit_status: Status of a refusal by the minute; both were seen.
        day_quota_reason: Reason of a refusal by the day.
        events_day_limit: Events a user may make in 24 hours before the account is read-only.
        guests_day_limit: Guests a user may invite by new events in 24 hours, mails or not.
        calendars_day_limit: Calendars a user may make in 24 hours.
        read_only_hours: How long an account stays read-only after one of these three.
        calendar_writes_minute_limit: Writes to one calendar in a sliding minute; Google limits
            them at times, without a number.
    """

    malformed_sync_token: int = 410
    sharing_lists: str = "unlisted"
    husk_summary: str = "absent"
    new_calendar_access: str = "at_once"
    administrators: str = "all"
    freebusy_bounds: str = "clipped"
    push_reasons: str = "plain"
    channel_ids: str = "once"
    channel_stop: str = "at_once"
    channel_longest_days: int = 30
    tombstone_details: str = "documented"
    window_exit: str = "silent"
    pages: str = "full"
    split_exceptions: str = "tombstones"
    split_until: str = "second_before"
    batch_limit: int = 50
    batch_order: str = "as_sent"
    tombstone_days: int = 28
    publishing_status: str = "production"
    conference_creation: str = "pending"
    event_type_refusal: int = 400
    linked_birthday_deletion: str = "refused"
    status_events: str = "offered"
    patch_without_label: str = "removes"
    description_limit: int = 8192
    put_without_attachments: str = "keeps"
    expansion_years: int = 2
    property_constraints: str = "all"
    listing_order: str = "as_made"
    series_tombstones: str = "with_exceptions"
    lost_exceptions: str = "tombstones"
    exceptions_with_master: str = "alone"
    add_invitations: str = "everyone"
    copy_edits: str = "refused"
    guest_limit: int = 200
    quotas: str = "on"
    user_minute_quota: int = 600
    project_minute_quota: int = 10_000
    project_day_quota: int = 1_000_000
    rate_limit_status: int = 403
    day_quota_reason: str = "dailyLimitExceeded"
    events_day_limit: int = 100_000
    guests_day_limit: int = 10_000
    calendars_day_limit: int = 60
    read_only_hours: int = 24
    calendar_writes_minute_limit: int = 0

    def changed(self, wanted: dict[str, Any]) -> Switches:
        """Return these switches with some set anew.

        Raises:
            InvalidInput: Unknown name, or a value the switch does not have.
        """
        known = {field.name for field in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise InvalidInput(f"no such switch: `{name}`", field=name)
            if not _fits(name, value):
                raise InvalidInput(f"not a value of the switch `{name}`: {value!r}", field=name)
        return replace(self, **wanted)


def _fits(name: str, value: object) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    lowest = 0 if name in _MAY_BE_ZERO else 1
    return isinstance(value, int) and not isinstance(value, bool) and value >= lowest
