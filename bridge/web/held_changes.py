"""The answers to what waits for a person's word; what waits is shown on the Calendar sync page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.held_changes import HeldChange
from bridge.domain.identifiers import ConnectionId, Uid
from bridge.domain.message import Message
from bridge.errors import InvalidInput
from bridge.sync.hold import HoldAnswer, HoldKind
from bridge.web import security
from bridge.web.languages import told
from bridge.web.span_words import span_words

pages = Blueprint("held_changes", __name__)

ANSWERS: tuple[tuple[str, str], ...] = (
    (HoldAnswer.TELL.value, Message("Change and tell guests")),
    (HoldAnswer.SILENT.value, Message("Change without telling")),
    (HoldAnswer.KEEP.value, Message("Keep")),
)
NO_TITLE = Message("(no title)")
_DELETED = Message("deleted here")
_NOT_THERE_ANY_MORE = Message("not to be at Google any more")
_THEN: dict[HoldAnswer, str] = {
    HoldAnswer.TELL: Message("The change goes to Google now, and Google mails the guests."),
    HoldAnswer.SILENT: Message("The change goes to Google now, and nobody is mailed."),
    HoldAnswer.KEEP: Message("The event at Google stays as it is."),
}


_TOO_LATE = Message("Something changed meanwhile, so nothing was done. Look again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldInWords:
    """One line of the list.

    Attributes:
        at_google: When the event is now.
        wished: When it would be, or that it would go.
        guests: Who would learn of it.
    """

    connection_id: ConnectionId
    uid: Uid
    question: str
    title: str
    at_google: str
    wished: str
    guests: str


@pages.post("/settings/calendar-sync/<int:connection_id>/held")
def answer(connection_id: int) -> ResponseReturnValue:
    """Take a person's word; one that comes too late changes nothing and is said."""
    try:
        word = HoldAnswer(request.form.get("answer", ""))
    except ValueError as error:
        raise InvalidInput("choose one of the three answers", field="answer") from error
    counts = security.services().held_changes.answer(
        security.required().user,
        ConnectionId(connection_id),
        uid=Uid(request.form.get("uid", "")),
        question=request.form.get("question", ""),
        answer=word,
    )
    flash(told(_THEN[word] if counts else _TOO_LATE))
    return redirect(url_for("calendar_sync.show"))


def held_in_words(changes: Sequence[HeldChange], *, zone: ZoneInfo) -> list[HeldInWords]:
    """Return what waits in words, times as the user's clock shows them."""
    return [
        HeldInWords(
            connection_id=each.connection_id,
            uid=each.uid,
            question=each.question,
            title=each.title or NO_TITLE,
            at_google=span_words(each.at_google, zone, recurring=each.recurring),
            wished=_wished(each, zone),
            guests=", ".join(guest.name or guest.email for guest in each.guests),
        )
        for each in changes
    ]


def _wished(change: HeldChange, zone: ZoneInfo) -> str:
    match change.kind:
        case HoldKind.CHANGE:
            return span_words(change.wished, zone, recurring=change.recurring)
        case HoldKind.DELETE:
            return _DELETED
        case HoldKind.WITHDRAW:
            return _NOT_THERE_ANY_MORE
