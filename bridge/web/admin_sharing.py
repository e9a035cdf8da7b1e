"""The page Sharing of an admin: who sees whose calendars."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.domain.message import Message
from bridge.domain.users import GrantLevel
from bridge.errors import InvalidInput, NotFound
from bridge.web import security
from bridge.web.languages import say
from bridge.web.paging import part_of
from bridge.web.problem import told

pages = Blueprint("admin_sharing", __name__, url_prefix="/admin/sharing")
pages.before_request(security.check_admin)

LEVELS: tuple[tuple[str, str], ...] = (
    (GrantLevel.BUSY.value, Message("Only when busy")),
    (GrantLevel.READ.value, Message("What it is, read-only")),
)
_MOST_SUGGESTED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """The form as it was sent, and why it was refused."""

    owner: str = ""
    grantee: str = ""
    level: str = GrantLevel.BUSY.value
    reason: str = ""


@pages.get("")
def show() -> str:
    """Show who sees whose calendars."""
    return _page(Entered())


@pages.post("")
def give() -> ResponseReturnValue:
    """Let a colleague see another one's calendars."""
    owner, grantee, level = (request.form.get(each, "") for each in ("owner", "grantee", "level"))
    admin, use = security.required().user, security.services().admin.sharing
    try:
        given = use.give(admin, owner, grantee, _level(level))
    except (InvalidInput, NotFound) as error:
        entered = Entered(owner=owner, grantee=grantee, level=level, reason=told(error))
        return _page(entered), 400
    flash(
        say(
            "%(viewer)s sees the calendars of %(owner)s from now on.",
            viewer=given.grantee_login,
            owner=given.owner_login,
        )
    )
    return redirect(url_for("admin_sharing.show"))


@pages.post("/<int:owner_id>/<int:grantee_id>/remove")
def remove(owner_id: int, grantee_id: int) -> ResponseReturnValue:
    """Take a share back."""
    security.services().admin.sharing.remove(security.required().user, owner_id, grantee_id)
    flash(say("The share is taken back."))
    return redirect(url_for("admin_sharing.show"))


def _level(text: str) -> GrantLevel:
    if text not in set(GrantLevel):
        raise InvalidInput("choose how much is shown", field="level")
    return GrantLevel(text)


def _page(entered: Entered) -> str:
    admin, services = security.required().user, security.services().admin
    people = services.people.list(admin)
    return render_template(
        "admin_sharing.html",
        part=part_of(services.sharing.list(admin), request.args),
        names={each.id: each.name or each.login for each in people},
        people=people[:_MOST_SUGGESTED],
        levels=LEVELS,
        level_words=dict(LEVELS),
        entered=entered,
    )
