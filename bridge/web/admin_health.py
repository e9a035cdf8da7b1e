"""The page Connections of an admin: how the Google connections do, and the Google client."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.company_health import ClientState, CompanyHealth
from bridge.domain.message import Message
from bridge.web import security
from bridge.web.labels import clock_of
from bridge.web.languages import say
from bridge.web.paging import part_of

pages = Blueprint("admin_health", __name__, url_prefix="/admin/connections")
pages.before_request(security.check_admin)

CLIENT_WORDS: dict[ClientState, str] = {
    ClientState.NOT_CONFIGURED: Message(
        "No Google client is configured, so nobody can connect an account yet."
        " Set google.client_id and google.client_secret in the configuration."
    ),
    ClientState.CONFIGURED: Message("A Google client is configured."),
    ClientState.ACCEPTED: Message("Google was reached, and takes the client."),
    ClientState.REFUSED: Message(
        "Google was reached, and refuses the client."
        " Check google.client_id and google.client_secret."
    ),
    ClientState.UNREACHABLE: Message(
        "Google's token address gave no usable answer."
        " Check google.token_url, the name service and the firewall of this server."
    ),
}
PUSH_STATES: dict[str, str] = {
    "on": Message("on"),
    "silent": Message("silent"),
    "off": Message("off"),
    "refused": Message("refused"),
}
_GOOD = frozenset({ClientState.CONFIGURED, ClientState.ACCEPTED})


@pages.get("")
def show() -> str:
    """Show the connections; Google is not asked."""
    return _page(_use().client(security.required().user))


@pages.post("/check")
def check() -> str:
    """Ask Google whether it takes the client."""
    return _page(_use().check_client(security.required().user), checked=True)


@pages.post("/<int:connection_id>/stop")
def stop(connection_id: int) -> ResponseReturnValue:
    """Stop a user's syncing."""
    stopped = _use().stop(security.required().user, connection_id)
    flash(say("Syncing of %(login)s is stopped. Both sides stay as they are.", login=stopped.login))
    return redirect(url_for("admin_health.show"))


def _use() -> CompanyHealth:
    return security.services().admin.health


def _page(client: ClientState, *, checked: bool = False) -> str:
    admin = security.required().user
    part = part_of(_use().connections(admin), request.args)
    return render_template(
        "admin_health.html",
        part=part,
        rows=_use().look_at(admin, part.items),
        client=CLIENT_WORDS[client],
        push_states=PUSH_STATES,
        good=client in _GOOD,
        checked=checked,
        configured=client is not ClientState.NOT_CONFIGURED,
        redirect_address=security.services().base_url + url_for("calendar_sync.consent_given"),
        local_time=clock_of(admin),
    )
