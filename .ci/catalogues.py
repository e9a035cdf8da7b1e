"""Bring the pages' catalogues up to date: `.ci/catalogues.py`; with `--check` only say what is not.

Messages come from the templates (`trans`, `_`) and from the code (`Message`, `counted`, `template`,
`say`, and the errors that pages show). New ones are added untranslated, unused ones are dropped,
and translators edit the `.po` files by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "bridge" / "web" / "translations"
_METHODS = [
    ("web/templates/**.html", "jinja2"),
    *((f"{package}/**.py", "python") for package in ("application", "domain", "ical", "web")),
]
_ERRORS = ("InvalidInput", "NotFound", "AlreadyExists", "SignInRefused", "SignInThrottled")
_ERRORS += ("InvalidTransition", "NotConnected", "LeaseHeld")
_SAYING = ("Message", "Sentence", "Clause", "template", "say", *_ERRORS)
_KEYWORDS = dict.fromkeys((*_SAYING, "_", "gettext"), (1,)) | {
    "counted": (1, 2),
    "ngettext": (1, 2),
}


def extracted() -> Catalog:
    """Return every message of the pages, as a catalogue without translations."""
    found = Catalog(project="crmdav", version="", charset="utf-8")
    options = {"web/templates/**.html": {"encoding": "utf-8", "newstyle_gettext": "true"}}
    for name, _, message, comments, _ in extract_from_dir(
        ROOT / "bridge", method_map=_METHODS, options_map=options, keywords=_KEYWORDS
    ):
        if any(letter.isalpha() for letter in "".join(message)):
            found.add(message, locations=[(f"bridge/{name}", 0)], auto_comments=comments)
    return found


def languages() -> list[str]:
    """Return the languages that there are catalogues of."""
    return sorted(path.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES"))


def path_of(language: str) -> Path:
    """Return where the catalogue of a language is."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def main() -> int:
    """Update the catalogues; return 1 when one lacks something."""
    messages, lacking = extracted(), 0
    for language in languages():
        path = path_of(language)
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        catalogue.update(messages, no_fuzzy_matching=True, update_creation_date=False)
        untranslated = [one.id for one in catalogue if one.id and not one.string]
        lacking += len(untranslated)
        if "--check" not in sys.argv:
            with path.open("wb") as file:
                write_po(file, catalogue, width=100, ignore_obsolete=True, include_lineno=False)
        for message in untranslated:
            print(f"{language}: not translated: {message}")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
