import re

import pytest

from triage.normalize import normalize_text
from triage.signals.compact import compact_text
from triage.signals.lexicon import Lexicon
from triage.signals.pattern import (
    MAX_PATTERN_LENGTH,
    Matcher,
    Pattern,
    PatternError,
    compile_pattern,
)

WORDS = {"pet": (("猫", "狗", "金鱼"),), "sound": (("自", "子", "zi"), ("习", "西", "xi"))}


def found(source: str, text: str) -> list[str]:
    view = compact_text(normalize_text(text))
    matches = Matcher([("key", compile_pattern(source, WORDS))]).find(view)
    return [view.text[match.start : match.end] for match in matches]


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        pytest.param("养猫", "我养猫。他养猫", ["养猫", "养猫"], id="plain text"),
        pytest.param("养(大|小)猫", "养大猫养小猫养猫", ["养大猫", "养小猫"], id="alternatives"),
        pytest.param("养(大|小)?猫", "养大猫养猫", ["养大猫", "养猫"], id="optional group"),
        pytest.param("养了?猫", "养了猫养猫", ["养了猫", "养猫"], id="optional character"),
        pytest.param("养<pet>", "养金鱼养狗养鸟", ["养金鱼", "养狗"], id="word list"),
        pytest.param("养(<pet>|鸟)", "养鸟养狗", ["养鸟", "养狗"], id="word list in a group"),
        pytest.param("<sound>", "自xi 子习 zi西", ["自xi", "子习", "zi西"], id="by sound"),
        pytest.param("养~3猫", "养一只猫养很多很多猫", ["养一只猫"], id="gap"),
        pytest.param("养~3猫", "养了，猫", [], id="a gap ends with the clause"),
        pytest.param("養貓", "养猫", ["养猫"], id="traditional pattern"),
        pytest.param("have a cat", "I have a cat", ["haveacat"], id="English"),
        pytest.param("cat", "concat cats cat", ["cat"], id="whole English words"),
        pytest.param("养,猫", "养，猫", ["养,猫"], id="a comma"),
    ],
)
def test_matching(source: str, text: str, expected: list[str]) -> None:
    assert found(source, text) == expected


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        pytest.param("养.*猫", "no regular expressions", id="regular expression"),
        pytest.param("养[大小]猫", "no regular expressions", id="character class"),
        pytest.param("(养|猫", "cannot read", id="open group"),
        pytest.param("(养(大|小)|猫)", "cannot read", id="group in a group"),
        pytest.param("(养|)", "empty", id="empty alternative"),
        pytest.param("<bird>", "unknown word list", id="unknown list"),
        pytest.param("养(<sound>|猫)", "inside a group", id="sound list in a group"),
        pytest.param("养?", "cannot do without", id="all optional"),
        pytest.param("养~3", "between two pieces", id="gap at the end"),
        pytest.param("~3养", "between two pieces", id="gap at the start"),
        pytest.param("养~0猫", "a gap is", id="gap of nothing"),
        pytest.param("养~40猫", "a gap is", id="gap too wide"),
        pytest.param("养~12大~12小~12猫", "too many or too wide", id="gaps too wide together"),
        pytest.param("养~2~2猫", "side by side", id="gaps side by side"),
        pytest.param("养" * 100, "longer than", id="too long"),
    ],
)
def test_bad_patterns_are_refused(source: str, problem: str) -> None:
    with pytest.raises(PatternError, match=problem):
        compile_pattern(source, WORDS)


def shipped_patterns(lexicon: Lexicon) -> list[Pattern]:
    context = lexicon.context
    return [
        *(pattern for entry in lexicon.entries for pattern in (*entry.patterns, *entry.unless)),
        *(pattern for marker in lexicon.markers for pattern in (*marker.patterns, *marker.unless)),
        *(pattern for rule in context.rules for group in rule.patterns.values() for pattern in group),
        *context.terminators,
        *context.self_words,
        *context.other_words,
    ]


def test_no_shipped_pattern_has_an_unbounded_repeat(lexicon: Lexicon) -> None:
    unbounded = re.compile(r"(?<!\\)[*+]|\{\d*,\}")
    for pattern in shipped_patterns(lexicon):
        assert not unbounded.search(pattern.regex.pattern), pattern.source
        assert pattern.before + pattern.after <= MAX_PATTERN_LENGTH, pattern.source


def test_no_shipped_pattern_is_slow_on_hostile_text(lexicon: Lexicon) -> None:
    """Each pattern meets its own beginnings, repeated; a super-linear one would hit the test's time-out."""
    for pattern in shipped_patterns(lexicon):
        for anchor in sorted(pattern.anchors)[:3]:
            head = re.sub(r"\(\?:|\)|\[|\]|\?|\||\\|\{.*?\}|\^|。", "", pattern.regex.pattern)[:12]
            for hostile in (anchor * 300, (head + anchor) * 60, anchor + "我" * 2000 + anchor):
                sum(1 for _ in pattern.regex.finditer(hostile))
