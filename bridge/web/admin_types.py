"""The page Activity types of an admin: add, rename, icon, colour, calendar, order, active."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.activity_types import ActivityTypes, TypeDraft
from bridge.domain.activity import ActivityType, CollectionName
from bridge.domain.message import Message
from bridge.errors import InvalidInput
from bridge.web import security
from bridge.web.activity_words import ICONS, OTHER_ICON, TypeLooks
from bridge.web.languages import say
from bridge.web.problem import told
from bridge.web.type_colours import stylesheet_version

pages = Blueprint("admin_types", __name__, url_prefix="/admin/types")
pages.before_request(security.check_admin)

CALENDARS: tuple[tuple[str, str], ...] = (
    (CollectionName.ACTIVITIES.value, Message("Activities, as events")),
    (CollectionName.TASKS.value, Message("Tasks, as to-dos")),
)
_GREY = "#6b7280"
_MOST_DIGITS = 6
ICON_NAMES: dict[str, str] = {
    "": Message("None"),
    "call": Message("Call"),
    "meeting": Message("Meeting"),
    "lunch": Message("Lunch"),
    "task": Message("Task"),
    "deadline": Message("Deadline"),
    "email": Message("Email"),
    "bell": Message("Bell"),
    "car": Message("Car"),
    "document": Message("Document"),
    "star": Message("Star"),
    "video": Message("Video"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form to show.

    Attributes:
        key: Of the type it changes, "" for a new one.
        name: Of that type, as it is.
        reason: Why it was refused, "" for one that was not sent.
        wrong: Name of the field that is about, or None.
    """

    draft: TypeDraft
    key: str = ""
    name: str = ""
    reason: str = ""
    wrong: str | None = None


@pages.get("")
def show() -> str:
    """Show all types in their order."""
    types = tuple(_use().list(security.required().user))
    looks = TypeLooks(types)
    return render_template(
        "admin_types.html",
        types=[(kind, looks.of(kind.key)) for kind in types],
        calendars=dict(CALENDARS),
        colours=stylesheet_version(types),
    )


@pages.get("/new")
def new() -> str:
    """Show an empty form; the new type comes last."""
    types = _use().list(security.required().user)
    last = max((kind.order for kind in types), default=0)
    draft = TypeDraft(name="", collection=CollectionName.ACTIVITIES, color=_GREY, order=last + 1)
    return _form(Form(draft=draft))


@pages.post("/new")
def add() -> ResponseReturnValue:
    """Add a type."""
    draft = _entered()
    try:
        made = _use().add(security.required().user, draft)
    except InvalidInput as error:
        return _form(Form(draft=draft, reason=told(error), wrong=error.field)), 400
    flash(say("%(subject)s is added.", subject=made.name))
    return redirect(url_for("admin_types.show"))


@pages.get("/change")
def open_type() -> str:
    """Show the form of a type."""
    kind = _use().get(security.required().user, request.args.get("key", ""))
    return _form(Form(draft=_draft_of(kind), key=kind.key, name=kind.name))


@pages.post("/change")
def change() -> ResponseReturnValue:
    """Change a type."""
    admin, draft = security.required().user, _entered()
    kind = _use().get(admin, request.form.get("key", ""))
    try:
        changed = _use().change(admin, kind.key, draft)
    except InvalidInput as error:
        form = Form(
            draft=draft, key=kind.key, name=kind.name, reason=told(error), wrong=error.field
        )
        return _form(form), 400
    flash(say("%(name)s is saved. Calendar programs see it within seconds.", name=changed.name))
    return redirect(url_for("admin_types.show"))


def _use() -> ActivityTypes:
    return security.services().admin.types


def _draft_of(kind: ActivityType) -> TypeDraft:
    return TypeDraft(
        name=kind.name,
        collection=kind.collection,
        color=kind.color,
        icon=kind.icon,
        order=kind.order,
        active=kind.active,
    )


def _entered() -> TypeDraft:
    form = request.form
    order = form.get("order", "").strip()
    plain = order.isascii() and order.isdigit() and len(order) <= _MOST_DIGITS
    collection = form.get("collection", "")
    known = collection in set(CollectionName)
    return TypeDraft(
        name=form.get("name", ""),
        collection=CollectionName(collection) if known else CollectionName.ACTIVITIES,
        color=form.get("color", ""),
        icon=form.get("icon", ""),
        order=int(order) if plain else -1,
        active="active" in form,
    )


def _form(form: Form) -> str:
    return render_template(
        "admin_type.html",
        form=form,
        calendars=CALENDARS,
        icon_names=ICON_NAMES,
        icons=[("", OTHER_ICON), *((icon, icon) for icon in sorted(ICONS))],
        colours=stylesheet_version(security.services().agendas.types(security.required().user)),
    )
