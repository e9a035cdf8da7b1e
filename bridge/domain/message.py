"""A sentence for people that can still be told in another language.

It is an English text wherever it is used as text: on the command line, in logs, in answers for
programs. The pages alone translate it (`bridge.web.languages`), which is why it remembers what it
was made of: a whole sentence with named places, and what stands in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Self


class Message(str):
    """An English text with the template (`%(name)s`) and the values it was made of.

    The template is the message's id in the catalogues (gettext). A literal per cent sign is
    doubled in it. Values that are messages or days themselves are translated with it.
    """

    template: str
    plural: str
    number: int | None
    values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Return the English text."""
        made = super().__new__(cls, cls.finished(template % values))
        made.template, made.plural, made.number, made.values = template, "", None, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Return what copies are made from."""
        said = self.template if self.number in {None, 1} else self.plural
        return (said,), dict(self.values)

    @classmethod
    def finished(cls, text: str) -> str:
        """Return the filled template as it is told, in whatever language."""
        return text


class Sentence(Message):
    """Phrases told as a sentence of their own: a capital at its begin."""

    @classmethod
    def finished(cls, text: str) -> str:
        """Return it with a capital."""
        return text[:1].upper() + text[1:]


class Clause(Message):
    """A sentence told within another one: neither a capital nor a full stop."""

    @classmethod
    def finished(cls, text: str) -> str:
        """Return it without both."""
        return text[:1].lower() + text[1:].removesuffix(".")


class DayText(str):
    """A day or moment in English, as `style` of `bridge.web.dates` writes it elsewhere."""

    when: date
    style: str

    def __new__(cls, text: str, when: date, style: str) -> Self:
        """Return the English text."""
        made = super().__new__(cls, text)
        made.when, made.style = when, style
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str, date, str], dict[str, Any]]:
        """Return what copies are made from."""
        return (str(self), self.when, self.style), {}


def template(text: str) -> str:
    """Return a template that is filled elsewhere; says that the catalogues have it."""
    return text


def counted(singular: str, plural: str, count: int, /, **values: object) -> Message:
    """Return the text for a number of things; the templates may say it as `%(count)s`."""
    made = Message(singular if count == 1 else plural, count=count, **values)
    made.template, made.plural, made.number = singular, plural, count
    return made


def joined(separator: str, parts: Iterable[str]) -> Message:
    """Return parts as one text, each of them translated by itself; "" for none."""
    told = {f"part{number}": part for number, part in enumerate(parts)}
    return Message(separator.join(f"%({name})s" for name in told), **told)
