"""Tell written Cantonese (粤语) from Mandarin, so that an answer comes in the writer's own words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from triage.intake.rules import CONTENT_PATH
from triage.intake.slots import Dialect
from triage.normalize import NormalizedText, normalize_text
from triage.signals.fields import read_fields
from triage.signals.pattern import Pattern

STRONG, WEAK = 2, 1
"""Points of a word that only Cantonese writes, and of one that other speech writes too."""
ENOUGH = 2
_MANDARIN_PER_POINT = 2
_SHORT = 6
_CLEARED = "\0"


@dataclass(frozen=True, slots=True)
class _Markers:
    strong: re.Pattern[str]
    weak: re.Pattern[str]
    mandarin: re.Pattern[str]
    others: re.Pattern[str]
    traps: tuple[Pattern, ...]


def detect_dialect(text: NormalizedText) -> Dialect | None:
    """Cantonese, Mandarin, or nothing where the text is too short or neutral, or Hakka or Teochew."""
    markers = load_markers()
    words = text.text
    mandarin = len(markers.mandarin.findall(words))
    points = 0
    if markers.strong.search(words) or markers.weak.search(words):
        for trap in markers.traps:
            words = trap.regex.sub(_CLEARED, words)
        rest, strong = markers.strong.subn(_CLEARED, words)
        points = STRONG * strong + WEAK * len(set(markers.weak.findall(rest)))
    if points >= ENOUGH and points * _MANDARIN_PER_POINT >= mandarin:
        return None if markers.others.search(text.text) else Dialect.CANTONESE
    if mandarin >= ENOUGH or (mandarin and len(words) >= _SHORT):
        return Dialect.MANDARIN
    return None


@cache
def load_markers(folder: Path = CONTENT_PATH) -> _Markers:
    """The words that tell the two apart; raises ``ContentError`` when the file breaks its schema."""
    fields = read_fields(folder / "dialect.yaml")
    fields.text("version")
    markers = _Markers(
        strong=_any_of(fields.texts("strong")),
        weak=_any_of(fields.texts("weak")),
        mandarin=_any_of(fields.texts("mandarin")),
        others=_any_of(fields.texts("others")),
        traps=fields.patterns("traps", {}),
    )
    fields.finish()
    return markers


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    folded = {normalize_text(word).text for word in words}
    longest_first = sorted(folded, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)))
