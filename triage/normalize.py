"""Normalise a message for reading by machine, and keep the way back to the original text.

The classifier and the lexicon both read normalised text; evidence is always quoted from the
original. Offsets are Unicode code points, so they hold under emoji and beyond the BMP.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache

from opencc import OpenCC

_BLANK = {" ", "\t", "\n", "\r", "\f", "\v", "\u0085", "\u2028", "\u2029"}
_LATIN = re.compile("[a-z]")
_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn", "Mn", "Me"}
_SIMPLIFY_STEPS = 3
MAX_REPEATS = 4
"""A run of one character is cut to this length: 哈哈哈哈哈哈 and 。。。。。。 say no more when longer."""


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """A normalised text with, for each of its characters, the original code points behind it.

    ``starts[i]:ends[i]`` is the slice of ``original`` that character ``i`` of ``text`` came from.
    """

    original: str = field(repr=False)
    text: str = field(repr=False)
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The slice of the original behind ``text[start:end]``; empty spans map to ``(0, 0)``."""
        if start >= end:
            return (0, 0)
        return self.starts[start], self.ends[end - 1]


def _simplify(char: str) -> str:
    """One character in simplified script; converted until stable (薴 goes by 苧 to 苎)."""
    for _ in range(_SIMPLIFY_STEPS):
        simple = _simplifier().convert(char)
        if len(simple) != 1 or simple == char:
            break
        char = simple
    return char


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=65536)
def _fold(char: str) -> str:
    """One character in compatibility form, simplified, unaccented and lower case; "" if invisible."""
    if char in _BLANK:
        return " "
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).lower())
    kept = []
    for part in map(_without_accents, folded):
        kind = unicodedata.category(part)
        if part in _BLANK or kind == "Zs":
            kept.append(" ")
        elif kind in _INVISIBLE:
            continue
        else:
            kept.append(_simplify(part))
    return "".join(kept)


def _without_accents(char: str) -> str:
    """A Latin letter without its marks, so that pinyin with tones is pinyin; anything else as it is."""
    apart = unicodedata.normalize("NFD", char)
    return apart[0] if len(apart) > 1 and _LATIN.match(apart) else char


def normalize_text(text: str) -> NormalizedText:
    """Fold width, script, accents, case and invisible characters; collapse blanks and long repeats.

    Idempotent on its own output. Total: any ``str`` is accepted, lone surrogates and NUL included.
    """
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for index, original in enumerate(text):
        for char in _fold(original):
            if char == " " and (not chars or chars[-1] == " "):
                continue
            if chars[-MAX_REPEATS:] == [char] * MAX_REPEATS:
                ends[-1] = index + 1
                continue
            chars.append(char)
            starts.append(index)
            ends.append(index + 1)
    if chars and chars[-1] == " ":
        del chars[-1], starts[-1], ends[-1]
    return NormalizedText(text, "".join(chars), tuple(starts), tuple(ends))
