"""The Calendar programs page: where programs connect, how each is set up, and subscription links.

A secret is in the answer to the form that made it, shown or within a profile for Apple's programs,
and nowhere else: it is not put into a cookie, a redirect or an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.apple_profile import MEDIA_TYPE, CalDavAccount, apple_profile
from bridge.domain.users import User
from bridge.errors import InvalidInput
from bridge.web import security
from bridge.web.labels import clock_of, sentence
from bridge.web.languages import say
from bridge.web.qr_code import camera_address, kept_qr_code, qr_code

pages = Blueprint("calendar_programs", __name__, url_prefix="/settings/calendar-programs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page says besides its lists.

    Attributes:
        password: A new app password, this once.
        address: A new subscription address, this once.
        refused_form: `password`, `profile` or `link` when that form was refused; `reason` says why.
        label: What was entered there.
        types: What was ticked there.
    """

    password: str = ""
    address: str = ""
    refused_form: str = ""
    reason: str = ""
    label: str = ""
    types: tuple[str, ...] = ()


@pages.get("")
def show() -> ResponseReturnValue:
    """Show addresses, passwords and links."""
    return _page(Shown())


@pages.post("/passwords")
def add_password() -> ResponseReturnValue:
    """Make an app password and show it."""
    user, label = security.required().user, request.form.get("label", "")
    try:
        made = security.services().app_passwords.add(user.login, label)
    except InvalidInput as error:
        return _refused(Shown(refused_form="password", reason=error.message, label=label))
    return _page(Shown(password=made.secret))


@pages.post("/profile")
def add_profile() -> ResponseReturnValue:
    """Make an app password and hand it out within a profile for Apple's programs."""
    user, label = security.required().user, request.form.get("label", "")
    try:
        made = security.services().app_passwords.add(user.login, label)
    except InvalidInput as error:
        return _refused(Shown(refused_form="profile", reason=error.message, label=label))
    account = CalDavAccount(
        url=_caldav_url(user), login=user.login, password=made.secret, password_id=made.id
    )
    answer = Response(apple_profile(account), mimetype=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = 'attachment; filename="crm-activities.mobileconfig"'
    return answer


@pages.post("/passwords/<int:secret_id>/revoke")
def revoke_password(secret_id: int) -> ResponseReturnValue:
    """End one of the user's own app passwords."""
    user = security.required().user
    security.services().app_passwords.revoke(secret_id, user_id=user.id)
    flash(say("The password is revoked. Programs that use it are refused from now on."))
    return redirect(url_for("calendar_programs.show"))


@pages.post("/links")
def add_link() -> ResponseReturnValue:
    """Make a subscription link and show its address."""
    user, label = security.required().user, request.form.get("label", "")
    types = tuple(request.form.getlist("types"))
    try:
        made = security.services().calendar_links.make(user.login, label, types)
    except InvalidInput as error:
        shown = Shown(refused_form="link", reason=error.message, label=label, types=types)
        return _refused(shown)
    return _page(Shown(address=made.address))


@pages.post("/links/<int:link_id>/revoke")
def revoke_link(link_id: int) -> ResponseReturnValue:
    """End one of the user's own links."""
    user = security.required().user
    security.services().calendar_links.revoke(link_id, user_id=user.id)
    flash(say("The address is revoked. Whoever has it sees nothing more."))
    return redirect(url_for("calendar_programs.show"))


def _refused(shown: Shown) -> ResponseReturnValue:
    return _page(shown), 400


def _page(shown: Shown) -> str:
    services, user = security.services(), security.required().user
    passwords = services.app_passwords.list(user.login)
    links = services.calendar_links.list(user.login)
    types = services.calendar_links.types(user)
    caldav_url = _caldav_url(user)
    return render_template(
        "calendar_programs.html",
        caldav_url=caldav_url,
        encrypted=services.secure,
        codes={
            "page": kept_qr_code(services.base_url + url_for("calendar_programs.show")),
            "account": kept_qr_code(camera_address(caldav_url)),
            "password": qr_code(shown.password) if shown.password else "",
            "address": qr_code(shown.address) if shown.address else "",
        },
        passwords=[each for each in passwords if each.revoked_at is None],
        links=[each for each in links if each.revoked_at is None],
        types=[each for each in types if each.active],
        type_names={each.key: each.name for each in types},
        shown=shown,
        reason=sentence(shown.reason),
        local_time=clock_of(user),
    )


def _caldav_url(user: User) -> str:
    return f"{security.services().caldav_url}{quote(user.login, safe='@')}/"
