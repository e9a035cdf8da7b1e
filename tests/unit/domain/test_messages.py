"""Messages are English texts that remember what they were made of."""

from copy import deepcopy
from datetime import date

import pytest

from bridge.domain.message import Clause, DayText, Message, Sentence, counted, joined


def test_message_is_its_english_text():
    """Programs and the command line need no translation to read it."""
    said = Message("`%(name)s` is known", name="100 %")
    assert said == "`100 %` is known"
    assert (said.template, said.values) == ("`%(name)s` is known", {"name": "100 %"})


@pytest.mark.parametrize(("count", "text"), [(0, "0 items"), (1, "1 item"), (2, "2 items")])
def test_number_decides_the_grammar(count, text):
    """One item is not many, and none are many."""
    said = counted("%(count)s item", "%(count)s items", count)
    assert (said, said.number) == (text, count)


def test_phrases_become_a_sentence_and_a_sentence_a_clause():
    """Only the begin and the end change."""
    whole = Sentence("%(phrases)s.", phrases=joined("; ", ["it is here", "it is McKay's"]))
    assert whole == "It is here; it is McKay's."
    assert Clause("%(sentence)s", sentence=whole) == "it is here; it is McKay's"
    assert joined(", ", []) == ""


@pytest.mark.parametrize(
    "text",
    [
        Message("%(rate)s of 100 %%", rate="5 %"),
        counted("%(count)s item", "%(count)s items", 3),
        DayText("Mon 2 Mar 2026", date(2026, 3, 2), "short_year"),
    ],
)
def test_copy_says_the_same_and_remembers_as_much(text):
    """Dataclasses are copied with what they hold."""
    copy = deepcopy(text)
    assert (copy, vars(copy)) == (text, vars(text))
