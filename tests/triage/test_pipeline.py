from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import build_pipeline
from tests.fakes import BrokenClassifier, KeywordClassifier, predict_one
from triage.classifier.base import Prediction
from triage.errors import ClassifierError
from triage.labels import Category, Queue, RiskLevel, Signal
from triage.message import ContentType, ConversationState, Message, Role, Turn
from triage.pipeline import TriagePipeline
from triage.risk.assessment import DegradedReason, Disposition, TriageResult

NEW = ConversationState()
shared_pipeline = cache(build_pipeline)
"""One for all tests that bring no classifier of their own: it keeps no state."""


def triage(
    text: str, *, pipeline: TriagePipeline | None = None, state: ConversationState = NEW
) -> TriageResult:
    return (pipeline or shared_pipeline()).triage(message=Message(text=text), state=state)


@pytest.mark.parametrize(
    ("text", "queue", "level"),
    [
        pytest.param("你好，请问周末开门吗", Queue.GENERAL, RiskLevel.NONE, id="general"),
        pytest.param("老板拖欠我两个月工资", Queue.LEGAL, RiskLevel.NONE, id="legal"),
        pytest.param("下学期的学费还没有着落", Queue.AID, RiskLevel.NONE, id="aid"),
        pytest.param("最近很难过，睡不好", Queue.PSYCHOLOGY, RiskLevel.NONE, id="psychology"),
        pytest.param("我已经不想活了", Queue.HIGH_RISK, RiskLevel.MODERATE, id="danger"),
        pytest.param("我在楼顶坐着", Queue.HIGH_RISK, RiskLevel.IMMINENT, id="imminent"),
    ],
)
def test_a_message_stands_in_the_right_queue(text: str, queue: Queue, level: RiskLevel) -> None:
    result = triage(text)
    assert result.decision.queue is queue
    assert result.assessment.level >= level
    assert result.assessment.escalate is (queue is Queue.HIGH_RISK)


def test_fraud_goes_first_in_the_legal_queue_and_not_to_the_high_risk_desk() -> None:
    result = triage("我被骗了两千块")
    assert result.decision.queue is Queue.LEGAL
    assert result.assessment.level is RiskLevel.LOW
    assert result.decision.respond_within_s < triage("老板拖欠我两个月工资").decision.respond_within_s
    assert result.decision.reply_key == "fraud"


@pytest.mark.parametrize(
    "words",
    [
        "转人工", "我要找真人说", "可以换值班老师吗", "唔該搵真人同我講",
        "转 人 工！", "我要人工", "真的老师在吗", "我要跟人说", "叫你们老师来", "换个人来", "有没有真的人啊", "能不能找个人跟我说话",
        "让真人回我", "我不想跟机器聊了", "别再自动回复了", "麻烦帮我转老师", "我想和心理老师聊聊", "有没有老师可以跟我说话",
        "轉人工啦唔該", "我唔想同機械人傾", "叫你哋老師出嚟", "幫我搵個老師", "有冇真人喺度", "我想同老師傾", "唔該叫老師嚟",
        "zhuan ren gong",
    ],
)  # fmt: skip
def test_a_person_comes_when_asked_for(words: str) -> None:
    result = triage(words)
    assert result.decision.disposition is Disposition.HUMAN_REVIEW
    assert result.decision.reply_key == "handoff"


@pytest.mark.parametrize(
    "words",
    [
        "我和老师吵架了", "老师找我谈话", "人工智能作业好难", "我要做人工智能作业", "我想转人工智能专业", "周末去玩真人CS",
        "老师让我叫家长来学校", "妈妈说要找老师来评理", "我不敢跟老师说", "我想跟老师说，可是不敢", "没有老师跟我说过这个",
        "老師叫我同佢講", "他们笑我像机器人", "我想找人聊聊天",
    ],
)  # fmt: skip
def test_nobody_comes_where_none_was_asked_for(words: str) -> None:
    assert triage(words).decision.reply_key != "handoff"


def test_a_broken_classifier_leaves_rules_and_a_person() -> None:
    pipeline = build_pipeline(classifier=BrokenClassifier())
    ordinary = triage("今天月考，有点累", pipeline=pipeline)
    assert ordinary.assessment.degraded == (DegradedReason.CLASSIFIER_FAILED,)
    assert ordinary.assessment.level >= RiskLevel.MODERATE
    assert ordinary.decision.disposition is Disposition.HUMAN_REVIEW
    danger = triage("我想自杀", pipeline=pipeline)
    assert danger.assessment.escalate
    assert danger.assessment.signals == (Signal.SUICIDE,)


@pytest.mark.parametrize("text", ["😭😭😭", "。。。", "???", "\u200b", "", "🙂"])
def test_what_cannot_be_read_goes_to_a_person_and_is_never_low(text: str) -> None:
    result = triage(text)
    assert DegradedReason.UNREADABLE in result.assessment.degraded
    assert result.assessment.level >= RiskLevel.MODERATE
    assert result.decision.disposition is not Disposition.ENQUEUE


def test_an_unknown_language_and_a_picture_go_to_a_person() -> None:
    assert triage("나는 지금 너무 힘들어요").assessment.degraded == (DegradedReason.UNKNOWN_LANGUAGE,)
    picture = build_pipeline().triage(message=Message(text="", content_type=ContentType.IMAGE), state=NEW)
    assert DegradedReason.UNSUPPORTED_CONTENT in picture.assessment.degraded


def test_a_sign_in_the_middle_of_a_very_long_text_is_seen() -> None:
    filler = "今天上了数学课和体育课，晚饭吃了面。" * 400
    result = triage(filler + "我想自杀。" + filler)
    assert DegradedReason.TOO_LONG in result.assessment.degraded
    assert result.assessment.escalate


def advance(pipeline: TriagePipeline, texts: list[str]) -> tuple[ConversationState, list[TriageResult]]:
    state, results = NEW, []
    for text in texts:
        message = Message(text=text)
        results.append(pipeline.triage(message=message, state=state))
        state = pipeline.advance(message=message, state=state, result=results[-1])
    return state, results


def test_nothing_said_later_lowers_a_level() -> None:
    _, results = advance(build_pipeline(), ["我已经不想活了", "骗你的啦，开玩笑的", "再见，谢谢你们"])
    assert [result.assessment.escalate for result in results] == [True, True, True]
    assert results[-1].assessment.level >= results[0].assessment.level
    assert results[-1].decision.queue is Queue.HIGH_RISK


def test_a_sign_split_over_turns_is_seen_in_the_window() -> None:
    class Joined(KeywordClassifier):
        def _predict(self, text: str):  # type: ignore[no-untyped-def]
            return super()._predict(text.replace("\n", ""))

    _, results = advance(build_pipeline(classifier=Joined()), ["我在", "楼", "顶"])
    assert [result.assessment.escalate for result in results] == [False, False, True]


def test_a_thank_you_keeps_the_queue_of_what_it_thanks_for() -> None:
    _, results = advance(build_pipeline(), ["老板拖欠我两个月工资", "谢谢"])
    assert results[-1].assessment.category is Category.LEGAL
    assert results[-1].decision.queue is Queue.LEGAL


class UnsureClassifier(KeywordClassifier):
    """Is unsure about one word and calm otherwise."""

    def _predict(self, text: str) -> Prediction:
        return predict_one(escalate=0.4) if "熬" in text else super()._predict(text)


@pytest.mark.parametrize(
    ("answer", "expected"), [("有", True), ("嗯嗯。", True), ("有过不想活的念头", True), ("没有", False)]
)
def test_a_yes_to_our_own_question_is_heard(answer: str, expected: bool) -> None:
    _, results = advance(build_pipeline(classifier=UnsureClassifier()), ["这阵子很难熬", answer])
    assert results[0].decision.reply_key == "check_question"
    assert results[1].assessment.escalate is expected
    assert results[1].decision.disposition is not Disposition.ENQUEUE


def test_the_same_yes_means_nothing_without_the_question() -> None:
    assert not triage("有").assessment.escalate


def test_a_picture_does_not_turn_what_is_past_into_an_alarm() -> None:
    class PastClassifier(KeywordClassifier):
        def _predict(self, text: str) -> Prediction:
            return (
                predict_one(signal=Signal.BULLYING, level=RiskLevel.LOW)
                if "以前" in text
                else super()._predict(text)
            )

    pipeline = build_pipeline(classifier=PastClassifier())
    state = NEW
    for message in (Message(text="", content_type=ContentType.IMAGE), Message(text="以前的事早过去了")):
        result = pipeline.triage(message=message, state=state)
        state = pipeline.advance(message=message, state=state, result=result)
    assert result.assessment.signals == (Signal.BULLYING,)
    assert result.assessment.level is RiskLevel.MODERATE
    assert not result.assessment.escalate
    assert result.decision.disposition is Disposition.HUMAN_REVIEW


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_a_score_that_is_no_number_counts_as_a_failure(score: float) -> None:
    class NotANumber(KeywordClassifier):
        def _predict(self, text: str) -> Prediction:
            return predict_one(escalate=score)

    result = triage("今天有点累", pipeline=build_pipeline(classifier=NotANumber()))
    assert result.assessment.degraded == (DegradedReason.CLASSIFIER_FAILED,)


def test_one_text_that_breaks_the_classifier_costs_its_neighbours_nothing() -> None:
    class Picky(KeywordClassifier):
        def predict(self, texts: Sequence[str]) -> list[Prediction]:
            if any("坏" in text for text in texts):
                raise ClassifierError("cannot")
            return super().predict(texts)

    transcripts = [[Turn(role=Role.YOUTH, text=text)] for text in ("我不想活了", "坏掉的一条", "你好")]
    results = build_pipeline(classifier=Picky()).triage_transcripts(transcripts)
    assert [bool(result.assessment.degraded) for [result] in results] == [False, True, False]
    assert results[0][0].assessment.escalate


@pytest.mark.parametrize("error", [RuntimeError("secret"), MemoryError(), KeyError("x")])
def test_any_error_of_the_classifier_leaves_the_rules(error: Exception) -> None:
    class Crashing(KeywordClassifier):
        def predict(self, texts: Sequence[str]) -> list[Prediction]:
            raise error

    result = triage("我想自杀", pipeline=build_pipeline(classifier=Crashing()))
    assert result.assessment.escalate
    assert result.assessment.degraded == (DegradedReason.CLASSIFIER_FAILED,)


def test_an_escalated_state_never_breaks_the_answer() -> None:
    result = triage("谢谢", state=ConversationState(escalated=True, level=RiskLevel.LOW))
    assert result.decision.queue is Queue.HIGH_RISK
    assert result.decision.reply_key == "crisis_moderate"


def test_each_danger_gets_its_own_words() -> None:
    other = triage("我同学说她想自杀")
    assert other.decision.reply_key == "crisis_other_person"

    class Violent(KeywordClassifier):
        def _predict(self, text: str) -> Prediction:
            return predict_one(signal=Signal.HARM_TO_OTHERS, level=RiskLevel.IMMINENT, escalate=0.9)

    violent = triage("明天放学我等着他", pipeline=build_pipeline(classifier=Violent()))
    assert violent.decision.reply_key == "crisis_violence"


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["我不想活了", "工资没发", "谢谢", "😭", "被骗了钱", "他们打我", "没事的", "𠝹手"]),
        st.text(max_size=30),
    ),
    min_size=1,
    max_size=6,
)


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_laws_of_a_conversation(texts: list[str]) -> None:
    """Levels only rise; evidence quotes the message; turn by turn equals the whole transcript."""
    pipeline = build_pipeline()
    state, results = advance(pipeline, texts)
    levels = [result.assessment.level for result in results]
    assert levels == sorted(levels)
    for text, result in zip(texts, results, strict=True):
        assert 0.0 <= result.assessment.risk_score <= 1.0
        for evidence in result.assessment.evidence:
            assert text[evidence.start : evidence.end] == evidence.text
    assert state.level is levels[-1]
    turns = [Turn(role=Role.YOUTH, text=text) for text in texts]
    assert pipeline.triage_transcripts([turns]) == [results]


def test_assistant_turns_are_never_read_as_the_youth() -> None:
    pipeline = build_pipeline()
    turns = [
        Turn(role=Role.YOUTH, text="你好"),
        Turn(role=Role.ASSISTANT, text="有时候人会不想活，你有吗"),
        Turn(role=Role.YOUTH, text="没有"),
    ]
    [results] = pipeline.triage_transcripts([turns])
    assert len(results) == 2
    assert not results[-1].assessment.escalate


def test_evidence_of_the_classifier_is_the_clause_that_carries_the_signal() -> None:
    text = "😭今天下雨，他们又在厕所打我，我不敢去学校"
    [evidence] = [e for e in triage(text).assessment.evidence if e.signal is Signal.BULLYING and not e.flags][
        :1
    ]
    assert "打我" in evidence.text
    assert text[evidence.start : evidence.end] == evidence.text


def test_evidence_that_cannot_be_found_costs_no_answer() -> None:
    class FailsOnSecondCall(KeywordClassifier):
        def predict(self, texts):  # type: ignore[no-untyped-def]
            answer = super().predict(texts)
            if self.calls > 1:
                raise ClassifierError("second call")
            return answer

    result = triage("有人在放学路上打我，好几个人", pipeline=build_pipeline(classifier=FailsOnSecondCall()))
    assert result.assessment.escalate
    assert not result.assessment.degraded
