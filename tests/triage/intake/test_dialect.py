import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.intake.dialect import detect_dialect
from triage.intake.slots import Dialect
from triage.normalize import normalize_text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("我唔想返学", id="simplified"),
        pytest.param("佢哋成日蝦我", id="traditional"),
        pytest.param("點解係咁嘅", id="why"),
        pytest.param("系唔系真㗎", id="is it"),
        pytest.param("我喺屋企", id="at home"),
        pytest.param("食咗啲药", id="took"),
        pytest.param("我好攰 唔知点算", id="tired"),
        pytest.param("今日佢又嚟搵我 我好惊", id="came again"),
    ],
)
def test_cantonese(text: str) -> None:
    assert detect_dialect(normalize_text(text)) is Dialect.CANTONESE


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("我不想上学了", id="plain"),
        pytest.param("他們又罵我了", id="traditional script"),
        pytest.param("没关系，我跟他没有关系", id="关系"),
        pytest.param("我叫嘅嘅，今天不想去学校了", id="a name"),
        pytest.param("系统说我没有权限，怎么办", id="系统"),
        pytest.param("他的网名叫唔西迪，我不认识他", id="a nickname"),
        pytest.param("给我家姐姐打榜，谢谢你们了", id="家姐姐"),
        pytest.param("坐在窗边位置看书的他", id="窗边位置"),
        pytest.param("我和同学说了，他说冇得事", id="冇 in other speech"),
    ],
)
def test_mandarin(text: str) -> None:
    assert detect_dialect(normalize_text(text)) is Dialect.MANDARIN


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("好", id="one character"),
        pytest.param("I want to talk", id="English"),
        pytest.param("😭😭", id="emoji"),
        pytest.param("我想死", id="the same in both"),
        pytest.param("冇", id="one word of several dialects"),
        pytest.param("涯真系唔想在了", id="Hakka"),
        pytest.param("13800001111", id="digits"),
    ],
)
def test_says_nothing(text: str) -> None:
    assert detect_dialect(normalize_text(text)) is None


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=120))
def test_any_text_at_all_is_read(text: str) -> None:
    assert detect_dialect(normalize_text(text)) in (None, Dialect.MANDARIN, Dialect.CANTONESE)
