"""Mask what is personal (个人信息) in a text, so that it may leave the service; rules only, no model.

Danger stays readable: a mask that would swallow a protected word is not made. What the rules cannot
see stays: a name that nothing announces, a number spread over several messages.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from triage.normalize import normalize_text
from triage.personal.names import known_name_rule, name_rules
from triage.personal.numbers import number_rules
from triage.personal.places import place_rules
from triage.personal.words import PersonalKind, Rule, hotline_numbers, shipped_words

_MASKED = "\ue000"
"""Stands for a mark in folded text: private use, so that folding never yields it from a text."""

MAX_PASSES = 16
"""Bounds the time for texts made to be slow; written ones settle in two passes, three at most."""
_GAPS = str.maketrans("", "", " -.·_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """A slice of the original text, in code points, that was replaced by its kind's mark."""

    kind: PersonalKind
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedText:
    """A text with marks in the place of what was personal, and where that stood in the original."""

    text: str = field(repr=False)
    masks: tuple[Mask, ...]

    @property
    def kinds(self) -> Mapping[PersonalKind, int]:
        """How often each kind was masked."""
        return MappingProxyType(Counter(mask.kind for mask in self.masks))


@dataclass(slots=True)
class _Folded:
    """A text as the rules compare it; character ``i`` came from ``original[starts[i]:ends[i]]``."""

    text: str = field(repr=False)
    starts: list[int]
    ends: list[int]

    def mask(self, start: int, end: int) -> tuple[int, int]:
        """Put one sentinel in place of a slice; gives the slice of the original behind it."""
        while start and self.starts[start - 1] == self.starts[start]:
            start -= 1
        while end < len(self.text) and self.starts[end] == self.starts[end - 1]:
            end += 1
        left, right = self.starts[start], self.ends[end - 1]
        self.text = self.text[:start] + _MASKED + self.text[end:]
        self.starts[start:end] = [left]
        self.ends[start:end] = [right]
        return left, right


def redact(text: str, *, keep: Iterable[str] | None = None) -> RedactedText:
    """One text with its personal information masked; redacting its output again changes nothing.

    Numbers in ``keep`` are left as they are; by default those of the shipped hotlines.
    """
    [redacted] = redact_transcript([text], keep=keep)
    return redacted


def redact_transcript(texts: Sequence[str], *, keep: Iterable[str] | None = None) -> list[RedactedText]:
    """Each text of a conversation redacted; a name found in one of them is masked in all."""
    kept = hotline_numbers() if keep is None else frozenset(keep)
    views = [_fold(text) for text in texts]
    masks = [_settle(view, kept) for view in views]
    names = {
        text[mask.start : mask.end]
        for text, found in zip(texts, masks, strict=True)
        for mask in found
        if mask.kind is PersonalKind.NAME
    }
    known = known_name_rule(_fold(name).text for name in names)
    if known is not None:
        for view, found in zip(views, masks, strict=True):
            found.extend(_apply(known, view, kept))
            found.extend(_settle(view, kept))
    return [_write(text, found) for text, found in zip(texts, masks, strict=True)]


def _settle(view: _Folded, keep: frozenset[str]) -> list[Mask]:
    """Apply all rules until none finds anything more: what a mask uncovers is looked at again."""
    masks: list[Mask] = []
    for _ in range(MAX_PASSES):
        found = [mask for rule in _rules() for mask in _apply(rule, view, keep)]
        masks += found
        if not found:
            break
    return masks


def _apply(rule: Rule, view: _Folded, keep: frozenset[str]) -> Iterator[Mask]:
    """The masks that a rule makes, from the last to the first; the view is changed on the way."""
    protected = shipped_words().protected
    for match in reversed(list(rule.pattern.finditer(view.text))):
        found = match["it"]
        if not found or not rule.accepts(match) or any(word in found for word in protected):
            continue
        if found.translate(_GAPS) in keep:
            continue
        left, right = view.mask(match.start("it"), match.end("it"))
        yield Mask(kind=rule.kind, start=left, end=right)


def _write(text: str, masks: Iterable[Mask]) -> RedactedText:
    ordered = tuple(sorted(masks, key=lambda mask: mask.start))
    marks = shipped_words().marks
    pieces: list[str] = []
    position = 0
    for mask in ordered:
        pieces += [text[position : mask.start], marks[mask.kind]]
        position = mask.end
    return RedactedText(text="".join([*pieces, text[position:]]), masks=ordered)


def _fold(text: str) -> _Folded:
    """Width, script and case folded and invisible characters left out, each character by itself."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for part in re.split(_mark_pattern(), text):
        marked = part in shipped_words().marks.values()
        for index, original in enumerate([part] if marked else part, start=position):
            folded = _MASKED if marked else " " if original.isspace() else _fold_character(original)
            chars += folded
            starts += [index] * len(folded)
            ends += [index + len(original)] * len(folded)
        position += len(part)
    return _Folded("".join(chars), starts, ends)


@lru_cache(maxsize=65536)
def _fold_character(char: str) -> str:
    return normalize_text(char).text


@lru_cache(maxsize=1)
def _mark_pattern() -> re.Pattern[str]:
    return re.compile("(" + "|".join(map(re.escape, shipped_words().marks.values())) + ")")


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    words = shipped_words()
    return (*number_rules(), *place_rules(words), *name_rules(words))
