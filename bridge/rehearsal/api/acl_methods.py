"""The methods of the collection `acl`, as calls.

Source: Google, Acl resource: writers may read the rules, owners may change them.
"""

from __future__ import annotations

from bridge.rehearsal.api.call import ApiAnswer, Call, answer, answer_unless_known
from bridge.rehearsal.calendars.access import Rule, demand_role, find_rule, rules_of
from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.calendars.sharing import existing_rule, rule_body, share, unshare
from bridge.rehearsal.calendars.short_listing import Collection, Entry, list_short
from bridge.rehearsal.events.shape import merged, without_nulls
from bridge.rehearsal.events.writing import check_etag
from bridge.rehearsal.google_error import required

_SETTLING_MICROSECONDS = 2_000_000


def acl_list(call: Call) -> ApiAnswer:
    """Answer `calendar.acl.list`."""
    calendar = acl_calendar(call, "writer")
    entries = [
        Entry(change=rule.change, deleted=rule.role == "none", shown=rule.to_json())
        for rule in rules_of(call.world, calendar.calendar_id)
    ]
    collection = Collection(
        name=f"{calendar.calendar_id}/acl",
        kind="calendar#acl",
        viewer=call.bearer.email,
        entries=entries,
    )
    return answer_unless_known(call, list_short(call.world, collection, call.parameters))


def acl_get(call: Call) -> ApiAnswer:
    """Answer `calendar.acl.get`."""
    calendar = acl_calendar(call, "writer")
    rule = existing_rule(call.world, calendar, call.path["ruleId"])
    return answer_unless_known(call, rule.to_json())


def acl_insert(call: Call) -> ApiAnswer:
    """Answer `calendar.acl.insert`; a rule of the same scope is changed."""
    calendar = acl_calendar(call, "owner")
    given = without_nulls(rule_body(call.body))
    return _answered(share(call.world, calendar, given, mail=_mails(call)))


def acl_update(call: Call) -> ApiAnswer:
    """Answer `calendar.acl.update`."""
    calendar, rule = _changeable(call)
    given = without_nulls(rule_body(call.body))
    if not given.get("role"):
        raise required("Missing role.")
    wanted = {"role": given["role"], "scope": rule.to_json()["scope"]}
    return _answered(share(call.world, calendar, wanted, mail=_mails(call)))


def acl_patch(call: Call) -> ApiAnswer:
    """Answer `calendar.acl.patch`; the scope of a rule never changes."""
    calendar, rule = _changeable(call)
    present = rule.to_json()
    wanted = {**merged({"role": rule.role}, rule_body(call.body)), "scope": present["scope"]}
    return _answered(share(call.world, calendar, wanted, mail=_mails(call)))


def acl_delete(call: Call) -> ApiAnswer:
    """Answer `calendar.acl.delete`: 204 without a body."""
    calendar, rule = _changeable(call)
    unshare(call.world, calendar, rule)
    return answer(None, status=204)


def acl_calendar(call: Call, role: str) -> Calendar:
    """Return the calendar whose rules a call is about.

    Args:
        call: The call.
        role: Role it needs, `writer` or `owner`.

    Raises:
        GoogleError: 404 without access, 403 with too little.
    """
    calendar = call.calendar()
    demand_role(calendar.role, role)
    if call.world.switches.new_calendar_access == "delayed":
        _check_settled(call, calendar)
    return calendar


def _check_settled(call: Call, calendar: Calendar) -> None:
    # Seen at Google: the rules of a calendar made a moment ago know nothing of its owner yet.
    own = find_rule(call.world, calendar.calendar_id, f"user:{calendar.owner}")
    now = call.world.clock.milliseconds() * 1000
    if own is not None and now - own.stamp < _SETTLING_MICROSECONDS:
        demand_role("none", "owner")


def _changeable(call: Call) -> tuple[Calendar, Rule]:
    calendar = acl_calendar(call, "owner")
    rule = existing_rule(call.world, calendar, call.path["ruleId"])
    check_etag(call.headers.get("if-match", ""), rule.etag)
    return calendar, rule


def _mails(call: Call) -> bool:
    return "sendNotifications" not in call.parameters or call.parameters.flag("sendNotifications")


def _answered(rule: Rule) -> ApiAnswer:
    return answer(rule.to_json(), etag=rule.etag)
