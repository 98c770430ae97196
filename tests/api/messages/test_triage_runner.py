"""Whatever the pipeline does, an answer comes, and never a lower level than before."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.messages.triage_runner import TriageRunner, assess_unread
from api.metrics import Metrics
from tests.factories import build_pipeline
from tests.fakes import THRESHOLDS, BrokenClassifier, KeywordClassifier, predict_one
from triage.classifier.base import Prediction
from triage.drift import ENOUGH, ScoreReference, count_bins
from triage.labels import SIGNALS, RiskLevel, Signal, escalates
from triage.message import ConversationState, Message
from triage.risk.assessment import DegradedReason

STATES = st.builds(
    ConversationState,
    level=st.sampled_from(RiskLevel),
    signals=st.frozensets(st.sampled_from(SIGNALS)),
    risk_score=st.floats(0, 1),
    escalated=st.booleans(),
)


@given(state=STATES, reason=st.sampled_from(DegradedReason))
def test_unread_is_at_least_moderate_and_lowers_nothing(
    state: ConversationState, reason: DegradedReason
) -> None:
    assessment = assess_unread(state=state, reason=reason)
    assert assessment.level >= max(state.level, RiskLevel.MODERATE)
    assert set(assessment.signals) == state.signals
    assert assessment.risk_score >= max(state.risk_score, 0.5)
    assert assessment.escalate or not state.escalated
    assert assessment.escalate == (state.escalated or escalates(state.signals, assessment.level))
    assert assessment.degraded == (reason,)


def test_unread_message_after_a_disclosure_escalates() -> None:
    state = ConversationState(level=RiskLevel.LOW, signals=frozenset({Signal.SUICIDE}))
    assert assess_unread(state=state, reason=DegradedReason.CLASSIFIER_FAILED).escalate


async def test_triage_in_a_thread_is_the_pipelines_own() -> None:
    pipeline = build_pipeline()
    runner = TriageRunner(pipeline=pipeline, limit_s=5, metrics=Metrics())
    message, state = Message(text="我不想活了"), ConversationState()
    turn = await runner.triage_turn(message=message, state=state)
    runner.close()
    assert turn.outcome == pipeline.triage(message=message, state=state)
    assert turn.state == pipeline.advance(message=message, state=state, result=turn.outcome)


@pytest.mark.parametrize("level", RiskLevel)
async def test_calls_after_closing_go_to_a_person(level: RiskLevel) -> None:
    runner = TriageRunner(pipeline=build_pipeline(), limit_s=5, metrics=Metrics())
    runner.close()
    turn = await runner.triage_turn(message=Message(text="你好"), state=ConversationState(level=level))
    assert turn.outcome.assessment.degraded == (DegradedReason.CLASSIFIER_FAILED,)
    assert turn.state.level >= max(level, RiskLevel.MODERATE)
    assert turn.state.turns[-1].text == "你好"


class SameScore(KeywordClassifier):
    """Gives one score to all; calibrated where scores lay at both ends."""

    thresholds = replace(
        THRESHOLDS,
        reference=ScoreReference(
            parts={"danger": count_bins([0.99] * 500), "ordinary": count_bins([0.0] * 500)}
        ),
    )

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One and the same, in the middle."""
        return [predict_one(escalate=0.42) for _ in texts]


async def test_scores_unlike_those_of_calibration_are_told() -> None:
    metrics = Metrics()
    runner = TriageRunner(pipeline=build_pipeline(classifier=SameScore()), limit_s=5, metrics=metrics)
    for number in range(ENOUGH):
        assert not runner.check_drift().drifted
        await runner.triage_turn(message=Message(text=f"今天第{number}次"), state=ConversationState())
    assert runner.check_drift().drifted
    runner.close()
    assert b"qingting_drifted 1.0" in metrics.render()


async def test_what_was_not_read_is_no_score() -> None:
    runner = TriageRunner(
        pipeline=build_pipeline(classifier=BrokenClassifier()), limit_s=5, metrics=Metrics()
    )
    await runner.triage_turn(message=Message(text="今天"), state=ConversationState())
    runner.close()
    assert runner.check_drift().n == 0
