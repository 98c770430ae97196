import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.normalize import normalize_text
from triage.signals.compact import CompactText, compact_text


def compact(text: str) -> CompactText:
    return compact_text(normalize_text(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("自·杀", "自杀", id="middle dot"),
        pytest.param("想/死 想|死 想_死", "想死想死想死", id="slash, bar, underscore"),
        pytest.param("自 杀", "自杀", id="blank"),
        pytest.param("「想」“死”", "想死", id="quotation marks"),
        pytest.param("我想，死心了", "我想,死心了", id="a comma stays"),
        pytest.param("我想。死心了！", "我想。死心了。", id="a full stop stays"),
        pytest.param("好吗？？！好", "好吗。好", id="signs in a row are one"),
        pytest.param("我想\n死心了", "我想。死心了", id="a new line is a full stop"),
        pytest.param("算了……走吧", "算了,走吧", id="an ellipsis is a comma"),
        pytest.param("我。想。死。", "我想死。", id="set apart by full stops"),
        pytest.param("我 😭 想 😭 死", "我想死", id="set apart by emoji"),
        pytest.param("", "", id="empty"),
    ],
)
def test_view(text: str, expected: str) -> None:
    assert compact(text).text == expected


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60), st.data())
def test_spans_are_slices_of_the_original(text: str, data: st.DataObject) -> None:
    view = compact(text)
    start = data.draw(st.integers(0, len(view.text)))
    end = data.draw(st.integers(start, len(view.text)))
    left, right = view.original_span(start, end)
    assert 0 <= left <= right <= len(text)
    assert (left == right) == (start == end)


@given(st.text(alphabet="我想死 ，。？\n·ab1😀", min_size=1, max_size=40), st.data())
def test_clauses_lie_inside_sentences(text: str, data: st.DataObject) -> None:
    view = compact(text)
    at = data.draw(st.integers(0, max(0, len(view.text) - 1)))
    if not view.text:
        return
    clause, sentence = view.clause(at, at + 1), view.sentence(at, at + 1)
    assert sentence[0] <= clause[0] <= at < clause[1] <= sentence[1]


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        pytest.param("我很累，想歇歇，真的", "想歇歇,", id="commas"),
        pytest.param("没有事 想歇歇 真的", "想歇歇", id="blanks between words"),
        pytest.param("想歇歇", "想歇歇", id="alone"),
    ],
)
def test_clause(text: str, clause: str) -> None:
    view = compact(text)
    start = view.text.index("想")
    assert view.text[slice(*view.clause(start, start + 1))] == clause


@pytest.mark.parametrize(
    ("text", "word", "splits"),
    [
        pytest.param("ran 3 kms today", "kms", False, id="a word of its own"),
        pytest.param("kmspico", "kms", True, id="the head of a word"),
        pytest.param("想4了", "4", False, id="a digit between characters"),
        pytest.param("想404", "4", True, id="a digit of a number"),
    ],
)
def test_latin_words_and_numbers_are_not_cut(text: str, word: str, splits: bool) -> None:
    view = compact(text)
    start = view.text.index(word)
    assert view.splits_word(start, start + len(word)) is splits
