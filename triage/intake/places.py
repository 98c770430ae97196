"""Find the division a writer names as where they are; ordinary words of the same form are left alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.intake.divisions import Evidence, Grade, PlaceName, load_divisions, parse_other_places
from triage.intake.rules import CONTENT_PATH, read_content
from triage.signals.compact import MARKS, CompactText
from triage.signals.context import Places
from triage.signals.pattern import Pattern

Span = tuple[int, int]
_TAILS = frozenset("区县市省镇")
_NO_TAIL_BEFORE = frozenset("别分域场民面值长")
_JOINTS = ("", "的", ",", "省", "市")
_LONGEST_WORD = 6
_LEVELS = 3
"""Names in one place at most: province, city, district."""


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """All names of places, and the words that make one of them a place where somebody is, or unmake it."""

    names: tuple[PlaceName, ...]
    unless: tuple[Pattern, ...]
    located: tuple[str, ...]
    goes_on: tuple[str, ...]
    never_before: tuple[str, ...]
    never_after: tuple[str, ...]


def load_places(folder: Path = CONTENT_PATH) -> PlaceWords:
    """Read the names and the words around them; raises ``ContentError`` for what breaks its schema."""
    fields, words = read_content("place", folder)
    divisions = load_divisions(folder)
    others = parse_other_places(fields, {each.code: each for each in divisions})
    loaded = PlaceWords(
        (*divisions, *others),
        fields.patterns("unless", words),
        fields.texts("located"),
        fields.texts("goes_on"),
        fields.texts("never_before"),
        fields.texts("never_after"),
    )
    fields.finish()
    return loaded


@dataclass(frozen=True, slots=True)
class _Named:
    """A name at ``start:end`` of the compact text; ``full`` where a 区, 县 or 市 is written behind it."""

    start: int
    end: int
    name: PlaceName
    full: bool


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place with all that stands beside it (广州市天河区); ``located`` where it is said to be theirs."""

    span: Span
    code: str
    grade: Grade
    located: bool

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The order of what to believe: said to be the writer's, inside the province, exact, early."""
        return (not self.located, -self.grade, self.span[0])


class PlaceFinder:
    """Finds places in a text. Built once, then used from any thread: it keeps no state."""

    def __init__(self, words: PlaceWords) -> None:
        self._words = words
        self._names = {each.short: each for each in words.names}
        longest_first = sorted(self._names, key=lambda short: (-len(short), short))
        self._any_name = re.compile("|".join(map(re.escape, longest_first)))

    def find(self, compact: CompactText, spoilt: Places) -> list[FoundPlace]:
        """The places that stand as such, the likeliest first; ``spoilt`` words only look like one."""
        spans = [hit.span() for hit in self._any_name.finditer(compact.text)]
        if not spans:
            return []
        found = []
        for chain in _chains(compact.text, self._standing(compact.text, spans, spoilt)):
            place = self._place(compact, chain)
            if place is not None:
                found.append(place)
        return sorted(found, key=lambda each: each.rank)

    def _standing(self, text: str, spans: Sequence[Span], spoilt: Places) -> list[_Named]:
        """The names that are no part of another word, each with its 区, 县 or 市."""
        kept: list[_Named] = []
        for start, end in spans:
            if (not kept or start >= kept[-1].end) and not spoilt.touch((start, end)):
                name = self._names[text[start:end]]
                longest = _end_of_name(text, start, end, name)
                kept.append(_Named(start, longest, name, longest > end))
        return kept

    def _place(self, compact: CompactText, chain: Sequence[_Named]) -> FoundPlace | None:
        text = compact.text
        begin, last = chain[0].start, chain[-1]
        before = text[max(0, begin - _LONGEST_WORD) : begin]
        if before.endswith(self._words.never_before) or text.startswith(self._words.never_after, last.end):
            return None
        opens, closes = begin in compact.clause_edges, _ends(compact, last.end)
        said = before.endswith(self._words.located)
        located = said or (opens and closes)
        if chain[0].name.grade is Grade.OUTSIDE and not located:
            return None
        goes_on = closes or text.startswith(self._words.goes_on, last.end)
        good: list[_Named] = []
        for each in chain:
            beside = any(
                each.name.lies_in(other.name) for other in good if other.name.grade < each.name.grade
            )
            if beside or _suffices(each, marked=each.full or (said and goes_on)):
                good.append(each)
        if not good:
            return None
        exact = max(good, key=lambda each: each.name.grade)
        return FoundPlace((good[0].start, good[-1].end), exact.name.code, exact.name.grade, located)


def _suffices(named: _Named, *, marked: bool) -> bool:
    if named.name.needs is Evidence.NAME:
        return True
    return named.name.needs is Evidence.MARKER and marked


def _end_of_name(text: str, start: int, end: int, name: PlaceName) -> int:
    if text.startswith(name.name, start):
        end = start + len(name.name)
    elif text[end : end + 1] in _TAILS:
        end += 1
    whole = end - start > len(name.short)
    return end - 1 if whole and text[end : end + 1] in _NO_TAIL_BEFORE and text[end - 1] in _TAILS else end


def _ends(compact: CompactText, end: int) -> bool:
    return end in compact.clause_edges or compact.text[end : end + 1] in MARKS


def _chains(text: str, names: Sequence[_Named]) -> list[list[_Named]]:
    """Names side by side from the larger to the smaller place; what is elsewhere starts anew.

    A name right behind one outside the province lies there too (上海南山): it says nothing of ours.
    """
    chains: list[list[_Named]] = []
    for each in names:
        last = chains[-1][-1] if chains else None
        joined = last is not None and len(chains[-1]) < _LEVELS and text[last.end : each.start] in _JOINTS
        if last is None or not joined:
            chains.append([each])
        elif each.name.lies_in(last.name) or (last.name.grade is Grade.OUTSIDE and last.end == each.start):
            chains[-1].append(each)
        else:
            chains.append([each])
    return [_without_ours_outside(chain) for chain in chains]


def _without_ours_outside(chain: list[_Named]) -> list[_Named]:
    if chain[0].name.grade is Grade.OUTSIDE:
        return [each for each in chain if each.name.grade is Grade.OUTSIDE]
    return chain
