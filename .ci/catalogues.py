"""Bring the pages' catalogues up to date: `.ci/catalogues.py`; with `--check` only say what is not.

Messages come from the templates (`trans`, `_`) and from the code (`Message`, `counted`, `template`,
`say`, and the errors that pages show). New ones are added untranslated, unused ones are dropped,
and translators edit the `.po` files by hand.

A new language is an empty `bridge/web/translations/LANGUAGE/LC_MESSAGES/messages.po`, its name in
`bridge.web.languages` and its days in `bridge.web.dates`.
"""

from __future__ import annotations

import re
import sys
from io import BytesIO
from itertools import chain
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "bridge" / "web" / "translations"
_METHODS = [
    ("web/templates/**.html", "jinja2"),
    *((f"{package}/**.py", "python") for package in ("application", "domain", "ical", "web")),
]
_ADAPTERS = [
    (f"{package}/**.py", "python")
    for package in ("google_calendar", "openid_connect", "store", "sync")
]
_REFUSED = ("InvalidInput", "NotFound", "AlreadyExists", "SignInRefused", "SignInThrottled")
_ERRORS = (*_REFUSED, "InvalidTransition", "NotConnected", "LeaseHeld")
_SAYING = ("Message", "Sentence", "Clause", "template", "say", *_ERRORS)
_KEPT = " (`.ci/catalogues.py` keeps the list of messages)."
_HEADERS = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
_KEYWORDS = dict.fromkeys((*_SAYING, "_", "gettext"), (1,)) | {
    "counted": (1, 2),
    "ngettext": (1, 2),
}
# Most of what adapters raise is for the command line and the log.
_IN_ADAPTERS = dict.fromkeys(("Message", "template"), (1,))


def extracted() -> Catalog:
    """Return every message of the pages, as a catalogue without translations."""
    found = Catalog(project="crmdav", version="", charset="utf-8")
    options = {"web/templates/**.html": {"encoding": "utf-8", "newstyle_gettext": "true"}}
    gathered = (
        extract_from_dir(ROOT / "bridge", method_map=methods, options_map=options, keywords=words)
        for methods, words in ((_METHODS, _KEYWORDS), (_ADAPTERS, _IN_ADAPTERS))
    )
    for name, _, message, comments, _ in chain.from_iterable(gathered):
        if any(letter.isalpha() for letter in "".join(message)):
            found.add(message, locations=[(f"bridge/{name}", 0)], auto_comments=comments)
    return found


def languages() -> list[str]:
    """Return the languages that there are catalogues of."""
    return sorted(path.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES"))


def path_of(language: str) -> Path:
    """Return where the catalogue of a language is."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """Return the catalogue of a language as its file says it."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def lacking(catalogue: Catalog, messages: Catalog) -> list[str]:
    """Return what is to be done to a catalogue, one line each; nothing for a good one."""
    has = {one.id: one for one in catalogue if one.id}
    wanted = {one.id for one in messages if one.id}
    return [
        *(f"not used: {words}" for words in has if words not in wanted),
        *(f"not in the catalogue: {words}" for words in wanted if words not in has),
        *(f"not translated: {words}" for words, one in has.items() if not told(one.string)),
    ]


def told(translation: str | tuple[str, ...] | list[str] | None) -> bool:
    """Whether there is a translation, in every plural form."""
    forms = [translation] if isinstance(translation, str) else (translation or [])
    return bool(forms) and all(forms)


def file_of(language: str, catalogue: Catalog) -> bytes:
    """Return a catalogue as its file, with the headers that say something and no others."""
    name = Locale.parse(language).english_name
    catalogue.header_comment = f"# {name} words of the pages{_KEPT}"
    catalogue.fuzzy = False
    written = BytesIO()
    write_po(written, catalogue, width=100, ignore_obsolete=True, include_lineno=False)
    head, _, messages = written.getvalue().decode().partition("\n\n")
    named = re.compile(rf'"(?!({"|".join(_HEADERS)}):)[\w-]+: .*')
    lines = [line for line in head.splitlines() if not named.fullmatch(line)]
    return ("\n".join(lines) + "\n\n" + messages).encode()


def main() -> int:
    """Update the catalogues, or only look; return 1 when one lacks something."""
    messages, found = extracted(), []
    for language in languages():
        catalogue = read(language)
        if "--check" not in sys.argv:
            catalogue.update(messages, no_fuzzy_matching=True, update_creation_date=False)
            path_of(language).write_bytes(file_of(language, catalogue))
        found += [f"{language}: {line}" for line in lacking(catalogue, messages)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
