"""A small pattern language for danger phrases; every pattern is found in linear time.

A pattern is plain text with four additions: ``(a|b)`` alternatives, ``<name>`` a word list of the
lexicon, ``?`` after a character, a group or a list makes it optional, and ``~4`` stands for up to
four characters of the same clause. There is no way to write an unbounded repeat, so a pattern has
a longest match; it is tried only around a piece of text that it cannot do without (its anchor).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Generic, TypeVar

from triage.normalize import normalize_text
from triage.signals.compact import MARKS, CompactText, compact_text

MAX_GAP = 12
MAX_GAP_CHOICES = 600
"""The ways in which the gaps of one pattern may be filled, at most: it bounds the work per place."""
MAX_PATTERN_LENGTH = 80
_ANCHOR_SIZE = 4
_FREQUENT = frozenset("的我了是不在他她有人要就都也上下到说一这那你们去来会好没自己被个得过")
_GAP = "[^" + re.escape("".join(sorted(MARKS))) + "]"
_TOKEN = re.compile(r"\((?P<group>[^()]*)\)|<(?P<name>[a-z_]+)>|~(?P<gap>\d{1,2})|(?P<text>[^()<>~|?])")

_NOT_IN_THE_LANGUAGE = frozenset(".*+^$[]{}\\")

WordList = tuple[tuple[str, ...], ...]
"""A word list: one tuple of alternatives per place (a list of words has one place)."""

Key = TypeVar("Key")


class PatternError(ValueError):
    """A pattern breaks the rules of the pattern language."""


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a pattern: its alternatives, or a gap of up to ``gap`` characters."""

    options: tuple[str, ...] = ()
    optional: bool = False
    gap: int = 0

    @property
    def longest(self) -> int:
        """The most characters that this part can take."""
        return self.gap or max(map(len, self.options))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: found around one of its ``anchors``, at most ``before``/``after`` away."""

    source: str
    regex: re.Pattern[str]
    anchors: frozenset[str]
    before: int
    after: int


def _fold(text: str) -> str:
    """Text of a pattern as it looks in the compact view."""
    return compact_text(normalize_text(text)).text


def _options(group: str, words: Mapping[str, WordList]) -> tuple[str, ...]:
    found: list[str] = []
    for option in group.split("|"):
        if option.startswith("<") and option.endswith(">"):
            found.extend(_lookup(option[1:-1], words, places=1)[0])
        else:
            found.append(_fold(option))
    if not all(found):
        raise PatternError("an alternative is empty; write (a|b)? to make a group optional")
    return tuple(dict.fromkeys(found))


def _lookup(name: str, words: Mapping[str, WordList], *, places: int = 0) -> WordList:
    if name not in words:
        raise PatternError(f"unknown word list <{name}>")
    if places and len(words[name]) != places:
        raise PatternError(f"word list <{name}> cannot stand inside a group")
    return words[name]


def _parts(source: str, words: Mapping[str, WordList]) -> Iterator[Part]:
    if found := _NOT_IN_THE_LANGUAGE.intersection(source):
        raise PatternError(f"{sorted(found)[0]} means nothing here: patterns are no regular expressions")
    at = 0
    while at < len(source):
        token = _TOKEN.match(source, at)
        if token is None:
            raise PatternError(f"cannot read {source[at:]!r}")
        at = token.end()
        optional = source[at : at + 1] == "?"
        at += optional
        if token["gap"]:
            if optional or not 0 < int(token["gap"]) <= MAX_GAP:
                raise PatternError(f"a gap is ~1 to ~{MAX_GAP}, without ?")
            yield Part(gap=int(token["gap"]))
        elif token["name"]:
            for options in _lookup(token["name"], words):
                yield Part(options, optional)
        elif token["group"]:
            yield Part(_options(token["group"], words), optional)
        elif folded := _fold(token["text"] or ""):
            yield Part((folded,), optional)


def _regex(part: Part) -> str:
    if part.gap:
        return f"{_GAP}{{0,{part.gap}}}?"
    longest_first = sorted(part.options, key=lambda option: (-len(option), option))
    chars = "".join(re.escape(option) for option in longest_first if len(option) == 1)
    options = [re.escape(option) for option in longest_first if len(option) > 1]
    body = "|".join([*options, f"[{chars}]"] if chars else options)
    return f"(?:{body})" + ("?" if part.optional else "")


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Parts with neighbouring plain text joined, so that an anchor can be longer than a character."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if last and all(len(each.options) == 1 and not each.optional for each in (last, part)):
            joined[-1] = Part((last.options[0] + part.options[0],))
        else:
            joined.append(part)
    return joined


def _burden(part: Part) -> float:
    """About how often a text holds one of the part's options: the rarest part is the best anchor."""
    return sum(
        prod(0.02 if char in _FREQUENT else 0.001 for char in option[:_ANCHOR_SIZE])
        for option in part.options
    )


def compile_pattern(source: str, words: Mapping[str, WordList] | None = None) -> Pattern:
    """Compile one pattern.

    Raises ``PatternError`` for a pattern that cannot be read, has no text that it must contain,
    a gap at an end or beside a gap, gaps that are too wide together, or a longest match above
    80 characters.
    """
    parts = _joined(list(_parts(source, words or {})))
    fixed = [at for at, part in enumerate(parts) if not part.gap and not part.optional]
    if not fixed:
        raise PatternError("a pattern needs text that it cannot do without")
    gaps = [at for at, part in enumerate(parts) if part.gap]
    if prod(parts[at].gap + 1 for at in gaps) > MAX_GAP_CHOICES:
        raise PatternError("the gaps are too many or too wide")
    if any(right - left == 1 for left, right in pairwise(gaps)):
        raise PatternError("two gaps stand side by side")
    if parts[0].gap or parts[-1].gap:
        raise PatternError("a gap must stand between two pieces of text")
    if sum(part.longest for part in parts) > MAX_PATTERN_LENGTH:
        raise PatternError(f"a match could be longer than {MAX_PATTERN_LENGTH} characters")
    best = min(fixed, key=lambda at: _burden(parts[at]))
    return Pattern(
        source,
        re.compile("".join(map(_regex, parts))),
        frozenset(option[:_ANCHOR_SIZE] for option in parts[best].options),
        sum(part.longest for part in parts[:best]),
        sum(part.longest for part in parts[best:]),
    )


@dataclass(frozen=True, slots=True)
class Match(Generic[Key]):
    """Where a pattern was found: offsets into the compact text."""

    key: Key
    start: int
    end: int


class Matcher(Generic[Key]):
    """Finds many patterns at once: one pass for their anchors, then each pattern near its anchors."""

    def __init__(self, patterns: Sequence[tuple[Key, Pattern]]) -> None:
        self._patterns = tuple(patterns)
        self._anchors: dict[str, dict[int, dict[str, list[int]]]] = {}
        for number, (_, pattern) in enumerate(self._patterns):
            for anchor in pattern.anchors:
                sizes = self._anchors.setdefault(anchor[0], {})
                sizes.setdefault(len(anchor), {}).setdefault(anchor, []).append(number)

    def find(self, compact: CompactText) -> list[Match[Key]]:
        """All matches that do not cut a Latin word or a number in two, by start, then by end."""
        places: dict[int, list[int]] = {}
        text, anchors = compact.text, self._anchors
        for at, char in enumerate(text):
            if char in anchors:
                for size, numbers in anchors[char].items():
                    for number in numbers.get(text[at : at + size], ()):
                        places.setdefault(number, []).append(at)
        found = [match for number, at in places.items() for match in self._near(compact, number, at)]
        return sorted(found, key=lambda match: (match.start, match.end))

    def _near(self, compact: CompactText, number: int, places: Sequence[int]) -> Iterator[Match[Key]]:
        key, pattern = self._patterns[number]
        for start, end in _windows(places, before=pattern.before, after=pattern.after):
            for hit in pattern.regex.finditer(compact.text, start, end):
                if not compact.splits_word(hit.start(), hit.end()):
                    yield Match(key, hit.start(), hit.end())


def _windows(places: Sequence[int], *, before: int, after: int) -> Iterator[tuple[int, int]]:
    """The stretches around places, joined where they touch."""
    start = end = -1
    for at in sorted(places):
        left = max(0, at - before)
        if left > end >= 0:
            yield start, end
        if left > end:
            start = left
        end = at + after
    if end >= 0:
        yield start, end
