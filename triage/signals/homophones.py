"""Characters that sound alike: the commonest way to write a word past a filter (自沙 for 自杀).

Readings come from pypinyin, the first reading of a character only, without tones. A sound is never
more than a candidate: 紫砂 is a teapot.
"""

import unicodedata
from functools import cache

from pypinyin.constants import PINYIN_DICT

_DIGIT_LETTERS = {"i": "1", "o": "0", "e": "3", "a": "4"}


def _toneless(reading: str) -> str:
    """A reading in plain letters: zǐ -> zi, lǚ -> lv."""
    marks = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(char for char in marks if char.isascii())


@cache
def _common_characters() -> dict[str, tuple[str, ...]]:
    """Simplified characters in daily use (GB 2312) by toneless reading."""
    by_reading: dict[str, list[str]] = {}
    for code, readings in PINYIN_DICT.items():
        char = chr(code)
        try:
            char.encode("gb2312")
        except UnicodeEncodeError:
            continue
        by_reading.setdefault(_toneless(readings.split(",")[0]), []).append(char)
    return {reading: tuple(chars) for reading, chars in by_reading.items()}


def sound_alikes(syllable: str) -> tuple[str, ...]:
    """All ways to write a syllable: its characters, its letters, its letters with a digit (z1).

    Empty when no common character has that reading.
    """
    chars = _common_characters().get(syllable, ())
    if not chars:
        return ()
    spelt = [syllable.replace(letter, digit) for letter, digit in _DIGIT_LETTERS.items()]
    return tuple(dict.fromkeys([*chars, syllable, *spelt]))
