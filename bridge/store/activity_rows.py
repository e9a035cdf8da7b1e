"""Rows of `activities` as domain values, and the columns that tell a value.

How a span stands in the columns:

- timed event: `due_date` and `due_time` are its start in UTC, `duration_seconds` its length;
- timed to-do: `due_date` and `due_time` are the instant it is due, in UTC, where its span ends,
  `duration_seconds` its length before that;
- `timezone` is the zone a person sees; NULL stands for the owner's;
- whole days: `due_date` is the first day, `due_time` and `timezone` are NULL, `duration_seconds`
  is 86400 for each day; less than a day, or NULL, is one day;
- undated: `due_date` is NULL.

Other programs write these rows too, and SQLite lets them write anything anywhere. Dates, times
and instants are therefore selected as text and read here: a row that makes no sense raises
`InvalidInput` and nothing else.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import Row, Text, and_, cast
from sqlalchemy.orm import aliased

from bridge.domain.activity import (
    Activity,
    Attendee,
    Conference,
    Deal,
    Organization,
    Person,
    Reply,
)
from bridge.domain.identifiers import ActivityId, CompanyId, UserId
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.errors import InvalidInput
from bridge.store.schema import access, crm
