"""The page Users of an admin: add, passwords, roles, switch off, remove.

A password is shown in the answer to the form that made it, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.company_people import CompanyPeople
from bridge.application.users import NewUser
from bridge.domain.message import template
from bridge.domain.users import Role, User
from bridge.errors import AlreadyExists, InvalidInput
from bridge.web import security
from bridge.web.languages import say
from bridge.web.paging import part_of
from bridge.web.problem import told

pages = Blueprint("admin_people", __name__, url_prefix="/admin/users")
pages.before_request(security.check_admin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page says besides its list.

    Attributes:
        login: Whose new password it shows.
        password: That password, this once.
        entered: A form that was refused.
        reason: Why, "" where none was.
        wrong: Name of the field that is about, or None.
    """

    login: str = ""
    password: str = ""
    entered: NewUser | None = None
    reason: str = ""
    wrong: str | None = None


@pages.get("")
def show() -> str:
    """Show the users of the company."""
    return _page(Shown())


@pages.post("")
def add() -> ResponseReturnValue:
    """Add a user and show the password."""
    admin, new = security.required().user, _entered()
    try:
        added = _use().add(admin, new)
    except (InvalidInput, AlreadyExists) as error:
        wrong = error.field if isinstance(error, InvalidInput) else "login"
        return _page(Shown(entered=new, reason=told(error), wrong=wrong)), 400
    return _page(Shown(login=added.user.login, password=added.password))


@pages.post("/<int:user_id>/password")
def reset_password(user_id: int) -> ResponseReturnValue:
    """Make another password and show it."""
    admin = security.required().user
    user = _use().get(admin, user_id)
    return _page(Shown(login=user.login, password=_use().reset_password(admin, user_id)))


@pages.post("/<int:user_id>/role")
def set_role(user_id: int) -> ResponseReturnValue:
    """Make a user an admin, or a plain user again."""
    role = Role.ADMIN if request.form.get("role") == Role.ADMIN.value else Role.USER
    user = _use().set_role(security.required().user, user_id, role)
    said = (
        template("%(login)s is an admin now.")
        if role is Role.ADMIN
        else template("%(login)s is a plain user now.")
    )
    flash(say(said, login=user.login))
    return redirect(url_for("admin_people.show"))


@pages.post("/<int:user_id>/switch")
def switch(user_id: int) -> ResponseReturnValue:
    """Switch a user off or on again."""
    active = request.form.get("active") == "yes"
    user = _use().switch(security.required().user, user_id, active=active)
    said = (
        template("%(login)s may sign in again.")
        if active
        else template("%(login)s is signed out everywhere, and syncing is stopped.")
    )
    flash(say(said, login=user.login))
    return redirect(url_for("admin_people.show"))


@pages.get("/<int:user_id>/remove")
def ask_removal(user_id: int) -> str:
    """Say what removing a user means."""
    return render_template("admin_removal.html", person=_use().get(_admin(), user_id))


@pages.post("/<int:user_id>/remove")
def remove(user_id: int) -> ResponseReturnValue:
    """Remove a user."""
    user = _use().remove(_admin(), user_id)
    flash(say("%(login)s is removed.", login=user.login))
    return redirect(url_for("admin_people.show"))


def _admin() -> User:
    return security.required().user


def _use() -> CompanyPeople:
    return security.services().admin.people


def _entered() -> NewUser:
    def text(name: str) -> str:
        return request.form.get(name, "").strip()

    return NewUser(
        login=text("login"),
        name=text("name"),
        email=text("email"),
        timezone=text("timezone"),
        role=Role.ADMIN if "admin" in request.form else Role.USER,
    )


def _page(shown: Shown) -> str:
    admin, wanted = _admin(), request.args.get("q", "").strip()
    people = _use().list(admin)
    return render_template(
        "admin_people.html",
        part=part_of(_found(people, wanted), request.args),
        wanted=wanted,
        shown=shown,
        entered=shown.entered or NewUser(login="", timezone=admin.timezone),
    )


def _found(people: Sequence[User], wanted: str) -> Sequence[User]:
    words = wanted.casefold()
    return [each for each in people if words in f"{each.login} {each.name} {each.email}".casefold()]
