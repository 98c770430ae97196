import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import shipped_intake
from triage.intake.answers import (
    MAX_ACT_CHARACTERS,
    MAX_COURTESY_CHARACTERS,
    find_act,
    fold_phrases,
    is_whole_answer,
    match_answer,
    normalize_words,
)
from triage.intake.script import Act, AnswerRule, Question
from triage.intake.slots import Slot
from triage.labels import RiskLevel
from triage.normalize import normalize_text

YES = AnswerRule(words=normalize_words(["有", "嗯", "想过", "想过几次"]), value="yes", level=RiskLevel.HIGH)
NO = AnswerRule(words=normalize_words(["没有", "没"]), value="no")
UNSURE = AnswerRule(words=normalize_words(["说不清", "嗯"]), value="unsure")
QUESTION = Question(
    key="test.method", slot=Slot.METHOD, texts={}, quick_replies={}, answers=(NO, UNSURE, YES)
)
ACTS = shipped_intake().scripts.acts


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("有", YES, id="the whole message"),
        pytest.param("沒有", NO, id="the other script"),
        pytest.param("  没有呀～！", NO, id="marks and particles"),
        pytest.param("没有，就是有点累", NO, id="the first clause"),
        pytest.param("嗯", YES, id="in two rules: the more dangerous"),
        pytest.param("我也不知道，想过", YES, id="danger in a later clause"),
        pytest.param("没有。其实想过", NO, id="a clause that is more than the word"),
        pytest.param("没有，想过几次", YES, id="danger in longer words after a no"),
        pytest.param("没有，嗯", NO, id="a bare word after a no goes on talking"),
        pytest.param("今天下雨，没有", None, id="a harmless answer must come first"),
        pytest.param("有人在", None, id="a word is not looked for inside others"),
        pytest.param("。。？", None, id="marks alone"),
        pytest.param("", None, id="empty"),
    ],
)
def test_the_rule_that_a_message_answers_by(text: str, rule: AnswerRule | None) -> None:
    assert match_answer(normalize_text(text), QUESTION) is rule


@given(
    st.sampled_from([("想过", YES), ("没有", NO), ("说不清", UNSURE)]),
    st.text(alphabet="啊呀吧呢啦喔㗎。！…~， ", max_size=8),
)
def test_particles_and_marks_at_the_end_change_no_answer(said: tuple[str, AnswerRule], tail: str) -> None:
    word, rule = said
    text = normalize_text(word + tail)
    assert match_answer(text, QUESTION) is rule
    assert is_whole_answer(text, rule)


@pytest.mark.parametrize(
    ("text", "whole"),
    [("没有。", True), ("没有啦", True), ("没有，我妈又骂我", False), ("有", False)],
)
def test_whether_a_message_is_nothing_but_the_answer(text: str, whole: bool) -> None:
    assert is_whole_answer(normalize_text(text), NO) is whole


def test_words_are_compared_without_marks_and_final_particles() -> None:
    assert normalize_words(["嗯啊", "嗯。", "係", "啊", "。", ""]) == {"嗯", "系", "啊"}


def test_phrases_keep_their_particles() -> None:
    assert fold_phrases(["人呢，人呢", "係 真人咩？", "…"]) == {"人呢人呢", "系真人咩"}


@pytest.mark.parametrize(
    ("text", "act"),
    [
        pytest.param("不想说", Act.DECLINE, id="declines"),
        pytest.param("唔想講呢啲", Act.DECLINE, id="declines in Cantonese"),
        pytest.param("刚才骗你的啦", Act.RETRACT, id="retracts"),
        pytest.param("不是开玩笑的", None, id="denies to joke"),
        pytest.param("我没有骗你的", None, id="denies to lie"),
        pytest.param("唔係講笑咋", None, id="denies to joke, in Cantonese"),
        pytest.param("再见了", Act.GOODBYE, id="a short phrase as a clause"),
        pytest.param("那个，晚安", Act.GOODBYE, id="a short phrase as the last clause"),
        pytest.param("昨天晚安都没说", None, id="a short phrase inside a sentence"),
        pytest.param("谢谢你再见", Act.GOODBYE, id="the longest phrase decides"),
        pytest.param("你会告诉我妈吗", Act.ASK_SECRECY, id="asks for secrecy"),
        pytest.param("你是机器人吗", Act.ASK_IDENTITY, id="asks who answers"),
        pytest.param("还要等多久", Act.ASK_WAITING, id="asks how long"),
        pytest.param("谢谢老师", Act.THANKS, id="thanks"),
        pytest.param("谢谢你，可是我还是睡不着", None, id="thanks and tells more"),
        pytest.param("我不安全", None, id="none of them"),
        pytest.param("", None, id="empty"),
        pytest.param("！？", None, id="marks alone"),
    ],
)
def test_what_a_short_message_does(text: str, act: Act | None) -> None:
    assert find_act(normalize_text(text), ACTS) is act


@pytest.mark.parametrize(
    ("words", "length", "act"),
    [
        pytest.param("不想说", MAX_ACT_CHARACTERS, Act.DECLINE, id="the longest act"),
        pytest.param("不想说", MAX_ACT_CHARACTERS + 1, None, id="a story"),
        pytest.param("谢谢你", MAX_COURTESY_CHARACTERS, Act.THANKS, id="the longest thanks"),
        pytest.param("谢谢你", MAX_COURTESY_CHARACTERS + 1, None, id="more than thanks"),
    ],
)
def test_a_longer_message_tells_something(words: str, length: int, act: Act | None) -> None:
    filler = "甲乙丙丁" * MAX_ACT_CHARACTERS
    assert find_act(normalize_text((words + filler)[:length]), ACTS) is act
