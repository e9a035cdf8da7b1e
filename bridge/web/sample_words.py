"""A sample activity in words: what everybody sees of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.application.sample_views import SAMPLE_TEXTS, Sample, Seen, Viewer
from bridge.domain.message import Message
from bridge.sync.left_out import CONTACTS
from bridge.web.languages import told

_VIEWERS: Mapping[Viewer, str] = {
    Viewer.OWNER: Message("You, in the CRM"),
    Viewer.AT_GOOGLE: Message("In your Google calendar"),
    Viewer.GUEST: Message("A guest at Google"),
    Viewer.READER: Message("A colleague who may read"),
    Viewer.BUSY_READER: Message("A colleague who sees when you are busy"),
}
_NOTHING = Message("Nothing")
_WITHOUT = {CONTACTS: Message("(without linked contacts, as guests from outside take part)")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewInWords:
    """What one of them sees, line by line, the title first."""

    viewer: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleInWords:
    """One sample with its heading."""

    heading: str
    views: tuple[ViewInWords, ...]


def samples_in_words(samples: Sequence[Sample]) -> list[SampleInWords]:
    """Return the samples in words."""
    return [
        SampleInWords(
            heading=_heading(each),
            views=tuple(
                ViewInWords(viewer=_VIEWERS[viewer], lines=_lines(seen))
                for viewer, seen in each.seen
            ),
        )
        for each in samples
    ]


def _heading(sample: Sample) -> Message:
    if sample.private:
        return Message("A private %(type)s", type=sample.type_name)
    return Message("An ordinary %(type)s", type=sample.type_name)


def _lines(seen: Seen | None) -> tuple[str, ...]:
    if seen is None:
        return (_NOTHING,)
    lines = (seen.title or Message("(no title)"), seen.location, *seen.description.splitlines())
    shown = tuple(_in_language(line) for line in lines if line.strip())
    return (*shown, str(told(_WITHOUT[seen.left_out]))) if seen.left_out else shown


def _in_language(line: str) -> str:
    """Return a line with the sample's own words in the language of the page.

    The sample is made before a language is known; a title template may put words around them.
    """
    line = str(told(line))
    for text in SAMPLE_TEXTS:
        line = line.replace(text, told(text))
    return line
