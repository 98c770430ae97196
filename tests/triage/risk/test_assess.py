from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import THRESHOLDS, predict_one
from triage.classifier.base import Prediction
from triage.intake.heard import Weight
from triage.labels import (
    CATEGORIES,
    LEVELS,
    SIGNALS,
    SUBJECTS,
    Category,
    RiskLevel,
    Signal,
    Subject,
    escalates,
)
from triage.message import ConversationState, Message
from triage.normalize import normalize_text
from triage.reading import Reading
from triage.risk.assess import Scored, assess, is_unsure, weigh_scores
from triage.risk.assessment import Assessment, DegradedReason
from triage.risk.policy import load_policy
from triage.signals.hit import ContextFlag, SignalHit, Strength

POLICY = load_policy()
TEXT = "这是一句用来测试的话"
READING = Reading(
    message=Message(text=TEXT),
    normalized=normalize_text(TEXT),
    hits=(),
    degraded=(),
    excerpts=(TEXT,),
    window=None,
)


def hit(
    strength: Strength, floor: RiskLevel, *flags: ContextFlag, signal: Signal = Signal.SUICIDE
) -> SignalHit:
    return SignalHit(
        signal=signal, start=0, end=4, text=TEXT[:4], phrase="test", strength=strength, floor=floor,
        flags=frozenset(flags),
    )  # fmt: skip


def judge(
    *predictions: Prediction,
    hits: tuple[SignalHit, ...] = (),
    state: ConversationState | None = None,
    failure: DegradedReason | None = None,
) -> Assessment:
    return assess(
        replace(READING, hits=hits),
        Scored(excerpts=predictions, failure=failure),
        state=state or ConversationState(),
        thresholds=THRESHOLDS,
        policy=POLICY,
    )


CALM = predict_one()
LEANING = predict_one(escalate=0.25)


def test_a_certain_phrase_raises_the_level_by_itself() -> None:
    assessment = judge(CALM, hits=(hit(Strength.CERTAIN, RiskLevel.HIGH),))
    assert (assessment.level, assessment.escalate) == (RiskLevel.HIGH, True)
    assert assessment.risk_score == POLICY.certain_risk_score


@pytest.mark.parametrize(
    "flag",
    [
        ContextFlag.NEGATED,
        ContextFlag.PAST,
        ContextFlag.HYPOTHETICAL,
        ContextFlag.FICTION,
        ContextFlag.FIGURATIVE,
    ],
)
def test_a_weakened_phrase_raises_nothing(flag: ContextFlag) -> None:
    assert not judge(CALM, hits=(hit(Strength.CERTAIN, RiskLevel.HIGH, flag),)).escalate


def test_a_known_person_in_danger_counts_as_the_writer_does() -> None:
    assert judge(CALM, hits=(hit(Strength.CERTAIN, RiskLevel.HIGH, ContextFlag.OTHER_PERSON),)).escalate


@pytest.mark.parametrize(("prediction", "expected"), [(CALM, False), (LEANING, True)])
def test_a_likely_phrase_needs_the_classifier_to_lean_its_way(prediction: Prediction, expected: bool) -> None:
    assert judge(prediction, hits=(hit(Strength.LIKELY, RiskLevel.MODERATE),)).escalate is expected


def test_a_hint_never_raises_anything() -> None:
    assert not judge(LEANING, hits=(hit(Strength.HINT, RiskLevel.IMMINENT),)).escalate


def test_fraud_stays_below_the_high_risk_desk() -> None:
    assessment = judge(
        predict_one(signal=Signal.FRAUD), hits=(hit(Strength.CERTAIN, RiskLevel.LOW, signal=Signal.FRAUD),)
    )
    assert assessment.signals == (Signal.FRAUD,)
    assert (assessment.level, assessment.escalate) == (RiskLevel.LOW, False)


def test_between_alarm_and_none_the_answer_is_unsure() -> None:
    assert is_unsure(judge(predict_one(escalate=0.4)), READING, thresholds=THRESHOLDS)
    assert not is_unsure(judge(predict_one(escalate=0.1)), READING, thresholds=THRESHOLDS)


@pytest.mark.parametrize(("floor", "expected"), [(RiskLevel.MODERATE, False), (RiskLevel.HIGH, True)])
def test_a_serious_phrase_in_a_doubtful_context_is_for_a_person(floor: RiskLevel, expected: bool) -> None:
    hits = (hit(Strength.LIKELY, floor, ContextFlag.FICTION),)
    assessment = judge(CALM, hits=hits)
    assert not assessment.escalate
    assert is_unsure(assessment, replace(READING, hits=hits), thresholds=THRESHOLDS) is expected


def test_without_any_score_the_level_is_moderate_and_the_score_unknown() -> None:
    assessment = judge(failure=DegradedReason.CLASSIFIER_FAILED)
    assert assessment.level is RiskLevel.MODERATE
    assert assessment.risk_score == POLICY.unread_risk_score
    assert set(assessment.signal_scores.values()) == {POLICY.unread_risk_score}
    assert not assessment.signals
    assert not assessment.escalate


def test_danger_is_served_by_the_psychology_desk_afterwards() -> None:
    assessment = judge(
        predict_one(category=Category.OTHER, signal=Signal.SUICIDE, level=RiskLevel.HIGH, escalate=0.9)
    )
    assert assessment.category is Category.PSYCHOLOGY


@pytest.mark.parametrize("subject", [Subject.SELF, Subject.OTHER])
def test_the_subject_of_a_danger_is_told(subject: Subject) -> None:
    danger = predict_one(signal=Signal.SUICIDE, level=RiskLevel.HIGH, escalate=0.9, subject=subject)
    assert judge(danger).message_subject is subject


def test_without_danger_there_is_no_subject() -> None:
    assert judge(predict_one(subject=Subject.OTHER)).message_subject is Subject.NONE


@pytest.mark.parametrize(
    ("flags", "subject"),
    [
        pytest.param([(ContextFlag.OTHER_PERSON,)], Subject.OTHER, id="another"),
        pytest.param([(ContextFlag.OTHER_PERSON,), ()], Subject.SELF, id="both"),
    ],
)
def test_without_scores_the_phrases_tell_whom_it_is_about(
    flags: list[tuple[ContextFlag, ...]], subject: Subject
) -> None:
    hits = tuple(hit(Strength.CERTAIN, RiskLevel.HIGH, *each) for each in flags)
    assert judge(hits=hits, failure=DegradedReason.CLASSIFIER_FAILED).message_subject is subject


def test_an_alarm_keeps_its_likeliest_signal_beside_a_phrase_for_another() -> None:
    alarmed = predict_one(escalate=0.99)
    leading = judge(alarmed).signals
    assert leading
    both = judge(alarmed, hits=(hit(Strength.CERTAIN, RiskLevel.LOW, signal=Signal.BULLYING),)).signals
    assert set(both) == {*leading, Signal.BULLYING}


def test_a_phrase_of_fraud_alone_never_reaches_the_high_risk_desk() -> None:
    fraud = judge(predict_one(), hits=(hit(Strength.CERTAIN, RiskLevel.HIGH, signal=Signal.FRAUD),))
    assert (fraud.signals, fraud.level, fraud.escalate) == ((Signal.FRAUD,), RiskLevel.LOW, False)


SCORES = st.floats(0, 1)
PREDICTIONS = st.builds(
    lambda category, signals, levels, subjects, escalate: Prediction(
        category_scores=dict(zip(CATEGORIES, category, strict=True)),
        signal_scores=dict(zip(SIGNALS, signals, strict=True)),
        level_scores=dict(zip(LEVELS[1:], sorted(levels, reverse=True), strict=True)),
        subject_scores=dict(zip(SUBJECTS, subjects, strict=True)),
        escalate_score=escalate,
    ),
    st.tuples(*[SCORES] * 4),
    st.tuples(*[SCORES] * 7),
    st.tuples(*[SCORES] * 4),
    st.tuples(*[SCORES] * 3),
    SCORES,
)
HITS = st.builds(
    hit,
    st.sampled_from(Strength),
    st.sampled_from([RiskLevel.LOW, RiskLevel.MODERATE, RiskLevel.HIGH, RiskLevel.IMMINENT]),
    signal=st.sampled_from(Signal),
)
STATES = st.builds(
    lambda level, signals: ConversationState(
        level=level, signals=signals, escalated=escalates(signals, level)
    ),
    st.sampled_from(RiskLevel),
    st.frozensets(st.sampled_from(Signal)),
)


@given(PREDICTIONS, st.lists(HITS, max_size=3), HITS, STATES)
def test_more_danger_never_lowers_anything(
    prediction: Prediction, hits: list[SignalHit], more: SignalHit, state: ConversationState
) -> None:
    less = judge(prediction, hits=tuple(hits), state=state)
    rest = judge(prediction, hits=(*hits, more), state=state)
    assert rest.level >= less.level >= state.level
    assert rest.risk_score >= less.risk_score
    assert set(rest.signals) >= set(less.signals) >= state.signals
    assert rest.escalate >= less.escalate >= state.escalated


@given(PREDICTIONS, st.lists(HITS, max_size=3), STATES)
def test_escalate_follows_from_signals_and_level(
    prediction: Prediction, hits: list[SignalHit], state: ConversationState
) -> None:
    assessment = judge(prediction, hits=tuple(hits), state=state)
    alone = judge(prediction, hits=tuple(hits))
    assert alone.escalate is escalates(alone.signals, alone.level)
    assert assessment.escalate is (state.escalated or alone.escalate)
    assert not assessment.escalate or escalates(assessment.signals, assessment.level)
    alarmed = prediction.escalate_score >= THRESHOLDS.escalate
    assert assessment.escalate or not alarmed


ALARMED = predict_one(signal=Signal.SUICIDE, level=RiskLevel.HIGH, escalate=0.9, category=Category.LEGAL)


@pytest.mark.parametrize("weight", Weight)
@pytest.mark.parametrize(
    "scored", [Scored(), Scored(failure=DegradedReason.CLASSIFIER_FAILED)], ids=["nothing", "failed"]
)
def test_what_was_not_scored_is_not_weighed(scored: Scored, weight: Weight) -> None:
    assert weigh_scores(scored, weight) is scored


def test_at_full_weight_every_score_counts() -> None:
    scored = Scored(excerpts=(CALM,), window=ALARMED)
    assert weigh_scores(scored, Weight.FULL) is scored


@pytest.mark.parametrize(
    ("weight", "escalate", "suicide", "high"),
    [
        pytest.param(Weight.JOINT, 0.46, 0.46, 0.475, id="by halves"),
        pytest.param(Weight.NONE, 0.0, 0.0, 0.0, id="not at all"),
    ],
)
def test_the_scores_of_an_answer_are_weighed_alike_alone_and_in_the_window(
    weight: Weight, escalate: float, suicide: float, high: float
) -> None:
    weighed = weigh_scores(Scored(excerpts=(CALM,), window=ALARMED), weight)
    assert len(weighed.every) == 2
    for each in weighed.every:
        assert each.escalate_score == pytest.approx(escalate)
        assert each.signal_scores[Signal.SUICIDE] == pytest.approx(suicide)
        assert each.level_scores[RiskLevel.HIGH] == pytest.approx(high)


def test_a_failure_is_told_at_any_weight_and_no_window_is_made_up() -> None:
    scored = Scored(excerpts=(ALARMED,), failure=DegradedReason.CLASSIFIER_TIMEOUT)
    weighed = weigh_scores(scored, Weight.NONE)
    assert (weighed.failure, weighed.window) == (scored.failure, None)


@given(st.lists(PREDICTIONS, min_size=1, max_size=3), st.none() | PREDICTIONS, st.sampled_from(Weight))
def test_laws_of_weighing(excerpts: list[Prediction], window: Prediction | None, weight: Weight) -> None:
    """No weight adds danger, none but a full one is heard alone, and what a message is about is left."""
    scored = Scored(excerpts=tuple(excerpts), window=window)
    weighed = weigh_scores(scored, weight)
    assert set(weighed.every[0].level_scores) == set(LEVELS[1:])
    worst = max(each.escalate_score for each in scored.every)
    assert max(each.escalate_score for each in weighed.every) <= worst + 1e-9
    for before, after in zip(scored.every, weighed.every, strict=True):
        assert after.category_scores == before.category_scores
        assert after.subject_scores == before.subject_scores
    if weight is not Weight.FULL:
        assert len({each.escalate_score for each in weighed.every}) == 1
    if weight is Weight.NONE:
        assert not assess(
            READING, weighed, state=ConversationState(), thresholds=THRESHOLDS, policy=POLICY
        ).escalate
