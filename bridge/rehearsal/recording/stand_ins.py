"""Stand-ins: the same value always gets the same one, and nobody can go back from it.

Texts are replaced word by word, each by one of the same length and capitals, so that everything
the rehearsal does with a text (trimming, cutting, lower case, taking out HTML, searching whole
words) does the same with its stand-in. The key lives as long as the recording is being written.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
import string
from html.entities import html5

from bridge.rehearsal.recording.vocabulary import OWN_TEXTS, SCHEMES, TAGS, choices

_TRIES = 60
_OF_IDS, _NOT_OF_IDS = string.ascii_lowercase[:22], string.ascii_lowercase[22:]
_PARTS = re.compile(
    # Bounded, or a long text without an address would be searched again from each character.
    r"(?P<address>[^\s@<>\"',;:/?#()]{1,64}@[^\s@<>\"',;:/?#()]{1,255})"
    r"|(?P<tag></?[A-Za-z][^<>]*>)"
    r"|(?P<entity>&[A-Za-z][A-Za-z0-9]*;)"
    r"|(?P<word>[^\W_]+)"
)
# Long ones in pieces, so that what is cut at a round length has the stand-in cut there.
_WORD = re.compile(r"[^\W_]{1,32}")
_EVENT_ID = re.compile(r"(?:c_)?[a-v0-9]{5,1024}(?:_R?\d{8}(?:T\d{6}Z?)?){0,2}")
_IMPORTED_ID = re.compile(r"_(?P<uid>[a-v0-9]+)(?P<instance>(?:_R?\d{8}(?:T\d{6}Z?)?){0,2})")
_COLOR = re.compile(r"\d{1,2}|#[0-9a-fA-F]{6}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HARMLESS = (_EVENT_ID, _COLOR, _UUID)
_RULE_KINDS = frozenset({"user", "group", "domain"})
_GOOGLES_DOMAINS = frozenset(
    {"google.com", "group.calendar.google.com", "resource.calendar.google.com"}
)
_EXAMPLES = re.compile(r"(?:.+\.)?example(?:\.(?:com|org|net))?", re.IGNORECASE)
_LONGER = {
    2: "àáâãäåæçèéêëìíîïðñòóôõö",
    3: "あいうえおかきくけこさしすせそ",
    4: "𠀋𠂢𠂤𠆢𠈓𠌫𠍱𠎁𠏹𠑊",
}


class StandIns:
    """The stand-ins of one recording."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._words: dict[str, str] = {}
        self._used: set[str] = set()

    def text(self, value: str) -> str:
        """Return a text in other words of the same lengths, with the same marks between them."""
        return value if value in OWN_TEXTS else _PARTS.sub(self._part, value)

    def word(self, value: str) -> str:
        """Return another word of the same length and capitals."""
        lower = value.lower()
        if [_size(each) for each in lower] != [_size(each) for each in value]:
            lower = value
        stand_in = self._words.get(lower)
        if stand_in is None:
            stand_in = self._words[lower] = self._new_word(lower)
        pairs = zip(value, stand_in, strict=True)
        return "".join(
            new.upper() if old.isupper() and old.isascii() else new for old, new in pairs
        )

    def token(self, value: str) -> str:
        """Return a text of forty characters for a token, code or secret; "" stays so."""
        if not value:
            return value
        return f"stand-in-{self._digest(f'token {value}', 16).hex()[:31]}"

    def identifier(self, value: str) -> str:
        """Return an id as it is, if it is one that says nothing, or its stand-in."""
        kind, colon, rest = value.partition(":")
        if colon and kind in _RULE_KINDS:
            return f"{kind}:{self.text(rest)}"
        if "@" in value:
            return self.text(value)
        if value.startswith("_"):
            return self._imported(value)
        if value in choices() or any(form.fullmatch(value) for form in _HARMLESS):
            return value
        return self.text(value)

    def _part(self, found: re.Match[str]) -> str:
        value = found[0]
        match found.lastgroup:
            case "address":
                return self._address(value)
            case "tag":
                return _WORD.sub(lambda word: self._unless(word[0], TAGS), value)
            case "entity" if value[1:] in html5:
                return value
            case _:
                return _WORD.sub(lambda word: self._unless(word[0], frozenset()), value)

    def _unless(self, word: str, kept: frozenset[str]) -> str:
        return word if word.lower() in kept or word.lower() in SCHEMES else self.word(word)

    def _address(self, value: str) -> str:
        local, _, domain = value.partition("@")
        if domain in _GOOGLES_DOMAINS:
            return f"{self.identifier(local)}@{domain}"
        if not _EXAMPLES.fullmatch(domain):
            domain = self._words_of(domain)
        elif not _EXAMPLES.fullmatch(domain.split(".", 1)[0]):
            head, dot, tail = domain.lower().partition(".example")
            domain = f"{self._words_of(head)}{dot}{tail}"
        return f"{self._words_of(local)}@{domain}"

    def _words_of(self, value: str) -> str:
        return _WORD.sub(lambda word: self.word(word[0]), value)

    def _imported(self, value: str) -> str:
        """Replace the iCalUID inside of the id of an imported event."""
        found = _IMPORTED_ID.fullmatch(value)
        if found is None:
            return self.text(value)
        text = found["uid"].upper()
        try:
            uid = base64.b32hexdecode(text + "=" * (-len(text) % 8)).decode()
        except (binascii.Error, ValueError):
            return self.text(value)
        stand_in = base64.b32hexencode(self.identifier(uid).encode()).decode()
        return f"_{stand_in.lower().rstrip('=')}{found['instance']}"

    def _new_word(self, word: str) -> str:
        stand_in = word
        for attempt in range(_TRIES):
            noise = self._digest(f"word {attempt} {word}", 2 * len(word))
            stand_in = "".join(
                _other(old, int.from_bytes(noise[2 * at : 2 * at + 2]))
                for at, old in enumerate(word)
            )
            if stand_in not in self._used and stand_in != word:
                break
        self._used.add(stand_in)
        return stand_in

    def _digest(self, text: str, length: int) -> bytes:
        return hashlib.shake_256(self._key + text.encode("utf-8", "surrogatepass")).digest(length)


def _other(character: str, noise: int) -> str:
    """Return a character of the same kind, and of the same length in UTF-8."""
    if character in string.digits:
        return string.digits[noise % 10]
    if character.isascii():
        # The letters of event ids stay among themselves, so that a wrong id stays wrong.
        kind = _OF_IDS if character.lower() in _OF_IDS else _NOT_OF_IDS
        return kind[noise % len(kind)]
    several = _LONGER[_size(character)]
    return several[noise % len(several)]


def _size(character: str) -> int:
    return len(character.encode("utf-8", "surrogatepass"))
