"""Write a sentence as young people disguise or mistype it, so that the network learns it is the same.

Every kind is applied to harmless and dangerous texts alike; a disguise by itself must mean nothing.
Width, traditional script and invisible characters are left to ``triage.normalize``.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache

from pypinyin import lazy_pinyin

SEPARATORS = (" ", ".", "·", "-", "*", "。", "/")
EMOJI = ("😭", "😂", "🙃", "😔", "🥺", "😅", "💔", "🙏", "😊", "😮‍💨")


@cache
def _homophones() -> dict[str, tuple[str, ...]]:
    """Common characters (GB 2312 level 1) by toneless pinyin."""
    by_sound: dict[str, list[str]] = defaultdict(list)
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            try:
                char = bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            by_sound[lazy_pinyin(char)[0]].append(char)
    return {char: tuple(same) for same in by_sound.values() for char in same if len(same) > 1}


def _is_han(char: str) -> bool:
    return "一" <= char <= "\u9fff"


def _change_han(text: str, rng: random.Random, share: float, change: Callable[[str], str]) -> str:
    return "".join(change(char) if _is_han(char) and rng.random() < share else char for char in text)


def swap_homophones(text: str, rng: random.Random) -> str:
    """Some characters replaced by others of the same sound (谐音)."""
    table = _homophones()
    return _change_han(text, rng, 0.12, lambda char: rng.choice(table.get(char, (char,))))


def write_pinyin(text: str, rng: random.Random) -> str:
    """Some characters written in pinyin (拼音)."""
    return _change_han(text, rng, 0.1, lambda char: lazy_pinyin(char)[0])


def insert_separators(text: str, rng: random.Random) -> str:
    """A separator between all characters of a short stretch (隔断)."""
    if len(text) < 4:
        return rng.choice(SEPARATORS).join(text)
    start = rng.randrange(len(text) - 3)
    end = min(len(text), start + rng.randint(3, 10))
    return text[:start] + rng.choice(SEPARATORS).join(text[start:end]) + text[end:]


def drop_punctuation(text: str, rng: random.Random) -> str:
    """All punctuation dropped, as voice input leaves it, or replaced by blanks."""
    filler = rng.choice(("", " "))
    return "".join(filler if not char.isalnum() and char != " " else char for char in text)


def drop_characters(text: str, rng: random.Random) -> str:
    """A few characters missing or doubled."""
    return "".join(char * rng.choice((0, 2)) if rng.random() < 0.05 else char for char in text)


def add_emoji(text: str, rng: random.Random) -> str:
    """Emoji at the end, or one in the middle."""
    emoji = rng.choice(EMOJI) * rng.randint(1, 3)
    at = rng.choice((len(text), rng.randrange(len(text) + 1)))
    return text[:at] + emoji + text[at:]


KINDS: tuple[Callable[[str, random.Random], str], ...] = (
    swap_homophones,
    write_pinyin,
    insert_separators,
    drop_punctuation,
    drop_characters,
    add_emoji,
)


def perturb(text: str, rng: random.Random) -> str:
    """The text in one disguise, drawn at random; never empty."""
    return rng.choice(KINDS)(text, rng) or text


def surround(text: str, chatter: Sequence[str], rng: random.Random) -> str:
    """The text among one to four harmless sentences, as a sign stands in the middle of a letter."""
    before = rng.sample(chatter, rng.randint(0, 2))
    after = rng.sample(chatter, rng.randint(0 if before else 1, 2))
    return rng.choice(("。", "，", " ", "\n")).join([*before, text, *after])
