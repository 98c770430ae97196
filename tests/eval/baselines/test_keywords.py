import pytest

from eval.baselines.keywords import KEYWORDS, KeywordBaseline
from triage.labels import Category, RiskLevel, Signal


def test_the_list_holds_eighteen_different_words() -> None:
    assert len(KEYWORDS) == len({keyword.word for keyword in KEYWORDS}) == 18


@pytest.mark.parametrize(
    ("text", "escalate", "signals", "level", "category"),
    [
        pytest.param("我想死", True, {Signal.SUICIDE}, 2, Category.PSYCHOLOGY, id="bare"),
        pytest.param("他要跳楼", True, {Signal.SUICIDE}, 3, Category.PSYCHOLOGY, id="method"),
        pytest.param("作業多到想 死", False, set(), 0, Category.PSYCHOLOGY, id="split is not found"),
        pytest.param("熱到想死", True, {Signal.SUICIDE}, 2, Category.PSYCHOLOGY, id="figure of speech fires"),
        pytest.param(
            "我被騙了三百", False, {Signal.FRAUD}, 1, Category.LEGAL, id="fraud, traditional script"
        ),
        pytest.param("助学金怎么办", False, set(), 0, Category.AID, id="aid"),
        pytest.param("志愿者报名", False, set(), 0, Category.OTHER, id="not core"),
        pytest.param("今天下雨", False, set(), 0, Category.PSYCHOLOGY, id="nothing"),
    ],
)
def test_answers(text: str, escalate: bool, signals: set[Signal], level: int, category: Category) -> None:
    (answer,) = KeywordBaseline().answer_texts([text])
    assert answer.escalate is escalate
    assert answer.signals == signals
    assert answer.level == RiskLevel(level)
    assert answer.category is category
    assert (answer.risk_score > 0) is escalate


def test_more_alarm_words_rank_higher_within_bounds() -> None:
    every = "，".join(keyword.word for keyword in KEYWORDS)
    one, two, all_words = KeywordBaseline().answer_texts(["我想自杀", "我想自杀，写了遗书", every])
    assert 0 < one.risk_score < two.risk_score < all_words.risk_score == 1.0
