"""Look for many phrases in one message, and read only those that somebody asks about.

One pass finds the anchors (see ``triage.signals.pattern``); a pattern without an anchor in the text is
never tried, and the others are tried when their key is asked for: a slot that is filled asks no further.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from triage.signals.compact import CompactText
from triage.signals.context import Places
from triage.signals.pattern import Pattern

Key = TypeVar("Key", bound=Hashable)
Span = tuple[int, int]


class Scanner(Generic[Key]):
    """Phrases by key. Built once, then used from any thread: it keeps no state."""

    def __init__(self, patterns: Mapping[Key, Sequence[Pattern]]) -> None:
        self._patterns: list[Pattern] = []
        self._numbers: dict[Key, range] = {}
        anchors: dict[str, list[int]] = {}
        for key, group in patterns.items():
            self._numbers[key] = range(len(self._patterns), len(self._patterns) + len(group))
            self._patterns += group
        for number, pattern in enumerate(self._patterns):
            for anchor in pattern.anchors:
                anchors.setdefault(anchor, []).append(number)
        self._anchors = {anchor: tuple(numbers) for anchor, numbers in anchors.items()}
        self._sizes = sorted({len(anchor) for anchor in anchors})

    def scan(self, compact: CompactText) -> "Scan[Key]":
        """The phrases of a text, to be asked for by key; linear in the length of the text."""
        text, anchors = compact.text, self._anchors
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for at in range(len(text)):
            for size in self._sizes:
                for number in anchors.get(text[at : at + size], ()):
                    if number not in first:
                        first[number] = at
                    last[number] = at
        return Scan(compact, self._patterns, self._numbers, first, last)


class Scan(Generic[Key]):
    """One text, with the first and the last place of an anchor of each pattern that may stand in it."""

    def __init__(
        self,
        compact: CompactText,
        patterns: Sequence[Pattern],
        numbers: Mapping[Key, range],
        first: Mapping[int, int],
        last: Mapping[int, int],
    ) -> None:
        self._compact = compact
        self._patterns = patterns
        self._numbers = numbers
        self._first = first
        self._last = last

    def spans(self, key: Key) -> list[Span]:
        """Where a key's phrases stand, the first and then the longest first; none cuts a word in two."""
        compact, found = self._compact, []
        for number in self._numbers[key]:
            if number in self._first:
                pattern = self._patterns[number]
                start = max(0, self._first[number] - pattern.before)
                end = self._last[number] + pattern.after
                found += [hit.span() for hit in pattern.regex.finditer(compact.text, start, end)]
        if not found:
            return []
        whole = [span for span in found if not compact.splits_word(*span)]
        return sorted(whole, key=lambda span: (span[0], -span[1]))

    def places(self, key: Key) -> Places:
        """The same spans, to be asked for by stretch of text."""
        return Places(self.spans(key))
