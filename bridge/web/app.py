"""Make the Flask application of the pages.

Every answer carries a strict content security policy; every state change is a POST with a CSRF
token and an Origin of our own (threat model 3.7). Pages never see a Google or database exception:
the use cases raise `BridgeError`, which becomes a page that says what to do.
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from bridge.domain.message import Message
from bridge.errors import BridgeError
from bridge.web import (
    account,
    activities,
    activity_pages,
    admin_health,
    admin_people,
    admin_sharing,
    admin_types,
    calendar_programs,
    calendar_sync,
    event_rules,
    farewell,
    held_changes,
    history,
    history_undo,
    labels,
    languages,
    openid,
    security,
    sign_in,
    single_dates,
)
from bridge.web.problem import http_words, problem_page, status_of
from bridge.web.services import WebServices

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'{google}"
)
_PAGES = (
    sign_in,
    openid,
    activities,
    activity_pages,
    single_dates,
    calendar_sync,
    event_rules,
    farewell,
    held_changes,
    calendar_programs,
    history,
    history_undo,
    account,
    admin_people,
    admin_sharing,
    admin_types,
    admin_health,
)
_CALLBACKS = frozenset({"calendar_sync.consent_given", "openid.finish"})
_HEADING = Message("That did not work")
_CACHED = frozenset({"static", "activities.colours"})
# Two texts of 20,000 characters, each of up to twelve bytes as forms send them.
_MAX_FORM_BYTES = 512 * 1024


class RowId(IntegerConverter):
    """A number in an address; what no row can have is no address of ours, instead of a failure."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, max=2**63 - 1)


def create_app(services: WebServices) -> Flask:
    """Return the WSGI application of the pages.

    Args:
        services: The use cases, and how the pages are reached from outside.
    """
    app = Flask("bridge.web", root_path=str(services.root))
    app.config.update(MAX_CONTENT_LENGTH=_MAX_FORM_BYTES, SECRET_KEY=services.flash_key)
    app.config.update(
        SESSION_COOKIE_NAME="crmdav-flash",
        SESSION_COOKIE_SECURE=services.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.extensions["crmdav"] = services
    app.url_map.converters["int"] = RowId
    for each in _PAGES:
        app.register_blueprint(each.pages)
    app.before_request(security.check_request)
    app.jinja_env.globals.update(
        csrf_field=security.csrf_field,
        state_label=labels.state_label,
        sync_types=labels.SYNC_TYPES,
        private_choices=labels.PRIVATE_EVENTS,
        visibility_choices=labels.INCOMING_VISIBILITY,
        calendar_defaults=labels.CALENDAR_DEFAULTS,
        event_type_choices=labels.EVENT_TYPES,
        type_colours=tuple(labels.TYPE_COLOURS.items()),
        held_answers=held_changes.ANSWERS,
    )
    languages.speak(app, once=_CALLBACKS)
    app.context_processor(security.page_context)
    app.register_error_handler(BridgeError, _refused)
    app.register_error_handler(HTTPException, _http_problem)
    policy = _CSP.format(google=f" {services.consent_origin}" if services.consent_origin else "")

    @app.after_request
    def harden(response: Response) -> Response:
        """Add the headers that every answer carries (threat model 3.7)."""
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        # With `no-referrer` everywhere, browsers would send `Origin: null` with our own forms.
        at_callback = request.endpoint in _CALLBACKS
        response.headers["Referrer-Policy"] = "no-referrer" if at_callback else "same-origin"
        if request.endpoint not in _CACHED:
            response.headers["Cache-Control"] = "no-store"
        return response

    return app


def _refused(error: BridgeError) -> ResponseReturnValue:
    """Answer a refused use case with a page that says what happened and what to do."""
    return problem_page(_HEADING, error.message, hint=error.hint, status=status_of(error))


def _http_problem(error: HTTPException) -> ResponseReturnValue:
    """Answer an HTTP error in the pages' own clothes."""
    if error.response is not None:
        return error.get_response()
    return problem_page(_HEADING, http_words(error), hint=None, status=error.code or 500)
