"""What a person said on the plan page: how far changes reach, and what is to stay two items."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from bridge.application.option_plan import PlanAnswers
from bridge.domain.option_changes import Reach
from bridge.web.option_words import OPTION_LABELS, reach_field

_OWN = frozenset({"csrf_token", "plan", "shown", "offered", "adopt"})
_REACHES = {reach_field(option): option for option in OPTION_LABELS}
_KNOWN = {reach.value: reach for reach in Reach}


def answers_from_form(form: MultiDict[str, str]) -> PlanAnswers:
    """Return what was said; what is not understood counts as not said.

    Of the adoptions that were offered, those without a tick are to stay two items.
    """
    offered = frozenset(form.get("offered", "").split())
    return PlanAnswers(
        fingerprint=form.get("plan", ""),
        reaches=_reaches(form),
        apart=offered - frozenset(form.getlist("adopt")),
    )


def has_other_reach(form: MultiDict[str, str]) -> bool:
    """Whether the plan that was shown reached otherwise than what is chosen now."""
    return "shown" in form and form["shown"] != shown_reaches(_reaches(form))


def shown_reaches(reaches: Mapping[str, Reach]) -> str:
    """Return a text that stands for how far the changes of a plan reach."""
    return " ".join(f"{option}={reach.value}" for option, reach in sorted(reaches.items()))


def options_of_plan(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return the fields of the options form that a plan page carries on."""
    return [
        (name, value)
        for name, values in form.lists()
        if name not in _OWN and name not in _REACHES
        for value in values
    ]


def _reaches(form: MultiDict[str, str]) -> dict[str, Reach]:
    said = {option: _KNOWN.get(form.get(name, "")) for name, option in _REACHES.items()}
    return {option: reach for option, reach in said.items() if reach is not None}
