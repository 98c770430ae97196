"""Who is spoken of: whose age, whose place, who is alone."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from triage.intake.rules import CONTENT_PATH, read_content
from triage.intake.slots import Speaker
from triage.signals.pattern import Pattern

Span = tuple[int, int]


class Person(StrEnum):
    """How somebody stands to the writer; a pronoun may stand for anyone but the writer."""

    SELF = "self"
    CHILD = "child"
    PEER = "peer"
    ADULT = "adult"
    PRONOUN = "pronoun"
    OTHER = "other"


_NAMED_BEHIND = frozenset({Person.CHILD, Person.PEER, Person.ADULT, Person.OTHER})
_SUBJECTS: dict[Speaker | None, frozenset[Person | None]] = {
    None: frozenset({None, Person.SELF}),
    Speaker.SELF: frozenset({None, Person.SELF}),
    Speaker.CAREGIVER: frozenset({None, Person.CHILD, Person.PRONOUN}),
    Speaker.PEER: frozenset({None, Person.PEER, Person.PRONOUN}),
}


def load_persons(folder: Path = CONTENT_PATH) -> dict[Person, tuple[Pattern, ...]]:
    """The words for persons; raises ``ContentError`` when the file breaks its schema."""
    fields, words = read_content("persons", folder)
    persons = {person: fields.patterns(person.value, words) for person in Person}
    fields.finish()
    return persons


def subjects(speaker: Speaker | None, *, self_too: bool) -> frozenset[Person | None]:
    """Whom a contact is about, ``None`` for somebody who is not named; ``self_too`` adds the writer."""
    return _SUBJECTS[speaker] | ({Person.SELF} if self_too else frozenset())


@dataclass(frozen=True, slots=True)
class Mention:
    """A person named at ``start:end`` of the compact text."""

    start: int
    end: int
    person: Person


class People:
    """The persons named in a text; where two readings overlap, the first and then the longer one holds."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self._mentions: list[Mention] = []
        end = 0
        for each in sorted(mentions, key=lambda each: (each.start, -each.end)):
            if each.start >= end:
                self._mentions.append(each)
                end = each.end
        self._starts = [each.start for each in self._mentions]

    def owner(self, text: str, span: Span, *, floor: int, passing_over_adults: bool = False) -> Person | None:
        """Of whom a span speaks: the person around it, right behind it (十四岁的弟弟), or last named before.

        Persons before ``floor`` do not count; grown-ups are passed over for what they cannot be (初三).
        """
        at = bisect_right(self._starts, span[0]) - 1
        if at >= 0 and self._mentions[at].end > span[0]:
            return self._mentions[at].person
        if at + 1 < len(self._mentions):
            behind = self._mentions[at + 1]
            if behind.person in _NAMED_BEHIND and text[span[1] : behind.start] in ("", "的", "嘅"):
                return behind.person
        while at >= 0 and self._mentions[at].start >= floor:
            if not (passing_over_adults and self._mentions[at].person is Person.ADULT):
                return self._mentions[at].person
            at -= 1
        return None
