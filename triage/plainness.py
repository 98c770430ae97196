"""How plainly a text for a twelve-year-old must be written: short, in common characters, no foreign words.

No readability formula for Chinese holds for two short messages; these proxies can be measured and explained.
Their limits are those of the sentences that young people write themselves (``prompts/wording.yaml``).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from triage.normalize import normalize_text
from triage.signals.fields import Fields

MAX_REPLY_CHARACTERS = 80
"""Longest single message to a young person, in characters (DOMAIN 4.3)."""

_SENTENCE_END = re.compile(r"[。!?\n]|\.\.+")
_CLAUSE_END = re.compile(r"[,;:、。!?\n]|\.\.+|—+")
_NUMBER = re.compile(r"\d+(?:[-:.]\d+)*")
_TIME = re.compile(r"\d{1,2}:\d{2}(?:-\d{1,2}:\d{2})?")
_COUNT = re.compile(r"\d{1,4}(?:-\d{1,4})?")
_SPELT_NUMBER = re.compile(r"[〇零一二两三四五六七八九幺]{5,}")
_LATIN = re.compile(r"[^\W\d_\u2e80-\U0003ffff]+|[@#{}]")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_LEVEL_1 = range(0xB0, 0xD8)
"""First bytes of GB 2312 level 1: the 3,755 commonest characters, by the standard itself."""


@dataclass(frozen=True, slots=True)
class WordingFault:
    """What a text does wrong: the rule's key, and the words or the measure that broke it."""

    rule: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plainness:
    """The measures of plain writing.

    ``sentence`` and ``clause`` are the most characters of one; ``units`` may follow a count; ``latin`` are
    words allowed in Latin script, folded; ``characters`` are allowed beside level 1; ``resources`` are the
    numbers that may be named, by key.
    """

    sentence: int
    clause: int
    units: tuple[str, ...]
    latin: frozenset[str]
    characters: frozenset[str]
    resources: Mapping[str, str]

    def faults(self, message: str) -> Iterator[WordingFault]:
        """Everything in a message that is hard to read, or a number that is nobody's."""
        if not message.strip() or len(message) > MAX_REPLY_CHARACTERS:
            yield WordingFault("length", str(len(message)))
        text = normalize_text(message).text
        for sentence in map(str.strip, _SENTENCE_END.split(text)):
            if len(sentence) > self.sentence:
                yield WordingFault("sentence", str(len(sentence)))
        for clause in map(str.strip, _CLAUSE_END.split(text)):
            if len(clause) > self.clause:
                yield WordingFault("clause", clause)
        for word in _LATIN.findall(text):
            if word not in self.latin:
                yield WordingFault("latin", word)
        for char in dict.fromkeys(_HAN.findall(text)):
            if not _is_common(char) and char not in self.characters:
                yield WordingFault("character", char)
        yield from self._foreign_numbers(text)

    def _foreign_numbers(self, text: str) -> Iterator[WordingFault]:
        known = set(self.resources.values())
        for match in _NUMBER.finditer(text):
            number, after = match.group(), text[match.end() :].lstrip()
            counted = _COUNT.fullmatch(number) and after.startswith(self.units)
            if number not in known and not counted and not _TIME.fullmatch(number):
                yield WordingFault("number", number)
        for match in _SPELT_NUMBER.finditer(text):
            yield WordingFault("number", match.group())


def numbers_in(message: str) -> set[str]:
    """The numbers that a message names, each whole: 12355 is not 123."""
    return set(_NUMBER.findall(normalize_text(message).text))


def parse_plainness(fields: Fields, resources: Mapping[str, str]) -> Plainness:
    """Read the measures; raises ``ContentError`` naming the field that is wrong."""
    plainness = Plainness(
        sentence=fields.number("sentence", low=10, high=MAX_REPLY_CHARACTERS),
        clause=fields.number("clause", low=5, high=MAX_REPLY_CHARACTERS),
        units=fields.texts("units"),
        latin=frozenset(normalize_text(word).text for word in fields.texts("latin")),
        characters=frozenset(normalize_text(fields.text("cantonese") + fields.text("also")).text),
        resources=resources,
    )
    fields.finish()
    return plainness


def _is_common(char: str) -> bool:
    try:
        return char.encode("gb2312")[0] in _LEVEL_1
    except UnicodeEncodeError:
        return False
