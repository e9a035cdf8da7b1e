"""The options form: what is taken, what is refused and why, what is shown."""

from dataclasses import replace
from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from bridge.application.option_plan import NEW_CALENDAR
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.sync_settings import (
    IncomingVisibility,
    PrivateEvents,
    SyncSettings,
    SyncType,
    TypeColour,
)
from bridge.errors import InvalidInput
from bridge.web.options import (
    default_options,
    entered_options,
    options_from_form,
    options_of,
    shown_options,
)

TODAY = date(2026, 3, 2)


def _form(**changed) -> MultiDict[str, str]:
    """Return a form that is right, but for the changed fields; None leaves one out."""
    values = {
        "google_calendar": "c@example.com",
        "sync_type": "two-way",
        "incoming_type": "meeting",
        "outgoing_types": ["call", "lunch"],
        "private_events": "do-not-sync",
        "contact_information": "1",
        "sync_from": "2026-03-02",
        "event_types": ["focusTime"],
        "incoming_visibility": "only-me",
        "calendar_default": "private",
        "busy_only_types": ["lunch"],
        "title_template": " {subject} · {organization} ",
        "type_colours": ["call:5", "", "a:b:11"],
        "guests_out": "1",
        "persons_from_guests": "1",
        **changed,
    }
    return MultiDict({name: value for name, value in values.items() if value is not None})


def test_every_field_of_the_form_becomes_an_option():
    """Nothing a person chose is lost."""
    options = options_from_form(_form())
    assert options.google_calendar == "c@example.com"
    assert options.settings == SyncSettings(
        incoming_type="meeting",
        outgoing_types=frozenset({"call", "lunch"}),
        sync_from=TODAY,
        sync_type=SyncType.TWO_WAY,
        private_events=PrivateEvents.DO_NOT_SYNC,
        contact_information=True,
        event_types=frozenset({"default", "focusTime"}),
        incoming_visibility=IncomingVisibility.ONLY_ME,
        calendar_is_private=True,
        busy_only_types=frozenset({"lunch"}),
        title_template="{subject} · {organization}",
        type_colours=frozenset(
            {TypeColour(type_key="call", colour="5"), TypeColour(type_key="a:b", colour="11")}
        ),
        guests_out=True,
        persons_from_guests=True,
    )


def test_what_is_not_ticked_is_off():
    """Browsers do not send check boxes without a tick."""
    ticks = (
        "outgoing_types",
        "contact_information",
        "event_types",
        "busy_only_types",
        "guests_out",
        "persons_from_guests",
    )
    settings = options_from_form(_form(**dict.fromkeys(ticks))).settings
    assert settings.outgoing_types == settings.busy_only_types == frozenset()
    assert settings.event_types == {"default"}
    assert not settings.contact_information
    assert not settings.guests_out
    assert not settings.persons_from_guests


def test_a_form_without_the_options_few_people_need_has_them_as_they_are_at_first():
    """A script that knows the other fields goes on working."""
    more = (
        "event_types",
        "incoming_visibility",
        "calendar_default",
        "busy_only_types",
        "title_template",
        "type_colours",
        "guests_out",
        "persons_from_guests",
    )
    settings = options_from_form(_form(**dict.fromkeys(more))).settings
    assert settings == replace(
        default_options(STOCK_TYPES, TODAY).settings,
        outgoing_types=frozenset({"call", "lunch"}),
        private_events=PrivateEvents.DO_NOT_SYNC,
        contact_information=True,
    )
    assert not entered_options(_form(**dict.fromkeys(more))).has_more
    assert entered_options(_form()).has_more


@pytest.mark.parametrize("template", ["", "{subject}", "  {subject} "])
def test_a_template_of_the_subject_alone_is_none(template):
    """Then nothing has to be taken off a title again."""
    assert options_from_form(_form(title_template=template)).settings.title_template == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("google_calendar", ""),
        ("google_calendar", None),
        ("sync_type", "three-way"),
        ("sync_type", None),
        ("private_events", "tell everybody"),
        ("sync_from", "tomorrow"),
        ("sync_from", ""),
        ("sync_from", "1969-12-31"),
        ("sync_from", "2200-01-01"),
        ("sync_from", "9999-12-31"),
        ("event_types", ["default"]),
        ("event_types", ["party"]),
        ("incoming_visibility", "some"),
        ("calendar_default", "secret"),
        ("title_template", "no subject"),
        ("title_template", "{subject} {subject}"),
        ("title_template", "{subject} {phone}"),
        ("title_template", "{subject}" + "x" * 200),
        ("title_template", "{subject}\nx"),
        ("type_colours", ["call:12"]),
        ("type_colours", ["call:0"]),
        ("type_colours", ["call"]),
        ("type_colours", [":5"]),
        ("type_colours", ["call:5", "call:6"]),
    ],
)
def test_value_that_is_not_offered_is_refused_and_its_field_named(field, value):
    """The page can point at the field."""
    with pytest.raises(InvalidInput) as refusal:
        options_from_form(_form(**{field: value}))
    assert refusal.value.field == field


def test_what_was_entered_is_shown_again_however_wrong():
    """A refused form keeps its values, so that only the wrong one has to be mended."""
    entered = entered_options(_form(sync_from="tomorrow", sync_type="three-way"))
    assert entered.sync_from == "tomorrow"
    assert entered.sync_type == "three-way"
    assert entered.outgoing_types == {"call", "lunch"}


def test_options_survive_the_way_through_the_form():
    """What is shown and sent back unchanged is the same again."""
    options = default_options(STOCK_TYPES, TODAY)
    colours = frozenset({TypeColour(type_key="call", colour="5")})
    options = replace(options, settings=replace(options.settings, type_colours=colours))
    shown = shown_options(options)
    form = _form(
        google_calendar=shown.google_calendar,
        sync_type=shown.sync_type,
        incoming_type=shown.incoming_type,
        outgoing_types=sorted(shown.outgoing_types),
        private_events=shown.private_events,
        contact_information=None,
        sync_from=shown.sync_from,
        event_types=sorted(shown.event_types),
        incoming_visibility=shown.incoming_visibility,
        calendar_default=shown.calendar_default,
        busy_only_types=sorted(shown.busy_only_types),
        title_template=shown.title_template,
        type_colours=sorted(shown.type_colours),
        guests_out=None,
        persons_from_guests=None,
    )
    assert options_from_form(form) == options


def test_new_account_is_offered_everything_two_way_from_today_in_a_new_calendar():
    """The recommended choices need no click."""
    options = default_options(STOCK_TYPES, TODAY)
    assert options.google_calendar == NEW_CALENDAR
    assert options.settings.sync_type is SyncType.TWO_WAY
    assert options.settings.incoming_type == "meeting"
    assert options.settings.outgoing_types == {kind.key for kind in STOCK_TYPES}
    assert options.settings.sync_from == TODAY


def test_company_without_meetings_is_offered_its_first_type():
    """An admin may have switched the stock types off."""
    others = [kind for kind in STOCK_TYPES if kind.key != "meeting"]
    assert default_options(others, TODAY).settings.incoming_type == others[0].key
    assert default_options([], TODAY).settings.incoming_type == ""


def test_connection_without_options_has_none_to_show():
    """A new account is asked with the defaults instead."""
    fresh = Connection(
        id=1,
        company_id=1,
        user_id=1,
        login="anna",
        state=ConnectionState.NEW,
        account_email="anna@example.com",
    )
    with pytest.raises(InvalidInput):
        options_of(fresh)
