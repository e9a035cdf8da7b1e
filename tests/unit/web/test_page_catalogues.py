"""The catalogues of the pages: whole, with nothing left over, and safe to fill in.

What fails here is mended by `.ci/catalogues.py` and by translating what it then says is not.
"""

import re
from io import BytesIO

import pytest
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from bridge.web import dates, languages
from catalogue_script import script

CURE = "run `.ci/catalogues.py`, then translate what it says is not translated"
PLACE = re.compile(r"%\((\w+)\)(.)|%(.)")
TAG = re.compile(r"</?[a-z]+[^>]*>")
LANGUAGES = script.languages()


@pytest.fixture(scope="module")
def messages():
    """Every message of the pages."""
    return script.extracted()


def forms(text):
    """Return a message, or a translation of it, as the texts it consists of."""
    return (text,) if isinstance(text, str) else tuple(text)


def pairs(language):
    """Iterate over the messages of a catalogue and their translations, each as its forms."""
    for one in script.read(language):
        if one.id:
            yield forms(one.id), forms(one.string)


def places(text):
    """Return the places of a message in order of their names; what is no plain place stands out."""
    found = PLACE.findall(text)
    return sorted(
        {name if kind == "s" else f"%({name}){kind}{other}" for name, kind, other in found}
    )


def test_there_are_languages_besides_english():
    """Each by its own name, and with its own way to write days."""
    assert LANGUAGES
    assert set(LANGUAGES) == set(languages.LANGUAGES) - {languages.ENGLISH}
    assert set(LANGUAGES) <= set(dates._PATTERNS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_every_message_and_no_other(language, messages):
    """A sentence that somebody adds is told in every language, or the change is not whole."""
    assert script.lacking(script.read(language), messages) == [], CURE


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_is_written_as_the_script_writes_it(language):
    """So that a change of it shows what was changed, and nothing else."""
    written = script.file_of(language, script.read(language))
    assert script.path_of(language).read_bytes() == written, CURE


@pytest.mark.parametrize("language", LANGUAGES)
def test_translation_has_the_places_of_its_message(language):
    """A place that is missing loses what was to be told; one too many cannot be filled."""
    wrong = [
        told
        for said, translations in pairs(language)
        for told in translations
        if places(told) != places(said[-1])
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translation_brings_no_markup_of_its_own(language):
    """Messages of templates are markup: a translation has the tags of the message, as they are."""
    wrong = [
        told
        for said, translations in pairs(language)
        for told in translations
        if sorted(TAG.findall(told)) != sorted(TAG.findall(said[-1]))
        or told.count("<") != len(TAG.findall(told))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translation_is_nobodys_guess(language):
    """Fuzzy ones are proposals that a translator has not looked at."""
    assert [one.id for one in script.read(language) if one.id and one.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_has_as_many_forms_as_the_language(language):
    """Two in German, three in Czech, by the rule of the language (CLDR)."""
    catalogue, known = script.read(language), get_plural(language)
    assert (catalogue.num_plurals, catalogue.plural_expr) == (known.num_plurals, known.plural_expr)
    numbers = {len(told) for said, told in pairs(language) if len(said) > 1}
    assert numbers == {known.num_plurals}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentence_ends_as_its_message_does(language):
    """Full stops and colons are added by the code where a message has none."""

    def end(text):
        return text[-1:] if text[-1:] in {".", ":", "?", ","} else ""

    wrong = [
        told
        for said, translations in pairs(language)
        for told in translations
        if end(told) != end(said[-1]) or told != told.strip()
    ]
    assert wrong == []


def test_script_says_what_a_catalogue_lacks(messages):
    """Untranslated, unused and missing messages, each by its words."""
    catalogue = script.read(LANGUAGES[0])
    name, *_ = (one.id for one in messages if isinstance(one.id, str) and one.id)
    plural, *_ = (one.id for one in messages if isinstance(one.id, tuple))
    catalogue[name].string = ""
    catalogue[plural[0]].string = ("x", "")
    catalogue.add("nobody says this", "x")
    catalogue.delete("Confirm")
    assert sorted(script.lacking(catalogue, messages)) == sorted(
        [
            f"not translated: {name}",
            f"not translated: {plural}",
            "not used: nobody says this",
            "not in the catalogue: Confirm",
        ]
    )


def test_head_of_a_new_catalogue_has_no_placeholders(messages):
    """Who translated what is told by the version control."""
    new = read_po(BytesIO(b""), locale="sk")
    new.update(messages)
    head = script.file_of("sk", new).decode().partition("\n\n")[0].splitlines()
    assert head[0].startswith("# Slovak words of the pages (")
    assert [line.partition(":")[0] for line in head[1:]] == [
        'msgid ""',
        'msgstr ""',
        *(f'"{name}' for name in script._HEADERS),
    ]
