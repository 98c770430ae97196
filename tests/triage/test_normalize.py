import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.normalize import MAX_REPEATS, normalize_text

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=80)
"""Any str at all: lone surrogates, NUL, private use and unassigned code points included."""


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalize_text(text).text
    assert normalize_text(once).text == once


@given(ANY_TEXT)
def test_every_character_knows_the_original_behind_it(text: str) -> None:
    normalized = normalize_text(text)
    assert normalized.original == text
    assert len(normalized.starts) == len(normalized.ends) == len(normalized.text)
    for char, start, end in zip(normalized.text, normalized.starts, normalized.ends, strict=True):
        assert 0 <= start < end <= len(text)
        assert char in normalize_text(text[start:end]).text or char == " "


@given(ANY_TEXT)
def test_offsets_never_go_back(text: str) -> None:
    normalized = normalize_text(text)
    assert list(normalized.starts) == sorted(normalized.starts)
    assert list(normalized.ends) == sorted(normalized.ends)


@given(ANY_TEXT, st.data())
def test_a_span_is_a_slice_of_the_original(text: str, data: st.DataObject) -> None:
    normalized = normalize_text(text)
    start = data.draw(st.integers(0, len(normalized.text)))
    end = data.draw(st.integers(0, len(normalized.text)))
    left, right = normalized.original_span(start, end)
    assert 0 <= left <= right <= len(text)
    assert (left == right) == (start >= end)


@given(ANY_TEXT)
def test_blanks_are_single_and_inside(text: str) -> None:
    normalized = normalize_text(text).text
    assert "  " not in normalized
    assert normalized == normalized.strip(" ")


def test_every_code_point_folds_to_what_stays_as_it_is() -> None:
    unstable = []
    for code in range(sys.maxunicode + 1):
        once = normalize_text(chr(code)).text
        if normalize_text(once).text != once:
            unstable.append(hex(code))
    assert unstable == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("我想歇一歇", "我想歇一歇", id="plain"),
        pytest.param("學校裡嘅事", "学校里嘅事", id="traditional"),
        pytest.param("唔佢嘅冇瞓攰鎅", "唔佢嘅冇瞓攰鎅", id="cantonese characters stay"),
        pytest.param("薴", "苎", id="simplified in two steps"),
        pytest.param("ｈｅｌｌｏ　Ｗ", "hello w", id="full width"),
        pytest.param("𝓱𝓲 ① ⾃", "hi 1 自", id="compatibility forms"),
        pytest.param("想\u200b歇\u2060一\ufeff歇", "想歇一歇", id="zero width"),
        pytest.param("h\u0336i\u0336", "hi", id="combining strokes"),
        pytest.param("a" + "\u0301\u0322\u0333" * 50 + "b", "ab", id="zalgo"),
        pytest.param("\u202e反\u202c", "反", id="bidi controls"),
        pytest.param("a\x00b", "ab", id="NUL"),
        pytest.param("a\ud83db", "ab", id="lone surrogate"),
        pytest.param("𠝹手", "𠝹手", id="beyond the BMP"),
        pytest.param("👩‍👧 好", "👩👧 好", id="joined emoji"),
        pytest.param("哈哈哈哈哈哈哈。。。。。。", "哈哈哈哈。。。。", id="long repeats"),
        pytest.param("  一\n\n\t二  ", "一 二", id="blanks"),
        pytest.param("", "", id="empty"),
        pytest.param("\u200b\x00", "", id="nothing visible"),
    ],
)
def test_folding(text: str, expected: str) -> None:
    assert normalize_text(text).text == expected


def test_a_span_covers_what_was_dropped_inside_it() -> None:
    text = "😀 想\u0336\u200b歇\u0336了"
    normalized = normalize_text(text)
    start = normalized.text.index("想歇")
    left, right = normalized.original_span(start, start + 2)
    assert text[left:right] == "想\u0336\u200b歇"


def test_a_long_repeat_is_quoted_whole() -> None:
    text = "好" + "累" * 30 + "啊"
    normalized = normalize_text(text)
    assert normalized.text == "好" + "累" * MAX_REPEATS + "啊"
    left, right = normalized.original_span(1, 1 + MAX_REPEATS)
    assert text[left:right] == "累" * 30


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("wǒ xiǎng zìshā", "wo xiang zisha"),
        ("lǜ", "lu"),
        (unicodedata.normalize("NFD", "ǹ"), "n"),
        ("À", "a"),
    ],
)
def test_pinyin_with_tones_is_pinyin(text: str, plain: str) -> None:
    assert normalize_text(text).text == plain


@pytest.mark.parametrize(("sign", "letters"), [("㎎", "mg"), ("Ⅲ", "iii"), ("ﬁ", "fi"), ("№", "no")])
def test_a_sign_of_several_letters_keeps_them_all(sign: str, letters: str) -> None:
    assert normalize_text(sign).text == letters


@pytest.mark.parametrize("text", ["が", "한", "ї"])
def test_composed_letters_of_other_scripts_are_kept(text: str) -> None:
    assert normalize_text(text).text == text
