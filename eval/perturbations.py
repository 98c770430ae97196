"""Ways in which the same thing is written otherwise; a good system answers all alike (变形测试).

Each kind keeps the meaning and is repeatable for a text and a seed. They are written apart from those of
training (``models/perturb.py``). Homophones come from the service's own table of sounds.
"""

import random
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

from triage.message import Role, Turn
from triage.signals.homophones import sound_alikes

Rewrite = Callable[[str, random.Random], str]

_HAN = re.compile("[\u4e00-\u9fff]")
_HAN_RUN = re.compile("[\u4e00-\u9fff]{2,}")
_CLAUSE = re.compile(
    "(?:^[，。！？、；,.!?;~～…\\s]+)?[^，。！？、；,.!?;~～…\\s]+[，。！？、；,.!?;~～…\\s]*"
)
_MARKS = re.compile("[，。！？、；：,.!?;:~～…“”\"'\\s]+")
_SEPARATORS = ("、", "_", "+", "|", "~", "^", "，")
_INVISIBLE = ("\u200b", "\u200d", "\ufeff", "\u2060")
_EMOJI = ("🌧", "🌙", "🍂", "😶", "🙂", "😞", "✨", "🤍")
_FILLERS = ("嗯", "那个", "就是", "然后", "呃")
_BEFORE = (
    "在吗",
    "你好，想问一下",
    "打扰了",
    "第一次来这里，不知道怎么说",
    "今天下雨了，刚到宿舍。",
    "老师好",
)
_AFTER = (
    "，就这样吧",
    "。不好意思打了这么多字",
    "，刚吃完饭",
    "。等下要去上晚自习",
    "，谢谢你看完",
    "。先去洗个澡",
)
_CANTONESE = (
    ("不知道", "唔知"), ("为什么", "點解"), ("没有", "冇"), ("不是", "唔係"),
    ("不要", "唔好"), ("不想", "唔想"), ("他们", "佢哋"), ("我们", "我哋"), ("你们", "你哋"),
    ("什么", "咩"), ("怎么", "點樣"), ("现在", "而家"), ("今天", "今日"), ("明天", "聽日"),
    ("昨天", "尋日"), ("晚上", "夜晚"), ("喜欢", "鍾意"), ("回家", "返屋企"),
    ("家里", "屋企"), ("睡觉", "瞓覺"), ("上学", "返學"), ("没人", "冇人"), ("这样", "咁樣"),
    ("这里", "呢度"), ("那里", "嗰度"), ("东西", "嘢"), ("觉得", "覺得"), ("在", "喺"),
    ("不", "唔"), ("是", "係"), ("的", "嘅"), ("他", "佢"), ("她", "佢"), ("了", "咗"),
    ("这", "呢"), ("那", "嗰"), ("给", "畀"), ("看", "睇"),
)  # fmt: skip
"""Longest first, so that no word is taken apart."""


def _pick(text: str, rng: random.Random, *, share: float) -> frozenset[int]:
    """Positions of Han characters to change: a share of them, and at least one if there is any."""
    places = [match.start() for match in _HAN.finditer(text)]
    return frozenset(rng.sample(places, min(len(places), max(1, round(share * len(places))))))


def _change(text: str, rng: random.Random, *, share: float, change: Callable[[str], str]) -> str:
    chosen = _pick(text, rng, share=share)
    return "".join(change(char) if at in chosen else char for at, char in enumerate(text))


def write_homophones(text: str, rng: random.Random) -> str:
    """One character in eight as another of the same sound (谐音)."""

    def swap(char: str) -> str:
        alike = [other for other in sound_alikes(lazy_pinyin(char)[0]) if _HAN.match(other) and other != char]
        return rng.choice(alike) if alike else char

    return _change(text, rng, share=0.12, change=swap)


def write_pinyin(text: str, rng: random.Random) -> str:
    """One character in eight in pinyin (拼音)."""
    return _change(text, rng, share=0.12, change=lambda char: lazy_pinyin(char)[0])


def write_initials(text: str, rng: random.Random) -> str:
    """Two neighbouring characters by their initials (缩写, as in zs)."""
    runs = list(_HAN_RUN.finditer(text))
    if not runs:
        return text
    run = rng.choice(runs)
    start = rng.randrange(run.start(), run.end() - 1)
    letters = lazy_pinyin(text[start : start + 2], style=Style.FIRST_LETTER)
    return text[:start] + "".join(letters) + text[start + 2 :]


def insert_separators(text: str, rng: random.Random) -> str:
    """A sign between the characters of a third of the text (隔断)."""
    if len(text) < 2:
        return text
    length = max(2, len(text) // 3)
    start = rng.randrange(len(text) - length + 1)
    stretch = rng.choice(_SEPARATORS).join(text[start : start + length])
    return text[:start] + stretch + text[start + length :]


def insert_invisible(text: str, rng: random.Random) -> str:
    """Invisible characters between all others (零宽)."""
    return "".join(char + rng.choice(_INVISIBLE) for char in text)


@cache
def _converter(scheme: str) -> OpenCC:
    return OpenCC(scheme)


def write_traditional(text: str, _rng: random.Random) -> str:
    """Traditional script as written in Hong Kong (繁体)."""
    return str(_converter("s2hk").convert(text))


def word_as_cantonese(text: str, _rng: random.Random) -> str:
    """Everyday words as written in Cantonese (粤语用词)."""
    for mandarin, cantonese in _CANTONESE:
        text = text.replace(mandarin, cantonese)
    return text


def add_emoji(text: str, rng: random.Random) -> str:
    """Emoji after some clauses and at the end (表情)."""
    clauses = _CLAUSE.findall(text) or [text]
    return "".join(clause + (rng.choice(_EMOJI) if rng.random() < 0.5 else "") for clause in clauses) + "🙂"


def mistype(text: str, rng: random.Random) -> str:
    """One character in fifteen missing, doubled, or changed with its neighbour (错字)."""
    chosen = _pick(text, rng, share=1 / 15)
    written: list[str] = []
    for at, char in enumerate(text):
        if at not in chosen:
            written.append(char)
            continue
        slip = rng.randrange(3)
        if slip == 1:
            written.append(char * 2)
        elif slip == 2:
            written.insert(max(0, len(written) - 1), char)
    return "".join(written) or text


def speak_run_on(text: str, rng: random.Random) -> str:
    """As voice input writes it: no marks, and a filler here and there (语音连写)."""
    parts = [part for part in _MARKS.split(text) if part]
    return "".join(rng.choice(_FILLERS) * (rng.random() < 0.3) + part for part in parts) or text


def chat_before(text: str, rng: random.Random) -> str:
    """After a few words of greeting (前缀)."""
    return f"{rng.choice(_BEFORE)} {text}"


def chat_after(text: str, rng: random.Random) -> str:
    """Before a few words about something else (后缀)."""
    return text + rng.choice(_AFTER)


def write_wide(text: str, _rng: random.Random) -> str:
    """Letters, digits and marks in full width (全角)."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text).replace(
        " ", "\u3000"
    )


REWRITES: Mapping[str, Rewrite] = {
    "homophone": write_homophones,
    "pinyin": write_pinyin,
    "initials": write_initials,
    "separators": insert_separators,
    "zero_width": insert_invisible,
    "traditional": write_traditional,
    "cantonese": word_as_cantonese,
    "emoji": add_emoji,
    "typos": mistype,
    "voice_run_on": speak_run_on,
    "prefix": chat_before,
    "suffix": chat_after,
    "full_width": write_wide,
}
SPLIT = "split_turns"
"""A single text sent as two or three messages."""
KINDS: tuple[str, ...] = (*REWRITES, SPLIT)


def rewrite_turns(turns: Sequence[Turn], *, kind: str, seed: int) -> tuple[Turn, ...]:
    """The turns with what the young person wrote rewritten; what the assistant said stays."""
    if kind == SPLIT:
        return tuple(part for turn in turns for part in _split_turn(turn))
    rewritten: list[Turn] = []
    for at, turn in enumerate(turns):
        rng = random.Random(zlib.crc32(f"{kind}:{seed}:{at}:{turn.text}".encode("utf-8", "surrogatepass")))
        text = REWRITES[kind](turn.text, rng) if turn.role is Role.YOUTH else turn.text
        rewritten.append(Turn(role=turn.role, text=text))
    return tuple(rewritten)


def _split_turn(turn: Turn) -> list[Turn]:
    clauses = _CLAUSE.findall(turn.text)
    if turn.role is not Role.YOUTH or len(clauses) < 2:
        return [turn]
    size = -(-len(clauses) // min(3, len(clauses)))
    parts = ["".join(clauses[at : at + size]) for at in range(0, len(clauses), size)]
    return [Turn(role=Role.YOUTH, text=part) for part in parts]
