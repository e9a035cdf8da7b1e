"""Per-property mapper pairs; this list is the documentation of what an activity says where."""

from __future__ import annotations

from bridge.convert.properties.activity_type import ActivityTypeMapper
from bridge.convert.properties.attendees import AttendeesMapper
from bridge.convert.properties.classification import BusyMapper, PriorityMapper, PrivateMapper
from bridge.convert.properties.completion import CompletionMapper
from bridge.convert.properties.conference import ConferenceMapper
from bridge.convert.properties.crm_links import CrmLinksMapper
from bridge.convert.properties.mapper import PropertyMapper
from bridge.convert.properties.schedule import ScheduleMapper
from bridge.convert.properties.sync_switch import SyncSwitchMapper
from bridge.convert.properties.texts import DescriptionMapper, LocationMapper

# Order matters where one field depends on another: busy is understood by the span.
MAPPERS: tuple[PropertyMapper, ...] = (
    CompletionMapper(),  # subject, done, done_at: SUMMARY, X-CRM-DONE, STATUS, COMPLETED, ...
    ScheduleMapper(),  # span, recurrence: DTSTART, DTEND, DURATION, DUE, RRULE, RDATE, EXDATE
    LocationMapper(),  # location: LOCATION
    DescriptionMapper(),  # public_description: DESCRIPTION
    ActivityTypeMapper(),  # type_key: CATEGORIES, X-CRM-ACTIVITY-TYPE, X-CRM-CATEGORY
    BusyMapper(),  # busy: TRANSP
    PrivateMapper(),  # private: CLASS
    SyncSwitchMapper(),  # do_not_sync: X-CRM-SYNC
    PriorityMapper(),  # priority: PRIORITY
    AttendeesMapper(),  # attendees: ATTENDEE
    ConferenceMapper(),  # conference: CONFERENCE
    CrmLinksMapper(),  # person, organization, deal: CONTACT, X-CRM-PERSON, ... (written only)
)
